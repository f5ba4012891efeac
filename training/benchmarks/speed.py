"""How long encoder and classifier take for one short text: with torch, and as they serve, in the same run."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from transformers import AutoTokenizer

from agent.intent import raw_outputs
from agent.intent_model import IntentModel
from agent.release import CLASSIFIER_FOLDER, Release
from agent.release_loader import ReleaseLoader
from knowledge_base.encoder import encoder_folder, load_encoder
from knowledge_base.errors import ModelError
from knowledge_base.normalisation import normalise
from knowledge_base.onnx_model import THREADS

WARM_UP, ROUNDS = 20, 200


def measure_speed(release: Release, name: str | None, cache: Path, texts: Sequence[str]) -> dict[str, dict[str, float]]:
    """Return median milliseconds a text.

    Args:
        release: one with a classifier.
        name: its encoder, see `load_encoder`.
        cache: folder for converted models.
        texts: short ones.

    Returns:
        For ``encoder`` and ``classifier``: ``torch_ms`` and ``onnx_ms``, both with the threads that a model has when it serves (half of the
        cores, because both run side by side), ``times``, how many times faster that is, and ``torch_all_cores_ms``; for the encoder
        ``fp32_ms``, too.
    """
    classifier = ReleaseLoader(name, cache).classifier(release)
    if classifier is None:
        raise ModelError(f"Release {release.id} has no classifier.")
    base, loader = encoder_folder(name, cache), ReleaseLoader(name, cache)
    exact, encoder = load_encoder(name, cache, "fp32"), loader.encoder(release)
    tokenizer, model = AutoTokenizer.from_pretrained(str(base)), IntentModel.load(base, release.folder / CLASSIFIER_FOLDER)

    def with_torch(run: Callable[[torch.Tensor, torch.Tensor], object]) -> Callable[[str], object]:
        """Runs a model of token ids on a text."""

        def read(text: str) -> None:
            """Tokenise and run one text."""
            batch = tokenizer([encoder.query_prompt + normalise(text)], return_tensors="pt")
            with torch.inference_mode():
                run(batch["input_ids"], batch["attention_mask"])

        return read

    found = {
        "encoder": {
            **_torch_medians(with_torch(model.represent), texts),  # the adapter is merged, so it is the encoder's own time
            "fp32_ms": _median(lambda text: exact.encode_queries([text]), texts),
            "onnx_ms": _median(lambda text: encoder.encode_queries([text]), texts),
        },
        "classifier": {
            **_torch_medians(with_torch(model), texts),
            "onnx_ms": _median(lambda text: raw_outputs(classifier.model, classifier.prompt, [text]), texts),
        },
    }
    return {part: {**times, "times": times["torch_ms"] / times["onnx_ms"]} for part, times in found.items()}


def _torch_medians(read: Callable[[str], object], texts: Sequence[str]) -> dict[str, float]:
    threads = torch.get_num_threads()
    all_cores = _median(read, texts)
    torch.set_num_threads(THREADS)
    try:
        return {"torch_ms": _median(read, texts), "torch_all_cores_ms": all_cores}
    finally:
        torch.set_num_threads(threads)


def _median(read: Callable[[str], object], texts: Sequence[str]) -> float:
    times = []
    for place in range(WARM_UP + ROUNDS):
        began = time.perf_counter()
        read(texts[place % len(texts)])
        times.append(1000 * (time.perf_counter() - began))
    return float(np.median(times[WARM_UP:]))
