"""The chat page: conversations side by side, always rendered from the log."""

import logging
import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.components.chatbot import Message

from agent.agent import CustomerServiceAgent
from agent.conversation import Conversation, ConversationState, Turn
from agent.handover.contacts import Contacts
from agent.handover.events import Event
from agent.language import Language, detect_language
from agent.texts import greeting
from ui.access.customers import customer_id
from ui.contact_row import ContactRow
from ui.example_questions import ExampleQuestions
from ui.page_language import page_language
from ui.pages import PRIVATE
from ui.rendering import failed_messages, growing_messages, language_of, pending_messages
from ui.settled import SettledLine
from ui.staff_view import staff_html
from ui.texts import in_script, say
from ui.timeline import Timeline, is_awaited

logger = logging.getLogger(__name__)

Updates = dict[Any, Any]  # what becomes of each component
CUSTOMER_SECRET = re.compile(r"[\w-]{43}")
MAX_TYPED = 10_000  # characters; the agent asks for a shorter message long before
SCRIPT = (Path(__file__).parent / "chat.js").read_text(encoding="utf-8")
ENGLISH = Language("en")  # until the browser has said what it wants


class ChatPage:
    """The page that customers use.

    Their browser keeps a secret that opens their conversations, and which one is open; everything else is read
    from the log each time, so a reload or a restart loses nothing.

    Args:
        agent: answers.
        contacts: keeps how to reach customers while nobody is there.
        examples: questions to tap before the first message.
        staff_panel: also shows why each reply is what it is; not for customers.
        secret: encrypts what the browser stores; must be the same after a restart.

    Attributes:
        blocks: the page.
    """

    def __init__(
        self, agent: CustomerServiceAgent, contacts: Contacts, examples: ExampleQuestions, *, staff_panel: bool, secret: str
    ) -> None:
        self.agent, self.contacts = agent, contacts
        self.examples = examples
        self._stopped: set[str] = set()  # conversations whose reply is to end
        # A reply that takes longer than a composed one may take will not come.
        self.patience_s = agent.writer.composer.deadline_s + 20
        with gr.Blocks(title=" · ".join(dict.fromkeys(agent.shop.name.values())) or "Frontdesk", analytics_enabled=False) as self.blocks:
            self.customer = gr.BrowserState(storage_key="frontdesk-customer", secret=secret)
            self.opened = gr.BrowserState(storage_key="frontdesk-opened", secret=secret)
            self.clock = gr.Timer(1.0, active=False)
            self._lay_out(staff_panel)
            self._wire()

    def _lay_out(self, staff_panel: bool) -> None:
        with gr.Sidebar(open=False, width=288):
            self.new = gr.Button(say("new_chat", ENGLISH), elem_id="new-chat")
            self.conversations = gr.Radio([], label=say("conversations", ENGLISH), visible=False, elem_id="conversations")
        with gr.Row(elem_id="page"):
            with gr.Column(scale=3, elem_id="talk"):
                with gr.Row(elem_id="head"):
                    self.head = gr.HTML(padding=False)
                    self.person = gr.Button(say("person", ENGLISH), scale=0, elem_id="person")
                self.chat = gr.Chatbot(
                    show_label=False,
                    container=False,
                    height=None,
                    buttons=[],
                    render_markdown=False,
                    allow_tags=False,
                    latex_delimiters=[],
                    allow_file_downloads=False,
                    elem_id="chat",
                )
                self.settled = SettledLine(self.agent.shop)
                self.contact = ContactRow(self.agent, self.contacts)
                with gr.Row(elem_id="compose"):
                    self.box = gr.Textbox(
                        label=say("message", ENGLISH),
                        placeholder=say("placeholder", ENGLISH),
                        show_label=False,
                        container=False,
                        lines=1,
                        max_lines=6,
                        max_length=MAX_TYPED,
                        autofocus=True,
                        elem_id="message",
                    )
                    self.send = gr.Button(say("send", ENGLISH), variant="primary", scale=0, elem_id="send")
                    self.stop = gr.Button(say("stop", ENGLISH), variant="stop", scale=0, visible=False, elem_id="stop")
            self.staff = None
            if staff_panel:
                with gr.Column(scale=1, min_width=280, elem_id="staff"):
                    gr.Markdown("Staff view of the last reply")
                    self.staff = gr.HTML()

    def _wire(self) -> None:
        browser = [self.customer, self.opened]
        shown = [*browser, self.head, self.conversations, self.chat, self.clock, self.stop, *self.settled.parts, *self.contact.parts]
        shown += [self.staff] if self.staff else []
        sending = [
            # What is sent while a reply is being written waits in the box, and is sent after it.
            gr.on(
                [self.box.submit, self.send.click],
                self._typed,
                [self.box, *browser],
                [*shown, self.box],
                trigger_mode="always_last",
                **PRIVATE,
            ),
            gr.on([self.chat.option_select, self.chat.example_select], self._tapped, browser, shown, trigger_mode="once", **PRIVATE),
        ]
        self.stop.click(self._stop, browser, None, **PRIVATE)
        gr.on([self.person.click, self.settled.person.click], self._request_person, browser, shown, trigger_mode="once", **PRIVATE)
        for button, resolved in ((self.settled.yes, True), (self.settled.no, False), (self.settled.undo, None)):
            button.click(self._resolver(resolved), browser, self.settled.parts, trigger_mode="once", **PRIVATE)
        leaving = [self.contact.leave.click, self.contact.details.submit]
        gr.on(leaving, self._leave, [self.contact.details, *browser], shown, trigger_mode="once", **PRIVATE)
        # Each click counts, and the last one on a reply has the last word.
        self.chat.like(self._rate, browser, None, trigger_mode="multiple", concurrency_limit=1, **PRIVATE)
        ticking = self.clock.tick(self._refresh, browser, shown, **PRIVATE)
        # What was asked for the conversation before, its reply too, goes to the log and not into the one that is opened now.
        before = [*sending, ticking]
        chosen = [self.conversations, *browser]
        self.conversations.input(self._switch, chosen, shown, cancels=before, trigger_mode="always_last", **PRIVATE)
        self.new.click(self._begin, browser, shown, cancels=before, **PRIVATE)
        self.blocks.load(self._load, browser, [*shown, self.new, self.person, self.box, self.send], **PRIVATE)
        self.blocks.load(None, js=SCRIPT, **PRIVATE)

    # What customers do.

    def _load(self, customer: object, opened: object, request: gr.Request) -> Updates:
        language = _language(request)
        labels = {
            self.new: gr.Button(say("new_chat", language)),
            self.person: gr.Button(say("person", language)),
            self.box: gr.Textbox(label=say("message", language), placeholder=say("placeholder", language)),
            self.send: gr.Button(say("send", language)),
            self.stop: gr.Button(say("stop", language), visible=False),
        }
        return self._refresh(customer, opened, request) | labels

    def _refresh(self, customer: object, opened: object, request: gr.Request) -> Updates:
        secret = _customer(customer)
        return self._view(secret, self._find(secret, opened), _language(request))

    def _switch(self, chosen: str, customer: object, _opened: object, request: gr.Request) -> Updates:
        return self._refresh(customer, {"conversation": chosen}, request)

    def _begin(self, customer: object, _opened: object, request: gr.Request) -> Updates:
        return self._refresh(customer, None, request)

    def _typed(self, text: str, customer: object, opened: object, request: gr.Request) -> Iterator[Updates]:
        if not text.strip():
            yield {self.box: ""}
            return
        for place, updates in enumerate(self._answer(text[:MAX_TYPED], customer, opened, request)):
            yield updates | ({self.box: ""} if place == 0 else {})

    def _tapped(self, event: gr.SelectData, customer: object, opened: object, request: gr.Request) -> Iterator[Updates]:
        text = event.value["text"] if isinstance(event.value, dict) else event.value
        yield from self._answer(str(text)[:MAX_TYPED], customer, opened, request)

    def _answer(self, text: str, customer: object, opened: object, request: gr.Request) -> Iterator[Updates]:
        """Show a message at once, then its reply as it is written."""
        secret, language = _customer(customer), _language(request)
        earlier: list[Message] = []
        try:
            conversation = self._find(secret, opened) or self.agent.log.start(customer_id("", secret))
            earlier = self._timeline(conversation, language).messages
            view = self._view(secret, conversation, language)
            writes = self.agent.writer.composer.composes(detect_language(text, fallback=language.code).code)
            pending = {self.chat: gr.Chatbot([*earlier, *pending_messages(text)]), self.stop: gr.Button(visible=writes)}
            yield view | pending | self.settled.hidden()
            for so_far in self._written(conversation, text):
                yield {self.chat: gr.Chatbot([*earlier, *growing_messages(text, so_far)])}
            yield self._view(secret, conversation, language)
        except Exception:
            logger.exception("A message was not answered.")
            yield {self.chat: gr.Chatbot([*earlier, *failed_messages(text)]), self.stop: gr.Button(visible=False)}

    def _written(self, conversation: Conversation, text: str) -> Iterator[str]:
        """The reply so far, each time it grows; who looks elsewhere finds it whole in the log, who stops it what was shown."""
        pieces, so_far = self.agent.stream(conversation, text), ""
        self._stopped.discard(conversation.id)
        try:
            for piece in pieces:
                if conversation.id in self._stopped:
                    pieces.close()
                    return
                if piece:
                    so_far += piece
                    yield so_far
        except GeneratorExit:
            for _ in pieces:
                pass
            raise
        finally:
            self._stopped.discard(conversation.id)

    def _stop(self, customer: object, opened: object) -> None:
        conversation = self._find(_customer(customer), opened)
        if conversation:
            self._stopped.add(conversation.id)

    def _request_person(self, customer: object, opened: object, request: gr.Request) -> Updates:
        secret, language = _customer(customer), _language(request)
        try:
            conversation = self._find(secret, opened) or self.agent.log.start(customer_id("", secret))
            last = self.agent.log.answered_turns(conversation.id, 1)
            self.agent.request_person(conversation, language_of(last[0].reply) if last and last[0].reply else language)
            return self._view(secret, conversation, language)
        except Exception:
            logger.exception("A wish for a person was not noted.")
            return {self.chat: gr.Chatbot([*failed_messages(say("person", language))])}

    def _leave(self, details: str, customer: object, opened: object, request: gr.Request) -> Updates:
        """Keep contact details; what cannot be kept stays in the box."""
        secret, language = _customer(customer), _language(request)
        conversation = self._find(secret, opened)
        left = self.contact.keep(conversation, details)
        return self._view(secret, conversation, language) | self.contact.view(conversation, language, left)

    def _rate(self, thumb: gr.LikeData, customer: object, opened: object) -> None:
        conversation = self._find(_customer(customer), opened)
        turn = self._timeline(conversation, ENGLISH).turn_at(thumb.index) if conversation else None
        if conversation and turn:
            feedback = {True: 1, False: -1}.get(thumb.liked) if isinstance(thumb.liked, bool) else None
            self.agent.log.add_feedback(conversation.id, turn.id, feedback)

    def _resolver(self, resolved: bool | None) -> Callable[[object, object], Updates]:
        """Keeps what a button says of the newest answer."""

        def resolve(customer: object, opened: object) -> Updates:
            conversation = self._find(_customer(customer), opened)
            if conversation is None:
                return self.settled.hidden()
            self.agent.log.set_resolved(conversation.id, resolved)
            return self.settled.view(conversation, self.agent.log.turns(conversation.id), self.agent.desk.events(conversation.id))

        return resolve

    # What they see.

    def _view(self, secret: str, conversation: Conversation | None, language: Language) -> Updates:
        """Everything on the page, from the log, as it is now."""
        conversation = self.agent.log.find(customer_id("", secret), conversation.id) if conversation else None
        turns = self.agent.log.turns(conversation.id) if conversation else []
        events = self.agent.desk.events(conversation.id) if conversation else []
        listed = [(one.title, one.id) for one in self.agent.log.conversations(customer_id("", secret))]
        current = conversation.id if conversation else None
        view: Updates = {
            self.customer: {"secret": secret},
            self.opened: {"conversation": current},
            self.head: f"<h1>{escape(in_script(self._shop_name(language), language))}</h1>",
            self.conversations: gr.Radio(
                listed, value=current if turns else None, label=say("conversations", language), visible=bool(listed)
            ),
            self.stop: gr.Button(visible=False),
            self.clock: gr.Timer(active=bool(turns) and (is_awaited(turns, -1, self.patience_s) or _is_handed_over(conversation))),
            self.chat: self._chat(turns, events, language),
            **self.settled.view(conversation, turns, events),
            **self.contact.view(conversation, language),
        }
        if self.staff:
            reply = turns[-1].reply if turns else None
            view[self.staff] = staff_html(reply, self.agent.explainer.explain(reply) if reply else [])
        return view

    def _timeline(self, conversation: Conversation, language: Language) -> Timeline:
        turns, events = self.agent.log.turns(conversation.id), self.agent.desk.events(conversation.id)
        return Timeline(turns, events, self.patience_s, language)

    def _chat(self, turns: Sequence[Turn], events: Sequence[Event], language: Language) -> gr.Chatbot:
        if turns:
            timeline = Timeline(turns, events, self.patience_s, language)
            return gr.Chatbot([*timeline.messages], feedback_value=timeline.thumbs)
        hello = in_script(greeting(self.agent.shop, language.code), language)
        return gr.Chatbot(
            [],
            feedback_value=[],
            placeholder=f'<div class="welcome"><h2>{say("welcome", language)}</h2><p>{" ".join(escape(hello).split())}</p></div>',
            examples=[{"text": question} for question in self.examples.in_language(language)],
        )

    def _shop_name(self, language: Language) -> str:
        return self.agent.shop.name.get(language.code) or say("title", language)

    def _find(self, secret: str, opened: object) -> Conversation | None:
        conversation = opened.get("conversation") if isinstance(opened, dict) else None
        return self.agent.log.find(customer_id("", secret), conversation) if isinstance(conversation, str) else None


def _customer(stored: object) -> str:
    """The customer's secret from their browser, or a new one."""
    secret = stored.get("secret") if isinstance(stored, dict) else None
    return secret if isinstance(secret, str) and CUSTOMER_SECRET.fullmatch(secret) else secrets.token_urlsafe(32)


def _is_handed_over(conversation: Conversation | None) -> bool:
    """Whether a person may say something at any time."""
    return conversation is not None and conversation.state in {ConversationState.QUEUED, ConversationState.HUMAN}


def _language(request: gr.Request) -> Language:
    return page_language(request.headers.get("accept-language", ""))
