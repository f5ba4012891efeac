"""The page's language, its example questions, and the staff panel."""

import pytest

from agent.conversation import CheckedSentence, IntentPrediction, Manner, Reason, Reply, RouteKind, Source
from agent.explaining import Word
from agent.language import Language
from knowledge_base.entry import EntryVariant, FAQEntry
from ui.example_questions import example_questions
from ui.page_language import page_language
from ui.staff_view import staff_html
from ui.texts import TEXTS


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("en-GB,en;q=0.9", Language("en")),
        ("zh-CN,zh;q=0.9,en;q=0.8", Language("zh")),
        ("zh", Language("zh")),
        ("zh-TW", Language("zh", traditional=True)),
        ("zh-Hant-HK;q=1", Language("zh", traditional=True)),
        ("fr-FR, zh-hk;q=0.5", Language("zh", traditional=True)),
        ("fr-FR,ja;q=0.5", Language("en")),
        ("", Language("en")),
        (";;,=,q", Language("en")),
    ],
)
def test_the_page_is_in_the_first_served_language(header: str, language: Language) -> None:
    assert page_language(header) == language


def test_every_text_of_the_page_exists_in_both_languages() -> None:
    assert all(set(texts) == {"en", "zh"} for texts in TEXTS.values())


def entry(name: str, category: str, **titles: str) -> FAQEntry:
    return FAQEntry(name, {code: EntryVariant(code, (title,), "answer") for code, title in titles.items()}, category)


FAQ = [
    entry("a", "small", en="a small question?"),
    entry("b", "large", en="a long and special question?", zh="退货要收费吗？"),
    entry("c", "large", en="short?"),
    entry("d", "large", en="another one?"),
    entry("e", "middle", en="middle?"),
    entry("f", "middle", en="middle, but longer?"),
]


def test_examples_come_from_the_largest_categories_and_are_short() -> None:
    assert example_questions(FAQ, Language("en")) == ["short?", "middle?", "a small question?"]


def test_examples_are_in_the_pages_language_and_script() -> None:
    assert example_questions(FAQ, Language("zh")) == ["退货要收费吗？"]
    assert example_questions(FAQ, Language("zh", traditional=True)) == ["退貨要收費嗎？"]
    assert example_questions(FAQ, Language("fr")) == example_questions(FAQ, Language("en"))


def test_examples_fill_up_from_one_category_and_an_empty_faq_has_none() -> None:
    assert len(example_questions([one for one in FAQ if one.category == "large"], Language("en"))) == 3
    assert example_questions([], Language("en")) == []


def test_the_staff_panel_says_why_and_escapes() -> None:
    intent = IntentPrediction("return_item", "query", 0.91, 0.04, {f"intent_{i}": 0.01 * i for i in range(8)} | {"<b>": 0.9})
    sources = (Source("return-<steps>", 2, 0.93, "title"),)
    reasons = (Reason("send <it> back", Manner.FOLLOW_UP, "answer: return-<steps> 0.93 >= 0.50", (("return-<steps>", 0.93),)),)
    timings = {"retrieve": 5.0, "total": 10.0}
    checked = (CheckedSentence("It is <free>.", supported=False, reason="not_entailed", score=0.12),)
    reply = Reply("t", "en", RouteKind.ANSWER, intent, sources, (), True, False, "2026-01-01-abc", timings, reasons, checked)
    html = staff_html(reply, [[Word("<back>", 2.5), Word("it", -1.0)]])
    for text in (
        "answer",
        "composed",
        "return_item",
        "query",
        "0.91",
        "0.04",
        "return-&lt;steps&gt; v2",
        "2026-01-01-abc",
        "5.0 ms",
        "intent_7",
        "send &lt;it&gt; back (follow_up)",
        "answer: return-&lt;steps&gt; 0.93 &gt;= 0.50",
        "&lt;back&gt;",
        "+2.5",
        "It is &lt;free&gt;.",
        "not sent: not_entailed",
    ):
        assert text in html
    assert "intent_1" not in html
    assert "<b>" not in html
    assert "-1.0" not in html, "only what carried the answer"


def test_the_staff_panel_stands_without_a_reply_and_without_a_classifier() -> None:
    assert "staff" in staff_html(None)
    assert "no prediction" in staff_html(Reply("t", "en", RouteKind.DECLINE, None, (), (), False, True, "r", {}))
