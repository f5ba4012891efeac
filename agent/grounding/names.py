"""Names in a sentence: of products, menus, places, people, companies."""

import re

from knowledge_base.normalisation import normalise

QUOTED = re.compile(r"[“「『《【\"]([^“”「」『』《》【】\"]{1,30})[”」』》】\"]|‘([^’]{2,30})’")
LATIN = re.compile(r"[A-Za-z][A-Za-z0-9+&'’.-]*[A-Za-z0-9+]|[A-Z]")
STARTS_SENTENCE = re.compile(r"(?:^|[.!?:;。！？：；\n(]|\b\d\.)\s*[\"'“(*]*$")
SPLIT = re.compile(r"[^\w+&]+")
# Written with a capital letter without being a name that an entry must have.
COMMON = frozenset(
    (
        "i ok okay faq id english chinese monday tuesday wednesday thursday friday saturday sunday january february march april may june "
        "july august september october november december sms pm am usd eur gbp cny us uk eu e mail email app pdf url tv pc sim qr wi fi "
        "wifi mon tue wed thu fri sat sun christmas easter internet allen new year eve mid north south east west northern southern "
        "eastern western british american canadian australian swiss european german french ll ve re d m s t"
    ).split()
)
HAN = re.compile(r"[\u3400-\u9fff]")


def unknown_name(sentence: str, evidence: str) -> str | None:
    """The first name in a sentence that the evidence does not have; None if it has all.

    What is written in quotes must stand in the evidence; so must words with a capital letter within a sentence, and Latin words
    within Chinese. Words that only begin a sentence are no names.

    Args:
        sentence: as it is written; capitals matter.
        evidence: as it is written.

    >>> unknown_name("You find it under Settings > Billing.", "Go to **Settings > Payment**.")
    'Billing'
    """
    known = normalise(evidence)
    words = {_stem(word) for word in SPLIT.split(known)}
    squeezed = re.sub(r"\W+", "", known)
    for match in QUOTED.finditer(sentence):
        quoted = match[1] or match[2]
        if re.sub(r"\W+", "", normalise(quoted)) not in squeezed:
            return quoted
    chinese = bool(HAN.search(sentence))
    for match in LATIN.finditer(sentence):
        if _is_name(match[0], sentence[: match.start()], chinese=chinese):
            parts = [part for part in SPLIT.split(normalise(match[0])) if part]
            if not all(_stem(part) in words or part in squeezed for part in parts):
                return match[0]
    return None


def _is_name(word: str, before: str, *, chinese: bool) -> bool:
    """Whether a Latin word is a name: written with a capital that nothing but being a name explains, or standing in Chinese."""
    if all(part in COMMON for part in re.split(r"[-'’.]", word.lower().rstrip("s")) if part) or word.lower() in COMMON:
        return False
    if chinese:
        return len(word) > 1
    inner = any(map(str.isupper, word[1:]))
    return inner or (word[:1].isupper() and not STARTS_SENTENCE.search(before))


def _stem(word: str) -> str:
    """A word without what makes it plural or possessive."""
    word = re.sub(r"['’]s?$", "", word)
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
