"""A shop small enough to train on in a moment: three entries, three intents, a dozen utterances each."""

from dataclasses import asdict
from pathlib import Path

import yaml

from agent.intents import OUT_OF_SCOPE, Intent
from agent.utterances import Utterance
from knowledge_base.entry import EntryVariant, FAQEntry

INTENTS = [
    Intent("greeting", "social", "social"),
    Intent("refund_status", "query", "answer"),
    Intent("track_order", "query", "answer"),
]
ENTRIES = [
    FAQEntry(
        "refund-time",
        {
            "en": EntryVariant("en", ("When do I get my money back?", "how long do refunds take"), "Refunds take 5 business days."),
            "zh": EntryVariant("zh", ("退款多久到账？",), "退款需要 5 个工作日。"),
        },
        intent="refund_status",
    ),
    FAQEntry(
        "track-parcel",
        {
            "en": EntryVariant("en", ("Where is my parcel?", "track my order"), "Open your order and tap Track."),
            "zh": EntryVariant("zh", ("我的包裹到哪了？",), "打开订单，点击物流查询。"),
        },
        intent="track_order",
    ),
    FAQEntry("opening-hours", {"en": EntryVariant("en", ("When are you open?",), "Every day from 8 to 22.")}),
]
TEXTS = {
    "refund_status": """
        my refund has not arrived
        when will the refund be on my card
        still waiting for my money back
        refund status please
        has my money been sent back yet
        how many days until I am refunded
        you said I would be refunded last week
        退款到了吗
        退款什么时候到账
        我的钱什么时候退回来
        退款进度怎么查
        还没收到退款
    """,
    "track_order": """
        where is my package
        track the parcel I ordered
        which city is my parcel in now
        has the courier picked up my order
        my tracking page shows nothing
        can I see where the delivery is
        where has my order got to
        快递到哪里了
        帮我查一下物流
        包裹现在在哪个城市
        怎么查看物流信息
        我的快递走到哪了
    """,
    "greeting": """
        hello
        hi there
        good morning
        hey, anyone here
        good evening to you
        hello again
        hi, nice to meet you
        你好
        您好呀
        早上好
        在吗
        晚上好
    """,
    OUT_OF_SCOPE: """
        tell me a joke
        what is the capital of France
        write a poem about the sea
        who won the match yesterday
        how do I bake bread
        is it going to rain tomorrow
        translate this into Latin
        讲个笑话
        今天天气怎么样
        推荐一部电影
        帮我写作业
        太阳为什么是圆的
    """,
}
FAQS = {"refund_status": "refund-time", "track_order": "track-parcel"}
UTTERANCES = [
    Utterance(text.strip(), "en" if text.isascii() else "zh", intent, FAQS.get(intent))
    for intent, texts in TEXTS.items()
    for text in texts.strip().splitlines()
]


def write_files(folder: Path) -> dict[str, Path]:
    """Write utterances, entries and intents as files; returns where each is."""
    places = {"data": folder / "utterances.csv", "entries": folder / "entries.yaml", "intents": folder / "intents.yaml"}
    rows = ["text,language,intent,faq", *(f'"{u.text}",{u.language},{u.intent},{u.faq or ""}' for u in UTTERANCES)]
    places["data"].write_text("\n".join(rows) + "\n", encoding="utf-8")
    entries = [
        {"id": e.id, "intent": e.intent, **{v.language: {"questions": list(v.questions), "answer": v.answer} for v in e.variants.values()}}
        for e in ENTRIES
    ]
    places["entries"].write_text(yaml.safe_dump(entries, allow_unicode=True), encoding="utf-8")
    places["intents"].write_text(yaml.safe_dump([asdict(intent) for intent in INTENTS]), encoding="utf-8")
    return places
