"""Tells a question from other headings."""

import re

ENGLISH = (
    "how|what|when|where|who|whom|whose|which|why|can|could|do|does|did|is|are|am|was|were|will|would|shall|should|may|must|have|has|"
    "what's|where's|who's|how's|don't|doesn't|can't|isn't|aren't|won't"
)
QUESTION = re.compile(
    rf"(?:{ENGLISH})\b.*"
    "|.*[?？]"
    "|.*(?:怎么|如何|怎样|怎麼|怎樣|什么|什麼|為何|为何|能不能|可不可以|能否|可否|是否|有没有|有沒有|多久|多少|几天|幾天|哪里|哪裡|哪些|哪个|哪個|哪儿|谁|誰).*"
    "|(?:可以|能|会|會|是不是|要不要).+"
    "|.*[吗嗎呢]",
    re.IGNORECASE | re.DOTALL,
)


def is_question(text: str) -> bool:
    """Whether a heading asks something.

    >>> is_question("How do I return a parcel"), is_question("退货要多久"), is_question("Our shop")
    (True, True, False)
    """
    return bool(QUESTION.fullmatch(text.strip().rstrip("。.!！:：")))
