"""The losses of fine-tuning: transformers' Trainer with what small and noisy data may need."""

from enum import StrEnum
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torch.utils.data import Sampler
from transformers import Trainer

from training.adaptive_rank import RankAllocation, adapter_of, orthogonality_penalty
from training.adversarial import EmbeddingPush
from training.arguments import FineTuningArguments
from training.class_sampler import ClassSampler

TEMPERATURE = 0.1  # of the contrastive loss


class Stage(StrEnum):
    """What is learned."""

    CONTRASTIVE = "contrastive"
    CLASSIFICATION = "classification"


class IntentTrainer(Trainer):
    """Trains an `IntentModel`.

    Args:
        stage: what is learned.
        arguments: how.
        labels: number of classes.
        options: transformers' own.
    """

    def __init__(self, stage: Stage, arguments: FineTuningArguments, labels: int, **options: Any) -> None:
        super().__init__(**options)
        self.stage, self.arguments = stage, arguments
        places = np.array([row["labels"] for row in options["train_dataset"]])
        weight = class_weights(places, labels) if arguments.class_weights else None
        self.cross_entropy = nn.CrossEntropyLoss(weight=weight, label_smoothing=arguments.label_smoothing).to(self.args.device)
        self.adaptive = adapter_of(options["model"])
        if self.adaptive:
            self.add_callback(RankAllocation(self.adaptive))
        self.push = EmbeddingPush(options["model"], arguments.adversarial) if arguments.adversarial else None

    def compute_loss(
        self,
        model: nn.Module,
        inputs: dict[str, torch.Tensor],
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | int | None = None,  # noqa: ARG002 - the Trainer names it
    ) -> Any:
        """The stage's loss of a batch, and the logits if they are wanted."""
        labels = inputs["labels"]
        texts = {name: inputs[name] for name in ("input_ids", "attention_mask")}
        twice = model.training and self.stage is Stage.CONTRASTIVE
        if twice:  # under another dropout each time
            texts = {name: torch.cat([part, part]) for name, part in texts.items()}
        outputs = model(**texts)
        logits = outputs["logits"].float()
        if self.stage is Stage.CONTRASTIVE:
            loss = contrastive_loss(outputs["representations"].float(), torch.cat([labels, labels]) if twice else labels)
        else:
            loss = self.cross_entropy(logits, labels)
        if self.adaptive and model.training:
            loss = loss + orthogonality_penalty(self.adaptive)
        return (loss, {"logits": logits}) if return_outputs else loss

    def training_step(self, model: nn.Module, inputs: dict[str, Any], num_items_in_batch: torch.Tensor | int | None = None) -> torch.Tensor:
        """A step's gradients; with a push against the embeddings, those of the pushed batch are added."""
        if self.push is None:
            return super().training_step(model, inputs, num_items_in_batch)
        with self.push.watching():
            loss = super().training_step(model, dict(inputs), num_items_in_batch)
        with self.push.pushing():
            super().training_step(model, inputs, num_items_in_batch)
        return loss

    def _get_train_sampler(self, *args: Any) -> Sampler[int] | None:
        if self.stage is Stage.CLASSIFICATION or self.train_dataset is None:
            return super()._get_train_sampler(*args)
        rows: Any = self.train_dataset
        return ClassSampler([row["labels"] for row in rows], self.args.per_device_train_batch_size, self.arguments.seed)


def class_weights(places: np.ndarray[Any, Any], labels: int) -> torch.Tensor:
    """Weights (labels,) by the inverse square root of each class's count, one on average over the examples."""
    counts = np.bincount(places, minlength=labels)
    weights = 1.0 / np.sqrt(np.maximum(counts, 1))
    return torch.tensor(weights / (weights * counts).sum() * counts.sum(), dtype=torch.float32)


def contrastive_loss(representations: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """The supervised contrastive loss (Khosla et al. 2020, equation 2).

    Args:
        representations: (batch, hidden), of any length.
        labels: (batch,).
    """
    unit = functional.normalize(representations, dim=-1)
    similar = unit @ unit.T / TEMPERATURE
    itself = torch.eye(len(labels), dtype=torch.bool, device=labels.device)
    log_share = similar - torch.logsumexp(similar.masked_fill(itself, -torch.inf), dim=1, keepdim=True)
    same = (labels[:, None] == labels[None]) & ~itself
    positives = same.sum(dim=1)
    mean = torch.where(same, log_share, 0.0).sum(dim=1)[positives > 0] / positives[positives > 0]
    return -mean.mean()
