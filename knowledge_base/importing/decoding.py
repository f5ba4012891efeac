"""Bytes to text: UTF-8, UTF-16 or GB18030, and both of UTF-8 and GB18030 in one file. What is doubtful is refused, never guessed."""

import codecs
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import jieba

from knowledge_base.errors import EntryError
from knowledge_base.normalisation import normalise

UTF_16 = ("utf-16-le", "utf-16-be")
HAN = re.compile("[\u3400-\u9fff]+")
ALONE_IN_LATIN = re.compile("(?<=[A-Za-z])[\u3400-\u9fff](?![\u3400-\u9fff])|(?<![\u3400-\u9fff])[\u3400-\u9fff](?=[A-Za-z])")
FREQUENT = 2_000  # how often a character stands alone in jieba's texts, at least, to be one of every text
# Share of a line's characters that words or frequent characters explain: of one line alone, and of one in a file that is Chinese.
LEAST_ALONE, LEAST_AMONG_OTHERS = 0.7, 0.4
SAMPLE = 200  # lines that tell whether the file is


@dataclass(frozen=True)
class DecodedText:
    """A file's text.

    Attributes:
        text: with every line; in those that are not readable, what is not ASCII is replaced.
        unreadable: the numbers of those lines, from 1.
    """

    text: str
    unreadable: tuple[int, ...] = ()

    def unreadable_in(self, first: int, last: int) -> int | None:
        """The first unreadable line among these."""
        return next((line for line in self.unreadable if first <= line <= last), None)

    def whole(self) -> str:
        """The text of a format that has no rows to leave out.

        Raises:
            EntryError: a line is not readable.
        """
        if self.unreadable:
            raise EntryError(f"line {self.unreadable[0]} is neither UTF-8 nor GB18030; save the file as UTF-8.")
        return self.text


def decode(data: bytes, declared: str | None = None) -> DecodedText:
    """Read a text in whatever encoding it is.

    Args:
        data: the file.
        declared: an encoding that the file or its server names.

    Raises:
        EntryError: it is no text.
    """
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"\x1f\x8b")):
        raise EntryError("it is no text but another kind of file under this name; give it the ending of what it is.")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return DecodedText(_strictly(data, "utf-16"))
    data = data.removeprefix(codecs.BOM_UTF8)
    if b"\0" in data:
        return DecodedText(_wide(data))
    for encoding in ("utf-8", declared):
        if encoding and (text := _if_possible(data, encoding)) is not None:
            return DecodedText(text)
    return _by_line(data.splitlines(keepends=True))


def _by_line(parts: list[bytes]) -> DecodedText:
    foreign = [line for line in parts if _if_possible(line, "utf-8") is None][:SAMPLE]
    is_chinese = _share_explained("".join(_if_possible(line, "gb18030") or "" for line in foreign)) >= LEAST_ALONE
    lines = [_line(line, LEAST_AMONG_OTHERS if is_chinese else LEAST_ALONE) for line in parts]
    unreadable = tuple(number for number, (_, readable) in enumerate(lines, start=1) if not readable)
    return DecodedText("".join(text for text, _ in lines), unreadable)


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise EntryError(f"it is damaged: byte {error.start:,} is no {encoding.upper()}. Save it as UTF-8.") from None


def _if_possible(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def _wide(data: bytes) -> str:
    """UTF-16 without its mark: the reading that has the more of ASCII in it, which every table and page has."""
    texts = [text for encoding in UTF_16 if (text := _if_possible(data, encoding)) is not None]
    text = max(texts, key=lambda text: sum(map(str.isascii, text[:10_000])), default="\0")
    if any(unicodedata.category(character) in {"Cc", "Cn", "Co"} and character not in "\t\n\r" for character in set(text)):
        raise EntryError("it holds NUL characters and is no UTF-16, so it is no text. Save it as UTF-8.")
    return text


def _line(line: bytes, least: float) -> tuple[str, bool]:
    """A line's text, and whether it is readable."""
    chinese = _if_possible(line, "gb18030")
    if chinese is not None and not chinese.isascii() and _share_explained(chinese) < least:
        chinese = None
    text = _if_possible(line, "utf-8")
    if text is not None and (chinese is None or text.isascii() or max(text) >= "\u0800"):
        return text, True
    if chinese is not None:  # two characters of it may be a Greek or Cyrillic letter in UTF-8 by chance, so it comes before that
        return chinese, True
    return line.decode("ascii", "replace"), False


def _share_explained(text: str) -> float:
    """How many of its characters make words. Bytes of another encoding give characters, too, but seldom words."""
    letters = [character for character in text if not character.isascii() and unicodedata.category(character)[0] not in "PSZ"]
    if any(unicodedata.category(character) in {"Co", "Cn", "Cc"} for character in letters):
        return 0.0
    text = ALONE_IN_LATIN.sub(_unless_accented, text)
    return sum(_explained(run) for run in HAN.findall(normalise(text))) / len(letters) if letters else 1.0


def _unless_accented(match: re.Match[str]) -> str:
    """A character in a Latin word, blank where it may be an accented letter and the ASCII character behind it."""
    return " " if match.group().encode("gb18030")[1] < 0x80 else match.group()


def _explained(run: str) -> int:
    words = _words()
    count = 0
    for place, character in enumerate(run):
        pairs = (run[max(place - 1, 0) : place + 1], run[place : place + 2])
        count += words.get(character, 0) >= FREQUENT or any(len(pair) == 2 and words.get(pair, 0) > 0 for pair in pairs)
    return count


@lru_cache(maxsize=1)
def _words() -> dict[str, int]:
    jieba.dt.initialize()
    frequencies: dict[str, int] = jieba.dt.FREQ
    return frequencies
