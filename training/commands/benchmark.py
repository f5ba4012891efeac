"""``python -m training benchmark ...``: classifier and clusters on public sets, beside plain ones, and how fast a text is read."""

import argparse
import logging
import sys
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tqdm import tqdm

from agent.data_directory import BASE_RELEASE, DataDirectory
from agent.release import read_release
from agent.release_loader import ReleaseLoader
from agent.settings import read_settings
from knowledge_base.encoder import encoder_folder, query_prompt
from knowledge_base.errors import SettingsError
from knowledge_base.machine import machine
from training.arguments import FineTuningArguments
from training.augmentation import augmented
from training.benchmarks.public_sets import IntentSet, read_banking77, read_clinc150
from training.commands import loop_benchmark
from training.commands.arguments import add_fine_tuning_arguments, fine_tuning_arguments
from training.commands.printing import print_document, say
from training.commands.train import STARTER

logger = logging.getLogger(__name__)

PACKAGED = "packaged"
CLOSED = FineTuningArguments(method="full", epochs=8, learning_rate=1e-4, label_smoothing=0.1)
SHORT = ("where is my parcel?", "how do I return a kettle", "退款多久到账", "can I pay with two cards")
SHOWN = {"accuracy": "accuracy", "in_scope_accuracy": "in scope", "oos_recall": "oos recall", "oos_auroc": "oos AUROC", "ece": "ECE"}
CLUSTERS_SHOWN = {"purity": "purity", "purity_without_noise": "without noise", "nmi": "NMI", "ari": "adjusted Rand", "noise": "noise"}


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    benchmark = commands.add_parser("benchmark", help="measure on a public set")
    kinds = benchmark.add_subparsers(dest="kind", required=True)
    for name, place in (("banking77", "the folder with train.csv and test.csv"), ("clinc150", "data_full.json")):
        kind = kinds.add_parser(name)
        kind.add_argument("--data", type=Path, required=True, help=place)
        kind.add_argument(
            "--base",
            nargs="+",
            help="encoders: folders or hub names, 'packaged' for the packaged one; of several the mean counts (default: the packaged one)",
        )
        kind.add_argument("--seeds", type=int, default=3)
        kind.add_argument("--shots", type=int, help="so many training examples a class only, drawn anew for each seed")
        kind.add_argument(
            "--held-out", action="store_true", help="with --shots: judge on examples that were not drawn, not on the test part"
        )
        kind.add_argument("--disturbed", action="store_true", help="judge on texts as people mistype them")
        kind.add_argument("--plain", action=argparse.BooleanOptionalAction, default=True, help="measure plain classifiers beside it")
        add_fine_tuning_arguments(kind, CLOSED)
        kind.add_argument(
            "--work", type=Path, default=Path("benchmark.work"), help="for checkpoints: an interrupted run goes on from there"
        )
        kind.add_argument("--json", action="store_true", help="print one JSON document")
        kind.set_defaults(run=_run)
    clusters = kinds.add_parser("clusters", help="clusters of utterances against the intents that people gave them")
    clusters.add_argument("--data", type=Path, required=True, help="the folder with test-banking, test-finance ... of DSTC 11 track 2")
    clusters.add_argument("--json", action="store_true", help="print one JSON document")
    clusters.set_defaults(run=_clusters)
    loop_benchmark.add_to(kinds)
    speed = kinds.add_parser("speed", help="one short text with torch and as it serves")
    speed.add_argument("--model", type=Path, default=STARTER / "release", metavar="DIR", help="a release folder (default: the shop's)")
    speed.add_argument("--base", help="its encoder: a folder or hub name (default: FRONTDESK_ENCODER, or the packaged one)")
    speed.add_argument("--json", action="store_true", help="print one JSON document")
    speed.set_defaults(run=_speed)


def _clusters(options: argparse.Namespace) -> None:
    from training.benchmarks.clusters import measure_clusters, read_parts
    from training.clustering import UtteranceClusterer

    parts, settings, release = read_parts(options.data), read_settings(), read_release(BASE_RELEASE)
    encoder = ReleaseLoader(settings.encoder, DataDirectory(settings.data_dir).cache).encoder(release)
    figures = measure_clusters(encoder, UtteranceClusterer(release.cohort()), parts)
    if options.json:
        print_document({**figures, "machine": machine(), "versions": {name: version(name) for name in ("scikit-learn", "scipy")}})
        return
    for part, found in figures.items():
        shown = [f"{title} {found[key]:.2%}" for key, title in CLUSTERS_SHOWN.items()]
        clusters = f"{found['clusters']} clusters (median {found['median_size']:.0f})"
        counts = f"{found['utterances']} utterances, {found['intents']} intents, {clusters}"
        say(f"{part}: {counts}; {', '.join(shown)}")


def _speed(options: argparse.Namespace) -> None:
    from training.benchmarks.speed import measure_speed

    settings = read_settings()
    figures = measure_speed(read_release(options.model), options.base or settings.encoder, DataDirectory(settings.data_dir).cache, SHORT)
    if options.json:
        print_document({**figures, "machine": machine(), "versions": {name: version(name) for name in ("torch", "onnxruntime")}})
        return
    for part, times in figures.items():
        say(f"{part}: {times['torch_ms']:.1f} ms with torch, {times['onnx_ms']:.1f} ms as it serves, {times['times']:.1f} times faster")


def _run(options: argparse.Namespace) -> None:
    from training.benchmarks.intents import fine_tuned, frozen, summarise, tf_idf  # takes seconds; wrong use is told at once

    if options.held_out and not options.shots:
        raise SettingsError("--held-out goes with --shots: of the whole set no training examples are left to judge on.")
    settings = read_settings()
    cache = DataDirectory(settings.data_dir).cache
    names = options.base or [settings.encoder or PACKAGED]
    folders = {name: encoder_folder(None if name == PACKAGED else name, cache) for name in names}
    bases = {name: (folder, query_prompt(folder)) for name, folder in folders.items()}
    arguments = fine_tuning_arguments(options)
    whole = read_banking77(options.data) if options.kind == "banking77" else read_clinc150(options.data)
    runs: dict[str, list[dict[str, float]]] = {}
    for seed in tqdm(range(options.seeds), desc="Seeds", file=sys.stderr):
        data = whole.few(options.shots, seed, held_out=options.held_out) if options.shots else whole
        data = replace(data, test=augmented(data.test, 1.0, seed)) if options.disturbed else data
        work = Path(options.work) / f"{options.kind}-{seed}"
        own = replace(arguments, seed=seed)
        for name, figures in fine_tuned(bases, data, own, work).items():
            logger.info("Seed %d, %s: %s", seed, name, {key: round(value, 4) for key, value in figures.items()})
            runs.setdefault(name, []).append(figures)
        if options.plain and (options.shots or not seed):  # on the whole set no seed changes them
            for name, (base, prompt) in bases.items():
                runs.setdefault(f"{name}, frozen", []).append(frozen(base, prompt, data, own, work / "frozen"))
            runs.setdefault("TF-IDF", []).append(tf_idf(data))
    _report(options, names, whole, arguments, {name: summarise(figures) for name, figures in runs.items()})


def _report(
    options: argparse.Namespace, names: list[str], data: IntentSet, arguments: FineTuningArguments, figures: dict[str, Any]
) -> None:
    document = {
        "set": data.name,
        "base": names,
        "seeds": options.seeds,
        "shots": options.shots,
        **figures["fine_tuned"],
        "beside": {name: values for name, values in figures.items() if name != "fine_tuned"},
        "arguments": asdict(arguments),
        "machine": machine(),
        "versions": {name: version(name) for name in ("torch", "transformers", "peft")},
    }
    if options.json:
        print_document(document)
        return
    for name, values in figures.items():
        shown = [f"{title} {values[key]['mean']:.2%} ± {values[key]['std']:.2%}" for key, title in SHOWN.items() if key in values]
        seconds, millions, latency = (values[key]["mean"] for key in ("training_s", "million_parameters", "latency_ms"))
        cost = f"{seconds:.0f} s, {millions:.1f} M parameters, {latency:.1f} ms a text"
        say(f"{name}: {', '.join(shown)}; {cost}")
