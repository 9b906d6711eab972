"""The service proves itself: every so often one call of its own through the whole way (T18).

The call is placed by ``acd prove`` in a process of its own, which knows the switch only from
outside: from a terminal by the trunk to the synthetic entry, the robot's phone, both tones, the
record and the recording.  A switch whose own call fails is not ready, whatever its links say.

Only an entry of the kind synthetic is ever dialled: any other would ring people and stand in the
figures.  A proof that cannot be placed is a failed one.
"""

import asyncio
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from acd.core.directory import EntryKind
from acd.core.ids import EntryId
from acd.core.state import State
from acd.runtime.logs import logger
from acd.runtime.metrics.exposition import Exposition
from acd.runtime.settings import Settings

log = logger(__name__)

MODULE = "acd.proof.prove"
HOME = Path(__file__).parents[2]
PROOF_S = 150.0
"""A proof that waits its turn and meets every one of its own limits takes less."""
END_S = 10.0
"""To log its robot out and to end SIPp."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What ``acd prove`` prints, as far as it is told here; times in ms."""

    ok: bool
    invite_to_answer_ms: float | None = None
    call_id: str | None = None
    reason: str | None = None


@dataclass(slots=True)
class Proofs:
    """What has come of the proofs so far; read at each scrape."""

    counted: Counter[str]
    """By result: ok, failed."""
    failures: int = 0
    """Since the last that held."""
    last_ok_s: float | None = None
    """Epoch seconds; None before the first."""
    duration_s: float | None = None
    """Of the last proof, from its start to its verdict."""
    answer_s: float | None = None
    """INVITE to the robot's audio in the last that held."""


class Proving:
    """Places a proof every ``settings.synthetic_s`` seconds, for ever."""

    def __init__(
        self,
        settings: Settings,
        state: State,
        *,
        command: tuple[str, ...] = (sys.executable, "-m", MODULE),
        environment: Mapping[str, str] | None = None,
        wall_s: Callable[[], float] = time.time,
    ) -> None:
        """``state`` is read for what the directory says of the entry; ``command`` places a call."""
        self._settings = settings
        self._state = state
        self._command = command
        self._environment = environment
        self._wall_s = wall_s
        self.proofs = Proofs(Counter(ok=0, failed=0))

    async def run(self) -> None:
        """Place one proof after the other.  The first comes after a full pause: a service that has
        just started is still being found by its phones."""
        while True:
            await asyncio.sleep(self._settings.synthetic_s)
            await self.once()

    async def once(self) -> Verdict:
        """Place one proof, take note of what came of it, and return it."""
        begun = time.monotonic()
        lacking = self._unfit()
        verdict = await self._place() if lacking is None else Verdict(ok=False, reason=lacking)
        self._note(verdict, time.monotonic() - begun)
        return verdict

    def _unfit(self) -> str | None:
        """Why the entry must not be dialled; None when it may."""
        named = self._settings.synthetic_entry
        entry = self._state.entries.get(EntryId(named))
        if entry is None:
            return f"the directory has no entry {named} (HULING_SYNTHETIC_ENTRY)"
        if entry.kind is not EntryKind.SYNTHETIC:
            return f"the entry {named} is not of the kind synthetic (HULING_SYNTHETIC_ENTRY)"
        return None

    async def _place(self) -> Verdict:
        settings = self._settings
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                "--entry", settings.synthetic_entry,
                "--agent", settings.synthetic_agent,
                "--caller", settings.synthetic_caller,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                cwd=HOME,
                env={
                    **(os.environ if self._environment is None else self._environment),
                    "HULING_RUN_DIR": str(settings.run_dir.absolute()),
                },
            )  # fmt: skip
        except OSError as error:
            return Verdict(ok=False, reason=f"the proof cannot be started ({error.strerror})")
        # It is no decision: it must not take the service's place on a busy machine.
        _ordinary(process.pid)
        try:
            async with asyncio.timeout(PROOF_S):
                out, said = await process.communicate()
        except TimeoutError:
            return Verdict(ok=False, reason=f"the proof was not over within {PROOF_S:g} s")
        finally:
            await _ended(process)
        try:
            return msgspec.json.decode(out, type=Verdict)
        except msgspec.DecodeError:
            last = said.decode(errors="replace").strip().rpartition("\n")[2]
            return Verdict(
                ok=False, reason=f"the proof ended with {process.returncode} and said: {last}"
            )

    def _note(self, verdict: Verdict, took_s: float) -> None:
        proofs = self.proofs
        proofs.counted["ok" if verdict.ok else "failed"] += 1
        proofs.duration_s = took_s
        if verdict.ok:
            if proofs.failures:
                log.info("The service's own call holds again.", failed=proofs.failures)
            proofs.failures = 0
            proofs.last_ok_s = self._wall_s()
            answer_ms = verdict.invite_to_answer_ms
            proofs.answer_s = None if answer_ms is None else answer_ms / 1000
            return
        proofs.failures += 1
        log.warning(
            "The service's own call has failed.",
            why=verdict.reason,
            call_id=verdict.call_id,
            in_a_row=proofs.failures,
        )


def add_proof_metrics(metrics: Exposition, proofs: Proofs) -> None:
    """Show what came of the proofs; what has not been yet is not shown."""
    metrics.counters(
        "huling_proofs", "Calls of the service's own.", ("result",), lambda: dict(proofs.counted)
    )
    metrics.gauge(
        "huling_proof_failures_in_a_row",
        "Own calls that failed since the last that held.",
        lambda: proofs.failures,
    )
    for name, text, read in (
        (
            "huling_proof_last_ok_timestamp_seconds",
            "When a call of the service's own last held.",
            lambda: proofs.last_ok_s,
        ),
        (
            "huling_proof_duration_seconds",
            "How long the last proof took.",
            lambda: proofs.duration_s,
        ),
        (
            "huling_proof_answer_seconds",
            "From the INVITE to the robot's audio in the last that held.",
            lambda: proofs.answer_s,
        ),
    ):
        metrics.gauge_if_known(name, text, read)


def _ordinary(pid: int) -> None:
    try:
        os.setpriority(os.PRIO_PROCESS, pid, 0)
    except ProcessLookupError:
        return  # it has ended already, and its verdict will say why


async def _ended(process: asyncio.subprocess.Process) -> None:
    """Let go of a process: SIGTERM has it take its robot from the switch."""
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(END_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
