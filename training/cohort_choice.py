"""Chooses the cohort of a release from its training messages."""

import random
from collections.abc import Sequence

from agent.errors import DatasetError
from agent.intents import OUT_OF_SCOPE
from agent.language import SERVED
from agent.utterances import Utterance
from knowledge_base.cohort import Cohort
from knowledge_base.encoder import TextEncoder

EACH = 50  # messages a language that an intent covers, and as many that none does; twice as many changed nothing


def choose_cohort(encoder: TextEncoder, utterances: Sequence[Utterance], seed: int = 7) -> Cohort:
    """Draw and embed a cohort.

    Args:
        encoder: the encoder.
        utterances: of the training part only: a message compared with itself would seem to be nothing special.
        seed: of the draw.

    Raises:
        DatasetError: no utterance is in English or Chinese.
    """
    chance = random.Random(seed)  # noqa: S311 - a sample
    chosen = {}
    for language in SERVED:
        inside = [u.text for u in utterances if u.language == language and u.intent != OUT_OF_SCOPE]
        outside = [u.text for u in utterances if u.language == language and u.intent == OUT_OF_SCOPE]
        texts = [text for part in (inside, outside) for text in chance.sample(part, min(EACH, len(part)))]
        if texts:
            chosen[language] = encoder.encode_queries(texts)
    if not chosen:
        raise DatasetError("No training utterance is in en or zh. Label some.")
    return Cohort(chosen)
