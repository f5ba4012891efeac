"""What a file or a page holds: its entries, where each stands, and what was refused."""

from collections.abc import Mapping
from dataclasses import dataclass

from knowledge_base.entry import FAQEntry


@dataclass(frozen=True)
class Refusal:
    """A part of a file that became no entry.

    Attributes:
        place: where it stands, e.g. ``row 7``, ``line 12``, ``entry 3`` or ``sheet Prices, row 5``.
        reason: what is wrong and what to do.
    """

    place: str
    reason: str


@dataclass(frozen=True)
class Reading:
    """What was read from one file or page.

    Attributes:
        entries: with ids that differ.
        places: where each entry begins, by its id.
        refusals: what was left out.
    """

    entries: tuple[FAQEntry, ...]
    places: Mapping[str, str]
    refusals: tuple[Refusal, ...]


def joined(readings: Mapping[str, Reading]) -> Reading:
    """Several sources as one; an entry whose id an earlier source has is refused.

    Args:
        readings: by the source's name, which places begin with where there are several.
    """
    if len(readings) == 1:
        return next(iter(readings.values()))
    entries: dict[str, FAQEntry] = {}
    places: dict[str, str] = {}
    refusals: list[Refusal] = []
    for source, reading in readings.items():
        for entry in reading.entries:
            place = f"{source}, {reading.places[entry.id]}"
            if entry.id in entries:
                refusals.append(Refusal(place, f"the id {entry.id} is there twice: {places[entry.id]} has it, too."))
            else:
                entries[entry.id], places[entry.id] = entry, place
        refusals += [Refusal(f"{source}, {refusal.place}", refusal.reason) for refusal in reading.refusals]
    return Reading(tuple(entries.values()), places, tuple(refusals))
