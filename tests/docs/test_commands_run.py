"""The documents' commands do what the documents say, one after the other, as a reader gives them.

What takes hours is made small (`SMALL`), and what cannot be is checked word by word only (`test_documents.py`), as `ELSEWHERE` says.
"""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent.commands import STARTER_ENTRIES
from agent.data_directory import DataDirectory
from knowledge_base.database import Database
from knowledge_base.importing.sources import read_entries
from tests.conftest import SHARED
from tests.docs.documents import DOCUMENTS, blocks, commands, name_of, named_in_text
from tests.docs.sandbox import Sandbox, copied
from tests.ports import free_port
from tests.training.small_shop import write_files
from ui.access.customers import new_anonymous
from ui.services import open_sites

pytestmark = pytest.mark.slow

SMALL = {
    "benchmark --chats 16": "benchmark --chats 2 --messages 20",
    "soak --minutes 30 --customers 40": "soak --minutes 0.3 --customers 3",
    "agent benchmark": "agent benchmark --messages 20",
    "--messages 20 composing": "composing",
    "--texts 100000": "--texts 500",
    "training train --data": "training train --method head --data",
    "import https://shop.example/help": "import help.html",  # nothing is fetched from this machine's own addresses
    "-m training loop": "-m training loop --shadow-minutes 0",
}
ELSEWHERE = {
    "training benchmark banking77": "11 minutes a seed; tests/training/test_benchmark.py runs it on a few messages",
    "training benchmark clinc150": "as long; likewise",
    "training benchmark loop": "five minutes a seed; tests/training/test_loop_benchmark.py",
    "training compose-train": "hours; tests/training/test_composing_commands.py trains a tiny model",
    "training train --epochs 1 --frozen-layers 6": "nine minutes; train-a-classifier.md trains on fewer messages",
    "training ground-train": "hours; tests/training/grounding trains a tiny one",
}
DSTC11 = SHARED / "data" / "dstc11_t2_intents"


@pytest.fixture
def sandbox(tmp_path: Path, model_cache: Path, untouched_shop: Path) -> Iterator[Sandbox]:
    ports = {port: str(free_port()) for port in ("7860", "7861", "8080")}
    replaced = SMALL | ports | {"/srv/": f"{tmp_path}/srv/", "DSTC11-FOLDER": str(DSTC11)}
    made = Sandbox(tmp_path, model_cache, replaced, {"FRONTDESK_PORT": ports["7860"]})
    copied(untouched_shop, tmp_path / "data")
    yield made
    made.end()


@pytest.mark.parametrize("document", [one for one in DOCUMENTS if commands(one) and one.name != "README.zh.md"], ids=name_of)
def test_a_readers_way(document: Path, sandbox: Sandbox, request: pytest.FixtureRequest) -> None:
    if document.name == "run-it-for-many.md":
        sandbox.replaced["postgresql://frontdesk:password@127.0.0.1/frontdesk"] = request.getfixturevalue("postgres_url")
        sandbox.replaced["--port 8000"] = f"--port {(port := free_port())}"
        sandbox.replaced["127.0.0.1:8000"] = f"127.0.0.1:{port}"
    write_what_a_reader_has(document, sandbox)
    for command in [*commands(document), *(f".venv/bin/{named}" for named in named_in_text(document))]:
        if (
            command.endswith("training train")
            or any(part in command for part in ELSEWHERE)
            or ("DSTC11" in command and not DSTC11.exists())
        ):
            continue
        before(command, document, sandbox)
        check(command, sandbox.run(command))


def write_what_a_reader_has(document: Path, sandbox: Sandbox) -> None:
    """The files that a document's commands name."""
    folder, small = sandbox.folder, write_files(sandbox.folder)
    faq = next((block for block in blocks(document, "yaml") if block.startswith("- id:")), small["entries"].read_text(encoding="utf-8"))
    (folder / "faq.yaml").write_text(faq, encoding="utf-8")
    (folder / "my-utterances").mkdir()
    shutil.copy(small["data"], folder / "my-utterances" / "all.csv")
    shutil.copy(small["data"], folder / "my-test.csv")
    shutil.copy(small["intents"], folder / "my-intents.yaml")
    entries = read_entries([STARTER_ENTRIES])
    rows = ["id,question,answer,language", *(f'{one.id},"{one.variant("en").title}",,en' for one in entries)]
    (folder / "entries.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    queries = ["query,id", *(f'"{question}",{one.id}' for one in entries for question in one.variant("en").questions[1:3])]
    (folder / "queries.csv").write_text("\n".join(queries) + "\n", encoding="utf-8")
    (folder / "my-pairs.csv").write_text("evidence,sentence,language\nDelivery takes 3 days.,Delivery takes 4 days.,en\n", encoding="utf-8")
    (folder / "more.csv").write_text("question,answer\nDo you wrap gifts?,Yes.\n", encoding="utf-8")
    (folder / "help.html").write_text("<h2>Do you sell kites?</h2><p>Yes, red ones.</p>", encoding="utf-8")
    if document.name == "keep-the-faq-right.md":
        sandbox.run(".venv/bin/python -m knowledge_base export faq.xlsx")


def before(command: str, document: Path, sandbox: Sandbox) -> None:
    """What a reader has done by then."""
    if document.name == "your-first-shop.md" and command.endswith("-m ui"):
        (card,) = [block for block in blocks(document, "yaml") if block.startswith("name:")]
        (sandbox.folder / "my-shop" / "shop.yaml").write_text(card, encoding="utf-8")
    if "training versions --data-dir ~/my-shop" in command:
        sandbox.run(".venv/bin/python -m agent init ~/my-shop")
        sandbox.run(".venv/bin/python -m knowledge_base import faq.yaml --data-dir ~/my-shop")
        (sandbox.folder / "my-shop" / "golden").mkdir()
        shutil.copy(sandbox.folder / "my-test.csv", sandbox.folder / "my-shop" / "golden")
        listed = json.loads(sandbox.run(".venv/bin/python -m training versions --data-dir ~/my-shop --json"))
        sandbox.replaced["CURRENT-ID"] = next(one["id"] for one in listed if one["in_service"])
    if command.startswith("curl") and "KEY" not in sandbox.environment:
        directory = DataDirectory(sandbox.folder / "data")
        database = Database(directory.database_url)
        sandbox.environment |= {"KEY": open_sites(database, directory).add("curl", [], "tests").key, "TOKEN": new_anonymous()}
        database.close()
        sandbox.run(".venv/bin/python -m ui")
    if "/messages" in command and command.startswith("curl"):
        (begin,) = [one for one in commands(document) if one.startswith("curl") and "/v1/conversations -H" in one]
        sandbox.environment["ID"] = json.loads(sandbox.run(begin))["id"]


PROMISED: dict[str, Callable[[str], bool]] = {
    'ask "运费怎么算？"': lambda said: "运费" in said,
    "--explain": lambda said: "express" in said.lower(),
    "what does it cost to rent": lambda said: "15 EUR a day" in said,
    "你们几点开门": lambda said: "9 点到 17 点" in said,
    "do you sell surfboards": lambda said: "EUR" not in said and "9 to 5" not in said,
    "agent ground": lambda said: "UNSUPPORTED" in said,
    "sites add": lambda said: "signing secret" in said,
    "staff add": lambda said: "one-time password" in said,
    "--dry-run": lambda said: bool(said.strip()),
    '"stream": true': lambda said: "event: message" in said,
    "training versions": lambda said: bool(re.search(r"\d{4}-\d\d-\d\d", said)),
}


def check(command: str, said: str) -> None:
    """That what was printed is what the document says of it."""
    if command.startswith("docker"):
        return
    for part, holds in PROMISED.items():
        assert part not in command or holds(said), f"{command}\n{said}"
