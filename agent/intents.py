"""The catalogue of intents: what customers may want, and what the router does about each."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import yaml

from knowledge_base.errors import SettingsError

IntentRoute = Literal["answer", "hand_off", "social"]
OUT_OF_SCOPE = "oos"


def class_name(intent: str, entry: str | None = None) -> str:
    """The classifier's class for messages with an intent that an entry answers, or for those that none does.

    >>> class_name("delivery_time", "delivery-express"), class_name("greeting")
    ('delivery_time/delivery-express', 'greeting')
    """
    return f"{intent}/{entry}" if entry else intent


def intent_of(name: str) -> str:
    """The intent of a classifier's class."""
    return name.partition("/")[0]


def entry_of(name: str) -> str | None:
    """The entry of a classifier's class, None for a class of messages that no entry answers."""
    return name.partition("/")[2] or None


@dataclass(frozen=True)
class Intent:
    """One thing a customer may want.

    Attributes:
        id: the label that the classifier predicts.
        act: the kind of act the customer performs (query, request, complaint, social ...).
        route: what a confident prediction leads to.
    """

    id: str
    act: str
    route: IntentRoute

    @classmethod
    def from_dict(cls, row: Mapping[str, object]) -> "Intent":
        """Read an intent from a catalogue or a manifest.

        Raises:
            SettingsError: a part is missing or the route is unknown.
        """
        try:
            intent_id, act, route = str(row["id"]), str(row["act"]), row["route"]
        except KeyError as missing:
            raise SettingsError(f"An intent lacks {missing}: {dict(row)}.") from None
        routes: tuple[IntentRoute, ...] = get_args(IntentRoute)
        for known in routes:
            if route == known:
                return cls(intent_id, act, known)
        raise SettingsError(f"Intent {intent_id} has the route {route!r}; it must be one of {', '.join(routes)}.")


def read_intents(path: Path) -> list[Intent]:
    """Read a catalogue: a YAML list of ``{id, act, route}``.

    Raises:
        SettingsError: the file is missing, is no such list, or names an intent twice.
    """
    try:
        rows = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsError(f"The intent catalogue {path} cannot be read: {error}") from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise SettingsError(f"The intent catalogue {path} must be a YAML list of {{id, act, route}}.")
    intents = [Intent.from_dict(row) for row in rows]
    names = [intent.id for intent in intents]
    if len(set(names)) < len(names) or OUT_OF_SCOPE in names:
        raise SettingsError(f"{path}: every id must be there once, and `{OUT_OF_SCOPE}` is reserved for out-of-scope.")
    return intents
