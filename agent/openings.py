"""A fitting first sentence of our own for an entry's answer, where no language model writes one."""

import re

from agent.texts import OPENINGS
from knowledge_base.normalisation import normalise

# The first mood that a message shows decides.
MOODS = {
    mood: re.compile(pattern, re.IGNORECASE)
    for mood, pattern in {
        "waited": (
            r"还没(?:到|收到|发|退)|一直没|等了|好几天|怎么还|都(?:几|多少)天了|催|第[二三四五]次|又问|"
            r"\bstill (?:not|no|hasn|haven)|\b(?:third|second) time\b|\bwaiting\b|\bfor days\b"
        ),
        "angry": r"差评|投诉|骗|垃圾|太差|气死|无语|什么态度|凭什么|[!！]{2,}|\b(?:ridiculous|unacceptable|terrible|awful|scam|fed up)\b",
        "worried": r"急|担心|怎么办|害怕|慌|来得及|救|\b(?:urgent|worried|asap|panick?|afraid)\b",
        "trouble": (
            r"坏了|破了|碎了|丢了|少了|错了|不能用|用不了|打不开|登不上|失败|不见了|有问题|"
            r"\b(?:broken|damaged|missing|lost|wrong|doesn'?t work|not working)\b"
        ),
        "polite": r"请问|麻烦|谢谢|感谢|您好|你好|\b(?:please|thanks?|hello|hi)\b",
    }.items()
}


def opening_for(message: str, language: str) -> str:
    """A sentence that takes up the mood of a message and claims nothing; empty where none is called for.

    >>> opening_for("我的快递怎么还没到", "zh")
    '让您久等了，很抱歉。'
    >>> opening_for("运费多少", "zh")
    ''
    """
    text = normalise(message)
    mood = next((mood for mood, pattern in MOODS.items() if pattern.search(text)), None)
    return OPENINGS[mood].get(language, "") if mood else ""
