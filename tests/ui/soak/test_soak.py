"""A soak loads a real service with everything at once, and tells what it found, bad things too."""

import json
from pathlib import Path

import pytest

from ui.__main__ import main
from ui.soak.records import Record, by_route, read_records
from ui.soak.soak import Soak


def test_percentiles_and_errors_are_by_route(tmp_path: Path) -> None:
    lines = [{"at": at, "name": "GET x", "ms": float(at), "error": None} for at in range(1, 101)]
    lines += [{"at": 7, "name": "POST y", "ms": 3.0, "error": "ReadTimeout()"}]
    file = tmp_path / "requests.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    assert by_route(read_records(file)) == {
        "GET x": {"count": 100, "errors": 0, "p50_ms": 50.5, "p95_ms": 95.0, "p99_ms": 99.0, "max_ms": 100.0},
        "POST y": {"count": 1, "errors": 1, "p50_ms": 3.0, "p95_ms": 3.0, "p99_ms": 3.0, "max_ms": 3.0},
    }


@pytest.mark.parametrize(("second_half", "growth"), [([1500] * 20, 0), (range(1500, 1700, 10), 160)])
def test_growth_is_that_of_the_second_half(second_half: list[int], growth: int) -> None:
    memory = [(10.0 * place, figure) for place, figure in enumerate([*range(1000, 1500, 25), *second_half])]
    soak = Soak(30, 2, by_route([Record(0.0, "GET x", 1.0, "refused")]), [], 0, 0, memory, "here")
    assert soak.growth_mb == growth
    assert soak.failed == 1


@pytest.mark.slow
def test_everything_at_once_fails_nothing(
    starter_directory: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FRONTDESK_DATA_DIR", str(starter_directory))  # whose converted models it shares
    assert main(["soak", "--minutes", "0.6", "--customers", "6", "--output", str(tmp_path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["failed"], found["errors"]) == (0, [])
    assert found["published"] > 0
    assert found["answered"] > 0
    routes = {"POST message, streamed", "POST message", "first piece of a streamed reply", "a person's words on their way"}
    routes |= {"GET events/stream, until the person ends the talk"}
    assert routes | {"from published to found", "publishing an entry"} <= set(found["routes"])
    assert all(0 < route["p50_ms"] <= route["p99_ms"] <= route["max_ms"] for route in found["routes"].values())
    assert len(found["memory"]) >= 4
    assert json.loads((tmp_path / "soak.json").read_text(encoding="utf-8")) == found
    assert (tmp_path / "soak.png").read_bytes().startswith(b"\x89PNG")
