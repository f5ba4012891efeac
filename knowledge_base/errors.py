"""The errors a person may meet. One small tree; every package adds its own children.

A message says what is wrong and what to do about it, because commands print it as it is.
"""


class FrontdeskError(Exception):
    """Base of every error that Frontdesk raises on purpose.

    Attributes:
        exit_code: what a command exits with, 1 for a failed run and 2 for wrong use.
    """

    exit_code = 1


class SettingsError(FrontdeskError):
    """A setting or an argument does not parse, or names something that does not exist."""

    exit_code = 2


class ModelError(FrontdeskError):
    """A model's weights are missing, damaged, or not the ones that were expected."""


class StorageError(FrontdeskError):
    """The data directory or the database cannot be read or written."""


class EntryError(FrontdeskError):
    """An FAQ entry, or a file of entries, breaks a rule; nothing of it was stored."""


class ConflictError(FrontdeskError):
    """Somebody else changed an entry meanwhile; nothing was overwritten."""
