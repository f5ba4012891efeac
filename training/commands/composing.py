"""``python -m training compose-train``: fine-tunes the language model that composes replies."""

import argparse
import re
from dataclasses import fields
from pathlib import Path

from agent.data_directory import DataDirectory
from agent.prompting import Depth
from agent.settings import read_settings
from knowledge_base.errors import SettingsError
from knowledge_base.importing.sources import read_entries
from training.commands.arguments import documented_fields
from training.commands.output import only_one
from training.commands.printing import print_document
from training.composing.arguments import ComposeArguments

ROOT = Path(__file__).parents[2]
SENTENCES = ROOT / "training" / "grounding" / "sentences"
REPLIES = ROOT / "training" / "composing" / "replies"
OPENINGS = ROOT / "training" / "composing" / "openings"
ENTRIES = ROOT / "knowledge_base" / "starter" / "entries"
LANGUAGE_DEPTH = re.compile(r"(en|zh)=(opened|woven|free)")


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    train = commands.add_parser("compose-train", help="fine-tune a language model to compose replies")
    train.add_argument("--data", nargs="+", type=Path, default=[REPLIES, SENTENCES], help="JSONL files or folders (default: the ones here)")
    train.add_argument("--entries", nargs="+", type=Path, default=[ENTRIES], help="the FAQ that they name (default: the shop's)")
    train.add_argument(
        "--openings", nargs="+", type=Path, default=[OPENINGS], help="JSONL files of plain openings (default: the ones here)"
    )
    train.add_argument("--base", help="the language model: a folder or hub name (default: the packaged SmolLM2-135M-Instruct)")
    train.add_argument(
        "--depths",
        nargs="+",
        default=["en=woven", "zh=opened"],
        metavar="LANGUAGE=DEPTH",
        help="what it learns in each language: woven, free, or opened for nothing (default: en=woven zh=opened)",
    )
    train.add_argument("--validation-ids", nargs="+", default=["en4-", "zh4-"], help="beginnings of entries' ids that are not trained on")
    train.add_argument("--output", type=Path, default=Path("composer"), help="a new folder for the adapter (default: ./composer)")
    train.add_argument("--json", action="store_true", help="print one JSON document")
    texts = documented_fields(ComposeArguments)
    for field in fields(ComposeArguments):
        value = getattr(ComposeArguments(), field.name)
        help_text = f"{texts[field.name]} (default: {value})".replace("%", "%%")
        train.add_argument("--" + field.name.replace("_", "-"), type=type(value), default=value, help=help_text)
    train.set_defaults(run=_train)


def _train(options: argparse.Namespace) -> None:
    from agent.generation.packaged_model import restore_packaged_model
    from training.composing.data import read_examples
    from training.composing.openings import read_openings, with_openings
    from training.composing.training import train_composer
    from training.grounding.courtesy import courtesy_vocabulary

    if options.output.exists():
        raise SettingsError(f"{options.output} exists already; an adapter is never overwritten. Name a new folder.")
    depths = _depths(options.depths)
    written = read_examples(options.data, read_entries(options.entries))
    plain = with_openings(written, read_openings(options.openings), courtesy_vocabulary(written))
    examples = [one for one in plain if depths.get(one.language) is one.depth]
    held_out = [one for one in examples if any(entry.startswith(tuple(options.validation_ids)) for entry in one.entries)]
    training = [one for one in examples if one not in held_out]
    if not training or not held_out:
        raise SettingsError("There must be replies to train on and, by --validation-ids, some that validate.")
    base = Path(options.base) if options.base else restore_packaged_model(DataDirectory(read_settings().data_dir).cache, adapter=None)
    arguments = ComposeArguments(**{field.name: getattr(options, field.name) for field in fields(ComposeArguments)})
    work = options.output.with_name(f"{options.output.name}.work")
    with only_one(work):
        metrics = train_composer(base, training, held_out, depths, arguments, options.output, work)
    print_document({"output": str(options.output), "metrics": metrics}, indented=not options.json)


def _depths(texts: list[str]) -> dict[str, Depth]:
    found = {}
    for text in texts:
        match = LANGUAGE_DEPTH.fullmatch(text)
        if not match:
            raise SettingsError(f"--depths {text}: say en= or zh= and opened, woven or free, e.g. en=woven.")
        found[match[1]] = Depth(match[2])
    return found
