"""Shared fixtures: the real encoder and the demonstration shop, prepared once in a cache that later runs reuse."""

import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent import commands
from agent.agent import CustomerServiceAgent
from agent.assembly import open_agent
from agent.grounding import GroundingCheck, PairClassifier
from agent.settings import Settings
from knowledge_base.encoder import TextEncoder, load_encoder
from tests.chroma import chroma_server
from tests.postgres import binaries, drop_database, new_database, server

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def model_cache() -> Path:
    """Converted models; they verify themselves at every use, so a stale or damaged one is never served."""
    return ROOT / ".test-cache"


@pytest.fixture(scope="session")
def encoder(model_cache: Path) -> TextEncoder:
    """The packaged encoder."""
    return load_encoder(None, model_cache)


@pytest.fixture(scope="session")
def untouched_shop(tmp_path_factory: pytest.TempPathFactory, model_cache: Path) -> Path:
    """A data directory with the demonstration shop as it is made: it is copied and never opened."""
    return make_data_directory(tmp_path_factory.mktemp("untouched") / "data", model_cache, starter=True)


@pytest.fixture(scope="session")
def starter_directory(tmp_path_factory: pytest.TempPathFactory, untouched_shop: Path) -> Path:
    """A data directory with the demonstration shop, closed."""
    return Path(shutil.copytree(untouched_shop, tmp_path_factory.mktemp("shop") / "data", symlinks=True))


@pytest.fixture(scope="session")
def starter_agent(starter_directory: Path) -> Iterator[CustomerServiceAgent]:
    """An agent on the demonstration shop; tests start conversations of their own."""
    agent = open_agent(Settings(data_dir=starter_directory))
    yield agent
    agent.retriever.index.close()


@pytest.fixture(scope="session")
def grounding_check(model_cache: Path) -> GroundingCheck:
    """The shipped grounding check."""
    return GroundingCheck(PairClassifier.load(model_cache))


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server."""
    if not binaries():
        pytest.skip("PostgreSQL is not installed (Debian's package postgresql)")
    # pytest's own folders are closed to the server's user.
    with tempfile.TemporaryDirectory(prefix="frontdesk-pg-") as folder, server(Path(folder)) as url:
        yield url


@pytest.fixture(scope="session")
def chroma_url() -> Iterator[str]:
    """The URL of a Chroma server."""
    with tempfile.TemporaryDirectory(prefix="frontdesk-chroma-") as folder, chroma_server(Path(folder)) as url:
        yield url


@pytest.fixture
def postgres_url(postgres: str) -> Iterator[str]:
    """An empty database on the PostgreSQL server."""
    name = f"test-{secrets.token_hex(6)}"
    yield new_database(postgres, name)
    drop_database(postgres, name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database, of each kind."""
    return f"sqlite:///{tmp_path}/frontdesk.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    if not mount or subprocess.run([mount, "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], capture_output=True, check=False).returncode:
        pytest.skip("only an administrator can make a small disk")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def make_data_directory(folder: Path, model_cache: Path, *, starter: bool) -> Path:
    """Make a data directory that shares the tests' model cache."""
    model_cache.mkdir(exist_ok=True)
    commands.init(Settings(data_dir=folder), folder, starter=starter, cache=model_cache)
    return folder
