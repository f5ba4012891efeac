"""Opens a release for measuring: its classifier, with the encoder that it was made with."""

from pathlib import Path

from agent.intent import IntentClassifier
from agent.release import Release, read_release
from knowledge_base.encoder import encoder_folder, load_encoder


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
    encoder = load_encoder(base, cache)
    return release, IntentClassifier.of_release(release, encoder, encoder_folder(base, cache), cache)
