"""Texts as token ids, in batches for torch."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from transformers import PreTrainedTokenizerBase

from agent.intent_model import IntentModel
from knowledge_base.onnx_model import Array
from training.examples import Example

BATCH = 64


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


def outputs(model: IntentModel, rows: Sequence[Mapping[str, Any]], collator: Collator, *, bf16: bool = False) -> tuple[Array, Array]:
    """Return a classifier's logits, (rows, labels), and representations, (rows, hidden), of `encode`'s rows in their order.

    Args:
        model: the classifier; it is left as it serves, without dropout.
        rows: at least one.
        collator: makes batches.
        bf16: compute in half precision, which is faster and good enough to train on.
    """
    order = sorted(range(len(rows)), key=lambda place: len(rows[place]["input_ids"]))
    device = model.head.weight.device
    found: list[tuple[Array, Array]] = []
    model.eval()
    with torch.inference_mode(), torch.autocast(device.type, dtype=torch.bfloat16, enabled=bf16):
        for start in range(0, len(order), BATCH):
            batch = collator([rows[place] for place in order[start : start + BATCH]])
            output = model(batch["input_ids"].to(device), batch["attention_mask"].to(device))
            found.append((output["logits"].float().cpu().numpy(), output["representations"].float().cpu().numpy()))
    back = np.argsort(order)
    return np.concatenate([pair[0] for pair in found])[back], np.concatenate([pair[1] for pair in found])[back]


def bf16_pays() -> bool:
    """Whether this machine computes in bfloat16 natively: a GPU that can, or a CPU with AVX-512 BF16 or AMX."""
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported())
    capabilities = torch.backends.cpu.get_cpu_capability()
    return "AVX512" in capabilities and bool(torch.cpu._is_avx512_bf16_supported())  # noqa: SLF001 - no public name yet
