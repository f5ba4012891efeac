"""Shops of other sizes, made of one shop's entries: what is learned on them holds for a shop that has three entries, too."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from tqdm import tqdm

from agent.intents import OUT_OF_SCOPE
from agent.utterances import Utterance
from knowledge_base.entry import EntryVariant, FAQEntry
from knowledge_base.retrieval import Retriever
from knowledge_base.temporary_index import temporary_index
from training.route_learning import Case

SIZES = (1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 5, 5, 5, 6, 6, 8, 8, 10, 12, 15, 20, 30, 40)  # entries; the whole shop comes last
ANSWERED, UNANSWERED = 30, 30  # messages a shop, at most


def simulated_cases(retriever: Retriever, messages: Sequence[Utterance], entries: Sequence[FAQEntry], seed: int = 7) -> list[Case]:
    """Return what retrieval finds for messages in random shops, many with entries in one language only.

    A message whose entry a shop does not have is out of scope there.

    Args:
        retriever: whose encoder, cohort and fusion are used; none of the messages is in the cohort.
        messages: labelled messages; those that no entry answers are asked in every shop.
        entries: the entries that the shops are made of.
        seed: of the choices.
    """
    chance = random.Random(seed)  # noqa: S311 - a simulation
    cases = []
    for shop in tqdm(list(_shops(entries, chance)), desc="Simulating shops"):
        ids = {entry.id for entry in shop}
        answered = [message for message in messages if message.faq in ids]
        unanswered = [replace(message, intent=OUT_OF_SCOPE, faq=None) for message in messages if message.faq not in ids]
        asked = _some(answered, ANSWERED, chance) + _some(unanswered, UNANSWERED, chance)
        with temporary_index(retriever.index.encoder, shop) as index:
            small = Retriever(index, retriever.cohort, retriever.fusion)
            cases += [Case(message, None, small.search(message.text)) for message in asked]
    return cases


def kinds_of_shops(entries: Sequence[FAQEntry]) -> list[list[FAQEntry]]:
    """One shop's entries as shops of other kinds have them.

    They are as they are, or in one language: as they are there, with one question each, and so with an answer that says nothing.
    """
    shops = [list(entries)]
    for language in sorted({language for entry in entries for language in entry.variants}):
        spoken = [replace(entry, variants={language: entry.variants[language]}) for entry in entries if language in entry.variants]
        plain = [_with(entry, lambda variant: replace(variant, questions=variant.questions[:1])) for entry in spoken]
        shops += [spoken, plain, [_with(entry, lambda variant: replace(variant, answer="-")) for entry in plain]]
    return shops


def _with(entry: FAQEntry, change: Callable[[EntryVariant], EntryVariant]) -> FAQEntry:
    return replace(entry, variants={language: change(variant) for language, variant in entry.variants.items()})


def _shops(entries: Sequence[FAQEntry], chance: random.Random) -> Iterator[list[FAQEntry]]:
    for size in (*(size for size in SIZES if size < len(entries)), len(entries)):
        main = chance.choice(sorted({language for entry in entries for language in entry.variants}))
        translated = chance.choice((0.2, 0.5, 1.0))  # many shops write in one language, and translate some
        yield [
            entry if chance.random() < translated else replace(entry, variants={main: entry.variant(main)})
            for entry in chance.sample(list(entries), size)
            if main in entry.variants
        ]


def _some(messages: list[Utterance], most: int, chance: random.Random) -> list[Utterance]:
    return chance.sample(messages, min(most, len(messages)))
