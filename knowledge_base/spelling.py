"""Reads messages as the FAQ would spell them: typing errors, homophones and pinyin. Only for matching, never for showing."""

import re
import threading
from collections.abc import Iterable
from itertools import pairwise

import jieba
from pypinyin import lazy_pinyin
from symspellpy import SymSpell, Verbosity

from knowledge_base.normalisation import normalise
from knowledge_base.pinyin import HAN, PinyinReader, english_words, is_syllables

LATIN_WORD = re.compile(r"(?<![a-z0-9\[@./_-])[a-z]{4,}(?![a-z0-9\]@_-]|\.[a-z])")  # no part of an address, a code or a placeholder
LONG = 8  # letters; such a word may have two errors
LONGEST_MIXED_UP = 4  # characters
# Written without their apostrophe, and not misspelt for that.
CONTRACTIONS = re.compile(
    r"(are|ca|could|did|does|do|had|has|have|is|should|was|were|wo|would)nt|(here|how|that|there|what|where|who)s|(they|you|i)(re|ve|ll|d)"
)
# Characters that stand alone so often that two of them side by side are no misspelt word.
ALONE = frozenset(
    "的了我你您他她它是不在有就也都很吗呢吧啊呀哦嗯么这那和与或把被给让跟对到要想会能可以没去来说看用买卖做好多少大小几个件次天号点上下"
    "里外再还又才只为从将前后请"
)


class Spelling:
    """Corrects what no dictionary knows to the shop's own words, and nothing else: a product's odd name stays what it is.

    Args:
        words: of the FAQ; more may be learned later.

    Example:
        >>> Spelling(["refund", "快递", "退货"]).correct("my refudn? 快第 zenme tuihuo")
        'my refund? 快递 怎么退货'
    """

    def __init__(self, words: Iterable[str] = ()) -> None:
        self._lock = threading.Lock()
        self._words: set[str] = set()
        self._latin = SymSpell(max_dictionary_edit_distance=2)
        self._sounds: dict[str, str] = {}
        self._pinyin = PinyinReader()
        self.learn(words)

    def learn(self, words: Iterable[str]) -> None:
        """Take in words of the FAQ that are not known yet."""
        with self._lock:
            new = set(words) - self._words
            for word in sorted(new):
                if word.isascii() and word.isalpha() and len(word) >= 4:
                    self._latin.create_dictionary_entry(word, 1 + len(english_words()) - english_words().get(word, len(english_words())))
                elif 2 <= len(word) <= LONGEST_MIXED_UP and HAN.fullmatch(word):
                    sound = "".join(lazy_pinyin(word))
                    self._sounds[sound] = max(word, self._sounds.get(sound, word))  # the same in whatever order they come
            self._pinyin.learn(new)
            self._words |= new

    def with_words(self, words: Iterable[str]) -> "Spelling":
        """One that knows these words, too; this one stays as it is."""
        new = set(words) - self._words
        return Spelling(self._words | new) if new else self

    def correct(self, text: str) -> str:
        """Return a message as it is matched: normalised, and spelt as the FAQ spells."""
        text = self._pinyin.read(normalise(text))
        is_chinese = bool(HAN.search(text))
        text = LATIN_WORD.sub(lambda match: self._corrected(match.group(), is_chinese=is_chinese), text)
        return HAN.sub(lambda match: self._unmixed(match.group()), text)

    def _corrected(self, word: str, *, is_chinese: bool) -> str:
        if word in self._words or word in english_words() or CONTRACTIONS.fullmatch(word) or (is_chinese and is_syllables(word)):
            return word
        found = self._latin.lookup(word, Verbosity.CLOSEST, max_edit_distance=2 if len(word) >= LONG else 1)
        return str(min(found, key=lambda one: (-one.count, one.term)).term) if found else word

    def _unmixed(self, run: str) -> str:
        """Characters that sound like a word of the FAQ, where jieba's dictionary has no word with them: 快第 is 快递."""
        places = [0]
        for word in jieba.cut(run, HMM=False):
            places.append(places[-1] + len(word))
        loose = [end - start == 1 and run[start] not in ALONE for start, end in pairwise(places)]
        singles = {start for (start, _), is_loose in zip(pairwise(places), loose, strict=True) if is_loose}
        start = 0
        while start < len(run):
            for length in range(LONGEST_MIXED_UP, 1, -1):
                window = run[start : start + length]
                if len(window) == length and singles.issuperset(range(start, start + length)):
                    meant = self._sounds.get("".join(lazy_pinyin(window)))
                    if meant and len(meant) == length:
                        run = run[:start] + meant + run[start + length :]
                        start += length - 1
                        break
            start += 1
        return run
