"""The assistant's own sentences, in English and Chinese. They claim nothing that a shop has not set."""

from datetime import datetime

from agent.shop import Shop

TEXTS: dict[str, dict[str, str]] = {
    "greeting": {
        "en": "Hello! I'm the assistant{of_shop}. Tell me what you need, and I'll look for it in our help articles.",
        "zh": "您好！我是{of_shop}智能助手。请告诉我您想了解什么，我来帮您在帮助文章里找答案。",
    },
    "thanks": {
        "en": "You're welcome! If anything else comes up, just write again.",
        "zh": "不客气！之后有任何问题，随时再来找我。",
    },
    "bot_identity": {
        "en": "I'm an automated assistant. I answer from the help articles, and when they don't have the answer I say so.",
        "zh": "我是智能助手，只根据帮助文章来回答；文章里没有的，我会如实告诉您。",
    },
    "noted": {"en": "Good. If anything else comes up, just write.", "zh": "好的，还有其他问题随时告诉我。"},
    "social": {"en": "I'm here. What can I help you with?", "zh": "我在的，请问有什么可以帮您？"},
    "choose": {
        "en": "I want to be sure I give you the right answer. Is one of these what you mean?",
        "zh": "为了给您准确的答复，想跟您确认一下，您想问的是下面哪一个？",
    },
    "tell_more": {"en": "Could you tell me a little more about what you need?", "zh": "能再具体说说您的需求吗？"},
    "advice": {
        "en": "I'd like to point you in the right direction. What will you use it for, and what matters most to you?",
        "zh": "我想帮您选得更合适一些：您主要用来做什么？最看重哪一点？",
    },
    "no_advice": {
        "en": "Thank you for telling me. I don't have an article that answers this, and a person can advise you better than I can.",
        "zh": "谢谢您告诉我这些。帮助文章里没有能回答这一点的内容，由人工客服来给您建议会更合适。",
    },
    "decline": {
        "en": "I'm sorry, I couldn't find that in our help articles, and I'd rather not guess.",
        "zh": "抱歉，我在帮助文章里没有找到这个问题的答案，不想随便猜测误导您。",
    },
    "empty": {
        "en": "It looks like your message came through empty. What would you like to know?",
        "zh": "您好像发来了一条空消息，请问想了解什么？",
    },
    "no_words": {
        "en": "Could you put that into a few words? Then I can look for the right answer.",
        "zh": "可以用几个字描述一下吗？这样我才好帮您找答案。",
    },
    "busy": {
        "en": "Many people are writing at the moment. Could you send your message again in a minute?",
        "zh": "现在咨询的人比较多，请您过一分钟再发一次，好吗？",
    },
    "too_long": {
        "en": "Thank you for all the detail. It is more than I can read at once: could you put your question into a sentence or two?",
        "zh": "谢谢您写得这么详细，不过内容太长，我一次读不完。可以用一两句话说说您的问题吗？",
    },
    "other_language": {
        "en": "I can help you in English and Chinese (中文). Please write in one of them if you can.",
        "zh": "我可以用中文和英文为您服务。",
    },
    "only_in": {
        "en": "This article isn't available in English yet, so here it is in {original}:",
        "zh": "这篇内容暂时没有中文版，先为您附上{original}原文：",
    },
    "person": {
        "en": "If you'd like a person to help, you can reach our team{contacts}.",
        "zh": "如需人工帮助，您可以联系我们的客服{contacts}。",
    },
    "queued": {
        "en": "Someone from our team will answer you here{ahead}. Until then you can go on asking me.",
        "zh": "客服同事会在这里回复您{ahead}。在此之前，您也可以继续问我。",
    },
    "queued_ahead": {"en": " ({count} before you)", "zh": "（前面还有 {count} 位）"},
    "queued_away": {
        "en": "Nobody from our team is here at the moment. They are back {opening} and will answer you here. "
        "Until then you can go on asking me.",
        "zh": "客服同事现在不在线，{opening}上班后会在这里回复您。在此之前，您也可以继续问我。",
    },
    "still_queued": {
        "en": "You are in line for a person{ahead}; they will answer you here.",
        "zh": "您已在排队等候人工客服{ahead}，同事会在这里回复您。",
    },
    "upset": {"en": "I'm sorry this has been so frustrating.", "zh": "非常抱歉，给您带来了这么不好的体验。"},
    "not_helped": {"en": "I don't seem to be getting you any further.", "zh": "看来我没能帮上您的忙。"},
    "reach": {"en": "You can also reach us{contacts}.", "zh": "您也可以直接联系我们{contacts}。"},
    "person_without_contacts": {
        "en": "Would you like to talk to a person? Just write “talk to a person”.",
        "zh": "需要人工客服吗？回复“转人工”即可。",
    },
    "whole_article": {"en": "Here is the whole article, to be sure:", "zh": "为避免遗漏，附上完整内容："},
    "stopped": {"en": "Stopped.", "zh": "已停止。"},
    "talk_to_person": {"en": "Talk to a person", "zh": "转人工客服"},
}

# First sentences of replies that no language model writes, by the mood of the message.
OPENINGS: dict[str, dict[str, str]] = {
    "waited": {"en": "I'm sorry you've had to wait.", "zh": "让您久等了，很抱歉。"},
    "angry": {"en": "I'm sorry, I understand that this is frustrating.", "zh": "非常理解您的心情，给您添麻烦了。"},
    "worried": {"en": "I understand that this worries you.", "zh": "理解您着急的心情，您先别担心。"},
    "trouble": {"en": "I'm sorry to hear that.", "zh": "很抱歉给您带来不便。"},
    "polite": {"en": "Thanks for asking.", "zh": "您好，感谢您的咨询。"},
}

LANGUAGE_NAMES = {"en": {"en": "English", "zh": "英文"}, "zh": {"en": "Chinese", "zh": "中文"}}


def say(key: str, language: str, **parts: str) -> str:
    """One of the sentences, its gaps filled."""
    return TEXTS[key][language].format(**parts)


def greeting(shop: Shop, language: str) -> str:
    """A hello in the shop's name."""
    name = shop.name.get(language, "")
    return say("greeting", language, of_shop=(f" of {name}" if language == "en" else name) if name else "")


def person(shop: Shop, language: str) -> str:
    """An offer: how to reach a person."""
    contacts = _contacts(shop, language)
    return say("person", language, contacts=contacts) if contacts else say("person_without_contacts", language)


def hand_over_notice(shop: Shop, language: str, *, ahead: int, now: datetime, again: bool) -> str:
    """What happens now that a conversation waits for a person, and when.

    Args:
        shop: its hours and contacts.
        language: ``en`` or ``zh``.
        ahead: how many wait longer.
        now: the moment, for the opening hours.
        again: whether it was waiting already.
    """
    opening = shop.opening.next_opening(now)
    place = say("queued_ahead", language, count=str(ahead)) if ahead else ""
    if opening:
        first = say("queued_away", language, opening=_moment(opening, now, language))
    else:
        first = say("still_queued" if again else "queued", language, ahead=place)
    contacts = _contacts(shop, language)
    gap = " " if language == "en" else ""
    return first + (gap + say("reach", language, contacts=contacts) if contacts else "")


def language_name(code: str, language: str) -> str:
    """What a language is called in a language."""
    return LANGUAGE_NAMES.get(code, {}).get(language, code)


def _contacts(shop: Shop, language: str) -> str:
    hours = shop.hours.get(language, "")
    if language == "en":
        ways = [f"by phone on {shop.phone}"] * bool(shop.phone) + [f"by e-mail at {shop.email}"] * bool(shop.email)
        return (" " + " or ".join(ways) + (f", {hours}" if hours else "")) if ways else ""
    ways = [f"电话 {shop.phone}"] * bool(shop.phone) + [f"邮箱 {shop.email}"] * bool(shop.email)
    return ("：" + "，".join(ways) + (f"，{hours}" if hours else "")) if ways else ""


def _moment(opening: datetime, now: datetime, language: str) -> str:
    """When, as people say it: today, tomorrow or a day of the week, with the offset of the time zone."""
    days = (opening.date() - now.astimezone(opening.tzinfo).date()).days
    offset = opening.strftime("%z")
    zone = f"UTC{offset[:3]}:{offset[3:]}".replace(":00", "").replace("+0", "+").replace("-0", "-").replace("UTC+0", "UTC")
    clock = f"{opening:%H:%M}"
    if language == "zh":
        day = ("今天", "明天")[days] if days < 2 else "周" + "一二三四五六日"[opening.weekday()]
        return f"{day} {clock}（{zone}）"
    day = ("today", "tomorrow")[days] if days < 2 else f"on {opening:%A}"
    return f"{day} at {clock} ({zone})"
