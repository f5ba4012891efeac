"""How well replies are composed, end to end."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from agent.composing import Composer
from agent.piecewise import passed_on, whole
from agent.prompting import Article
from knowledge_base.entry import EntryVariant

Progress = Callable[[int], object]


@dataclass(frozen=True)
class Composed:
    """A reply end to end.

    Attributes:
        message: the customer's.
        evidence: the entry.
        reply: what was sent.
        composed: whether a language model wrote some of it.
        first_s: seconds until something could be shown.
        total_s: seconds until it was whole.
        completeness: the share of the entry's parts that the reply tells.
        checked: the sentences that the model wrote, with their verdicts.
    """

    message: str
    evidence: str
    reply: str
    composed: bool
    first_s: float
    total_s: float
    completeness: float
    checked: list[dict[str, Any]]


def compose_all(composer: Composer, cases: Sequence[tuple[str, EntryVariant]], progress: Progress = lambda _done: None) -> list[Composed]:
    """Compose a reply to each message from its entry, one after the other.

    Args:
        composer: with a model and a check.
        cases: messages and the entries that answer them.
        progress: called with 1 after each.
    """
    replies = []
    for message, variant in cases:
        began = time.perf_counter()
        shown: list[float] = []

        def note(piece: str, began: float = began, shown: list[float] = shown) -> str:
            """Take the time of what can be shown."""
            shown += [time.perf_counter() - began] if piece else []
            return piece

        draft = whole(passed_on(composer.stream(message, [variant]), note))
        total = time.perf_counter() - began
        article = Article.of(variant)
        told = composer.check.check_all([(part, draft.text) for part in article.parts]) if composer.check else []
        completeness = sum(verdict.supported for verdict in told) / len(told) if told else 0.0
        checked = [asdict(sentence) for sentence in draft.checked]
        replies.append(
            Composed(
                message,
                article.evidence,
                draft.text,
                draft.composed,
                round(shown[0] if shown else total, 3),
                round(total, 3),
                round(completeness, 3),
                checked,
            )
        )
        progress(1)
    return replies


def summarise_replies(replies: Sequence[Composed]) -> dict[str, Any]:
    """The share composed, how complete they are, and the seconds that they take."""
    composed = [reply for reply in replies if reply.composed]
    first, total = (sorted(getattr(reply, name) for reply in replies) for name in ("first_s", "total_s"))
    return {
        "n": len(replies),
        "composed": round(len(composed) / len(replies), 4),
        "completeness": round(sum(reply.completeness for reply in composed) / len(composed), 4) if composed else None,
        "sentences_refused": sum(not sentence["supported"] for reply in replies for sentence in reply.checked),
        "first_s": {"p50": first[len(first) // 2], "p95": first[int(len(first) * 0.95)]},
        "total_s": {"p50": total[len(total) // 2], "p95": total[int(len(total) * 0.95)]},
    }
