"""Labels that the release in service gives by itself, where reviewers have shown that it may be believed."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

import numpy as np
from scipy.stats import binomtest

from agent.conversation import Manner, RouteKind
from training.datasets.message import DatasetMessage, Origin, Part
from training.review.filling import NEGATIVE, predicted_of
from training.review.item import ReviewItem
from training.review.queue import key_of
from training.review.signals import LoggedTurn
from training.review.utterances import utterance_of

WANTED = 0.95  # share of the labels that are right, at the lower end of a 90 % interval
FEWEST = 30  # reviewed messages above a threshold that show it
EACH = 10  # messages of an intent, so that frequent ones do not drown the others


def confidence_wanted(reviewed: Sequence[ReviewItem], release: str) -> float | None:
    """The lowest confidence from which on reviewers agreed with what was predicted, None where none is shown to be enough.

    Messages in review are the doubtful ones, so that this errs on the side of care. The interval is Wilson's.

    Args:
        reviewed: settled messages.
        release: whose predictions count.
    """
    cases = [
        (item.message.confidence, item.message.predicted == item.label)
        for item in reviewed
        if item.message.release == release and item.message.route == RouteKind.ANSWER
    ]
    cases.sort(key=lambda case: -case[0])
    right = np.cumsum([is_right for _, is_right in cases])
    wanted = None
    for n in range(FEWEST, len(cases) + 1):
        low = binomtest(int(right[n - 1]), n).proportion_ci(0.9, "wilson").low
        if low >= WANTED:
            wanted = cases[n - 1][0]
    return wanted


def pseudo_labelled(
    turns: Iterable[LoggedTurn], confidence: float, release: str, known: Collection[str], most: int
) -> list[DatasetMessage]:
    """Messages of the log with the label that they were given, where nothing speaks against it.

    Args:
        turns: of the log.
        confidence: as `confidence_wanted` has it.
        release: whose predictions count.
        known: keys of texts that have a label, or are not to be learned from.
        most: how many at most.
    """
    count: Counter[str] = Counter()
    found: dict[str, DatasetMessage] = {}
    for turn in turns:
        key, label = key_of(turn.message), predicted_of(turn)
        sure = turn.release == release and turn.route == RouteKind.ANSWER and turn.confidence >= confidence
        if sure and label and turn.manner == Manner.ALONE and not NEGATIVE & turn.signals and key not in known and key not in found:
            count[label.intent] += 1
            if count[label.intent] <= EACH and len(found) < most:
                found[key] = DatasetMessage(utterance_of(turn.message, turn.language, label), Part.TRAINING, Origin.PSEUDO, turn.customer)
    return list(found.values())
