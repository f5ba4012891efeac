"""What goes over the wire."""

from datetime import datetime
from typing import Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from agent.conversation import Conversation, ConversationState, Reply, RouteKind, Turn
from agent.decision import MAX_CHARACTERS
from agent.handover.contacts import LONGEST
from agent.handover.events import Event, EventKind
from ui.markdown import markdown_html

Item = TypeVar("Item")
Thumb = Literal["up", "down"]
THUMBS: dict[Thumb | None, int | None] = {"up": 1, "down": -1, None: None}


class CustomerToken(BaseModel):
    """Opens an anonymous customer's conversations; the customer's browser keeps it."""

    token: str = Field(examples=["anon_nGs0cPk2q1m3bJ1oJt9yW4bqk3x1nq7cJ9yqv6d2b0E"])


class ConversationOut(BaseModel):
    """A conversation."""

    id: str = Field(examples=["5f0c9d3a4b1e4c5f9a7d2e8b6c1f0a3d"])
    state: ConversationState = Field(description="Who is answering.")
    title: str = Field(description="The first message, shortened; empty before it.", examples=["How long does delivery take?"])
    created_at: datetime
    resolved: bool | None = Field(None, description="Whether the customer says that an answer settled it; null while they said nothing.")
    contact_wanted: bool = Field(False, description="Whether it waits for a person while nobody is there: ask for contact details.")

    @classmethod
    def of(cls, conversation: Conversation, *, contact_wanted: bool = False) -> "ConversationOut":
        """As it is told."""
        return cls(**vars(conversation), contact_wanted=contact_wanted)


class SourceOut(BaseModel):
    """The version of an FAQ entry that a reply rests on."""

    id: str = Field(examples=["delivery-standard"])
    version: int = Field(examples=[1])
    score: float = Field(description="The probability that it answers the message.", examples=[0.97])
    title: str = Field(examples=["How long does standard delivery take?"])


class ReplyOut(BaseModel):
    """A reply."""

    text: str = Field(description="Markdown.", examples=["Standard delivery takes **3-5 business days**."])
    html: str = Field(
        description="The text as HTML that is safe to show: HTML in the text is escaped, links lead to the web or to mail, there are no "
        "images.",
        examples=["<p>Standard delivery takes <strong>3-5 business days</strong>.</p>"],
    )
    language: str = Field(examples=["en"])
    route: RouteKind = Field(description="What was done about the message.")
    sources: list[SourceOut] = Field(description="What it rests on, best first; empty where it states nothing of the FAQ.")
    suggestions: list[str] = Field(description="Questions to tap.")
    composed: bool = Field(description="Whether a language model wrote some of it.")
    looked_up: bool = Field(description="Whether the shop's own system gave the text, as it was at that moment.")
    offers_person: bool = Field(description="Whether it offers or starts a hand-over to a person.")

    @classmethod
    def of(cls, reply: Reply) -> "ReplyOut":
        """As it is told."""
        return cls(
            text=reply.text,
            html=markdown_html(reply.text),
            language=reply.language,
            route=reply.route,
            sources=[SourceOut(**vars(source)) for source in reply.sources],
            suggestions=list(reply.suggestions),
            composed=reply.composed,
            looked_up=reply.looked_up,
            offers_person=reply.offers_person,
        )


class MessageOut(BaseModel):
    """A customer's message with its reply."""

    id: int = Field(examples=[1])
    created_at: datetime
    text: str = Field(description="The message, personal data masked.", examples=["How long does delivery take?"])
    reply: ReplyOut | None = Field(description="null while it is being made.")
    feedback: Thumb | None

    @classmethod
    def of(cls, turn: Turn) -> "MessageOut":
        """As it is told."""
        thumb: Thumb | None = {1: "up", -1: "down"}.get(turn.feedback or 0)  # type: ignore[assignment]
        return cls(
            id=turn.id,
            created_at=turn.created_at,
            text=turn.message,
            reply=ReplyOut.of(turn.reply) if turn.reply else None,
            feedback=thumb,
        )


class NewMessage(BaseModel):
    """A message to be answered."""

    model_config = ConfigDict(extra="forbid")
    text: str = Field(min_length=1, max_length=MAX_CHARACTERS, examples=["How long does delivery take?"])
    stream: bool = Field(False, description="Answer with server-sent events: `piece` while the reply grows, then `message`.")


class Feedback(BaseModel):
    """What the customer thinks of a reply."""

    model_config = ConfigDict(extra="forbid")
    value: Thumb | None = Field(description="null takes it back.", examples=["up"])


class Resolution(BaseModel):
    """Whether the last answer settled what the customer wanted."""

    model_config = ConfigDict(extra="forbid")
    resolved: StrictBool | None = Field(description="null takes it back.", examples=[True])


class EventOut(BaseModel):
    """Something that happened in a conversation beside its messages."""

    id: int = Field(examples=[1])
    at: datetime
    kind: EventKind = Field(
        description="`message`: a person said `text`; `resolution`: the customer said whether the last answer settled it, `yes`, `no`, "
        "or empty where they took that back; else who answers changed, or contact details were left."
    )
    author: str = Field(description="The person's name; empty for the customer and the assistant.", examples=["lin"])
    text: str = Field(examples=["Good morning, I have your parcel in front of me."])

    @classmethod
    def of(cls, event: Event) -> "EventOut":
        """As it is told."""
        return cls(**{name: value for name, value in vars(event).items() if name != "conversation_id"})


class ContactDetails(BaseModel):
    """How to reach the customer."""

    model_config = ConfigDict(extra="forbid")
    details: str = Field(min_length=1, max_length=LONGEST, pattern=r"\S", examples=["ann@mail.example, mornings"])


class Found(BaseModel):
    """An entry that may answer."""

    id: str = Field(examples=["delivery-standard"])
    title: str = Field(examples=["How long does standard delivery take?"])
    answer: str = Field(description="Markdown.", examples=["Standard delivery takes **3-5 business days**."])
    language: str = Field(examples=["en"])
    score: float = Field(description="The probability that it answers.", examples=[0.97])


class Page(BaseModel, Generic[Item]):
    """A part of a list."""

    items: list[Item]
    next_cursor: str | None = Field(description="Pass it as `cursor` for the next part; null at the end.")
