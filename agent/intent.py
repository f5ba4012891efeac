"""The intent classifier as it serves: a message to a calibrated prediction."""

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from agent.conversation import IntentPrediction
from agent.intents import OUT_OF_SCOPE
from agent.release import ClassifierSettings, Release
from agent.routing_model import logistic
from knowledge_base.encoder import TextEncoder
from knowledge_base.errors import ModelError
from knowledge_base.model_folder import is_intact
from knowledge_base.normalisation import normalise
from knowledge_base.onnx_model import Array, OnnxTextModel, export_onnx

logger = logging.getLogger(__name__)

CENTROIDS_FILE = "centroids.safetensors"
EXPORT_FORMAT = 1  # raise it when the exported folder changes, so that older caches are made anew
OUTPUTS = ("representation", "logits")


class IntentClassifier:
    """Tells which intent a message has, how sure that is, and whether any intent covers it.

    Args:
        release: a release with a classifier.
        encoder: the encoder that the release was learned with.
        base: that encoder's folder; read at the first call for a release only.
        cache: folder for exported models.

    Raises:
        ReleaseError: the release was learned with another encoder.
        ModelError: the classifier cannot be exported or loaded.

    Example:
        >>> classifier.predict(["where is my parcel?"])[0].label
        'track_order'
    """

    def __init__(self, release: Release, encoder: TextEncoder, base: Path, cache: Path) -> None:
        if release.classifier is None:
            raise ModelError(f"Release {release.id} has no classifier.")
        release.require_encoder(encoder.fingerprint)
        self.settings: ClassifierSettings = release.classifier
        self.labels = release.labels
        self.acts = {intent.id: intent.act for intent in release.intents.values()}
        folder = cache / f"classifier-{release.id}-v{EXPORT_FORMAT}"
        if not is_intact(folder):
            _export(release, base, encoder, folder)
        self.model = OnnxTextModel(folder)
        self.centroids: Array = load_file(release.folder / CENTROIDS_FILE)["centroids"]

    def predict(self, texts: Sequence[str]) -> list[IntentPrediction]:
        """Return a prediction for each text."""
        representations, logits = self.raw(texts)
        probabilities = softmax(logits / self.settings.temperature)
        features = out_of_scope_features(representations, logits / self.settings.temperature, self.labels, self.centroids)
        scores = logistic(features, self.settings.out_of_scope)
        return [self._prediction(row, float(score)) for row, score in zip(probabilities, scores, strict=True)]

    def raw(self, texts: Sequence[str]) -> tuple[Array, Array]:
        """Return representations (texts, hidden) and logits (texts, labels), uncalibrated."""
        representations, logits = self.model.run([self.settings.prompt + normalise(text) for text in texts])
        return representations, logits

    def _prediction(self, probabilities: Array, out_of_scope: float) -> IntentPrediction:
        best = int(probabilities.argmax())
        label = self.labels[best]
        by_label = {name: float(p) for name, p in zip(self.labels, probabilities, strict=True)}
        return IntentPrediction(label, self.acts.get(label), float(probabilities[best]), out_of_scope, by_label)


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


def _export(release: Release, base: Path, encoder: TextEncoder, folder: Path) -> None:
    import torch

    from agent.intent_model import IntentModel

    class Outputs(torch.nn.Module):
        def __init__(self, model: IntentModel) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            representation = self.model.represent(input_ids, attention_mask)
            return representation, self.model.head(representation)

    logger.info("Preparing the intent classifier of release %s (once) ...", release.id)
    try:
        model = IntentModel.load(base, release.folder)
    except (OSError, RuntimeError, ValueError, KeyError) as error:
        raise ModelError(f"The classifier of release {release.id} does not load: {error}. Restore the folder {release.folder}.") from error
    settings: dict[str, object] = {"max_tokens": release.classifier.max_tokens if release.classifier else 0}
    export_onnx(Outputs(model), OUTPUTS, encoder.model.tokenizer, settings, folder)
