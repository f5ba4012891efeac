"""What goes into a dataset: the data directory's files, what people reviewed, and what is as good as certain."""

import logging
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from agent.errors import DatasetError
from agent.intents import OUT_OF_SCOPE, Intent
from agent.row_files import KINDS
from agent.utterances import Utterance
from training.dataset import read_dataset, split
from training.datasets.message import DatasetMessage, Origin, Part, part_of
from training.review.item import ReviewItem
from training.review.queue import key_of
from training.review.utterances import utterance_of

logger = logging.getLogger(__name__)

Keyed = dict[str, DatasetMessage]


@dataclass(frozen=True)
class LabelledFiles:
    """The data directory's own labelled messages.

    Attributes:
        training: what is learned from.
        validation: what thresholds are learned on.
    """

    training: Sequence[Utterance]
    validation: Sequence[Utterance]

    @classmethod
    def read(cls, utterances: Path, validation: Path) -> "LabelledFiles":
        """Read them; a stable fifth validates where there is no validation of its own.

        Args:
            utterances: a folder of files as `read_dataset` takes them; it may be missing.
            validation: another one.

        Raises:
            DatasetError: a file breaks a rule.
        """
        training, judged = (read_dataset([folder]) if _has_files(folder) else [] for folder in (utterances, validation))
        return cls(*(split(training) if training and not judged else (training, judged)))


def compose(
    files: LabelledFiles,
    reviewed: Iterable[ReviewItem],
    pseudo: Iterable[DatasetMessage],
    golden: Iterable[Utterance],
    intents: Sequence[Intent],
    entries: Collection[str],
) -> list[DatasetMessage]:
    """Put a dataset together; nothing of the golden set is in it, and each text counts once.

    What people reviewed counts more than what files say of the same text, and both more than a pseudo-label. A label that the
    catalogue does not have is left out, an entry that customers are not told is left out of its label; both are logged.

    Args:
        files: the data directory's.
        reviewed: messages with a label.
        pseudo: see `pseudo_labelled`.
        golden: the golden set.
        intents: the catalogue.
        entries: ids of the FAQ's entries.

    Raises:
        DatasetError: there is nothing to learn from.
    """
    kept_out = {key_of(row.text) for row in golden}
    known = {intent.id for intent in intents} | {OUT_OF_SCOPE}
    said = _reviewed(reviewed, known, entries)
    found: Keyed = {}
    for message in [*said, *_of_files(files), *pseudo]:
        utterance = message.utterance
        key = f"{utterance.dialogue}\t{key_of(utterance.text)}"  # what a turn means depends on the turns before it
        if utterance.dialogue or key_of(utterance.text) not in kept_out:
            found.setdefault(key, message)
    if not found:
        raise DatasetError(
            "There is nothing to learn from. Put files of labelled messages (text,intent,language,faq) into the data directory's "
            "folder utterances/, or review messages."
        )
    return list(found.values())


def _has_files(folder: Path) -> bool:
    return folder.is_dir() and any(file.suffix.lower() in KINDS for file in folder.iterdir())


def _of_files(files: LabelledFiles) -> list[DatasetMessage]:
    parts = ((Part.TRAINING, files.training), (Part.VALIDATION, files.validation))
    return [DatasetMessage(utterance, part, Origin.FILES) for part, utterances in parts for utterance in utterances]


def _reviewed(items: Iterable[ReviewItem], intents: Collection[str], entries: Collection[str]) -> list[DatasetMessage]:
    found, unknown, untold = [], set(), set()
    for item in items:
        label = item.label
        if label is None:
            continue
        if label.intent not in intents:
            unknown.add(label.intent)
            continue
        if label.entry and label.entry not in entries:
            untold.add(label.entry)
            label = replace(label, entry=None)
        message = item.message
        utterance = utterance_of(message.text, message.language, label)
        found.append(DatasetMessage(utterance, part_of(message.text), Origin.REVIEWED, message.customer))
    if unknown:
        logger.warning("Left out, because the catalogue has no such intent: reviewed messages of %s.", ", ".join(sorted(unknown)))
    if untold:
        logger.warning("Reviewed messages name entries that customers are not told: %s.", ", ".join(sorted(untold)))
    return found
