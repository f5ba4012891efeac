"""What the commands of ``python -m agent`` do; `__main__` only reads their arguments."""

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tqdm import tqdm

from agent.assembly import data_directory, open_agent
from agent.backup import back_up, restore
from agent.benchmark import benchmark
from agent.conversation import Reply, Turn
from agent.data_directory import BASE_RELEASE
from agent.errors import DatasetError
from agent.evaluation import evaluate, evaluate_dialogues, summarise, summarise_dialogues, write_rows
from agent.explaining import Word
from agent.settings import Settings
from agent.utterances import dialogues, read_utterances
from knowledge_base.database import Database
from knowledge_base.errors import SettingsError
from knowledge_base.importing.sources import read_entries
from knowledge_base.progress import bar
from knowledge_base.repository import FAQRepository

TOP = 8  # intents and words that an explanation names
ROOT = Path(__file__).parent.parent
STARTER_SHOP = ROOT / "knowledge_base/starter/shop.yaml"
STARTER_ENTRIES = ROOT / "knowledge_base/starter/entries"
STARTER_RELEASE = ROOT / "training/starter/release"
STARTER_MESSAGES = [ROOT / "training/starter" / name for name in ("utterances", "validation", "golden")]  # labelled


def say(text: str) -> None:
    """Print an answer."""
    sys.stdout.write(text + "\n")


def init(settings: Settings, folder: Path, *, starter: bool, release: Path | None = None, cache: Path | None = None) -> None:
    """Make a data directory. A second run changes nothing.

    Args:
        settings: which encoder.
        folder: the data directory.
        starter: whether to fill it with the demonstration shop.
        release: what it serves with; None for the shipped one.
        cache: a folder of converted models to share.
    """
    directory = data_directory(settings.model_copy(update={"data_dir": folder}))
    if directory.exists:
        sys.stderr.write(f"{folder} is a data directory already; nothing was changed.\n")
        return

    def fill() -> None:
        """Put in what belongs to the directory before it counts as made."""
        if cache and not directory.cache.exists():
            directory.cache.symlink_to(cache, target_is_directory=True)
        if starter:
            directory.shop.write_bytes(STARTER_SHOP.read_bytes())
            for source in STARTER_MESSAGES:
                shutil.copytree(source, directory.path / source.name, dirs_exist_ok=True)
            database = Database(directory.database_url)
            FAQRepository(database).put(read_entries([STARTER_ENTRIES]))
            database.close()

    directory.create(release or (STARTER_RELEASE if starter else BASE_RELEASE), fill)
    agent = open_agent(settings.model_copy(update={"data_dir": folder}), bar)
    count = agent.retriever.index.repository.count()
    agent.retriever.index.close()
    sys.stderr.write(f"{folder} is ready: {count} FAQ entries, release {agent.release.id}.\n")


def backup(settings: Settings, file: Path) -> None:
    """Back a data directory up."""
    with tqdm(desc="Backing up", unit=" rows", file=sys.stderr, leave=False) as rows:
        count = back_up(data_directory(settings), file, rows.update)
    sys.stderr.write(f"{file}: {count} rows, the releases and the settings. Keep it as secret as the data directory.\n")


def restore_backup(settings: Settings, file: Path) -> None:
    """Make a data directory of a backup."""
    with tqdm(desc="Restoring", unit=" rows", file=sys.stderr, leave=False) as rows:
        count = restore(file, data_directory(settings), rows.update)
    sys.stderr.write(f"{settings.data_dir} is restored: {count} rows. The index is built at the first start.\n")


def ask(settings: Settings, messages: Sequence[str], *, as_json: bool, explain: bool) -> None:
    """Answer the last of these messages of one conversation; nothing is logged."""
    agent = open_agent(settings, bar)
    turns: list[Turn] = []
    for message in messages:
        turn, reply = agent.rehearse(message, turns)
        turns.append(turn)
    document, lines = reply_document(reply), [readable(reply)]
    if explain:
        reasons = explanation(reply, agent.explainer.explain(reply))
        document["explanation"] = reasons
        lines += ["", *(readable_reason(reason) for reason in reasons)]
    say(json.dumps(document, ensure_ascii=False) if as_json else "\n".join(lines))


def chat(settings: Settings, *, as_json: bool) -> None:
    """Converse in the terminal, logged like any conversation, until the input ends."""
    agent = open_agent(settings, bar)
    conversation = agent.log.start("terminal")
    sys.stderr.write("Write your message, or press Ctrl-D to leave. 请输入您的问题，按 Ctrl-D 退出。\n")
    while True:
        sys.stderr.write("> ")
        sys.stderr.flush()
        line = sys.stdin.readline()
        if not line:
            return
        turn = agent.reply(conversation, line.rstrip("\n"))
        if turn.reply:
            say(json.dumps(reply_document(turn.reply), ensure_ascii=False) if as_json else readable(turn.reply))


def evaluate_file(settings: Settings, queries: Path, rows_out: Path | None, *, as_json: bool) -> None:
    """Measure the agent on labelled messages; the live log is not written."""
    rows = [row for _, row in read_utterances(queries)]
    if not rows:
        raise DatasetError(f"{queries} has no rows.")
    agent = open_agent(settings, bar)
    progress = bar(len(rows), "Evaluating")
    conversations = dialogues(rows)
    outcomes = evaluate(agent, [row for row in rows if not row.dialogue], progress)
    turns = evaluate_dialogues(agent, conversations, progress)
    if rows_out:
        write_rows([*outcomes, *turns], rows_out)
    summary = (summarise(outcomes) if outcomes else {}) | ({"dialogues": summarise_dialogues(turns)} if turns else {})
    say(json.dumps(summary) if as_json else "\n".join(f"{name:24} {value}" for name, value in summary.items()))


def run_benchmark(settings: Settings, messages: int, *, as_json: bool) -> None:
    """Time the agent on distinct messages, with a log of its own."""
    texts = starter_texts()[:messages]
    if len(texts) < messages:
        raise SettingsError(f"There are {len(texts)} distinct starter utterances; ask for fewer messages.")
    with tempfile.TemporaryDirectory(prefix="frontdesk-") as scratch:
        started = time.perf_counter()
        agent = open_agent(settings.model_copy(update={"generator": "off"}), bar, log_url=f"sqlite:///{scratch}/log.db")
        result = benchmark(agent, texts, started, bar(len(texts), "Answering"))
    say(json.dumps(result) if as_json else "\n".join(f"{name:10} {value}" for name, value in result.items()))


def reply_document(reply: Reply) -> dict[str, object]:
    """The JSON document of a reply; ``intent`` is all null where the release has no classifier."""
    intent = reply.intent
    names = ("label", "act", "confidence", "out_of_scope")
    return {
        "reply": reply.text,
        "language": reply.language,
        "intent": {name: getattr(intent, name) if intent else None for name in names},
        "route": reply.route,
        "sources": [asdict(source) for source in reply.sources],
        "suggestions": list(reply.suggestions),
        "composed": reply.composed,
        "checked": [asdict(sentence) for sentence in reply.checked],
        "release": reply.release,
        "timings_ms": reply.timings_ms,
    }


def explanation(reply: Reply, words: Sequence[Sequence[Word]]) -> list[dict[str, object]]:
    """Why, for each question that was answered: how it was read, intents, words, entries and the rule that decided."""
    intents = sorted(reply.intent.probabilities.items(), key=lambda item: -item[1])[:TOP] if reply.intent else []
    return [
        {
            "read_as": reason.text,
            "manner": reason.manner,
            "intents": dict(intents) if place == 0 else {},
            "words": {word.text: word.weight for word in found[:TOP]},
            "entries": dict(reason.candidates),
            "rule": reason.rule,
        }
        for place, (reason, found) in enumerate(zip(reply.reasons, words, strict=True))
    ]


def readable_reason(reason: Mapping[str, Any]) -> str:
    """An explanation as it is read in a terminal."""

    def listed(name: str, form: str) -> str:
        """The parts of a part."""
        return ", ".join(f"{key} {value:{form}}" for key, value in reason[name].items()) or "-"

    return "\n".join(
        [
            f"read as   {reason['read_as']} ({reason['manner']})",
            f"intents   {listed('intents', '.2f')}",
            f"words     {listed('words', '+.1f')}",
            f"entries   {listed('entries', '.2f')}",
            f"rule      {reason['rule']}",
        ]
    )


def readable(reply: Reply) -> str:
    """A reply as it is read in a terminal."""
    lines = [reply.text, *(f"  - {suggestion}" for suggestion in reply.suggestions)]
    lines += [f"[{source.id} v{source.version}, {source.score:.0%}]" for source in reply.sources]
    return "\n".join(lines)


def starter_texts() -> list[str]:
    """Distinct starter utterances, alternating between files, so that any number of them is a fair mixture."""
    read = (read_utterances(file) for file in sorted(STARTER_MESSAGES[0].glob("*.csv")))
    files = [[row.text for _, row in rows if not row.dialogue] for rows in read]
    longest = max(map(len, files))
    return list(dict.fromkeys(file[place] for place in range(longest) for file in files if place < len(file)))
