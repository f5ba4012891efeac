"""Chooses how precise the weights are that serve: eight bits, where that costs next to nothing against torch."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.intent import export_classifier, raw_outputs
from agent.intent_model import IntentModel
from agent.intents import intent_of
from knowledge_base.encoder import TextEncoder, encoder_folder, load_encoder
from knowledge_base.normalisation import normalise
from knowledge_base.onnx_model import Array, OnnxTextModel
from knowledge_base.quantisation import Precision
from training.examples import Example
from training.tokens import BATCH, Collator, encode, outputs

MOST_LOST = 0.003  # of the accuracy

logger = logging.getLogger(__name__)


def precise_encoder(
    name: str | None, cache: Path, known: Sequence[tuple[str, str]], asked: Sequence[tuple[str, str]], wanted: Precision
) -> TextEncoder:
    """Load an encoder in the precision that is wanted, in full precision where that finds less.

    Args:
        name: see `load_encoder`.
        cache: folder for converted models.
        known: texts to find, each with what it belongs to.
        asked: texts whose nearest one should belong to the same.
        wanted: the precision.
    """
    encoder = load_encoder(name, cache, wanted)
    if wanted == "fp32" or not known or not asked:
        return encoder
    texts = [text for text, _ in [*known, *asked]]
    targets = np.array([target for _, target in [*known, *asked]])
    both = encoder.encode_queries(texts), _torch_vectors(encoder_folder(name, cache), encoder, texts)
    found, exact = (_found(vectors, targets, len(known)) for vectors in both)
    if is_worse("encoder", found, exact, len(asked)):
        return load_encoder(name, cache, "fp32")
    return encoder


def precise_classifier(
    model: IntentModel,
    base: Path,
    trained: Path,
    prompt: str,
    names: Sequence[str],
    judged: Sequence[Example],
    max_tokens: int,
    folder: Path,
    wanted: Precision,
) -> tuple[OnnxTextModel, Precision]:
    """Export a classifier in the precision that is wanted, in full precision where that is right less often.

    Args:
        model: the classifier.
        base: the encoder's folder.
        trained: the folder that the model was saved in.
        prompt: put before every message.
        names: the classes in the order of the logits.
        judged: validation examples that torch and the export are compared on.
        max_tokens: longer messages are cut here.
        folder: for the exports.
        wanted: the precision.
    """
    export = OnnxTextModel(export_classifier(base, trained, max_tokens, folder / wanted, wanted))
    if wanted == "fp32":
        return export, wanted
    intents = np.array([intent_of(name) for name in names])
    targets = np.array([intent_of(example.name) for example in judged])
    found = raw_outputs(export, prompt, [example.text for example in judged])[1]
    exact = _torch_logits(model, base, prompt, names, judged, max_tokens)
    found_right, exactly_right = (float((intents[logits.argmax(axis=1)] == targets).mean()) for logits in (found, exact))
    if is_worse("classifier", found_right, exactly_right, len(judged)):
        return OnnxTextModel(export_classifier(base, trained, max_tokens, folder / "fp32", "fp32")), "fp32"
    return export, wanted


def is_worse(what: str, found: float, exact: float, messages: int) -> bool:
    """Whether an accuracy is so much lower than torch's that its export is refused; the log says so."""
    refused = round(exact - found, 6) > MOST_LOST
    said = f"{found:.2%} right in int8, {exact:.2%} in torch, on {messages} messages"
    if refused:
        logger.warning("The %s serves in fp32: %s; %.1f points may be lost.", what, said, 100 * MOST_LOST)
    else:
        logger.info("The %s serves in int8: %s.", what, said)
    return refused


def _found(vectors: Array, targets: NDArray[Any], known: int) -> float:
    """The share of the vectors after the first `known` whose nearest one among those has their target."""
    nearest = (vectors[known:] @ vectors[:known].T).argmax(axis=1)
    return float((targets[:known][nearest] == targets[known:]).mean())


def _torch_vectors(base: Path, encoder: TextEncoder, texts: Sequence[str]) -> Array:
    from sentence_transformers import SentenceTransformer

    asked = [encoder.query_prompt + normalise(text) for text in texts]
    vectors: Array = SentenceTransformer(str(base), device="cpu").encode(
        asked, batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False
    )
    return vectors


def _torch_logits(model: IntentModel, base: Path, prompt: str, names: Sequence[str], judged: Sequence[Example], max_tokens: int) -> Array:
    """Of the examples, in their order, (examples, labels)."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(str(base))
    places = {name: place for place, name in enumerate(names)}
    return outputs(model, encode(judged, places, tokenizer, prompt, max_tokens), Collator(tokenizer))[0]
