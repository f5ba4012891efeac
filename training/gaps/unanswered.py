"""What customers ask and the FAQ does not answer, most wanted first."""

import logging
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from agent.agent import CustomerServiceAgent
from agent.conversation import RouteKind
from agent.understanding import Understood
from knowledge_base.curation.curation import Curation
from knowledge_base.entry import FAQEntry
from knowledge_base.importing.identifiers import ids_for
from knowledge_base.normalisation import normalise
from knowledge_base.onnx_model import Array
from knowledge_base.progress import Progress, silent
from training.clustering import UtteranceClusterer
from training.gaps.drafts import choose_answers, draft_entry, staff_texts
from training.gaps.missed import Missed, Shortfall, missed_messages

FEWEST = 2  # conversations; what one customer asks is no gap yet
SETTLED = 0.8  # share of a gap's conversations that an entry answers now, from which on the gap is closed
EXAMPLES = 5

Key = TypeVar("Key", bound=str)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Gap:
    """A question that several customers asked in vain.

    Attributes:
        questions: examples, most central first, in each of the languages; personal data masked.
        conversations: in how many it was asked.
        languages: share of the conversations by language; one that asks in two counts for both.
        kinds: conversations by how they were missed; likewise.
        first: the day of the first.
        last: the day of the last.
        answer: what staff answered, masked, in the language that most asked in if they did; None where nobody answered.
        draft: a proposal that nobody is told until somebody publishes it; None where questions and answer have no language in common.
    """

    questions: tuple[str, ...]
    conversations: int
    languages: Mapping[str, float]
    kinds: Mapping[Shortfall, int]
    first: date
    last: date
    answer: str | None
    draft: FAQEntry | None


class UnansweredQuestions:
    """Finds gaps of the FAQ in the conversation log.

    A gap is closed when an entry answers its messages: they are put to the agent anew, outside any conversation.
    What got a thumb down needs another entry than the one that was sent, or a newer version of it.

    Args:
        agent: whose log, and who is asked anew.

    Example:
        >>> [gap.questions[0] for gap in UnansweredQuestions(agent).find(days=7)][:1]
        ['can I rent a projector?']
    """

    def __init__(self, agent: CustomerServiceAgent) -> None:
        self.agent = agent

    def find(self, days: int = 30, most: int = 2000, progress: Progress = silent) -> list[Gap]:
        """Return the gaps, those that most conversations have first.

        Args:
            days: how far back.
            most: only the newest so many missed messages count; each that differs takes about 15 ms.
            progress: called with a total and a title, returns a function that is called with counts of messages asked anew.

        Raises:
            BusyError: customers need the models at the moment.
        """
        missed = missed_messages(self.agent.log.database, self.agent.clock() - timedelta(days=days), most)
        if len(missed) == most:
            logger.info("Only the newest %d missed messages are looked at.", most)
        read = self._asked_anew({one.message for one in missed}, progress)
        asked = [one for one in missed if self._is_question(one, read[one.message])]
        if not asked:
            return []
        encoder, clusterer = self.agent.retriever.index.encoder, UtteranceClusterer(self.agent.retriever.cohort)
        spoken = [one.language for one in asked]
        vectors = encoder.encode_queries([one.message for one in asked])
        centred = clusterer.centred(vectors, spoken)
        taken = set(Curation(self.agent.retriever.index.repository.database).heads())
        gaps = []
        for members in clusterer.group(vectors, spoken).members:
            unsettled = _unsettled(members, asked, read)
            if len({asked[place].conversation_id for place in unsettled}) < FEWEST:
                continue
            gap = self._gap([asked[place] for place in unsettled], centred[unsettled].mean(axis=0), taken)
            taken.update([gap.draft.id] if gap.draft else [])
            gaps.append(gap)
        return sorted(gaps, key=lambda gap: (-gap.conversations, -gap.last.toordinal()))

    def _asked_anew(self, texts: Collection[str], progress: Progress) -> dict[str, list[Understood]]:
        """How the agent reads texts now."""
        read, report = {}, progress(len(texts), "Asking anew")
        for text in texts:
            read[text] = self.agent.understand(text)
            report(1)
        return read

    def _is_question(self, one: Missed, read: Sequence[Understood]) -> bool:
        """Whether a message asks something, by itself."""
        if not read or any(part.route.starts_hand_over for part in read) or all(part.route.kind is RouteKind.SOCIAL for part in read):
            return False
        if one.kind is not Shortfall.HANDED_OVER:
            return True
        # Much of what is said to a person is half a dialogue.
        return self.agent.serving.understander.context.leaning(read[0].look.vector).alone >= 0.5

    def _gap(self, missed: Sequence[Missed], topic: Array, taken: set[str]) -> Gap:
        """Sum up messages that ask the same, most central first."""
        conversations = {one.conversation_id for one in missed}
        languages = _conversations_by((one.language, one) for one in missed)
        questions = {language: _distinct(one.message for one in missed if one.language == language) for language in languages}
        asked = {one.conversation_id: one.at for one in sorted(missed, key=lambda one: one.at, reverse=True)}  # the earliest stays
        said = staff_texts(self.agent.log.database, self.agent.masker, asked)
        answers = choose_answers(self.agent.retriever.index.encoder, topic, said)
        answer = next((answers[language] for language in (*languages, *answers) if language in answers), None)
        examples = _examples(missed, questions)
        named = questions.get("en") or questions[next(iter(languages))]
        shown = {language: [text for text in examples if text in asked_in] for language, asked_in in questions.items()}
        return Gap(
            questions=examples,
            conversations=len(conversations),
            languages={language: count / len(conversations) for language, count in languages.items()},
            kinds=_conversations_by((one.kind, one) for one in missed),
            first=min(one.at for one in missed).date(),
            last=max(one.at for one in missed).date(),
            answer=answer,
            draft=draft_entry(ids_for([named[0]], taken)[0], shown, answers),
        )


def _unsettled(members: Sequence[int], asked: Sequence[Missed], read: Mapping[str, Sequence[Understood]]) -> list[int]:
    """The members that no entry answers yet; none if most of their conversations are answered."""
    still = [place for place in members if not _is_settled(asked[place], read[asked[place].message])]
    conversations = {asked[place].conversation_id for place in members}
    unanswered = {asked[place].conversation_id for place in still}
    return still if len(conversations) - len(unanswered) < SETTLED * len(conversations) else []


def _is_settled(one: Missed, read: Sequence[Understood]) -> bool:
    """Whether an entry answers a message now that was not disliked."""
    sent = [part.route.sent for part in read if part.route.kind is not RouteKind.SOCIAL]
    return all(best is not None and (best.entry.id, best.entry.version) not in one.disliked for best in sent)


def _conversations_by(pairs: Iterable[tuple[Key, Missed]]) -> dict[Key, int]:
    """In how many conversations there is something, most first."""
    once = dict.fromkeys((key, one.conversation_id) for key, one in pairs)
    return dict(Counter(key for key, _ in once).most_common())


def _distinct(texts: Iterable[str]) -> list[str]:
    """Texts that differ by more than case and width, in their order."""
    found: dict[str, str] = {}
    for text in texts:
        found.setdefault(normalise(text), text)
    return list(found.values())


def _examples(missed: Sequence[Missed], questions: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The most central questions, with one of each language among them as far as there is room."""
    first = [asked[0] for asked in questions.values()][:EXAMPLES]
    order = _distinct(one.message for one in missed)
    rest = [text for text in order if text not in first][: EXAMPLES - len(first)]
    return tuple(text for text in order if text in {*first, *rest})
