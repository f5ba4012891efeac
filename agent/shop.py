"""The shop's name card: what the assistant may say about the shop in its own short replies."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from agent.look_ups import LookUp
from agent.opening_hours import OpeningHours
from knowledge_base.errors import SettingsError


@dataclass(frozen=True)
class Shop:
    """Who the assistant speaks for; every part may be missing.

    Attributes:
        name: by language.
        hours: when people are there in words, by language.
        opening: the same for the clock.
        phone: of the people.
        email: of the people.
        look_ups: where to ask for what no FAQ knows, by intent.
    """

    name: Mapping[str, str] = field(default_factory=dict)
    hours: Mapping[str, str] = field(default_factory=dict)
    opening: OpeningHours = field(default_factory=OpeningHours)
    phone: str = ""
    email: str = ""
    look_ups: Mapping[str, LookUp] = field(default_factory=dict)


def read_shop(path: Path) -> Shop:
    """Read ``shop.yaml``; a missing file is a shop without a name card.

    Raises:
        SettingsError: the file is not YAML, or a part has the wrong kind.
    """
    if not path.exists():
        return Shop()
    try:
        card = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        texts = {key: {str(language): str(text) for language, text in (card.get(key) or {}).items()} for key in ("name", "hours")}
        opening = OpeningHours.from_dict(card.get("opening") or {})
        look_ups = {str(intent): LookUp.from_dict(settings) for intent, settings in (card.get("look_ups") or {}).items()}
        return Shop(**texts, opening=opening, phone=str(card.get("phone") or ""), email=str(card.get("email") or ""), look_ups=look_ups)
    except (OSError, yaml.YAMLError, AttributeError, ValueError) as error:
        raise SettingsError(
            f"{path} must be YAML with `name` and `hours` (each by language, e.g. {{en: ..., zh: ...}}), `phone`, `email` and `opening` "
            f'({{timezone: Asia/Shanghai, mon-fri: "09:00-18:00"}}) and `look_ups` ({{order_status: {{url: https://...}}}}): {error}'
        ) from error
