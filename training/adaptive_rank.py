"""What AdaLoRA needs while it trains (Zhang et al. 2023, https://arxiv.org/abs/2303.10512)."""

from typing import Any

import torch
from peft import AdaLoraModel
from torch import nn
from transformers import TrainerCallback

ORTHOGONAL = 0.5  # weight of the penalty, as in the paper's settings


class RankAllocation(TrainerCallback):
    """Gives each layer the rank that its gradients call for, after every step.

    Args:
        adapter: the model's, see `adapter_of`.
    """

    def __init__(self, adapter: AdaLoraModel) -> None:
        self.adapter = adapter

    def on_optimizer_step(self, args: Any, state: Any, control: Any, **_others: Any) -> None:  # noqa: ARG002 - the Trainer names them
        """The weights have moved; their gradients are still there."""
        self.adapter.update_and_allocate(state.global_step + 1)  # type: ignore[no-untyped-call]


def adapter_of(model: nn.Module) -> AdaLoraModel | None:
    """The adaptive adapter in a model, None where it has none."""
    return next((module for module in model.modules() if isinstance(module, AdaLoraModel)), None)


def orthogonality_penalty(adapter: AdaLoraModel) -> torch.Tensor:
    """How far the adapter's singular vectors are from orthogonal ones (equation 4 of the paper), which makes its ranks comparable."""
    gaps = []
    for name, weight in adapter.named_parameters():
        if "lora_A" in name or "lora_B" in name:
            gram = weight @ weight.T if "lora_A" in name else weight.T @ weight
            gaps.append(torch.linalg.norm(gram - torch.eye(gram.shape[0], device=gram.device)))
    return ORTHOGONAL * torch.stack(gaps).mean()
