"""How often a portal, an address or a conversation may ask."""

import time

from fastapi import HTTPException
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter


class RateLimits:
    """Counts requests in the last minute, in this process.

    Args:
        site: requests a minute of one portal.
        address: of one address, without a portal's key.
        conversation: messages a minute in one conversation.
    """

    def __init__(self, site: int, address: int, conversation: int) -> None:
        self.limiter = MovingWindowRateLimiter(MemoryStorage())
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

    def _wait(self, rate: RateLimitItem, kind: str, who: str) -> str:
        """The seconds until one more is taken."""
        return str(max(1, round(self.limiter.get_window_stats(rate, kind, who).reset_time - time.time())))
