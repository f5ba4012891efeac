"""Fine-tuned classifiers on a public intent set, beside plain ones, with what they cost."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import FeatureUnion
from transformers import AutoTokenizer

from agent.intent import softmax
from agent.intent_model import IntentModel
from agent.intents import OUT_OF_SCOPE
from knowledge_base.normalisation import normalise
from knowledge_base.onnx_model import Array
from training.arguments import FineTuningArguments
from training.benchmarks.public_sets import IntentSet
from training.calibration import expected_calibration_error, fit_temperature, places_of
from training.examples import Example
from training.fine_tuning import fine_tune
from training.out_of_scope_fitting import describe_scope, fit_score, rejection_thresholds
from training.tokens import Collator, bf16_pays, encode, outputs

Figures = dict[str, float]
PARTS = ("training", "validation", "test")


def judge(logits: Mapping[str, Array], representations: Mapping[str, Array], data: IntentSet) -> Figures:
    """Figures of a classifier on the test part; everything that is chosen is chosen on the validation part.

    Args:
        logits: by part (training, validation, test), (texts, labels) in the order of `data.labels`.
        representations: by part, (texts, hidden).
        data: the set.
    """
    labels = data.labels
    targets = {part: places_of(labels, [e.name for e in getattr(data, part)]) for part in logits}
    temperature = fit_temperature(logits["validation"], targets["validation"])
    scaled = {part: values / temperature for part, values in logits.items()}
    if OUT_OF_SCOPE not in labels:
        return _closed(scaled["test"], targets["test"])
    return _open(scaled, representations, targets, labels)


def _closed(logits: Array, targets: Array) -> Figures:
    probabilities = softmax(logits)
    right = probabilities.argmax(axis=1) == targets
    return {"accuracy": float(right.mean()), "ece": expected_calibration_error(probabilities.max(axis=1), right)}


def _open(
    logits: Mapping[str, Array], representations: Mapping[str, Array], targets: Mapping[str, Array], labels: Sequence[str]
) -> Figures:
    """With messages out of scope: one operating point, and rejected messages in scope count as wrong."""
    outside = labels.index(OUT_OF_SCOPE)
    model = describe_scope(representations["training"], targets["training"], labels)
    model, _ = fit_score(model, representations["validation"], logits["validation"], labels, targets["validation"] == outside)
    inside = {part: np.delete(values, outside, axis=1) for part, values in logits.items()}
    names = np.array([label for label in labels if label != OUT_OF_SCOPE])
    guessed = {part: names[values.argmax(axis=1)] for part, values in inside.items()}
    wanted = {part: np.array(labels)[places] for part, places in targets.items()}
    right = {part: guessed[part] == wanted[part] for part in guessed}
    is_out = {part: places == outside for part, places in targets.items()}
    scores = {part: model.scores(representations[part], logits[part], labels) for part in ("validation", "test")}
    # both kinds of mistake count the same over their kind, as in the benchmark's two figures
    balance = (~is_out["validation"]).sum() / is_out["validation"].sum()
    limits = rejection_thresholds(
        scores["validation"], list(guessed["validation"]), right["validation"], is_out["validation"], balance * 0.1
    )
    limit = np.array([limits.get(name, limits[""]) for name in guessed["test"]])
    rejected, out = scores["test"] > limit, is_out["test"]
    confidence = softmax(inside["test"]).max(axis=1)
    return {
        "in_scope_accuracy": float((right["test"] & ~rejected)[~out].mean()),
        "oos_recall": float(rejected[out].mean()),
        "oos_auroc": float(roc_auc_score(out, scores["test"])),
        "ece": expected_calibration_error(confidence[~out], right["test"][~out]),
        "in_scope_accuracy_unrejected": float(right["test"][~out].mean()),
    }


def fine_tuned(bases: Mapping[str, tuple[Path, str]], data: IntentSet, arguments: FineTuningArguments, work: Path) -> dict[str, Figures]:
    """Figures of fine-tuned classifiers: of each encoder's own, and of several together, whose logits are averaged.

    Args:
        bases: the encoders' folders by name, each with what it wants before a question.
        data: the set.
        arguments: of the fine-tuning.
        work: for checkpoints.

    Returns:
        Figures by the encoder's name; of all together under ``fine_tuned``.
    """
    members = {
        name: _member(base, prompt, data, arguments, work / str(place)) for place, (name, (base, prompt)) in enumerate(bases.items())
    }
    figures = {name: judge(one.logits, one.representations, data) | one.cost for name, one in members.items()}
    if len(members) == 1:
        return {"fine_tuned": next(iter(figures.values()))}
    logits = {part: np.mean([one.logits[part] for one in members.values()], axis=0) for part in PARTS}
    known = {part: np.concatenate([_unit(one.representations[part]) for one in members.values()], axis=1) for part in PARTS}
    cost = {name: sum(one.cost[name] for one in members.values()) for name in next(iter(members.values())).cost}
    return {"fine_tuned": judge(logits, known, data) | cost, **figures}


@dataclass(frozen=True)
class _Member:
    """What one fine-tuned encoder says of each part, in the part's order, and what it cost."""

    logits: dict[str, Array]
    representations: dict[str, Array]
    cost: Figures


def _member(base: Path, prompt: str, data: IntentSet, arguments: FineTuningArguments, work: Path) -> _Member:
    began = time.perf_counter()
    model = fine_tune(base, prompt, data.labels, _matched(data.training), _matched(data.validation), arguments, work)
    seconds = time.perf_counter() - began
    logits, known = _outputs(model, base, prompt, data, arguments)
    cost = {"training_s": seconds, "million_parameters": _parameters(model) / 1e6, "latency_ms": _latency(model, base, prompt, data)}
    return _Member(logits, known, cost)


def frozen(base: Path, prompt: str, data: IntentSet, arguments: FineTuningArguments, work: Path) -> Figures:
    """Figures of a logistic regression on the frozen encoder."""
    head = replace(arguments, method="head", augmentation=0.0)
    return fine_tuned({"frozen": (base, prompt)}, data, head, work)["fine_tuned"]


def tf_idf(data: IntentSet) -> Figures:
    """Figures of a logistic regression on words and character n-grams; out of scope is told by the same means as elsewhere."""
    began = time.perf_counter()
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
    reader = FeatureUnion([("words", words), ("letters", letters)])
    texts = {part: [normalise(e.text) for e in getattr(data, part)] for part in PARTS}
    table = reader.fit_transform(texts["training"])
    model = LogisticRegression(C=10.0, max_iter=300).fit(table, places_of(data.labels, [e.name for e in data.training]))
    seconds = time.perf_counter() - began
    logits = {part: model.decision_function(reader.transform(texts[part])) for part in texts}
    latency = _timed(lambda text: model.decision_function(reader.transform([text])), texts["test"])
    return judge(logits, logits, data) | {"training_s": seconds, "million_parameters": model.coef_.size / 1e6, "latency_ms": latency}


def summarise(runs: Sequence[Figures]) -> dict[str, dict[str, float]]:
    """Mean and standard deviation of each figure over the seeds."""
    return {
        name: {"mean": float(np.mean([run[name] for run in runs])), "std": float(np.std([run[name] for run in runs]))} for name in runs[0]
    }


def _matched(examples: Sequence[Example]) -> list[Example]:
    return [Example(normalise(example.text), example.name) for example in examples]


def _outputs(
    model: IntentModel, base: Path, prompt: str, data: IntentSet, arguments: FineTuningArguments
) -> tuple[dict[str, Array], dict[str, Array]]:
    """Logits and representations of each part, in the part's order."""
    tokenizer = AutoTokenizer.from_pretrained(str(base))
    collator, places = Collator(tokenizer), {name: place for place, name in enumerate(data.labels)}
    logits, known = {}, {}
    for part in PARTS:
        rows = encode(_matched(getattr(data, part)), places, tokenizer, prompt, arguments.max_tokens)
        logits[part], known[part] = outputs(model, rows, collator, bf16=bf16_pays() and part == "training")
    return logits, known


def _unit(values: Array) -> Array:
    result: Array = values / np.linalg.norm(values, axis=-1, keepdims=True)
    return result


def _parameters(model: IntentModel) -> int:
    """Of the encoder without its word embeddings."""
    return sum(p.numel() for name, p in model.encoder.named_parameters() if "word_embeddings" not in name and "lora_" not in name)


def _latency(model: IntentModel, base: Path, prompt: str, data: IntentSet) -> float:
    """Milliseconds for one text with torch, the median of a hundred."""
    tokenizer = AutoTokenizer.from_pretrained(str(base))

    def read(text: str) -> None:
        """Classify one text."""
        batch = tokenizer([prompt + normalise(text)], return_tensors="pt")
        with torch.inference_mode():
            model(batch["input_ids"], batch["attention_mask"])

    return _timed(read, [example.text for example in data.test])


def _timed(read: Callable[[str], object], texts: Sequence[str]) -> float:
    times = []
    for text in texts[:: max(len(texts) // 100, 1)][:100]:
        began = time.perf_counter()
        read(text)
        times.append(time.perf_counter() - began)
    return 1000 * float(np.median(times))
