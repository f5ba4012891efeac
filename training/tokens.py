"""Texts as token ids, in batches for torch."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from transformers import PreTrainedTokenizerBase

from training.examples import Example


def encode(
    examples: Sequence[Example], places: Mapping[str, int], tokenizer: PreTrainedTokenizerBase, prompt: str, max_tokens: int
) -> list[dict[str, Any]]:
    """Tokenise examples: one ``{"input_ids": [...], "labels": int}`` each."""
    if not examples:
        return []
    ids = tokenizer([prompt + example.text for example in examples], truncation=True, max_length=max_tokens)["input_ids"]
    return [{"input_ids": row, "labels": places[example.name]} for row, example in zip(ids, examples, strict=True)]


class Collator:
    """Pads rows of `encode` to one batch: input_ids and attention_mask (batch, tokens), labels (batch,)."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase) -> None:
        self.tokenizer = tokenizer

    def __call__(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, torch.Tensor]:
        """Make a batch of rows."""
        padded = self.tokenizer.pad([{"input_ids": row["input_ids"]} for row in rows], return_tensors="pt")
        return {**padded, "labels": torch.tensor([row["labels"] for row in rows])}


def bf16_pays() -> bool:
    """Whether this machine computes in bfloat16 natively: a GPU that can, or a CPU with AVX-512 BF16 or AMX."""
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported())
    capabilities = torch.backends.cpu.get_cpu_capability()
    return "AVX512" in capabilities and bool(torch.cpu._is_avx512_bf16_supported())  # noqa: SLF001 - no public name yet
