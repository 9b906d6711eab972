"""The verdict's one line, and the failures that need no switch."""

import json
from pathlib import Path

import pytest

from acd.proof import prove
from acd.proof.prove import ProofResult


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, object]]:
    code = prove.main(arguments)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1
    return code, json.loads(lines[0])


def test_a_good_proof_has_exactly_the_promised_fields() -> None:
    result = ProofResult(True, 2.5, 9.1, True, True, "n1-17", True, True)
    assert json.loads(result.to_json()) == {
        "ok": True,
        "invite_to_ring_ms": 2.5,
        "invite_to_answer_ms": 9.1,
        "audio_to_agent": True,
        "audio_to_terminal": True,
        "call_id": "n1-17",
        "record": True,
        "recording": True,
    }


def test_missing_passwords_are_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "credentials.json"
    code, shown = run(capsys, "--credentials", str(path))
    assert (code, shown["ok"]) == (1, False)
    assert shown["reason"] == f"there are no phones' passwords in {path}; load the directory first"
    path.write_text('{"a8001": "x"}', encoding="utf-8")
    _, shown = run(capsys, "--credentials", str(path))
    assert shown["reason"] == f"{path} has no password for a8099; load the demo directory first"
    path.write_text("[", encoding="utf-8")
    _, shown = run(capsys, "--credentials", str(path))
    assert shown["reason"] == f"{path} is not a readable JSON object of passwords"


def test_a_missing_sipp_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "credentials.json"
    path.write_text('{"a8099": "x"}', encoding="utf-8")
    code, shown = run(capsys, "--credentials", str(path), "--sipp", "/nowhere/sipp")
    assert code == 1
    assert "HULING_SIPP names /nowhere/sipp" in str(shown["reason"])
