"""Ids for entries that come without one, made of their questions."""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

from pypinyin import lazy_pinyin

from knowledge_base.normalisation import normalise
from knowledge_base.pinyin import HAN

LONGEST_SLUG = 60
WORD = re.compile(r"[a-z0-9]+")


def ids_for(questions: Sequence[str], taken: Iterable[str]) -> list[str]:
    """An id for each question: the same one whatever the order of the others.

    Questions with one slug get a hash each; one that is there again gets a number.

    Args:
        questions: one for each entry without an id.
        taken: ids that other entries have.

    Example:
        >>> ids_for(["When are you open?", "怎么退货？"], [])
        ['when-are-you-open', 'zen-me-tui-huo']
    """
    normalised = [normalise(question) for question in questions]
    slugs = [_slug(question) for question in normalised]
    shared = Counter(slug for slug, _ in set(zip(slugs, normalised, strict=True)))
    used = set(taken)
    used_by_hand = frozenset(used)
    counts: Counter[str] = Counter()
    ids = []
    for slug, question in zip(slugs, normalised, strict=True):
        base = _with_hash(slug, question) if shared[slug] > 1 or slug in used_by_hand else slug
        counts[base] += 1
        while (found := base if counts[base] == 1 else f"{base}-{counts[base]}") in used:
            counts[base] += 1
        used.add(found)
        ids.append(found)
    return ids


def _slug(question: str) -> str:
    """Words and pinyin, with hyphens; with a hash where a part of the question is not in it."""
    plain = "".join(character for character in unicodedata.normalize("NFKD", question) if not unicodedata.combining(character))
    spelled = HAN.sub(lambda match: f" {' '.join(lazy_pinyin(match.group()))} ", plain)
    slug = "-".join(WORD.findall(unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()))
    lost = any(character.isalpha() and not character.isascii() for character in spelled)
    if len(slug) > LONGEST_SLUG:
        slug, lost = slug[:LONGEST_SLUG].rpartition("-")[0] or slug[:LONGEST_SLUG], True
    return _with_hash(slug, question) if lost or not slug else slug


def _with_hash(slug: str, question: str) -> str:
    return f"{slug or 'faq'}-{hashlib.sha256(question.encode()).hexdigest()[:6]}"
