"""Trains the pair classifier of the grounding check, and chooses from which probability on a sentence passes."""

import logging
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.torch import load_file, save_file

from agent.grounding.check import GroundingCheck
from agent.grounding.pair_classifier import FORMAT, LABELS, PROMPT, PairClassifier, PairSettings, read_pair_settings, write_pair_settings
from agent.grounding.pair_text import pair_text
from agent.grounding.rules import contradiction
from agent.intent import export_classifier, raw_outputs
from knowledge_base.encoder import folder_fingerprint
from knowledge_base.errors import StorageError
from knowledge_base.normalisation import normalise
from knowledge_base.onnx_model import OnnxTextModel
from training.arguments import FineTuningArguments
from training.calibration import fit_temperature, places_of
from training.examples import Example
from training.fine_tuning import fine_tune
from training.grounding.data import UNSUPPORTED, Pair
from training.grounding.retelling import retold
from training.grounding.variants import variants, with_evidence

CAUGHT = 0.98  # of the unsupported validation sentences, rules and classifier together

logger = logging.getLogger(__name__)


def train_grounding(
    base: Path,
    training: Sequence[Pair],
    validation: Sequence[Pair],
    courtesy: dict[str, list[str]],
    arguments: FineTuningArguments,
    output: Path,
    work: Path,
    parent: Path | None = None,
) -> dict[str, Any]:
    """Fine-tune the encoder on labelled sentences and their variants, and write what the check needs.

    Args:
        base: the packaged encoder's folder.
        training: labelled sentences.
        validation: of other domains; they choose temperature and thresholds.
        courtesy: the vocabulary of what claims nothing, see `courtesy_vocabulary`.
        arguments: of the fine-tuning.
        output: where the folder goes; must not exist.
        work: for checkpoints.
        parent: a trained check to go on from; None to begin with the encoder.

    Returns:
        How it does on the validation sentences.
    """
    training = with_evidence(training, arguments.seed)
    pairs = [*training, *variants(training, arguments.seed), *retold(training, arguments.seed)]
    logger.info("Training on %d sentences, %d of them labelled by hand ...", len(pairs), len(training))
    model = fine_tune(base, PROMPT, LABELS, _examples(pairs), _examples(validation), arguments, work, parent)
    try:
        work.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=work) as part:
            staging = Path(part) / output.name
            model.save(staging)
            _halve(staging)
            export = OnnxTextModel(export_classifier(base, staging, arguments.max_tokens, Path(part) / "export", "int8"))
            logits = raw_outputs(export, PROMPT, [pair_text(pair.sentence, pair.evidence) for pair in validation])[1]
            temperature = fit_temperature(logits, places_of(LABELS, [pair.label for pair in validation]))
            settings = PairSettings(FORMAT, folder_fingerprint(base), arguments.max_tokens, temperature, {}, courtesy, {})
            for language in sorted({pair.language for pair in validation}):
                judged = [pair for pair in validation if pair.language == language]
                settings.thresholds[language] = _threshold(PairClassifier(export, settings), judged)
            metrics = measure(GroundingCheck(PairClassifier(export, settings)), validation)
            lineage = {
                "created": datetime.now(UTC).isoformat(timespec="seconds"),
                "parent": read_pair_settings(parent).lineage if parent else None,
                "sentences": {"training": len(training), "with_variants": len(pairs), "validation": len(validation)},
                "arguments": vars(arguments),
                "validation": metrics,
            }
            write_pair_settings(staging, PairSettings(**{**vars(settings), "lineage": lineage}))
            staging.rename(output)
    except OSError as error:
        raise StorageError(f"The grounding check could not be written to {output}: {error}. Check free space and permissions.") from error
    return metrics


def _halve(folder: Path) -> None:
    """Keep what was trained in half precision: half the size, and the same verdicts."""
    for file in folder.rglob("*.safetensors"):
        save_file({name: tensor.half() for name, tensor in load_file(file).items()}, file, metadata={"format": "pt"})


def measure(check: GroundingCheck, pairs: Sequence[Pair]) -> dict[str, Any]:
    """The shares of unsupported sentences caught and of supported ones rejected, by language, and caught by kind."""
    verdicts = check.check_all([(pair.sentence, pair.evidence) for pair in pairs], [pair.language for pair in pairs])
    rejected = np.array([not verdict.supported for verdict in verdicts])
    wrong = np.array([pair.label == UNSUPPORTED for pair in pairs])
    languages = np.array([pair.language for pair in pairs])
    kinds = np.array([pair.kind for pair in pairs])

    def share(chosen: Any) -> float | None:
        """Of the chosen sentences that are rejected."""
        return round(float(rejected[chosen].mean()), 4) if chosen.any() else None

    return {
        "caught": {language: share(wrong & (languages == language)) for language in sorted(set(languages.tolist()))},
        "rejected_though_supported": {language: share(~wrong & (languages == language)) for language in sorted(set(languages.tolist()))},
        "caught_by_kind": {kind: share(wrong & (kinds == kind)) for kind in sorted(set(kinds[wrong].tolist()))},
    }


def _threshold(pairs: PairClassifier, validation: Sequence[Pair]) -> float:
    """The least probability at which so much of what is unsupported is caught, by rules or by the classifier, as was asked for."""
    wrong = [pair for pair in validation if pair.label == UNSUPPORTED]
    unseen = [pair for pair in wrong if contradiction(pair.sentence, pair.evidence) is None]
    probabilities = pairs.probabilities([(pair.sentence, pair.evidence) for pair in unseen])
    ranked = np.sort(1.0 - probabilities[:, LABELS.index(UNSUPPORTED)])[::-1]
    may_pass = int((1 - CAUGHT) * len(wrong))
    return round(min(float(ranked[min(may_pass, len(ranked) - 1)]) + 1e-4, 0.9999), 4)


def _examples(pairs: Sequence[Pair]) -> list[Example]:
    return [Example(normalise(pair_text(pair.sentence, pair.evidence)), pair.label) for pair in pairs]
