"""Reaching a person: asking for one, what they say, and how they may get in touch."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import StreamingResponse

from agent.language import detect_language
from ui.api.caller import Built, Caller
from ui.api.conversations import REPLAYED, ConversationId, Key, find_conversation
from ui.api.problems import responses
from ui.api.schemas import ContactDetails, EventOut, MessageOut
from ui.api.streaming import EVENTS, UNBUFFERED, event

LAST = 2**31 - 1  # no event has a larger id
After = Annotated[int, Query(ge=0, le=LAST, description="Only what came after the event with this id.")]

router = APIRouter(prefix="/v1/conversations/{conversation_id}", tags=["Hand-over"], responses=responses(404))


@router.post("/hand-over", status_code=201, responses=responses(409), summary="Ask for a person")
def hand_over(built: Built, caller: Caller, conversation_id: ConversationId, response: Response, idempotency_key: Key = None) -> MessageOut:
    """The reply says what happens and when."""
    found = find_conversation(built, caller, conversation_id)

    def ask() -> dict[str, Any]:
        """Queue the conversation, in the language that it is in."""
        last = built.agent.log.answered_turns(found.id, 1)
        language = detect_language(last[0].message if last else "", fallback="en")
        return MessageOut.of(built.agent.request_person(found, language)).model_dump(mode="json")

    document, replayed = built.idempotency.once(caller.id, idempotency_key, f"hand-over {found.id}".encode(), ask)
    response.headers.update(REPLAYED if replayed else {})
    return MessageOut(**document)


@router.put("/contact", status_code=204, responses=responses(409), summary="Leave contact details")
def leave_contact(built: Built, caller: Caller, conversation_id: ConversationId, contact: ContactDetails) -> None:
    """While the conversation waits for a person. They are encrypted, and shown to the person who answers only."""
    built.contacts.leave(find_conversation(built, caller, conversation_id).id, contact.details)


@router.get("/events", summary="List what happened beside the messages")
def list_events(built: Built, caller: Caller, conversation_id: ConversationId, after: After = 0) -> list[EventOut]:
    """What people said, and changes of who answers, oldest first; 100 at most."""
    found = built.agent.desk.events(find_conversation(built, caller, conversation_id).id, after, 100)
    return [EventOut.of(one) for one in found]


@router.get("/events/stream", response_class=StreamingResponse, responses={200: {"content": EVENTS}}, summary="Follow what happens")
def follow_events(
    built: Built,
    caller: Caller,
    conversation_id: ConversationId,
    after: After = 0,
    last_event_id: Annotated[str | None, Header(max_length=20, description="Sent by browsers that connect again.")] = None,
) -> Response:
    """The same as server-sent events, as they happen; the event's name is its `kind`."""
    found = find_conversation(built, caller, conversation_id)
    built.feed.require_room()
    start = min(int(last_event_id), LAST) if last_event_id and last_event_id.isascii() and last_event_id.isdigit() else after

    async def lines() -> AsyncIterator[bytes]:
        """Events, and comments that keep the connection open."""
        yield b": open\n\n"
        async for one in built.feed.follow(found.id, start):
            if one is None:
                yield b": ping\n\n"
            else:
                yield f"id: {one.id}\n".encode() + event(one.kind, EventOut.of(one).model_dump(mode="json"))

    return StreamingResponse(lines(), media_type="text/event-stream", headers=UNBUFFERED)
