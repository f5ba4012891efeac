"""What is done beside answering: following the FAQ and the release in service, telling the webhook, erasing what is old."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from agent.release_follower import ReleaseFollower
from training.insights.monitor import DriftMonitor
from ui.services import Services

logger = logging.getLogger(__name__)

REFRESH_S, TELL_S, ERASE_S, LEARN_S, WATCH_S = 0.5, 1.0, 600.0, 300.0, 3600.0
FIRST_S = 60.0  # after the start, what is done rarely is done for the first time


class Background:
    """Threads that work while the server runs. Of several processes, the one that owns the index tells and erases.

    Args:
        services: what the server is built from.
        follower: has the agent serve with what is promoted; None where it is to keep its release.
    """

    def __init__(self, services: Services, follower: ReleaseFollower | None) -> None:
        self.services, self.follower = services, follower
        self.drift = DriftMonitor(services.agent)
        self._stop = threading.Event()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Work in the block."""
        loops: list[tuple[float, str, list[Callable[[], object]]]] = [
            # One thread does both: each may change the index.
            (REFRESH_S, "The FAQ's or the release's changes could not be taken in", [self._refresh, self._follow]),
            (ERASE_S, "What is to be erased could not be", [self._erase]),
            (LEARN_S, "The learning loop could not be started", [self._learn]),
            (WATCH_S, "The drift of the customers' messages could not be told", [self._watch]),
        ]
        if self.services.webhook:
            loops.append((TELL_S, "The webhook could not be told", [self._tell]))
        threads = [threading.Thread(target=self._repeat, args=loop, name=loop[1], daemon=True) for loop in loops]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in threads:
                thread.join(timeout=10)
            if self.services.webhook:
                self.services.webhook.close()

    def _repeat(self, every_s: float, failure: str, works: list[Callable[[], object]]) -> None:
        wait_s = min(every_s, FIRST_S)
        while not self._stop.wait(wait_s):
            wait_s = every_s
            for work in works:
                try:
                    work()
                except Exception:
                    logger.exception("%s; it is tried again in %.0f seconds.", failure, every_s)

    def _refresh(self) -> None:
        changed = self.services.agent.retriever.index.refresh()
        if changed:
            logger.info("%d changed FAQ entries are in service.", changed)

    def _follow(self) -> None:
        if self.follower:
            self.follower.follow()

    def _tell(self) -> None:
        if self.services.webhook and self._in_charge():
            self.services.webhook.send_pending()

    def _erase(self) -> None:
        if not self._in_charge():
            return
        self.services.limits.forget_old()
        if self.services.retention_days:
            erased = self.services.agent.log.erase_older(datetime.now(UTC) - timedelta(days=self.services.retention_days))
            self.services.records.learned.forget_erased()
            if erased:
                logger.info("%d conversations in which nothing was written for %d days were erased.", erased, self.services.retention_days)

    def _learn(self) -> None:
        if self._in_charge() and self.services.learning.start_if_due():
            logger.info("The learning loop was started.")

    def _watch(self) -> None:
        if self._in_charge():
            self.drift.check()

    def _in_charge(self) -> bool:
        return self.services.agent.retriever.index.is_owner
