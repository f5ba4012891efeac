"""The intent classifier as it serves: a message to a calibrated prediction."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from agent.conversation import IntentPrediction
from agent.intents import OUT_OF_SCOPE, entry_of, intent_of
from agent.out_of_scope import OutOfScopeModel
from agent.release import CLASSIFIER_FOLDER, ClassifierSettings, Release
from knowledge_base.encoder import folder_fingerprint
from knowledge_base.errors import ModelError
from knowledge_base.model_folder import restored
from knowledge_base.normalisation import normalise
from knowledge_base.onnx_model import Array, OnnxTextModel, export_onnx
from knowledge_base.quantisation import Precision

EXPORT_FORMAT = 3  # raise it when the exported folder changes, so that older caches are made anew
OUTPUTS = ("representation", "logits")


class IntentCalibration:
    """Makes predictions of a classifier's raw outputs.

    Args:
        settings: learned on validation data.
        labels: the classes in the order of the logits, see `agent.intents.class_name`.
        acts: each intent's kind of act.
        scope: scores how far a message lies from all of them.
    """

    def __init__(self, settings: ClassifierSettings, labels: Sequence[str], acts: Mapping[str, str], scope: OutOfScopeModel) -> None:
        self.settings, self.labels, self.acts, self.scope = settings, labels, acts, scope

    def predictions(self, representations: Array, logits: Array) -> list[IntentPrediction]:
        """Return a prediction for each row of (texts, hidden) and (texts, labels)."""
        scaled = logits / self.settings.temperature
        scores = self.scope.scores(representations, scaled, self.labels)
        return [self._prediction(row, float(score)) for row, score in zip(softmax(scaled), scores, strict=True)]

    def _prediction(self, probabilities: Array, out_of_scope: float) -> IntentPrediction:
        intents: dict[str, float] = {}
        entries: dict[str, float] = {}
        for name, probability in zip(self.labels, probabilities, strict=True):
            intents[intent_of(name)] = intents.get(intent_of(name), 0.0) + float(probability)
            if entry := entry_of(name):
                entries[entry] = entries.get(entry, 0.0) + float(probability)  # one entry may answer several intents
        label = max(intents, key=lambda intent: intents[intent])
        return IntentPrediction(
            label,
            self.acts.get(label),
            min(intents[label], 1.0),
            out_of_scope,
            {intent: round(p, 6) for intent, p in intents.items()},
            {entry: round(p, 6) for entry, p in entries.items()},
            label == OUT_OF_SCOPE or out_of_scope > self.settings.rejects.get(label, self.settings.rejects[""]),
        )


class IntentClassifier:
    """Tells which intent a message has, how sure that is, and whether any intent covers it.

    Args:
        model: the exported classifier.
        prompt: put before every message.
        calibration: makes predictions of its outputs.

    Example:
        >>> classifier.predict(["where is my parcel?"])[0].label
        'track_order'
    """

    def __init__(self, model: OnnxTextModel, prompt: str, calibration: IntentCalibration) -> None:
        self.model, self.prompt, self.calibration = model, prompt, calibration

    @classmethod
    def of_release(cls, release: Release, base: Path, cache: Path) -> "IntentClassifier":
        """The classifier of a release that has one.

        Args:
            release: the release.
            base: the folder of an encoder; at the first call for a release it must be the one that the release was learned with.
            cache: folder for exported models.

        Raises:
            ReleaseError: the classifier is not in the cache, and the release was learned with another encoder.
            ModelError: the release has no classifier, or it cannot be exported or loaded.
        """
        settings = release.classifier
        if settings is None:
            raise ModelError(f"Release {release.id} has no classifier.")
        folder = cache / f"classifier-{release.classifier_fingerprint[:16]}-{settings.precision}-v{EXPORT_FORMAT}"

        def export() -> None:
            """Merge the trained weights into the base: with another one's they would be silently wrong."""
            release.require_base(folder_fingerprint(base))
            export_classifier(base, release.folder / CLASSIFIER_FOLDER, settings.max_tokens, folder, settings.precision)

        restored(folder, f"intent classifier of release {release.id}", export)
        acts = {intent.id: intent.act for intent in release.intents.values()}
        calibration = IntentCalibration(settings, release.labels, acts, release.scope(settings))
        return cls(OnnxTextModel(folder), settings.prompt, calibration)

    def predict(self, texts: Sequence[str]) -> list[IntentPrediction]:
        """Return a prediction for each text."""
        return self.calibration.predictions(*raw_outputs(self.model, self.prompt, texts))


def raw_outputs(model: OnnxTextModel, prompt: str, texts: Sequence[str]) -> tuple[Array, Array]:
    """Return representations (texts, hidden) and logits (texts, labels), uncalibrated."""
    representations, logits = model.run([prompt + normalise(text) for text in texts])
    return representations, logits


def softmax(logits: Array) -> Array:
    """Probabilities of each row."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    result: Array = powers / powers.sum(axis=-1, keepdims=True)
    return result


def export_classifier(base: Path, trained: Path, max_tokens: int, folder: Path, precision: Precision) -> Path:
    """Merge a trained adapter into its base and write both, with the head, as a folder for `OnnxTextModel`.

    Args:
        base: the encoder's folder.
        trained: the folder that `IntentModel.save` wrote.
        max_tokens: longer messages are cut here.
        folder: where the export goes.
        precision: of its weights.

    Raises:
        ModelError: the trained part is damaged or does not fit the base.
    """
    import torch

    from agent.intent_model import IntentModel

    class Outputs(torch.nn.Module):
        """The model as it is exported: both of its outputs at once."""

        def __init__(self, model: IntentModel) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            """Representations (batch, hidden) and logits (batch, labels)."""
            representation = self.model.represent(input_ids, attention_mask)
            return representation, self.model.head(representation)

    try:
        model = IntentModel.load(base, trained)
        tokenizer = _tokenizer(base)
    except (OSError, RuntimeError, ValueError, KeyError) as error:
        raise ModelError(f"The classifier in {trained} does not load: {error}. Restore the folder.") from error
    return export_onnx(Outputs(model), OUTPUTS, tokenizer, {"max_tokens": max_tokens}, folder, precision)


def _tokenizer(base: Path) -> Tokenizer:
    from transformers import AutoTokenizer

    tokenizer: Tokenizer = AutoTokenizer.from_pretrained(str(base)).backend_tokenizer
    return tokenizer
