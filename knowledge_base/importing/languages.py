"""Languages as people write them in tables."""

import re

from knowledge_base.errors import EntryError
from knowledge_base.normalisation import normalise

NAMES = {
    "en": "english eng 英文 英语 英",
    "zh": "chinese mandarin zho chi cn 中文 汉语 普通话 国语 中国话 华语 简体中文 繁体中文 简体 繁体 中",
    "de": "german deutsch 德文 德语",
    "es": "spanish español 西班牙文 西班牙语",
    "fr": "french français 法文 法语",
    "it": "italian italiano 意大利文 意大利语",
    "ja": "japanese 日本语 日文 日语",
    "ko": "korean 한국어 韩文 韩语",
    "pt": "portuguese português 葡萄牙文 葡萄牙语",
    "ru": "russian русский 俄文 俄语",
}
CODES = {name: code for code, names in NAMES.items() for name in names.split()}
TAG = re.compile(r"([a-z]{2})([-_][a-z0-9]+)*")  # zh-Hans-CN, en_US


def language_code(name: str) -> str:
    """The two letters of a language.

    Args:
        name: a name or a tag, in any case and width.

    Raises:
        EntryError: it is no language that is known.

    Example:
        >>> language_code("zh-CN"), language_code("English"), language_code("繁體中文")
        ('zh', 'en', 'zh')
    """
    text = normalise(name)
    plain = re.sub(r"\s*\(.*\)$", "", text)  # 中文(简体)
    if plain in CODES:
        return CODES[plain]
    match = TAG.fullmatch(text)
    if not match:
        raise EntryError(f"{name[:40]!r} is no language that is known; write its two letters, such as en or zh.")
    return match[1]
