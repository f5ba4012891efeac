"""Integrated gradients through the shipped classifier."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from agent.errors import ReleaseError
from agent.release import Release, read_release
from knowledge_base.encoder import TextEncoder, encoder_folder
from knowledge_base.errors import ModelError, SettingsError
from tests.agent.small_release import write_release
from tests.conftest import ROOT
from training.__main__ import main
from training.explaining import Explanation, IntentExplainer, word_spans

STARTER = ROOT / "training/starter/release"


@pytest.fixture(scope="module")
def release() -> Release:
    return read_release(STARTER)


@pytest.fixture(scope="module")
def base(model_cache: Path, encoder: TextEncoder) -> Path:  # noqa: ARG001 - the encoder's fixture makes the folder
    return encoder_folder(None, model_cache)


@pytest.fixture(scope="module")
def explainer(release: Release, base: Path) -> IntentExplainer:
    return IntentExplainer.of_release(release, base)


def scores(explanation: Explanation) -> dict[str, float]:
    return {word.text: word.score for word in explanation.words}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("where is my parcel?", ["where", "is", "my", "parcel?"]),
        ("退款多久到账？", ["退款", "多久", "到", "账？"]),
        ("我的order呢？ thanks!", ["我", "的", "order", "呢？", "thanks!"]),
        ("usb-c (退款) don't [order]", ["usb-c", "(退款)", "don't", "[order]"]),
        ("?!", ["?!"]),
    ],
)
def test_words_stand_between_blanks_or_are_cut_by_jieba(text: str, words: list[str]) -> None:
    assert [text[start:end] for start, end in word_spans(text)] == words


@pytest.mark.parametrize(
    ("text", "intent", "words"),
    [
        ("Hello there, please tell me about the REFUND for my kettle", "refund_status", {"refund"}),
        ("你好，请问怎么开发票呀", "invoice", {"开发票"}),
    ],
)
def test_the_words_that_name_the_intent_carry_it(explainer: IntentExplainer, text: str, intent: str, words: set[str]) -> None:
    explanation = explainer.explain(text)
    assert explanation.intent == intent
    assert 0.5 < explanation.probability <= 1
    found = scores(explanation)
    assert max(found, key=lambda word: found[word]) in words
    assert max(map(abs, found.values())) == 1
    assert "query" not in " ".join(found), "the prompt is no word"
    assert abs(explanation.delta) < 0.3, "the words account for what the intent's log-probability changes by"


def test_another_intent_can_be_explained(explainer: IntentExplainer) -> None:
    text = "thank you, and where is my parcel"
    seen, other = explainer.explain(text, "track_order"), explainer.explain(text, "thanks")
    assert (seen.intent, other.intent) == ("track_order", "thanks")
    assert seen.probability > other.probability
    assert scores(seen)["parcel"] > scores(seen)["thank"]
    assert scores(other)["thank"] > scores(other)["parcel"]


def test_a_release_that_serves_in_int8_is_explained(release: Release, base: Path) -> None:
    assert IntentExplainer.of_release(replace(release, precision="int8"), base).places.keys() >= {"track_order", "oos"}


def test_what_is_longer_than_the_classifier_reads_has_no_score(explainer: IntentExplainer, release: Release) -> None:
    reads_little = replace(explainer.settings, max_tokens=10)
    explanation = IntentExplainer(explainer.model, explainer.tokenizer, release.labels, reads_little).explain(
        "where is my parcel, my refund"
    )
    found = [(word.text, word.score != 0) for word in explanation.words]
    assert found == [("where", True), ("is", True), ("my", True), ("parcel,", True), ("my", False), ("refund", False)]


def test_the_command_prints_one_document(
    model_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "cache").symlink_to(model_cache, target_is_directory=True)
    monkeypatch.setenv("FRONTDESK_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("FRONTDESK_ENCODER", "")
    assert main(["explain", "I paid twice for NL20260418-3317", "--model", str(STARTER), "--intent", "double_charge", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert set(document) == {"intent", "probability", "words", "delta"}
    assert document["intent"] == "double_charge"
    assert [word["text"] for word in document["words"]] == ["i", "paid", "twice", "for", "[order]"], "personal data is masked"


def test_wrong_use_is_refused(explainer: IntentExplainer, release: Release, base: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"no intent gifts\. It has .*track_order"):
        explainer.explain("gift wrap?", "gifts")
    with pytest.raises(SettingsError, match="no text"):
        explainer.explain(" \u200b ")
    write_release(tmp_path / "release")
    with pytest.raises(ModelError, match="has no classifier"):
        IntentExplainer.of_release(read_release(tmp_path / "release"), base)
    with pytest.raises(ReleaseError, match="was learned with the encoder ffffffffffff"):
        IntentExplainer.of_release(replace(release, base_fingerprint="f" * 64), base)
