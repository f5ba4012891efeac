"""Entries that say the same twice, in one language or in two."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

from knowledge_base.centring import Centring
from knowledge_base.encoder import TextEncoder
from knowledge_base.entry import EntryVariant, FAQEntry
from knowledge_base.normalisation import normalise
from knowledge_base.onnx_model import Array
from knowledge_base.progress import Progress, silent
from knowledge_base.question_vectors import question_vectors

DUPLICATE = 0.62  # no two of the demonstration shop's 62 entries are as similar
ACROSS = 0.12  # two languages are that much farther apart than one
ASKED_ALIKE = 0.4  # cosine of two questions below which they ask for different things, whatever the answers say
BLOCK = 256  # questions in a matrix product


@dataclass(frozen=True)
class Duplicate:
    """Two entries that seem to be the same.

    Attributes:
        one: an entry's id.
        other: the other's.
        similarity: of their questions and answers, 0 to 1.
        question: of the first, the nearest to one of the other's.
        other_question: the one that it is nearest to.
    """

    one: str
    other: str
    similarity: float
    question: str
    other_question: str


@dataclass(frozen=True)
class Passage:
    """An entry in one language.

    Attributes:
        entry: its id.
        variant: its questions and answer.
    """

    entry: str
    variant: EntryVariant


@dataclass(frozen=True)
class NearPair:
    """Two entries, each in one language, that are asked and answered alike.

    Attributes:
        one: the entry that comes first.
        other: the other.
        similarity: of questions and answers, 0 to 1.
        answers: the cosine of the answers alone.
        question: of the first, the nearest to one of the other's.
        other_question: the one that it is nearest to.
    """

    one: Passage
    other: Passage
    similarity: float
    answers: float
    question: str
    other_question: str


@dataclass(frozen=True)
class _Side:
    """Entries in one language; `starts` says where each one's questions begin, and where the last one's end."""

    passages: Sequence[Passage]
    starts: NDArray[np.int_]
    asked: Array
    told: Array

    def questions_of(self, place: int) -> slice:
        """The rows of a passage's questions."""
        return slice(self.starts[place], self.starts[place + 1])

    def only(self, places: Sequence[int]) -> "_Side":
        """Some of them."""
        rows = [row for place in places for row in range(self.starts[place], self.starts[place + 1])]
        starts = np.cumsum([0, *(self.starts[place + 1] - self.starts[place] for place in places)])
        return _Side([self.passages[place] for place in places], starts, self.asked[rows], self.told[list(places)])


def find_duplicates(
    entries: Sequence[FAQEntry],
    encoder: TextEncoder,
    threshold: float = DUPLICATE,
    known: Mapping[str, Array] | None = None,
    progress: Progress = silent,
) -> list[Duplicate]:
    """Return the pairs of entries that seem to be the same, the most similar first.

    Args:
        entries: of the whole FAQ.
        encoder: embeds them.
        threshold: the least similarity, 0 to 1; the default fits the packaged encoder.
        known: vectors of questions, see `known_vectors`; the others are embedded.
        progress: called with a total and a title, returns a function that is called with counts of texts done.

    Example:
        >>> [(one.one, one.other) for one in find_duplicates(entries, encoder)]
        [('opening-hours', 'when-open')]
    """
    best: dict[tuple[str, str], NearPair] = {}
    for pair in near_pairs(entries, encoder, threshold, known, progress):
        ids = pair.one.entry, pair.other.entry
        if ids not in best or pair.similarity > best[ids].similarity:
            best[ids] = pair
    found = [Duplicate(*ids, pair.similarity, pair.question, pair.other_question) for ids, pair in best.items()]
    return sorted(found, key=lambda duplicate: -duplicate.similarity)


def merged(keep: FAQEntry, drop: FAQEntry) -> FAQEntry:
    """Return the entry to keep with the other's questions and tags, and with what it lacks; its own answers stay.

    Args:
        keep: the entry that stays.
        drop: the one that is given up.

    Raises:
        EntryError: the questions of both are too many for one entry.
    """
    variants = {**drop.variants, **keep.variants}
    for language in keep.variants.keys() & drop.variants.keys():
        by_form: dict[str, str] = {}
        for question in (*keep.variants[language].questions, *drop.variants[language].questions):
            by_form.setdefault(normalise(question), question)
        variants[language] = replace(keep.variants[language], questions=tuple(by_form.values()))
    return replace(
        keep,
        variants=variants,
        category=keep.category or drop.category,
        intent=keep.intent or drop.intent,
        tags=tuple(dict.fromkeys((*keep.tags, *drop.tags))),
        owner=keep.owner or drop.owner,
    )


def near_pairs(
    entries: Sequence[FAQEntry],
    encoder: TextEncoder,
    threshold: float,
    known: Mapping[str, Array] | None = None,
    progress: Progress = silent,
) -> Iterator[NearPair]:
    """Give the pairs of entries that are similar enough in a language that both have, or across two where they have none in common.

    Similarity is the mean of two cosines, centred: of the nearest two questions, and of the answers.
    Arguments as of `find_duplicates`.
    """
    places = {entry.id: place for place, entry in enumerate(entries)}
    languages = {entry.id: entry.variants.keys() for entry in entries}
    passages = [Passage(entry.id, variant) for entry in entries for variant in entry.variants.values()]
    report = progress(sum(len(passage.variant.texts) for passage in passages), "Comparing FAQ entries")
    sides = _sides(passages, encoder, known or {}, report)
    for first, second in combinations_with_replacement(sides, 2):
        one, other = sides[first], sides[second]
        if first != second:
            one, other = (
                side.only([place for place, passage in enumerate(side.passages) if absent not in languages[passage.entry]])
                for side, absent in ((one, second), (other, first))
            )
        for pair in _compared(one, other, threshold, 0.0 if first == second else ACROSS):
            if places[pair.one.entry] < places[pair.other.entry]:
                yield pair
            else:
                yield NearPair(pair.other, pair.one, pair.similarity, pair.answers, pair.other_question, pair.question)


def _sides(
    passages: Sequence[Passage],
    encoder: TextEncoder,
    known: Mapping[str, Array],
    report: Callable[[int], object],
) -> dict[str, _Side]:
    """By language, with the vectors of questions and answers."""
    centring = Centring.of(encoder.base_fingerprint)
    sides = {}
    for language in dict.fromkeys(passage.variant.language for passage in passages):
        mine = [passage for passage in passages if passage.variant.language == language]
        questions = [question for passage in mine for question in passage.variant.questions]
        asked = question_vectors(questions, encoder, known)
        report(len(questions))
        answers = [passage.variant.answer.replace("*", "") for passage in mine]  # bold words move the vector of a short text far
        told = centring.apply(encoder.encode_documents(answers, report), answers, "document")
        starts = np.cumsum([0, *(len(passage.variant.questions) for passage in mine)])
        sides[language] = _Side(mine, starts, asked, told)
    return sides


def _compared(one: _Side, other: _Side, threshold: float, bonus: float) -> Iterator[NearPair]:
    """The similar ones of two languages, or of one, in which each two are compared once; memory stays bounded."""
    first = 0
    while first < len(one.passages) and other.passages:
        last = max(first + 1, int(np.searchsorted(one.starts, one.starts[first] + BLOCK, side="right")) - 1)
        begin = first if one is other else 0
        cosines = one.asked[one.starts[first] : one.starts[last]] @ other.asked[other.starts[begin] :].T
        nearest = np.maximum.reduceat(cosines, other.starts[begin:-1] - other.starts[begin], axis=1)
        nearest = np.maximum.reduceat(nearest, one.starts[first:last] - one.starts[first], axis=0)
        answers = one.told[first:last] @ other.told[begin:].T
        similarity = (nearest + answers) / 2 + bonus
        near = (similarity >= threshold) & (nearest >= ASKED_ALIKE)
        for row, column in np.argwhere(np.triu(near, k=1) if one is other else near):
            left, right = first + int(row), begin + int(column)
            pairs = one.asked[one.questions_of(left)] @ other.asked[other.questions_of(right)].T
            i, j = np.unravel_index(int(pairs.argmax()), pairs.shape)
            yield NearPair(
                one.passages[left],
                other.passages[right],
                min(1.0, float(similarity[row, column])),
                float(answers[row, column]),
                one.passages[left].variant.questions[i],
                other.passages[right].variant.questions[j],
            )
        first = last
