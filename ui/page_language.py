"""Which language the page around a conversation is in: the first of the browser's languages that is served."""

import re

from agent.language import SERVED, Language

TRADITIONAL = re.compile(r"zh-(hant|tw|hk|mo)\b", re.IGNORECASE)


def page_language(accept_language: str) -> Language:
    """Choose the page's language.

    Args:
        accept_language: the request's header of that name; browsers write it in their order of preference.

    Example:
        >>> page_language("fr-FR,zh-HK;q=0.8,en;q=0.7")
        Language(code='zh', traditional=True)
    """
    for tag in accept_language.split(","):
        code = tag.strip()[:2].lower()
        if code in SERVED:
            return Language(code, traditional=bool(TRADITIONAL.match(tag.strip())))
    return Language("en")
