"""Answers to the same question that name different figures: of two entries, or of one in two languages."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from agent.grounding.contacts import contacts
from agent.grounding.moments import moments
from agent.grounding.quantities import Quantity, quantities, with_digits
from agent.grounding.rules import DENIED
from knowledge_base.duplicates import near_pairs
from knowledge_base.encoder import TextEncoder
from knowledge_base.entry import FAQEntry
from knowledge_base.normalisation import normalise
from knowledge_base.onnx_model import Array
from knowledge_base.progress import Progress, silent

SAME_QUESTION = 0.62  # similarity of two entries; below it the demonstration shop's tell of different things
SAME_ANSWER, RELATED = 0.6, 0.5  # where the answers alone are that near (another number moves them little), less similarity will do
WORKING_DAYS = re.compile(r"\d\s*(?:个?工作日|weekdays?)")  # an amount of days, and none of the week
CLAUSE = re.compile(r"[\n。；！？;!?]+|[.](?=\s)")
TOKEN = re.compile(r"[A-Za-z]+|\d+(?:[.,:]\d+)*|\S")
LONGEST = 12  # tokens that a figure is written with
Figure = Quantity | frozenset[int] | tuple[int, int] | int  # the last three as of `Moments`: a time, a date, a day of the week


@dataclass(frozen=True)
class Contradiction:
    """Two answers to the same question that do not agree.

    Attributes:
        one: an entry's id.
        other: the other's, or the same one's, whose languages then do not agree.
        language: of the first answer.
        other_language: of the second one.
        question: that the first one answers.
        other_question: that the second one answers.
        figures: that only the first one has, as they stand in it.
        other_figures: that only the second one has, where the first one has those.
    """

    one: str
    other: str
    language: str
    other_language: str
    question: str
    other_question: str
    figures: tuple[str, ...]
    other_figures: tuple[str, ...]


def find_contradictions(
    entries: Sequence[FAQEntry],
    encoder: TextEncoder,
    threshold: float = SAME_QUESTION,
    known: Mapping[str, Array] | None = None,
    progress: Progress = silent,
) -> list[Contradiction]:
    """Return where the languages of an entry, or two entries that are much the same, give different figures.

    What only one of two answers tells is no contradiction; neither is another unit that cannot be converted, such as another currency.

    Args:
        entries: of the whole FAQ.
        encoder: embeds them.
        threshold: the least similarity of two entries, 0 to 1, unless their answers are nearly the same.
        known: vectors of questions, see `knowledge_base.question_vectors.known_vectors`; the others are embedded.
        progress: called with a total and a title, returns a function that is called with counts of texts done.

    Example:
        >>> [(one.figures, one.other_figures) for one in find_contradictions(entries, encoder)]
        [(('30 days',), ('15 天',))]
    """
    found = [
        Contradiction(entry.id, entry.id, one.language, other.language, one.title, other.title, *figures)
        for entry in entries
        for one, other in combinations(entry.variants.values(), 2)
        if (figures := different_figures(one.answer, other.answer))
    ]
    for pair in near_pairs(entries, encoder, min(threshold, RELATED), known, progress):
        one, other = pair.one.variant, pair.other.variant
        same = pair.similarity >= threshold or pair.answers >= SAME_ANSWER
        if same and (figures := different_figures(one.answer, other.answer)):
            questions = pair.question, pair.other_question
            found.append(Contradiction(pair.one.entry, pair.other.entry, one.language, other.language, *questions, *figures))
    return found


def different_figures(one: str, other: str) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """The figures of one kind that two answers give differently, as they stand in them; None where the answers agree.

    >>> different_figures("Within 30 days, 9 am to 5 pm.", "15 天内，9:00-17:00。")
    (('30 days',), ('15 天',))
    >>> different_figures("Two years, from 2 pm on.", "24个月，14点起。") is None
    True
    """
    left, right = _figures(one), _figures(other)
    mine, theirs = _unsaid(left, right), _unsaid(right, left)
    kinds = {_kind(figure) for figure in mine} & {_kind(figure) for figure in theirs}
    if not kinds:
        return None
    return _written(mine, kinds, one), _written(theirs, kinds, other)


@dataclass(frozen=True)
class _Figures:
    """The figures of a text; `denies` says that it tells what does not hold, too."""

    quantities: Sequence[Quantity]
    times: Sequence[frozenset[int]]
    dates: Sequence[tuple[int, int]]
    days: frozenset[int]
    denies: bool

    def have(self, figure: Figure) -> bool:
        """Whether it is among them."""
        if isinstance(figure, Quantity):
            return any((one.measure, one.value) == (figure.measure, figure.value) for one in self.quantities)
        return figure in self.times or figure in self.dates or figure in self.days


def _figures(text: str) -> _Figures:
    normalised = normalise(text.replace("*", ""))
    plain = with_digits(contacts(normalised).rest)
    found = moments(plain)
    days = moments(WORKING_DAYS.sub(" ; ", plain)).days
    return _Figures(quantities(found.rest), found.times, found.dates, days, bool(DENIED.search(normalised)))


def _unsaid(figures: _Figures, other: _Figures) -> list[Figure]:
    """Those that another text does not give. One of something counts nothing as a rule (one of them, 一份)."""
    found: list[Figure] = [
        one for one in figures.quantities if not (one.measure == "count" and one.value == 1) and not one.follows_from(other.quantities)
    ]
    found += [time for time in figures.times if not any(time & known for known in other.times)]
    found += [date for date in figures.dates if not any(_may_be_same(date, known) for known in other.dates)]
    if not figures.denies and not other.denies:  # "closed on Sundays" agrees with "open Monday to Saturday"
        found += sorted(figures.days - other.days)
    return found


def _may_be_same(date: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two dates agree as far as both name a month and a day."""
    return all(one == two or not one or not two for one, two in zip(date, other, strict=True))


def _kind(figure: Figure) -> str:
    if isinstance(figure, Quantity):
        return "usd" if figure.measure == "dollars" else figure.measure
    return type(figure).__name__


def _written(figures: Sequence[Figure], kinds: set[str], text: str) -> tuple[str, ...]:
    """The figures of some kinds as they stand in the text, each once."""
    found = dict.fromkeys(_as_it_stands(figure, text) for figure in figures if _kind(figure) in kinds)
    return tuple(one for one in found if not any(one != other and one in other for other in found))


def _as_it_stands(figure: Figure, text: str) -> str:
    """The shortest part of a text that tells a figure; a first half of a range with its other half: 3 to 5 days."""
    text = text.replace("*", "")
    clause = next((clause for clause in CLAUSE.split(text) if _figures(clause).have(figure)), text)
    tokens = list(TOKEN.finditer(clause))
    parts = [
        clause[tokens[start].start() : tokens[start + length].end()] for length in range(LONGEST) for start in range(len(tokens) - length)
    ]
    told = [(part, found) for part in parts if (found := _figures(part)).have(figure)]
    if isinstance(figure, Quantity) and figure.elliptical:
        told = [(part, found) for part, found in told if any(one.measure != "count" for one in found.quantities)] or told
    return told[0][0] if told else clause.strip()
