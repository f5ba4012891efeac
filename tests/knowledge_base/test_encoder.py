"""Texts become unit vectors that mean the same in every language and script, whatever folder the encoder comes from."""

from pathlib import Path

import numpy as np
import pytest
from transformers import AutoModel, AutoTokenizer

from knowledge_base.encoder import TextEncoder, encoder_folder, load_encoder, prepared_encoder
from knowledge_base.errors import ModelError, SettingsError
from knowledge_base.normalisation import normalise

ENGLISH = [
    "How do I return an item?",
    "Where is my parcel?",
    "I forgot my password",
    "Can I get an invoice for my company?",
    "Is there a shop?",
]
CHINESE = ["怎么申请退货？", "我的包裹到哪儿了？", "密码忘记了", "可以开发票吗？", "你们有实体店吗？"]


def test_vectors_have_unit_length(encoder: TextEncoder) -> None:
    for vectors in (encoder.encode_queries(ENGLISH + CHINESE), encoder.encode_documents(ENGLISH + CHINESE)):
        assert vectors.shape == (10, 384)
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


def test_a_question_is_nearest_to_its_translation(encoder: TextEncoder) -> None:
    similarity = encoder.encode_queries(ENGLISH) @ encoder.encode_queries(CHINESE).T
    np.testing.assert_array_equal(similarity.argmax(axis=1), np.arange(5))
    np.testing.assert_array_equal(similarity.argmax(axis=0), np.arange(5))


def test_script_width_and_case_make_no_difference(encoder: TextEncoder) -> None:
    vectors = encoder.encode_queries(["怎么申请usb线的退货?", "怎麼申請USB線的退貨？"])
    np.testing.assert_allclose(vectors[0], vectors[1], atol=1e-6)


def test_queries_and_documents_have_prompts_of_their_own(encoder: TextEncoder) -> None:
    assert encoder.encode_queries(["refund"])[0] @ encoder.encode_documents(["refund"])[0] < 0.999


def test_a_batch_gives_what_single_texts_give(encoder: TextEncoder) -> None:
    texts = [*ENGLISH, *CHINESE, "a much longer text " * 30] * 3  # 33 texts are two batches with different padding
    counts: list[int] = []
    batch = encoder.encode_queries(texts, counts.append)
    single = np.concatenate([encoder.encode_queries([text]) for text in texts[:11]])
    np.testing.assert_allclose(batch[:11], single, atol=1e-5)
    assert sum(counts) == len(texts)


@pytest.mark.parametrize("text", ["", " ", "\ud800", "\0", "退货 return " * 10_000], ids=["empty", "blank", "surrogate", "null", "100 kB"])
def test_any_text_can_be_embedded(encoder: TextEncoder, text: str) -> None:
    assert np.linalg.norm(encoder.encode_queries([text])) == pytest.approx(1.0, abs=1e-5)


def test_a_folder_path_gives_the_same_encoder_as_the_packaged_one(encoder: TextEncoder, model_cache: Path) -> None:
    known = set(model_cache.iterdir())
    assert load_encoder(str(encoder_folder(None, model_cache)), model_cache).fingerprint == encoder.fingerprint
    assert set(model_cache.iterdir()) == known, "the export is shared"


def test_a_plain_transformers_folder_gets_mean_pooling(tiny_encoder: TextEncoder, tiny_model: Path) -> None:
    text = "How do I return an item?"
    model, tokenizer = AutoModel.from_pretrained(tiny_model), AutoTokenizer.from_pretrained(tiny_model)
    states = model(**tokenizer(normalise(text), return_tensors="pt", return_token_type_ids=False)).last_hidden_state[0]
    expected = states.mean(dim=0).detach().numpy()
    np.testing.assert_allclose(tiny_encoder.encode_queries([text])[0], expected / np.linalg.norm(expected), atol=1e-3)


def test_a_damaged_export_is_made_anew(tiny_model: Path, tiny_encoder: TextEncoder, tmp_path: Path) -> None:
    load_encoder(str(tiny_model), tmp_path, "fp32")
    (export,) = tmp_path.iterdir()
    (export / "model.onnx").write_bytes((export / "model.onnx").read_bytes()[:-1000])
    encoder = load_encoder(str(tiny_model), tmp_path, "fp32")
    assert encoder.fingerprint == tiny_encoder.fingerprint
    np.testing.assert_allclose(encoder.encode_queries(["refund"]), tiny_encoder.encode_queries(["refund"]), atol=1e-6)


def test_an_unknown_path_is_a_wrong_setting(tmp_path: Path) -> None:
    for name in (str(tmp_path / "nowhere"), "./nowhere"):
        with pytest.raises(SettingsError, match=r"nowhere does not exist\. Name a model folder"):
            load_encoder(name, tmp_path)


def test_a_name_that_no_hub_can_have_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="not a model! could not be fetched from the model hub"):
        load_encoder("not a model!", tmp_path)


def test_a_folder_that_is_no_model_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    with pytest.raises(ModelError, match="model holds no model weights"):
        load_encoder(str(folder), tmp_path / "cache")
    (folder / "model.safetensors").write_bytes(b"no tensors")
    with pytest.raises(ModelError, match="model could not be prepared as a text encoder"):
        load_encoder(str(folder), tmp_path / "cache")
    assert not list((tmp_path / "cache").glob("*")), "nothing half-made is left"


def test_in_int8_it_is_another_encoder_that_means_the_same(encoder: TextEncoder, model_cache: Path) -> None:
    exact = load_encoder(None, model_cache, "fp32")
    texts = ["where is my parcel?", "退款什么时候到账", "Can I pay with two gift cards at once?"]
    assert (encoder.encode_queries(texts) * exact.encode_queries(texts)).sum(axis=1).min() > 0.99
    assert encoder.fingerprint != exact.fingerprint
    assert encoder.base_fingerprint == exact.base_fingerprint
    sizes = [
        (folder / "model.onnx").stat().st_size for folder in (prepared_encoder(one.fingerprint, model_cache) for one in (encoder, exact))
    ]
    assert sizes[0] < 0.3 * sizes[1]
    one, other = (prepared_encoder(one.fingerprint, model_cache) / "word_embeddings.npy" for one in (encoder, exact))
    assert one.samefile(other), "the word embeddings are four fifths of the space"
