import os
import threading
from pathlib import Path

import pytest

from agent.assembly import open_agent
from agent.data_directory import BASE_RELEASE, DataDirectory
from agent.errors import ReleaseError
from agent.release import read_release
from agent.settings import Settings
from knowledge_base.errors import StorageError
from tests.agent.small_release import write_release


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_new_directory_serves_the_base_release(tmp_path: Path) -> None:
    directory = DataDirectory(tmp_path / "some" / "where")
    assert not directory.exists
    directory.create()
    assert directory.exists
    directory.require()
    assert directory.release().id == read_release(BASE_RELEASE).id
    assert directory.release().classifier is None


def test_creating_twice_changes_nothing(tmp_path: Path) -> None:
    directory = DataDirectory(tmp_path / "data")
    directory.create()
    write_release(tmp_path / "release")
    directory.install_release(tmp_path / "release")
    before = contents(directory.path)
    directory.create()
    assert contents(directory.path) == before


def test_each_directory_has_a_secret_of_its_own_that_only_its_owner_reads(tmp_path: Path) -> None:
    one, two = DataDirectory(tmp_path / "one"), DataDirectory(tmp_path / "two")
    one.create()
    two.create()
    assert len(one.pseudonym_key()) == 32
    assert one.pseudonym_key() != two.pseudonym_key()
    assert (one.path / "pseudonym.key").stat().st_mode & 0o077 == 0


def test_a_creation_that_was_interrupted_is_completed(tmp_path: Path) -> None:
    directory = DataDirectory(tmp_path / "data")
    directory.create()
    key = directory.pseudonym_key()
    (directory.path / "releases" / "current").unlink()
    assert not directory.exists
    directory.create()
    assert directory.exists
    assert directory.pseudonym_key() == key


def test_a_foreign_folder_is_refused_untouched(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("ten years of work", encoding="utf-8")
    with pytest.raises(StorageError, match="not empty"):
        DataDirectory(tmp_path).create()
    assert contents(tmp_path) == {"thesis.tex": b"ten years of work"}
    assert not (tmp_path / "releases").exists()
    with pytest.raises(StorageError, match="python -m agent init"):
        DataDirectory(tmp_path).require()


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    with pytest.raises(StorageError, match="cannot be written"):
        DataDirectory(tmp_path / "file" / "data").create()
    with pytest.raises(StorageError, match="cannot be written"):
        DataDirectory(tmp_path / "file").create()


@pytest.mark.skipif(os.geteuid() == 0, reason="permissions do not hold root back")
def test_a_folder_without_permission_is_refused(tmp_path: Path) -> None:
    directory = DataDirectory(tmp_path / "data")
    directory.create()
    directory.path.chmod(0o500)
    try:
        with pytest.raises(StorageError, match="cannot be written"):
            directory.require()
        with pytest.raises(StorageError, match="cannot be written"):
            DataDirectory(directory.path / "more").create()
    finally:
        directory.path.chmod(0o700)


def test_a_damaged_key_is_refused(tmp_path: Path) -> None:
    directory = DataDirectory(tmp_path / "data")
    directory.create()
    key = directory.path / "pseudonym.key"
    key.write_bytes(b"short")
    with pytest.raises(StorageError, match="damaged"):
        directory.pseudonym_key()
    key.unlink()
    with pytest.raises(StorageError, match="cannot be read"):
        directory.pseudonym_key()


def test_a_pointer_to_nothing_is_refused(tmp_path: Path) -> None:
    directory = DataDirectory(tmp_path / "data")
    directory.create()
    (directory.path / "releases" / "current").write_text("2020-01-01-gone\n", encoding="utf-8")
    with pytest.raises(ReleaseError):
        directory.release()


def test_a_damaged_release_is_not_installed(tmp_path: Path) -> None:
    directory = DataDirectory(tmp_path / "data")
    directory.create()
    before = contents(directory.path)
    write_release(tmp_path / "release")
    (tmp_path / "release" / "adapter" / "weights.bin").write_bytes(b"damaged")
    with pytest.raises(ReleaseError):
        directory.install_release(tmp_path / "release")
    assert contents(directory.path) == before


def test_a_reader_always_finds_a_whole_release_while_others_are_installed(tmp_path: Path) -> None:
    directory = DataDirectory(tmp_path / "data")
    directory.create()
    folders = [tmp_path / f"release-{number}" for number in range(50)]
    for number, folder in enumerate(folders):
        write_release(folder, note=str(number), payload=bytes(100_000))
    seen: list[str] = []
    failures: list[Exception] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            try:
                seen.append(directory.release().id)
            except Exception as error:  # noqa: BLE001 - whatever it is, the test reports it
                failures.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    installed = [directory.install_release(folder).id for folder in folders]
    done.set()
    reader.join()
    assert not failures
    assert len(set(seen)) > 1  # it did read in between
    assert set(seen) <= {*installed, read_release(BASE_RELEASE).id}
    assert directory.release().id == installed[-1]
    assert not list((directory.path / "releases").glob(".*"))


def test_a_release_for_another_encoder_is_not_served(tmp_path: Path, model_cache: Path) -> None:
    directory = DataDirectory(tmp_path / "data")
    directory.create()
    directory.cache.symlink_to(model_cache, target_is_directory=True)
    write_release(tmp_path / "release", fingerprint="0" * 64)
    directory.install_release(tmp_path / "release")
    with pytest.raises(ReleaseError, match="learned with the encoder 000000000000"):
        open_agent(Settings(data_dir=directory.path))
