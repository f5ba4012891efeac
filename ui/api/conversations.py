"""Customers' conversations: messages, replies, feedback, and whether that was it."""

from collections.abc import Generator
from typing import Annotated, Any

from fastapi import APIRouter, Header, HTTPException, Path, Query, Response
from fastapi.responses import JSONResponse

from agent.conversation import Conversation
from ui.api.caller import Built, Caller, Customer
from ui.api.cursors import cursor_of, read_cursor
from ui.api.problems import problem_document, responses
from ui.api.schemas import THUMBS, ConversationOut, Feedback, MessageOut, NewMessage, Page, Resolution
from ui.api.streaming import EVENTS, event
from ui.markdown import markdown_html
from ui.services import Services

REPLAYED = {"Idempotency-Replayed": "true"}
Key = Annotated[str | None, Header(description="The same key again gives the same answer, for a day.", min_length=1, max_length=255)]
ConversationId = Annotated[str, Path(pattern="^[0-9a-f]{32}$", examples=["5f0c9d3a4b1e4c5f9a7d2e8b6c1f0a3d"])]
MessageId = Annotated[int, Path(ge=1, le=2**31 - 1)]
Limit = Annotated[int, Query(ge=1, le=100)]
Cursor = Annotated[str | None, Query(max_length=200, description="`next_cursor` of the part before.")]
STREAMED: dict[int | str, dict[str, Any]] = {
    201: {
        "description": "The message with its reply; with `stream`, the events `piece` (`{text, html}`: what comes next, and all so far as "
        "HTML), then `message`, or `problem`.",
        "content": EVENTS,
    }
}

FAILURE = problem_document(503, "The reply could not be written. Send the message again.")

router = APIRouter(prefix="/v1", tags=["Conversations"], responses=responses())


@router.post("/conversations", status_code=201, responses=responses(409), summary="Begin a conversation")
def begin(built: Built, caller: Caller, response: Response, idempotency_key: Key = None) -> ConversationOut:
    """It is listed once it has a message."""

    def start() -> dict[str, Any]:
        """Begin one."""
        return ConversationOut.of(built.agent.log.start(caller.id)).model_dump(mode="json")

    document, replayed = built.idempotency.once(caller.id, idempotency_key, b"begin", start)
    response.headers.update(REPLAYED if replayed else {})
    return ConversationOut(**document)


@router.get("/conversations", summary="List the customer's conversations, newest first")
def list_conversations(built: Built, caller: Caller, limit: Limit = 20, cursor: Cursor = None) -> Page[ConversationOut]:
    """Those that have a message."""
    before = built.agent.log.find(caller.id, read_cursor(cursor)) if cursor else None
    if cursor and before is None:
        raise HTTPException(400, "The cursor is none of this list.")
    found = built.agent.log.conversations(caller.id, limit + 1, before)
    more = cursor_of(found[limit - 1].id) if len(found) > limit else None
    return Page(items=[_told(built, one) for one in found[:limit]], next_cursor=more)


@router.get("/conversations/{conversation_id}", responses=responses(404), summary="Get a conversation")
def get_conversation(built: Built, caller: Caller, conversation_id: ConversationId) -> ConversationOut:
    """Its state says who is answering."""
    return _told(built, find_conversation(built, caller, conversation_id))


@router.get("/conversations/{conversation_id}/messages", responses=responses(404), summary="List its messages, oldest first")
def list_messages(
    built: Built, caller: Caller, conversation_id: ConversationId, limit: Limit = 50, cursor: Cursor = None
) -> Page[MessageOut]:
    """Each with its reply."""
    after = read_cursor(cursor) if cursor else "0"
    if not (after.isdecimal() and len(after) < 10):
        raise HTTPException(400, "The cursor is none of this list.")
    found = built.agent.log.turns(find_conversation(built, caller, conversation_id).id, limit + 1, int(after))
    more = cursor_of(str(found[limit - 1].id)) if len(found) > limit else None
    return Page(items=[MessageOut.of(turn) for turn in found[:limit]], next_cursor=more)


@router.post(
    "/conversations/{conversation_id}/messages",
    status_code=201,
    response_model=MessageOut,
    responses={**responses(404, 409), **STREAMED},
    summary="Send a message and get the reply",
)
async def send_message(
    built: Built, caller: Caller, conversation_id: ConversationId, message: NewMessage, idempotency_key: Key = None
) -> Response:
    """The message is stored before the reply is written, and the reply before it is sent."""
    built.limits.take("conversation", conversation_id)
    found = await built.writers.run(lambda: find_conversation(built, caller, conversation_id))
    request = f"{conversation_id} {message.text}".encode()
    if message.stream:
        known = None
        if idempotency_key:
            known = await built.writers.run(lambda: built.idempotency.begin(caller.id, idempotency_key, request))
        return _streamed(built, caller, found, message.text, idempotency_key, known)

    def answer() -> dict[str, Any]:
        """The message with its reply."""
        return MessageOut.of(built.agent.reply(found, message.text)).model_dump(mode="json")

    document, replayed = await built.writers.run(lambda: built.idempotency.once(caller.id, idempotency_key, request, answer))
    return JSONResponse(document, 201, REPLAYED if replayed else None)


@router.put(
    "/conversations/{conversation_id}/messages/{message_id}/feedback",
    status_code=204,
    responses=responses(404),
    summary="Say whether a reply helped",
)
def rate(built: Built, caller: Caller, conversation_id: ConversationId, message_id: MessageId, feedback: Feedback) -> None:
    """A later value takes the place of an earlier one."""
    if not built.agent.log.add_feedback(find_conversation(built, caller, conversation_id).id, message_id, THUMBS[feedback.value]):
        raise HTTPException(404, "The conversation has no such message.")


@router.post("/conversations/{conversation_id}/resolution", responses=responses(404, 409), summary="Say whether the last answer settled it")
def resolve(
    built: Built,
    caller: Caller,
    conversation_id: ConversationId,
    resolution: Resolution,
    response: Response,
    idempotency_key: Key = None,
) -> ConversationOut:
    """A later value takes the place of an earlier one; that another question follows does not."""
    found = find_conversation(built, caller, conversation_id)

    def keep() -> dict[str, Any]:
        """The conversation, as it is then."""
        built.agent.log.set_resolved(found.id, resolution.resolved)
        return _told(built, find_conversation(built, caller, found.id)).model_dump(mode="json")

    request = f"resolution {found.id} {resolution.resolved}".encode()
    document, replayed = built.idempotency.once(caller.id, idempotency_key, request, keep)
    response.headers.update(REPLAYED if replayed else {})
    return ConversationOut(**document)


def find_conversation(built: Services, caller: Customer, conversation_id: str) -> Conversation:
    """The caller's conversation.

    Raises:
        HTTPException: 404, they have no such one.
    """
    conversation = built.agent.log.find(caller.id, conversation_id)
    if conversation is None:
        raise HTTPException(404, "There is no such conversation of this customer.")
    return conversation


def _told(built: Services, conversation: Conversation) -> ConversationOut:
    wanted = built.contacts.are_wanted(conversation, built.agent.shop, built.agent.clock())
    return ConversationOut.of(conversation, contact_wanted=wanted)


def _streamed(
    built: Services, caller: Customer, conversation: Conversation, text: str, key: str | None, known: dict[str, Any] | None
) -> Response:
    """The reply as it is written; to a request that was answered before, its reply at once."""

    def written() -> Generator[str, None, dict[str, Any]]:
        """The reply in pieces, and the document that ends it."""
        if known:
            return known
        try:
            document = MessageOut.of((yield from built.agent.stream(conversation, text))).model_dump(mode="json")
        except BaseException:
            if key:
                built.idempotency.forget(caller.id, key)
            raise
        if key:
            built.idempotency.finish(caller.id, key, document)
        return document

    so_far: list[str] = []

    def piece(text: str) -> bytes:
        """What comes next, and all so far: Markdown cannot be rendered piece by piece."""
        so_far.append(text)
        return event("piece", {"text": text, "html": markdown_html("".join(so_far))})

    response = built.writers.events(
        written,
        piece,
        lambda document: event("message", document),
        lambda: event("problem", FAILURE),
    )
    response.status_code = 201
    response.headers.update(REPLAYED if known else {})
    return response
