"""What the gate objects to a release, in English and Chinese."""

TEXTS = {
    "overall": {
        "en": "Of {messages} messages it does {after:.1%} right, the release in service {before:.1%}; on other messages it may lose "
        "{risk:.1%} (5th percentile of {resamples} resamples), and {allowed:.1%} are allowed.",
        "zh": "{messages} 条消息中，候选模型答对 {after:.1%}，线上模型答对 {before:.1%}；"
        "换一批消息可能下降 {risk:.1%}（{resamples} 次重抽样的第 5 百分位），上限为 {allowed:.1%}。",
    },
    "intent": {
        "en": "In the intent {name} it loses {lost} of {messages} messages and gains {gained}; on balance {most:.0%} may be lost.",
        "zh": "意图 {name} 的 {messages} 条消息中，候选模型多答错 {lost} 条，多答对 {gained} 条；相抵后最多可少答对 {most:.0%}。",
    },
    "language": {
        "en": "In the language {name} it loses {lost} of {messages} messages and gains {gained}; on balance {most:.0%} may be lost.",
        "zh": "{name} 语言的 {messages} 条消息中，候选模型多答错 {lost} 条，多答对 {gained} 条；相抵后最多可少答对 {most:.0%}。",
    },
    "recent": {"en": "On recent reviewed traffic: {reason}", "zh": "近期已复核的消息：{reason}"},
    "live": {
        "en": "Of {messages} live messages it answers {no_longer} no more that the release in service answers, and {newly} that it does "
        "not; on balance {most:.0%} may be lost.",
        "zh": "{messages} 条真实消息中，候选模型有 {no_longer} 条不再回答，有 {newly} 条新增回答；相抵后最多可少回答 {most:.0%}。",
    },
}


def told(key: str, language: str, **values: object) -> str:
    """One of the texts, its gaps filled.

    Args:
        key: its name.
        language: ``en`` or ``zh``.
        values: what the gaps are filled with.
    """
    return TEXTS[key][language].format(**values)
