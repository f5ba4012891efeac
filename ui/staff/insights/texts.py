"""The insights page's own words, in English and Chinese."""

from agent.language import Language
from agent.replying import reply_language
from ui.texts import in_script

TEXTS: dict[str, dict[str, str]] = {
    "days": {"en": "Of the last days", "zh": "最近天数"},
    "language": {"en": "Language", "zh": "语言"},
    "intent": {"en": "Intent", "zh": "意图"},
    "any": {"en": "All", "zh": "全部"},
    "nothing": {
        "en": "Nobody has written in this time. Figures appear here with the first conversations.",
        "zh": "这段时间还没有顾客来信。有了会话，这里就会显示数据。",
    },
    "nothing_like_that": {"en": "No conversation in this time is like that.", "zh": "这段时间没有符合条件的会话。"},
    # The figures.
    "conversations": {"en": "Conversations", "zh": "会话数"},
    "messages": {"en": "Messages", "zh": "消息数"},
    "resolution": {"en": "Resolution", "zh": "解决率"},
    "hand_over": {"en": "Hand-over", "zh": "转人工率"},
    "satisfaction": {"en": "Satisfaction", "zh": "满意度"},
    "answer_share": {"en": "Answered", "zh": "已回答"},
    "decline_share": {"en": "Declined", "zh": "未能回答"},
    "about_conversations": {"en": "{count} messages", "zh": "{count} 条消息"},
    "about_resolution": {"en": "asked “was that it?”: {yes} yes, {no} not yet", "zh": "回访：已解决 {yes}，未解决 {no}"},
    "about_hand_over": {"en": "{count} conversations went to a person", "zh": "{count} 个会话转给了人工"},
    "about_satisfaction": {"en": "thumbs: {yes} up, {no} down", "zh": "赞 {yes}，踩 {no}"},
    "points": {"en": "{change} points", "zh": "{change} 个百分点"},
    "earlier": {"en": "{value} before", "zh": "此前 {value}"},
    "no_earlier": {"en": "nothing before to compare with", "zh": "此前没有可比数据"},
    "what_is_counted": {"en": "What is counted", "zh": "统计口径"},
    "definitions": {
        "en": "A conversation counts on the day it began, under its first question. It is resolved if the customer said so; where they "
        "said nothing, if its last question was answered, no answer got a thumb down and no person was called. Satisfaction is the share "
        "of thumbs that are up. “Before” are as many days until the same time of the day.",
        "zh": "会话计入开始当天，并归入其第一个问题。顾客表示已解决即为解决；顾客没有表态时，最后一个问题得到回答、没有被踩、也没有转人工，"
        "则视为解决。满意度为点赞在全部评价中的占比。“此前”指之前同样天数，截至同一时刻。",
    },
    # By day, intent and language.
    "by_day": {"en": "By day", "zh": "按天"},
    "by_intent": {"en": "By intent", "zh": "按意图"},
    "by_language": {"en": "By language", "zh": "按语言"},
    "day": {"en": "Day", "zh": "日期"},
    "as_table": {"en": "Figures by day", "zh": "每日数据"},
    "others": {"en": "{count} more", "zh": "另外 {count} 项"},
    "plot": {
        "en": "{what} from {first} to {last}: lowest {low}, highest {high}",
        "zh": "{what}，{first} 至 {last}：最低 {low}，最高 {high}",
    },
    "plot_empty": {"en": "{what} from {first} to {last}: no figures", "zh": "{what}，{first} 至 {last}：没有数据"},
    "oos": {"en": "Out of scope", "zh": "超出范围"},
    "unread": {"en": "Not classified", "zh": "未分类"},
    # Drift.
    "drift": {"en": "Drift", "zh": "漂移"},
    "drift_hint": {
        "en": "How far the last seven days are from the four weeks before, over all messages: 0 is the same mix. What chance makes of it "
        "is taken off. An alert is raised from the dashed line on, if chance does not reach that far. The distance to the training data "
        "raises none: data are balanced on purpose, and customers are not.",
        "zh": "最近七天与之前四周的差距（全部消息）：0 表示分布相同，随机波动已扣除。差距达到虚线且超出随机波动时提醒。"
        "与训练数据的差距不会触发提醒：训练数据经过人工平衡，真实消息不会如此。",
    },
    "drift_training_hint": {
        "en": "There is too little before the last seven days, so they are compared with the training data, and only a large distance "
        "raises an alert.",
        "zh": "最近七天之前的消息太少，因此与训练数据比较，差距较大时才提醒。",
    },
    "intents": {"en": "Intents", "zh": "意图"},
    "confidence": {"en": "Confidence", "zh": "置信度"},
    "out_of_scope": {"en": "Out of scope", "zh": "超出范围"},
    "languages": {"en": "Languages", "zh": "语言"},
    "moved": {"en": "moved", "zh": "有变化"},
    "steady": {"en": "steady", "zh": "平稳"},
    "unknown": {"en": "too little to tell", "zh": "数据不足"},
    "to_earlier": {"en": "To the four weeks before", "zh": "与之前四周"},
    "to_training": {"en": "To the training data", "zh": "与训练数据"},
    "from_limit": {
        "en": "{value} (alert from {limit}; by chance up to {noise})",
        "zh": "{value}（{limit} 起提醒；随机波动不超过 {noise}）",
    },
    "course": {"en": "Week by week", "zh": "每周走势"},
    "rose": {"en": "{what} rose from {before} to {now}", "zh": "{what}占比从 {before} 升到 {now}"},
    "fell": {"en": "{what} fell from {before} to {now}", "zh": "{what}占比从 {before} 降到 {now}"},
    "what_language": {"en": "{name}", "zh": "{name}消息"},
    "what_oos": {"en": "the out-of-scope share", "zh": "超出范围的消息"},
    "what_confidence": {"en": "confidence {low}–{high} %", "zh": "置信度 {low}–{high} % 的消息"},
    "alert": {"en": "Customers’ messages moved in the last seven days", "zh": "最近七天的顾客消息有变化"},
    "alert_training": {
        "en": "Customers’ messages of the last seven days are unlike the training data",
        "zh": "最近七天的顾客消息与训练数据差别较大",
    },
    "alert_line": {"en": "{dimension}: {movers}.", "zh": "{dimension}：{movers}。"},
    "alert_release": {
        "en": "Another release read the messages before: predictions may have moved because of it.",
        "zh": "之前的消息由另一个版本识别，变化可能来自版本更新。",
    },
}


def say(key: str, language: Language, **parts: str) -> str:
    """One of the texts, its gaps filled, in a language; where it is not served, in English."""
    return in_script(TEXTS[key][reply_language(language)].format(**parts), language)
