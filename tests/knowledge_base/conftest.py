"""Shops with an index, and a tiny encoder: random weights, so wrong about meaning, but a real model that is exported in seconds."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from knowledge_base.encoder import TextEncoder, load_encoder
from knowledge_base.index import FAQIndex
from tests.knowledge_base.faq_index_shop import ENTRIES, MANY, Shop, build_shop


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plain transformers folder, without anything of sentence-transformers."""
    import torch
    from tokenizers import Tokenizer
    from tokenizers.models import BPE
    from tokenizers.pre_tokenizers import ByteLevel
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("tiny-model")
    torch.manual_seed(0)
    vocabulary = {symbol: place for place, symbol in enumerate(["<pad>", *sorted(ByteLevel.alphabet())])}
    tokenizer = Tokenizer(BPE(vocabulary, merges=[]))
    tokenizer.pre_tokenizer = ByteLevel()
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=64, pad_token="<pad>")  # type: ignore[no-untyped-call]
    fast.save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
    )
    BertModel(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_export(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model's exported folder."""
    cache = tmp_path_factory.mktemp("tiny-cache")
    load_encoder(str(tiny_model), cache, "fp32")
    return next(cache.iterdir())


@pytest.fixture(scope="session")
def tiny_encoder(tiny_export: Path) -> TextEncoder:
    """The tiny model, loaded."""
    return TextEncoder(tiny_export)


@pytest.fixture(scope="session")
def built_shop(tmp_path_factory: pytest.TempPathFactory, encoder: TextEncoder) -> Shop:
    return build_shop(tmp_path_factory.mktemp("shop"), encoder, ENTRIES)


@pytest.fixture(scope="session")
def built_large_shop(tmp_path_factory: pytest.TempPathFactory, tiny_encoder: TextEncoder) -> Shop:
    return build_shop(tmp_path_factory.mktemp("large-shop"), tiny_encoder, MANY)


@pytest.fixture
def shop(built_shop: Shop, tmp_path: Path) -> Shop:
    """Six entries and the packaged encoder, closed; a copy for this test."""
    return replace(built_shop, folder=shutil.copytree(built_shop.folder, tmp_path / "shop"))


@pytest.fixture
def large_shop(built_large_shop: Shop, tmp_path: Path) -> Shop:
    """A hundred entries and the tiny encoder, closed; a copy for this test."""
    return replace(built_large_shop, folder=shutil.copytree(built_large_shop.folder, tmp_path / "large-shop"))


@pytest.fixture
def index(shop: Shop) -> Iterator[FAQIndex]:
    """The six entries' index, open."""
    index = shop.open()
    yield index
    index.close()
