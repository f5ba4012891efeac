"""Fine-tunes a language model to compose replies from articles."""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedTokenizerBase, Trainer, TrainingArguments, set_seed
from transformers.trainer_callback import ProgressCallback
from transformers.trainer_utils import get_last_checkpoint

from agent.prompting import DEPTHS_FILE, Depth, prompt
from knowledge_base.errors import ModelError, StorageError
from training.composing.arguments import ComposeArguments
from training.composing.data import Example
from training.composing.variants import fact_swapped
from training.fine_tuning import Progress
from training.tokens import bf16_pays

IGNORED = -100  # tokens that no loss is taken of: the prompt's
LINEAGE_FILE = "lineage.json"

logger = logging.getLogger(__name__)


def train_composer(
    base: Path,
    training: Sequence[Example],
    validation: Sequence[Example],
    depths: Mapping[str, Depth],
    arguments: ComposeArguments,
    output: Path,
    work: Path,
) -> dict[str, Any]:
    """Fine-tune a low-rank adapter on written replies and their fact-swapped variants; an interrupted run goes on from its last checkpoint.

    Started with ``accelerate launch``, all processes train and the first one writes the adapter.

    Args:
        base: the language model's folder.
        training: replies to learn from.
        validation: replies over other entries, whose loss is reported.
        depths: what the model is to do in each language, kept beside the adapter.
        arguments: how.
        output: where the adapter's folder goes; must not exist.
        work: for checkpoints and TensorBoard's logs.

    Returns:
        The losses a token, on training and validation replies.

    Raises:
        ModelError: the base cannot be loaded.
        StorageError: the adapter cannot be written.
    """
    set_seed(arguments.seed)
    try:
        tokenizer = AutoTokenizer.from_pretrained(str(base))
        model: Any = AutoModelForCausalLM.from_pretrained(str(base), dtype=torch.float32)
    except (OSError, ValueError) as error:
        raise ModelError(f"The language model {base} cannot be loaded: {error}.") from error
    training = [example for example in training if not _begins_tersely(example, arguments.terse_words)]
    examples = [*training, *fact_swapped(training, arguments.copies, arguments.seed)]
    rows, judged = (_rows(part, tokenizer, arguments.max_tokens) for part in (examples, validation))
    logger.info("Training on %d replies, %d of them written; %d validate ...", len(rows), len(training), len(judged))
    model = get_peft_model(
        model, LoraConfig(task_type="CAUSAL_LM", r=arguments.lora_rank, lora_alpha=arguments.lora_alpha, target_modules="all-linear")
    )
    trainer = ReplyTrainer(
        model=model,
        args=TrainingArguments(
            output_dir=str(work),
            num_train_epochs=arguments.epochs,
            per_device_train_batch_size=arguments.batch_size,
            gradient_accumulation_steps=arguments.accumulation,
            learning_rate=arguments.learning_rate,
            warmup_steps=arguments.warmup_share,
            lr_scheduler_type="cosine",
            train_sampling_strategy="group_by_length",
            eval_strategy="epoch",
            save_strategy="steps",
            save_steps=100,
            save_total_limit=1,
            prediction_loss_only=True,
            remove_unused_columns=False,
            logging_steps=10,
            seed=arguments.seed,
            bf16=bf16_pays(),
            use_cpu=not torch.cuda.is_available(),
            dataloader_pin_memory=torch.cuda.is_available(),
            report_to="tensorboard",
        ),
        train_dataset=rows,
        eval_dataset=judged,
        data_collator=_Collator(tokenizer),
    )
    trainer.remove_callback(ProgressCallback)
    trainer.add_callback(Progress)
    result = trainer.train(resume_from_checkpoint=get_last_checkpoint(str(work)) if work.is_dir() else None)  # type: ignore[no-untyped-call]
    evaluated = [log["eval_loss"] for log in trainer.state.log_history if "eval_loss" in log]
    metrics = {"training_loss": round(result.training_loss, 4), "validation_loss": [round(loss, 4) for loss in evaluated]}
    if trainer.is_world_process_zero():
        lineage = {
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "examples": {"written": len(training), "with_variants": len(rows), "validation": len(judged)},
            "arguments": asdict(arguments),
            "metrics": metrics,
        }
        _save(model, depths, lineage, output)
    return metrics


def _begins_tersely(example: Example, words: int) -> bool:
    """Whether a reply to a message of more words begins without a word."""
    return example.depth is Depth.WOVEN and example.reply.startswith("[") and len(example.message.split()) > words


class ReplyTrainer(Trainer):
    """Takes the loss of the replies alone, and computes nothing over the vocabulary for the prompts, which are most of the tokens."""

    def compute_loss(
        self,
        model: nn.Module,
        inputs: dict[str, torch.Tensor],
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | int | None = None,  # noqa: ARG002 - the Trainer names it
    ) -> Any:
        """The mean loss a token of the batch's replies, which stand at its end."""
        labels = inputs.pop("labels")
        kept = int(labels.shape[1] - (labels != IGNORED).any(dim=0).int().argmax()) + 1  # and the token before the first
        outputs = model(**inputs, logits_to_keep=kept)
        logits = outputs.logits[:, :-1].float()
        loss = functional.cross_entropy(logits.reshape(-1, logits.shape[-1]), labels[:, 1 - kept :].reshape(-1), ignore_index=IGNORED)
        return (loss, {"logits": logits}) if return_outputs else loss


def _save(model: Any, depths: Mapping[str, Depth], lineage: Mapping[str, Any], output: Path) -> None:
    """Write the adapter in half precision, what it is for, and where it comes from."""
    part = output.with_name(f".{output.name}.part")
    try:
        model.save_pretrained(str(part))
        (part / "README.md").unlink(missing_ok=True)
        config = json.loads((part / "adapter_config.json").read_text(encoding="utf-8"))
        config["base_model_name_or_path"] = None  # the absolute path there would not travel
        (part / "adapter_config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        weights = part / "adapter_model.safetensors"
        save_file({name: tensor.to(torch.bfloat16) for name, tensor in load_file(weights).items()}, weights, metadata={"format": "pt"})
        (part / DEPTHS_FILE).write_text(json.dumps(depths) + "\n", encoding="utf-8")
        (part / LINEAGE_FILE).write_text(json.dumps(lineage, indent=1) + "\n", encoding="utf-8")
        part.rename(output)
    except OSError as error:
        raise StorageError(f"The adapter could not be written to {output}: {error}. Check free space and permissions.") from error


def _rows(examples: Sequence[Example], tokenizer: PreTrainedTokenizerBase, max_tokens: int) -> list[dict[str, list[int]]]:
    """Token ids and labels; the loss is taken of the reply alone."""
    rows = []
    for example in examples:
        messages = [
            asdict(message) for message in prompt(example.depth, example.language, example.articles, example.message, example.before)
        ]
        asked: Any = tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_dict=False)
        reply = tokenizer(example.reply + str(tokenizer.eos_token), add_special_tokens=False)["input_ids"]
        if len(asked) + len(reply) <= max_tokens:
            rows.append({"input_ids": [*asked, *reply], "labels": [IGNORED] * len(asked) + list(reply)})
    return rows


class _Collator:
    """Pads rows on the left to one batch: input_ids, attention_mask and labels, (batch, tokens)."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase) -> None:
        self.pad = int(tokenizer.pad_token_id or 0)

    def __call__(self, rows: Sequence[Mapping[str, Sequence[int]]]) -> dict[str, torch.Tensor]:
        """Make a batch of rows."""
        longest = max(len(row["input_ids"]) for row in rows)

        def padded(name: str, filler: int) -> torch.Tensor:
            """One column, filled up on the left."""
            return torch.tensor([[*[filler] * (longest - len(row[name])), *row[name]] for row in rows])

        mask = torch.tensor([[0] * (longest - len(row["input_ids"])) + [1] * len(row["input_ids"]) for row in rows])
        return {"input_ids": padded("input_ids", self.pad), "attention_mask": mask, "labels": padded("labels", IGNORED)}
