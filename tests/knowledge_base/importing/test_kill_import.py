"""An import that is killed has written all or nothing."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from knowledge_base.curation.curation import Curation
from knowledge_base.database import Database
from knowledge_base.repository import FAQRepository
from tests.conftest import ROOT

ENTRIES, KILLS = 2_000, 20
IMPORT = """
import sys
from pathlib import Path
from knowledge_base.database import Database
from knowledge_base.importing.preview import preview
from knowledge_base.importing.sources import read_source
plan = preview(read_source(Path(sys.argv[2])), Database(sys.argv[1]))
print("ready", flush=True)
print(plan.apply("lin", "killed"), flush=True)
sys.stdin.read()
"""


@pytest.mark.slow
def test_a_killed_import_leaves_all_or_nothing(database_url: str, tmp_path: Path) -> None:
    seen = set()
    longest = 0.0
    for number in range(-1, KILLS):  # the first one is not killed before its end: it tells how long one takes
        file = tmp_path / f"{number}.csv"
        file.write_text("id,question,answer\n" + "".join(f"e{row},Question {row}?,Answer {number}.\n" for row in range(ENTRIES)))
        database = Database(database_url)
        before = FAQRepository(database).all()
        database.close()
        with subprocess.Popen(
            [sys.executable, "-c", IMPORT, database_url, str(file)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as running:
            assert running.stdout
            assert running.stdout.readline() == "ready\n"
            began = time.monotonic()
            if number < 0:
                assert running.stdout.readline() == f"{ENTRIES}\n"
                longest = time.monotonic() - began
            else:
                time.sleep(random.uniform(0, 1.2 * longest))
            running.kill()
        database = Database(database_url)
        after = FAQRepository(database).all()
        answers = {entry.variants["en"].answer for entry in after}
        assert len(after) == ENTRIES
        assert after == before or answers == {f"Answer {number}."}
        heads = Curation(database).heads(None)
        assert {entry_id: head.number for entry_id, head in heads.items()} == {entry.id: entry.version for entry in after}
        seen.add(after == before)
        database.close()
    assert seen == {True, False}
