"""The page's own words, in English and Chinese."""

import gradio as gr

from agent.language import Language
from knowledge_base.normalisation import to_traditional

# What Gradio shows by the browser's language.
LABELS: dict[str, dict[str, str]] = {
    "en": {
        "conversations": "Your conversations",
        "new_chat": "New chat",
        "person": "Talk to a person",
        "conversation": "Conversation",
        "message": "Your message",
        "placeholder": "Ask a question …",
        "send": "Send",
        "staff": "Staff view of the last reply",
    },
    "zh": {
        "conversations": "我的会话",
        "new_chat": "新会话",
        "person": "转人工",
        "conversation": "会话内容",
        "message": "您的消息",
        "placeholder": "请输入您的问题……",
        "send": "发送",
        "staff": "最近一次回复的内部信息",
    },
}

# What is rendered on the server, by the reply's or the page's language.
TEXTS: dict[str, dict[str, str]] = {
    "title": {"en": "Customer service", "zh": "在线客服"},
    "welcome": {"en": "How can we help?", "zh": "有什么可以帮您？"},
    "source": {"en": "Source: {title}", "zh": "来源：{title}"},
    "verbatim": {"en": "The answer is this help article's own text.", "zh": "以上回复是这篇帮助文章的原文。"},
    "composed": {"en": "The assistant wrote the answer from this help article.", "zh": "以上回复由智能助手根据这篇帮助文章写成。"},
    "article": {"en": "Help article {id}, version {version}", "zh": "帮助文章 {id}，第 {version} 版"},
    "typing": {"en": "The assistant is writing …", "zh": "正在输入……"},
    "unanswered": {
        "en": "Sorry, this message did not get an answer. Please send it again.",
        "zh": "抱歉，这条消息没有得到回复，请重新发送。",
    },
}


def say(key: str, language: Language, **parts: str) -> str:
    """One of the texts that are rendered on the server, its gaps filled."""
    text = TEXTS[key]["zh" if language.code == "zh" else "en"].format(**parts)
    return to_traditional(text) if language.traditional else text


def labels() -> gr.I18n:
    """The labels for `gr.Blocks`, translated in the browser."""
    traditional = {key: to_traditional(text) for key, text in LABELS["zh"].items()}
    return gr.I18n(en=LABELS["en"], **{"zh-CN": LABELS["zh"], "zh-TW": traditional})
