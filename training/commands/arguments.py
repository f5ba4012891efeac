"""The options of a fine-tuning run, one for each field of `FineTuningArguments`."""

import argparse
import re
from dataclasses import fields
from typing import Any, get_args

from training.arguments import FineTuningArguments, Method

FLAGS = {"class_weights"}
KINDS: dict[str, Any] = {
    "learning_rate": float,
    "warmup_share": float,
    "weight_decay": float,
    "label_smoothing": float,
    "dropout": float,
    "adversarial": float,
    "augmentation": float,
    "mixing": float,
}


def add_fine_tuning_arguments(parser: argparse.ArgumentParser, defaults: FineTuningArguments) -> None:
    """Declare an option for every field, with its documentation."""
    group = parser.add_argument_group("fine-tuning")
    texts = documented_fields(FineTuningArguments)
    for field in fields(FineTuningArguments):
        value = getattr(defaults, field.name)
        options: dict[str, Any] = {"default": value, "help": f"{texts[field.name]} (default: {value})".replace("%", "%%")}
        if field.name == "method":
            options["choices"] = get_args(Method)
        elif field.name in FLAGS:
            options["action"] = argparse.BooleanOptionalAction
        else:
            options["type"] = KINDS.get(field.name, int)
        group.add_argument("--" + field.name.replace("_", "-"), **options)


def fine_tuning_arguments(options: argparse.Namespace) -> FineTuningArguments:
    """Read them back."""
    return FineTuningArguments(**{field.name: getattr(options, field.name) for field in fields(FineTuningArguments)})


def documented_fields(arguments: type) -> dict[str, str]:
    """What a dataclass's documentation says of each field."""
    lines = (arguments.__doc__ or "").partition("Attributes:")[2]
    found = re.findall(r"^ {8}(\w+): (.*(?:\n {12}.*)*)", lines, re.MULTILINE)
    return {name: re.sub(r"\s+|`", lambda m: "" if m.group() == "`" else " ", text).rstrip(".") for name, text in found}
