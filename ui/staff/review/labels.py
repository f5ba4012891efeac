"""What a message may mean: the entries that are published, the intents in service, and those that were accepted."""

from collections.abc import Mapping, Sequence

from agent.agent import CustomerServiceAgent
from agent.errors import BusyError
from agent.intents import OUT_OF_SCOPE, class_name, entry_of, intent_of
from agent.language import Language
from knowledge_base.entry import FAQEntry
from training.errors import ReviewError
from training.review.accepted_intents import AcceptedIntents
from training.review.item import Label, Message
from ui.staff.review.texts import say

LIKELY = 5
REMEMBERED = 256  # messages


class Labels:
    """Names labels, and tells which are likely.

    A label's key is the classifier's class for it, see `agent.intents.class_name`.

    Args:
        agent: has the FAQ and the catalogue.
        accepted: intents that the next training learns.
    """

    def __init__(self, agent: CustomerServiceAgent, accepted: AcceptedIntents) -> None:
        self.agent, self.accepted = agent, accepted
        self._known: dict[tuple[str, str], list[Label]] = {}  # a message is shown several times before it is its turn

    def name(self, label: Label, language: Language) -> str:
        """A label in words: the entry's title, or the intent's name."""
        entry = self._entries.get(label.entry or "")
        if entry:
            return entry.variant(language.code).title
        return say("out_of_scope", language) if label.intent == OUT_OF_SCOPE else _spaced(label.entry or label.intent)

    def choices(self, language: Language) -> list[tuple[str, str]]:
        """Every label with its key: entries by their titles, then intents."""
        intents = sorted((f"{_spaced(label.intent)} · {say('intent', language)}", key_of(label)) for label in self._intents())
        return [*sorted((self._title(entry, language), key_of(label_of(entry))) for entry in self._entries.values()), *intents]

    def entries(self, language: Language) -> list[tuple[str, str]]:
        """Every published entry with its id, by its title."""
        return sorted((self._title(entry, language), entry.id) for entry in self._entries.values())

    def read(self, key: str) -> Label:
        """The label with a key.

        Raises:
            ReviewError: there is none, or not any more.
        """
        label = Label(intent_of(key), entry_of(key))
        entry = self._entries.get(label.entry or "")
        if (entry and label == label_of(entry)) or label in self._intents():
            return label
        raise ReviewError("This entry or intent is no longer there. Choose another one.")

    def likely(self, message: Message) -> list[Label]:
        """What else a message may mean, the likeliest first; nothing while customers need the models."""
        key = (self.agent.release.id, message.text)
        if key not in self._known:
            try:
                found = self._ranked(message.text)
            except BusyError:
                return []
            while len(self._known) >= REMEMBERED:
                self._known.pop(next(iter(self._known)), None)
            self._known[key] = found
        return [label for label in self._known[key] if label != message.predicted][:LIKELY]

    def _ranked(self, text: str) -> list[Label]:
        """The likeliest labels by what retrieval and the classifier say now: an entry, or an intent that no entry answers."""
        scores: dict[Label, float] = {}
        for part in self.agent.understand(text):
            for one in part.route.ranked:
                scores[label_of(one.entry)] = max(one.probability, scores.get(label_of(one.entry), 0.0))
            probabilities = part.look.prediction.probabilities if part.look.prediction else {}
            for intent in probabilities.keys() - {OUT_OF_SCOPE, *self.agent.looker.covered()}:
                scores[Label(intent)] = max(probabilities[intent], scores.get(Label(intent), 0.0))
        return sorted(scores, key=lambda label: -scores[label])[: LIKELY + 1]

    def _title(self, entry: FAQEntry, language: Language) -> str:
        return f"{entry.variant(language.code).title} · {entry.id}"

    @property
    def _entries(self) -> Mapping[str, FAQEntry]:
        return self.agent.retriever.index.entries

    def _intents(self) -> Sequence[Label]:
        accepted = (Label(one.intent.id, one.entry) for one in self.accepted.all())
        return list(dict.fromkeys([*map(Label, self.agent.release.intents), *accepted]))


def label_of(entry: FAQEntry) -> Label:
    """The label of messages that an entry answers; without an intent the entry itself is what they want."""
    return Label(entry.intent or entry.id, entry.id)


def key_of(label: Label) -> str:
    """A label as one word."""
    return class_name(label.intent, label.entry)


def _spaced(name: str) -> str:
    return name.replace("_", " ")
