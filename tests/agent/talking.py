"""Talking to an agent, for its tests."""

from agent.agent import CustomerServiceAgent
from agent.conversation import ConversationState, Reply


def talk(agent: CustomerServiceAgent, *messages: str) -> tuple[list[Reply], ConversationState]:
    """The replies to messages of a new conversation, and its state afterwards."""
    conversation = agent.log.start("a customer")
    replies = [turn.reply for turn in [agent.reply(conversation, message) for message in messages] if turn.reply]
    found = agent.log.find("a customer", conversation.id)
    assert found
    assert [turn.reply for turn in agent.log.turns(conversation.id)] == replies
    return replies, found.state
