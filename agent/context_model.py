"""Whether a message is meant for itself or goes on with what was talked about: learned on dialogues, kept in the release."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from agent.conversation import Manner
from agent.routing_model import log_odds, logistic
from knowledge_base.errors import ModelError
from knowledge_base.onnx_model import Array

CONTEXT_FILE = "context.safetensors"
MANNERS = (Manner.ALONE, Manner.FOLLOW_UP, Manner.CORRECTION)
CLEARLY_ALONE = 0.97  # what is this probably meant for itself is read in no other way


@dataclass(frozen=True)
class Leaning:
    """How a message sounds by its words alone: the probability, 0 to 1, of each manner; they sum to one."""

    alone: float
    follow_up: float
    correction: float

    @property
    def manner(self) -> Manner:
        """How it is meant if it is not meant for itself."""
        return Manner.CORRECTION if self.correction > self.follow_up else Manner.FOLLOW_UP


class ContextModel:
    """Two steps: how a message sounds, and, where that leaves a doubt, which of its two readings makes more sense.

    Args:
        weights: of a multinomial logistic model on the encoder's vector, (3, dimensions).
        bias: its constants, (3,).
        inherits: weights by feature, and ``bias``, of the logistic model that chooses the reading; see `features`.
    """

    def __init__(self, weights: Array, bias: Array, inherits: Mapping[str, float]) -> None:
        self.weights, self.bias, self.inherits_weights = weights, bias, inherits

    @classmethod
    def read(cls, path: Path, inherits: Mapping[str, float]) -> "ContextModel":
        """Read the first step's file.

        Raises:
            ModelError: it is missing or damaged.
        """
        try:
            stored = load_file(path)
            return cls(stored["weights"], stored["bias"], inherits)
        except (OSError, SafetensorError, KeyError) as error:
            raise ModelError(f"The context model in {path} cannot be read: {error}. Restore the release's folder.") from error

    def write(self, path: Path) -> None:
        """Write the first step's file."""
        # safetensors writes the memory as it lies there, whatever its order
        parts = {"weights": self.weights, "bias": self.bias}
        save_file({name: np.ascontiguousarray(part, dtype=np.float32) for name, part in parts.items()}, path)

    def leaning(self, vector: Array) -> Leaning:
        """How a message with this vector, (dimensions,), sounds."""
        scores = self.weights @ vector + self.bias
        powers = np.exp(scores - scores.max())
        return Leaning(*map(float, powers / powers.sum()))

    def inherits(self, evidence: Mapping[str, float]) -> bool:
        """Whether a message is read on what was talked about."""
        return bool(logistic({name: np.array(value) for name, value in evidence.items()}, self.inherits_weights) >= 0.5)


def never_in_context(dimensions: int) -> ContextModel:
    """A model that reads every message for itself."""
    return ContextModel(np.zeros((len(MANNERS), dimensions)), np.array([9.0, 0.0, 0.0]), {})


def evidence(leaning: Leaning, alone: float, joined: float, *, same: bool, near: bool) -> dict[str, float]:
    """What speaks for one reading or the other, by feature name.

    Args:
        leaning: how the message sounds.
        alone: how sure it is what to do about the message by itself, 0 to 1.
        joined: the same for the message together with what was talked about.
        same: whether both readings lead to the same entry.
        near: whether the second leads to an entry of the intent that was talked about.
    """
    return {
        "dependent": float(log_odds(np.array(1.0 - leaning.alone))),
        "alone": float(log_odds(np.array(alone))),
        "joined": float(log_odds(np.array(joined))),
        "same": float(same),
        "near": float(near),
    }
