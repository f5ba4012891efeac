"""Disturbs texts as people mistype them: slips of the keyboard and contractions, homophones in Chinese.

Traditional characters and full width are no disturbance here: matching normalises them before the classifier sees a text.
"""

import random
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from pypinyin import lazy_pinyin

from training.examples import Example

HAN = re.compile(r"[\u4e00-\u9fff]")
LETTER_RUN = re.compile(r"[a-z]{4,}")
ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
LETTERS_A_SLIP, CHARACTERS_A_SLIP = 25, 12
CONTRACTIONS = {
    "cannot": "can't",
    "can not": "can't",
    "do not": "don't",
    "does not": "doesn't",
    "did not": "didn't",
    "is not": "isn't",
    "will not": "won't",
    "have not": "haven't",
    "has not": "hasn't",
    "i am": "i'm",
    "i have": "i've",
    "i would": "i'd",
    "what is": "what's",
    "where is": "where's",
    "how is": "how's",
    "that is": "that's",
    "it is": "it's",
    "please": "pls",
    "you": "u",
    "your": "ur",
    "because": "cuz",
    "going to": "gonna",
    "want to": "wanna",
}
CONTRACTED = re.compile(r"\b(" + "|".join(sorted(CONTRACTIONS, key=len, reverse=True)) + r")\b")


def augmented(examples: Sequence[Example], share: float, seed: int) -> list[Example]:
    """Return disturbed copies of a share of the examples, those that no rule changes left out.

    Args:
        examples: the training part; its characters are the homophones to choose from.
        share: of the examples, 0 to 1.
        seed: of the choices.
    """
    if share <= 0:
        return []
    chance = random.Random(seed)  # noqa: S311 - a sample
    homophones = _homophones(examples)
    chosen = [example for example in examples if chance.random() < share]
    copies = [Example(disturbed(example.text, homophones, chance), example.name) for example in chosen]
    return [copy for copy, example in zip(copies, chosen, strict=True) if copy.text != example.text]


def disturbed(text: str, homophones: Mapping[str, Sequence[str]], chance: random.Random) -> str:
    """Return a text with about one slip for every dozen Chinese characters or 25 letters, at least one where a rule applies."""
    if found := [place for place, character in enumerate(text) if homophones.get(character)]:
        characters = list(text)
        for place in chance.sample(found, min(len(found), 1 + len(found) // CHARACTERS_A_SLIP)):
            characters[place] = chance.choice(homophones[characters[place]])
        text = "".join(characters)
    if CONTRACTED.search(text) and chance.random() < 0.5:
        return CONTRACTED.sub(lambda match: CONTRACTIONS[match.group()], text)
    letters = sum(character.isascii() and character.isalpha() for character in text)
    for _ in range(min(1 + letters // LETTERS_A_SLIP, 3)):
        text = _slip(text, chance)
    return text


def _slip(text: str, chance: random.Random) -> str:
    """Drop, double, swap or mistype a letter inside a word of four or more."""
    words = list(LETTER_RUN.finditer(text))
    if not words:
        return text
    word = chance.choice(words)
    place = chance.randrange(word.start() + 1, word.end() - 1)
    letter, after = text[place], text[place + 1]
    kinds = ("", letter * 2 + after, after + letter, chance.choice(_neighbours(letter)) + after)
    change = chance.choice(kinds)
    return text[:place] + (change or after) + text[place + 2 :]


def _neighbours(letter: str) -> str:
    """The keys beside a letter's."""
    row = next(row for row in ROWS if letter in row)
    place = row.index(letter)
    return row[max(place - 1, 0) : place] + row[place + 1 : place + 2]


def _homophones(examples: Sequence[Example]) -> dict[str, list[str]]:
    """For each Chinese character of the examples, the others that sound the same, whatever the tone."""
    by_sound: dict[str, list[str]] = defaultdict(list)
    for character in sorted({character for example in examples for character in HAN.findall(example.text)}):
        by_sound[lazy_pinyin(character)[0]].append(character)
    return {one: [other for other in group if other != one] for group in by_sound.values() for one in group}
