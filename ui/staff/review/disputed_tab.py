"""The messages on which reviewers disagree: who said what, and a decision."""

from html import escape

import gradio as gr

from agent.language import Language
from knowledge_base.errors import FrontdeskError
from training.errors import ReviewError
from training.review.item import Decision, ItemState, Review, ReviewItem
from training.review.queue import ReviewQueue
from ui.pages import PRIVATE
from ui.staff.review.labels import key_of
from ui.staff.review.review_view import ReviewView
from ui.staff.review.texts import say
from ui.staff.rows import rows
from ui.staff.wording import Updates, Wording, language_of, notice, person_of, problem


class DisputedTab:
    """The tab; it is laid out where it is made.

    Args:
        queue: the messages in review.
        view: says what reviewers said, in words.
        wording: says what is written on it.

    Attributes:
        shown: what `show` updates.
    """

    def __init__(self, queue: ReviewQueue, view: ReviewView, wording: Wording) -> None:
        self.queue, self.view = queue, view
        wording.put(gr.Markdown(elem_classes="hint"), value="disputed_hint")
        self.message = gr.HTML(padding=False, elem_id="disputed-message")
        self.found = rows("disputed-found")
        self.shown = [self.found, self.message]
        self.found.apply(self._decide, None, self.shown, trigger_mode="once", **PRIVATE)

    def show(self, request: gr.Request) -> Updates:
        """Show every one of them."""
        return self._list(language_of(request)) | {self.message: ""}

    def _decide(self, request: gr.Request, event: gr.EventData) -> Updates:
        """Say what was meant: the event names the message and an opinion on it."""
        language = language_of(request)
        item_id, _, wanted = str(event.value).partition(" ")
        try:
            item = self.queue.find(int(item_id))
            same = next((review for review in item.reviews if _opinion(review) == wanted), None)
            if same is None:
                raise ReviewError("Somebody changed their mind meanwhile. Look at what is said now, and decide again.")
            decided = self.queue.review(item.id, person_of(request), same.decision, same.label, same.note)
        except FrontdeskError as error:
            return self._list(language) | {self.message: problem(str(error))}
        return self._list(language) | {self.message: notice(self._outcome(decided, language))}

    def _outcome(self, item: ReviewItem, language: Language) -> str:
        if item.state is ItemState.DISPUTED or item.label is None:
            return say("still_disputed", language)
        return say("settled_as", language, label=self.view.labels.name(item.label, language))

    def _list(self, language: Language) -> Updates:
        items = self.queue.disputed()
        html = "".join(self._item(item, language) for item in items)
        return {self.found: gr.HTML(rows=html or f'<p class="empty">{escape(say("disputed_none", language))}</p>')}

    def _item(self, item: ReviewItem, language: Language) -> str:
        opinions = [review for review in item.reviews if review.label]
        said = "".join(
            f"<dt>{escape(review.reviewer)}</dt><dd>{escape(self.view.opinion(review, language))} "
            f"<small>{review.at.astimezone(self.view.timezone):%Y-%m-%d %H:%M}</small></dd>"
            for review in opinions
        )
        different = {_opinion(review): review for review in opinions}
        buttons = "".join(
            f'<button type="button" class="small" data-apply="{escape(f"{item.id} {wanted}")}">'
            f"{escape(say('decide_for', language, label=self.view.opinion(review, language)))}</button>"
            for wanted, review in different.items()
        )
        head = f"{self.view.about(item, language)}<h3>{escape(item.message.text)}</h3>"
        return f'<section class="item">{head}<dl>{said}</dl>{buttons}</section>'


def _opinion(review: Review) -> str:
    """What somebody meant as one word; names of new intents differ, though no label does."""
    if review.decision is Decision.NEW_INTENT:
        return f"? {review.note}"
    return key_of(review.label) if review.label else ""
