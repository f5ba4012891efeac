"""The weights of vectors and keywords are learned from messages whose entry is known."""

from agent.utterances import Utterance
from knowledge_base.cohort import Cohort
from knowledge_base.encoder import TextEncoder
from tests.knowledge_base.faq_index_shop import entry
from training.fusion_learning import TO_BEGIN_WITH, learn_fusion

MODELS = ("QX-7141", "ZP-3320", "LT-9087", "BR-5566", "MN-2213", "KD-8804")


def test_where_only_words_tell_entries_apart_keywords_count_more(encoder: TextEncoder) -> None:
    entries = [entry(f"e{i}", en=(f"Which battery fits the {name}?", f"The {name} takes a flat cell.")) for i, name in enumerate(MODELS)]
    messages = [Utterance(f"battery for my {name} please", "en", "product", f"e{i}") for i, name in enumerate(MODELS)]
    cohort = Cohort({"en": encoder.encode_queries(["tell me a joke"])})
    learned = learn_fusion(encoder, cohort, [entries], messages)
    assert learned.keywords > TO_BEGIN_WITH.keywords
    assert abs(learned.question + learned.answer + learned.keywords - 1) < 1e-3
    assert learn_fusion(encoder, cohort, [entries], [Utterance("?", "en", "product", "unknown")]) == TO_BEGIN_WITH
