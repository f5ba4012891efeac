from pathlib import Path

import pytest

from agent.settings import Settings, read_settings
from knowledge_base.errors import SettingsError


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"FRONTDESK_{name.upper()}", raising=False)


def test_defaults() -> None:
    settings = read_settings()
    assert settings.data_dir == Path("data")
    assert settings.encoder is None
    assert (settings.generator, settings.generator_model, settings.generator_url) == ("off", None, None)
    assert settings.generator_deadline_s == 8.0
    assert (settings.host, settings.port) == ("127.0.0.1", 7860)
    assert settings.staff_panel is False


@pytest.mark.parametrize(
    ("variable", "value", "attribute", "expected"),
    [
        ("FRONTDESK_DATA_DIR", "/srv/shop", "data_dir", Path("/srv/shop")),
        ("FRONTDESK_ENCODER", "/models/e5", "encoder", "/models/e5"),
        ("FRONTDESK_GENERATOR", "transformers", "generator", "transformers"),
        ("FRONTDESK_GENERATOR_MODEL", "qwen", "generator_model", "qwen"),
        ("FRONTDESK_GENERATOR_URL", "http://127.0.0.1:8000/v1", "generator_url", "http://127.0.0.1:8000/v1"),
        ("FRONTDESK_GENERATOR_DEADLINE_S", "2.5", "generator_deadline_s", 2.5),
        ("FRONTDESK_HOST", "0.0.0.0", "host", "0.0.0.0"),
        ("FRONTDESK_PORT", "80", "port", 80),
        ("FRONTDESK_STAFF_PANEL", "true", "staff_panel", True),
    ],
)
def test_each_has_an_environment_name(monkeypatch: pytest.MonkeyPatch, variable: str, value: str, attribute: str, expected: object) -> None:
    monkeypatch.setenv(variable, value)
    assert getattr(read_settings(), attribute) == expected


def test_an_empty_variable_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRONTDESK_PORT", "")
    monkeypatch.setenv("FRONTDESK_ENCODER", "")
    assert read_settings() == Settings()


def test_the_key_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRONTDESK_GENERATOR_API_KEY", "sk-very-secret")
    settings = read_settings()
    assert settings.generator_api_key.get_secret_value() == "sk-very-secret"
    assert "sk-very-secret" not in f"{settings!r} {settings} {settings.model_dump()}"


def test_all_that_do_not_parse_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {
        "FRONTDESK_PORT": "eighty",
        "FRONTDESK_GENERATOR": "chatgpt",
        "FRONTDESK_GENERATOR_DEADLINE_S": "-1",
        "FRONTDESK_STAFF_PANEL": "maybe",
    }
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        read_settings()
    assert caught.value.exit_code == 2
    for name, value in wrong.items():
        assert f"{name}='{value}'" in str(caught.value)


@pytest.mark.parametrize(
    ("variable", "value"),
    [("PORT", "-1"), ("PORT", "65536"), ("GENERATOR_DEADLINE_S", "0"), ("GENERATOR_DEADLINE_S", "nan"), ("GENERATOR_DEADLINE_S", "inf")],
)
def test_out_of_range(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(f"FRONTDESK_{variable}", value)
    with pytest.raises(SettingsError, match=f"FRONTDESK_{variable}="):
        read_settings()


@pytest.mark.parametrize("given", [{}, {"URL": "http://127.0.0.1:8000/v1"}, {"MODEL": "qwen"}])
def test_a_server_needs_url_and_model(monkeypatch: pytest.MonkeyPatch, given: dict[str, str]) -> None:
    monkeypatch.setenv("FRONTDESK_GENERATOR", "openai")
    for name, value in given.items():
        monkeypatch.setenv(f"FRONTDESK_GENERATOR_{name}", value)
    with pytest.raises(SettingsError, match="FRONTDESK_GENERATOR_URL and FRONTDESK_GENERATOR_MODEL"):
        read_settings()


def test_a_server_with_both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRONTDESK_GENERATOR", "openai")
    monkeypatch.setenv("FRONTDESK_GENERATOR_URL", "http://127.0.0.1:8000/v1")
    monkeypatch.setenv("FRONTDESK_GENERATOR_MODEL", "qwen")
    assert read_settings().generator == "openai"
