"""The intent classifier as a torch module: the encoder with what training changed in it, mean pooling and a linear head.

Training needs it, and so does the one-time export of a release; serving runs the export without torch.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import torch
from peft import AdaLoraConfig, LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file, save_file
from torch import nn
from transformers import AutoModel

ADAPTER_FOLDER = "adapter"
ENCODER_FILE = "encoder.safetensors"  # the layers that were trained themselves, without an adapter
HEAD_FILE = "head.safetensors"
ADAPTED = ["query", "key", "value", "dense"]


class IntentModel(nn.Module):
    """Text representations and intent logits.

    Args:
        encoder: the encoder, adapted (a `PeftModel`) or plain.
        labels: number of classes, out-of-scope among them.
        dropout: on the pooled representation while training.
    """

    def __init__(self, encoder: nn.Module, labels: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(int(encoder.config.hidden_size), labels)  # type: ignore[union-attr,arg-type]

    @classmethod
    def to_train(
        cls,
        base: Path,
        labels: int,
        method: Literal["full", "lora", "adalora", "head"],
        *,
        rank: int,
        alpha: int,
        dropout: float,
        frozen_layers: int,
        steps: int,
    ) -> "IntentModel":
        """A model to train.

        Args:
            base: the encoder's folder.
            labels: number of classes.
            method: see `FineTuningArguments`, as for the others.
            rank: of the adapter.
            alpha: its scale.
            dropout: on the pooled representation.
            frozen_layers: from below.
            steps: of the whole training, which adalora's schedule needs.
        """
        encoder = _load_base(base)
        layers = int(encoder.config.num_hidden_layers)  # type: ignore[union-attr,arg-type]
        trained = list(range(min(frozen_layers, layers), layers))
        if method == "lora":
            config = LoraConfig(r=rank, lora_alpha=alpha, target_modules=ADAPTED, layers_to_transform=trained)
            encoder = get_peft_model(encoder, config)
        elif method == "adalora":
            start, end = steps // 5, steps // 2  # the rank is spread between them
            adaptive = AdaLoraConfig(
                init_r=rank + rank // 2,
                target_r=rank,
                lora_alpha=alpha,
                target_modules=ADAPTED,
                layers_to_transform=trained,
                tinit=start,
                tfinal=steps - end,
                deltaT=10,
                total_step=max(steps, 1),
            )
            encoder = get_peft_model(encoder, adaptive)
        else:
            for name, parameter in encoder.named_parameters():
                parameter.requires_grad_(method == "full" and any(f"layer.{place}." in name for place in trained))
        return cls(encoder, labels, dropout)

    @classmethod
    def continued(cls, base: Path, folder: Path, *, dropout: float) -> "IntentModel":
        """A trained model to train on, with its adapter or layers and its head as they were saved."""
        if (folder / ADAPTER_FOLDER).is_dir():
            encoder: nn.Module = PeftModel.from_pretrained(_load_base(base), str(folder / ADAPTER_FOLDER), is_trainable=True)
        else:
            encoder, trained = _with_layers(base, folder)
            for name, parameter in encoder.named_parameters():
                parameter.requires_grad_(name in trained)
        return cls._with_head(encoder, folder, dropout)

    @classmethod
    def load(cls, base: Path, folder: Path) -> "IntentModel":
        """A trained model with its adapter merged into the base (exact), ready to export."""
        if (folder / ADAPTER_FOLDER).is_dir():
            encoder = PeftModel.from_pretrained(_load_base(base), str(folder / ADAPTER_FOLDER)).merge_and_unload()
        else:
            encoder, _ = _with_layers(base, folder)
        return cls._with_head(encoder, folder).eval()

    @classmethod
    def _with_head(cls, encoder: nn.Module, folder: Path, dropout: float = 0.0) -> "IntentModel":
        head = load_file(folder / HEAD_FILE)
        model = cls(encoder, head["weight"].shape[0], dropout)
        model.head.load_state_dict({"weight": head["weight"], "bias": head["bias"]})
        return model

    def set_head(self, weight: torch.Tensor, bias: torch.Tensor) -> None:
        """Put another head in place, with weights (labels, hidden) and biases (labels,)."""
        head = nn.Linear(weight.shape[1], weight.shape[0]).to(self.head.weight.device)
        head.load_state_dict({"weight": weight, "bias": bias})
        self.head = head

    def mix_in(self, weights: Mapping[str, torch.Tensor], share: float) -> None:
        """Move what is trained towards other weights, as `state_dict` had them, by a share of the way, 0 to 1."""
        with torch.no_grad():
            for name, parameter in self.named_parameters():
                if name in weights:
                    parameter.lerp_(weights[name].to(parameter.device), share)

    def save(self, folder: Path) -> None:
        """Write what fine-tuning changed: the adapter, a few megabytes, or the layers that were trained; and the head."""
        folder.mkdir(parents=True, exist_ok=True)
        if isinstance(self.encoder, PeftModel):
            self.encoder.save_pretrained(str(folder / ADAPTER_FOLDER))
            (folder / ADAPTER_FOLDER / "README.md").unlink(missing_ok=True)
            config = folder / ADAPTER_FOLDER / "adapter_config.json"
            known = json.loads(config.read_text(encoding="utf-8"))
            known["base_model_name_or_path"] = None  # the manifest binds the base by hash; the absolute path there would not travel
            config.write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")
        else:
            trained = {name: p.detach().contiguous() for name, p in self.encoder.named_parameters() if p.requires_grad}
            save_file(trained, folder / ENCODER_FILE)
        save_file({name: tensor.detach().contiguous() for name, tensor in self.head.state_dict().items()}, folder / HEAD_FILE)

    def represent(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Mean-pooled representations, (batch, hidden)."""
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        weights = attention_mask.unsqueeze(-1).to(hidden.dtype)
        return torch.sum(hidden * weights, dim=1) / weights.sum(dim=1).clamp(min=1.0)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> dict[str, torch.Tensor]:
        """Logits (batch, labels), and the representations (batch, hidden) that they come from."""
        representations = self.represent(input_ids, attention_mask)
        return {"logits": self.head(self.dropout(representations)), "representations": representations}

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


def _with_layers(base: Path, folder: Path) -> tuple[nn.Module, set[str]]:
    """The base with the layers that a training changed, and their parameters' names."""
    encoder, layers = _load_base(base), load_file(folder / ENCODER_FILE)
    unknown = encoder.load_state_dict(layers, strict=False).unexpected_keys
    if unknown:
        raise RuntimeError(f"the encoder has no {', '.join(unknown)}")
    return encoder, set(layers)
