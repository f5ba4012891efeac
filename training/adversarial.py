"""A push against the word embeddings that a training step must withstand (FGM, Miyato et al. 2017, https://arxiv.org/abs/1605.07725)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from agent.intent_model import IntentModel


class EmbeddingPush:
    """First watches a batch's embeddings and their gradients, then repeats the batch with embeddings pushed along them.

    Args:
        model: whose embedding layer is pushed.
        size: length of the push on each text, in the embeddings' own units.
    """

    def __init__(self, model: IntentModel, size: float) -> None:
        self.size = size
        self.layer = next(module for name, module in model.encoder.named_modules() if name.endswith("embeddings.word_embeddings"))
        self._seen: torch.Tensor | None = None

    @contextmanager
    def watching(self) -> Iterator[None]:
        """While it lasts, the embeddings of a batch are kept, and get a gradient although they are frozen."""
        with self._hooked(self._watch):
            yield

    @contextmanager
    def pushing(self) -> Iterator[None]:
        """While it lasts, embeddings are moved to where the loss of the watched batch grows fastest."""
        with self._hooked(self._move):
            yield
        self._seen = None

    @contextmanager
    def _hooked(self, change: Any) -> Iterator[None]:
        handle = self.layer.register_forward_hook(change)
        try:
            yield
        finally:
            handle.remove()

    def _watch(self, _layer: nn.Module, _inputs: Any, output: torch.Tensor) -> torch.Tensor:
        self._seen = output if output.requires_grad else output.detach().requires_grad_()
        self._seen.retain_grad()
        return self._seen

    def _move(self, _layer: nn.Module, _inputs: Any, output: torch.Tensor) -> torch.Tensor:
        if self._seen is None or self._seen.grad is None:
            return output
        slope = self._seen.grad
        length = slope.flatten(1).norm(dim=1).clamp(min=1e-12)[:, None, None]
        pushed: torch.Tensor = output + self.size * slope / length
        return pushed
