"""A PostgreSQL server of the tests' own, on loopback: Debian's package, a fresh cluster, one database for each test."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.ports import free_port

USER = "frontdesk"


def binaries() -> Path | None:
    """Where the server's programs are, None where it is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """Run a server in a new folder; gives the URL of its first database."""
    programs = binaries()
    assert programs
    port = free_port()
    _run(folder, programs / "initdb", "-D", folder / "data", "-U", USER, "--auth=trust", "--no-sync")
    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder} -c fsync=off -c max_connections=200"
    _run(folder, programs / "pg_ctl", "-D", folder / "data", "-w", "-o", options, "-l", folder / "log", "start")
    try:
        yield f"postgresql://{USER}@127.0.0.1:{port}/postgres"
    finally:
        _run(folder, programs / "pg_ctl", "-D", folder / "data", "-w", "-m", "immediate", "stop")


def new_database(url: str, name: str) -> str:
    """An empty database on the server; gives its URL."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    return url.rpartition("/")[0] + f"/{name}"


def drop_database(url: str, name: str) -> None:
    """Remove a database, whoever is connected."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


def _run(folder: Path, *command: object) -> None:
    """Run one of the server's programs; it refuses to be root."""
    words = [str(word) for word in command]
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
        words = ["runuser", "-u", "postgres", "--", *words]
    done = subprocess.run(words, cwd="/", capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stdout + done.stderr
