"""What monitors see of the agent's work, named as Prometheus names things."""

import threading
from types import TracebackType

from prometheus_client import Counter, Gauge, Histogram

from agent.conversation import Turn

MESSAGES = Counter("frontdesk_messages_total", "Messages that were answered, by what was done about them.", ["route", "language"])
REPLY_SECONDS = Histogram("frontdesk_reply_duration_seconds", "Seconds from a message to its whole reply.", ["route"])
HAND_OVERS = Counter("frontdesk_hand_overs_total", "Conversations that were put in line for a person, by why.", ["reason"])
REFUSED = Counter("frontdesk_refused_sentences_total", "Sentences of the language model that the grounding check refused.", ["reason"])
IN_PROGRESS = Gauge("frontdesk_replies_in_progress", "Replies that are being written.", multiprocess_mode="livesum")
DRIFT = Gauge(
    "frontdesk_drift_psi",
    "How far the messages of the last seven days are from what came before: the population stability index less what chance makes of it.",
    ["dimension"],
    multiprocess_mode="mostrecent",
)
DRIFT_ALERT = Gauge("frontdesk_drift_alert", "1 where these messages moved.", ["dimension"], multiprocess_mode="mostrecent")


def count_reply(turn: Turn) -> None:
    """Count an answered message."""
    if reply := turn.reply:
        MESSAGES.labels(reply.route, reply.language).inc()
        REPLY_SECONDS.labels(reply.route).observe(reply.timings_ms["total"] / 1000)
        for sentence in reply.checked:
            if not sentence.supported:
                REFUSED.labels(sentence.reason).inc()


class InProgress:
    """Counts the replies that are being written, so that a server can wait for them before it ends.

    Attributes:
        number: how many are being written now.

    Example:
        >>> with in_progress:
        ...     write_a_reply()
    """

    def __init__(self) -> None:
        self.number = 0
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        """One more."""
        self._add(1)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """One less."""
        self._add(-1)

    def _add(self, number: int) -> None:
        with self._lock:
            self.number += number
        IN_PROGRESS.inc(number)
