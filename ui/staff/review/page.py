"""The page on which messages are reviewed and trainings are started: its tabs."""

import gradio as gr

from training.datasets.versions import DatasetVersions
from training.review.accepted_intents import AcceptedIntents
from training.review.new_intents import NewIntents
from training.review.queue import ReviewQueue
from ui.pages import PRIVATE
from ui.services import Services
from ui.staff.navigation import Navigation
from ui.staff.review.disputed_tab import DisputedTab
from ui.staff.review.labels import Labels
from ui.staff.review.learning_tab import LearningTab
from ui.staff.review.learning_view import LearningView
from ui.staff.review.proposals_tab import ProposalsTab
from ui.staff.review.review_tab import IN_TURN, ReviewTab
from ui.staff.review.review_view import ReviewView
from ui.staff.review.texts import say
from ui.staff.wording import Updates, Wording, language_of


class ReviewPage:
    """The page.

    Args:
        services: what it is built from.
        navigation: the line above.

    Attributes:
        blocks: the page. Who is signed in comes from the mount.
    """

    def __init__(self, services: Services, navigation: Navigation) -> None:
        self.wording = Wording(say)
        agent, directory, put = services.agent, services.learning.directory, self.wording.put
        database, timezone = agent.log.database, agent.shop.opening.timezone
        queue, accepted, datasets = ReviewQueue(database), AcceptedIntents(database), DatasetVersions(database, directory.datasets)
        labels = Labels(agent, accepted)
        view = ReviewView(labels, timezone)
        with gr.Blocks(title="Frontdesk · Review", analytics_enabled=False) as self.blocks:
            pages = gr.HTML(padding=False)
            with gr.Tabs(elem_id="desk"):
                with put(gr.Tab(id="review"), label="review") as self.review_tab:
                    self.review = ReviewTab(agent, queue, labels, view, self.wording)
                with put(gr.Tab(id="disputed"), label="disputed") as self.disputed_tab:
                    self.disputed = DisputedTab(queue, view, self.wording)
                with put(gr.Tab(id="proposals"), label="proposals"):
                    self.proposals = ProposalsTab(NewIntents(agent, queue, accepted), labels, self.wording)
                with put(gr.Tab(id="learning"), label="learning") as self.learning_tab:
                    self.learning = LearningTab(services.learning, datasets, LearningView(directory.reports, timezone), self.wording)
            self.blocks.load(navigation.html, None, pages, **PRIVATE)
            self.blocks.load(self._say, None, self.wording.components, **PRIVATE)
            self._wire()

    def _wire(self) -> None:
        review, disputed, learning = self.review, self.disputed, self.learning
        shown = self.blocks.load(review.show, None, review.shown, **IN_TURN)
        shown.then(review.find, None, review.shown, **review.slow)
        self.blocks.load(review.choices, None, [review.search], **PRIVATE)
        self.proposals.accepted.then(review.choices, None, [review.search], **PRIVATE)
        self.review_tab.select(review.show, None, review.shown, **IN_TURN)
        self.disputed_tab.select(disputed.show, None, disputed.shown, **PRIVATE)
        self.learning_tab.select(learning.show, None, learning.shown, **PRIVATE)

    def _say(self, request: gr.Request) -> Updates:
        return self.wording.updates(language_of(request))
