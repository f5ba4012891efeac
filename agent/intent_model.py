"""The intent classifier as a torch module: the encoder, an adapter in it, mean pooling and a linear head.

Training needs it, and so does the one-time export of a release; serving runs the export without torch.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file, save_file
from torch import nn
from transformers import AutoModel

ADAPTER_FOLDER = "adapter"
HEAD_FILE = "head.safetensors"


class IntentModel(nn.Module):
    """Text representations and intent logits.

    Args:
        encoder: the adapted encoder, a `PeftModel`, or a plain one.
        labels: number of classes, out-of-scope among them.
        dropout: on the pooled representation while training.
        label_smoothing: of the cross entropy while training.
    """

    def __init__(self, encoder: nn.Module, labels: int, dropout: float = 0.0, label_smoothing: float = 0.0) -> None:
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(int(encoder.config.hidden_size), labels)  # type: ignore[union-attr,arg-type]
        self.loss = nn.CrossEntropyLoss(label_smoothing=label_smoothing)

    @classmethod
    def adapted(cls, base: Path, labels: int, *, rank: int, alpha: int, dropout: float, label_smoothing: float) -> "IntentModel":
        """A model to train: a fresh low-rank adapter in every attention and feed-forward layer of the base."""
        config = LoraConfig(r=rank, lora_alpha=alpha, target_modules=["query", "key", "value", "dense"])
        return cls(get_peft_model(_load_base(base), config), labels, dropout, label_smoothing)

    @classmethod
    def continued(cls, base: Path, folder: Path, *, dropout: float, label_smoothing: float) -> "IntentModel":
        """A trained model to train on, with its adapter and head as they were saved."""
        head = load_file(folder / HEAD_FILE)
        encoder = PeftModel.from_pretrained(_load_base(base), str(folder / ADAPTER_FOLDER), is_trainable=True)
        model = cls(encoder, head["weight"].shape[0], dropout, label_smoothing)
        model.head.load_state_dict({"weight": head["weight"], "bias": head["bias"]})
        return model

    @classmethod
    def load(cls, base: Path, folder: Path) -> "IntentModel":
        """A trained model with its adapter merged into the base (exact), ready to export."""
        head = load_file(folder / HEAD_FILE)
        encoder = PeftModel.from_pretrained(_load_base(base), str(folder / ADAPTER_FOLDER)).merge_and_unload()
        model = cls(encoder, head["weight"].shape[0])
        model.head.load_state_dict({"weight": head["weight"], "bias": head["bias"]})
        return model.eval()

    def save(self, folder: Path) -> None:
        """Write what fine-tuning changed, adapter and head: a few megabytes."""
        self.encoder.save_pretrained(str(folder / ADAPTER_FOLDER))  # type: ignore[operator]
        (folder / ADAPTER_FOLDER / "README.md").unlink(missing_ok=True)
        config = folder / ADAPTER_FOLDER / "adapter_config.json"
        known = json.loads(config.read_text(encoding="utf-8"))
        known["base_model_name_or_path"] = None  # the manifest binds the base by hash; the absolute path there would not travel
        config.write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")
        save_file({name: tensor.detach().contiguous() for name, tensor in self.head.state_dict().items()}, folder / HEAD_FILE)

    def represent(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Mean-pooled representations, (batch, hidden)."""
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        weights = attention_mask.unsqueeze(-1).to(hidden.dtype)
        return torch.sum(hidden * weights, dim=1) / weights.sum(dim=1).clamp(min=1.0)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor, labels: torch.Tensor | None = None) -> dict[str, torch.Tensor]:
        """Logits (batch, labels) and, given labels, the loss."""
        logits = self.head(self.dropout(self.represent(input_ids, attention_mask)))
        return {"logits": logits} if labels is None else {"loss": self.loss(logits.float(), labels), "logits": logits}

    def state_dict(self, *args: Any, **kwargs: Any) -> dict[str, Any]:  # type: ignore[override]
        """Only what is trained, so that a checkpoint takes megabytes and not the whole base."""
        trained = self._trained()
        return {name: tensor for name, tensor in super().state_dict(*args, **kwargs).items() if name in trained}

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False) -> Any:
        """Load such a checkpoint; what is frozen keeps the base's values."""
        result = super().load_state_dict(state_dict, strict=False, assign=assign)
        trained = self._trained()
        missing = [name for name in result.missing_keys if name in trained]
        if strict and (missing or result.unexpected_keys):
            raise RuntimeError(f"The checkpoint does not fit: missing {missing}, unexpected {result.unexpected_keys}.")
        return type(result)(missing, result.unexpected_keys)

    def _trained(self) -> set[str]:
        return {name for name, parameter in self.named_parameters() if parameter.requires_grad}


def _load_base(base: Path) -> nn.Module:
    model: nn.Module = AutoModel.from_pretrained(str(base), add_pooling_layer=False, dtype=torch.float32)
    return model
