"""What the report of a run says, in English and Chinese."""

TEXTS = {
    "title": {"en": "Learning, run {id}", "zh": "模型训练 第 {id} 次"},
    "promoted": {"en": "in service", "zh": "已上线"},
    "kept": {"en": "not better", "zh": "未优于线上"},
    "started": {"en": "Started by {author} on {at} UTC", "zh": "{author} 于 {at}（UTC）发起"},
    "ended": {"en": ", ended {at}.", "zh": "，{at} 结束。"},
    "releases": {"en": "In service: {champion}. Challenger: {challenger}.", "zh": "线上模型：{champion}；候选模型：{challenger}。"},
    "golden_card": {
        "en": "of {n} golden messages are right with the challenger, {before} with the release in service: {gained} gained, {lost} lost.",
        "zh": "候选模型在 {n} 条黄金消息上的正确率，线上模型为 {before}；多对 {gained} 条，多错 {lost} 条。",
    },
    "recent_card": {
        "en": "of {n} recent messages that people reviewed and no release has learned, against {before}: {gained} gained, {lost} lost.",
        "zh": "候选模型在 {n} 条近期已复核、从未学过的消息上的正确率，线上模型为 {before}；多对 {gained} 条，多错 {lost} 条。",
    },
    "no_live_card": {"en": "live messages came while the challenger was in the shadow.", "zh": "条真实消息：后台试答期间没有新消息。"},
    "live_card": {
        "en": "live messages in the shadow: both did the same with {agreeing}; {newly} only the challenger answers, {no_longer} only the "
        "release in service, {otherwise} they answer with other entries.",
        "zh": "条真实消息经后台试答：{agreeing} 条两者一致；{newly} 条只有候选模型回答，{no_longer} 条只有线上模型回答，"
        "{otherwise} 条回答的条目不同。",
    },
    "learned": {"en": "What it learned from", "zh": "学习内容"},
    "first_dataset": {"en": "Dataset {number}, the first.", "zh": "数据集 {number}，第一版。"},
    "later_dataset": {
        "en": "Dataset {number}: {added} messages more than the one before, {removed} fewer, {relabelled} with another label.",
        "zh": "数据集 {number}：与上一版相比新增 {added} 条，删除 {removed} 条，改标 {relabelled} 条。",
    },
    "origin_files": {"en": "{count} messages from files.", "zh": "文件中的消息 {count} 条。"},
    "origin_reviewed": {"en": "{count} from review.", "zh": "已复核的消息 {count} 条。"},
    "origin_pseudo": {"en": "{count} that the release was very sure of.", "zh": "模型非常有把握的消息 {count} 条。"},
    "new_intents": {"en": "New intents: {names}.", "zh": "新意图：{names}。"},
    "audit": {
        "en": "Audit of {n} new labels: a classifier that has not seen them finds {implausible} implausible; {expected} would be so, "
        "were all of them right, and more than {limit} are refused.",
        "zh": "对 {n} 条新标注的核查：未学过它们的分类器认为 {implausible} 条不合理；全部正确时也会有约 {expected} 条，"
        "超过 {limit} 条即不采用。",
    },
    "accepted": {"en": "Accepted all the same: {reason}", "zh": "仍予采用：{reason}"},
    "golden": {"en": "On the golden set", "zh": "黄金集"},
    "interval": {
        "en": "On other messages like these the challenger does {low} to {high} more right (paired bootstrap, 5th to 95th percentile).",
        "zh": "换一批同类消息，候选模型的正确率变化在 {low} 到 {high} 之间（配对自助法，第 5 到第 95 百分位）。",
    },
    "recent": {"en": "On recent reviewed traffic", "zh": "近期已复核的消息"},
    "group": {"en": "messages of", "zh": "范围"},
    "all": {"en": "all", "zh": "全部"},
    "messages": {"en": "messages", "zh": "消息数"},
    "in_service": {"en": "in service", "zh": "线上模型"},
    "challenger": {"en": "challenger", "zh": "候选模型"},
    "lost": {"en": "lost", "zh": "多错"},
    "gained": {"en": "gained", "zh": "多对"},
    "share_right": {"en": "share that is right", "zh": "正确率"},
    "shares_plot": {
        "en": "Share of each intent's messages that the release in service and the challenger do right",
        "zh": "各意图消息的正确率：线上模型与候选模型",
    },
    "more": {"en": "messages more than in the dataset before", "zh": "与上一版数据集相比增加的消息数"},
    "growth_plot": {"en": "Messages of each intent more than in the dataset before", "zh": "各意图与上一版数据集相比增加的消息数"},
    "sha256": {"en": "sha256 of the dataset as it was frozen: {sum}", "zh": "数据集冻结时的 sha256：{sum}"},
}


def say(key: str, language: str, **values: object) -> str:
    """One of the texts, its gaps filled.

    Args:
        key: its name.
        language: ``en`` or ``zh``.
        values: what the gaps are filled with.
    """
    return TEXTS[key][language].format(**values)
