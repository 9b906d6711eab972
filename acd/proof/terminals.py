"""One-key terminals: SIPp calls on the trunk, each with a number, a port and a tone of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from acd.proof import scenarios
from acd.proof.phones import SILENT_PORT
from acd.proof.rtp import Recording, RtpEndpoint, open_endpoints
from acd.proof.scenarios import Cancel
from acd.proof.sipp import Sipp, SippEvent, write_csv
from acd.proof.stage import Stage, Tools, now_ms
from acd.proof.tone import CALLER_TONES_HZ

# More calls than this at once do not fit into a process's usual 1,024 open files.
_ENDPOINTS_MAX = 400


@dataclass(slots=True)
class TerminalCall:
    """One call from a terminal, times in epoch ms by SIPp's clock; None: never happened."""

    number: str
    tone_hz: int
    call_id: str = ""
    invite_ms: float | None = None
    trying_ms: float | None = None
    ringing_ms: float | None = None
    answered_ms: float | None = None
    """200 received: perhaps only the system's acknowledgement, not yet an agent."""
    cancel_ms: float | None = None
    ended_ms: float | None = None
    ended_by: str | None = None
    """``self`` or ``far``."""
    refused_code: int | None = None
    """The switch's refusal; 0 when it never answered."""
    done: bool = False
    recording: Recording | None = None


class Terminals:
    """A row of calls placed by one SIPp process, in the order of ``numbers``."""

    def __init__(
        self,
        stage: Stage,
        tools: Tools,
        numbers: Sequence[str],
        *,
        called: str,
        rate: float = 1.0,
        name: str = "terminals",
        audio: bool = True,
        mute: bool = False,
        answer_timeout_ms: int = 120_000,
        cancel: Cancel | None = None,
        cancel_ms: int | None = None,
        on_answer: Callable[[TerminalCall], None] | None = None,
        **scenario: Any,
    ) -> None:
        """Start calling at ``rate`` calls per second; ``scenario`` as for scenarios.terminal.

        A terminal that has no 200 after ``answer_timeout_ms`` cancels; one that cancels anyway
        does so as ``cancel`` says, and at the latest ``cancel_ms`` after its INVITE. One that is
        ``mute`` hears, and sends nothing.
        """
        self.calls = [
            TerminalCall(number, CALLER_TONES_HZ[index % len(CALLER_TONES_HZ)])
            for index, number in enumerate(numbers)
        ]
        self._on_answer = on_answer
        self._mute = mute
        self._stage = stage
        self._patience_ms = answer_timeout_ms if cancel_ms is None else cancel_ms
        self._wanted_ends: set[int] = set()
        self._wanted_cancels: set[int] = set()
        self._endpoints: list[RtpEndpoint] = []
        host = tools.switch.local_host
        if audio:
            self._endpoints = open_endpoints(host, min(len(numbers), _ENDPOINTS_MAX))
            stage.add_endpoints(self._endpoints)
        ports = [self._endpoint(index) for index in range(len(numbers))]
        injection = write_csv(
            tools.folder / f"{name}.csv",
            [
                (number, port.port if port else SILENT_PORT)
                for number, port in zip(numbers, ports, strict=True)
            ],
        )
        self._sipp = Sipp(
            tools.sipp, tools.folder, name,
            scenario=scenarios.terminal(tools.folder, f"{name}-call", called=called, cancel=cancel,
                silence_ms=answer_timeout_ms + 2000, **scenario,
            ),
            host=host, remote=(tools.switch.host, tools.switch.sip_port),
            injection=injection, calls=len(numbers), rate=rate,
        )  # fmt: skip
        stage.add_sipp(self._sipp, self._handle)

    def _endpoint(self, index: int) -> RtpEndpoint | None:
        return self._endpoints[index % len(self._endpoints)] if self._endpoints else None

    @property
    def ended(self) -> bool:
        """Whether SIPp is through with every call."""
        return self._sipp.ended

    def wait(self, timeout_s: float) -> bool:
        """Turn the stage until every call is over and the process gone; False when late."""
        finished = self._stage.run(lambda: self.ended, timeout_s)
        self._stage.remove_sipp(self._sipp)
        return finished

    def problem(self) -> str | None:
        """SIPp's own words about what went wrong, if anything did."""
        return self._sipp.problem()

    def hang_up(self, call: TerminalCall) -> None:
        """Have this terminal send its BYE (or, if it is one that cancels, its CANCEL) now.

        Asked before the switch's 200, it happens on the 200.
        """
        if call.ended_ms is not None or call.done:
            return
        if call.answered_ms is None and call.cancel_ms is None and call.ended_by is None:
            self._wanted_ends.add(self.calls.index(call))
            return
        self._sipp.order(call.call_id)

    def cancel(self, call: TerminalCall) -> None:
        """Have a terminal that is not answered yet give up now, or on the switch's first reply."""
        if call.trying_ms is None and call.ringing_ms is None:
            self._wanted_cancels.add(self.calls.index(call))
            return
        self._sipp.order(call.call_id)

    def _cancel_if_wanted(self, index: int) -> None:
        if index in self._wanted_cancels:
            self._wanted_cancels.discard(index)
            self._sipp.order(self.calls[index].call_id)

    def dtmf(
        self, call: TerminalCall, digits: str, *, tone_ms: int = 80, pause_ms: int = 60
    ) -> None:
        """Press keys: RFC 4733 events instead of the tone. 40 and 0 ms make a storm."""
        endpoint = self._endpoint(self.calls.index(call))
        if endpoint:
            endpoint.dial(digits, tone_ms=tone_ms, pause_ms=pause_ms)

    def close(self) -> None:
        """Stop SIPp; calls still up are cut without a BYE."""
        self._stage.remove_sipp(self._sipp)

    def _lose_patience(self, call: TerminalCall) -> None:
        over = call.done or call.refused_code is not None or call.cancel_ms is not None
        if not over and call.answered_ms is None:
            self.cancel(call)

    def _handle(self, event: SippEvent) -> None:
        index = event.call_number - 1
        call, endpoint = self.calls[index], self._endpoint(index)
        match event.name:
            case "invite_sent":
                call.call_id, call.invite_ms = event.call_id, event.at_ms
                call.recording = endpoint.record(now_ms()) if endpoint else None
                self._stage.after(self._patience_ms, lambda: self._lose_patience(call))
            case "trying":
                call.trying_ms = event.at_ms
                self._cancel_if_wanted(index)
            case "ringing":
                self._cancel_if_wanted(index)
                call.ringing_ms = call.ringing_ms or event.at_ms
            case "early_media":
                self._speak(endpoint, call, event)
            case "answered":
                call.answered_ms = event.at_ms
                self._speak(endpoint, call, event)
                if self._on_answer:
                    self._on_answer(call)
                if index in self._wanted_ends:
                    self.hang_up(call)
            case "cancel_sent":
                call.cancel_ms = event.at_ms
            case "refused":
                call.refused_code = int(event.fields["code"])
                if endpoint:
                    endpoint.stop(call.recording)
            case "ended":
                call.ended_ms, call.ended_by = event.at_ms, event.fields["by"]
                if endpoint:
                    endpoint.stop(call.recording)
            case "done":
                call.done = True

    def _speak(self, endpoint: RtpEndpoint | None, call: TerminalCall, event: SippEvent) -> None:
        if endpoint and event.fields.get("port") and not self._mute:
            remote = (event.fields["ip"], int(event.fields["port"]))
            endpoint.speak(remote, call.tone_hz, now_ms())
