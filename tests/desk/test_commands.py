"""`acd desk` and `acd desk verify` as a person runs them."""

import os
import subprocess
from pathlib import Path

import pytest

from servers.run import acd_argv
from tests.desk.office import Office


def run(url: str, office: Office, *arguments: str, **changes: str) -> tuple[int, str]:
    """Run a command against the office's database and folders; exit code and words."""
    env = {
        **{name: value for name, value in os.environ.items() if not name.startswith("HULING_")},
        "HULING_DATABASE_URL": url,
        "HULING_RUN_DIR": str(office.archive.folder.parent / "run"),
        "HULING_RECORDINGS_DIR": str(office.archive.folder),
        "HULING_RECORDINGS_SPOOL": str(office.archive.spool),
        **changes,
    }
    done = subprocess.run(
        acd_argv("desk", *arguments),
        env=env,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


async def test_the_archive_is_checked_on_demand(office: Office, database_url: str) -> None:
    """T21, X06: exit code 0 while all is well; 1 and which kind of harm when it is not; needs no
    password of Asterisk's."""
    recording = await office.kept()
    code, words = run(database_url, office, "verify")
    assert (code, words.splitlines()[0]) == (0, "1 of 1 recordings are what they were.")
    office.archive.path((await office.row(recording)).file or "").unlink()
    code, words = run(database_url, office, "verify")
    assert code == 1
    assert "1 missing" in words and "0 of 1 recordings are what they were." in words
    assert recording in words, "the log names it"


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        (
            "HULING_RECORDINGS_KEEP_MONTHS",
            "35",
            "HULING_RECORDINGS_KEEP_MONTHS is '35', but should be at least 36.",
        ),
        ("HULING_RECORDINGS_KEEP_MONTHS", "three", "should be a whole number"),
        ("HULING_RECORDINGS_FREE_MB_MIN", "0", "should be at least 1"),
        ("HULING_DESK_PORT", "0", "should be a port"),
        ("HULING_RECORDINGS_DIRS", "/x", "HULING_RECORDINGS_DIRS is not a setting"),
        ("HULING_DATABASE_URL", "postgresql://nobody:x@127.0.0.1:1/x", "cannot be reached"),
    ],
)
async def test_a_wrong_setting_is_one_sentence(
    office: Office, database_url: str, name: str, value: str, sentence: str
) -> None:
    """C19: 36 months are the least; nothing shorter can be set."""
    code, words = run(database_url, office, "verify", **{name: value})
    assert code == 2
    assert sentence in words
    assert "Traceback" not in words


async def test_a_taken_port_is_one_sentence(
    office: Office, database_url: str, tmp_path: Path
) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, words = run(database_url, office, HULING_DESK_PORT=port)
    assert code == 2
    assert f"The desk cannot listen on 127.0.0.1 port {port}" in words
    assert "stop what does, or set HULING_DESK_PORT" in words


async def test_an_address_of_another_machine_is_not_taken_for_a_taken_port(
    office: Office, database_url: str
) -> None:
    """Nobody can be stopped who listens on another machine's address: HULING_BIND is wrong."""
    code, words = run(database_url, office, HULING_BIND="192.0.2.1", HULING_API_OPEN="no")
    assert code == 2
    assert "The desk cannot listen on 192.0.2.1 port" in words
    assert "set HULING_BIND to an address of this machine." in words
    assert "stop what does" not in words
