"""Shops of other sizes, made of one shop's entries: what is learned on them holds for a shop that has three entries, too."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

from tqdm import tqdm

from agent.intents import OUT_OF_SCOPE
from agent.utterances import Utterance
from knowledge_base.cohort import Cohort
from knowledge_base.encoder import TextEncoder
from knowledge_base.entry import FAQEntry
from training.route_learning import Case
from training.temporary_index import temporary_retriever

SIZES = (1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 5, 5, 5, 6, 6, 8, 8, 10, 12, 15, 20, 30, 40)  # entries; the whole shop comes last
ANSWERED, UNANSWERED = 30, 30  # messages a shop, at most


def simulated_cases(
    encoder: TextEncoder, cohort: Cohort, messages: Sequence[Utterance], entries: Sequence[FAQEntry], seed: int = 7
) -> list[Case]:
    """Return what retrieval finds for messages in random shops, many with entries in one language only.

    A message whose entry a shop does not have is out of scope there.

    Args:
        encoder: the encoder.
        cohort: none of the messages.
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
        with temporary_retriever(encoder, shop, cohort) as retriever:
            cases += [Case(message, None, retriever.search(message.text)) for message in asked]
    return cases


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
