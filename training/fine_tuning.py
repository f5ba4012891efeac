"""Fine-tunes the encoder to tell intents apart, with transformers' Trainer."""

import logging
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from transformers import AutoTokenizer, PreTrainedTokenizerBase, Trainer, TrainingArguments, set_seed
from transformers.trainer import TRAINER_STATE_NAME
from transformers.trainer_utils import get_last_checkpoint

from agent.intent_model import IntentModel
from training.arguments import FineTuningArguments
from training.examples import Example

logger = logging.getLogger(__name__)


def fine_tune(
    base: Path,
    prompt: str,
    names: Sequence[str],
    training: Sequence[Example],
    validation: Sequence[Example],
    arguments: FineTuningArguments,
    work: Path,
    parent: Path | None = None,
) -> IntentModel:
    """Fine-tune an adapter and a head; an interrupted run goes on from its last checkpoint in `work`.

    Args:
        base: the encoder's folder.
        prompt: what the encoder wants before a question, e.g. ``query: ``.
        names: the classes in the order of the logits.
        training: the part that is learned from.
        validation: the part that chooses the best epoch.
        arguments: how.
        work: a folder for checkpoints.
        parent: a release with the same classes to go on from; None to begin with the base.

    Returns:
        The model of the epoch that was most accurate on the validation part.
    """
    set_seed(arguments.seed)
    tokenizer = AutoTokenizer.from_pretrained(str(base))
    noise = {"dropout": arguments.dropout, "label_smoothing": arguments.label_smoothing}
    if parent:
        model = IntentModel.continued(base, parent, **noise)
    else:
        model = IntentModel.adapted(base, len(names), rank=arguments.lora_rank, alpha=arguments.lora_alpha, **noise)
    places = {name: place for place, name in enumerate(names)}
    examples = _examples(training, places, tokenizer, prompt, arguments.max_tokens)
    checkpoint = _last_checkpoint(work)
    if checkpoint:
        logger.info("Going on from %s.", checkpoint)
    elif not parent:
        _probe(model, examples, tokenizer)
    trainer = Trainer(
        model=model,
        args=TrainingArguments(
            output_dir=str(work),
            num_train_epochs=arguments.epochs,
            per_device_train_batch_size=arguments.batch_size,
            per_device_eval_batch_size=64,
            learning_rate=arguments.learning_rate,
            warmup_steps=arguments.warmup_share,
            weight_decay=arguments.weight_decay,
            lr_scheduler_type="cosine",
            train_sampling_strategy="group_by_length",
            eval_strategy="epoch",
            save_strategy="epoch",
            save_total_limit=2,
            load_best_model_at_end=True,
            metric_for_best_model="accuracy",
            logging_steps=25,
            seed=arguments.seed,
            bf16=_bf16_pays(),
            use_cpu=not torch.cuda.is_available(),
            dataloader_pin_memory=torch.cuda.is_available(),
            remove_unused_columns=False,
            label_names=["labels"],
            report_to="none",
        ),
        train_dataset=examples,
        eval_dataset=_examples(validation, places, tokenizer, prompt, arguments.max_tokens),
        data_collator=lambda rows: _collate(rows, tokenizer),
        compute_metrics=_metrics,
    )
    trainer.train(resume_from_checkpoint=checkpoint)
    return model


def _last_checkpoint(work: Path) -> str | None:
    """The last checkpoint that is whole: the trainer writes its state last, and an interruption may come before that."""
    for folder in work.glob("checkpoint-*"):
        if not (folder / TRAINER_STATE_NAME).exists():
            shutil.rmtree(folder)
    return get_last_checkpoint(str(work)) if work.is_dir() else None  # type: ignore[no-untyped-call]


def _examples(
    examples: Sequence[Example], places: dict[str, int], tokenizer: PreTrainedTokenizerBase, prompt: str, max_tokens: int
) -> list[dict[str, Any]]:
    ids = tokenizer([prompt + example.text for example in examples], truncation=True, max_length=max_tokens)["input_ids"]
    return [{"input_ids": row, "labels": places[example.name]} for row, example in zip(ids, examples, strict=True)]


def _probe(model: IntentModel, examples: Sequence[dict[str, Any]], tokenizer: PreTrainedTokenizerBase) -> None:
    """Set the head to what a linear classifier learns on the pretrained representations, before they change.

    A random head would first distort them (Kumar et al. 2022, https://arxiv.org/abs/2202.10054).
    """
    logger.info("Probing the pretrained representations of %d examples ...", len(examples))
    order = sorted(range(len(examples)), key=lambda place: len(examples[place]["input_ids"]))
    rows, targets = [], []
    model.eval()
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=_bf16_pays()):
        for start in range(0, len(order), 64):
            batch = _collate([examples[place] for place in order[start : start + 64]], tokenizer)
            rows.append(model.represent(batch["input_ids"], batch["attention_mask"]).float().numpy())
            targets.append(batch["labels"].numpy())
    representations = np.concatenate(rows)
    mean, spread = representations.mean(axis=0), representations.std(axis=0)
    probe = LogisticRegression(C=0.03, max_iter=300).fit((representations - mean) / spread, np.concatenate(targets))
    weight = probe.coef_ / spread
    with torch.no_grad():
        model.head.weight.copy_(torch.from_numpy(weight))
        model.head.bias.copy_(torch.from_numpy(probe.intercept_ - weight @ mean))
    model.train()


def _collate(rows: list[dict[str, Any]], tokenizer: PreTrainedTokenizerBase) -> dict[str, torch.Tensor]:
    padded = tokenizer.pad([{"input_ids": row["input_ids"]} for row in rows], return_tensors="pt")
    return {**padded, "labels": torch.tensor([row["labels"] for row in rows])}


def _metrics(prediction: Any) -> dict[str, float]:
    return {"accuracy": float((np.argmax(prediction.predictions, axis=-1) == prediction.label_ids).mean())}


def _bf16_pays() -> bool:
    """Whether this machine computes in bfloat16 natively: a GPU that can, or a CPU with AVX-512 BF16 or AMX."""
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported())
    capabilities = torch.backends.cpu.get_cpu_capability()
    return "AVX512" in capabilities and bool(torch.cpu._is_avx512_bf16_supported())  # noqa: SLF001 - no public name yet
