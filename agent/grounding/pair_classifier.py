"""Judges a sentence against evidence: a fine-tuned encoder that reads both at once."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from agent.grounding.pair_text import pair_text
from agent.intent import export_classifier, raw_outputs, softmax
from knowledge_base.encoder import encoder_folder, folder_fingerprint
from knowledge_base.errors import ModelError
from knowledge_base.model_folder import restored, sha256_of
from knowledge_base.onnx_model import Array, OnnxTextModel

LABELS = ("supported", "unsupported", "no_claim")
SETTINGS_FILE = "grounding.json"
SHIPPED = Path(__file__).parent / "model"
FORMAT = 2
EXPORT_FORMAT = 2  # raise it when the exported folder changes, so that older caches are made anew
PROMPT = "query: "


@dataclass(frozen=True)
class PairSettings:
    """What was learned beside the weights, kept in ``grounding.json``.

    Attributes:
        format: of the folder.
        base: fingerprint of the encoder that was fine-tuned.
        max_tokens: of sentence and evidence together; longer evidence is cut at its end.
        temperature: divides the logits.
        thresholds: the least probability of "supported" and "no_claim" together at which a sentence passes, by language.
        courtesy: stems that are said beside facts without claiming any, by language, see `agent.grounding.courtesy`.
        lineage: what it was trained on, and how it did.
    """

    format: int
    base: str
    max_tokens: int
    temperature: float
    thresholds: dict[str, float]
    courtesy: dict[str, list[str]]
    lineage: dict[str, object]


class PairClassifier:
    """Tells whether evidence supports a sentence, or the sentence claims nothing.

    Args:
        model: the exported classifier.
        settings: learned on validation data.

    Example:
        >>> pairs.probabilities([("You have 3 weeks.", "Returns are possible within 14 days.")])
        array([[0.01, 0.98, 0.01]])
    """

    def __init__(self, model: OnnxTextModel, settings: PairSettings) -> None:
        self.model, self.settings = model, settings

    @classmethod
    def load(cls, cache: Path, folder: Path = SHIPPED) -> "PairClassifier":
        """Load a trained classifier, exporting it for fast inference at the first call only.

        It always goes with the packaged encoder, whatever a shop retrieves with.

        Args:
            cache: folder for converted models.
            folder: that `write_pair_classifier` wrote.

        Raises:
            ModelError: the folder is damaged, or was made for another encoder.
        """
        settings = read_pair_settings(folder)
        digest = "".join(sha256_of(file) for file in sorted(folder.rglob("*.safetensors")))[:16]
        export = cache / f"grounding-{digest}-v{EXPORT_FORMAT}"

        def make() -> None:
            """Merge what was trained into the packaged encoder."""
            base = encoder_folder(None, cache)
            if folder_fingerprint(base) != settings.base:
                raise ModelError(f"The grounding check in {folder} was trained with another encoder. Restore the folder.")
            export_classifier(base, folder, settings.max_tokens, export, "int8")

        return cls(OnnxTextModel(restored(export, "grounding check", make)), settings)

    def probabilities(self, pairs: Sequence[tuple[str, str]]) -> Array:
        """Return the probabilities of `LABELS`, (pairs, 3), for pairs of a sentence and its evidence."""
        logits = raw_outputs(self.model, PROMPT, [pair_text(sentence, evidence) for sentence, evidence in pairs])[1]
        return softmax(logits / self.settings.temperature)

    def threshold(self, language: str) -> float:
        """The least probability at which a sentence passes; in an unknown language the strictest."""
        return self.settings.thresholds.get(language, max(self.settings.thresholds.values()))


def read_pair_settings(folder: Path) -> PairSettings:
    """Read what a folder says about itself.

    Raises:
        ModelError: it is damaged, or of another format.
    """
    try:
        document = json.loads((folder / SETTINGS_FILE).read_text(encoding="utf-8"))
        settings = PairSettings(**document)
    except (OSError, ValueError, TypeError) as error:
        raise ModelError(f"The grounding check in {folder} cannot be read: {error}. Restore the folder.") from error
    if settings.format != FORMAT:
        raise ModelError(f"The grounding check in {folder} has format {settings.format}; this version reads {FORMAT}. Train it anew.")
    return settings


def write_pair_settings(folder: Path, settings: PairSettings) -> None:
    """Write them beside the weights."""
    (folder / SETTINGS_FILE).write_text(json.dumps(asdict(settings), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
