"""On the command line a person's mistake is one sentence and exit code 2."""

import os
from pathlib import Path
from random import Random

import msgspec
import pytest

import acd
from acd.cli import main
from acd.core.directory import Agent
from acd.core.events import AgentDefined, Event, LoginRequested, TimePassed
from acd.core.ids import AgentId, Node, RequestId, SeatId
from acd.core.switch import Core
from acd.runtime.journal import Journal


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("HULING_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HULING_RUN_DIR", str(tmp_path))


class Shell:
    """Runs commands in this process."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        self._monkeypatch.setattr("sys.argv", ["acd", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        output = self._capsys.readouterr()
        code = end.value.code
        return (code if isinstance(code, int) else 0), output.out, output.err


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(monkeypatch, capsys)


async def journal(folder: Path, *, odd: bool) -> Path:
    """A journal of three steps of the real core; an odd one has recorded other answers."""
    core = Core(epoch=7, dice=Random(7))
    written = Journal(
        folder,
        epoch=7,
        node=Node("n1"),
        started_ms=1,
        files_keep=3,
        bytes_max=1_000_000,
    )
    agent = Agent(id=AgentId("8001"), name="林静怡", skills=())
    login = LoginRequested(request=RequestId("r"), agent=agent.id, seat=SeatId("s1"))
    events: list[Event] = [AgentDefined(agent), login, TimePassed()]
    for now_ms, event in enumerate(events, 1000):
        effects = core.step(now_ms, event)
        written.stepped(now_ms, event, [] if odd else effects, 0)
    await written.close()
    return written.path


def test_version(shell: Shell) -> None:
    assert shell("version") == (0, f"{acd.__version__}\n", "")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["serve"], "does not exist: start the servers once with `make run`"),
        (["db", "migrate"], "does not exist: start the servers once"),
        (["directory", "credentials"], "does not exist: start the servers once"),
        (["replay", "nowhere.journal"], "nowhere.journal cannot be read: No such file"),
    ],
)
def test_a_mistake_is_one_sentence(shell: Shell, arguments: list[str], sentence: str) -> None:
    code, out, err = shell(*arguments)
    assert (code, out) == (2, "")
    assert sentence in err
    assert err.count("\n") == 1


def test_a_wrong_setting_is_one_sentence(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HULING_HTTP_PORT", "eighty")
    code, out, err = shell("serve")
    assert (code, out) == (2, "")
    assert err == "HULING_HTTP_PORT is 'eighty', but should be a whole number.\n"


def test_a_database_that_is_not_there_is_one_sentence(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HULING_DATABASE_URL", "postgresql://u:hidden@127.0.0.1:9/d")
    code, out, err = shell("db", "migrate")
    assert (code, out) == (2, "")
    assert "127.0.0.1:9/d cannot be reached" in err
    assert "hidden" not in err


def test_an_unknown_command_is_exit_code_2(shell: Shell) -> None:
    assert shell("srve")[0] == 2


def test_the_tools_of_make_run_are_found(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """`acd prove` and `acd desk watermark`, as the documents say, found neither SIPp nor sox."""
    (tmp_path / "none").mkdir()
    (tmp_path / "talk.flac").write_bytes(b"no sound")
    monkeypatch.setenv("PATH", str(tmp_path / "none"))
    code, _, err = shell("desk", "watermark", str(tmp_path / "talk.flac"))
    assert (code, err) == (2, "sox cannot be used: No such file or directory.\n")
    (tmp_path / "bin").mkdir()
    sox = tmp_path / "bin" / "sox"
    sox.write_text("#!/bin/sh\necho of the run folder >&2\nexit 1\n", encoding="utf-8")
    sox.chmod(0o755)
    code, _, err = shell("desk", "watermark", str(tmp_path / "talk.flac"))
    assert code == 2
    assert "of the run folder" in err


def test_the_run_folders_programs_go_before_the_hosts(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whose database it is, a backup finds out by itself: tests/desk/test_backup.py."""
    (tmp_path / "talk.flac").write_bytes(b"no sound")
    for whose, folder in (("the host", tmp_path / "host"), ("the run folder", tmp_path / "bin")):
        folder.mkdir()
        sox = folder / "sox"
        sox.write_text(f"#!/bin/sh\necho of {whose} >&2\nexit 1\n", encoding="utf-8")
        sox.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'host'}:{os.environ['PATH']}")
    assert "of the run folder" in shell("desk", "watermark", str(tmp_path / "talk.flac"))[2]


async def test_a_replay_that_agrees(shell: Shell, tmp_path: Path) -> None:
    path = await journal(tmp_path, odd=False)
    code, out, err = shell("replay", str(path))
    lines = out.splitlines()
    assert (code, err) == (0, "")
    assert lines[0] == "events: 3"
    assert len(lines[1]) == len("digest: ") + 32
    assert lines[2:] == ["divergence: none"]


async def test_a_replay_that_does_not(shell: Shell, tmp_path: Path) -> None:
    path = await journal(tmp_path, odd=True)
    code, out, _ = shell("replay", str(path))
    assert code == 1
    assert "divergence: at event 2, 1001 ms: LoginRequested" in out


async def test_a_story_of_a_call_that_is_not_in_the_journal(shell: Shell, tmp_path: Path) -> None:
    """It said nothing of the call, and that all was well."""
    path = await journal(tmp_path, odd=False)
    code, out, err = shell("replay", str(path), "--call", "7-99")
    assert (code, err) == (2, f"{path} does not tell of a call 7-99.\n")
    assert "divergence: none" in out


def test_a_plan_is_not_worked_out_for_a_page_that_cannot_be_written(
    shell: Shell, tmp_path: Path
) -> None:
    """The sentence came after minutes of simulated days."""
    rows = [f"{n // 2:02}:{n % 2 * 30:02},100" for n in range(48)]
    day, page = tmp_path / "day.csv", tmp_path / "nowhere" / "plan.html"
    day.write_text("\n".join(["half_hour,calls", *rows]), encoding="utf-8")
    code, out, err = shell("plan", str(day), "--html", str(page))
    assert (code, out) == (2, "")
    assert err == f"{page} cannot be written: there is no folder {page.parent}.\n"


async def test_a_replay_shows_each_step(shell: Shell, tmp_path: Path) -> None:
    path = await journal(tmp_path, odd=False)
    code, out, _ = shell("replay", str(path), "--effects")
    steps = [msgspec.json.decode(line) for line in out.splitlines()[:3]]
    assert code == 0
    assert [step["event"]["type"] for step in steps] == [
        "AgentDefined",
        "LoginRequested",
        "TimePassed",
    ]
    assert steps[1]["effects"][-1]["type"] == "Refused"
