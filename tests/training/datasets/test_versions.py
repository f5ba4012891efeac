"""Frozen datasets: numbered, hashed, compared, and without what is forgotten."""

from pathlib import Path

import pytest
from sqlalchemy import update

from agent.errors import DatasetError
from agent.utterances import Utterance
from knowledge_base.database import Database
from training.datasets.message import DatasetMessage, Origin, Part
from training.datasets.tables import DatasetMessageRow
from training.datasets.versions import DatasetVersions, dataset_numbers, forget_in_datasets


def said(text: str, intent: str = "refund", customer: str = "", *, part: Part = Part.TRAINING) -> DatasetMessage:
    """A labelled message: of a customer, or of a file."""
    utterance = Utterance(text, "en", intent, None)
    return DatasetMessage(utterance, part, Origin.REVIEWED if customer else Origin.FILES, customer)


FILES = [said("where is my money"), said("hello", "greeting"), said("refund?", part=Part.VALIDATION)]


@pytest.fixture
def versions(database_url: str, tmp_path: Path) -> DatasetVersions:
    return DatasetVersions(Database(database_url), tmp_path / "datasets")


def test_a_dataset_is_what_was_frozen(versions: DatasetVersions) -> None:
    messages = [*FILES, said("my refund please", customer="ann")]
    dataset = versions.freeze(messages, "lin")
    assert (dataset.number, dataset.author, dataset.erased) == (1, "lin", 0)
    assert dataset.facts["origins"] == {"files": 3, "reviewed": 1}
    assert dataset.facts["parts"] == {"training": 3, "validation": 1}
    assert versions.load(1) == messages
    assert versions.all() == [dataset]


def test_the_same_again_is_no_new_dataset(versions: DatasetVersions) -> None:
    first = versions.freeze(FILES, "lin")
    assert versions.freeze(FILES[::-1], "wei") == first
    assert len(versions.all()) == 1


def test_each_says_what_is_different_from_the_one_before(versions: DatasetVersions) -> None:
    versions.freeze([*FILES, said("parcel?", "track", "ann"), said("gone", "refund", "bo")], "lin")
    second = versions.freeze([*FILES, said("parcel?", "refund", "ann"), said("thanks", "thanks", "cy")], "lin")
    assert second.number == 2
    assert second.facts["difference"] == {"added": 1, "removed": 1, "relabelled": 1, "intents": {"thanks": 1, "track": -1}}


def test_files_are_kept_once(versions: DatasetVersions) -> None:
    versions.freeze(FILES, "lin")
    versions.freeze([*FILES, said("my refund please", customer="ann")], "lin")
    assert len(list(versions.folder.iterdir())) == 1


def test_a_customer_is_forgotten_in_all_of_them(versions: DatasetVersions) -> None:
    versions.freeze([*FILES, said("from ann", customer="ann")], "lin")
    versions.freeze([*FILES, said("from ann", customer="ann"), said("from bo", customer="bo")], "lin")
    assert forget_in_datasets(versions.database, "ann") == 2
    assert [dataset.erased for dataset in versions.all()] == [1, 1]
    assert versions.load(2) == [*FILES, said("from bo", customer="bo")]
    again = versions.freeze([*FILES, said("from bo", customer="bo")], "lin")
    assert (again.number, again.erased) == (3, 0)


def test_what_was_changed_by_hand_is_refused(versions: DatasetVersions) -> None:
    versions.freeze([*FILES, said("from ann", customer="ann")], "lin")
    with versions.database.transaction() as connection:
        connection.execute(update(DatasetMessageRow).values(intent="greeting"))
    with pytest.raises(DatasetError, match="not what was frozen"):
        versions.load(1)


@pytest.mark.parametrize("damage", [b"", b"\x1f\x8b no gzip", None])
def test_a_damaged_file_is_told(versions: DatasetVersions, damage: bytes | None) -> None:
    versions.freeze(FILES, "lin")
    (file,) = versions.folder.iterdir()
    file.unlink() if damage is None else file.write_bytes(damage)
    with pytest.raises(DatasetError, match=f"{file.name}.*cannot be read"):
        versions.load(1)


def test_a_number_that_is_none(versions: DatasetVersions) -> None:
    with pytest.raises(DatasetError, match="no dataset 7"):
        versions.load(7)


def test_a_release_names_the_datasets_it_comes_from() -> None:
    first = {"dataset": {"number": 2}, "parent": None}
    second = {"dataset": None, "parent": {"id": "a", "lineage": first}}
    assert dataset_numbers({"dataset": {"number": 5}, "parent": {"id": "b", "lineage": second}}) == [5, 2]
    assert dataset_numbers({"created": "2026-11-29"}) == []
