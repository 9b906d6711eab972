"""Telephone operators as robots: one SIPp at the far end of each trunk, for whoever is dialled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from acd.proof import scenarios
from acd.proof.rtp import Recording, RtpEndpoint, open_endpoints
from acd.proof.sipp import Sipp, SippEvent, write_csv
from acd.proof.stage import Stage, Tools, now_ms
from acd.proof.tone import CALLER_TONES_HZ

_FOR_ALL_OF_A_RUN = 1_000_000
"""Calls after which SIPp would end by itself: more than a run has."""

_ENDPOINTS = 60
"""RTP ports of one operator, taken in turn by its dialogues: more than are up at once."""


@dataclass(slots=True)
class CarriedCall:
    """One INVITE at the far end, times in epoch ms by SIPp's clock; None: never."""

    number: str
    """Whom the switch has dialled."""
    shown: str
    """The caller's number that they see."""
    call_id: str
    tone_hz: int
    invite_ms: float
    ringing_ms: float | None = None
    answer_ms: float | None = None
    """The 200 sent."""
    ack_ms: float | None = None
    ended_ms: float | None = None
    ended_by: str | None = None
    """``self``, ``far`` or ``cancel``."""
    recording: Recording | None = None


class Operator:
    """Whoever is dialled over one trunk: rings until told.  ``on_invite`` sees every call."""

    def __init__(
        self,
        stage: Stage,
        tools: Tools,
        place: tuple[str, int],
        *,
        name: str,
        tones_hz: Sequence[int] = CALLER_TONES_HZ,
        on_invite: Callable[[Operator, CarriedCall], None] | None = None,
    ) -> None:
        """Listen at ``place``, the trunk's host and port. Calls have these tones in turn."""
        self.calls: list[CarriedCall] = []
        self.greeted = False
        """The switch has asked with OPTIONS whether we are there."""
        self._on_invite = on_invite
        self._tones_hz = tones_hz
        self._live: dict[str, tuple[CarriedCall, RtpEndpoint, SippEvent]] = {}
        host, port = place
        endpoints = open_endpoints(host, _ENDPOINTS)
        stage.add_endpoints(endpoints)
        self._endpoints = {endpoint.port: endpoint for endpoint in endpoints}
        self._sipp = Sipp(
            tools.sipp, tools.folder, name,
            scenario=scenarios.operator(tools.folder, f"{name}-calls"),
            host=host, remote=(tools.switch.host, tools.switch.sip_port),
            injection=write_csv(tools.folder / f"{name}.csv", [(one,) for one in self._endpoints]),
            calls=_FOR_ALL_OF_A_RUN, port=port,
        )  # fmt: skip
        stage.add_sipp(self._sipp, self._handle)

    def answer(self, call: CarriedCall) -> None:
        """Pick up; nothing when it rings no longer."""
        if call.ended_ms is None and call.answer_ms is None:
            self._sipp.order(call.call_id)

    def hang_up(self, call: CarriedCall) -> None:
        """End the talk; nothing when it has ended."""
        if call.ended_ms is None and call.ack_ms is not None:
            self._sipp.order(call.call_id)

    def press(self, call: CarriedCall, digits: str) -> None:
        """Press keys during this call."""
        _, endpoint, _ = self._live[call.call_id]
        endpoint.dial(digits)

    def problem(self) -> str | None:
        """SIPp's own words about what went wrong, if anything did."""
        return self._sipp.problem()

    def _handle(self, event: SippEvent) -> None:
        if event.name == "options":
            self.greeted = True
        elif event.name == "invite_received":
            self._invited(event)
        elif event.call_id in self._live:
            self._moved(*self._live[event.call_id], event)

    def _invited(self, event: SippEvent) -> None:
        endpoint = self._endpoints[int(event.fields["rtp"])]
        tone_hz = self._tones_hz[len(self.calls) % len(self._tones_hz)]
        call = CarriedCall(
            event.fields["user"], event.fields["number"], event.call_id, tone_hz, event.at_ms
        )
        call.recording = endpoint.record(now_ms())
        self.calls.append(call)
        self._live[event.call_id] = (call, endpoint, event)
        if self._on_invite:
            self._on_invite(self, call)

    def _moved(
        self, call: CarriedCall, endpoint: RtpEndpoint, invite: SippEvent, event: SippEvent
    ) -> None:
        match event.name:
            case "ringing_sent":
                call.ringing_ms = event.at_ms
            case "answer_sent":
                call.answer_ms = event.at_ms
                remote = (invite.fields["ip"], int(invite.fields["port"]))
                endpoint.speak(remote, call.tone_hz, now_ms())
            case "ack_received":
                call.ack_ms = event.at_ms
            case "ended":
                call.ended_ms, call.ended_by = event.at_ms, event.fields["by"]
                del self._live[call.call_id]
                endpoint.stop(call.recording)


def all_calls(operators: Sequence[Operator]) -> list[CarriedCall]:
    """What all of them have carried, in the order of the INVITEs."""
    return sorted(
        (call for one in operators for call in one.calls), key=lambda call: call.invite_ms
    )
