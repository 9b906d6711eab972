"""`acd prove` against the running switch: true when all is well, and honest when it is not (T15,
T16)."""

import asyncio
import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.switch.live import Json, Switch


async def prove(
    switch: Switch, *arguments: str, changes: Mapping[str, str] | None = None
) -> tuple[int, Json]:
    """Run it; return its exit code and its one line of JSON."""

    def run() -> subprocess.CompletedProcess[str]:
        return switch.service.command("prove", *arguments, changes=changes)

    done = await asyncio.to_thread(run)
    assert done.stderr == ""
    (line,) = done.stdout.splitlines()
    verdict: Json = json.loads(line)
    return done.returncode, verdict


async def test_the_proof_holds_on_a_working_switch(switch: Switch) -> None:
    """T09, T16: exit code 0 and every part of the verdict, with a call that is in the record."""
    code, verdict = await prove(switch)
    assert code == 0, json.dumps(verdict)
    assert verdict["ok"] is True
    assert verdict["audio_to_agent"] and verdict["audio_to_terminal"] and verdict["record"]
    assert 0 < verdict["invite_to_ring_ms"] < verdict["invite_to_answer_ms"] < 10_000
    row = await switch.record()
    assert row["call_id"] == verdict["call_id"]
    assert row["synthetic"] is True


async def test_the_proof_fails_with_its_reason_when_the_robot_cannot_register(
    switch: Switch, tmp_path: Path
) -> None:
    """T15: a wrong password is not a working switch: exit code 1 and a sentence."""
    wrong = tmp_path / "credentials.json"
    wrong.write_text(json.dumps({"a8099": "wrong"}))
    code, verdict = await prove(switch, "--credentials", str(wrong))
    assert code == 1
    assert verdict["ok"] is False
    assert verdict["record"] is False
    assert "a8099" in verdict["reason"] and "401" in verdict["reason"]


async def test_the_proof_fails_when_nobody_answers(switch: Switch) -> None:
    """T14: an entry whose queue nobody serves: the call is picked up by the system, and that is no
    answer."""
    code, verdict = await prove(
        switch, "--agent", "8011", "--entry", "95001", "--answer-timeout-s", "1"
    )
    assert code == 1
    assert verdict["ok"] is False
    assert verdict["reason"]
    assert (await switch.record())["outcome"] == "abandoned"


async def test_the_proof_fails_when_there_is_no_switch(switch: Switch) -> None:
    """T18: nothing listens there: the verdict says who did not answer."""
    code, verdict = await prove(switch, "--sip-port", "9")
    assert code == 1
    assert verdict["ok"] is False
    assert "a8099" in verdict["reason"]
