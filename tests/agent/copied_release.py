"""Other releases out of the starter's, and data directories to serve them from, without converting a model again."""

import json
import shutil
import subprocess
from pathlib import Path

from agent.commands import STARTER_RELEASE
from agent.data_directory import DataDirectory
from agent.release import MANIFEST, read_release, write_manifest


def copy_release(folder: Path, note: str, **routing: float) -> str:
    """Write the starter release with another note in its lineage, and with these thresholds; returns its id."""
    shutil.copytree(STARTER_RELEASE, folder)
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    manifest["lineage"]["note"] = note
    manifest["routing"] |= routing
    write_manifest(folder, manifest)
    return read_release(folder).id


def copy_directory(starter_directory: Path, folder: Path) -> DataDirectory:
    """Copy the starter's data directory, with a cache of its own that holds the same models."""
    # By another process: closing a file here would drop SQLite's locks on it.
    subprocess.run(["cp", "-a", str(starter_directory), str(folder)], check=True)
    cache = (starter_directory / "cache").resolve()
    (folder / "cache").unlink()
    (folder / "cache").mkdir()
    for model in cache.glob("[!.]*"):
        (folder / "cache" / model.name).symlink_to(model)
    return DataDirectory(folder)
