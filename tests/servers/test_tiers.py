"""The private world that tests and benches run in, and which folders a tier has."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from acd.runtime.settings import Settings
from servers import tiers
from servers.settings import REPO
from servers.steps import Refusal
from servers.waiting import wait_until

INSIDE = """
import os, pathlib, socket, subprocess, sys
out = pathlib.Path(sys.argv[1])
with socket.create_server(("127.0.0.1", 5060)) as server:      # the loopback is up and empty
    with socket.create_connection(server.getsockname()):
        pass
names = [line.split(":")[0].strip() for line in open("/proc/net/dev").readlines()[2:]]
orphan = subprocess.Popen(["sleep", "600"])                    # forgotten on purpose
found = [names, os.getppid(), os.environ["HULING_RUN_DIR"], os.environ.get("HULING_SIP_PORT"),
         os.path.isdir(os.environ["HULING_RUN_DIR"]), sys.dont_write_bytecode]
out.write_text(repr(found))
sys.exit(7)
"""


def test_the_world_is_empty_private_and_gone_afterwards(
    settings: Settings, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HULING_SIP_PORT", "1")  # a person's own setting: not for the tests
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")  # an image's: the tests would take minutes
    out = tmp_path / "out"
    before = set(_running("sleep\0600"))
    code = tiers.in_private_world(
        [sys.executable, "-c", INSIDE, str(out)], settings=settings, root=root
    )
    interfaces, parent, run, sip_port, run_was_there, compiles_each_time = eval(out.read_text())
    assert code == 7
    assert "lo" in interfaces
    assert parent == 1
    assert sip_port is None
    assert run_was_there
    assert not compiles_each_time
    assert not Path(run).exists()
    assert set(_running("sleep\0600")) == before


def test_tests_leave_the_machine_to_the_telephones_they_play(
    settings: Settings, root: Path, tmp_path: Path
) -> None:
    """What pytest runs in gets no real-time priority, whatever a person has set."""
    test = tmp_path / "test_it.py"
    test.write_text(
        "from acd.runtime.settings import load_settings\n\n\n"
        "def test_it():\n    assert not load_settings().realtime\n"
    )
    assert tiers.pytest([str(test)], workers=1, settings=settings, root=root) == 0


def test_a_folder_without_a_tier_of_its_own_is_core(tmp_path: Path) -> None:
    for name in ("core", "docs", "switch", "servers", "simulation", "browser", "empty"):
        (tmp_path / name).mkdir()
        if name != "empty":
            (tmp_path / name / "test_one.py").touch()
    names = [path.name for path in tiers.folders_of(tiers.USUAL_TIERS, tmp_path)]
    assert names == ["core", "docs", "switch"]
    names = [path.name for path in tiers.folders_of(tiers.ALL_TIERS, tmp_path)]
    assert names == ["core", "docs", "switch", "simulation", "servers"]
    assert tiers.folders_of(["softphone"], tmp_path) == []


def test_a_load_without_a_target_never_takes_the_houses_own_switch() -> None:
    """It would have loaded the demo directory into the database of `run/`."""
    with pytest.raises(Refusal, match="make bench-load"):
        tiers.load_target(["--profile", "quiet"])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_load_that_is_killed_leaves_no_caller_behind(
    root: Path, tmp_path: Path, number: signal.Signals
) -> None:
    """Killed, it left SIPp calling on and on."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as switch:
        switch.bind(("127.0.0.1", 0))
        switch.settimeout(60)
        target = f"127.0.0.1:{switch.getsockname()[1]}"
        process = subprocess.Popen(
            [sys.executable, "-m", "servers", "load", "--", "--target", target, "--out", tmp_path],
            cwd=REPO,
        )
        _, tester = switch.recvfrom(4096)
        switch.sendto(b"SIP/2.0 200 OK\r\n\r\n", tester)
        while not switch.recv(4096).startswith(b"INVITE "):
            pass
        assert len(_running(target)) > 1
        process.send_signal(number)
        process.wait(30)
    wait_until(lambda: not _running(target), seconds=30, what="every SIPp to be gone")


def _running(word: str) -> list[int]:
    """Processes with this word in their command line."""
    return [
        int(entry.name)
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and word.encode() in _command_line(entry)
    ]


def _command_line(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def test_an_unknown_bench_is_refused_with_the_known_ones() -> None:
    with pytest.raises(Refusal, match="There is no bench 'nothing'"):
        tiers.bench("nothing", [])


def test_the_pinned_set_names_no_place_and_covers_what_we_ask_for() -> None:
    """Dependencies are pinned by name and version: no host, no hash, no link."""
    lines = (REPO / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", pin) for pin in pins)
    pinned = {re.sub(r"[-_.]+", "-", pin.split("==")[0]).lower() for pin in pins}
    project = tomllib.loads((REPO / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for asked in project["dependencies"] + project["optional-dependencies"]["dev"]:
        name = re.match(r"[A-Za-z0-9._-]+", asked)
        assert name is not None
        assert re.sub(r"[-_.]+", "-", name[0]).lower() in pinned, asked


def test_we_are_root_here() -> None:
    """Everything above needs it; not root is one sentence (servers.namespaces.refusal)."""
    assert os.geteuid() == 0
