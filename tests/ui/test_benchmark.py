"""The benchmark of the whole service starts one, loads it, and tells how it did."""

import json
from pathlib import Path

import pytest

from ui.__main__ import main


@pytest.mark.slow
def test_it_counts_messages_and_errors(
    starter_directory: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FRONTDESK_DATA_DIR", str(starter_directory))  # whose converted models it shares
    assert main(["benchmark", "--chats", "3", "--messages", "20", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["messages"], result["chats"], result["errors"]) == (20, 3, 0)
    assert 0 < result["p50_ms"] <= result["p95_ms"]
    assert result["messages_per_s"] > 0
    assert result["rss_mb"] > 300
    assert len(result["rss_mb_by_tenth"]) == 11
