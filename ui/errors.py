"""The server's own errors, children of `knowledge_base.errors.FrontdeskError`."""

from knowledge_base.errors import FrontdeskError


class AddressError(FrontdeskError):
    """The page cannot listen at the address in the settings."""


class AccessError(FrontdeskError):
    """An account, a site or a password is refused; nothing was changed."""

    exit_code = 2


class IdentityError(FrontdeskError):
    """A customer's token does not tell who they are."""
