"""Utterances that mean the same are grouped, whatever their languages."""

import numpy as np
import pytest

from agent.data_directory import BASE_RELEASE
from agent.release import read_release
from agent.utterances import read_utterances
from knowledge_base.encoder import TextEncoder
from knowledge_base.onnx_model import Array
from tests.conftest import ROOT
from training.clustering import NOISE, UtteranceClusterer

RENTAL = [
    "can I rent a projector?",
    "do you rent out projectors",
    "projector rental please",
    "可以租投影仪吗",
    "投影仪能不能租",
    "租投影仪",
]
JOBS = [
    "are you hiring?",
    "do you have any open jobs",
    "I want to work for you, any vacancies",
    "你们招人吗",
    "有没有工作岗位",
    "我想来你们公司上班",
]
OTHERS = ["who painted the Mona Lisa?", "我的猫不吃东西"]


@pytest.fixture(scope="module")
def clusterer() -> UtteranceClusterer:
    return UtteranceClusterer(read_release(BASE_RELEASE).cohort())


def languages_of(texts: list[str]) -> list[str]:
    return ["en" if text.isascii() else "zh" for text in texts]


def test_the_same_question_in_two_languages_is_one_cluster(clusterer: UtteranceClusterer, encoder: TextEncoder) -> None:
    texts = [*RENTAL, *JOBS, *OTHERS]
    found = clusterer.group(encoder.encode_queries(texts), languages_of(texts))
    assert found.labels.tolist() == [0] * 6 + [1] * 6 + [NOISE] * 2


def test_few_messages_on_one_topic_are_one_cluster(clusterer: UtteranceClusterer, encoder: TextEncoder) -> None:
    found = clusterer.group(encoder.encode_queries(RENTAL), languages_of(RENTAL))
    assert found.labels.tolist() == [0] * 6, "their mean is no measure of what all messages have in common"


def test_members_come_most_central_first_and_large_clusters_before_small_ones(clusterer: UtteranceClusterer, encoder: TextEncoder) -> None:
    vague = "my aunt and I were wondering, before the party on Sunday, about a projector, perhaps to rent"
    texts = [JOBS[0], vague, *RENTAL[:3], JOBS[1]]
    found = clusterer.group(encoder.encode_queries(texts), ["en"] * len(texts))
    assert [sorted(members) for members in found.members] == [[1, 2, 3, 4], [0, 5]]
    assert found.members[0][-1] == 1
    assert [np.flatnonzero(found.labels == label).tolist() for label in (0, 1)] == [[1, 2, 3, 4], [0, 5]]


@pytest.mark.parametrize("count", [0, 1])
def test_what_cannot_be_grouped_is_noise(clusterer: UtteranceClusterer, encoder: TextEncoder, count: int) -> None:
    vectors = encoder.encode_queries(["hello"])[:count]
    found = clusterer.group(vectors, ["en"] * count)
    assert (found.labels.tolist(), found.members) == ([NOISE] * count, [])


def test_a_language_that_the_cohort_lacks_is_grouped_too(clusterer: UtteranceClusterer, encoder: TextEncoder) -> None:
    texts = ["Puis-je louer un projecteur ?", "louer un projecteur", *RENTAL[:3], JOBS[0], JOBS[1]]
    found = clusterer.group(encoder.encode_queries(texts), ["fr", "fr", *["en"] * 5])
    assert found.labels[0] == found.labels[1] != found.labels[5]


@pytest.fixture(scope="module")
def validation(encoder: TextEncoder) -> tuple[Array, list[str], list[str]]:
    """The demonstration shop's validation messages in both languages: vectors, languages, entries that answer them."""
    rows = [row for _, row in read_utterances(ROOT / "training/starter/validation/messages.csv")]
    rows = [row for row in rows if row.faq and row.language in {"en", "zh"}]
    return encoder.encode_queries([row.text for row in rows]), [row.language for row in rows], [str(row.faq) for row in rows]


def test_clusters_have_both_languages(clusterer: UtteranceClusterer, validation: tuple[Array, list[str], list[str]]) -> None:
    vectors, languages, _ = validation
    spoken = np.array(languages)
    large = [members for members in clusterer.group(vectors, languages).members if len(members) >= 4]
    both = [members for members in large if {"en", "zh"} <= set(spoken[list(members)])]
    assert len(large) > 20
    assert len(both) > 0.8 * len(large)


def test_the_order_of_messages_does_not_matter(clusterer: UtteranceClusterer, validation: tuple[Array, list[str], list[str]]) -> None:
    vectors, languages, _ = validation
    order = np.random.default_rng(0).permutation(len(languages))
    groups = {frozenset(members) for members in clusterer.group(vectors, languages).members}
    shuffled = clusterer.group(vectors[order], [languages[place] for place in order])
    assert len(groups & {frozenset(order[list(members)].tolist()) for members in shuffled.members}) > 0.95 * len(groups)
    again = clusterer.group(vectors[order], [languages[place] for place in order])
    assert again.labels.tolist() == shuffled.labels.tolist()
