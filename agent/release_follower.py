"""Takes up promotions and rollbacks while the agent serves."""

import gc
import logging
import time
import weakref
from contextlib import AbstractContextManager, nullcontext

from agent.agent import CustomerServiceAgent
from agent.data_directory import DataDirectory
from agent.errors import ReleaseError
from agent.language import Language
from agent.release import Release
from agent.release_loader import ReleaseLoader
from agent.serving import Serving
from knowledge_base.errors import FrontdeskError
from knowledge_base.index import FAQIndex
from knowledge_base.retrieval import Retriever

logger = logging.getLogger(__name__)

RETRY_S = 60.0  # what does not load now may load once there is space again
TRIAL = "Hello, how long does delivery take?"


class ReleaseFollower:
    """Has an agent serve with the release that its data directory points to.

    Args:
        agent: is given the releases; its index is this process's own.
        directory: the agent's.
        loader: loads them.

    Example:
        >>> follower.follow()  # every now and then, in the thread that refreshes the index, too
        True
    """

    def __init__(self, agent: CustomerServiceAgent, directory: DataDirectory, loader: ReleaseLoader) -> None:
        self.agent, self.directory, self.loader = agent, directory, loader
        self._tried, self._try_again_at, self._said = "", 0.0, ""
        self._left: list[tuple[weakref.ref[Retriever], FAQIndex | None]] = []

    def follow(self) -> bool:
        """Take up the release that the pointer names, if it is another one than the agent's. Returns whether it was.

        One that does not load is logged once, and tried again every minute; meanwhile the old one stays in service.
        """
        self._let_go()
        try:
            named = self.directory.current()
            if named == self.agent.release.id:
                self._tried = self._said = ""
                return False
            if named == self._tried and time.monotonic() < self._try_again_at:
                return False
            self._tried, self._try_again_at = named, time.monotonic() + RETRY_S
            self._take_up(self.directory.release(named))
        except FrontdeskError as error:
            if str(error) != self._said:
                logger.warning("Release %s stays in service, because another one cannot come in: %s", self.agent.release.id, error)
            self._said = str(error)
            return False
        logger.info("Release %s is in service.", named)
        return True

    def _take_up(self, release: Release) -> None:
        """Load a release beside the one in service, try it out, and swap."""
        live = self.agent.retriever.index
        fits = release.encoder_fingerprint == live.encoder.fingerprint
        encoder = live.encoder if fits else self.loader.encoder(release)
        classifier = self.loader.classifier(release)
        place: AbstractContextManager[FAQIndex] = nullcontext(live) if fits else live.beside(encoder)
        with place as index:
            serving = Serving.of(release, classifier, release.retriever(index))
            _try_out(serving)
        self._left.append((weakref.ref(self.agent.retriever), None if fits else live))
        self.agent.serve(serving)

    def _let_go(self) -> None:
        """Free what the last swaps left behind, once the requests that were in progress have ended."""
        if self._left:
            gc.collect()  # models are large, and cycles would keep them for long
        for retriever, index in [one for one in self._left if one[0]() is None]:
            if index:
                index.remove()
            self._left.remove((retriever, index))


def _try_out(serving: Serving) -> None:
    """Have a release read a message, before customers' messages depend on it.

    Raises:
        ReleaseError: it cannot.
    """
    try:
        serving.understand(TRIAL, None, Language("en"))
    except Exception as error:  # whatever parts that do not fit each other make numpy, onnxruntime and Chroma raise
        raise ReleaseError(f"Release {serving.release.id} loads and cannot read a message ({type(error).__name__}: {error}).") from error
