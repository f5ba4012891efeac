"""The inbox: who waits for a person, and the conversation with them."""

from collections.abc import Callable
from datetime import UTC, datetime
from html import escape
from typing import Any

import gradio as gr

from agent.agent import CustomerServiceAgent
from agent.conversation import ConversationState
from agent.errors import HandOverError
from agent.handover.contacts import Contacts
from agent.handover.desk import HandedOver
from agent.language import Language
from ui.page_language import page_language
from ui.pages import PRIVATE
from ui.staff.navigation import Navigation
from ui.staff.summary import summarise
from ui.texts import say
from ui.timeline import Timeline

Updates = dict[Any, Any]
ENGLISH = Language("en")
REFRESH_S = 2.0


class InboxPage:
    """The page; everything on it is read from the log and the desk each time.

    Args:
        agent: whose conversations.
        contacts: shown to who answers a conversation.
        navigation: the line above.

    Attributes:
        blocks: the page. Who is signed in comes from the mount.
    """

    def __init__(self, agent: CustomerServiceAgent, contacts: Contacts, navigation: Navigation) -> None:
        self.agent, self.desk, self.contacts, self.navigation = agent, agent.desk, contacts, navigation
        with gr.Blocks(title="Frontdesk · Inbox", analytics_enabled=False) as self.blocks:
            self.opened = gr.State("")
            self.seen = gr.State("")
            self.clock = gr.Timer(REFRESH_S)
            self.pages = gr.HTML(padding=False)
            with gr.Row(elem_id="inbox"):
                with gr.Column(scale=1, min_width=280, elem_id="queue"):
                    self.head = gr.HTML(padding=False)
                    self.list = gr.Radio([], label=say("inbox_queue", ENGLISH), elem_id="waiting")
                with gr.Column(scale=3, elem_id="case"):
                    self.summary = gr.HTML(padding=False)
                    self.chat = gr.Chatbot(
                        show_label=False, container=False, height=460, buttons=[], render_markdown=False, allow_tags=False,
                        latex_delimiters=[], allow_file_downloads=False, elem_id="case-chat",
                    )  # fmt: skip
                    self.problem = gr.HTML(padding=False)
                    with gr.Row():
                        self.box = gr.Textbox(
                            label=say("inbox_answer", ENGLISH), show_label=False, container=False, lines=1, max_lines=8, max_length=4000,
                            visible=False, elem_id="answer", scale=4,
                        )  # fmt: skip
                        self.send = gr.Button(say("send", ENGLISH), variant="primary", scale=0, visible=False, elem_id="answer-send")
                    with gr.Row():
                        self.take = gr.Button(say("inbox_take", ENGLISH), variant="primary", visible=False, elem_id="take")
                        self.back = gr.Button(say("inbox_back", ENGLISH), visible=False, elem_id="give-back")
                        self.close = gr.Button(say("inbox_close", ENGLISH), visible=False, elem_id="close")
            self._wire()

    def _wire(self) -> None:
        shown = [self.opened, self.seen, self.head, self.list, self.summary, self.chat, self.problem]
        shown += [self.box, self.send, self.take, self.back, self.close]
        self.blocks.load(self.navigation.html, None, self.pages, **PRIVATE)
        self.blocks.load(self._show, [self.opened], shown, **PRIVATE)
        self.clock.tick(self._refresh, [self.opened, self.seen], shown, **PRIVATE)
        self.list.input(self._show, [self.list], shown, trigger_mode="always_last", **PRIVATE)
        self.take.click(self._take, [self.opened], shown, **PRIVATE)
        self.back.click(self._back, [self.opened], shown, **PRIVATE)
        self.close.click(self._close, [self.opened], shown, **PRIVATE)
        gr.on([self.send.click, self.box.submit], self._say, [self.opened, self.box], shown, trigger_mode="once", **PRIVATE)

    # What staff do.

    def _take(self, opened: str, request: gr.Request) -> Updates:
        return self._do(opened, request, lambda person: self.desk.take(opened, person))

    def _back(self, opened: str, request: gr.Request) -> Updates:
        return self._do(opened, request, lambda person: self.desk.give_back(opened, person))

    def _close(self, opened: str, request: gr.Request) -> Updates:
        return self._do(opened, request, lambda person: self.desk.close(opened, person))

    def _say(self, opened: str, text: str, request: gr.Request) -> Updates:
        if not text.strip():
            return {self.box: ""}
        updates = self._do(opened, request, lambda person: self.desk.say(opened, person, text))
        return updates if updates[self.problem] else updates | {self.box: gr.Textbox(value="", visible=True)}

    def _do(self, opened: str, request: gr.Request, work: Callable[[str], object]) -> Updates:
        """Do it, and show what is then, or why it cannot be done."""
        try:
            work(_person(request))
        except HandOverError as error:
            return self._show(opened, request) | {self.problem: f'<p class="problem" role="alert">{escape(str(error))}</p>'}
        return self._show(opened, request)

    # What they see.

    def _refresh(self, opened: str, seen: str, request: gr.Request) -> Updates:
        """What has changed since it was shown; nothing as a rule."""
        updates = self._show(opened, request)
        if updates[self.seen] == seen:
            return {self.seen: seen}
        return {component: value for component, value in updates.items() if component is not self.problem}

    def _show(self, opened: str, request: gr.Request) -> Updates:
        language, person = page_language(request.headers.get("accept-language", "")), _person(request)
        listed = self.desk.handed_over()
        case = next((one for one in listed if one.conversation_id == opened), None)
        mine = case is not None and case.person == person
        timeline = Timeline(self.agent.log.turns(opened), self.desk.events(opened), 0.0, language)
        return {
            self.opened: opened,
            self.seen: f"{[(one.conversation_id, one.person) for one in listed]} {len(timeline.messages)}",
            self.head: f"<h1>{escape(say('inbox', language))}</h1>",
            self.list: gr.Radio(
                [(_label(one, language), one.conversation_id) for one in listed],
                value=opened if case else None,
                label=say("inbox_queue", language) if listed else say("inbox_empty", language),
            ),
            self.summary: self._summary(case, person, language),
            self.chat: gr.Chatbot([*timeline.messages]),
            self.problem: "",
            self.box: gr.Textbox(visible=mine, placeholder=say("inbox_answer", language)),
            self.send: gr.Button(say("send", language), visible=mine),
            self.take: gr.Button(say("inbox_take", language), visible=case is not None and case.state is ConversationState.QUEUED),
            self.back: gr.Button(say("inbox_back", language), visible=mine),
            self.close: gr.Button(say("inbox_close", language), visible=mine),
        }

    def _summary(self, case: HandedOver | None, person: str, language: Language) -> str:
        if case is None:
            return ""
        found = summarise(self.agent.log.turns(case.conversation_id))
        rows = [
            ("inbox_reason", say(f"inbox_{case.reason}", language)),
            ("inbox_wishes", ", ".join(found.wishes)),
            ("inbox_tried", ", ".join(found.tried)),
            ("inbox_disliked", str(found.disliked or "")),
            ("inbox_person", case.person or ""),
            ("inbox_contact", (self.contacts.read(case.conversation_id, person) or "") if case.person == person else ""),
        ]
        cells = "".join(f"<dt>{escape(say(key, language))}</dt><dd>{escape(value)}</dd>" for key, value in rows if value)
        return f'<dl class="summary">{cells}</dl>'


def _label(one: HandedOver, language: Language) -> str:
    """A row of the list: who answers or how long it waits, and what it is about."""
    minutes = int((datetime.now(UTC) - one.queued_at).total_seconds() // 60)
    stand = one.person or say("inbox_waits", language, minutes=str(minutes))
    return f"{stand} · {one.title}"


def _person(request: gr.Request) -> str:
    """Who is signed in; the mount lets nobody else in."""
    return str(request.username)
