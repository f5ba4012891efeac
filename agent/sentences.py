"""Cuts texts into sentences, English and Chinese, Markdown as it stands."""

import re

# A full stop after these does not end a sentence.
ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:e\.g|i\.e|etc|approx|incl|excl|max|min|no|nr|st|mr|mrs|ms|dr|prof|vs|cf|tel|ext|fig|p|pp|a\.m|p\.m|u\.s|u\.k|[A-Za-z])\.$",
    re.IGNORECASE,
)
END = re.compile(r"(?:[.!?…]+|[。！？…]+)[\"'”’」』）)\]*_]*(?:\s*\[\d+(?:\.\d+)?\])*")
LINE = re.compile(r"\n+")
LIST_NUMBER = re.compile(r"(?:^|\n)\s*\d+\.$")
LIST_ITEM = re.compile(r"(?:[-*+]|\d+[.)、])\s")


def sentences(text: str) -> list[str]:
    r"""Cut a text into its sentences; every line and list item is one, or several.

    >>> sentences("It costs 4.90 USD, e.g. for books. Free from **50 USD**! [1]\n- By 2 p.m. on Friday")
    ['It costs 4.90 USD, e.g. for books.', 'Free from **50 USD**! [1]', '- By 2 p.m. on Friday']
    >>> sentences("支持7天无理由退货。运费由谁承担？看原因！")
    ['支持7天无理由退货。', '运费由谁承担？', '看原因！']
    """
    found, rest = [], text
    while cut := first_end(rest, whole=True):
        found.append(rest[:cut])
        rest = rest[cut:]
    return [sentence for part in [*found, rest] if (sentence := part.strip())]


def units(answer: str) -> list[str]:
    r"""The parts of an entry's answer that can be told on their own: its sentences, and each list with what introduces it.

    >>> units("There are two levels:\n- **Silver**: 200 USD\n- **Gold**: 800 USD\n\nThey last a year.")
    ['There are two levels:\n- **Silver**: 200 USD\n- **Gold**: 800 USD', 'They last a year.']
    """
    found: list[str] = []
    for sentence in sentences(answer):
        if found and LIST_ITEM.match(sentence) and (found[-1].endswith((":", "：")) or LIST_ITEM.match(found[-1].rpartition("\n")[2])):
            found[-1] += "\n" + sentence
        else:
            found.append(sentence)
    return found


def first_end(text: str, *, whole: bool = False) -> int:
    """Where the first sentence of a text ends, 0 where none surely does yet.

    Args:
        text: the text so far.
        whole: whether nothing comes after it; else what stands at its end may go on (3. may become 3.50).
    """
    start = len(text) - len(text.lstrip())
    line = next((match.start() for match in LINE.finditer(text) if match.start() > start), len(text) + 1)
    for match in END.finditer(text):
        if match.start() > line or (match.end() == len(text) and not whole):  # a citation mark or a digit may follow
            break
        if _ends_sentence(text, match):
            return match.end()
    return line if line <= len(text) else 0


def _ends_sentence(text: str, match: re.Match[str]) -> bool:
    end, before = match.end(), text[: match.start() + 1]
    if match[0][0] in ".!?" and end < len(text) and not text[end].isspace() and not "\u2e80" <= text[end] <= "\u9fff":
        return False
    if match[0][0] != "." or not (ABBREVIATION.search(before) or LIST_NUMBER.search(before)):
        return True
    at_end = not text[end:].strip()
    # "a.m." and "p.m." end a sentence where a capital letter follows.
    return at_end or bool(re.search(r"[ap]\.m\.$", before, re.IGNORECASE) and re.match(r"\s+[A-Z\"“]", text[end:]))
