"""The containers hold the same software and settings as `make run`."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from acd.runtime.settings import Settings
from servers.root import PACKAGES, package_names
from servers.settings import REPO

DOCKER = REPO / "docker"


def installed_by(section: str, tmp_path: Path) -> list[str]:
    """What install.sh would install for a section: its own words, with apt-get replaced."""
    (tmp_path / "packages.txt").write_text(PACKAGES.read_text(encoding="utf-8"))
    fake = tmp_path / "apt-get"
    fake.write_text('#!/bin/sh\n[ "$1" = install ] && shift 3 && echo "$@" >>asked\nexit 0\n')
    fake.chmod(0o755)
    script = (DOCKER / "install.sh").read_text(encoding="utf-8").replace("rm -rf", "true")
    subprocess.run(
        ["sh", "-c", script, "install.sh", section],
        cwd=tmp_path,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        check=True,
    )
    return (tmp_path / "asked").read_text().split()


def sections() -> list[str]:
    """The sections that the Dockerfile asks for."""
    return re.findall(r"install\.sh (\w+)", (DOCKER / "Dockerfile").read_text(encoding="utf-8"))


def test_the_sections_together_are_the_private_roots_list(tmp_path: Path) -> None:
    found: list[str] = []
    for section in sections():
        folder = tmp_path / section
        folder.mkdir()
        found += installed_by(section, folder)
    assert sorted(found) == package_names(PACKAGES.read_text(encoding="utf-8"))


def test_an_unknown_section_is_refused(tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        installed_by("nothing", tmp_path)


def test_compose_has_the_settings_and_defaults_of_the_service() -> None:
    compose = yaml.safe_load((DOCKER / "compose.yml").read_text(encoding="utf-8"))
    settings = compose["x-settings"]
    assert settings.pop("HULING_RUN_DIR") == "/var/lib/huling"
    for name, value in settings.items():
        field = Settings.model_fields[name.removeprefix("HULING_").lower()]
        default = "" if field.default is None else field.default
        assert value in (None, f"${{{name}:-{default}}}")
    servers = {"asterisk", "postgres", "prometheus", "grafana"}
    assert {"setup", "acd", "desk", "watchdog"} | servers == set(compose["services"])


def test_no_setting_is_lost_on_its_way_into_a_container() -> None:
    """HULING_SYNTHETIC_S=0 and 24 others were set outside and had no effect, without a word."""
    compose = yaml.safe_load((DOCKER / "compose.yml").read_text(encoding="utf-8"))
    given = set(compose["services"]["desk"]["environment"])
    assert given == set(compose["services"]["acd"]["environment"])
    lacking = {f"HULING_{name.upper()}" for name in Settings.model_fields} - given
    told = re.search(r"not taken over:\s([^;]*);", (DOCKER / "README.md").read_text("utf-8"))
    assert told is not None
    assert lacking == set(re.findall(r"`(HULING_\w+)`", told[1]))


def test_a_backup_can_be_made_in_a_container(tmp_path: Path) -> None:
    """It had no pg_dump, and nowhere to write to that outlives the container."""
    assert "postgresql-client" in installed_by("tools", tmp_path)
    compose = yaml.safe_load((DOCKER / "compose.yml").read_text(encoding="utf-8"))
    for name in ("acd", "desk"):
        service = compose["services"][name]
        assert service["environment"]["HULING_BACKUP_DIR"] == "${HULING_BACKUP_DIR:-}"
        assert any(one.startswith("${HULING_BACKUP_DIR:-") for one in service["volumes"])


def test_a_slow_first_start_does_not_end_compose_up() -> None:
    """On a busy machine the schema and the directory took 75 s: the service was called unhealthy
    after 45, and `up` ended without the desk."""
    compose = yaml.safe_load((DOCKER / "compose.yml").read_text(encoding="utf-8"))
    waited_for = {
        name
        for service in compose["services"].values()
        for name, how in service.get("depends_on", {}).items()
        if how["condition"] == "service_healthy"
    }
    assert waited_for == {"acd", "postgres"}
    for name in waited_for:
        assert compose["services"][name]["healthcheck"]["start_period"] == "300s"


def test_compose_ps_says_whether_the_desk_is_ready() -> None:
    """It was "Up", whether it answered or not, and `up --wait` did not wait for it."""
    compose = yaml.safe_load((DOCKER / "compose.yml").read_text(encoding="utf-8"))
    for name, address in (("acd", "http_address"), ("desk", "desk_address")):
        asks = compose["services"][name]["healthcheck"]["test"][-1]
        assert f'load_settings().{address} + "/health/ready"' in asks


def test_no_image_of_ours_is_looked_for_in_a_registry() -> None:
    """The watchdog's and the desk's were asked for there by the first `up --build`: "Error"."""
    compose = yaml.safe_load((DOCKER / "compose.yml").read_text(encoding="utf-8"))
    for name, service in compose["services"].items():
        assert "build" in service or not service["image"].startswith("huling-"), name
