import logging

import pytest

from knowledge_base.encoder import TextEncoder
from tests.conftest import ROOT
from training import precision
from training.precision import is_worse, precise_encoder

CACHE = ROOT / ".test-cache"
KNOWN = [("where is my parcel?", "track"), ("退款多久到账", "refund"), ("how do I pay?", "pay")]
ASKED = [("has the courier got my package", "track"), ("when is my money back", "refund"), ("支持微信付款吗", "pay")]


def test_int8_is_refused_from_more_than_three_in_a_thousand_on(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        assert not is_worse("encoder", 0.907, 0.910, 1000)
        assert not is_worse("encoder", 0.95, 0.91, 1000)
        assert is_worse("encoder", 0.906, 0.910, 1000)
    assert "The encoder serves in int8: 90.70% right in int8, 91.00% in torch, on 1000 messages." in caplog.text
    assert "The encoder serves in fp32: 90.60% right in int8, 91.00% in torch" in caplog.text


def test_an_encoder_that_finds_as_much_serves_in_int8(encoder: TextEncoder) -> None:
    assert precise_encoder(None, CACHE, KNOWN, ASKED, "int8").fingerprint == encoder.fingerprint
    assert precise_encoder(None, CACHE, KNOWN, ASKED, "fp32").precision == "fp32"


@pytest.mark.usefixtures("encoder")
def test_an_encoder_that_finds_less_serves_in_full_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    found = iter([0.7, 0.8])
    monkeypatch.setattr(precision, "_found", lambda *_: next(found))
    assert precise_encoder(None, CACHE, KNOWN, ASKED, "int8").precision == "fp32"
