"""Frozen datasets: numbered, hashed, and each with what changed since the one before."""

import gzip
import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Row, delete, func, insert, select

from agent.errors import DatasetError
from agent.utterances import Utterance
from knowledge_base.database import Database
from knowledge_base.errors import StorageError
from training.datasets.message import DatasetMessage, Origin, Part, fingerprint
from training.datasets.tables import DatasetMessageRow, DatasetRow

FILE_SUFFIX = ".jsonl.gz"

DATASET, MESSAGE = DatasetRow.__table__.c, DatasetMessageRow.__table__.c


@dataclass(frozen=True)
class Dataset:
    """A frozen dataset.

    Attributes:
        number: from 1.
        at: when it was frozen.
        author: by whom.
        sha256: of all its messages as they were frozen.
        facts: how many messages there are by ``parts``, ``origins`` and ``intents``, and the ``difference`` to the dataset before.
        erased: how many of its messages were forgotten with their customers since.
    """

    number: int
    at: datetime
    author: str
    sha256: str
    facts: Mapping[str, Any]
    erased: int


class DatasetVersions:
    """Freezes datasets and reads them.

    What comes from files is kept as a file, once for all datasets that have the same; customers' messages are in the database,
    where they can be forgotten.

    Args:
        database: the data directory's.
        folder: for files; it is made when it is needed.

    Example:
        >>> versions = DatasetVersions(database, directory.datasets)
        >>> versions.freeze(messages, "lin").number
        3
    """

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.folder = database, folder

    def all(self) -> list[Dataset]:
        """Every dataset, newest first."""
        left = select(func.count()).where(MESSAGE.dataset == DATASET.number).scalar_subquery()
        query = select(DatasetRow.__table__, (DATASET.messages - left).label("erased")).order_by(DATASET.number.desc())
        with self.database.reading() as connection:
            return [_dataset(row) for row in connection.execute(query).all()]

    def find(self, number: int) -> Dataset:
        """The dataset with a number.

        Raises:
            DatasetError: there is none.
        """
        for dataset in self.all():
            if dataset.number == number:
                return dataset
        raise DatasetError(f"There is no dataset {number}.")

    def freeze(self, messages: Sequence[DatasetMessage], author: str) -> Dataset:
        """Keep messages as a new dataset; the newest one is returned where nothing is different.

        Args:
            messages: all of it.
            author: who wants it.

        Raises:
            StorageError: the disk refused.
        """
        known, sha256 = self.all(), fingerprint(messages)
        newest = known[0] if known else None
        if newest and newest.sha256 == sha256 and not newest.erased:
            return newest
        before = self.load(newest.number) if newest else []
        facts = _facts(messages) | {"difference": difference(before, messages)}
        base = self._keep([message for message in messages if message.origin is Origin.FILES])
        rows = [message for message in messages if message.origin is not Origin.FILES]
        number = newest.number + 1 if newest else 1
        values = {"number": number, "at": datetime.now(UTC), "author": author, "base": base, "sha256": sha256}
        with self.database.transaction() as connection:
            connection.execute(insert(DatasetRow).values(values | {"messages": len(rows), "facts": facts}))
            if rows:
                connection.execute(insert(DatasetMessageRow), [_row(number, place, message) for place, message in enumerate(rows)])
        return self.find(number)

    def load(self, number: int) -> list[DatasetMessage]:
        """Read a dataset, without what was forgotten since.

        Raises:
            DatasetError: there is none, or it is not what was frozen.
        """
        dataset = self.find(number)
        messages = select(DatasetMessageRow.__table__).where(MESSAGE.dataset == number).order_by(MESSAGE.place)
        with self.database.reading() as connection:
            base = connection.execute(select(DATASET.base).where(DATASET.number == number)).scalar_one()
            rows = connection.execute(messages).all()
        found = [*self._kept(base), *map(_message, rows)]
        if not dataset.erased and fingerprint(found) != dataset.sha256:
            raise DatasetError(f"Dataset {number} is not what was frozen; somebody changed it. Restore a backup, or freeze a new one.")
        return found

    def _keep(self, messages: Sequence[DatasetMessage]) -> str:
        """Write what comes from files, unless it is there; returns its name."""
        name = fingerprint(messages)
        file = self.folder / f"{name}{FILE_SUFFIX}"
        if file.exists():
            return name
        lines = [json.dumps({"part": message.part} | asdict(message.utterance), ensure_ascii=False) for message in messages]
        part = file.with_name(f".{file.name}")
        try:
            self.folder.mkdir(exist_ok=True)
            part.write_bytes(gzip.compress("\n".join(lines).encode(), mtime=0))
            os.replace(part, file)  # noqa: PTH105 - replaces in one step
        except OSError as error:
            raise StorageError(f"The dataset could not be written to {self.folder}: {error}. Check free space and permissions.") from error
        return name

    def _kept(self, name: str) -> list[DatasetMessage]:
        file = self.folder / f"{name}{FILE_SUFFIX}"
        try:
            rows = [json.loads(line) for line in gzip.decompress(file.read_bytes()).decode().splitlines()]
            found = [DatasetMessage(Utterance(**row), Part(part), Origin.FILES) for row in rows for part in (row.pop("part"),)]
        except (OSError, EOFError, ValueError, TypeError, KeyError) as error:
            raise DatasetError(f"{file}, a part of a dataset, cannot be read: {error}. Restore it from a backup.") from error
        if fingerprint(found) != name:
            raise DatasetError(f"{file}, a part of a dataset, cannot be read: it is not what was written. Restore it from a backup.")
        return found


def forget_in_datasets(database: Database, customer: str) -> int:
    """Erase a customer's messages from all datasets. Returns how many there were."""
    with database.transaction() as connection:
        return connection.execute(delete(DatasetMessageRow).where(MESSAGE.customer == customer)).rowcount


def difference(before: Sequence[DatasetMessage], after: Sequence[DatasetMessage]) -> dict[str, Any]:
    """What is different between two datasets: messages ``added``, ``removed`` and ``relabelled``, and by how many each intent grew."""
    one, other = (_labels(messages) for messages in (before, after))
    intents = Counter(intent for intent, _ in other.values())
    intents.subtract(Counter(intent for intent, _ in one.values()))
    return {
        "added": len(other.keys() - one.keys()),
        "removed": len(one.keys() - other.keys()),
        "relabelled": sum(one[text] != other[text] for text in one.keys() & other.keys()),
        "intents": {intent: grown for intent, grown in sorted(intents.items()) if grown},
    }


def dataset_numbers(lineage: Mapping[str, Any]) -> list[int]:
    """The frozen datasets that a release and those it was trained on from have learned, its own first, by its lineage."""
    found: list[int] = []
    rest: Mapping[str, Any] | None = lineage
    while rest:
        if dataset := rest.get("dataset"):
            found.append(int(dataset["number"]))
        rest = (rest.get("parent") or {}).get("lineage")
    return found


def _labels(messages: Sequence[DatasetMessage]) -> dict[tuple[str, str], tuple[str, str | None]]:
    return {(u.dialogue, u.text): (u.intent, u.faq) for message in messages for u in (message.utterance,)}


def _facts(messages: Sequence[DatasetMessage]) -> dict[str, Any]:
    return {
        "parts": dict(Counter(message.part.value for message in messages)),
        "origins": dict(Counter(message.origin.value for message in messages)),
        "intents": dict(sorted(Counter(message.utterance.intent for message in messages).items())),
    }


def _row(number: int, place: int, message: DatasetMessage) -> dict[str, Any]:
    utterance = message.utterance
    return {
        "dataset": number,
        "place": place,
        "part": message.part,
        "origin": message.origin,
        "text": utterance.text,
        "language": utterance.language,
        "intent": utterance.intent,
        "entry": utterance.faq,
        "customer": message.customer,
    }


def _message(row: Row[Any]) -> DatasetMessage:
    return DatasetMessage(Utterance(row.text, row.language, row.intent, row.entry), Part(row.part), Origin(row.origin), row.customer)


def _dataset(row: Row[Any]) -> Dataset:
    return Dataset(row.number, row.at, row.author, row.sha256, row.facts, row.erased)
