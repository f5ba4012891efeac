"""Makes a release: fine-tunes, calibrates, learns the routing, and writes all of it with its lineage."""

import hashlib
import json
import logging
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file
from tqdm import tqdm

from agent.conversation import IntentPrediction
from agent.evaluation import outcome, summarise
from agent.intent import CENTROIDS_FILE, IntentCalibration, export_classifier, raw_outputs, softmax
from agent.intents import OUT_OF_SCOPE, Intent
from agent.release import COHORT_FILE, FORMAT, ClassifierSettings, write_manifest
from agent.routing import Router
from agent.utterances import DatasetError, Utterance
from knowledge_base.encoder import TextEncoder
from knowledge_base.entry import FAQEntry
from knowledge_base.onnx_model import OnnxTextModel
from training import calibration
from training.arguments import FineTuningArguments
from training.cohort_choice import choose_cohort
from training.dataset import data_hash, split
from training.fine_tuning import fine_tune
from training.route_learning import Case, Costs, learn_routing
from training.shop_simulation import simulated_cases
from training.temporary_index import temporary_retriever

logger = logging.getLogger(__name__)
RETRIEVAL_COSTS = Costs(wrong_answer=3.0)  # without a classifier beside it, more of what looks right is wrong
VALIDATION_NOTE = "thresholds were chosen on the same validation messages, so these rates are optimistic"


def train_release(
    base: Path,
    encoder: TextEncoder,
    utterances: Sequence[Utterance],
    entries: Sequence[FAQEntry],
    intents: Sequence[Intent],
    arguments: FineTuningArguments,
    output: Path,
    work: Path,
) -> dict[str, Any]:
    """Train a release with a classifier.

    Args:
        base: the encoder's folder.
        encoder: the same, loaded.
        utterances: labelled messages; a stable fifth of them validates.
        entries: the FAQ; their questions are training examples too, and routing is learned on them.
        intents: the catalogue.
        arguments: of the fine-tuning.
        output: where the release folder goes; must not exist.
        work: for checkpoints; an interrupted training on the same data goes on from there.

    Returns:
        The metrics, as the release's lineage keeps them.

    Raises:
        DatasetError: an utterance or an entry has an intent that the catalogue lacks, or there are too few utterances.
    """
    labels = [*sorted(intent.id for intent in intents), OUT_OF_SCOPE]
    training, validation = split(utterances)
    training += _questions(entries)
    _check_labels(labels, training, validation)
    run = work / _run_name(encoder, labels, [*training, *validation], arguments)
    model = fine_tune(base, encoder.query_prompt, labels, training, validation, arguments, run)
    with tempfile.TemporaryDirectory(dir=work) as part:
        staging = Path(part) / "release"
        staging.mkdir()
        model.save(staging)
        export = export_classifier(base, staging, encoder.model.tokenizer, arguments.max_tokens, Path(part) / "export")
        predictions, settings, metrics = _calibrate(
            OnnxTextModel(export), encoder.query_prompt, labels, intents, training, validation, staging, arguments
        )
        manifest = {
            **_manifest_head(encoder, intents, labels),
            "classifier": {**settings.__dict__},
            "lineage": {
                "created": datetime.now(UTC).isoformat(timespec="seconds"),
                "data_sha256": data_hash([*training, *validation]),
                "examples": {"training": len(training), "validation": len(validation)},
                "arguments": asdict(arguments),
                "versions": {name: version(name) for name in ("torch", "transformers", "peft")},
                "metrics": metrics,
            },
        }
        cohort = choose_cohort(encoder, training)
        cohort.write(staging / COHORT_FILE)
        with temporary_retriever(encoder, entries, cohort) as retriever:
            pairs = tqdm(zip(validation, predictions, strict=True), desc="Retrieving", total=len(validation))
            cases = [Case(u, p, retriever.search(u.text)) for u, p in pairs]
        return _finish(manifest, staging, cases, intents, entries, Costs(), output)


def learn_retrieval_release(
    encoder: TextEncoder, utterances: Sequence[Utterance], entries: Sequence[FAQEntry], output: Path
) -> dict[str, Any]:
    """Make a release without a classifier: it routes on retrieval alone, for a shop of any size that has only its FAQ yet.

    Args:
        encoder: the encoder.
        utterances: labelled messages; the cohort is drawn from their training part, and of their validation part those are
            used that an entry answers, and out-of-scope ones.
        entries: the FAQ that they ask.
        output: where the release folder goes; must not exist.
    """
    training, validation = split(utterances)
    wanted = [u for u in validation if u.faq or u.intent == OUT_OF_SCOPE]
    cohort = choose_cohort(encoder, training)
    cases = simulated_cases(encoder, cohort, wanted, entries)
    manifest = {
        **_manifest_head(encoder, [], []),
        "classifier": None,
        "lineage": {
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "data_sha256": data_hash(wanted),
            "examples": {"validation": len(cases)},
            "metrics": {},
        },
    }
    with tempfile.TemporaryDirectory() as part:
        staging = Path(part) / "release"
        staging.mkdir()
        cohort.write(staging / COHORT_FILE)
        return _finish(manifest, staging, cases, [], entries, RETRIEVAL_COSTS, output)


def _manifest_head(encoder: TextEncoder, intents: Sequence[Intent], labels: Sequence[str]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "encoder": {"fingerprint": encoder.fingerprint},
        "intents": [asdict(intent) for intent in intents],
        "labels": list(labels),
    }


def _calibrate(
    model: OnnxTextModel,
    prompt: str,
    labels: Sequence[str],
    intents: Sequence[Intent],
    training: Sequence[Utterance],
    validation: Sequence[Utterance],
    staging: Path,
    arguments: FineTuningArguments,
) -> tuple[list[IntentPrediction], ClassifierSettings, dict[str, Any]]:
    """Fit everything between logits and probabilities; returns the validation messages' predictions, too."""
    logger.info("Calibrating on %d validation messages ...", len(validation))
    known, _ = raw_outputs(model, prompt, [u.text for u in training])
    representations, logits = raw_outputs(model, prompt, [u.text for u in validation])
    targets = calibration.places_of(labels, [u.intent for u in validation])
    temperature = calibration.fit_temperature(logits, targets)
    centroids = calibration.class_centroids(known, calibration.places_of(labels, [u.intent for u in training]), labels)
    save_file({"centroids": centroids}, staging / CENTROIDS_FILE)
    is_out = calibration.is_out_of_scope([u.intent for u in validation])
    weights, auroc = calibration.fit_out_of_scope(representations, logits / temperature, labels, centroids, is_out)
    settings = ClassifierSettings(prompt, arguments.max_tokens, temperature, weights)
    predictions = IntentCalibration(settings, labels, {i.id: i.act for i in intents}, centroids).predictions(representations, logits)
    right = np.array([p.label == u.intent for p, u in zip(predictions, validation, strict=True)])
    by_language = {name: float(right[[u.language == name for u in validation]].mean()) for name in sorted({u.language for u in validation})}
    metrics = {
        "intent_accuracy": {**by_language, "all": float(right.mean())},
        "expected_calibration_error": calibration.expected_calibration_error(softmax(logits / temperature), targets),
        "out_of_scope_auroc": auroc,
    }
    return predictions, settings, metrics


def _finish(
    manifest: dict[str, Any],
    staging: Path,
    cases: Sequence[Case],
    intents: Sequence[Intent],
    entries: Sequence[FAQEntry],
    costs: Costs,
    output: Path,
) -> dict[str, Any]:
    """Learn the routing, complete the manifest and move the release to its place."""
    logger.info("Learning the routing on %d validation messages ...", len(cases))
    catalogue = {intent.id: intent for intent in intents}
    covered = {entry.intent for entry in entries if entry.intent}
    routing = learn_routing(cases, catalogue, covered, costs)
    manifest["routing"] = asdict(routing)
    router = Router(routing, catalogue)
    outcomes = [
        outcome(case.row, case.prediction, router.route(case.prediction, case.candidates, covered, asked_back=False)) for case in cases
    ]
    manifest["lineage"] |= {"costs": asdict(costs)}
    manifest["lineage"]["metrics"] |= {"routing_on_validation": summarise(outcomes), "note": VALIDATION_NOTE}
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


def _check_labels(labels: Sequence[str], training: Sequence[Utterance], validation: Sequence[Utterance]) -> None:
    unknown = sorted({u.intent for u in [*training, *validation]} - set(labels))
    if unknown:
        raise DatasetError(f"The catalogue of intents has no {', '.join(unknown)}, which utterances or entries name.")
    missing = sorted(set(labels) - {u.intent for u in training})
    if missing:
        raise DatasetError(f"There is no utterance to train on for {', '.join(missing)}; a fifth is kept for validation. Add some.")
    if len({u.intent == OUT_OF_SCOPE for u in validation}) < 2:
        raise DatasetError(f"Validation, a fifth of the utterances, needs both some in scope and some of {OUT_OF_SCOPE}. Add utterances.")


def _run_name(encoder: TextEncoder, labels: Sequence[str], utterances: Sequence[Utterance], arguments: FineTuningArguments) -> str:
    """Names what is fine-tuned on what, and how: checkpoints of anything else must not be gone on from."""
    parts = [encoder.fingerprint, list(labels), data_hash(utterances), asdict(arguments)]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]
