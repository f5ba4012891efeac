"""When a conversation goes to a person. Nothing here depends on generated text."""

import re
from collections.abc import Sequence
from enum import StrEnum

from agent.conversation import Manner, RouteKind, Turn
from agent.routing import Route
from knowledge_base.normalisation import normalise

# Insults, and words of somebody who has had enough of the shop.
# Not what it sells (垃圾桶, 滚筒), and not whom a customer asks about (是骗子吗, my lawyer).
UPSET = re.compile(
    r"\b(?:fuck\w*|(?:bull)?shit\w*|bastards?|assholes?|screw you|piss(?:ed)? off|scumbags?|"
    r"(?:you(?:['’]re| are)?|bunch of|pack of|lot of|such|bloody) (?:\w+ ){0,2}(?:liars?|crooks|thieves|scammers?|idiots?|morons?|clowns)|"
    r"(?:stupid|dumb|useless|worthless|pathetic|damn|bloody) "
    r"(?:bot|robot|machine|company|shop|store|service|assistant|people|website|app)|"
    r"ridiculous|unacceptable|outrageous|disgraceful|i(?:['’]m| am) (?:\w+ ){0,2}(?:furious|fed up|sick (?:and tired )?of)|"
    r"worst (?:\w+ )?(?:service|company|shop|store)|sue you|see you in court|take you to court|hear from my lawyer|my lawyer will)\b|"
    r"^(?:liars?|thieves|scammers?)\b|"
    r"傻[逼屄叉xb]|煞笔|[他特]妈的|(?<![我你他她它咱您老爸姨亲当妈])妈的|操你|去死|去你(?:妈|大爷)|王八蛋|混蛋|脑残|(?<!人工)智障|废物|草泥马|狗屁|放屁|"
    r"滚(?:蛋|开|吧|远|犊子)|有病吧|垃圾(?:客服|公司|商城|平台|服务|商家|店|机器人)|(?:你们|真|太|什么|就是|都是)垃圾|"
    r"(?:你们?|这里|这家)(?:就|都|全|真)?是?(?:一群|一帮|个)?(?:大)?骗子(?!吗|吧)|(?:一群|一帮)骗子|骗子(?:公司|平台|商城|商家)|"
    r"(?:你们|就是|纯属|简直)(?:在|是)?(?:骗人|骗钱|坑人)(?!吗|吧)|黑心|无良|奸商|"
    r"气死|气疯|忍无可忍|受够了|太过分|欺人太甚|什么态度|什么破|消协|12315|工商投诉|起诉你们|法院见|曝光你们"
)
ENDURED = 2  # replies in a row that did not help


class HandOverReason(StrEnum):
    """Why a conversation is to go to a person."""

    ASKED = "asked"  # the customer wants one
    UPSET = "upset"  # offensive or angry words
    NOT_HELPED = "not_helped"  # twice in a row


def is_upset(message: str) -> bool:
    """Whether a message has offensive or angry words.

    >>> is_upset("This is ridiculous!!"), is_upset("你们都是骗子"), is_upset("滚筒洗衣机多少钱")
    (True, True, False)
    """
    return bool(UPSET.search(normalise(message)))


def why_hand_over(message: str, routes: Sequence[Route], manners: Sequence[Manner], before: Sequence[Turn]) -> HandOverReason | None:
    """Why a conversation is to go to a person after this message, None if it is not.

    Args:
        message: the customer's, masked.
        routes: what was decided about it.
        manners: how it was read.
        before: the turns before it that have a reply, oldest first.
    """
    if any(route.starts_hand_over for route in routes):
        return HandOverReason.ASKED
    if is_upset(message):
        return HandOverReason.UPSET
    helpless = bool(routes) and all(_is_helpless(route.kind, has_intent=route.intent is not None) for route in routes)
    missed = (helpless or Manner.REJECTION in manners) + _missed_before(before)
    return HandOverReason.NOT_HELPED if missed >= ENDURED and (helpless or Manner.REJECTION in manners) else None


def _missed_before(before: Sequence[Turn]) -> int:
    """How many of the newest replies in a row did not help."""
    missed = 0
    for turn in reversed(before[-ENDURED:]):
        reply = turn.reply
        if not reply or not (turn.feedback == -1 or reply.route in {RouteKind.DECLINE, RouteKind.CLARIFY}):
            break
        missed += 1
    return missed


def _is_helpless(kind: RouteKind, *, has_intent: bool) -> bool:
    """Whether a decision answers nothing; asking what somebody needs advice on is no such one."""
    return kind is RouteKind.DECLINE or (kind is RouteKind.CLARIFY and not has_intent)
