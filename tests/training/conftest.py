"""A place where commands find the tests' models."""

from pathlib import Path

import pytest

from knowledge_base.encoder import TextEncoder


@pytest.fixture
def place(model_cache: Path, encoder: TextEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:  # noqa: ARG001
    """An empty folder, with the tests' models in reach."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "cache").symlink_to(model_cache, target_is_directory=True)
    monkeypatch.setenv("FRONTDESK_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("FRONTDESK_ENCODER", "")
    return tmp_path
