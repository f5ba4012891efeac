"""The loop's first step: what is new since the release in service was trained, and whether it may be learned from."""

import logging
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from agent.intents import Intent
from agent.release import Release
from agent.utterances import Utterance
from knowledge_base.curation.curation import Curation
from knowledge_base.database import Database
from knowledge_base.encoder import TextEncoder
from knowledge_base.entry import FAQEntry
from knowledge_base.repository import FAQRepository
from training.catalogue import catalogue_of
from training.datasets.composition import LabelledFiles, compose
from training.datasets.message import DatasetMessage, Origin, Part
from training.datasets.pseudo_labels import confidence_wanted, pseudo_labelled
from training.datasets.versions import DatasetVersions, dataset_numbers
from training.examples import ENOUGH
from training.review.accepted_intents import AcceptedIntent
from training.review.item import ReviewItem
from training.review.queue import key_of
from training.review.signals import logged_turns

PSEUDO_DAYS = 30

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Prepared:
    """What a training is to learn from.

    Attributes:
        messages: the dataset.
        fresh: what the release in service has not learned.
        intents: the catalogue.
        entries: the FAQ.
        pseudo_confidence: the confidence from which on the release's own labels count, None where none do.
    """

    messages: Sequence[DatasetMessage]
    fresh: Sequence[DatasetMessage]
    intents: Sequence[Intent]
    entries: Sequence[FAQEntry]
    pseudo_confidence: float | None

    def utterances(self, part: Part) -> list[Utterance]:
        """The labelled messages of a part."""
        return [message.utterance for message in self.messages if message.part is part]


def prepare(
    champion: Release,
    encoder: TextEncoder,
    database: Database,
    files: LabelledFiles,
    golden: Sequence[Utterance],
    reviewed: Sequence[ReviewItem],
    accepted: Sequence[AcceptedIntent],
    datasets: DatasetVersions,
) -> Prepared:
    """Put together what a training is to learn from.

    Args:
        champion: the release in service.
        encoder: its encoder.
        database: where the FAQ and the log are.
        files: the data directory's own labelled messages.
        golden: the golden set, of which nothing is learned.
        reviewed: messages with a label.
        accepted: intents that are to enter the catalogue.
        datasets: frozen ones, of which the champion may know one.

    Raises:
        DatasetError: there is nothing to learn from.
    """
    entries = FAQRepository(database).all()
    intents = _catalogue(champion, accepted, files, reviewed, entries)
    confidence = confidence_wanted(reviewed, champion.id)
    pseudo: list[DatasetMessage] = []
    if confidence is not None:
        labelled = [*(row.text for row in [*files.training, *files.validation, *golden]), *(item.message.text for item in reviewed)]
        turns = logged_turns(database, encoder, datetime.now(UTC) - timedelta(days=PSEUDO_DAYS))
        pseudo = pseudo_labelled(turns, confidence, champion.id, {key_of(text) for text in labelled}, len(reviewed))
    messages = compose(files, reviewed, pseudo, golden, intents, {entry.id for entry in entries})
    learned = learned_by(champion, datasets)
    fresh = [message for message in messages if is_fresh(message, learned)]
    return Prepared(messages, fresh, intents, entries, confidence)


def own_intents(reviewed: Sequence[ReviewItem], entries: Sequence[FAQEntry]) -> list[AcceptedIntent]:
    """Intents of entries that have none, and that reviewers found customers to want: the entry itself is what they want then.

    Args:
        reviewed: messages with a label; where such an entry answers, its intent is the entry's own id.
        entries: the FAQ.
    """
    free = {entry.id for entry in entries if entry.intent in {None, entry.id}}
    wanted: dict[str, list[ReviewItem]] = defaultdict(list)
    for item in reviewed:
        if item.label and item.label.entry in free and item.label.intent == item.label.entry:
            wanted[item.label.intent].append(item)
    return [
        AcceptedIntent(Intent(name, "query", "answer"), name, items[0].reviews[-1].reviewer, items[0].reviews[-1].at)
        for name, items in wanted.items()
        if len(items) >= ENOUGH
    ]


def link_entries(curation: Curation, accepted: Sequence[AcceptedIntent]) -> None:
    """Give entries the intent that was accepted for them; those that have one keep it."""
    heads = curation.heads([one.entry for one in accepted if one.entry])
    for one in accepted:
        head = heads.get(one.entry or "")
        if head and not head.entry.intent:
            with_intent = replace(head.entry, intent=one.intent.id)
            curation.edit_all({with_intent.id: head.number}, lambda _entry, new=with_intent: new, one.author, "new intent")  # type: ignore[misc]


def _catalogue(
    champion: Release,
    accepted: Sequence[AcceptedIntent],
    files: LabelledFiles,
    reviewed: Sequence[ReviewItem],
    entries: Sequence[FAQEntry],
) -> list[Intent]:
    """The champion's intents and the accepted ones that have enough messages; where it has none, what the labels make."""
    if not champion.intents:
        labels = [Utterance("", "", item.label.intent, None) for item in reviewed if item.label]
        return catalogue_of([*files.training, *labels], entries)
    counts = Counter(item.label.intent for item in reviewed if item.label)
    new = [one.intent for one in accepted if one.intent.id not in champion.intents]
    waiting = [intent.id for intent in new if counts[intent.id] < ENOUGH]
    if waiting:
        logger.warning("These accepted intents wait for more messages (%d each): %s.", ENOUGH, ", ".join(waiting))
    return [*champion.intents.values(), *(intent for intent in new if intent.id not in waiting)]


def learned_by(champion: Release, datasets: DatasetVersions) -> set[Utterance] | None:
    """What a release was trained on; None where that was no frozen dataset: then files are known to it, and customers' messages new.

    Args:
        champion: the release.
        datasets: frozen ones.
    """
    numbers = dataset_numbers(champion.lineage)
    return {message.utterance for message in datasets.load(numbers[0])} if numbers else None


def is_fresh(message: DatasetMessage, learned: set[Utterance] | None) -> bool:
    """Whether a release has not learned a message, see `learned_by`."""
    return message.origin is not Origin.FILES if learned is None else message.utterance not in learned
