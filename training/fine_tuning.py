"""Fine-tunes the encoder to tell intents apart, with transformers' Trainer."""

import logging
import math
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import AutoTokenizer, EarlyStoppingCallback, PreTrainedTokenizerBase, TrainingArguments, set_seed
from transformers.trainer import TRAINER_STATE_NAME
from transformers.trainer_callback import ProgressCallback
from transformers.trainer_utils import get_last_checkpoint

from agent.intent_model import IntentModel
from training.arguments import FineTuningArguments
from training.augmentation import augmented
from training.examples import Example
from training.growing import grow_head
from training.intent_trainer import IntentTrainer, Stage
from training.probing import probe
from training.tokens import Collator, bf16_pays, encode

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
    parent_names: Sequence[str] | None = None,
) -> IntentModel:
    """Fine-tune the encoder and a head; an interrupted run goes on from its last checkpoint in `work`.

    Started with ``accelerate launch`` it trains on all processes' devices; each process returns the same model.

    Args:
        base: the encoder's folder.
        prompt: what the encoder wants before a question, e.g. ``query: ``.
        names: the classes in the order of the logits.
        training: the part that is learned from.
        validation: the part that chooses the best epoch.
        arguments: how.
        work: a folder for checkpoints and TensorBoard's logs.
        parent: a trained model to go on from; None to begin with the base.
        parent_names: its classes, see `grow_head` where they are others; None for the same.

    Returns:
        The model of the epoch that was most accurate on the validation part.
    """
    set_seed(arguments.seed)
    tokenizer = AutoTokenizer.from_pretrained(str(base))
    places = {name: place for place, name in enumerate(names)}
    training = [*training, *augmented(training, arguments.augmentation, arguments.seed)]
    examples = encode(training, places, tokenizer, prompt, arguments.max_tokens)
    judged = encode(validation, places, tokenizer, prompt, arguments.max_tokens)
    model = _model(base, len(names), len(examples), arguments, parent)
    collator = Collator(tokenizer)
    head_only = arguments.method == "head"
    contrastive, tuned = work / "contrastive", work / "tuned"
    begun = _last_checkpoint(tuned) is not None
    if arguments.contrastive_epochs and not (begun or parent or head_only):
        _train(model, Stage.CONTRASTIVE, examples, judged, arguments, contrastive, tokenizer)
    if parent_names is not None and list(parent_names) != list(names):
        grow_head(model, parent_names, names, examples, collator)
    if head_only or not (begun or parent):
        probe(model, examples, judged if head_only else None, collator)
    if not head_only and arguments.epochs:
        before = {name: tensor.clone() for name, tensor in model.state_dict().items()} if parent else {}
        _train(model, Stage.CLASSIFICATION, examples, judged, arguments, tuned, tokenizer)
        model.mix_in(before, 1.0 - arguments.mixing)
    return model


def _model(base: Path, labels: int, examples: int, arguments: FineTuningArguments, parent: Path | None) -> IntentModel:
    if parent:
        return IntentModel.continued(base, parent, dropout=arguments.dropout)
    return IntentModel.to_train(
        base,
        labels,
        arguments.method,
        rank=arguments.lora_rank,
        alpha=arguments.lora_alpha,
        dropout=arguments.dropout,
        frozen_layers=arguments.frozen_layers,
        steps=math.ceil(examples / arguments.batch_size / arguments.accumulation) * arguments.epochs,
    )


def _train(
    model: IntentModel,
    stage: Stage,
    examples: Sequence[dict[str, Any]],
    judged: Sequence[dict[str, Any]],
    arguments: FineTuningArguments,
    work: Path,
    tokenizer: PreTrainedTokenizerBase,
) -> None:
    classifies = stage is Stage.CLASSIFICATION
    checkpoint = _last_checkpoint(work)
    if checkpoint:
        logger.info("Going on from %s.", checkpoint)
    trainer = IntentTrainer(
        stage,
        arguments,
        labels=model.head.out_features,
        model=model,
        args=TrainingArguments(
            output_dir=str(work),
            num_train_epochs=arguments.epochs if classifies else arguments.contrastive_epochs,
            per_device_train_batch_size=arguments.batch_size,
            per_device_eval_batch_size=64,
            gradient_accumulation_steps=arguments.accumulation,
            learning_rate=arguments.peak_learning_rate,
            warmup_steps=arguments.warmup_share,
            weight_decay=arguments.weight_decay,
            lr_scheduler_type="cosine",
            train_sampling_strategy="group_by_length",
            eval_strategy="epoch" if classifies else "no",
            save_strategy="epoch",
            save_total_limit=2,
            load_best_model_at_end=classifies,
            metric_for_best_model="accuracy",
            logging_steps=25,
            seed=arguments.seed,
            bf16=bf16_pays(),
            use_cpu=not torch.cuda.is_available(),
            dataloader_pin_memory=torch.cuda.is_available(),
            remove_unused_columns=False,
            label_names=["labels"],
            report_to="tensorboard",
        ),
        train_dataset=list(examples),
        eval_dataset=list(judged),
        data_collator=Collator(tokenizer),
        compute_metrics=_accuracy,
        callbacks=[EarlyStoppingCallback(arguments.patience)] if classifies and arguments.patience else [],
    )
    trainer.remove_callback(ProgressCallback)
    trainer.add_callback(Progress)
    trainer.train(resume_from_checkpoint=checkpoint)
    trainer.accelerator.unwrap_model(model, keep_fp32_wrapper=False)  # what is judged and saved computes in full precision again


class Progress(ProgressCallback):
    """The bar alone: losses are in TensorBoard's logs, and standard output is the command's."""

    def on_log(self, *_args: Any, **_more: Any) -> None:
        """Print nothing."""


def _last_checkpoint(work: Path) -> str | None:
    """The last checkpoint that is whole: the trainer writes its state last, and an interruption may come before that."""
    for folder in work.glob("checkpoint-*"):
        if not (folder / TRAINER_STATE_NAME).exists():
            shutil.rmtree(folder)
    return get_last_checkpoint(str(work)) if work.is_dir() else None  # type: ignore[no-untyped-call]


def _accuracy(prediction: Any) -> dict[str, float]:
    return {"accuracy": float((np.argmax(prediction.predictions, axis=-1) == prediction.label_ids).mean())}
