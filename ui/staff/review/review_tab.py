"""Messages, one after the other, each decided with one key."""

from datetime import datetime
from typing import Any

import gradio as gr

from agent.agent import CustomerServiceAgent
from knowledge_base.errors import FrontdeskError
from training.errors import ReviewError
from training.review.filling import fill_queue
from training.review.item import Decision, ReviewItem
from training.review.queue import Counts, ReviewQueue
from ui.pages import PRIVATE
from ui.staff.progress import shown_by
from ui.staff.review.card import card, dealt
from ui.staff.review.labels import Labels
from ui.staff.review.review_view import ReviewView, actions_html, counts_html, words_html
from ui.staff.review.texts import say
from ui.staff.wording import Updates, Wording, language_of, notice, person_of, problem

PROGRESS = gr.Progress()
DEALT = 5  # messages that are on the page; all but the first wait for their turn there
# What one person decides comes one after the other (page.js sends it so), or "undo" would take back something else.
IN_TURN = PRIVATE | {"concurrency_id": "review", "concurrency_limit": 1, "trigger_mode": "multiple"}


class ReviewTab:
    """The tab; it is laid out where it is made.

    Args:
        agent: whose messages.
        queue: the messages in review.
        labels: what they may mean.
        view: renders them.
        wording: says what is written on it.

    Attributes:
        shown: what `show` updates.
        search: the field in which every label is found.
        slow: how work is wired that takes a while and tells how far it is.
    """

    def __init__(self, agent: CustomerServiceAgent, queue: ReviewQueue, labels: Labels, view: ReviewView, wording: Wording) -> None:
        self.agent, self.queue, self.labels, self.view = agent, queue, labels, view
        put = wording.put
        with gr.Row(elem_classes="bar", elem_id="review-head"):
            self.counts = gr.HTML(html_template="<p role='status'>${value}</p>", padding=False, elem_id="review-counts")
            self.fill = put(gr.Button(scale=0, min_width=160, elem_id="review-fill"), value="fill")
        self.message = gr.HTML(padding=False, elem_id="review-message")
        self.card = card("review-card")
        with gr.Row(elem_classes="bar", elem_id="otherwise"):
            self.search = put(gr.Dropdown([], value=None, interactive=True, min_width=260, elem_id="review-search"), label="search")
            self.name = put(gr.Textbox(lines=1, max_length=60, min_width=260, elem_id="new-intent-name"), label="new_intent_name")
            self.new = put(gr.Button(scale=0, min_width=110, elem_id="new-intent"), value="new_intent")
        self.shown = [self.card, self.counts, self.message]
        self.slow: dict[str, Any] = {"api_visibility": "private", "show_progress_on": self.message}
        self._wire()

    def _wire(self) -> None:
        self.card.decide(self._decide, None, self.shown, **IN_TURN)
        self.card.undo(self._undo, None, self.shown, **IN_TURN)
        self.card.change(self._words, [self.card], [self.card], trigger_mode="always_last", **PRIVATE)
        self.search.input(self._search, [self.card, self.search], [*self.shown, self.search], **IN_TURN)
        gr.on([self.name.submit, self.new.click], self._new_intent, [self.card, self.name], [*self.shown, self.name], **IN_TURN)
        self.fill.click(self._fill, None, self.shown, trigger_mode="once", **self.slow)

    def show(self, request: gr.Request) -> Updates:
        """Show what waits for who asks."""
        return self._deal(request) | {self.message: ""}

    def find(self, request: gr.Request, progress: gr.Progress = PROGRESS) -> Updates:
        """Look for messages where none waits for who asks."""
        return {self.message: gr.skip()} if self._counts(request).open else self._fill(request, progress)

    def choices(self, request: gr.Request) -> Updates:
        """Every label that can be searched for."""
        return {self.search: gr.Dropdown(choices=self.labels.choices(language_of(request)), value=None)}

    # What reviewers do.

    def _decide(self, request: gr.Request, event: gr.EventData) -> Updates:
        return self._review(int(event.item), Decision(event.decision), str(event.label), request)

    def _search(self, shown: str, key: str | None, request: gr.Request) -> Updates:
        if not shown or not key:
            return {self.search: None}
        return self._review(int(shown), Decision.CORRECT, key, request) | {self.search: None}

    def _new_intent(self, shown: str, name: str, request: gr.Request) -> Updates:
        if not shown:
            return {self.name: ""}
        updates = self._review(int(shown), Decision.NEW_INTENT, "", request, note=name)
        return updates if updates[self.message] else updates | {self.name: ""}

    def _review(self, item_id: int, decision: Decision, key: str, request: gr.Request, note: str = "") -> Updates:
        """Keep what somebody says of a message, and show the next one; or say why not, and show it again if it is still there."""
        try:
            given = self.labels.read(key) if decision is Decision.CORRECT else None
            self.queue.review(item_id, person_of(request), decision, given, note)
        except FrontdeskError as error:
            return self._deal(request, back=item_id) | {self.message: problem(str(error))}
        return self._deal(request) | {self.message: ""}

    def _undo(self, request: gr.Request) -> Updates:
        language = language_of(request)
        try:
            item = self.queue.undo(person_of(request))
        except FrontdeskError as error:
            return {self.message: problem(str(error))}
        if item is None:
            return {self.message: problem(say("nothing_to_undo", language))}
        return self._deal(request, first=item) | {self.message: notice(say("undone", language))}

    def _fill(self, request: gr.Request, progress: gr.Progress = PROGRESS) -> Updates:
        language = language_of(request)
        try:
            count = fill_queue(self.agent, self.queue, progress=shown_by(progress, say("filling", language)))
        except FrontdeskError as error:
            return {self.message: problem(str(error))}
        said = say("filled", language, count=f"{count:,}") if count else say("filled_none", language)
        return self._deal(request) | {self.message: notice(said)}

    # What they see.

    def _deal(self, request: gr.Request, first: ReviewItem | None = None, back: int | None = None) -> Updates:
        """The next messages, and how far reviewing has come.

        Args:
            request: who asks.
            first: a message that comes before all others.
            back: the number of a message whose decision was refused.
        """
        person, language = person_of(request), language_of(request)
        waiting = self.queue.waiting(person, DEALT)
        items = [first, *(item for item in waiting if item.id != first.id)] if first else waiting
        cards = self.view.cards(items, person, language)
        return {
            self.card: dealt(cards, actions_html(language), back=first.id if first else back),
            self.counts: counts_html(self._counts(request), language),
        }

    def _counts(self, request: gr.Request) -> Counts:
        return self.queue.counts(person_of(request), self._midnight())

    def _midnight(self) -> datetime:
        return self.agent.clock().astimezone(self.view.timezone).replace(hour=0, minute=0, second=0, microsecond=0)

    def _words(self, shown: str, request: gr.Request) -> Updates:
        """The words that carried what was made of the message that is shown now."""
        try:
            message = self.queue.find(int(shown)).message if shown else None
        except ReviewError:  # it went away; whoever decides on it is told so
            message = None
        if message is None or message.predicted is None:
            return {self.card: gr.HTML(words="")}
        text, label = self.agent.looker.correct(message.text), message.predicted
        words = self.agent.explainer.words(text, label.entry, label.intent)
        return {self.card: gr.HTML(words=words_html(shown, words, language_of(request)))}
