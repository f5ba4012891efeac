"""What rules see better than a model: a figure, a time, a link, a name or a deed that the evidence does not have."""

import re
from fractions import Fraction

from agent.grounding.claims import claims_action
from agent.grounding.contacts import Contacts, contacts
from agent.grounding.moments import EVERY, Moments, moments
from agent.grounding.names import unknown_name
from agent.grounding.quantities import Quantity, quantities, unsupported_quantity, with_digits
from knowledge_base.normalisation import normalise

REASONS = {"minutes": "duration", "months": "duration", "working days": "duration", "percent": "percentage", "count": "number"}
MARKUP = re.compile(r"<[^>]*>?|[{}`\\|]|\[[^\]]*\]?|(?:javascript|data|vbscript):|--+|;\s*$")
DENIED = re.compile(
    r"\b(?:not?|never|closed|shut|except(?:ed|ing)?|other than|apart from|outside|without|nor|neither)\b|n't\b|不|没|无|非|除|休"
)
MONEY = {"usd", "dollars", "eur", "gbp", "cny", "jpy", "hkd", "chf", "cad", "aud", "cents"}


def contradiction(sentence: str, evidence: str) -> str | None:
    """Name the kind of fact in a sentence that the evidence does not have; None where rules see nothing wrong.

    Args:
        sentence: as it is written.
        evidence: as it is written; of several entries one after the other.

    Returns:
        ``link``, ``contact``, ``date``, ``day``, ``time``, ``amount``, ``percentage``, ``duration``, ``measure``, ``number``, ``name``,
        ``markup`` or ``action``.

    >>> contradiction("You have 2 weeks.", "Send it back within 14 days.") is None
    True
    >>> contradiction("You have 3 weeks.", "Send it back within 14 days.")
    'duration'
    """
    said_text, known_text = normalise(sentence), normalise(evidence)
    said, known = contacts(said_text), contacts(known_text)
    if wrong := _unknown_contact(said, known, known_text):
        return wrong
    said_moments, known_moments = moments(with_digits(said.rest)), moments(with_digits(known.rest))
    figures, known_figures = quantities(said_moments.rest), quantities(known_moments.rest)
    if wrong := _unknown_moment(said_moments, known_moments, known_figures, said_text, known_text):
        return wrong
    if quantity := unsupported_quantity(figures, [*known_figures, *_parts(known_moments)], known_text):
        return _reason(quantity)
    if unknown_name(sentence, evidence):
        return "name"
    if any(match not in evidence for match in MARKUP.findall(sentence)):
        return "markup"
    return "action" if claims_action(said_text, known_text) else None


def _unknown_contact(said: Contacts, known: Contacts, known_text: str) -> str | None:
    if any(link not in known.links and link not in known_text for link in said.links):
        return "link"
    if said.emails - known.emails or any(not _same_phone(phone, known.phones) for phone in said.phones):
        return "contact"
    return None


def _same_phone(phone: str, known: frozenset[str]) -> bool:
    """Whether a number is known, with or without its country code."""
    return any(phone == other or phone.endswith(other.lstrip("0")) or other.endswith(phone.lstrip("0")) for other in known)


def _unknown_moment(said: Moments, known: Moments, figures: list[Quantity], said_text: str, known_text: str) -> str | None:
    # "Closed on Sundays" follows from "open Monday to Saturday": who denies may name what the evidence leaves out.
    denied = bool(DENIED.search(said_text))
    new_dates = [date for date in said.dates if not any(_same_date(date, other) for other in known.dates)]
    if new_dates and not (denied and len(new_dates) == len(said.dates)):
        return "date"
    every_day = bool(EVERY.search(known_text)) and not known.days
    if said.days - known.days and not every_day and not (denied and not said.days & known.days):
        return "day"
    hours = {int(one.value) * 60 for one in figures if one.measure == "count" and one.value <= 24}
    if any(not any(time & other for other in known.times) and not time & hours for time in said.times):
        return "time"
    return None


def _same_date(date: tuple[int, int], other: tuple[int, int]) -> bool:
    return date == other or (date[1] == 0 and date[0] == other[0])


def _parts(known: Moments) -> list[Quantity]:
    """The hours of times and the days of dates, which a sentence may name without saying what they are."""
    hours = [Fraction(minutes // 60) for time in known.times for minutes in time if minutes % 60 == 0]
    days = [Fraction(day) for _, day in known.dates if day]
    return [
        *(Quantity("moment", hour, hour) for hour in hours),
        *(Quantity("minutes", day * 1440, day) for day in days),
        *(Quantity("count", day, day) for day in days),
    ]


def _reason(quantity: Quantity) -> str:
    return "amount" if quantity.measure in MONEY else REASONS.get(quantity.measure, "measure")
