"""Which language a message is in: scripts first, then common words, then langdetect.

A customer's message is short ("refund??", "我的order怎么还没ship"), and a statistical detector alone guesses on it.
A script settles most texts. Latin text is English unless the words of another language outnumber the English ones.
"""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock

from langdetect.detector_factory import PROFILES_DIRECTORY, DetectorFactory
from langdetect.lang_detect_exception import LangDetectException

from agent.language_evidence import (
    FRAME_WORDS,
    HIRAGANA,
    LANGUAGES_OF_LETTER,
    LANGUAGES_OF_WORD,
    PARTICLES,
    RUNS,
    SIBLINGS,
    UNSPACED,
    WORDS,
)
from knowledge_base.normalisation import PSEUDONYM, UNSEEN, is_traditional
from knowledge_base.pinyin import is_pinyin

SERVED = ("en", "zh")
LONGEST = 2000  # characters that are looked at; the language shows long before

# Emoji made of letters (㊗, 🈶, ℹ, ™), which NFKC would turn into those letters.
LETTER_SYMBOLS = re.compile("[\u2100-\u218f\u2460-\u24ff\u3200-\u33ff\U0001f100-\U0001f2ff]")
# Web addresses (Chinese may follow without a space), e-mail addresses, and whatever has a digit in it: order numbers, models, sizes, times.
CODES = re.compile(
    r"(?:https?://|www\.)[^\s\u2e80-\uffff]+|(?<![A-Za-z0-9._+-])[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+|(?<![A-Za-z0-9_-])[A-Za-z_-]*[0-9][A-Za-z0-9_-]*"
)
# What is quoted (a title, a message on the screen) is in the language of what it quotes.
QUOTED = re.compile(r'"[^"\n]{1,200}"|“[^”\n]{1,200}”|«[^»\n]{1,200}»|「[^」\n]{1,200}」|《[^》\n]{1,200}》')

# What langdetect chooses from; with rare languages among them it takes misspelt English for one of those.
DETECTED = ("en", "fr", "de", "es", "it", "pt", "nl", "id", "vi", "pl", "tr", "sv", "da", "no", "fi", "cs", "ro", "hu")
ENOUGH_LETTERS, ENOUGH_WORDS = 30, 6  # on less it is wrong and sure of it
SURE = 0.99
ENGLISH_SHARE, FOREIGN_SHARE = 1 / 5, 1 / 3  # the part of a text's words that a language's list must have to decide
LONGEST_LATIN = 100  # words

_loading = Lock()


@dataclass(frozen=True)
class Language:
    """A language as replies are chosen by.

    Attributes:
        code: two letters of ISO 639-1, such as ``en`` or ``zh``.
        traditional: Chinese in traditional characters; always False for other languages.
    """

    code: str
    traditional: bool = False

    @property
    def is_served(self) -> bool:
        """Whether replies exist in this language."""
        return self.code in SERVED

    @property
    def tag(self) -> str:
        """As HTML has it (BCP 47): ``en``, ``zh-Hans``, ``zh-Hant``."""
        return self.code if self.code != "zh" else "zh-Hant" if self.traditional else "zh-Hans"


def detect_language(text: str, fallback: str = "en") -> Language:
    """Tell which language a message is in; never raises.

    Scripts decide first, then common words, then langdetect on longer Latin text; short Latin text is English.
    Addresses, numbers, placeholders, emoji and punctuation are no evidence.

    Args:
        text: the message as it was written; its first 2000 characters are looked at.
        fallback: the code to return for a text without letters, such as the conversation's language so far.

    >>> detect_language("我的order怎么还没ship")
    Language(code='zh', traditional=False)
    >>> detect_language("Où est mon colis ?").is_served
    False
    """
    text = without_codes(text)
    unquoted = QUOTED.sub(" ", text)
    if RUNS.search(unquoted):
        text = unquoted
    runs = letter_runs(text)
    words = runs.pop("latin", [])[:LONGEST_LATIN]
    if runs and not is_english_frame(words, runs):
        code = script_language(runs)
        return Language(code, traditional=code == "zh" and is_traditional(text))
    if words:
        return Language("zh" if is_pinyin(text) else latin_language(words))
    return Language(fallback)


def without_codes(text: str) -> str:
    """The text in one Unicode form, without what says nothing about its language."""
    text = unicodedata.normalize("NFKC", LETTER_SYMBOLS.sub(" ", UNSEEN.sub("", text[:LONGEST])))[:LONGEST]
    return CODES.sub(" ", PSEUDONYM.sub(" ", text))


def letter_runs(text: str) -> dict[str, list[str]]:
    """The runs of letters by script; Han beside kana counts as Japanese, unless the sentence is a Chinese one."""
    runs: dict[str, list[str]] = {}
    for match in RUNS.finditer(text):
        name, letters = str(match.lastgroup), match.group()
        # One letter of another alphabet is a symbol: Ω, α, (ツ). One Han character is a word.
        if name in ("latin", "zh") or len(letters) > 1:
            runs.setdefault(name, []).append(letters)
    if "ja" in runs:
        # Japanese grammar is written in hiragana; katakana alone may be a product's name in Chinese.
        hiragana = len(re.findall(f"[{HIRAGANA}]", "".join(runs["ja"])))
        target = "zh" if particles(runs) > hiragana else "ja"
        runs[target] = [run for name in ("ja", "zh") for run in runs.pop(name, [])]
    return runs


def particles(runs: dict[str, list[str]]) -> int:
    """How many characters there are that hold a Chinese sentence together."""
    return sum(map(PARTICLES.__contains__, "".join(runs.get("zh", []) + runs.get("ja", []))))


def is_english_frame(words: list[str], runs: dict[str, list[str]]) -> bool:
    """Whether a mixed text is an English sentence with words of another script in it, and not the other way round."""
    frame = sum(plain(word) in FRAME_WORDS for word in words)
    if "zh" not in runs:
        return frame > sum(len(run) / 3 if name in UNSPACED else 1 for name, found in runs.items() for run in found)
    characters = sum(map(len, runs["zh"]))
    if chinese := particles(runs):
        return frame > chinese and 3 * len(words) > characters
    english = sum("en" in spoken_for(word) for word in words)  # a name or a product on either side decides nothing
    return (frame > 0 and 3 * len(words) > characters) or (english > 1 and 2 * english > characters)


def script_language(runs: dict[str, list[str]]) -> str:
    """The language of the script with the most letters."""
    code = max(runs, key=lambda name: sum(map(len, runs[name])))
    letters = set("".join(runs[code]).lower())
    return next((sibling for sibling, marks in SIBLINGS.get(code, {}).items() if letters & set(marks)), code)


def latin_language(words: list[str]) -> str:
    """The language of words in Latin letters; English when nothing speaks against it."""
    scores = Counter(code for word in words for code in spoken_for(word))
    best = max(WORDS, key=lambda code: scores[code])  # the first of equals: English before all others
    known = scores[best] / len(words)
    alone = list(scores.values()).count(scores[best]) == 1
    if (best == "en" and known >= ENGLISH_SHARE) or (alone and known >= FOREIGN_SHARE):
        return best
    if len(words) >= ENOUGH_WORDS and sum(map(len, words)) >= ENOUGH_LETTERS:
        return statistical_language(" ".join(words))
    return best if known >= FOREIGN_SHARE else "en"


def spoken_for(word: str) -> frozenset[str]:
    """The languages that a word speaks for: as it is, after an elision (l'ordine), or by a letter that only they have."""
    nothing: frozenset[str] = frozenset()
    codes = LANGUAGES_OF_WORD.get(plain(word), nothing)
    if "'" in word or "’" in word:
        codes |= LANGUAGES_OF_WORD.get(re.split("['’]", word.lower())[-1], nothing)
    if not word.isascii():
        codes = codes.union(*(LANGUAGES_OF_LETTER.get(letter, nothing) for letter in word.lower()))
    return codes


def plain(word: str) -> str:
    """A word as the lists have it: lower case, no apostrophe."""
    return word.lower().replace("'", "").replace("’", "")


def statistical_language(text: str) -> str:
    """What langdetect says where it is sure, English where it is not; seeded, so that a text always gets the same answer."""
    detector = profiles().create()
    detector.append(text.lower())  # it ignores words in capitals
    try:
        guesses = detector.get_probabilities()
    except LangDetectException:  # not one known letter sequence
        return "en"
    return str(guesses[0].lang) if guesses and guesses[0].prob >= SURE else "en"


def profiles() -> DetectorFactory:
    """The profiles of langdetect, loaded once, when the first text needs them."""
    with _loading:
        return _load_profiles()


@lru_cache(maxsize=1)
def _load_profiles() -> DetectorFactory:
    factory = DetectorFactory()
    factory.seed = 0
    factory.load_json_profile([(Path(PROFILES_DIRECTORY) / code).read_text(encoding="utf-8") for code in DETECTED])
    return factory
