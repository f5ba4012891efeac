"""``POST /v1/chat/completions``, as OpenAI's clients call it."""

import time
from collections.abc import Sequence
from typing import Any, Literal

from fastapi import APIRouter, HTTPException, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from agent.agent import CustomerServiceAgent
from agent.conversation import Conversation, Turn
from agent.decision import MAX_CHARACTERS
from ui.access.customers import customer_id, signed_customer_id
from ui.api.caller import Built, Portal, Server
from ui.api.problems import responses
from ui.api.schemas import ReplyOut
from ui.api.streaming import EVENTS, event

MODEL = "frontdesk"
BEGAN = int(time.time())
RECENT = 50  # conversations that may be the one that goes on


class Part(BaseModel):
    """A piece of a message's content; only text is read."""

    type: Literal["text"]
    text: str = Field(max_length=MAX_CHARACTERS)


class ChatMessageIn(BaseModel):
    """A message of the conversation."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[Part] | None = Field(None, examples=["How long does delivery take?"])

    @property
    def text(self) -> str:
        """The content as one text."""
        return "".join(part.text for part in self.content) if isinstance(self.content, list) else self.content or ""


class ChatRequest(BaseModel):
    """What OpenAI's clients send; settings that mean nothing here are ignored."""

    model_config = ConfigDict(extra="allow")
    model: str = Field(max_length=100, examples=[MODEL])
    messages: list[ChatMessageIn] = Field(min_length=1, max_length=200)
    stream: bool = False
    user: str | None = Field(None, min_length=1, max_length=200, description="The customer's id in the portal.")


router = APIRouter(prefix="/v1", tags=["OpenAI-compatible"], responses=responses())


@router.get("/models", summary="List models")
def list_models(_portal: Portal) -> dict[str, Any]:
    """There is one: the service."""
    return {"object": "list", "data": [{"id": MODEL, "object": "model", "created": BEGAN, "owned_by": MODEL}]}


@router.post(
    "/chat/completions",
    response_model=dict[str, Any],
    responses={**responses(404), 200: {"content": EVENTS}},
    summary="Answer the last message of a conversation",
)
async def complete(built: Built, portal: Server, request: ChatRequest) -> Response:
    """For a portal's server. Logged like any conversation: it goes on where the replies so far are the `assistant` messages.

    With `user`, the conversations are those of the customer whom a signed token names so. `system` messages change nothing.
    """
    if request.model != MODEL:
        raise HTTPException(404, f"There is no model {request.model!r} here; the one there is is called {MODEL!r}.")
    asked = request.messages[-1]
    if asked.role != "user" or not asked.text:
        raise HTTPException(400, "The last message is to be a `user` message with text.")
    if len(asked.text) > MAX_CHARACTERS:
        raise HTTPException(400, f"The last message is too long: at most {MAX_CHARACTERS} characters are read.")
    customer = signed_customer_id(portal.id, request.user) if request.user else customer_id(portal.id, "chat completions")
    found = await built.writers.run(lambda: _conversation(built.agent, customer, request.messages))
    built.limits.take("conversation", found.id)
    head = {"id": f"chatcmpl-{found.id}", "created": int(time.time()), "model": MODEL}
    if not request.stream:
        turn = await built.writers.run(lambda: built.agent.reply(found, asked.text))
        return JSONResponse(_completion(head, turn))
    return built.writers.events(
        lambda: built.agent.stream(found, asked.text),
        lambda text: _chunk(head, {"role": "assistant", "content": text}),
        lambda _turn: _chunk(head, {}, "stop") + b"data: [DONE]\n\n",
        lambda: event(None, {"error": {"message": "The reply could not be written. Send the message again.", "type": "server_error"}}),
    )


def _conversation(agent: CustomerServiceAgent, customer: str, messages: Sequence[ChatMessageIn]) -> Conversation:
    """The conversation whose replies are the assistant messages, or a new one."""
    said = [message.text for message in messages[:-1] if message.role == "assistant"]
    if said:
        for conversation in agent.log.conversations(customer, RECENT):
            replies = [turn.reply.text for turn in agent.log.answered_turns(conversation.id, len(said) + 1) if turn.reply]
            if replies == said:
                return conversation
    return agent.log.start(customer)


def _completion(head: dict[str, Any], turn: Turn) -> dict[str, Any]:
    """A whole reply, with what OpenAI's format has no place for under ``frontdesk``."""
    reply = ReplyOut.of(turn.reply) if turn.reply else None
    message = {"role": "assistant", "content": reply.text if reply else "", "refusal": None}
    extra = reply.model_dump(mode="json", exclude={"text"}) if reply else {}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
    return {**head, "object": "chat.completion", "choices": [choice], "frontdesk": extra}


def _chunk(head: dict[str, Any], delta: dict[str, str], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
    return event(None, {**head, "object": "chat.completion.chunk", "choices": [choice]})
