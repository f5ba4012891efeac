"""A real training on a very small shop, with the real encoder."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from agent.data_directory import BASE_RELEASE
from agent.errors import DatasetError
from agent.intent import IntentClassifier
from agent.intents import OUT_OF_SCOPE, Intent
from agent.release import Release, read_release
from agent.utterances import Utterance
from knowledge_base.encoder import TextEncoder, encoder_folder
from knowledge_base.entry import FAQEntry
from knowledge_base.errors import SettingsError
from tests.conftest import ROOT
from tests.training.small_shop import ENTRIES, INTENTS, TEXTS, UTTERANCES, write_files
from training.__main__ import main
from training.arguments import FineTuningArguments
from training.dataset import data_hash, split
from training.release_training import learn_retrieval_release, train_release

pytestmark = pytest.mark.slow  # it trains

ARGUMENTS = FineTuningArguments(epochs=1, batch_size=16, lora_rank=4, lora_alpha=8, max_tokens=32)


@pytest.fixture(scope="module")
def base(model_cache: Path, encoder: TextEncoder) -> Path:  # noqa: ARG001 - the encoder's fixture makes the folder
    return encoder_folder(None, model_cache)


@pytest.fixture(scope="module")
def release(base: Path, encoder: TextEncoder, tmp_path_factory: pytest.TempPathFactory) -> Release:
    """A release of one epoch."""
    folder = tmp_path_factory.mktemp("training")
    metrics = train_release(base, encoder, UTTERANCES, ENTRIES, INTENTS, ARGUMENTS, folder / "release", folder)
    release = read_release(folder / "release")
    assert release.lineage["metrics"] == metrics
    return release


@pytest.fixture(scope="module")
def classifier_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("classifier")


@pytest.fixture(scope="module")
def classifier(release: Release, base: Path, classifier_cache: Path) -> IntentClassifier:
    return IntentClassifier.of_release(release, base, classifier_cache)


def test_the_release_names_what_it_was_made_of(release: Release, encoder: TextEncoder) -> None:
    training, validation = split(UTTERANCES)
    questions = [
        Utterance(question, variant.language, entry.intent, entry.id)
        for entry in ENTRIES
        if entry.intent
        for variant in entry.variants.values()
        for question in variant.questions
    ]
    lineage = release.lineage
    assert release.encoder_fingerprint == encoder.fingerprint
    assert release.labels == ("greeting", OUT_OF_SCOPE, "refund_status/refund-time", "track_order/track-parcel")
    assert list(release.intents.values()) == INTENTS
    assert lineage["data_sha256"] == data_hash([*UTTERANCES, *questions])
    assert lineage["examples"] == {"training": len(training) + len(questions), "validation": len(validation)}
    assert lineage["arguments"] == asdict(ARGUMENTS)
    assert set(lineage["versions"]) == {"torch", "transformers", "peft"}
    assert {"intent_accuracy", "expected_calibration_error", "out_of_scope_auroc", "routing_on_validation"} <= set(lineage["metrics"])
    assert lineage["costs"]["wrong_answer"] > lineage["costs"]["needless_question"]
    profile = lineage["profile"]
    assert profile["size"] == sum(profile["confidence"].values()) == sum(profile["out_of_scope"].values()) == len(validation)
    assert sum(profile["intents"].values()) == sum(profile["languages"].values()) == len(training) + len(questions) + len(validation)


def test_the_release_travels(release: Release) -> None:
    """It names no path of this machine, and is small: the base is not in it."""
    files = [path for path in release.folder.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 10_000_000
    for path in files:
        assert str(ROOT).encode() not in path.read_bytes()


def test_the_classifier_serves_it(release: Release, classifier: IntentClassifier) -> None:
    texts = [text.strip() for texts in TEXTS.values() for text in texts.strip().splitlines()]
    predictions = classifier.predict(texts)
    wanted = [utterance.intent for utterance in UTTERANCES]
    right = sum(prediction.label == intent for prediction, intent in zip(predictions, wanted, strict=True))
    assert right >= 0.7 * len(wanted)  # most of these it was trained on
    for prediction in predictions:
        assert set(prediction.probabilities) == {*release.intents, OUT_OF_SCOPE}
        assert set(prediction.entries) == {"refund-time", "track-parcel"}
        assert sum(prediction.probabilities.values()) == pytest.approx(1, abs=1e-4)
        assert prediction.confidence == pytest.approx(max(prediction.probabilities.values()), abs=1e-4)
        assert 0 <= prediction.out_of_scope <= 1
        assert prediction.act == {"greeting": "social", "refund_status": "query", "track_order": "query"}.get(prediction.label)


def test_the_classifier_is_exported_once(release: Release, classifier: IntentClassifier, base: Path, classifier_cache: Path) -> None:
    (made,) = classifier_cache.iterdir()
    time_made = made.stat().st_mtime_ns
    again = IntentClassifier.of_release(release, base, classifier_cache)
    assert [path.stat().st_mtime_ns for path in classifier_cache.iterdir()] == [time_made]
    assert again.predict(["my refund"]) == classifier.predict(["my refund"])


def test_form_does_not_change_a_prediction(classifier: IntentClassifier) -> None:
    plain, odd = classifier.predict(["退款到账了吗 ok", "退款到賬了嗎  ＯＫ"])
    assert odd == plain


DIALOGUES = [
    Utterance(text, "en", intent, faq, f"{kind}-{number}", turn_kind)
    for kind, later, intent, faq in (
        ("follow_up", "and how long does that take then", "refund_status", "refund-time"),
        ("correction", "no, I meant where it is now", "track_order", "track-parcel"),
    )
    for number in range(12)
    for text, turn_kind, intent, faq in (
        (f"my money for order number {number}", "opening", "refund_status", "refund-time"),
        (f"{later}, {chr(97 + number)}", kind, intent, faq),
    )
]
TWO_QUESTIONS = [
    Utterance("where is my parcel, and when do I get my refund?", "en", "track_order refund_status", "track-parcel refund-time"),
    Utterance("退款什么时候到账，我的快递到哪里了？", "zh", "refund_status track_order", "refund-time track-parcel"),
    Utterance("hello there, good morning to you! where is my parcel?", "en", "track_order", "track-parcel"),
    Utterance("I sent it back last week. When will the refund be on my card?", "en", "refund_status", "refund-time"),
]


@pytest.mark.slow
def test_training_goes_on_from_a_release_with_dialogues(release: Release, base: Path, encoder: TextEncoder, tmp_path: Path) -> None:
    data = [*UTTERANCES, *DIALOGUES, *TWO_QUESTIONS]
    train_release(
        base,
        encoder,
        data,
        ENTRIES,
        INTENTS,
        ARGUMENTS,
        tmp_path / "next",
        tmp_path,
        [*UTTERANCES[::5], *DIALOGUES, *TWO_QUESTIONS],
        parent=release,
    )
    trained = read_release(tmp_path / "next")
    assert trained.lineage["parent"]["id"] == release.id
    assert trained.labels == release.labels
    assert set(trained.inherits) == {"dependent", "alone", "joined", "same", "near", "bias"}
    vector = encoder.encode_queries(["and how long does that take then"])[0]
    assert trained.context().leaning(vector).alone < trained.context().leaning(encoder.encode_queries(["where is my parcel"])[0]).alone
    assert release.context().leaning(vector).alone > 0.9, "it has seen no dialogues"


@pytest.mark.slow
def test_a_release_learns_another_intent_and_forgets_nothing(release: Release, base: Path, encoder: TextEncoder, tmp_path: Path) -> None:
    intents = [*INTENTS, Intent("invoice", "request", "answer")]
    asked = ("invoice please", "I need an invoice", "send me the bill", "a receipt for taxes")
    new = [Utterance(text, "en", "invoice", None) for text in asked]
    arguments = replace(ARGUMENTS, replay=4)
    train_release(base, encoder, [*UTTERANCES, *new], ENTRIES, intents, arguments, tmp_path / "next", tmp_path, parent=release, fresh=new)
    classifier = IntentClassifier.of_release(read_release(tmp_path / "next"), base, tmp_path / "cache")
    wanted = {"could you send an invoice": "invoice", "where is my package now": "track_order", "hello there": "greeting"}
    assert {text: classifier.predict([text])[0].label for text in wanted} == wanted


@pytest.mark.slow
def test_how_messages_go_together_is_taken_over_where_nothing_shows_it(base: Path, encoder: TextEncoder, tmp_path: Path) -> None:
    general = read_release(BASE_RELEASE)
    train_release(base, encoder, UTTERANCES, ENTRIES, INTENTS, ARGUMENTS, tmp_path / "release", tmp_path, general=general)
    trained = read_release(tmp_path / "release")
    vector = encoder.encode_queries(["and for express?"])[0]
    assert trained.context().leaning(vector) == general.context().leaning(vector)
    assert (trained.inherits, trained.parts) == (general.inherits, general.parts)


def test_a_release_without_a_classifier(encoder: TextEncoder, tmp_path: Path) -> None:
    metrics = learn_retrieval_release(encoder, UTTERANCES, ENTRIES, tmp_path / "release")
    release = read_release(tmp_path / "release")
    _, validation = split(UTTERANCES)
    assert release.classifier is None
    assert release.routing.by_intent is None
    assert (release.labels, release.intents) == ((), {})
    assert release.lineage["data_sha256"] == data_hash(UTTERANCES)
    assert metrics["routing_on_validation"]["n"] == release.lineage["examples"]["validation"] == len(validation)
    assert metrics["routing_on_validation"]["faq_recall"]["1"]["all"] > 0.5


# --- what is refused, before anything is trained ---


@pytest.mark.parametrize(
    ("utterances", "entries", "said"),
    [
        ([*UTTERANCES, Utterance("gift wrap?", "en", "gifts", None)], ENTRIES, "has no gifts"),
        (UTTERANCES, [*ENTRIES, replace(ENTRIES[0], id="wrap", intent="gifts")], "has no gifts"),
        ([u for u in UTTERANCES if u.intent != "greeting"], ENTRIES, "no utterance to train on for greeting"),
    ],
)
def test_labels_that_do_not_fit_are_refused(
    base: Path, encoder: TextEncoder, tmp_path: Path, utterances: list[Utterance], entries: list[FAQEntry], said: str
) -> None:
    with pytest.raises(DatasetError, match=said):
        train_release(base, encoder, utterances, entries, INTENTS, ARGUMENTS, tmp_path / "release", tmp_path)
    assert not list(tmp_path.iterdir())


def test_utterances_that_no_entry_answers_are_refused(encoder: TextEncoder, tmp_path: Path) -> None:
    unanswered = [utterance for utterance in UTTERANCES if utterance.intent == OUT_OF_SCOPE]
    with pytest.raises(DatasetError, match="faq"):
        learn_retrieval_release(encoder, unanswered, ENTRIES, tmp_path / "release")
    assert not (tmp_path / "release").exists()


@pytest.mark.parametrize("command", ["train", "route"])
def test_a_release_that_exists_is_never_overwritten(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "kept").write_text("kept", encoding="utf-8")
    assert main([command, "--output", str(tmp_path)]) == SettingsError.exit_code == 2
    assert "exists already; a release is never overwritten" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


@pytest.mark.slow
def test_an_interrupted_training_goes_on_from_its_last_checkpoint(model_cache: Path, encoder: TextEncoder, tmp_path: Path) -> None:
    files = write_files(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "cache").symlink_to(model_cache, target_is_directory=True)
    environment = os.environ | {"FRONTDESK_DATA_DIR": str(tmp_path / "data"), "FRONTDESK_ENCODER": ""}
    options = [f"--{name}={path}" for name, path in files.items()]
    command = [sys.executable, "-m", "training", "train", *options, "--epochs=3", f"--output={tmp_path / 'release'}", "--json"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while not (written := list((tmp_path / "release.work").glob("*/tuned/checkpoint-*/trainer_state.json"))):
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    run = written[0].parents[1]
    last = max(int(path.name.split("-")[1]) for path in run.glob("checkpoint-*"))
    (run / f"checkpoint-{last + 100}").mkdir()  # killed while writing one
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert f"Going on from {run}/checkpoint-" in done.stderr
    assert f"checkpoint-{last + 100}" not in done.stderr
    release = read_release(tmp_path / "release")
    assert release.encoder_fingerprint == encoder.fingerprint
    assert release.lineage["arguments"]["epochs"] == 3
    again = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert again.returncode == 2
    assert "never overwritten" in again.stderr
