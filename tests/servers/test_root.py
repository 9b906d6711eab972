"""The private root: which Asterisk is good enough, and two builders at once."""

from __future__ import annotations

import fcntl
import threading
from pathlib import Path

import pytest

from acd.runtime.settings import Settings
from servers import root
from servers.steps import Refusal


@pytest.mark.parametrize(
    ("version", "refusal"),
    [
        ("Asterisk 22.10.1+dfsg+~cs6.17.60671434-1", None),
        ("Asterisk 22.4.0", None),
        ("Asterisk 22.9.1", None),
        ("Asterisk 23.0.0", None),
        ("Asterisk 22.3.9", "needs 22.4 or newer"),
        ("Asterisk 20.11.0~dfsg+~cs6.14", "needs 22.4 or newer"),
        ("Asterisk 22.9.0", "deadlocks under ARI load"),
        ("Asterisk GIT-master", "without a version"),
        ("", "without a version"),
    ],
)
def test_only_an_asterisk_that_can_carry_us_is_taken(version: str, refusal: str | None) -> None:
    if refusal is None:
        root.refuse_old_asterisk(version, where="This machine")
        return
    with pytest.raises(Refusal, match=refusal):
        root.refuse_old_asterisk(version, where="This machine")


def test_a_system_asterisk_must_be_a_program(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="HULING_ASTERISK names"):
        root.system_asterisk(tmp_path / "asterisk")


def test_the_package_list_has_comments_and_no_order() -> None:
    assert root.package_names("# a list\nsox\n\nasterisk # the switch\nsox\n") == [
        "asterisk",
        "sox",
    ]


def test_the_cache_name_follows_the_contents() -> None:
    assert root.root_name(["a", "b"]) == root.root_name(["a", "b"])
    assert root.root_name(["a", "b"]) != root.root_name(["a", "c"])


def test_a_second_builder_waits_and_takes_the_firsts_work(
    settings: Settings, tmp_path: Path
) -> None:
    """It would have to build into an empty cache, but finds the root made when its turn comes."""
    settings = settings.model_copy(update={"cache_dir": tmp_path})
    packages = root.package_names(root.PACKAGES.read_text(encoding="utf-8"))
    final = tmp_path / root.root_name(packages)
    with final.with_name(f"{final.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found: list[Path] = []
        second = threading.Thread(target=lambda: found.append(root.ensure_root(settings)))
        second.start()
        final.mkdir()
    second.join(timeout=240)
    assert found == [final]


@pytest.mark.parametrize(
    ("problem", "told"),
    [
        (OSError(28, "No space left on device"), r"No space left on device.*HULING_CACHE_DIR"),
        (None, "the disk has room"),
    ],
)
def test_what_was_built_in_vain_does_not_stay_on_the_disk(
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    problem: OSError | None,
    told: str,
) -> None:
    """A full disk: half a root of a gigabyte stayed there until the next one was begun, and a
    disk that refused the log itself ended in a traceback."""

    def build(suite: str, packages: list[str], part: Path, *_: object) -> bool:
        part.mkdir(exist_ok=True)
        (part / suite).write_text("half")
        if problem is not None:
            raise problem
        return False

    monkeypatch.setattr(root, "_build", build)
    monkeypatch.setattr(root, "_need_mmdebstrap", lambda step: None)
    with pytest.raises(Refusal, match=told):
        root.ensure_root(settings.model_copy(update={"cache_dir": tmp_path}))
    assert not [one for one in tmp_path.iterdir() if one.is_dir()]
