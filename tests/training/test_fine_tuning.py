"""Every way to fine-tune, on a very small shop with the real encoder."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from agent.intent_model import ENCODER_FILE, IntentModel
from knowledge_base.encoder import encoder_folder, query_prompt
from tests.training.small_shop import UTTERANCES
from training.arguments import FineTuningArguments
from training.examples import Example
from training.fine_tuning import fine_tune

EXAMPLES = [Example(utterance.text.lower(), utterance.intent) for utterance in UTTERANCES]
NAMES = sorted({example.name for example in EXAMPLES})
ARGUMENTS = FineTuningArguments(epochs=2, batch_size=16, lora_rank=4, lora_alpha=8, max_tokens=32)
WAYS = {
    "full": replace(ARGUMENTS, method="full", frozen_layers=8),
    "lora": ARGUMENTS,
    "adalora": replace(ARGUMENTS, method="adalora", learning_rate=2e-3),
    "head": replace(ARGUMENTS, method="head"),
    "contrastive": replace(ARGUMENTS, method="full", frozen_layers=9, contrastive_epochs=1),
    "noisy": replace(ARGUMENTS, adversarial=0.5, augmentation=0.5, class_weights=True, accumulation=2, patience=1),
}


@pytest.fixture(scope="module")
def base(model_cache: Path) -> Path:
    return encoder_folder(None, model_cache)


@pytest.mark.parametrize("way", [pytest.param(way, marks=[] if way == "lora" else [pytest.mark.slow]) for way in WAYS])
def test_it_learns_and_comes_back_from_its_folder_as_it_was(base: Path, tmp_path: Path, way: str) -> None:
    arguments = WAYS[way]
    model = fine_tune(base, query_prompt(base), NAMES, EXAMPLES, EXAMPLES[::4], arguments, tmp_path / "work").eval()
    model.save(tmp_path / "saved")
    assert (tmp_path / "saved" / ENCODER_FILE).exists() is (arguments.method in {"full", "head"})
    loaded = IntentModel.load(base, tmp_path / "saved")
    ids, mask = _tokens(base, [example.text for example in EXAMPLES])
    with torch.inference_mode():
        wanted, found = model(ids, mask)["logits"], loaded(ids, mask)["logits"]
    assert torch.allclose(wanted, found, atol=1e-4)
    right = [NAMES[place] == example.name for place, example in zip(found.argmax(dim=1).tolist(), EXAMPLES, strict=True)]
    assert sum(right) / len(right) > 0.8


@pytest.mark.slow
def test_the_same_seed_gives_the_same_model(base: Path, tmp_path: Path) -> None:
    heads = [
        fine_tune(base, query_prompt(base), NAMES, EXAMPLES, EXAMPLES[::4], WAYS["full"], tmp_path / str(run)).head.weight.detach()
        for run in range(2)
    ]
    assert torch.equal(*heads)


def test_layers_below_stay_as_they_are(base: Path) -> None:
    model = IntentModel.to_train(base, 3, "full", rank=4, alpha=8, dropout=0.0, frozen_layers=10, steps=1)
    trained = {name.split("layer.")[1].split(".")[0] for name, p in model.encoder.named_parameters() if p.requires_grad}
    assert trained == {"10", "11"}


def _tokens(base: Path, texts: list[str]) -> tuple[torch.Tensor, torch.Tensor]:
    from transformers import AutoTokenizer

    batch = AutoTokenizer.from_pretrained(str(base))([query_prompt(base) + text for text in texts], padding=True, return_tensors="pt")
    return batch["input_ids"], batch["attention_mask"]
