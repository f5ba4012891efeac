"""Makes a release: fine-tunes, calibrates, learns the routing, and writes all of it with its lineage."""

import hashlib
import json
import logging
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from accelerate import PartialState
from safetensors import SafetensorError

from agent.context_model import CONTEXT_FILE
from agent.intent import IntentClassifier
from agent.intents import Intent
from agent.out_of_scope import OUT_OF_SCOPE_FILE
from agent.release import CLASSIFIER_FOLDER, COHORT_FILE, FORMAT, Release, write_manifest
from agent.utterances import Utterance
from knowledge_base.encoder import TextEncoder
from knowledge_base.entry import FAQEntry
from knowledge_base.errors import StorageError
from knowledge_base.keywords import entry_words
from knowledge_base.quantisation import Precision
from knowledge_base.retrieval import Retriever
from knowledge_base.spelling import Spelling
from knowledge_base.temporary_index import temporary_index
from training.arguments import FineTuningArguments
from training.calibration import calibrate
from training.catalogue import check_labels
from training.cohort_choice import choose_cohort
from training.costs import Costs
from training.dataset import data_hash, split
from training.decision_learning import decisions_without_entries, learn_decisions
from training.examples import Example, ExampleBuilder, stands_alone
from training.fine_tuning import fine_tune
from training.fusion_learning import TO_BEGIN_WITH, learn_fusion
from training.insights.profile import training_profile
from training.precision import precise_classifier
from training.remembering import RememberingLooker
from training.replay import replayed
from training.shop_simulation import kinds_of_shops

logger = logging.getLogger(__name__)

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
    precision: Precision = "int8",
    fresh: Collection[Utterance] = (),
    dataset: Mapping[str, object] | None = None,
) -> dict[str, Any]:
    """Train a release with a classifier. Started with ``accelerate launch``, all processes train and the first one writes it.

    Args:
        base: the encoder's folder.
        encoder: the same, loaded.
        utterances: labelled messages and dialogues.
        entries: the FAQ; their questions are training examples too, and routing is learned on them. Where there are none, the release
            answers as the general one does, or not at all.
        intents: the catalogue.
        arguments: of the fine-tuning.
        output: where the release folder goes; must not exist.
        work: for checkpoints, beside the output; an interrupted training on the same data goes on from there.
        validation: messages and dialogues as customers write them, none of them among the utterances; a stable fifth of those without.
        general: a release of the same encoder, from which is taken how messages go together where no dialogues show it.
        parent: a release whose classifier is trained on, with the data as they are now; None to begin with the base.
        precision: of the classifier as it serves; ``int8`` is given up where it would be right less often, see `precise_classifier`.
        fresh: those of the utterances that the parent has not learned; all of them are learned from, see `FineTuningArguments.replay`.
        dataset: names the frozen dataset that the utterances are, for the lineage.

    Returns:
        The metrics, as the release's lineage keeps them; empty in all processes but the first.

    Raises:
        DatasetError: an utterance or an entry has an intent that the catalogue lacks, or there are too few utterances.
    """
    training, validation = (list(utterances), list(validation)) if validation else split(utterances)
    training += _questions(entries)
    check_labels(intents, training, validation)
    builder = ExampleBuilder(training, entries, Spelling(entry_words(entries)), arguments.seed)
    learned = replayed(training, fresh, arguments.replay, arguments.seed)
    examples = [*builder.alone(learned), *builder.on_topics(learned), *builder.on_any_topic(learned)]
    names = sorted({example.name for example in examples})
    judged = [example for example in [*builder.alone(validation), *builder.on_topics(validation, variants=1)] if example.name in names]
    if parent:
        parent.require_base(encoder.base_fingerprint)
    run = work / _run_name(encoder, examples, judged, arguments, parent)
    model = fine_tune(
        base,
        encoder.query_prompt,
        names,
        examples,
        judged,
        arguments,
        run,
        parent.folder / CLASSIFIER_FOLDER if parent else None,
        parent.labels if parent else None,
    )
    if not PartialState().is_main_process:
        return {}
    with _staging(output, work) as staging:
        model.save(staging / CLASSIFIER_FOLDER)
        prompt, longest = encoder.query_prompt, arguments.max_tokens
        with tempfile.TemporaryDirectory(dir=work) as part:
            export, precision = precise_classifier(
                model, base, staging / CLASSIFIER_FOLDER, prompt, names, judged, longest, Path(part), precision
            )
            classifier, metrics = calibrate(export, prompt, names, intents, examples, judged, longest, precision)
            classifier.calibration.scope.write(staging / OUT_OF_SCOPE_FILE)
            predictions = classifier.predict([example.text for example in builder.alone(validation)])
            manifest = {
                **_manifest_head(encoder, intents, names),
                "classifier": asdict(classifier.calibration.settings),
                "lineage": _lineage(training, validation)
                | {
                    "arguments": asdict(arguments),
                    "dataset": dataset,
                    "parent": {"id": parent.id, "lineage": parent.lineage} if parent else None,
                    "versions": {name: version(name) for name in ("torch", "transformers", "peft")},
                    "metrics": metrics,
                    "profile": training_profile(training, validation, predictions).to_dict(),
                },
            }
            return _finish(manifest, staging, encoder, classifier, builder, training, validation, entries, intents, Costs(), general)


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
    with _staging(output, output.parent) as staging:
        return _finish(manifest, staging, encoder, None, builder, training, validation, entries, [], RETRIEVAL_COSTS, None)


@contextmanager
def _staging(output: Path, work: Path) -> Iterator[Path]:
    """A folder to fill, which becomes the output in one step once it is whole.

    Raises:
        StorageError: the disk refused; there is no output then.
    """
    try:
        work.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{output.name}.", dir=work) as part:
            staging = Path(part) / output.name
            staging.mkdir()
            yield staging
            staging.rename(output)
    except (OSError, SafetensorError) as error:
        raise StorageError(
            f"The release could not be written to {output}: {error}. Check free space and permissions; what was trained is kept in {work}."
        ) from error


def _manifest_head(encoder: TextEncoder, intents: Sequence[Intent], labels: Sequence[str]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "encoder": {"base": encoder.base_fingerprint, "precision": encoder.precision},
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
    """Learn everything that decides, and complete the manifest."""
    if entries:
        cohort = choose_cohort(encoder, [u for u in training if stands_alone(u)])
        # Without a classifier, it is to serve any shop.
        shops = [entries] if classifier else kinds_of_shops(entries)
        fusion = learn_fusion(encoder, cohort, shops, [u for u in validation if stands_alone(u) and len(u.faqs) == 1])
        with temporary_index(encoder, entries) as index:
            looker = RememberingLooker(classifier, Retriever(index, cohort, fusion))
            decisions = learn_decisions(looker, builder, training, validation, intents, costs, general)
    else:
        logger.info("There are no entries: %s.", f"the release answers as {general.id} does" if general else "the release answers nothing")
        cohort = general.cohort() if general else choose_cohort(encoder, [u for u in training if stands_alone(u)])
        decisions = decisions_without_entries(general, encoder.dimensions)
        fusion = general.fusion if general else TO_BEGIN_WITH
    cohort.write(staging / COHORT_FILE)
    decisions.context.write(staging / CONTEXT_FILE)
    manifest |= {
        "fusion": asdict(fusion),
        "routing": asdict(decisions.routing),
        "parts": asdict(decisions.parts),
        "inherits": dict(decisions.context.inherits_weights),
    }
    manifest["lineage"] |= {"costs": asdict(costs)}
    manifest["lineage"]["metrics"] |= decisions.metrics
    write_manifest(staging, manifest)
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


def _run_name(
    encoder: TextEncoder, examples: Sequence[Example], judged: Sequence[Example], arguments: FineTuningArguments, parent: Release | None
) -> str:
    """Names what is fine-tuned on what, and how: checkpoints of anything else must not be gone on from."""
    lines = sorted(f"{example.text}\t{example.name}" for example in [*examples, *judged])
    parts = [encoder.base_fingerprint, lines, asdict(arguments), parent.id if parent else None]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]
