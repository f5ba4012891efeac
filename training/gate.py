"""The promotion gate: a release may not answer customers worse than the one in service, overall or for any intent or language."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from agent.evaluation import Outcome, is_right
from agent.utterances import Utterance, read_utterances
from knowledge_base.errors import FrontdeskError
from training.gate_wording import told

RESAMPLES = 2000
SEED = 7
MOST_LOST_OVERALL = 0.015  # of the messages, at the 5th percentile
MOST_LOST_IN_GROUP = 0.1  # of its messages, on balance
SMALLEST_GROUP = 20  # in fewer messages, a tenth is chance


class PromotionError(FrontdeskError):
    """A release was not promoted; nothing was changed."""


@dataclass(frozen=True)
class Tally:
    """How two releases did on the same messages.

    Attributes:
        messages: how many there are.
        before: share that the first release did right, 0 to 1.
        after: share that the second one did right.
        lost: messages that only the first one did right.
        gained: messages that only the second one did right.
    """

    messages: int
    before: float
    after: float
    lost: int
    gained: int

    @classmethod
    def of(cls, pairs: Sequence[tuple[bool, bool]]) -> "Tally":
        """Count messages that the first release did right or not, and the second."""
        before, after = (round(sum(right) / len(pairs), 4) for right in zip(*pairs, strict=True))
        return cls(len(pairs), before, after, pairs.count((True, False)), pairs.count((False, True)))


@dataclass(frozen=True)
class Difference:
    """A message that one of two releases did right.

    Attributes:
        text: the message.
        language: its language.
        intent: what was meant.
        faq: the entries that answer it.
        before: what the first release sent, or did instead.
        after: what the second one did.
        gained: whether it is the second one that did right.
    """

    text: str
    language: str
    intent: str
    faq: str | None
    before: str
    after: str
    gained: bool


@dataclass(frozen=True)
class Comparison:
    """Two releases on the golden set.

    Attributes:
        before: the id of the release that the other one is compared to.
        after: the id of the other one.
        overall: on all messages.
        interval: 5th and 95th percentile of what the second one's accuracy is above the first one's, -1 to 1: paired
            bootstrap over messages (Efron & Tibshirani 1993, An Introduction to the Bootstrap).
        languages: by language.
        intents: by intent, languages together; a message with two questions counts in both intents.
        differing: the messages that one of them did right.
    """

    before: str
    after: str
    overall: Tally
    interval: tuple[float, float]
    languages: dict[str, Tally]
    intents: dict[str, Tally]
    differing: tuple[Difference, ...]

    def figures(self) -> dict[str, Any]:
        """All but the messages, as a JSON object."""
        return {name: value for name, value in asdict(self).items() if name != "differing"}

    @classmethod
    def from_figures(cls, figures: Mapping[str, Any]) -> "Comparison":
        """Read them back; the messages are not there."""
        languages, intents = ({name: Tally(**tally) for name, tally in figures[groups].items()} for groups in ("languages", "intents"))
        low, high = figures["interval"]
        return cls(figures["before"], figures["after"], Tally(**figures["overall"]), (low, high), languages, intents, ())


@dataclass(frozen=True)
class Verdict:
    """Whether a release may come into service.

    Attributes:
        candidate: its id.
        in_service: the id of the release that it is to replace.
        passed: whether it may.
        reasons: why not, for people.
        comparison: of the two, None without a golden set.
    """

    candidate: str
    in_service: str
    passed: bool
    reasons: tuple[str, ...]
    comparison: Comparison | None

    def document(self) -> dict[str, Any]:
        """The verdict as a JSON object."""
        return asdict(self)

    def figures(self) -> dict[str, Any]:
        """The verdict as a JSON object, without messages."""
        return self.document() | {"comparison": self.comparison.figures() if self.comparison else None}

    @classmethod
    def from_figures(cls, figures: Mapping[str, Any]) -> "Verdict":
        """Read one back, see `Comparison.from_figures`."""
        comparison = Comparison.from_figures(figures["comparison"]) if figures["comparison"] else None
        return cls(figures["candidate"], figures["in_service"], figures["passed"], tuple(figures["reasons"]), comparison)


def read_golden(files: Iterable[Path]) -> list[Utterance]:
    """Read the golden set: messages, and turns of dialogues, with the answer that is right.

    Raises:
        DatasetError: a file cannot be read or breaks a rule.
    """
    rows = [(file, row) for file in files for _, row in read_utterances(file)]
    return [replace(row, dialogue=row.dialogue and f"{file}/{row.dialogue}") for file, row in rows]


def compare(before: str, after: str, outcomes_before: Sequence[Outcome], outcomes_after: Sequence[Outcome]) -> Comparison:
    """Compare what two releases, named by their ids, did with the same messages in the same order, at least one."""
    both = list(zip(outcomes_before, outcomes_after, strict=True))
    pairs = [(is_right(one), is_right(other)) for one, other in both]
    languages, intents = defaultdict(list), defaultdict(list)
    for (one, _), pair in zip(both, pairs, strict=True):
        languages[one.row.language].append(pair)
        for intent in one.row.intent.split():
            intents[intent].append(pair)
    overall = Tally.of(pairs)
    return Comparison(
        before,
        after,
        overall,
        difference_interval(overall),
        {language: Tally.of(group) for language, group in sorted(languages.items())},
        {intent: Tally.of(group) for intent, group in sorted(intents.items())},
        tuple(_difference(one, other, gained=pair[1]) for (one, other), pair in zip(both, pairs, strict=True) if pair[0] != pair[1]),
    )


def difference_interval(tally: Tally) -> tuple[float, float]:
    """The 5th and 95th percentile of the second release's accuracy minus the first one's, over resamples of the messages.

    A resample draws messages with replacement; what counts is how many of them are lost and gained, which is multinomial.
    """
    shares = np.array([tally.lost, tally.gained, tally.messages - tally.lost - tally.gained]) / tally.messages
    drawn = np.random.default_rng(SEED).multinomial(tally.messages, shares, size=RESAMPLES)
    low, high = np.percentile((drawn[:, 1] - drawn[:, 0]) / tally.messages, [5, 95])
    return round(float(low), 4), round(float(high), 4)


def judge(comparison: Comparison) -> Verdict:
    """Judge the second release of a comparison against the first, which is in service."""
    reasons = objections(comparison, "en")
    return Verdict(comparison.after, comparison.before, not reasons, tuple(reasons), comparison)


def objections(comparison: Comparison, language: str) -> list[str]:
    """Why the second release of a comparison may not take the place of the first, in a language; none where it may."""
    overall, risk = comparison.overall, -comparison.interval[0]
    reasons = []
    if overall.lost > overall.gained and risk > MOST_LOST_OVERALL:
        rule = {"risk": risk, "resamples": RESAMPLES, "allowed": MOST_LOST_OVERALL}
        reasons.append(told("overall", language, **asdict(overall), **rule))
    for kind, groups in (("intent", comparison.intents), ("language", comparison.languages)):
        reasons += [
            told(kind, language, name=name, most=MOST_LOST_IN_GROUP, **asdict(group))
            for name, group in groups.items()
            if group.messages >= SMALLEST_GROUP and group.lost - group.gained > MOST_LOST_IN_GROUP * group.messages
        ]
    return reasons


def unjudged(candidate: str, in_service: str, reason: str) -> Verdict:
    """The verdict on a release that cannot be judged, for a reason."""
    return Verdict(candidate, in_service, passed=False, reasons=(f"It cannot be judged: {reason}",), comparison=None)


def _difference(before: Outcome, after: Outcome, *, gained: bool) -> Difference:
    row = before.row
    return Difference(row.text, row.language, row.intent, row.faq, _done(before), _done(after), gained)


def _done(outcome: Outcome) -> str:
    return " ".join(outcome.sent) or str(outcome.route)
