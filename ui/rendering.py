"""Turns of a conversation as the chat shows them: HTML made here, so that nothing a text contains becomes markup.

Gradio is told not to render Markdown: it would load remote images and draw diagrams from an entry's text.
"""

from html import escape

from gradio.components.chatbot import Message, TextMessage

from agent.conversation import Reply, Turn
from agent.handover.events import Event, EventKind
from agent.language import Language, detect_language
from knowledge_base.normalisation import is_traditional
from ui.markdown import markdown_html
from ui.texts import say


def pending_messages(text: str) -> list[Message]:
    """Render a message that is being sent."""
    return [customer_message(text), _message("assistant", _typing(detect_language(text)))]


def growing_messages(text: str, so_far: str) -> list[Message]:
    """Render a message and what is there of its reply."""
    return [customer_message(text), _message("assistant", f'<div class="growing">{markdown_html(so_far)}</div>')]


def failed_messages(text: str) -> list[Message]:
    """Render a message that could not be answered."""
    return [customer_message(text), _message("assistant", _unanswered(detect_language(text)))]


def language_of(reply: Reply) -> Language:
    """The language that a reply is in."""
    return Language(reply.language, traditional=reply.language == "zh" and is_traditional(reply.text))


def literal(text: str) -> str:
    """HTML that shows a text as it is, line breaks included."""
    return f'<span class="literal">{escape(text)}</span>'


def customer_message(text: str) -> Message:
    """Render what a customer wrote."""
    return _message("user", literal(text))


def reply_message(turn: Turn, *, awaited: bool) -> Message:
    """Render the reply to a turn: its text and sources, or that it is being written, or that there is none."""
    if turn.reply:
        return _message("assistant", f'<div class="reply">{markdown_html(turn.reply.text)}</div>{_sources(turn.reply)}')
    language = detect_language(turn.message)
    return _message("assistant", _typing(language) if awaited else _unanswered(language))


def event_message(event: Event, language: Language) -> Message:
    """Render what happened beside the turns: what a person said, or that who answers changed."""
    if event.kind is EventKind.MESSAGE:
        name = f'<span class="author">{escape(event.author)}</span>'
        return _message("assistant", f'<div class="reply person">{name}{literal(event.text)}</div>')
    return _message("assistant", f'<span class="notice">{escape(say(f"event_{event.kind}", language, person=event.author))}</span>')


def _sources(reply: Reply) -> str:
    language = language_of(reply)
    origin = say("composed" if reply.composed else "verbatim", language)
    return "".join(
        f'<details class="source"><summary>{escape(say("source", language, title=source.title))}</summary>'
        f"<p>{escape(origin)}</p><p>{escape(say('article', language, id=source.id, version=str(source.version)))}</p></details>"
        for source in reply.sources
    )


def _typing(language: Language) -> str:
    return f'<span class="typing"><i></i><i></i><i></i><span class="for-screen-readers">{say("typing", language)}</span></span>'


def _unanswered(language: Language) -> str:
    return f'<span class="unanswered">{say("unanswered", language)}</span>'


def _message(role: str, html: str) -> Message:
    return Message(role=role, content=[TextMessage(text=html)])
