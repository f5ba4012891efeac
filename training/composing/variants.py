"""The same replies with other facts, in article and reply alike: a model learns to copy them, not to remember them."""

import random
import re
from collections.abc import Sequence
from dataclasses import replace

from agent.prompting import Article
from training.composing.data import Example

FIGURE = re.compile(r"(?<![\w\[.])\d+(?:[.,]\d+)?(?![\w]*\.?\d*\])")
NAME = re.compile(r"(?<=[a-z,;:] )(?:\*\*)?([A-Z][a-z]{3,}(?: [A-Z][a-z]+)?)(?:\*\*)?")
NAMES = (
    "Willow Harbor Cedar Falcon Meridian Juniper Copper Lantern Orchard Summit Pebble Quartz Riverside Saffron Tundra Velvet Beacon Cobalt "
    "Drift Ember Fjord Granite Hazel Indigo Jasper Kestrel Lumen Maple Nimbus Opal Prairie Rowan"
).split()
MONTHS_AND_DAYS = re.compile(
    r"^(?:January|February|March|April|May|June|July|August|September|October|November|December|\w+day)", re.IGNORECASE
)


def fact_swapped(examples: Sequence[Example], copies: int, seed: int) -> list[Example]:
    """Return copies in which every figure, and every name that article and reply share, is another one.

    Args:
        examples: written ones.
        copies: of each.
        seed: of the choices.
    """
    chance = random.Random(seed)  # noqa: S311 - a sample
    made = (_swapped(example, chance) for example in examples for _ in range(copies))
    return [variant for variant in made if variant is not None]


def _swapped(example: Example, chance: random.Random) -> Example | None:
    texts = [text for article in example.articles for text in (article.title, *article.parts)]
    joined = "\n".join(texts)
    figures = {figure: _figure(figure, chance) for figure in dict.fromkeys(FIGURE.findall(joined))}
    names = [name for name in dict.fromkeys(NAME.findall(joined)) if not MONTHS_AND_DAYS.match(name)]
    others = dict(zip(names, chance.sample(NAMES, min(len(names), len(NAMES))), strict=False))
    if not figures and not others:
        return None

    old_names = re.compile("|".join(map(re.escape, sorted(others, key=len, reverse=True))))

    def change(text: str) -> str:
        """A text with the other facts."""
        text = FIGURE.sub(lambda match: figures.get(match[0], match[0]), text)
        return old_names.sub(lambda match: others[match[0]], text) if others else text

    articles = tuple(Article(change(article.title), tuple(map(change, article.parts))) for article in example.articles)
    before = tuple((change(message), change(reply)) for message, reply in example.before)
    return replace(example, articles=articles, message=change(example.message), before=before, reply=change(example.reply))


def _figure(figure: str, chance: random.Random) -> str:
    """Another figure of about the same size and the same shape."""
    if not figure.isdigit():
        return "".join(str(chance.randint(1, 9)) if character.isdigit() else character for character in figure)
    value = int(figure)
    if value <= 3:
        return str(chance.randint(2, 9))
    if value <= 31:  # hours and days of months stay what they are
        return str(chance.randint(2, 23))
    step = 10 ** max(len(figure) - 2, 0)
    return str(max(step, round(value * chance.uniform(0.4, 2.2) / step) * step))
