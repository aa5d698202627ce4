"""How people want their screens is kept with them."""

from typing import Any

import pytest

from hemalum.capabilities.access.model import Role

PATH = "/api/access/me/settings"
LOOK = {"colour": "0072b2", "low": 10.0, "high": 4000.0, "gamma": 0.5, "visible": True}


def test_settings_are_kept_for_the_person_and_nobody_else(node: Any) -> None:
    node.person("reader-one", Role.PATHOLOGIST)
    node.person("reader-two", Role.PATHOLOGIST)
    wanted: dict[str, Any] = {
        "theme": "light",
        "wheel": {"inverted": True, "speed": 2},
        "keys": {"walk": ["G", "Shift+G"]},
    }
    wanted["channel_presets"] = [{"name": "Nuclei", "channels": {"DAPI": LOOK}}]
    with node.signed_in("reader-one") as first:
        assert first.get(PATH).json()["theme"] is None
        assert first.put(PATH, json=wanted).status_code == 200
    with node.signed_in("reader-one") as elsewhere:
        kept = elsewhere.get(PATH).json()
        assert kept["keys"] == wanted["keys"]
        assert kept["channel_presets"] == wanted["channel_presets"]
        assert (kept["theme"], kept["wheel"]) == ("light", {"inverted": True, "speed": 2})
        assert elsewhere.put(PATH, json={}).status_code == 200
        assert elsewhere.get(PATH).json()["keys"] == {}
    with node.signed_in("reader-two") as second:
        assert second.get(PATH).json()["theme"] is None


@pytest.mark.parametrize(
    "bad",
    [
        {"theme": "pink"},
        {"unknown": 1},
        {"wheel": {"speed": 0}},
        {"wheel": {"speed": "NaN"}},
        {"channel_presets": [{"name": "Nuclei", "channels": {"DAPI": LOOK | {"low": "NaN"}}}]},
        {"channel_presets": [{"name": "Nuclei", "channels": {"DAPI": LOOK | {"gamma": 0}}}]},
        {"channel_presets": [{"name": "", "channels": {}}]},
        {"keys": {"a b": ["X"]}},
        {"keys": {"walk": ["X" * 31]}},
        {"keys": {f"action{n}": ["X" * 30] * 6 for n in range(200)}},
        {"keys": {f"action{n}": [] for n in range(201)}},
    ],
)
def test_what_is_no_setting_is_refused_and_the_rest_stays(node: Any, bad: dict[str, Any]) -> None:
    node.person(name := f"reader-{abs(hash(str(bad)))}", Role.PATHOLOGIST)
    with node.signed_in(name) as client:
        client.put(PATH, json={"theme": "light"})
        refused = client.put(PATH, json=bad)
        assert refused.status_code == 422
        assert refused.json()["code"] == "invalid"
        assert client.get(PATH).json()["theme"] == "light"
