"""Questions to tap before the first message."""

import time
from collections import Counter
from collections.abc import Collection

from agent.agent import CustomerServiceAgent
from agent.language import Language
from agent.replying import reply_language
from knowledge_base.entry import FAQEntry
from ui.texts import in_script

EXAMPLES = 3
KEPT_S = 60.0


class ExampleQuestions:
    """Examples from the FAQ, chosen anew after a minute: of a large FAQ it takes a moment.

    Args:
        agent: has the FAQ.
    """

    def __init__(self, agent: CustomerServiceAgent) -> None:
        self.agent = agent
        self._kept: dict[Language, tuple[float, list[str]]] = {}

    def in_language(self, language: Language) -> list[str]:
        """The examples in the page's language."""
        read_at, examples = self._kept.get(language, (float("-inf"), []))
        if time.monotonic() - read_at >= KEPT_S:
            examples = example_questions(self.agent.retriever.index.entries.values(), language)
            self._kept[language] = (time.monotonic(), examples)
        return examples


def example_questions(entries: Collection[FAQEntry], language: Language) -> list[str]:
    """Choose the shortest question, which is the most general, of each of the largest categories.

    Args:
        entries: the whole FAQ.
        language: the page's; entries that do not exist in it give no example.

    Returns:
        At most three, fewer where the FAQ has fewer.
    """
    code = reply_language(language)
    spoken = sorted((entry for entry in entries if code in entry.variants), key=lambda entry: len(entry.variants[code].title))
    shortest: dict[str, str] = {}
    for entry in spoken:
        shortest.setdefault(entry.category, entry.variants[code].title)
    largest = [shortest[category] for category, _ in Counter(entry.category for entry in spoken).most_common(EXAMPLES)]
    titles = dict.fromkeys([*largest, *(entry.variants[code].title for entry in spoken)])
    return [in_script(title, language) for title in titles][:EXAMPLES]
