"""Releases small enough to be written in a moment: no classifier, made-up routing."""

from pathlib import Path
from typing import Any

from agent.release import FORMAT, write_manifest

HINTS = (
    *("first", "second", "answers", "acts", "questions", "cue", "both_ask", "ways", "length"),
    *("differ", "low", "differ_surely", "other", "bias"),
)
FEATURES = ("question", "answer", "cohort", "cohort_nearest", "lead", "keywords", "keyword_lead", "bias")


def write_release(folder: Path, note: str = "one", fingerprint: str = "f" * 64, payload: bytes = b"learned") -> dict[str, Any]:
    """Write a release whose id differs for every note; returns its manifest."""
    (folder / "adapter").mkdir(parents=True)
    (folder / "adapter" / "weights.bin").write_bytes(payload)
    manifest = {
        "format": FORMAT,
        "encoder": {"base": fingerprint, "precision": "fp32"},
        "intents": [{"id": "refund_status", "act": "query", "route": "answer"}],
        "labels": ["refund_status", "oos"],
        "classifier": None,
        "fusion": {"question": 0.6, "answer": 0.3, "keywords": 0.1},
        "routing": {
            "by_retrieval": dict.fromkeys(FEATURES, 1.0),
            "by_intent": None,
            "by_entry": None,
            "answer": 0.7,
            "clarify": 0.3,
            "intent": 0.6,
        },
        "parts": {"two": {}, "both": 1.1, "single": 1.1, "worth": dict.fromkeys(HINTS, 0.0), "look": 1.1},
        "inherits": {},
        "lineage": {"created": "2026-11-22T10:00:00+00:00", "note": note},
    }
    write_manifest(folder, manifest)
    return manifest
