"""A configuration that does not work is taken back by itself, and calls are answered on (T18, field
note 20: one bad file had reached every desk of an emergency service)."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from acd.runtime.settings import Settings
from servers.asterisk import TEMPLATES
from servers.asterisk_trial import LastGood, complaints
from servers.stack import Stack
from servers.steps import Failure


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    """Our configuration, to be spoilt."""
    folder = tmp_path / "templates"
    folder.mkdir()
    for source in TEMPLATES:
        for path in source.glob("*.conf"):
            shutil.copy(path, folder)
    return folder


def test_a_bad_configuration_is_taken_back_and_a_good_one_is_kept(
    settings: Settings, templates: Path
) -> None:
    """One forgotten bracket: Asterisk would boot without any dialplan and answer nobody."""
    with Stack(settings, {"asterisk"}, asterisk_templates=[templates], quiet=True) as stack:
        assert stack.asterisk.refused == ""
        dialplan = templates / "extensions.conf"
        whole = dialplan.read_text(encoding="utf-8")

        dialplan.write_text(whole.replace("[from-phone]", "[from-phone"), encoding="utf-8")
        stack.restart("asterisk")
        assert "the dialplan has no context" in stack.asterisk.refused
        assert "no closing ']'" in stack.asterisk.refused
        assert "Context 'from-trunk'" in stack.cli("dialplan show from-trunk")
        refused = settings.run_dir / "asterisk" / "etc.refused" / "extensions.conf"
        assert "[from-phone\n" in refused.read_text(encoding="utf-8")

        pjsip = templates / "pjsip.conf"
        working = pjsip.read_text(encoding="utf-8")
        pjsip.write_text(working.replace("bind", "bnid"), encoding="utf-8")
        dialplan.write_text(whole, encoding="utf-8")
        stack.restart("asterisk")
        assert "SIP has no transport udp" in stack.asterisk.refused
        assert "udp" in stack.cli("pjsip show transports")

        pjsip.write_text(working, encoding="utf-8")
        dialplan.write_text(f"{whole}\n[new]\nexten => s,1,Hangup()\n", encoding="utf-8")
        stack.restart("asterisk")
        assert stack.asterisk.refused == ""
        assert "Context 'new'" in stack.cli("dialplan show new")
        dialplan.write_text("[general", encoding="utf-8")
        stack.restart("asterisk")
        assert "Context 'new'" in stack.cli("dialplan show new"), "the newest that worked"


def test_without_one_that_has_worked_a_bad_one_ends_the_start(
    settings: Settings, templates: Path
) -> None:
    (templates / "ari.conf").unlink()
    with pytest.raises(Failure, match="was not ready"):  # noqa: SIM117
        with Stack(settings, {"asterisk"}, asterisk_templates=[templates], quiet=True):
            pass


def test_complaints_are_compared_without_time_and_thread(tmp_path: Path) -> None:
    log = (
        "[2026-11-29 09:42:38.172] WARNING[39] config.c: parse error\n"
        "[2026-11-29 09:42:38.280] ERROR[40][C-00000001] loader.c: declined to load.\n"
        "[2026-11-29 09:42:38.280] NOTICE[40] loader.c: 9 modules\n"
    )
    found = complaints(log)
    assert found == {"config.c: parse error", "loader.c: declined to load."}
    etc = tmp_path / "etc"
    etc.mkdir()
    (etc / "a.conf").write_text("a")
    good = LastGood(etc)
    assert good.is_new() and not good.exists()
    good.keep(found)
    assert good.exists() and not good.is_new()
    assert good.complaints() == found
    (etc / "a.conf").write_text("b")
    assert good.is_new()
    good.put_back()
    assert (etc / "a.conf").read_text() == "a"
    assert (tmp_path / "etc.refused" / "a.conf").read_text() == "b"
