"""What a person has set wrong: one sentence on standard error that says what to do, exit code 2,
and no traceback, which is nobody's reading at three in the morning (T18)."""

import shutil
import socket
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.switch.live import Json, Switch, demo_with


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """One command with something wrong about it; ``says`` are words its sentence must hold."""

    what: str
    command: tuple[str, ...]
    changes: dict[str, str] = field(default_factory=dict)
    file: str | None = None
    """A directory file's text, put where ``command`` says FILE."""
    says: tuple[str, ...]


def soon(directory: dict[str, list[Json]]) -> None:
    directory["queues"][0]["promise_ms"] = "soon"


DATABASE = "postgresql://huling:wrong@127.0.0.1:{postgres}/huling"
NOWHERE = "postgresql://huling:{password}@127.0.0.1:{postgres}/nowhere"
AWAY = "postgresql://huling:x@127.0.0.1:{free}/huling"
# fmt: off
WRONG = [
    Wrong(what="database password, migrating", command=("db", "migrate"),
          changes={"HULING_DATABASE_URL": DATABASE}, says=("password",)),
    Wrong(what="database password, serving", command=("serve",),
          changes={"HULING_DATABASE_URL": DATABASE}, says=("password",)),
    Wrong(what="database name", command=("serve",),
          changes={"HULING_DATABASE_URL": NOWHERE}, says=("nowhere",)),
    Wrong(what="database that is not there, loading", command=("directory", "load", "FILE"),
          changes={"HULING_DATABASE_URL": AWAY}, file="{}", says=("PostgreSQL",)),
    Wrong(what="database URL", command=("serve",),
          changes={"HULING_DATABASE_URL": "mysql://x"},
          says=("HULING_DATABASE_URL", "postgresql://")),
    Wrong(what="ARI password", command=("serve",),
          changes={"HULING_ARI_PASSWORD": "wrong"}, says=("ARI", "HULING_ARI_PASSWORD")),
    Wrong(what="AMI password", command=("serve",),
          changes={"HULING_AMI_PASSWORD": "wrong"}, says=("AMI", "HULING_AMI_PASSWORD")),
    Wrong(what="a port that is none", command=("serve",),
          changes={"HULING_HTTP_PORT": "eighty"}, says=("HULING_HTTP_PORT", "eighty")),
    Wrong(what="a port out of range", command=("serve",),
          changes={"HULING_SIP_PORT": "70000"}, says=("HULING_SIP_PORT", "70000")),
    Wrong(what="a misspelt setting", command=("serve",),
          changes={"HULING_HTP_PORT": "8081"}, says=("HULING_HTP_PORT", "HULING_HTTP_PORT")),
    Wrong(what="the HTTP port is taken", command=("serve",),
          changes={"HULING_HTTP_PORT": "{http}"}, says=("HULING_HTTP_PORT",)),
    Wrong(what="no directory file", command=("directory", "load", "/nowhere.yaml"),
          says=("/nowhere.yaml",)),
    Wrong(what="no YAML", command=("directory", "load", "FILE"), file="queues: [",
          says=("wrong.yaml",)),
    Wrong(what="a value that is wrong", command=("directory", "load", "FILE"),
          file=demo_with(soon), says=("wrong.yaml", "queues", "promise_ms", "soon")),
    Wrong(what="no journal", command=("replay", "/nowhere.journal"), says=("/nowhere.journal",)),
]
# fmt: on


@pytest.mark.parametrize("case", WRONG, ids=lambda case: case.what)
async def test_a_mistake_ends_in_one_sentence_and_exit_code_2(
    switch: Switch, case: Wrong, tmp_path: Path
) -> None:
    settings, service = switch.settings, switch.service
    before = await switch.sql("SELECT revision FROM directory_revisions ORDER BY part")
    # A run folder of its own: a second service must not touch the running one's.
    shutil.copy(settings.secrets_path, tmp_path / "secrets.json")
    values = {
        "postgres": str(settings.postgres_port),
        "http": str(settings.http_port),
        "password": settings.secrets().postgres_password,
        "free": free_port(),
    }
    changes = {
        "HULING_RUN_DIR": str(tmp_path),
        "HULING_HTTP_PORT": free_port(),
        **{name: value.format(**values) for name, value in case.changes.items()},
    }
    file = tmp_path / "wrong.yaml"
    if case.file is not None:
        file.write_text(case.file)
    done = service.command(
        *(str(file) if part == "FILE" else part for part in case.command), changes=changes
    )
    said = done.stderr.strip()
    # The log (JSON) may tell of the way there; the sentence is the last line, the only plain one.
    *log, sentence = said.splitlines()
    assert done.returncode == 2, said
    assert all(line.startswith("{") for line in log), said
    assert sentence.endswith(".")
    assert "Traceback" not in said
    for word in case.says:
        assert word in sentence
    assert values["password"] not in said
    assert await switch.sql("SELECT revision FROM directory_revisions ORDER BY part") == before
