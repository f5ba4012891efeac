"""Reads public intent sets: BANKING77 and CLINC150.

https://github.com/PolyAI-LDN/task-specific-datasets (CC BY 4.0) and https://github.com/clinc/oos-eval (CC BY 3.0).
"""

import csv
import json
import random
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from agent.errors import DatasetError
from agent.intents import OUT_OF_SCOPE
from training.examples import Example

VALIDATION_SHARE = 0.05  # of BANKING77's training part, which comes without one
HELD_OUT = 3000  # examples
NOT_A_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class IntentSet:
    """A public set in its parts; `validation` chooses and calibrates, `test` is only ever judged on."""

    name: str
    training: Sequence[Example]
    validation: Sequence[Example]
    test: Sequence[Example]

    @property
    def labels(self) -> list[str]:
        """The classes, sorted."""
        return sorted({example.name for example in self.training})

    def few(self, shots: int, seed: int, *, held_out: bool = False) -> "IntentSet":
        """The same set with so many training examples of each class; one of each validates, too, for want of others.

        Args:
            shots: examples of a class.
            seed: of the draw.
            held_out: judge on training examples that were not drawn instead of the test part, to choose by.
        """
        chance = random.Random(seed)  # noqa: S311 - a sample
        by_class: dict[str, list[Example]] = defaultdict(list)
        for example in [*self.training, *self.validation]:
            by_class[example.name].append(example)
        by_draw = [chance.sample(rows, min(shots, len(rows))) for _, rows in sorted(by_class.items())]
        drawn = [one for rows in by_draw for one in rows]
        rest = [one for one in [*self.training, *self.validation] if one not in set(drawn)]
        test = chance.sample(rest, min(HELD_OUT, len(rest))) if held_out else self.test
        return replace(self, training=drawn, validation=[rows[0] for rows in by_draw], test=test)


def read_banking77(folder: Path, seed: int = 0) -> IntentSet:
    """Read ``train.csv`` and ``test.csv`` (text,category); a twentieth of the training part validates.

    Raises:
        DatasetError: a file is missing or is no such table.
    """
    parts = {name: _read_table(folder / f"{name}.csv") for name in ("train", "test")}
    training = _without(parts["train"], parts["test"])
    chance = random.Random(seed)  # noqa: S311 - a sample
    validating = set(chance.sample(range(len(training)), round(len(training) * VALIDATION_SHARE)))
    return IntentSet(
        "banking77",
        [example for place, example in enumerate(training) if place not in validating],
        [training[place] for place in sorted(validating)],
        parts["test"],
    )


def read_clinc150(file: Path) -> IntentSet:
    """Read ``data_full.json``; messages out of scope have the class ``oos``.

    Raises:
        DatasetError: the file is missing or has other parts.
    """
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
        parts = {
            part: [Example(text, label) for text, label in stored[part]]
            + [Example(text, OUT_OF_SCOPE) for text, _ in stored["oos_" + part]]
            for part in ("train", "val", "test")
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DatasetError(f"{file} cannot be read as CLINC150's data_full.json ({type(error).__name__}: {error}).") from error
    return IntentSet("clinc150", _without(parts["train"], parts["test"]), parts["val"], parts["test"])


def _read_table(file: Path) -> list[Example]:
    try:
        with file.open(encoding="utf-8", newline="") as stream:
            return [Example(row["text"], row["category"]) for row in csv.DictReader(stream)]
    except (OSError, KeyError, UnicodeDecodeError, csv.Error) as error:
        raise DatasetError(f"{file} cannot be read as BANKING77's table text,category ({type(error).__name__}: {error}).") from error


def _without(training: Sequence[Example], test: Sequence[Example]) -> list[Example]:
    """The training part without the texts of the test part, whatever their case and punctuation."""
    asked = {_bare(example.text) for example in test}
    return [example for example in training if _bare(example.text) not in asked]


def _bare(text: str) -> str:
    return NOT_A_WORD.sub(" ", text.lower()).strip()
