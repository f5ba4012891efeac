"""Training's own errors, children of `knowledge_base.errors.FrontdeskError`."""

from knowledge_base.errors import FrontdeskError


class ReviewError(FrontdeskError):
    """Something that a reviewer did is not possible; nothing was changed."""
