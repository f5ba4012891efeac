"""Tells monitors and the log when customers' messages move."""

import logging
import math
from datetime import datetime, timedelta

from agent.agent import CustomerServiceAgent
from agent.metrics import DRIFT, DRIFT_ALERT
from training.insights.drift import Distance
from training.insights.profile import Dimension
from training.insights.report import present_drift, profile_of

ENDED = timedelta(days=1)  # an alert that comes back sooner is the same one: distances waver around their limit

logger = logging.getLogger(__name__)


class DriftMonitor:
    """Watches the drift of an agent's traffic.

    Args:
        agent: whose log, and whose release's training data.

    Example:
        >>> monitor = DriftMonitor(agent)
        >>> monitor.check()  # once an hour
    """

    def __init__(self, agent: CustomerServiceAgent) -> None:
        self.agent = agent
        self._alerted: dict[Dimension, datetime] = {}

    def check(self) -> None:
        """Set the metrics, and log a warning where an alert begins."""
        now = self.agent.clock()
        for shift in present_drift(self.agent.log.database, now, profile_of(self.agent.release)).shifts:
            DRIFT.labels(shift.dimension).set(shift.distance.psi if shift.distance else math.nan)
            DRIFT_ALERT.labels(shift.dimension).set(shift.is_alert)
            if shift.is_alert and shift.distance:
                last = self._alerted.get(shift.dimension)
                if last is None or now - last > ENDED:
                    _warn(shift.dimension, shift.distance, against_training=shift.against_training)
                self._alerted[shift.dimension] = now


def _warn(dimension: Dimension, distance: Distance, *, against_training: bool) -> None:
    logger.warning(
        "Customers' messages moved in %s: %.2f from %s (%s). See /staff/insights/.",
        dimension,
        distance.psi,
        "the training data" if against_training else "the four weeks before",
        ", ".join(f"{one.category} {one.before:.0%} -> {one.now:.0%}" for one in distance.movers[:2]),
    )
