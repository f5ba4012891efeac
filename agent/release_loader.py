"""Loads a release's models: its classifier, and the encoder that it was learned with."""

from functools import cached_property
from pathlib import Path

from agent.intent import IntentClassifier
from agent.release import Release
from knowledge_base.encoder import TextEncoder, encoder_folder, folder_fingerprint, load_encoder, prepared_encoder
from knowledge_base.model_folder import is_intact


class ReleaseLoader:
    """Finds the encoder of each release by its fingerprint: the settings' one, or one that was prepared in the cache before.

    So a release of another encoder can be promoted beside a running service: the command that judges it, with that encoder in its
    settings, prepares what the service then loads.

    Args:
        name: the encoder that the settings name, see `load_encoder`.
        cache: folder for converted models.

    Example:
        >>> loader = ReleaseLoader(None, directory.cache)
        >>> encoder = loader.encoder(release)
        >>> classifier = loader.classifier(release)
    """

    def __init__(self, name: str | None, cache: Path) -> None:
        self.name, self.cache = name, cache

    def encoder(self, release: Release) -> TextEncoder:
        """Load the encoder that a release was learned with.

        Raises:
            ReleaseError: neither the settings nor the cache have it.
            ModelError: it cannot be loaded.
        """
        if release.base_fingerprint == self._fingerprint:
            return load_encoder(self.name, self.cache, release.precision)
        prepared = prepared_encoder(release.encoder_fingerprint, self.cache)
        if not is_intact(prepared):
            release.require_base(self._fingerprint)
        return TextEncoder(prepared)

    def classifier(self, release: Release) -> IntentClassifier | None:
        """Load a release's classifier, None where it has none.

        Raises:
            ReleaseError: it is not in the cache, and the encoder that it is made with is not the settings' one.
            ModelError: it cannot be loaded.
        """
        return IntentClassifier.of_release(release, self._base, self.cache) if release.classifier else None

    @cached_property
    def _base(self) -> Path:
        """The folder of the settings' encoder."""
        return encoder_folder(self.name, self.cache)

    @cached_property
    def _fingerprint(self) -> str:
        return folder_fingerprint(self._base)
