"""The server's own errors, children of `knowledge_base.errors.FrontdeskError`."""

from knowledge_base.errors import FrontdeskError


class AddressError(FrontdeskError):
    """The page cannot listen at the address in the settings."""
