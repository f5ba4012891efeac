"""The agent's own errors, children of `knowledge_base.errors.FrontdeskError`."""

from knowledge_base.errors import FrontdeskError


class ReleaseError(FrontdeskError):
    """A release is missing, damaged, or was made for another encoder; it is not served."""


class GenerationError(FrontdeskError):
    """A language model could not produce a draft: it is broken, slow, full, or not there."""


class BusyError(FrontdeskError):
    """More messages wait than can be answered soon; the customer is asked to send theirs again in a moment."""

    def __init__(self) -> None:
        super().__init__("Too many messages are waiting. Try again in a moment.")


class DatasetError(FrontdeskError):
    """A data file cannot be read or breaks a rule; the message names file and line."""


class ErasedError(FrontdeskError):
    """A conversation is no longer there: its customer had it erased, or it was kept for as long as it is to be."""

    def __init__(self) -> None:
        super().__init__("This conversation has been erased. Begin a new one.")


class HandOverError(FrontdeskError):
    """A person cannot do that with a conversation now; nothing was changed."""
