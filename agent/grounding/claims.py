"""Claims that no FAQ entry can support: that something was done, or will be, for this customer."""

import re

DONE = (
    "cancel(?:l?ed)?|refund(?:ed)?|chang(?:ed|e)|updat(?:ed|e)|process(?:ed)?|sent|send|ship(?:ped)?|extend(?:ed)?|book(?:ed)?|reserv(?:ed|e)|reset|activat(?:ed|e)|"
    "deactivat(?:ed|e)|block(?:ed)?|unblock(?:ed)?|unlock(?:ed)?|lock(?:ed)?|delet(?:ed|e)|remov(?:ed|e)|add(?:ed)?|appl(?:ied|y)|credit(?:ed)?|transfer(?:red)?|forward(?:ed)?|escalat(?:ed|e)|"
    "register(?:ed)?|arrang(?:ed|e)|schedul(?:ed|e)|notif(?:ied|y)|inform(?:ed)?|contact(?:ed)?|check(?:ed)?|confirm(?:ed)?|issu(?:ed|e)|order(?:ed)?|replac(?:ed|e)|fix(?:ed)?|"
    "renew(?:ed)?|upgrad(?:ed|e)|downgrad(?:ed|e)|switch(?:ed)?|approv(?:ed|e)|filed|file|opened|open|logg?ed|log|submit(?:ted)?|complet(?:ed|e)|creat(?:ed|e)|plac(?:ed|e)|paid|moved|move|"
    "waived|waive|enroll?ed|signed|put|set|made|taken|passed|flagged|reported|requested|emailed|e-mailed|mailed|called|held|assigned|linked|paused|frozen|froze|freed|"
    "granted|given|gone|turned|switched|entered|recorded|noted|asked|dispatched|topped|charged|returned|swapped|merged|closed|stopped|started|launched|restored|recovered|lifted|dropped|let|told|got|had"
)
ENGLISH = re.compile(
    rf"\b(?:i|we)(?:'ve| have|'d| had)?\s(?:just\s|already\s|now\s|also\s|gone ahead and\s)*(?:{DONE})\b"
    r".*\b(?:you|your|it|this|that|them|the)\b|"
    rf"\b(?:i|we)(?:'ve| have)\s(?:just\s|already\s|now\s|also\s)*\w+ed\b|"
    r"\b(?:i|we)'ve\s(?:just\s|already\s|now\s|also\s)*"
    r"(?!been\b|got\b|no\b|an?\b|the\b|all\b|only\b|never\b|always\b|not\b|had\b|seen\b|heard\b)\w+|"
    rf"\bi(?:'ll| will|'m going to| am going to|'m| am)\s(?:now\s|just\s|gladly\s|happily\s)*(?:{DONE}|\w+ing)\b|"
    rf"\b(?:your|the|this|that)\b[^,.;:]*\b(?:has|have)\s(?:just\s|already\s|now\s)*been\s(?:just\s|already\s|now\s|successfully\s)*\w+|"
    rf"\byour\b[^,.;:]*\b(?:is|are)\snow\s\w+|\byou(?:'ve| have)\s(?:now\s|already\s|just\s)*been\s\w+|\b(?:done|all set)\b\s*[:!,.-]|"
    rf"\bour (?:team|colleagues?|technicians?|agents?)\b[^,.;:]*\b(?:has|have) (?:already |just |now )*\w+ed\b"
)
DEEDS = (
    "取消|退款|退回|办理|办好|提交|受理|处理|更换|修改|开通|激活|解锁|冻结|延长|预约|预订|登记|发出|寄出|安排|恢复|续|升级|转|改|删|"
    "解除|撤销|补"
)
CHINESE = re.compile(
    r"(?:我|我们|这边|客服|系统)?(?:已|已经|刚刚|刚才|刚|马上|这就|现在就|正在|立刻|立即)(?:经)?(?:帮|为|给|替|向|把|将)(?:您|你|客户)?|"
    r"(?:帮|给|替|为)(?:您|你)[^，。；,;]{0,14}?(?:好了|完了|了[。！!]?$|过了|成功|上了|掉了|到了|下来了|出去了|完毕)|"
    r"(?:我|我们|这边)[^，。；,;如若]{0,6}(?:帮|给|替|为|把|将)(?:您|你)?[^，。；,;]{0,16}(?:了|好|上)[。！!，,]?|"
    rf"(?:您|你)的?[^，。；,;如若]{{0,14}}(?:已经|已)(?:成功|为您|被)?[^，。；,;]{{0,3}}(?:{DEEDS})|"
    r"(?:已|已经)(?:提交|受理|处理|安排|登记|通知|转|办|取消|退|改|加|发|延长|解锁|预留|续)(?:好|完|成功|了|给|至)"
)
CONDITIONAL = re.compile(
    r"\b(?:if|once|when|as soon as|after|until|unless|before|whether|that|which|who)\b|"
    r"如果|若|一旦|只要|的话|之后|以后|后，|后,|时，|时,|当"
)


def claims_action(text: str, evidence: str) -> bool:
    """Whether a sentence says that something was or will be done for this customer, and the evidence has no such words.

    Args:
        text: the sentence, normalised.
        evidence: normalised.

    >>> claims_action("i have cancelled your order.", "you can cancel an order until it is packed.")
    True
    >>> claims_action("once your parcel has been sent, you get an e-mail.", "we send an e-mail when your parcel has been sent.")
    False
    """
    for pattern in (ENGLISH, CHINESE):
        for match in pattern.finditer(text):
            if not CONDITIONAL.search(text[: match.end()]) and match[0] not in evidence:
                return True
    return False
