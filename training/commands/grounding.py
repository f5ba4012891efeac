"""``python -m training ground-train``: trains the grounding check."""

import argparse
from dataclasses import replace
from pathlib import Path

from agent.data_directory import DataDirectory
from agent.settings import read_settings
from knowledge_base.encoder import encoder_folder
from knowledge_base.errors import SettingsError
from knowledge_base.importing.sources import read_entries
from training.arguments import FineTuningArguments
from training.commands.arguments import add_fine_tuning_arguments, fine_tuning_arguments
from training.commands.output import only_one
from training.commands.printing import print_document

TRAINING = Path(__file__).parents[1]
SENTENCES, REPLIES = TRAINING / "grounding" / "sentences", TRAINING / "composing" / "replies"
ENTRIES = TRAINING.parent / "knowledge_base" / "starter" / "entries"
DEFAULTS = replace(FineTuningArguments(), method="full", epochs=3, frozen_layers=4, learning_rate=1.5e-4, max_tokens=160)


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    train = commands.add_parser("ground-train", help="train the check that tells which sentences an entry supports")
    train.add_argument("--data", nargs="+", type=Path, default=[SENTENCES], help="labelled sentences: JSONL files or folders")
    train.add_argument(
        "--replies", nargs="+", type=Path, default=[REPLIES, SENTENCES], help="written replies, whose sentences are labelled, too"
    )
    train.add_argument("--entries", nargs="+", type=Path, default=[ENTRIES], help="the FAQ that replies name (default: the shop's)")
    train.add_argument("--from", dest="parent", type=Path, metavar="DIR", help="go on from this trained check instead of the base")
    train.add_argument(
        "--validation-domains",
        nargs="+",
        default=["veterinary clinic", "car rental", "宠物医院", "租车"],
        help="not trained on; they choose thresholds",
    )
    train.add_argument("--output", type=Path, default=Path("grounding"), help="a new folder for it (default: ./grounding)")
    train.add_argument("--json", action="store_true", help="print one JSON document")
    add_fine_tuning_arguments(train, DEFAULTS)
    train.set_defaults(run=_train)


def _train(options: argparse.Namespace) -> None:
    from training.composing.data import read_examples
    from training.grounding.courtesy import courtesy_vocabulary
    from training.grounding.data import pairs_of_replies, read_pairs
    from training.grounding.training import train_grounding

    if options.output.exists():
        raise SettingsError(f"{options.output} exists already; it is never overwritten. Name a new folder.")
    replies = read_examples(options.replies, read_entries(options.entries))
    pairs = [*read_pairs(options.data), *pairs_of_replies(replies)]
    validation = [pair for pair in pairs if pair.domain in options.validation_domains]
    training = [pair for pair in pairs if pair.domain not in options.validation_domains]
    if not training or not validation:
        raise SettingsError("There must be sentences of --validation-domains, and of others. Name domains that the data has.")
    cache = DataDirectory(read_settings().data_dir).cache
    work = options.output.with_name(f"{options.output.name}.work")
    with only_one(work):
        metrics = train_grounding(
            encoder_folder(None, cache),
            training,
            validation,
            courtesy_vocabulary([reply for reply in replies if reply.domain not in options.validation_domains]),
            fine_tuning_arguments(options),
            options.output,
            work,
            options.parent,
        )
    print_document({"output": str(options.output), "metrics": metrics}, indented=not options.json)
