"""A shop whose FAQ may be changed, and people who sign in to do so."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ui.staffing import House, open_house
from ui.access.roles import Role

PEOPLE = {"cara": Role.CURATOR, "cleo": Role.CURATOR, "boss": Role.ADMIN, "lin": Role.AGENT, "vera": Role.VIEWER}


@pytest.fixture(scope="package")
def house(tmp_path_factory: pytest.TempPathFactory, untouched_shop: Path) -> Iterator[House]:
    directory = Path(shutil.copytree(untouched_shop, tmp_path_factory.mktemp("curated") / "data", symlinks=True))
    with open_house(directory, PEOPLE) as house:
        yield house
