"""The shipped centres are what the demonstration shop's texts have in common."""

import pytest

from knowledge_base.centring import Centring
from knowledge_base.encoder import TextEncoder
from knowledge_base.importing.sources import read_entries
from training.centring import learn_centres
from training.commands.train import STARTER, STARTER_ENTRIES
from training.dataset import read_dataset


def test_a_few_texts_give_nearly_the_shipped_centres(encoder: TextEncoder) -> None:
    messages = [row.text for row in read_dataset([STARTER / "validation"]) if not row.dialogue][::6]
    answers = [variant.answer for entry in read_entries([STARTER_ENTRIES]) for variant in entry.variants.values()]
    learned, shipped = learn_centres(encoder, messages, answers), Centring.of(encoder.base_fingerprint)
    assert learned.centres.keys() == shipped.centres.keys()
    for name, centre in shipped.centres.items():
        assert learned.centres[name] == pytest.approx(centre, abs=0.02), name
