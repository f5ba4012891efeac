"""Nothing that a text contains becomes markup, in a real browser."""

import pytest

from agent.agent import CustomerServiceAgent
from tests.knowledge_base.faq_index_shop import archive
from tests.ui.chatting import Open, ask, ask_until

pytestmark = pytest.mark.browser


ATTACKS = [
    "<img src=x onerror=alert(1)> <script>alert(2)</script> <b>bold</b>",
    "![x](http://evil.example/x.png) [a](javascript:alert(3)) <http://evil.example> http://evil.example/y",
    "**stars** `code` # heading\n- list\n\n    indented  twice &lt;b&gt; $$x^2$$ </span></div>",
    "<details open ontoggle=alert(4)><summary>x</summary></details><style>*{display:none}</style>",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_customers_text_is_literal_on_the_page_and_in_the_list(open_page: Open, attack: str) -> None:
    page = open_page()
    ask(page, attack)
    for _ in range(2):
        bubble = page.locator(".user .literal")
        assert bubble.evaluate("e => e.textContent") == attack
        assert bubble.evaluate("e => e.children.length") == 0
        title = page.locator("#conversations label span").inner_text()
        assert title == " ".join(attack.split())[:40] + "…"
        page.reload()
        bubble.wait_for()


def test_an_entrys_text_loads_and_runs_nothing(open_page: Open, starter_agent: CustomerServiceAgent) -> None:
    from knowledge_base.entry import EntryVariant, FAQEntry

    answer = "\n\n".join(
        [
            *ATTACKS,
            "```mermaid\ngraph TD; A[<img src='http://evil.example/m.png'>]-->B\n```",
            "| a |\n|-|\n| ![t](http://evil.example/t.png) |",
        ]
    )
    repository = starter_agent.retriever.index.repository
    question = "Zirconium xylophone quarterly?"
    repository.put([FAQEntry("attack", {"en": EntryVariant("en", (question,), answer)})])
    try:
        page = open_page()
        ask_until(page, question, "attack")  # the server takes the new entry in by itself
        reply = page.locator(".reply").last
        assert reply.locator("img, script, style, svg, iframe, details").count() == 0
        assert {link.get_attribute("href") for link in reply.locator("a").all()} == {"http://evil.example"}
        page.wait_for_timeout(500)
    finally:
        archive(repository, "attack")
