"""A release as it serves: everything that a request needs of it, in one object that is swapped as one."""

from dataclasses import dataclass

from agent.context import Topic
from agent.explaining import Explainer
from agent.intent import IntentClassifier
from agent.language import Language
from agent.looking import Looker
from agent.release import Release
from agent.routing import Router
from agent.understanding import Understander, Understood
from knowledge_base.retrieval import Retriever


@dataclass(frozen=True, eq=False)
class Serving:
    """A loaded release. A request takes one at its start and keeps it to its end, whatever is promoted meanwhile.

    Attributes:
        release: names what was learned together.
        looker: its classifier, and retrieval over the index of its encoder.
        understander: reads messages.
        router: decides.
        careful_router: decides on messages in languages that are not served.
        explainer: says why.
    """

    release: Release
    looker: Looker
    understander: Understander
    router: Router
    careful_router: Router
    explainer: Explainer

    @classmethod
    def of(cls, release: Release, classifier: IntentClassifier | None, retriever: Retriever) -> "Serving":
        """Put a release together.

        Args:
            release: the release.
            classifier: its classifier, None where it has none.
            retriever: over an index of its encoder, with its cohort.

        Raises:
            ModelError: a part of the release cannot be read.
        """
        looker = Looker(classifier, retriever)
        return cls(
            release,
            looker,
            Understander(looker, release.context(), release.parts),
            Router(release.routing, release.intents),
            Router(release.routing.careful(), release.intents),
            Explainer(looker),
        )

    @property
    def retriever(self) -> Retriever:
        """Finds entries."""
        return self.looker.retriever

    def understand(self, message: str, topic: Topic | None, language: Language) -> list[Understood]:
        """Return what a message asks, see `Understander.understand`; in its language, which decides how sure one has to be."""
        return self.understander.understand(message, topic, self.router if language.is_served else self.careful_router)
