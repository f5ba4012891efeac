"""The page's own words, in English and Chinese.

They are chosen on the server: Gradio's own translation knows Chinese as zh-CN and zh-TW only, and shows everybody else English.
"""

from agent.language import Language
from agent.replying import reply_language
from knowledge_base.normalisation import to_traditional

TEXTS: dict[str, dict[str, str]] = {
    "title": {"en": "Customer service", "zh": "在线客服"},
    "welcome": {"en": "How can we help?", "zh": "有什么可以帮您？"},
    "conversations": {"en": "Your conversations", "zh": "我的会话"},
    "new_chat": {"en": "New chat", "zh": "新会话"},
    "person": {"en": "Talk to a person", "zh": "转人工"},
    "message": {"en": "Your message", "zh": "您的消息"},
    "placeholder": {"en": "Ask a question …", "zh": "请输入您的问题……"},
    "send": {"en": "Send", "zh": "发送"},
    "stop": {"en": "Stop", "zh": "停止"},
    "source": {"en": "Source: {title}", "zh": "来源：{title}"},
    "verbatim": {"en": "The answer is this help article's own text.", "zh": "以上回复是这篇帮助文章的原文。"},
    "composed": {"en": "The assistant wrote the answer from this help article.", "zh": "以上回复由智能助手根据这篇帮助文章写成。"},
    "article": {"en": "Help article {id}, version {version}", "zh": "帮助文章 {id}，第 {version} 版"},
    "typing": {"en": "The assistant is writing …", "zh": "正在输入……"},
    "unanswered": {
        "en": "Sorry, this message did not get an answer. Please send it again, or choose “Talk to a person”.",
        "zh": "抱歉，这条消息没有得到回复。请重新发送，或点击“转人工”。",
    },
}


def say(key: str, language: Language, **parts: str) -> str:
    """One of the texts, its gaps filled, in a language; where it is not served, in English."""
    return in_script(TEXTS[key][reply_language(language)].format(**parts), language)


def in_script(text: str, language: Language) -> str:
    """The text in the characters that the language's readers use."""
    return to_traditional(text) if language.traditional else text
