"""A service, or a reindexing, that is killed while it indexes: search heals itself on the next start."""

import random
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.knowledge_base.faq_index_shop import MANY, Shop, best

KILLS = 20
WORK = """
import sys
from pathlib import Path
from knowledge_base.database import Database
from knowledge_base.encoder import TextEncoder
from knowledge_base.index import FAQIndex
from knowledge_base.repository import FAQRepository
folder = Path(sys.argv[1])
index = FAQIndex(folder / "index", FAQRepository(Database(f"sqlite:///{folder}/frontdesk.db")), TextEncoder(Path(sys.argv[2])))
print("ready", flush=True)
while True:
    index.refresh() or index.rebuild()
"""


@pytest.mark.slow
def test_a_killed_indexing_is_healed(large_shop: Shop, tiny_export: Path) -> None:
    for number in range(KILLS):
        changed = [replace(one, variants={"en": replace(one.variants["en"], answer=f"Answer {number}.")}) for one in MANY[number::7]]
        large_shop.repository.put(changed)
        with subprocess.Popen(
            [sys.executable, "-c", WORK, str(large_shop.folder), str(tiny_export)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        ) as running:
            assert running.stdout
            if number % 3:  # else while it opens
                assert running.stdout.readline() == "ready\n"
            time.sleep(random.uniform(0, 2))
            running.kill()
        index = large_shop.open()
        repository = large_shop.repository
        assert index.entries == {one.id: one for one in repository.all()}
        assert index.vectors.count() == len(index.vectors.owners)
        assert index.keywords.count() == len(MANY)
        for one in (changed[0], MANY[number], MANY[-1]):
            assert best(index, one.variants["en"].title).entry.id == one.id
        index.close()
        repository.database.close()
