"""What customers want and no intent covers: groups of messages that are proposed as new intents."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from agent.agent import CustomerServiceAgent
from agent.conversation import RouteKind
from agent.intents import OUT_OF_SCOPE, Intent
from knowledge_base.progress import Progress, silent
from training.clustering import UtteranceClusterer
from training.errors import ReviewError
from training.review.accepted_intents import AcceptedIntents
from training.review.filling import message_of
from training.review.item import Decision, Label, Message
from training.review.naming import suggested_name
from training.review.queue import ReviewQueue, key_of
from training.review.signals import LoggedTurn, logged_turns

FEWEST = 5  # conversations that ask the same
MOST = 3000  # messages that are grouped, the newest
COMPARED = 5000  # messages on other things that a name is to set a group apart from


@dataclass(frozen=True)
class Proposal:
    """Messages that seem to want the same, which no intent covers.

    Attributes:
        name: a suggested name.
        messages: the most central first, each text once.
        conversations: in how many it was asked.
        languages: share of the messages by language.
    """

    name: str
    messages: tuple[Message, ...]
    conversations: int
    languages: Mapping[str, float]


class NewIntents:
    """Finds what customers want and no intent covers, and keeps what people decide about it.

    Args:
        agent: whose log, and who is asked anew: what is understood by now is no new intent.
        queue: messages that were reviewed.
        accepted: where accepted intents go.

    Example:
        >>> [(proposal.name, proposal.conversations) for proposal in NewIntents(agent, queue, accepted).find()]
        [('rent_projector', 21)]
    """

    def __init__(self, agent: CustomerServiceAgent, queue: ReviewQueue, accepted: AcceptedIntents) -> None:
        self.agent, self.queue, self.accepted = agent, queue, accepted

    def find(self, days: int = 30, progress: Progress = silent) -> list[Proposal]:
        """Return the proposals, those of most conversations first.

        Args:
            days: how far back.
            progress: called with a total and a title, returns a function that is called with counts of messages asked anew.

        Raises:
            BusyError: customers need the models at the moment.
        """
        encoder = self.agent.retriever.index.encoder
        turns = list(logged_turns(self.agent.log.database, encoder, self.agent.clock() - timedelta(days=days)))
        wanted, decided = self._reviewed()
        strays = [turn for turn in turns if key_of(turn.message) in wanted or (_is_stray(turn) and key_of(turn.message) not in decided)]
        strays = self._still_strays(strays[-MOST:], progress)
        if not strays:
            return []
        vectors = encoder.encode_queries([turn.message for turn in strays])
        groups = UtteranceClusterer(self.agent.retriever.cohort).group(vectors, [turn.language for turn in strays]).members
        others = [turn.message for turn in turns if not _is_stray(turn)][-COMPARED:]
        taken = {*self.agent.release.intents, *(one.intent.id for one in self.accepted.all())}
        proposals: list[Proposal] = []
        for members in groups:
            proposal = _proposal([strays[place] for place in members], others, taken | {one.name for one in proposals})
            if proposal.conversations >= FEWEST:
                proposals.append(proposal)
        return sorted(proposals, key=lambda one: -one.conversations)

    def accept(self, messages: Sequence[Message], intent: Intent, entry: str | None, author: str) -> None:
        """Take an intent into the catalogue, and label its messages; the next training learns it.

        Args:
            messages: of a proposal, those that belong to it.
            intent: the intent.
            entry: the id of the entry that answers it, None where none does.
            author: who accepts it.

        Raises:
            ReviewError: the name is taken or none, or an answer is wanted and no entry named. Nothing is changed.
        """
        if not messages:
            raise ReviewError("Choose the messages that want this intent.")
        with self.queue.database.transaction() as connection:
            self.accepted.add(connection, intent, entry, author, self.agent.release.intents.__contains__)
            self.queue.grant(connection, messages, Label(intent.id, entry))
            self.queue.review_all(connection, messages, author, Decision.CORRECT, Label(intent.id, entry))

    def dismiss(self, messages: Sequence[Message], author: str) -> None:
        """Have messages stay out of scope; they are not proposed again."""
        with self.queue.database.transaction() as connection:
            self.queue.review_all(connection, messages, author, Decision.NO_QUESTION)

    def _reviewed(self) -> tuple[set[str], set[str]]:
        """The texts that somebody wants a new intent for, and those that mean something else, or nothing."""
        wanted, decided = set[str](), set[str]()
        for item in self.queue.settled():
            wants = any(review.decision is Decision.NEW_INTENT for review in item.reviews)
            (wanted if wants and item.label == Label(OUT_OF_SCOPE) else decided).add(key_of(item.message.text))
        return wanted, decided

    def _still_strays(self, turns: Sequence[LoggedTurn], progress: Progress) -> list[LoggedTurn]:
        """The turns that no intent covers with the release and the FAQ as they are now, each text once in a conversation."""
        report, known, found = progress(len(turns), "Asking anew"), dict[str, bool](), dict[tuple[str, str], LoggedTurn]()
        for turn in turns:
            key = key_of(turn.message)
            if key not in known:
                read = self.agent.understand(turn.message)
                known[key] = bool(read) and all(part.route.kind in {RouteKind.DECLINE, RouteKind.CLARIFY} for part in read)
            if known[key]:
                found.setdefault((turn.conversation_id, key), turn)
            report(1)
        return list(found.values())


def _is_stray(turn: LoggedTurn) -> bool:
    return turn.is_rejected or turn.route == RouteKind.DECLINE


def _proposal(turns: Sequence[LoggedTurn], others: Iterable[str], taken: set[str]) -> Proposal:
    """Sum up a group, the most central turn first."""
    texts = {key_of(turn.message): turn for turn in reversed(turns)}
    kept = [turn for turn in turns if texts[key_of(turn.message)] is turn]
    spoken = Counter(turn.language for turn in kept)
    return Proposal(
        suggested_name([turn.message for turn in kept], others, taken),
        tuple(message_of(turn, worth=0.0) for turn in kept),
        len({turn.conversation_id for turn in turns}),
        {language: count / len(kept) for language, count in spoken.most_common()},
    )
