"""Chinese typed in Latin letters: told from English, and read as characters."""

import math
import re
import threading
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import jieba
import symspellpy
from pypinyin import lazy_pinyin
from pypinyin.contrib.tone_convert import to_normal
from pypinyin.pinyin_dict import pinyin_dict

LATIN = re.compile(r"[a-z]+")
HAN = re.compile("[\u4e00-\u9fff]+")
MOST_CHARACTERS = 4  # of a word that is read at once
WORDS_KNOWN = 60_000  # of jieba's words, the most frequent ones
FAQ_BOOST = 1000.0  # a word of the shop's FAQ counts as this many times more frequent
COMMON_ENGLISH = 30_000
LEAST_LETTERS = 5


@lru_cache(maxsize=1)
def english_words() -> dict[str, int]:
    """English words with their rank, 0 for the most frequent (symspellpy's list: Google Books and SCOWL)."""
    path = Path(symspellpy.__file__).parent / "frequency_dictionary_en_82_765.txt"
    return {line.split()[0]: rank for rank, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines())}


@lru_cache(maxsize=1)
def _syllables() -> re.Pattern[str]:
    """One or more syllables of Mandarin without tones."""
    readings = {pinyin_dict[code].split(",")[0] for code in range(0x4E00, 0x9FA6) if code in pinyin_dict}
    found = {to_normal(reading) for reading in readings} - {"n", "m", "ng", "hm"}
    found = {syllable for syllable in found if LATIN.fullmatch(syllable)}  # nü and lü are typed as nv and lv, like NVDA
    return re.compile(f"(?:{'|'.join(sorted(found, key=len, reverse=True))})+")


def is_syllables(word: str) -> bool:
    """Whether a word in lower case consists of syllables of Mandarin."""
    return bool(_syllables().fullmatch(word))


def runs_of_pinyin(text: str) -> list[tuple[int, int]]:
    """Where a text has Chinese in Latin letters; nowhere in a text whose Latin words are English or other words in the main.

    Args:
        text: lower case.

    >>> runs_of_pinyin("zenme tui huo"), runs_of_pinyin("can you change the line")
    ([(0, 13)], [])
    """
    words = list(LATIN.finditer(text))
    runs: list[list[re.Match[str]]] = []
    end = -1
    for word in words:
        if not is_syllables(word.group()):
            continue
        if not runs or text[end : word.start()].strip():
            runs.append([])
        runs[-1].append(word)
        end = word.end()
    chinese = [run for run in runs if _is_chinese([word.group() for word in run], is_all=len(run) == len(words))]
    read = sum(len(word.group()) for run in chinese for word in run)
    letters = sum(len(word.group()) for word in words)
    return [(run[0].start(), run[-1].end()) for run in chinese] if read >= LEAST_LETTERS and 2 * read > letters else []


def is_pinyin(text: str) -> bool:
    """Whether a text has Chinese in Latin letters in it, and is no text of another language with Chinese names.

    >>> is_pinyin("wo de kuaidi zenme hai mei dao"), is_pinyin("is express possible in Chengdu")
    (True, False)
    """
    return bool(runs_of_pinyin(text.lower()))


def _is_chinese(words: list[str], *, is_all: bool) -> bool:
    """Whether words that are syllables of Mandarin are meant so: most of them are no English, and one among others may be misspelt."""
    foreign = sum(len(word) for word in words if english_words().get(word, COMMON_ENGLISH) >= COMMON_ENGLISH)
    letters = sum(map(len, words))
    return (is_all or len(words) > 1) and 2 * foreign >= letters


class PinyinReader:
    """Reads pinyin without tones as the most probable words: the best path through all words that sound so.

    Args:
        words: of the shop's FAQ; they are preferred to others that sound alike. More may be learned later.

    Example:
        >>> PinyinReader(["退货"]).read("zenme tuihuo")
        '怎么退货'
    """

    def __init__(self, words: Iterable[str] = ()) -> None:
        self.words: set[str] = set()
        self._loading = threading.Lock()
        self._known: dict[str, tuple[float, str]] | None = None
        self.learn(words)

    def learn(self, words: Iterable[str]) -> None:
        """Take in words of the FAQ."""
        new = {word for word in words if HAN.fullmatch(word) and 2 <= len(word) <= MOST_CHARACTERS}
        with self._loading:
            self.words |= new
            if self._known is not None:
                self._know(self._known, new)

    def read(self, text: str) -> str:
        """Return the text with its runs of pinyin as characters."""
        for start, end in reversed(runs_of_pinyin(text)):
            text = text[:start] + self._read_run("".join(LATIN.findall(text[start:end]))) + text[end:]
        return text

    def _read_run(self, letters: str) -> str:
        known = self._sounds()
        best: list[tuple[float, str] | None] = [(0.0, "")] + [None] * len(letters)
        for start in range(len(letters)):
            here = best[start]
            if here is None:
                continue
            for end in range(start + 1, min(len(letters), start + 6 * MOST_CHARACTERS) + 1):
                word = known.get(letters[start:end])
                there = best[end]
                if word and (there is None or here[0] + word[0] > there[0]):
                    best[end] = (here[0] + word[0], here[1] + word[1])
        found = best[len(letters)]
        return found[1] if found else letters

    def _sounds(self) -> dict[str, tuple[float, str]]:
        """The most probable word of each sound, with its log-probability; made when the first pinyin comes in."""
        with self._loading:
            if self._known is None:
                self._known = self._load_sounds()
        return self._known

    def _load_sounds(self) -> dict[str, tuple[float, str]]:
        jieba.initialize()
        counts = {word: count for word, count in jieba.dt.FREQ.items() if count and len(word) <= MOST_CHARACTERS and HAN.fullmatch(word)}
        common = sorted(counts, key=lambda word: -counts[word])[:WORDS_KNOWN]
        sounds: dict[str, tuple[float, str]] = {}
        self._know(sounds, {*common, *self.words})
        return sounds

    def _know(self, sounds: dict[str, tuple[float, str]], words: Iterable[str]) -> None:
        """Add words by their sound, where they are more probable than what is known of that sound."""
        for word in words:
            count = (jieba.dt.FREQ.get(word, 0) + 1) * (FAQ_BOOST if word in self.words else 1.0)
            candidate = (math.log(count / jieba.dt.total), word)
            sound = "".join(lazy_pinyin(word))
            sounds[sound] = max(candidate, sounds.get(sound, candidate))
