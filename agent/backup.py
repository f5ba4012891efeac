"""Backups: everything of a data directory that cannot be made anew, in one archive, taken while it serves."""

import base64
import io
import json
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

from sqlalchemy import Connection, DateTime, LargeBinary, MetaData, Table, func, insert, select, text

from agent.data_directory import DataDirectory
from knowledge_base.database import Database
from knowledge_base.errors import StorageError

FORMAT = 1
MANIFEST = "manifest.json"
PARTS = (
    "releases",
    "utterances",
    "validation",
    "golden",
    "datasets",
    "reports",
    "shop.yaml",
    "pseudonym.key",
)  # the index and the cache are made anew
NO_DATA = {"alembic_version", "live_index", "index_tasks", "request_counts"}  # the schema's own, the index's, the minute's
BATCH = 500
Progress = Callable[[int], object]


def back_up(directory: DataDirectory, file: Path, progress: Progress = lambda _rows: None) -> int:
    """Write a backup; the database is read in one transaction, so that it fits together.

    Args:
        directory: what is backed up; it may be serving.
        file: the archive, a new file.
        progress: called with how many rows were written.

    Returns:
        How many rows it has.

    Raises:
        StorageError: the file exists, or something cannot be read or written.
    """
    directory.require()
    if file.exists():
        raise StorageError(f"{file} exists already; a backup is never overwritten. Name a new file.")
    part = file.with_name(f".{file.name}.part")
    database = Database(directory.database_url)
    try:
        with tarfile.open(part, "w:gz", compresslevel=6) as archive:
            rows = _add_tables(database, archive, progress)
            for name in PARTS:
                if (directory.path / name).exists():
                    archive.add(directory.path / name, f"files/{name}", filter=_without_locks)
        part.chmod(0o600)  # it has the pseudonyms' key
        part.rename(file)
    except OSError as error:
        raise StorageError(f"The backup could not be written to {file}: {error}. Check free space and permissions.") from error
    finally:
        part.unlink(missing_ok=True)
        database.close()
    return rows


def restore(file: Path, directory: DataDirectory, progress: Progress = lambda _rows: None) -> int:
    """Make a data directory of a backup, whichever kind of database it was taken from.

    Args:
        file: the archive.
        directory: a new one; its database must be empty.
        progress: called with how many rows were written.

    Returns:
        How many rows it has.

    Raises:
        StorageError: the archive is damaged or of another version, or the place is not empty. Nothing is left half made.
    """
    if directory.path.exists() and any(directory.path.iterdir()):
        raise StorageError(f"{directory.path} is not empty. Name a new folder.")
    try:
        with tarfile.open(file, "r:gz") as archive, tempfile.TemporaryDirectory(dir=_parent(directory.path)) as place:
            manifest = json.load(_member(archive, MANIFEST))
            staging = Path(place) / "data"
            staging.mkdir()
            archive.extractall(place, members=_files(archive), filter="data")
            files = Path(place) / "files"
            for part in files.iterdir() if files.is_dir() else ():
                part.rename(staging / part.name)
            target = DataDirectory(staging, None if directory.is_local else directory.database_url)
            rows = _fill(archive, target, manifest, progress)
            if directory.path.exists():  # it is empty
                directory.path.rmdir()
            staging.rename(directory.path)
    except (OSError, tarfile.TarError, ValueError, KeyError, EOFError) as error:
        raise StorageError(f"The backup {file} cannot be restored: {error}.") from error
    return rows


def _add_tables(database: Database, archive: tarfile.TarFile, progress: Progress) -> int:
    total = 0
    with database.reading() as connection:
        metadata = MetaData()
        metadata.reflect(connection)
        revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        manifest = {"format": FORMAT, "schema": revision, "created": datetime.now(UTC).isoformat(timespec="seconds"), "tables": {}}
        for table in metadata.sorted_tables:
            if table.name in NO_DATA:
                continue
            with tempfile.TemporaryFile() as rows:
                count = 0
                for row in connection.execute(select(table).order_by(*table.primary_key.columns).execution_options(yield_per=BATCH)):
                    rows.write(json.dumps([_plain(value) for value in row], ensure_ascii=False).encode() + b"\n")
                    count += 1
                    if count % BATCH == 0:
                        progress(BATCH)
                progress(count % BATCH)
                manifest["tables"][table.name] = {"columns": [column.name for column in table.columns], "rows": count}
                _add(archive, f"tables/{table.name}.jsonl", rows)
                total += count
    _add(archive, MANIFEST, io.BytesIO(json.dumps(manifest, indent=1).encode()))
    return total


def _fill(archive: tarfile.TarFile, directory: DataDirectory, manifest: dict[str, Any], progress: Progress) -> int:
    database, total = Database(directory.database_url), 0
    try:
        with database.transaction() as connection:
            revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
            if (manifest["format"], manifest["schema"]) != (FORMAT, revision):
                raise StorageError(
                    f"The backup was taken by another version (schema {manifest['schema']}); this one has schema {revision}."
                )
            metadata = MetaData()
            metadata.reflect(connection)
            tables = [table for table in metadata.sorted_tables if table.name in manifest["tables"]]
            for table in tables:
                if connection.execute(select(func.count()).select_from(table)).scalar_one():
                    raise StorageError("The database is not empty. Restore into an empty one.")
            for table in tables:
                total += _insert(
                    connection, table, manifest["tables"][table.name]["columns"], _member(archive, f"tables/{table.name}.jsonl")
                )
                progress(manifest["tables"][table.name]["rows"])
    finally:
        database.close()
    return total


def _insert(connection: Connection, table: Table, columns: list[str], lines: IO[bytes]) -> int:
    batch: list[dict[str, Any]] = []
    total = 0
    for line in lines:
        values = dict(zip(columns, json.loads(line), strict=True))
        batch.append({name: _typed(table, name, value) for name, value in values.items()})
        if len(batch) == BATCH:
            connection.execute(insert(table), batch)
            total, batch = total + BATCH, []
    if batch:
        connection.execute(insert(table), batch)
    if connection.dialect.name == "postgresql" and "id" in table.c and table.c.id.autoincrement:
        sequence = connection.execute(select(func.pg_get_serial_sequence(table.name, "id"))).scalar_one()
        if sequence:
            connection.execute(select(func.setval(sequence, select(func.coalesce(func.max(table.c.id), 1)).scalar_subquery())))
    return total + len(batch)


def _plain(value: object) -> object:
    """A value as JSON has it."""
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    return value


def _typed(table: Table, name: str, value: Any) -> Any:
    """A value as the column has it."""
    kind = table.c[name].type
    if value is not None and isinstance(kind, DateTime):
        return datetime.fromisoformat(value)
    if value is not None and isinstance(kind, LargeBinary):
        return base64.b64decode(value)
    return value


def _add(archive: tarfile.TarFile, name: str, content: IO[bytes]) -> None:
    info = tarfile.TarInfo(name)
    info.size = content.seek(0, io.SEEK_END)
    info.mtime = int(datetime.now(UTC).timestamp())
    content.seek(0)
    archive.addfile(info, content)


def _member(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    found = archive.extractfile(name)
    if found is None:
        raise StorageError(f"{name} is missing in the backup.")
    return found


def _files(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    return (member for member in archive.getmembers() if PurePosixPath(member.name).parts[:1] == ("files",))


def _without_locks(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Not what is being written at the moment."""
    name = PurePosixPath(member.name).name
    return None if name.endswith(".lock") or name.startswith(".") else member


def _parent(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.parent
