"""What a conversation is about when the next message comes in."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent.conversation import RouteKind, Turn
from knowledge_base.normalisation import normalise

TURNS = 4  # so many turns back a topic may lie, with courtesies between
JOINT = " || "  # between what was talked about and the message
LONGEST = 160  # characters of an earlier message that count

ORDINALS = {
    0: r"(the )?(1|1st|first|one|top|former)( one)?|第?[一1](个|条|項|项)?|前者|上面(那个|的)?",
    1: r"(the )?(2|2nd|second|two|middle)( one)?|第?[二2两](个|条|項|项)?",
    2: r"(the )?(3|3rd|third|three)( one)?|第?[三3](个|条|項|项)?",
    -1: r"(the )?(last|bottom|latter)( one)?|最后(一)?(个|条|項|项)?|后者|下面(那个|的)?",
}
FRAME = r"(option |number |no\.? ?|i mean |i meant |it'?s |yes,? |选|我选|我要|我说的是|是|就是|我问的是)*"
YES = re.compile(
    r"(yes|yeah|yep|yup|correct|right|exactly|sure|that one|this one|是的?|对的?|嗯+|没错|就是(这个|它)?|这个|好的?)"
    r"(,? (please|exactly|that one|this one|it is))?"
)
NONE = re.compile(
    r"(no,? )?(none|neither|nope|no|not (that|this|these|those|any)( one)?|none of (these|those|them|the above)|something else|"
    r"neither of (these|those|them)|(that'?s|this is|it'?s) (not|wrong)( what i (meant|mean|asked|want))?|"
    r"(that'?s )?not what i (meant|mean|asked|want)( about)?|wrong( answer)?)|"
    r"不是|都不是|不对|都不对|没有|不是这个|不是这些|不是这个意思|我不是这个意思|不是我(想|要)?问的|答非所问|你理解错了|都不是我要的|错了"
)
TAKEN_NOTE = re.compile(
    r"((oh|ah|right|alright|ok+|okay|cool|great|good|perfect|brilliant|super|lovely|fine|nice|wonderful|understood|got it|i see|"
    r"makes sense|will do|noted|fair enough)[ ,.!]*)+|"
    r"((哦|噢|喔|嗯|好|好的|好吧|好嘞|好滴|行|行吧|可以|ok+|okay|明白|明白了|知道了|了解|了解了|懂了|收到|唉|嗷)[ ,.!~啊呀哈]*)+"
)
LONGEST_NOTE = 40  # characters
ENDING = " .!?~。"  # says nothing about which one is meant


@dataclass(frozen=True)
class Topic:
    """What the last turns were about.

    Attributes:
        title: the question of the entry that was sent last, or empty.
        message: the customer's last message that was about something, as it was read.
        sent: ids of the entries that were sent for it.
        offered: the questions that the last reply offered to tap.
        asked_back: whether the last reply was a question back.
    """

    title: str
    message: str
    sent: tuple[str, ...] = ()
    offered: tuple[str, ...] = ()
    asked_back: bool = False

    def join(self, text: str) -> str:
        """The message on what was talked about: one text for the classifier, which was trained on such texts."""
        return JOINT.join(filter(None, (normalise(self.title), normalise(self.message)[-LONGEST:].strip(), text)))

    def choice(self, text: str) -> int | None:
        """Which of the offered questions a message names: their own words, or their place, or a yes to the only one."""
        said = _bare(text)
        titles = [_bare(title) for title in self.offered]
        if said in titles:
            return titles.index(said)
        if not self.asked_back or not titles:
            return None
        for place, pattern in ORDINALS.items():
            if re.fullmatch(FRAME + f"({pattern})" + r"( please|吧|啦|呢)?", said) and place < len(titles):
                return place % len(titles)
        return 0 if YES.fullmatch(said) and len(titles) == 1 else None

    def is_taken_note_of(self, text: str) -> bool:
        """Whether a message says no more than that the last answer was understood; to a question back it would be an answer."""
        return bool(self.sent and not self.asked_back and len(text) <= LONGEST_NOTE and TAKEN_NOTE.fullmatch(_bare(text)))

    def rejects(self, text: str) -> bool:
        """Whether a message says no more than that the last answer, or none of the offered questions, was what is wanted."""
        return bool((self.asked_back or self.sent) and NONE.fullmatch(_bare(text)))


def topic_of(turns: Sequence[Turn]) -> Topic | None:
    """The topic after these answered turns, oldest first; None where nothing was talked about yet."""
    last = turns[-1].reply if turns else None
    for turn in reversed(turns):
        reply = turn.reply
        if reply is None or (reply.route is RouteKind.SOCIAL and not reply.sources):
            continue
        return Topic(
            title=reply.sources[-1].title if reply.sources else "",
            message=turn.message if reply.sources or not reply.reasons else reply.reasons[-1].text,
            sent=tuple(source.id for source in reply.sources),
            offered=last.suggestions if last else (),
            asked_back=reply is last and reply.route is RouteKind.CLARIFY,
        )
    return None


def _bare(text: str) -> str:
    return normalise(text).strip(ENDING)
