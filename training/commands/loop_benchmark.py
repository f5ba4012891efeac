"""``python -m training benchmark loop``: whether choosing what people label pays."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from tqdm import tqdm

from agent.data_directory import DataDirectory
from agent.settings import read_settings
from knowledge_base.encoder import load_encoder
from knowledge_base.errors import SettingsError
from knowledge_base.machine import machine
from training.benchmarks.public_sets import read_clinc150
from training.commands.printing import print_document, say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from knowledge_base.encoder import TextEncoder
    from knowledge_base.onnx_model import Array


def add_to(kinds: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    loop = kinds.add_parser("loop", help="messages chosen for review against messages drawn, in rounds of labels")
    loop.add_argument("--data", type=Path, required=True, help="CLINC150's data_full.json")
    loop.add_argument("--base", help="the encoder: a folder or hub name (default: FRONTDESK_ENCODER, or the packaged one)")
    loop.add_argument("--seeds", type=int, default=3)
    loop.add_argument("--first-seed", type=int, default=0, help="the seeds go on from this one (default: 0)")
    loop.add_argument("--validation", action="store_true", help="judge on the validation part, to choose by")
    loop.add_argument("--plot", type=Path, metavar="FILE", help="write both courses as a picture (.png or .svg)")
    loop.add_argument("--json", action="store_true", help="print one JSON document")
    loop.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> None:
    from dataclasses import replace
    from importlib.metadata import version

    from training.benchmarks.loop import audit_batches, draw_stream, label_in_rounds, summarise

    if options.seeds < 1:
        raise SettingsError("--seeds must be 1 or more.")
    data, settings = read_clinc150(options.data), read_settings()
    data = replace(data, test=data.validation) if options.validation else data
    encoder = load_encoder(options.base or settings.encoder, DataDirectory(settings.data_dir).cache)
    encode = _remembering(encoder, sorted({one.text for part in (data.training, data.test) for one in part}))
    courses: dict[str, list[Any]] = {"selected": [], "random": []}
    audits: list[tuple[bool, bool]] = []
    seeds = range(options.first_seed, options.first_seed + options.seeds)
    for seed in tqdm(seeds, desc="Seeds", file=sys.stderr):
        stream = draw_stream(data, seed)
        for name, found in courses.items():
            found.append(label_in_rounds(stream, encode, seed, chosen=name == "selected"))
            audits += audit_batches(encode, stream, found[-1], seed)
    figures = summarise(courses["selected"], courses["random"])
    clean, poisoned = (float(np.mean([pair[place] for pair in audits])) for place in (0, 1))
    audit = {"batches": len(audits), "clean_passed": clean, "poisoned_refused": 1 - poisoned}
    document = {
        "set": "clinc150, validation part" if options.validation else "clinc150",
        "seeds": list(seeds),
        **figures,
        "audit": audit,
        "machine": machine(),
        "versions": {name: version(name) for name in ("scikit-learn", "onnxruntime")},
    }
    if options.plot:
        from training.plots import write_courses

        write_courses(options.plot, figures["by_seed"], "macro-F1 on the test part", "rounds of 300 labels")
    if options.json:
        print_document(document)
        return
    _print(document)


def _remembering(encoder: "TextEncoder", texts: "Sequence[str]") -> "Callable[[Sequence[str]], Array]":
    """Embed texts once."""
    with tqdm(total=len(texts), desc="Embedding", file=sys.stderr) as shown:
        vectors = encoder.encode_queries(texts, shown.update)
    places = {text: place for place, text in enumerate(texts)}
    return lambda wanted: vectors[[places[text] for text in wanted]]


def _print(document: dict[str, Any]) -> None:
    from training.benchmarks.loop import LABELS

    say(f"macro-F1 on {document['set']}, mean of {len(document['seeds'])} seeds; at the start {document['start']:.1%}")
    say(f"{'labels':>8} {'selected':>9} {'random':>9}")
    for round_, (one, other) in enumerate(zip(document["selected"], document["random"], strict=True), start=1):
        say(f"{round_ * LABELS:8} {one:9.1%} {other:9.1%}")
    difference, audit = document["difference"], document["audit"]
    interval = "one seed has no interval"
    if difference["interval"]:
        low, high = difference["interval"]
        interval = f"{low:+.1%} to {high:+.1%}, paired 95 % interval"
    say(f"Selected is better by {difference['mean']:+.1%} after the last round ({interval}).")
    say(
        f"Of {audit['batches']} batches {audit['clean_passed']:.1%} passed the audit as they are; "
        f"with a fifth of the labels flipped {audit['poisoned_refused']:.1%} were refused."
    )
