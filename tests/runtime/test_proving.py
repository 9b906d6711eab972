"""The service's own call: what it dials, what it refuses to dial, and what is told of it (T18)."""

import json
import sys
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from acd.core.state import State
from acd.runtime.metrics.exposition import Exposition
from acd.runtime.settings import Settings
from acd.runtime.watching.proving import Proving, add_proof_metrics
from tests.core.story import tell

GOOD = {"ok": True, "invite_to_answer_ms": 41.0, "call_id": "1-1", "record": True}
BAD = {"ok": False, "reason": "no agent answered"}


@pytest.fixture
def state() -> State:
    """With the entries 95001 to 95003 and 95009."""
    return tell("", agents="8001 8099").core.state


def proving(state: State, tmp_path: Path, said: str, **changes: object) -> Proving:
    """Its proofs are a program that notes its arguments and says this."""
    program = (
        "import sys, pathlib;"
        f"pathlib.Path({str(tmp_path / 'asked')!r}).write_text(' '.join(sys.argv[1:]));"
        f"print({said!r})"
    )
    settings = Settings(run_dir=tmp_path).model_copy(update=changes)
    return Proving(
        settings, state, command=(sys.executable, "-c", program), wall_s=lambda: 1_700_000_000.0
    )


def shown(proofs: Proving) -> dict[str, float]:
    metrics = Exposition()
    add_proof_metrics(metrics, proofs.proofs)
    return {
        sample.name + "".join(sample.labels.values()): sample.value
        for family in text_string_to_metric_families(metrics.exposition().decode())
        for sample in family.samples
        if sample.name.startswith("huling")
    }


async def test_a_proof_that_holds_is_counted_and_timed(state: State, tmp_path: Path) -> None:
    found = proving(state, tmp_path, json.dumps(GOOD))
    assert "huling_proof_last_ok_timestamp_seconds" not in shown(found), "no invented moment"
    verdict = await found.once()
    assert verdict.ok
    assert (tmp_path / "asked").read_text() == ("--entry 95009 --agent 8099 --caller 02160000001")
    figures = shown(found)
    assert figures.pop("huling_proof_duration_seconds") > 0
    assert figures == {
        "huling_proofs_totalok": 1,
        "huling_proofs_totalfailed": 0,
        "huling_proof_failures_in_a_row": 0,
        "huling_proof_last_ok_timestamp_seconds": 1_700_000_000,
        "huling_proof_answer_seconds": 0.041,
    }


async def test_failures_in_a_row_are_counted_until_one_holds(state: State, tmp_path: Path) -> None:
    """Two of them are the alarm; the moment of the last good one stays."""
    found = proving(state, tmp_path, json.dumps(GOOD))
    await found.once()
    good, found._command = found._command, proving(state, tmp_path, json.dumps(BAD))._command
    assert (await found.once()).reason == "no agent answered"
    await found.once()
    assert shown(found)["huling_proof_failures_in_a_row"] == 2
    assert shown(found)["huling_proofs_totalfailed"] == 2
    assert shown(found)["huling_proof_last_ok_timestamp_seconds"] == 1_700_000_000
    found._command = good
    await found.once()
    assert shown(found)["huling_proof_failures_in_a_row"] == 0


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ("95001", "the entry 95001 is not of the kind synthetic (HULING_SYNTHETIC_ENTRY)"),
        ("95099", "the directory has no entry 95099 (HULING_SYNTHETIC_ENTRY)"),
    ],
)
async def test_only_a_synthetic_entry_is_ever_dialled(
    state: State, tmp_path: Path, entry: str, sentence: str
) -> None:
    """K04: another would ring people and stand in the figures.  What is not proven is a failure."""
    found = proving(state, tmp_path, json.dumps(GOOD), synthetic_entry=entry)
    verdict = await found.once()
    assert (verdict.ok, verdict.reason) == (False, sentence)
    assert not (tmp_path / "asked").exists()
    assert shown(found)["huling_proof_failures_in_a_row"] == 1


async def test_a_proof_that_breaks_is_a_failed_one(state: State, tmp_path: Path) -> None:
    verdict = await proving(state, tmp_path, "Traceback").once()
    assert verdict.reason is not None
    assert verdict.reason.startswith("the proof ended with 0")
    missing = proving(state, tmp_path, "")
    missing._command = (str(tmp_path / "nothing"),)
    assert (await missing.once()).reason == (
        "the proof cannot be started (No such file or directory)"
    )
