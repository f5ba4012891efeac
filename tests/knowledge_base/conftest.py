"""A second, tiny encoder: random weights, so wrong about meaning, but a real model that is made and exported in seconds."""

from pathlib import Path

import pytest

from knowledge_base.encoder import TextEncoder, load_encoder


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
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=64, pad_token="<pad>").save_pretrained(folder)
    layer = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64}
    BertModel(BertConfig(vocab_size=len(vocabulary), max_position_embeddings=64, **layer)).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_export(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model's exported folder."""
    cache = tmp_path_factory.mktemp("tiny-cache")
    load_encoder(str(tiny_model), cache)
    return next(cache.iterdir())


@pytest.fixture(scope="session")
def tiny_encoder(tiny_export: Path) -> TextEncoder:
    """The tiny model, loaded."""
    return TextEncoder(tiny_export)
