"""``python -m training train`` and ``route``: make releases."""

import argparse
from pathlib import Path

from agent.data_directory import BASE_RELEASE, DataDirectory
from agent.intents import read_intents
from agent.release import Release, read_release
from agent.settings import read_settings
from agent.utterances import Utterance, dialogues
from knowledge_base.encoder import TextEncoder, encoder_folder, load_encoder
from knowledge_base.entry_files import read_entries
from knowledge_base.errors import SettingsError
from training.arguments import FineTuningArguments
from training.commands.arguments import add_fine_tuning_arguments, fine_tuning_arguments
from training.commands.printing import print_document
from training.dataset import read_dataset

ROOT = Path(__file__).parents[2]
STARTER = ROOT / "training" / "starter"


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the commands."""
    train = commands.add_parser("train", help="fine-tune the classifier and learn the routing")
    route = commands.add_parser("route", help="learn the routing on retrieval alone, without a classifier")
    for command in (train, route):
        command.add_argument("--data", nargs="+", type=Path, default=[STARTER / "utterances"], help="CSV, JSONL or YAML files, or folders")
        command.add_argument(
            "--validation",
            nargs="+",
            type=Path,
            help="CSV files or folders that are only validated on (default: the starter's, or a fifth of --data)",
        )
        command.add_argument(
            "--entries", nargs="+", type=Path, default=[ROOT / "knowledge_base/starter/entries"], help="FAQ files or folders"
        )
        command.add_argument("--base", help="the encoder: a folder or hub name (default: FRONTDESK_ENCODER, or the packaged one)")
        command.add_argument("--output", type=Path, default=Path("release"), help="a new folder for it (default: ./release)")
        command.add_argument("--json", action="store_true", help="print one JSON document")
    train.add_argument("--intents", type=Path, default=STARTER / "intents.yaml", help="the catalogue of intents")
    train.add_argument(
        "--from", dest="parent", type=Path, metavar="RELEASE", help="go on from this release's classifier instead of the base"
    )
    add_fine_tuning_arguments(train, FineTuningArguments())
    train.set_defaults(run=_train)
    route.set_defaults(run=_route)


def _train(options: argparse.Namespace) -> None:
    from training.release_training import train_release

    base_name, cache = _places(options)
    encoder = load_encoder(base_name, cache)
    work = options.output.with_name(f"{options.output.name}.work")
    work.mkdir(parents=True, exist_ok=True)
    arguments = fine_tuning_arguments(options)
    base = encoder_folder(base_name, cache)
    data, entries, intents = read_dataset(options.data), read_entries(options.entries), read_intents(options.intents)
    metrics = train_release(
        base,
        encoder,
        data,
        entries,
        intents,
        arguments,
        options.output,
        work,
        _validation(options),
        None if dialogues(data) else _general(encoder),
        read_release(options.parent) if options.parent else None,
    )
    _report(options, metrics)


def _general(encoder: TextEncoder) -> Release | None:
    """The release that knows how messages go together, if it was made with this encoder."""
    release = read_release(BASE_RELEASE)
    return release if release.encoder_fingerprint == encoder.fingerprint else None


def _route(options: argparse.Namespace) -> None:
    from training.release_training import learn_retrieval_release

    base_name, cache = _places(options)
    encoder = load_encoder(base_name, cache)
    data, entries = read_dataset(options.data), read_entries(options.entries)
    _report(options, learn_retrieval_release(encoder, data, entries, options.output, _validation(options)))


def _validation(options: argparse.Namespace) -> list[Utterance]:
    """The validation part where it is named, or where the training part is the starter's; none where a part of that is to be taken."""
    paths = options.validation or ([STARTER / "validation"] if options.data == [STARTER / "utterances"] else [])
    return read_dataset(paths) if paths else []


def _places(options: argparse.Namespace) -> tuple[str | None, Path]:
    if options.output.exists():
        raise SettingsError(f"{options.output} exists already; a release is never overwritten. Name a new folder.")
    settings = read_settings()
    return options.base or settings.encoder, DataDirectory(settings.data_dir).cache


def _report(options: argparse.Namespace, metrics: dict[str, object]) -> None:
    print_document({"output": str(options.output), "metrics": metrics}, indented=not options.json)
