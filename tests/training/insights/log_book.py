"""Writes conversations into a log as they would have been at some time."""

from datetime import UTC, datetime

from sqlalchemy import update

from agent.conversation import Conversation, IntentPrediction, Manner, Reason, Reply, RouteKind
from agent.conversation_log import ConversationLog, ConversationRow, TurnRow

TEXTS = {"en": "where is my parcel?", "zh": "我的包裹到哪里了？", "fr": "Où est mon colis ?"}


class LogBook:
    """Writes into a log.

    Args:
        log: the log.
    """

    def __init__(self, log: ConversationLog) -> None:
        self.log = log

    def write(
        self,
        at: datetime,
        *,
        language: str = "en",
        intent: str | None = "track_order",
        confidence: float = 0.95,
        is_rejected: bool = False,
        route: RouteKind = RouteKind.ANSWER,
        manner: Manner | None = Manner.ALONE,
        looked_up: bool = False,
        feedback: int | None = None,
        resolved: bool | None = None,
        within: Conversation | None = None,
        release: str = "release-1",
    ) -> Conversation:
        """Write a message with its reply; `within` a conversation, or in a new one."""
        at = at.astimezone(UTC)
        conversation = within or self.log.start("somebody")
        prediction = IntentPrediction(intent, "query", confidence, 0.1, {intent: confidence}, is_rejected=is_rejected) if intent else None
        reasons = (Reason("", manner, "", ()),) if manner else ()
        reply = Reply(
            "", "zh" if language == "zh" else "en", route, prediction, (), (), False, False, release, {"total": 1.0},
            reasons=reasons, looked_up=looked_up,
        )  # fmt: skip
        turn = self.log.add_message(conversation.id, TEXTS[language])
        self.log.add_reply(turn, reply)
        if feedback:
            self.log.add_feedback(conversation.id, turn, feedback)
        with self.log.database.transaction() as connection:
            connection.execute(update(TurnRow).where(TurnRow.id == turn).values(created_at=at))
            if not within:
                connection.execute(update(ConversationRow).where(ConversationRow.id == conversation.id).values(created_at=at))
            if resolved is not None:
                connection.execute(update(ConversationRow).where(ConversationRow.id == conversation.id).values(resolved=resolved))
        return conversation
