"""A name for what messages have in common."""

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from itertools import count

from pypinyin import lazy_pinyin
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from knowledge_base.keywords import words
from knowledge_base.pinyin import HAN

WORDS = 2  # of a name
SHARED = 1 / 3  # of the messages that have a word of the name
PLAIN = re.compile(r"[a-z][a-z0-9]*")
FILLERS = frozenset(  # what customers put around anything that they ask
    "hi hello please pls thanks thank want need like know tell ask does did can could would anyone possible way "
    "我 你 您 们 的 了 吗 呢 啊 吧 想 要 请问 请 可以 能 能否 有没有 有 没有 是 是否 怎么 什么 如何 多少 一下 你们 我们 我要 我想 "
    "能不能 可不可以 在 和 也 还 就 都".split()
)


def suggested_name(messages: Sequence[str], others: Iterable[str], taken: Collection[str]) -> str:
    """Name messages by the words that set them apart from others, in the order in which customers put them.

    Words are weighed by class-based tf-idf (Grootendorst 2022, https://arxiv.org/abs/2203.05794); Chinese ones are spelled in pinyin,
    and stand for the group only where it has no English message.

    Args:
        messages: the group.
        others: messages on other things.
        taken: names that others have.

    Example:
        >>> suggested_name(["do you wrap gifts?", "gift wrapping", "wrap it as a gift please"], ["where is my parcel?"], [])
        'wrap_gift'
    """
    english = [words_of for message in messages if (words_of := _english(message))]
    groups = english or [_chinese(message) for message in messages]
    inside = Counter(word for words_of in groups for word in dict.fromkeys(words_of))
    outside = Counter(word for message in others for word in {*_english(message), *(() if english else _chinese(message))})
    total = sum(outside.values()) or 1
    shared = {word: times for word, times in inside.items() if times > SHARED * len(groups)} or inside
    scores = {word: times * math.log(1 + total / (1 + outside[word])) for word, times in shared.items()}
    best = sorted(scores, key=lambda word: (-scores[word], word))[:WORDS]
    places = {word: _mean_place(word, groups) for word in best}
    parts = [lazy_pinyin(word) if HAN.search(word) else [word] for word in sorted(best, key=lambda word: places[word])]
    name = "_".join(syllable for part in parts for syllable in part if PLAIN.fullmatch(syllable)) or "new_intent"
    return next(found for number in count(1) if (found := name if number == 1 else f"{name}_{number}") not in taken)


def _english(message: str) -> list[str]:
    found = (word for word in words(message) if PLAIN.fullmatch(word))
    return [_singular(word) for word in found if len(word) > 2 and word not in ENGLISH_STOP_WORDS and word not in FILLERS]


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _chinese(message: str) -> list[str]:
    return [word for word in words(message) if HAN.search(word) and len(word) > 1 and word not in FILLERS]


def _mean_place(word: str, groups: Sequence[Sequence[str]]) -> float:
    places = [found.index(word) for found in groups if word in found]
    return sum(places) / len(places)
