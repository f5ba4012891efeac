"""compose.yaml, the Dockerfile and nginx.conf name what there is, and agree with each other."""

import re
import tomllib

import pytest

from agent.settings import Settings
from tests.conftest import ROOT
from tests.ui.deployment.composed import PROXY, read_compose

OURS = ("setup", "workers", "pages")


def test_it_wants_a_password() -> None:
    with pytest.raises(KeyError, match="set it in"):
        read_compose({})


@pytest.mark.parametrize("variables", [{}, {"FRONTDESK_GENERATOR": "openai", "FRONTDESK_RETENTION_DAYS": "30", "FRONTDESK_WORKERS": "8"}])
def test_the_services_settings_are_ours_and_hold(variables: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    services = read_compose({"POSTGRES_PASSWORD": "secret"} | variables)["services"]
    for name in OURS:
        with monkeypatch.context() as patch:
            for variable, value in services[name]["environment"].items():
                assert variable.removeprefix("FRONTDESK_").lower() in Settings.model_fields
                patch.setenv(variable, value)
            settings = Settings()
        assert settings.is_shared
        assert settings.workers == (int(variables.get("FRONTDESK_WORKERS", 4)) if name == "workers" else 1)
        assert settings.generator == variables.get("FRONTDESK_GENERATOR", "off")


def test_what_they_need_is_declared() -> None:
    document = read_compose({"POSTGRES_PASSWORD": "secret"})
    for service in document["services"].values():
        assert set(service.get("depends_on", ())) <= set(document["services"])
        named = {volume.partition(":")[0] for volume in service.get("volumes", ()) if not volume.startswith(".")}
        assert named <= set(document["volumes"])
        assert service["restart"] in {"unless-stopped", "on-failure"}
    assert not any(service.get("ports") for name, service in document["services"].items() if name != "proxy")


def test_the_proxy_reaches_them_and_is_believed() -> None:
    document = read_compose({"POSTGRES_PASSWORD": "secret"})
    services, (network,) = document["services"], document["networks"]["default"]["ipam"]["config"]
    for name in ("workers", "pages"):
        environment = services[name]["environment"]
        assert f"server {name}:{environment['FRONTDESK_PORT']};" in PROXY.read_text(encoding="utf-8")
        assert environment["FRONTDESK_TRUSTED_PROXIES"] == network["subnet"]


def test_the_image_has_what_is_there_and_a_python_that_is_new_enough() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    copied = [word for line in re.findall(r"^COPY (.+)$", text, re.MULTILINE) for word in line.split()[:-1]]
    assert copied
    assert all((ROOT / name).exists() for name in copied)
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["requires-python"]
    found = re.search(r"^FROM python:(\d+\.\d+)", text, re.MULTILINE)
    assert found
    assert f">={found[1]}" == wanted
