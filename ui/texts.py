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
    "event_taken": {"en": "{person} has joined and answers you from here on.", "zh": "客服 {person} 已接入，接下来由 TA 为您解答。"},
    "event_returned": {"en": "{person} has handed you back to the assistant.", "zh": "客服 {person} 已将会话转回智能助手。"},
    "event_closed": {
        "en": "{person} has ended this conversation. If anything else comes up, just write.",
        "zh": "客服 {person} 已结束本次会话。之后还有问题，随时给我们发消息。",
    },
    "event_contact": {
        "en": "Thank you. Your contact details are with our team, who will get in touch.",
        "zh": "谢谢，您的联系方式已转给客服同事，我们会尽快联系您。",
    },
    "contact": {
        "en": "E-mail or phone, and when it suits you (optional; only who answers you sees it)",
        "zh": "邮箱或电话，方便的时间（选填，仅接待您的客服可见）",
    },
    "contact_send": {"en": "Leave contact details", "zh": "留下联系方式"},
    "settled": {"en": "Did that settle it?", "zh": "问题解决了吗？"},
    "settled_yes": {"en": "Yes", "zh": "解决了"},
    "settled_no": {"en": "Not yet", "zh": "还没有"},
    "settled_thanks": {"en": "Good to know, thank you.", "zh": "好的，谢谢您告诉我们。"},
    "settled_undo": {"en": "Take back", "zh": "撤回"},
    "staff_sign_in": {"en": "Sign in", "zh": "员工登录"},
    "staff_name": {"en": "Name", "zh": "用户名"},
    "staff_password": {"en": "Password", "zh": "密码"},
    "staff_sign_in_send": {"en": "Sign in", "zh": "登录"},
    "staff_wrong": {"en": "Name or password is wrong.", "zh": "用户名或密码不正确。"},
    "staff_old": {"en": "Present password", "zh": "当前密码"},
    "staff_new": {"en": "New password", "zh": "新密码"},
    "staff_password_send": {"en": "Set password", "zh": "设置密码"},
    "staff_password_hint": {
        "en": "Choose a password of your own, of 12 characters or more. Afterwards, sign in with it.",
        "zh": "请设置您自己的密码，至少 12 个字符。设置后请用新密码登录。",
    },
    "staff_sign_out": {"en": "Sign out", "zh": "退出"},
    "faq": {"en": "FAQ", "zh": "知识库"},
    "review": {"en": "Review", "zh": "复核"},
    "insights": {"en": "Insights", "zh": "数据洞察"},
    "inbox": {"en": "Inbox", "zh": "人工接待"},
    "inbox_queue": {"en": "Conversations", "zh": "会话"},
    "inbox_empty": {"en": "Nobody is waiting. Conversations appear here by themselves.", "zh": "暂无等待的会话，新会话会自动出现在这里。"},
    "inbox_waits": {"en": "waits {minutes} min", "zh": "已等 {minutes} 分钟"},
    "inbox_answer": {"en": "Your answer to the customer …", "zh": "回复顾客……"},
    "inbox_take": {"en": "Take over", "zh": "接入会话"},
    "inbox_back": {"en": "Hand back to the assistant", "zh": "转回智能助手"},
    "inbox_close": {"en": "End the conversation", "zh": "结束会话"},
    "inbox_reason": {"en": "Reason", "zh": "转人工原因"},
    "inbox_asked": {"en": "The customer asked for a person", "zh": "顾客要求人工"},
    "inbox_upset": {"en": "Angry or offensive words", "zh": "顾客情绪激动"},
    "inbox_not_helped": {"en": "Twice in a row the assistant did not help", "zh": "助手连续两次未能解决"},
    "inbox_wishes": {"en": "Intents", "zh": "意图"},
    "inbox_tried": {"en": "Articles sent", "zh": "已发文章"},
    "inbox_disliked": {"en": "Thumbs down", "zh": "踩"},
    "inbox_contact": {"en": "Contact", "zh": "联系方式"},
    "inbox_person": {"en": "Answered by", "zh": "接待人"},
    "lang_en": {"en": "English", "zh": "英文"},
    "lang_zh": {"en": "Chinese", "zh": "中文"},
    "open_chat": {"en": "Open the chat", "zh": "打开在线客服"},
    "minimise": {"en": "Close the chat", "zh": "收起"},
    "conversation": {"en": "Conversation", "zh": "对话"},
    "helpful": {"en": "Helpful", "zh": "有帮助"},
    "not_helpful": {"en": "Not helpful", "zh": "没有帮助"},
    "retry": {"en": "Send again", "zh": "重新发送"},
    "unreachable": {
        "en": "We cannot be reached at the moment. Please try again in a while.",
        "zh": "暂时无法连接客服，请稍后再试。",
    },
    "unanswered": {
        "en": "Sorry, this message did not get an answer. Please send it again, or choose “Talk to a person”.",
        "zh": "抱歉，这条消息没有得到回复。请重新发送，或点击“转人工”。",
    },
}


def say(key: str, language: Language, **parts: str) -> str:
    """One of the texts, its gaps filled, in a language; where it is not served, in English."""
    return in_script(TEXTS[key][reply_language(language)].format(**parts), language)


def template(key: str, language: Language) -> str:
    """One of the texts with its gaps, which stand there as ``{name}``."""
    return in_script(TEXTS[key][reply_language(language)], language)


def language_name(code: str, language: Language) -> str:
    """A language's name where the pages know it, its code otherwise."""
    key = f"lang_{code}"
    return say(key, language) if key in TEXTS else code


def in_script(text: str, language: Language) -> str:
    """The text in the characters that the language's readers use."""
    return to_traditional(text) if language.traditional else text
