"""Makes a release: fine-tunes, calibrates, learns the routing, and writes all of it with its lineage."""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from safetensors.numpy import save_file

from agent.context_model import CONTEXT_FILE
from agent.errors import DatasetError
from agent.intent import CENTROIDS_FILE, IntentClassifier, export_classifier
from agent.intents import OUT_OF_SCOPE, Intent
from agent.looking import Looker
from agent.release import COHORT_FILE, FORMAT, Release, write_manifest
from agent.utterances import Utterance
from knowledge_base.encoder import TextEncoder
from knowledge_base.entry import FAQEntry
from knowledge_base.keywords import entry_words
from knowledge_base.onnx_model import OnnxTextModel
from knowledge_base.spelling import Spelling
from training.arguments import FineTuningArguments
from training.calibration import calibrate
from training.cohort_choice import choose_cohort
from training.costs import Costs
from training.dataset import data_hash, split
from training.decision_learning import learn_decisions
from training.examples import Example, ExampleBuilder, stands_alone
from training.fine_tuning import fine_tune
from training.temporary_index import temporary_retriever

RETRIEVAL_COSTS = Costs(wrong_answer=5.0)  # without a classifier beside it, more of what looks right is wrong


def train_release(
    base: Path,
    encoder: TextEncoder,
    utterances: Sequence[Utterance],
    entries: Sequence[FAQEntry],
    intents: Sequence[Intent],
    arguments: FineTuningArguments,
    output: Path,
    work: Path,
    validation: Sequence[Utterance] = (),
    general: Release | None = None,
    parent: Release | None = None,
) -> dict[str, Any]:
    """Train a release with a classifier.

    Args:
        base: the encoder's folder.
        encoder: the same, loaded.
        utterances: labelled messages and dialogues.
        entries: the FAQ; their questions are training examples too, and routing is learned on them.
        intents: the catalogue.
        arguments: of the fine-tuning.
        output: where the release folder goes; must not exist.
        work: for checkpoints; an interrupted training on the same data goes on from there.
        validation: messages and dialogues as customers write them, none of them among the utterances; a stable fifth of those without.
        general: a release of the same encoder, from which is taken how messages go together where no dialogues show it.
        parent: a release whose classifier is trained on, with the data as they are now; None to begin with the base.

    Returns:
        The metrics, as the release's lineage keeps them.

    Raises:
        DatasetError: an utterance or an entry has an intent that the catalogue lacks, or there are too few utterances.
    """
    training, validation = (list(utterances), list(validation)) if validation else split(utterances)
    training += _questions(entries)
    _check_intents({intent.id for intent in intents} | {OUT_OF_SCOPE}, training, validation)
    builder = ExampleBuilder(training, entries, Spelling(entry_words(entries)), arguments.seed)
    examples = [*builder.alone(training), *builder.on_topics(training), *builder.on_any_topic(training)]
    names = sorted({example.name for example in examples})
    judged = [example for example in [*builder.alone(validation), *builder.on_topics(validation, variants=1)] if example.name in names]
    _check_parent(parent, encoder, names)
    run = work / _run_name(encoder, examples, judged, arguments, parent)
    model = fine_tune(base, encoder.query_prompt, names, examples, judged, arguments, run, parent.folder if parent else None)
    with tempfile.TemporaryDirectory(dir=work) as part:
        staging = Path(part) / "release"
        staging.mkdir()
        model.save(staging)
        export = OnnxTextModel(export_classifier(base, staging, encoder.model.tokenizer, arguments.max_tokens, Path(part) / "export"))
        classifier, metrics = calibrate(export, encoder.query_prompt, names, intents, examples, judged, arguments.max_tokens)
        save_file({"centroids": classifier.calibration.centroids}, staging / CENTROIDS_FILE)
        manifest = {
            **_manifest_head(encoder, intents, names),
            "classifier": {**classifier.calibration.settings.__dict__},
            "lineage": _lineage(training, validation)
            | {
                "arguments": asdict(arguments),
                "parent": {"id": parent.id, "lineage": parent.lineage} if parent else None,
                "versions": {name: version(name) for name in ("torch", "transformers", "peft")},
                "metrics": metrics,
            },
        }
        return _finish(manifest, staging, output, encoder, classifier, builder, training, validation, entries, intents, Costs(), general)


def learn_retrieval_release(
    encoder: TextEncoder,
    utterances: Sequence[Utterance],
    entries: Sequence[FAQEntry],
    output: Path,
    validation: Sequence[Utterance] = (),
) -> dict[str, Any]:
    """Make a release without a classifier: it routes on retrieval alone, for a shop of any size that has only its FAQ yet.

    Args:
        encoder: the encoder.
        utterances: labelled messages and dialogues; the cohort is drawn from them.
        entries: the FAQ that they ask.
        output: where the release folder goes; must not exist.
        validation: as in `train_release`.
    """
    training, validation = (list(utterances), list(validation)) if validation else split(utterances)
    builder = ExampleBuilder(training, entries, Spelling(entry_words(entries)))
    manifest = {**_manifest_head(encoder, [], []), "classifier": None, "lineage": _lineage(training, validation) | {"metrics": {}}}
    with tempfile.TemporaryDirectory() as part:
        staging = Path(part) / "release"
        staging.mkdir()
        return _finish(manifest, staging, output, encoder, None, builder, training, validation, entries, [], RETRIEVAL_COSTS, None)


def _manifest_head(encoder: TextEncoder, intents: Sequence[Intent], labels: Sequence[str]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "encoder": {"fingerprint": encoder.fingerprint},
        "intents": [asdict(intent) for intent in intents],
        "labels": list(labels),
    }


def _lineage(training: Sequence[Utterance], validation: Sequence[Utterance]) -> dict[str, Any]:
    return {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "data_sha256": data_hash([*training, *validation]),
        "examples": {"training": len(training), "validation": len(validation)},
    }


def _finish(
    manifest: dict[str, Any],
    staging: Path,
    output: Path,
    encoder: TextEncoder,
    classifier: IntentClassifier | None,
    builder: ExampleBuilder,
    training: Sequence[Utterance],
    validation: Sequence[Utterance],
    entries: Sequence[FAQEntry],
    intents: Sequence[Intent],
    costs: Costs,
    general: Release | None,
) -> dict[str, Any]:
    """Learn everything that decides, complete the manifest and move the release to its place."""
    cohort = choose_cohort(encoder, [u for u in training if stands_alone(u)])
    cohort.write(staging / COHORT_FILE)
    with temporary_retriever(encoder, entries, cohort) as retriever:
        decisions = learn_decisions(Looker(classifier, retriever), builder, training, validation, intents, costs, general)
    decisions.context.write(staging / CONTEXT_FILE)
    manifest |= {
        "routing": asdict(decisions.routing),
        "parts": asdict(decisions.parts),
        "inherits": dict(decisions.context.inherits_weights),
    }
    manifest["lineage"] |= {"costs": asdict(costs)}
    manifest["lineage"]["metrics"] |= decisions.metrics
    write_manifest(staging, manifest)
    output.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(staging, output)
    metrics: dict[str, Any] = manifest["lineage"]["metrics"]
    return metrics


def _questions(entries: Sequence[FAQEntry]) -> list[Utterance]:
    """The entries' own questions as training examples."""
    return [
        Utterance(question, variant.language, entry.intent, entry.id)
        for entry in entries
        if entry.intent
        for variant in entry.variants.values()
        for question in variant.questions
    ]


def _check_intents(known: set[str], training: Sequence[Utterance], validation: Sequence[Utterance]) -> None:
    unknown = sorted({intent for u in [*training, *validation] for intent in u.intent.split()} - known)
    if unknown:
        raise DatasetError(f"The catalogue of intents has no {', '.join(unknown)}, which utterances or entries name.")
    missing = sorted(known - {u.intent for u in training})
    if missing:
        raise DatasetError(f"There is no utterance to train on for {', '.join(missing)}. Add some.")
    if len({u.intent == OUT_OF_SCOPE for u in validation}) < 2:
        raise DatasetError(f"Validation, a fifth of the utterances, needs both some in scope and some of {OUT_OF_SCOPE}. Add utterances.")


def _check_parent(parent: Release | None, encoder: TextEncoder, names: Sequence[str]) -> None:
    """Refuse a parent whose classifier cannot be trained on."""
    if parent is None:
        return
    parent.require_encoder(encoder.fingerprint)
    if list(parent.labels) != list(names):
        changed = ", ".join(sorted(set(parent.labels) ^ set(names)))
        raise DatasetError(f"Release {parent.id} has other classes than this data ({changed}). Train from the base, without --from.")


def _run_name(
    encoder: TextEncoder, examples: Sequence[Example], judged: Sequence[Example], arguments: FineTuningArguments, parent: Release | None
) -> str:
    """Names what is fine-tuned on what, and how: checkpoints of anything else must not be gone on from."""
    lines = sorted(f"{example.text}\t{example.name}" for example in [*examples, *judged])
    parts = [encoder.fingerprint, lines, asdict(arguments), parent.id if parent else None]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]
