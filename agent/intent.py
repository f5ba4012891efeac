"""The intent classifier as it serves: a message to a calibrated prediction."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from agent.conversation import IntentPrediction
from agent.intents import OUT_OF_SCOPE, entry_of, intent_of
from agent.release import ClassifierSettings, Release
from agent.routing_model import logistic
from knowledge_base.encoder import TextEncoder
from knowledge_base.errors import ModelError
from knowledge_base.model_folder import restored
from knowledge_base.normalisation import normalise
from knowledge_base.onnx_model import Array, OnnxTextModel, export_onnx

CENTROIDS_FILE = "centroids.safetensors"
EXPORT_FORMAT = 1  # raise it when the exported folder changes, so that older caches are made anew
OUTPUTS = ("representation", "logits")


class IntentCalibration:
    """Makes predictions of a classifier's raw outputs.

    Args:
        settings: learned on validation data.
        labels: the classes in the order of the logits, see `agent.intents.class_name`.
        acts: each intent's kind of act.
        centroids: mean representation of each class of the training part, unit length, (labels, hidden).
    """

    def __init__(self, settings: ClassifierSettings, labels: Sequence[str], acts: Mapping[str, str], centroids: Array) -> None:
        self.settings, self.labels, self.acts, self.centroids = settings, labels, acts, centroids

    def predictions(self, representations: Array, logits: Array) -> list[IntentPrediction]:
        """Return a prediction for each row of (texts, hidden) and (texts, labels)."""
        scaled = logits / self.settings.temperature
        features = out_of_scope_features(representations, scaled, self.labels, self.centroids)
        scores = logistic(features, self.settings.out_of_scope)
        return [self._prediction(row, float(score)) for row, score in zip(softmax(scaled), scores, strict=True)]

    def _prediction(self, probabilities: Array, out_of_scope: float) -> IntentPrediction:
        intents: dict[str, float] = {}
        entries: dict[str, float] = {}
        for name, probability in zip(self.labels, probabilities, strict=True):
            intents[intent_of(name)] = intents.get(intent_of(name), 0.0) + float(probability)
            if entry := entry_of(name):
                entries[entry] = entries.get(entry, 0.0) + float(probability)  # one entry may answer several intents
        label = max(intents, key=lambda intent: intents[intent])
        by_intent = {intent: round(p, 6) for intent, p in intents.items()}
        by_entry = {entry: round(p, 6) for entry, p in entries.items()}
        return IntentPrediction(label, self.acts.get(label), min(intents[label], 1.0), out_of_scope, by_intent, by_entry)


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
    def of_release(cls, release: Release, encoder: TextEncoder, base: Path, cache: Path) -> "IntentClassifier":
        """The classifier of a release that has one.

        Args:
            release: the release.
            encoder: the encoder that the release was learned with.
            base: that encoder's folder; read at the first call for a release only.
            cache: folder for exported models.

        Raises:
            ReleaseError: the release was learned with another encoder.
            ModelError: the classifier cannot be exported or loaded.
        """
        if release.classifier is None:
            raise ModelError(f"Release {release.id} has no classifier.")
        release.require_encoder(encoder.fingerprint)
        folder = cache / f"classifier-{release.id}-v{EXPORT_FORMAT}"
        max_tokens = release.classifier.max_tokens
        restored(
            folder,
            f"intent classifier of release {release.id}",
            lambda: export_classifier(base, release.folder, encoder.model.tokenizer, max_tokens, folder),
        )
        acts = {intent.id: intent.act for intent in release.intents.values()}
        centroids: Array = load_file(release.folder / CENTROIDS_FILE)["centroids"]
        calibration = IntentCalibration(release.classifier, release.labels, acts, centroids)
        return cls(OnnxTextModel(folder), release.classifier.prompt, calibration)

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


def out_of_scope_features(representations: Array, logits: Array, labels: Sequence[str], centroids: Array) -> dict[str, Array]:
    """What the out-of-scope score looks at, each (texts,).

    Args:
        representations: (texts, hidden).
        logits: (texts, labels), already divided by the temperature.
        labels: the classes in the order of the logits.
        centroids: mean representation of each class of the training part, unit length, (labels, hidden).

    Returns:
        ``oos_logit``: log-odds of the class oos; ``energy``: log-sum-exp of the other logits (Liu et al. 2020,
        https://arxiv.org/abs/2010.03759); ``distance``: one minus the cosine to the nearest centroid of an intent.
    """
    is_oos = np.array([label == OUT_OF_SCOPE for label in labels])
    oos = np.clip(softmax(logits)[:, is_oos].sum(axis=-1), 1e-6, 1 - 1e-6)
    inside = logits[:, ~is_oos]
    top = inside.max(axis=-1, keepdims=True)
    energy = top[:, 0] + np.log(np.exp(inside - top).sum(axis=-1))
    unit = representations / np.linalg.norm(representations, axis=-1, keepdims=True)
    return {"oos_logit": np.log(oos / (1 - oos)), "energy": energy, "distance": 1.0 - (unit @ centroids[~is_oos].T).max(axis=-1)}


def export_classifier(base: Path, trained: Path, tokenizer: Tokenizer, max_tokens: int, folder: Path) -> Path:
    """Merge a trained adapter into its base and write both, with the head, as a folder for `OnnxTextModel`.

    Args:
        base: the encoder's folder.
        trained: the folder that `IntentModel.save` wrote.
        tokenizer: the encoder's.
        max_tokens: longer messages are cut here.
        folder: where the export goes.

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
    except (OSError, RuntimeError, ValueError, KeyError) as error:
        raise ModelError(f"The classifier in {trained} does not load: {error}. Restore the folder.") from error
    return export_onnx(Outputs(model), OUTPUTS, tokenizer, {"max_tokens": max_tokens}, folder)
