"""Model folders that several processes share."""

import multiprocessing
import os
import time
from pathlib import Path

from knowledge_base.model_folder import is_intact, restored, sha256_of, write_model_folder

SLOW_S = 0.3


def restore(folder: Path, makings: Path) -> None:
    """Restore a folder that takes a moment to make, and leave a note that it was made."""

    def write(part: Path) -> None:
        """Fill the folder."""
        time.sleep(SLOW_S)
        (part / "model.onnx").write_text("weights", encoding="utf-8")
        with makings.open("a", encoding="utf-8") as file:
            file.write("made\n")

    restored(folder, "model", lambda: write_model_folder(folder, write))
    assert is_intact(folder)


def together(folder: Path, makings: Path) -> list[int | None]:
    """The exit codes of four processes that want the folder at once."""
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=restore, args=(folder, makings)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    return [process.exitcode for process in processes]


def test_processes_that_start_together_make_a_folder_once(tmp_path: Path) -> None:
    """The second one would otherwise replace the folder while the first one loads from it."""
    assert together(tmp_path / "model", tmp_path / "makings") == [0, 0, 0, 0]
    assert (tmp_path / "makings").read_text(encoding="utf-8") == "made\n"


def test_a_damaged_folder_is_made_anew_once(tmp_path: Path) -> None:
    """Damage is found by all of them, and mended by one."""
    restore(tmp_path / "model", tmp_path / "makings")
    (tmp_path / "model" / "model.onnx").write_text("wei", encoding="utf-8")
    assert together(tmp_path / "model", tmp_path / "makings") == [0, 0, 0, 0]
    assert (tmp_path / "makings").read_text(encoding="utf-8") == "made\n" * 2


def test_a_change_of_a_file_shows_however_often_it_was_read_before(tmp_path: Path) -> None:
    file = tmp_path / "weights"
    file.write_bytes(b"first")
    os.utime(file, (0, 0))
    first = sha256_of(file)
    assert sha256_of(file) == first
    file.write_bytes(b"other")
    assert sha256_of(file) != first, "just changed"
    os.utime(file, (0, 0))
    assert sha256_of(file) != first, "with its former times, too"
