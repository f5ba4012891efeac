"""What the classifier is trained on: messages for themselves, and messages on what was talked about before."""

import random
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from agent.context import Topic
from agent.intents import class_name
from agent.utterances import Utterance, dialogues
from knowledge_base.entry import FAQEntry
from knowledge_base.spelling import Spelling

ENOUGH = 8  # examples that an entry needs to be a class of its own
VARIANTS = 3  # topics that each follow-up is put on
WITH_TOPIC = 0.12  # share of the messages for themselves that also come with a topic that does not matter


@dataclass(frozen=True)
class Example:
    """A text as it is matched, and the class it belongs to."""

    text: str
    name: str


class ExampleBuilder:
    """Turns utterances into examples.

    Args:
        utterances: of the training part; they decide which entries are classes of their own.
        entries: the FAQ.
        spelling: of the FAQ.
        seed: of the choices.
    """

    def __init__(self, utterances: Sequence[Utterance], entries: Sequence[FAQEntry], spelling: Spelling, seed: int = 7) -> None:
        self.entries: Mapping[str, FAQEntry] = {entry.id: entry for entry in entries}
        self.spelling = spelling
        self.seed = seed
        self.own_class = self._classes_with_enough(utterances)

    def class_of(self, utterance: Utterance) -> str:
        """The class of a message with one question."""
        return class_name(utterance.intent, utterance.faq if (utterance.intent, utterance.faq) in self.own_class else None)

    def alone(self, utterances: Iterable[Utterance]) -> list[Example]:
        """Examples of the messages that stand for themselves and ask one question."""
        return [Example(self.spelling.correct(u.text), self.class_of(u)) for u in utterances if stands_alone(u) and len(u.faqs) < 2]

    def on_topics(self, utterances: Sequence[Utterance], variants: int = VARIANTS) -> list[Example]:
        """Examples of follow-ups and corrections, each on its own topic and on other ways to have asked about the same.

        A new topic comes with the old one, too: it inherits nothing.
        """
        chance = random.Random(self.seed)  # noqa: S311 - a sample
        asked: dict[str, list[Utterance]] = defaultdict(list)
        for utterance in utterances:
            if stands_alone(utterance) and len(utterance.faqs) == 1:
                asked[str(utterance.faq)].append(utterance)
        examples = []
        for turns in dialogues(utterances):
            for before, turn in turn_pairs(turns):
                others = [u for u in asked[str(before.faq)] if u.language == turn.language] if turn.kind != "correction" else []
                earlier = [before, *chance.sample(others, min(variants - 1, len(others)))]
                examples += [self._on(one, turn) for one in earlier]
        return examples

    def on_any_topic(self, utterances: Sequence[Utterance]) -> list[Example]:
        """Examples of messages for themselves behind a topic that has nothing to do with them.

        None where there are no dialogues: without follow-ups beside them they would teach that a topic never matters.
        """
        if not dialogues(utterances):
            return []
        chance = random.Random(self.seed)  # noqa: S311 - a sample
        asked = [u for u in utterances if stands_alone(u) and len(u.faqs) == 1]
        chosen = [u for u in utterances if stands_alone(u) and len(u.faqs) < 2 and chance.random() < WITH_TOPIC]
        return [self._on(chance.choice(asked), u) for u in chosen] if asked else []

    def topic_after(self, utterance: Utterance) -> Topic:
        """What a conversation is about after this message was answered with its entry."""
        entry = self.entries.get(utterance.faq or "")
        title = entry.variant("zh" if utterance.language == "zh" else "en").title if entry else ""
        return Topic(title, utterance.text, (entry.id,) if entry else ())

    def _on(self, earlier: Utterance, utterance: Utterance) -> Example:
        return Example(self.topic_after(earlier).join(self.spelling.correct(utterance.text)), self.class_of(utterance))

    def _classes_with_enough(self, utterances: Iterable[Utterance]) -> Collection[tuple[str, str | None]]:
        """The pairs of intent and entry that are classes of their own; messages with others belong to their intent's class."""
        counts = Counter((u.intent, u.faq) for u in utterances if u.faq in self.entries)
        return {pair for pair, count in counts.items() if count >= ENOUGH}


def stands_alone(utterance: Utterance) -> bool:
    """Whether a message is understood without what was said before."""
    return utterance.kind not in {"follow_up", "correction"}


def turn_pairs(turns: Sequence[Utterance]) -> list[tuple[Utterance, Utterance]]:
    """Each later turn of a dialogue with the one it goes on from: the last that was about something."""
    pairs = []
    topic = turns[0]
    for turn in turns[1:]:
        if turn.kind != "social":
            pairs.append((topic, turn))
            topic = turn
    return pairs
