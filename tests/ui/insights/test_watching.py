"""The server that is in charge tells monitors when customers' messages move."""

import time

import httpx
import pytest

from tests.ui.serving import METRICS, serve_services
from tests.ui.staffing import House
from ui import background


@pytest.mark.usefixtures("filled")
def test_the_drift_is_in_the_metrics_soon_after_the_start(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "FIRST_S", 0.1)
    wanted, deadline = 'frontdesk_drift_alert{dimension="languages"} 1.0', time.monotonic() + 60
    with serve_services(house.services) as url:
        found = ""
        while wanted not in found and time.monotonic() < deadline:
            time.sleep(0.1)
            found = httpx.get(f"{url}metrics", headers={"Authorization": f"Bearer {METRICS}"}).raise_for_status().text
    assert wanted in found
    assert 'frontdesk_drift_psi{dimension="intents"}' in found
