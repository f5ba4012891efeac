"""The agent's own errors, children of `knowledge_base.errors.FrontdeskError`."""

from knowledge_base.errors import FrontdeskError


class ReleaseError(FrontdeskError):
    """A release is missing, damaged, or was made for another encoder; it is not served."""


class GenerationError(FrontdeskError):
    """A language model could not produce a draft: it is broken, slow, full, or not there."""
