"""How often a portal, an address or a conversation may ask."""

import time

from fastapi import HTTPException
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage, Storage
from limits.strategies import FixedWindowRateLimiter, MovingWindowRateLimiter


class RateLimits:
    """Counts requests in the last minute.

    Args:
        site: requests a minute of one portal.
        address: of one address, without a portal's key.
        conversation: messages a minute in one conversation.
        shared: where several processes count together, by the minute of the clock; None for this process alone.
    """

    def __init__(self, site: int, address: int, conversation: int, shared: Storage | None = None) -> None:
        self.shared = shared
        self.limiter = FixedWindowRateLimiter(shared) if shared else MovingWindowRateLimiter(MemoryStorage())
        self.rates = {
            "site": RateLimitItemPerMinute(site),
            "address": RateLimitItemPerMinute(address),
            "conversation": RateLimitItemPerMinute(conversation),
            "sign-in": RateLimitItemPerMinute(10),
        }

    def take(self, kind: str, who: str) -> None:
        """Count a request.

        Args:
            kind: ``site``, ``address``, ``conversation`` or ``sign-in``.
            who: whose.

        Raises:
            HTTPException: 429, there were too many.
        """
        rate = self.rates[kind]
        if not self.limiter.hit(rate, kind, who):
            raise HTTPException(
                429, f"Too many requests. At most {rate.amount} a minute are taken.", {"Retry-After": self._wait(rate, kind, who)}
            )

    def forget_old(self) -> None:
        """Remove counters that no longer count, where they are shared; memory frees its own."""
        if self.shared:
            self.shared.reset()

    def _wait(self, rate: RateLimitItem, kind: str, who: str) -> str:
        """The seconds until one more is taken."""
        return str(max(1, round(self.limiter.get_window_stats(rate, kind, who).reset_time - time.time())))
