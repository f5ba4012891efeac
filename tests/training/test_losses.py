import math
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from agent.intent_model import IntentModel
from knowledge_base.encoder import TextEncoder, encoder_folder
from training.adversarial import EmbeddingPush
from training.class_sampler import EACH, ClassSampler
from training.intent_trainer import TEMPERATURE, class_weights, contrastive_loss


def test_contrastive_loss_by_hand() -> None:
    # two texts of a class that lie together, one of another that stands at a right angle
    representations = torch.tensor([[2.0, 0.0], [1.0, 0.0], [0.0, 3.0]])
    pull, push = math.exp(1 / TEMPERATURE), math.exp(0.0)
    expected = -math.log(pull / (pull + push))
    assert contrastive_loss(representations, torch.tensor([0, 0, 1])).item() == pytest.approx(expected, abs=1e-6)


def test_contrastive_loss_falls_as_a_class_draws_together() -> None:
    labels = torch.tensor([0, 0, 1, 1])
    apart = torch.tensor([[1.0, 0.1], [0.1, 1.0], [1.0, 0.0], [0.0, 1.0]])
    together = torch.tensor([[1.0, 0.1], [1.0, 0.0], [0.0, 1.0], [0.1, 1.0]])
    assert contrastive_loss(together, labels) < contrastive_loss(apart, labels)


def test_rare_classes_weigh_more_and_the_mean_over_examples_is_one() -> None:
    places = np.array([0] * 90 + [1] * 10)
    weights = class_weights(places, 3).numpy()
    assert weights[1] / weights[0] == pytest.approx(3.0)
    assert weights[places].mean() == pytest.approx(1.0)


def test_batches_hold_several_texts_of_each_class() -> None:
    labels = [place % 10 for place in range(200)]
    drawn = list(ClassSampler(labels, batch_size=16, seed=1))
    assert len(drawn) == 200
    for start in range(0, 192, 16):
        counts = np.bincount([labels[place] for place in drawn[start : start + 16]], minlength=10)
        assert sorted(set(counts.tolist()) - {0}) == [EACH]


@pytest.mark.usefixtures("encoder")
def test_a_pushed_batch_has_a_greater_loss(model_cache: Path, encoder: TextEncoder) -> None:
    torch.manual_seed(0)
    model = IntentModel.to_train(
        encoder_folder(None, model_cache), 3, "head", rank=4, alpha=8, dropout=0.0, frozen_layers=0, steps=1
    ).eval()
    encodings = encoder.model.tokenizer.encode_batch(["query: where is my parcel", "query: 退款多久到账"])
    ids, mask = (torch.tensor([getattr(e, name) for e in encodings]) for name in ("ids", "attention_mask"))
    labels = torch.tensor([0, 1])

    def loss() -> torch.Tensor:
        return functional.cross_entropy(model(ids, mask)["logits"], labels)

    push = EmbeddingPush(model, size=1.0)
    with push.watching():
        before = loss()
        before.backward()  # type: ignore[no-untyped-call]
    with push.pushing():
        pushed = loss()
    assert pushed > before
    assert loss().item() == pytest.approx(before.item(), abs=1e-5)  # nothing of it stays
