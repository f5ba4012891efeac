"""Opens releases for training and measuring."""

from pathlib import Path

from agent.data_directory import BASE_RELEASE
from agent.intent import IntentClassifier
from agent.release import Release, read_release
from agent.release_loader import ReleaseLoader
from knowledge_base.encoder import TextEncoder
from knowledge_base.errors import ModelError


def general_release(encoder: TextEncoder) -> Release | None:
    """The release that knows how messages go together, if it was made with this encoder."""
    release = read_release(BASE_RELEASE)
    return release if release.encoder_fingerprint == encoder.fingerprint else None


def open_classifier(folder: Path, base: str | None, cache: Path) -> tuple[Release, IntentClassifier]:
    """Read a release folder and load its classifier.

    Args:
        folder: of the release.
        base: the encoder's folder or hub name; None for the packaged one.
        cache: folder for converted models.

    Raises:
        ReleaseError: the folder holds no readable release, or one of another encoder.
        ModelError: the release has no classifier, or it does not load.
    """
    release = read_release(folder)
    classifier = ReleaseLoader(base, cache).classifier(release)
    if classifier is None:
        raise ModelError(f"Release {release.id} has no classifier, so there is nothing to measure.")
    return release, classifier
