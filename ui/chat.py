"""The chat page: conversations side by side, always rendered from the log."""

import logging
import re
import secrets
from collections.abc import Iterator
from html import escape
from typing import Any

import gradio as gr

from agent.agent import CustomerServiceAgent
from agent.conversation import Conversation, Turn
from agent.language import Language
from agent.texts import greeting
from knowledge_base.entry import FAQEntry
from knowledge_base.normalisation import to_traditional
from ui.page_language import page_language
from ui.rendering import chat_messages, failed_messages, is_awaited, pending_messages, thumbs
from ui.staff_view import staff_html
from ui.texts import labels, say

logger = logging.getLogger(__name__)

Updates = dict[Any, Any]  # what becomes of each component
CUSTOMER_SECRET = re.compile(r"[\w-]{43}")
MAX_TYPED = 10_000  # characters; the agent asks for a shorter message long before
EXAMPLES = 3
IS_PHONE = "matchMedia('(max-width: 768px)').matches"
OPEN_SIDEBAR = f"() => {{ if (!{IS_PHONE}) document.querySelector('.sidebar:not(.open) .toggle-button')?.click() }}"
CLOSE_SIDEBAR = f"() => {{ if ({IS_PHONE}) document.querySelector('.sidebar.open .toggle-button')?.click() }}"
PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}


class ChatPage:
    """The page that customers use.

    Their browser keeps a secret that opens their conversations, and which one is open; everything else is read
    from the log each time, so a reload or a restart loses nothing.

    Args:
        agent: answers.
        staff_panel: also shows why each reply is what it is; not for customers.
        secret: hides what the browser stores from other pages' view; the same after a restart.

    Attributes:
        blocks: the page.
        i18n: its labels.
    """

    def __init__(self, agent: CustomerServiceAgent, *, staff_panel: bool, secret: str) -> None:
        self.agent = agent
        self.i18n = labels()
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
            self.new = gr.Button(self.i18n("new_chat"), elem_id="new-chat")
            self.conversations = gr.Radio([], label=self.i18n("conversations"), visible=False, elem_id="conversations")
        with gr.Row(elem_id="page"):
            with gr.Column(scale=3, elem_id="talk"):
                with gr.Row(elem_id="head"):
                    self.head = gr.HTML(padding=False)
                    self.person = gr.Button(self.i18n("person"), scale=0, elem_id="person")
                self.chat = gr.Chatbot(
                    label=self.i18n("conversation"),
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
                with gr.Row(elem_id="compose"):
                    self.box = gr.Textbox(
                        label=self.i18n("message"),
                        placeholder=self.i18n("placeholder"),
                        show_label=False,
                        container=False,
                        lines=1,
                        max_lines=6,
                        max_length=MAX_TYPED,
                        autofocus=True,
                        elem_id="message",
                    )
                    self.send = gr.Button(self.i18n("send"), variant="primary", scale=0, elem_id="send")
            self.staff = None
            if staff_panel:
                with gr.Column(scale=1, min_width=280, elem_id="staff"):
                    gr.Markdown(self.i18n("staff"))
                    self.staff = gr.HTML()

    def _wire(self) -> None:
        browser = [self.customer, self.opened]
        shown = [*browser, self.head, self.conversations, self.chat, self.clock, *([self.staff] if self.staff else [])]
        sending = [
            gr.on([self.box.submit, self.send.click], self._typed, [self.box, *browser], [*shown, self.box], trigger_mode="once", **PRIVATE),
            gr.on([self.chat.option_select, self.chat.example_select], self._tapped, browser, shown, trigger_mode="once", **PRIVATE),
        ]
        self.person.click(self._request_person, browser, shown, trigger_mode="once", **PRIVATE)
        self.chat.like(self._rate, browser, None, **PRIVATE)
        self.clock.tick(self._refresh, browser, shown, **PRIVATE)
        # The reply to a message that is being answered goes to the log, and not into the conversation opened now.
        self.conversations.input(self._switch, [self.conversations, *browser], shown, cancels=sending, **PRIVATE)
        self.new.click(self._begin, browser, shown, cancels=sending, **PRIVATE)
        for event in (self.conversations.input, self.new.click):
            event(None, js=CLOSE_SIDEBAR, **PRIVATE)
        self.blocks.load(self._refresh, browser, shown, **PRIVATE)
        self.blocks.load(None, js=OPEN_SIDEBAR, **PRIVATE)

    # What customers do.

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
        """Show a message at once, then its reply."""
        secret, language = _customer(customer), _language(request)
        conversation = self._find(secret, opened) or self.agent.log.start(secret)
        before = self._view(secret, conversation, language)
        yield before | {self.chat: gr.Chatbot(self._messages(conversation) + pending_messages(text))}
        try:
            self.agent.reply(conversation, text)
            yield self._view(secret, conversation, language)
        except Exception:
            logger.exception("A message in conversation %s was not answered.", conversation.id)
            yield {self.chat: gr.Chatbot(self._messages(conversation) + failed_messages(text))}
