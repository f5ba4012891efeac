"""Replay: a part of what a classifier knows already, so that it learns something new soon and forgets nothing."""

import random
from collections import defaultdict
from collections.abc import Collection, Sequence

from agent.utterances import Utterance


def replayed(utterances: Sequence[Utterance], fresh: Collection[Utterance], each: int, seed: int) -> list[Utterance]:
    """Choose what is learned from: all that is new, and of the rest so many messages of each intent and entry.

    Rare intents keep all they have (experience replay, Robins 1995, https://doi.org/10.1080/09540099550039318). Dialogues are kept whole,
    as many of them as of the messages that stand for themselves.

    Args:
        utterances: all labelled messages.
        fresh: those that are new.
        each: how many of each intent and entry, 0 for all.
        seed: of the choice.

    Returns:
        The messages in the order they had.
    """
    if not each:
        return list(utterances)
    chance = random.Random(seed)  # noqa: S311 - a sample
    fresh = set(fresh)
    groups: dict[tuple[str, str | None], list[int]] = defaultdict(list)
    dialogues: dict[str, list[int]] = defaultdict(list)
    for place, utterance in enumerate(utterances):
        if utterance.dialogue:
            dialogues[utterance.dialogue].append(place)
        elif utterance not in fresh:
            groups[utterance.intent, utterance.faq].append(place)
    kept = {place for places in groups.values() for place in chance.sample(places, min(each, len(places)))}
    share = len(kept) / max(sum(map(len, groups.values())), 1)
    for name in chance.sample(sorted(dialogues), round(share * len(dialogues))):
        kept.update(dialogues[name])
    return [utterance for place, utterance in enumerate(utterances) if place in kept or utterance in fresh]
