"""Lets a trained classifier tell classes apart that it does not know, and leaves what it knows as it is."""

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from agent.intent_model import IntentModel
from training.discriminant import within_classes
from training.tokens import Collator, bf16_pays, outputs

logger = logging.getLogger(__name__)


def grow_head(
    model: IntentModel, before: Sequence[str], names: Sequence[str], examples: Sequence[dict[str, Any]], collator: Collator
) -> None:
    """Give the head the classes of other names.

    A class that it has keeps its weights. A new one gets Fisher's linear discriminant between its examples and all others, scaled so
    that its logits are on average what the head says of the class that is meant, and of others.

    Args:
        model: its head is replaced.
        before: the head's classes.
        names: the classes that it is to have.
        examples: of all of them, as `training.tokens.encode` makes them; their labels are places in `names`.
        collator: makes batches.
    """
    new = [place for place, name in enumerate(names) if name not in set(before)]
    logger.info("Adding %d classes to those that the release knows ...", len(new))
    logits, known = outputs(model, examples, collator, bf16=bf16_pays())
    model.train()
    targets = np.array([example["labels"] for example in examples])
    weight, bias = _rows_of(model, before, names)
    top = logits.max(axis=1)
    meant, others = float(top.mean()), float((logits.sum(axis=1) - top).mean() / max(logits.shape[1] - 1, 1))
    means = {place: known[targets == place].mean(axis=0) for place in np.unique(targets)}
    covariance = within_classes(known, np.stack([means[place] for place in targets]))
    for place in new:
        apart = means[place] - known[targets != place].mean(axis=0)
        direction = np.linalg.solve(covariance, apart)
        weight[place] = direction * (meant - others) / float(direction @ apart)
        bias[place] = meant - float(weight[place] @ means[place])
    model.set_head(torch.from_numpy(weight).float(), torch.from_numpy(bias).float())


def _rows_of(model: IntentModel, before: Sequence[str], names: Sequence[str]) -> tuple[Any, Any]:
    """The head's weights (names, hidden) and biases (names,), zero for classes that it does not have."""
    places = {name: place for place, name in enumerate(before)}
    old_weight, old_bias = (tensor.detach().cpu().double().numpy() for tensor in (model.head.weight, model.head.bias))
    weight, bias = np.zeros((len(names), old_weight.shape[1])), np.zeros(len(names))
    for place, name in enumerate(names):
        if name in places:
            weight[place], bias[place] = old_weight[places[name]], old_bias[places[name]]
    return weight, bias
