"""Opens a release for measuring: its classifier, with the encoder that it was made with."""

from pathlib import Path

from agent.intent import IntentClassifier
from agent.release import Release, read_release
from agent.release_loader import ReleaseLoader
from knowledge_base.errors import ModelError


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
