"""``python -m training train`` and ``route``: make releases."""

import argparse
from pathlib import Path

from agent.data_directory import DataDirectory
from agent.intents import Intent, read_intents
from agent.release import read_release
from agent.release_loader import ReleaseLoader
from agent.settings import read_settings
from agent.utterances import Utterance, dialogues
from knowledge_base.centring import CENTRES
from knowledge_base.encoder import encoder_folder, load_encoder
from knowledge_base.entry import FAQEntry
from knowledge_base.errors import SettingsError
from knowledge_base.importing.sources import read_entries
from knowledge_base.quantisation import PRECISIONS
from training.arguments import FineTuningArguments
from training.catalogue import catalogue_of
from training.commands.arguments import add_fine_tuning_arguments, fine_tuning_arguments
from training.commands.output import only_one
from training.commands.printing import print_document
from training.dataset import read_dataset, split
from training.examples import stands_alone

ROOT = Path(__file__).parents[2]
STARTER = ROOT / "training" / "starter"
STARTER_ENTRIES = ROOT / "knowledge_base" / "starter" / "entries"
KINDS = "CSV, JSONL or YAML files"


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the commands."""
    train = commands.add_parser("train", help="fine-tune the classifier and learn the routing")
    route = commands.add_parser("route", help="learn the routing on retrieval alone, without a classifier")
    for command in (train, route):
        command.add_argument("--data", nargs="+", type=Path, help=f"{KINDS}, or folders of them (default: the demonstration shop's)")
        command.add_argument(
            "--validation", nargs="+", type=Path, help="messages that are only validated on (default: the shop's, or a fifth of --data)"
        )
        command.add_argument("--entries", nargs="+", type=Path, help="FAQ files or folders (default: the shop's, none beside --data)")
        command.add_argument("--base", help="the encoder: a folder or hub name (default: FRONTDESK_ENCODER, or the packaged one)")
        command.add_argument(
            "--precision",
            choices=PRECISIONS,
            default=PRECISIONS[0],
            help="int8, the default, is given up where it would be right less often",
        )
        command.add_argument("--output", type=Path, default=Path("release"), help="a new folder for it (default: ./release)")
        command.add_argument("--json", action="store_true", help="print one JSON document")
    train.add_argument("--intents", type=Path, help="the catalogue of intents (default: the shop's; beside --data, the labels there)")
    train.add_argument(
        "--from", dest="parent", type=Path, metavar="RELEASE", help="go on from this release's classifier instead of the base"
    )
    add_fine_tuning_arguments(train, FineTuningArguments())
    train.set_defaults(run=_train)
    route.set_defaults(run=_route)
    centre = commands.add_parser("centre", help="learn what all texts of a language have in common, for the packaged encoder")
    centre.add_argument("--output", type=Path, default=CENTRES, help="where to write it (default: the shipped file)")
    centre.set_defaults(run=_centre)


def _train(options: argparse.Namespace) -> None:
    from training.loading import general_release
    from training.precision import precise_encoder
    from training.release_training import train_release

    base_name, cache = _places(options)
    arguments, parent = fine_tuning_arguments(options), read_release(options.parent) if options.parent else None
    data, validation, entries = _data(options)
    intents = _intents(options, [*data, *validation], entries)
    work = options.output.with_name(f"{options.output.name}.work")
    with only_one(work):
        encoder = precise_encoder(base_name, cache, *_compared(validation or split(data)[1], entries), options.precision)
        metrics = train_release(
            encoder_folder(base_name, cache),
            encoder,
            data,
            entries,
            intents,
            arguments,
            options.output,
            work,
            validation,
            None if dialogues(data) and entries else general_release(encoder),
            parent,
            options.precision,
        )
    if metrics:
        ReleaseLoader(base_name, cache).classifier(read_release(options.output))  # so that what measures it finds it ready
        _report(options, metrics)


def _intents(options: argparse.Namespace, data: list[Utterance], entries: list[FAQEntry]) -> list[Intent]:
    """The catalogue that is named, the shop's for the shop's data, or what the labels make."""
    if options.intents or not options.data:
        return read_intents(options.intents or STARTER / "intents.yaml")
    return catalogue_of(data, entries)


def _route(options: argparse.Namespace) -> None:
    from training.precision import precise_encoder
    from training.release_training import learn_retrieval_release

    base_name, cache = _places(options)
    data, validation, entries = _data(options)
    encoder = precise_encoder(base_name, cache, *_compared(validation or split(data)[1], entries), options.precision)
    _report(options, learn_retrieval_release(encoder, data, entries, options.output, validation))


def _centre(options: argparse.Namespace) -> None:
    from training.centring import learn_centres

    settings = read_settings()
    encoder = load_encoder(settings.encoder, DataDirectory(settings.data_dir).cache)
    messages = [row.text for row in read_dataset([STARTER / "utterances"]) if stands_alone(row)]
    answers = [variant.answer for entry in read_entries([STARTER_ENTRIES]) for variant in entry.variants.values()]
    learn_centres(encoder, messages, answers).write(options.output, encoder.base_fingerprint)


def _data(options: argparse.Namespace) -> tuple[list[Utterance], list[Utterance], list[FAQEntry]]:
    """What to learn from, what to validate on (none: a part of the first), and the FAQ; the shop's where nothing is named."""
    data = read_dataset(options.data or [STARTER / "utterances"])
    validation = options.validation or ([] if options.data else [STARTER / "validation"])
    entries = options.entries or ([] if options.data else [STARTER_ENTRIES])
    return data, read_dataset(validation) if validation else [], read_entries(entries) if entries else []


def _compared(validation: list[Utterance], entries: list[FAQEntry]) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """What tells how well an encoder finds: the entries' questions, by messages; without entries, messages by others of their intent."""
    if entries:
        known = [(question, entry.id) for entry in entries for variant in entry.variants.values() for question in variant.questions]
        return known, [(row.text, row.faqs[0]) for row in validation if stands_alone(row) and len(row.faqs) == 1]
    texts = [(row.text, row.intent) for row in validation if stands_alone(row)]
    return texts[::2], texts[1::2]


def _places(options: argparse.Namespace) -> tuple[str | None, Path]:
    if options.output.exists():
        raise SettingsError(f"{options.output} exists already; a release is never overwritten. Name a new folder.")
    settings = read_settings()
    return options.base or settings.encoder, DataDirectory(settings.data_dir).cache


def _report(options: argparse.Namespace, metrics: dict[str, object]) -> None:
    print_document({"output": str(options.output), "metrics": metrics}, indented=not options.json)
