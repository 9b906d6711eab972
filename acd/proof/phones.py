"""Agents' telephones as robots: one SIPp registers them all and takes their calls on one port."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from acd.proof import scenarios
from acd.proof.rtp import Recording, RtpEndpoint, open_endpoints
from acd.proof.scenarios import FOR_EVER_MS
from acd.proof.sipp import Sipp, SippEvent, write_csv
from acd.proof.stage import ProofFailure, Stage, Tools, now_ms
from acd.proof.tone import AGENT_TONES_HZ

# A port in the session description of a telephone without audio: nothing is bound there, and
# nothing arrives when the other side is silent too.
SILENT_PORT = 29998

# SIPp is told by UDP, and a burst of hundreds would overflow its port on a busy machine.
_ORDERS_AT_ONCE, _IDLE_BETWEEN_S = 20, 0.1


@dataclass(frozen=True, slots=True)
class Account:
    """A telephone's SIP user and password."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What a robot does with a call. Milliseconds; FOR_EVER_MS is "until told or hung up"."""

    answer_ms: int = 0
    """From the INVITE's 180 to the 200; FOR_EVER_MS never answers."""
    hold_ms: int = FOR_EVER_MS
    """From the ACK to our BYE; 50 is the agent who answers and hangs up at once."""
    reject: str | None = None
    """A status line such as ``486 Busy Here``, sent after answer_ms instead of the 200."""


@dataclass(slots=True)
class AgentCall:
    """One INVITE at a robot's telephone, times in epoch ms by SIPp's clock; None: never."""

    user: str
    number: str
    """The caller as the INVITE's From shows it."""
    call_id: str
    tone_hz: int
    invite_ms: float
    ringing_ms: float | None = None
    answer_ms: float | None = None
    """Our 200 sent."""
    ack_ms: float | None = None
    ended_ms: float | None = None
    ended_by: str | None = None
    """``self``, ``far``, ``cancel`` or ``reject``."""
    overlaps: bool = False
    """It came while the same telephone had another call."""
    recording: Recording | None = None


@dataclass(slots=True)
class Dialled:
    """What became of one feature code."""

    user: str
    code: str
    answered: bool = False
    refused_code: int | None = None
    """The switch's refusal; 0 when it never answered."""
    ended_by: str | None = None
    recording: Recording | None = None


class Phones:
    """Registered robots. ``on_answer`` is called when one has sent its 200."""

    def __init__(
        self,
        stage: Stage,
        tools: Tools,
        accounts: Sequence[Account],
        behaviour: Behaviour | None = None,
        *,
        name: str = "phones",
        audio: bool = True,
        on_answer: Callable[[AgentCall], None] | None = None,
    ) -> None:
        self.calls: list[AgentCall] = []
        self._behaviour = behaviour or Behaviour()
        self._stage, self._tools, self._name = stage, tools, name
        self._accounts = {account.user: account for account in accounts}
        self._on_answer = on_answer
        self._live: dict[str, AgentCall] = {}
        self._remotes: dict[str, SippEvent] = {}
        self._registrations: dict[str, str] = {}
        self._gone: set[str] = set()
        self._refused: dict[str, int] = {}
        self._dial_number = 0
        self.tones_hz = {
            account.user: AGENT_TONES_HZ[index % len(AGENT_TONES_HZ)]
            for index, account in enumerate(accounts)
        }
        self._endpoints: dict[str, RtpEndpoint] = {}
        if audio:
            opened = open_endpoints(tools.switch.local_host, len(accounts))
            self._endpoints = dict(zip(self._accounts, opened, strict=True))
            stage.add_endpoints(opened)
        self._sipp = self._start()

    def _start(self) -> Sipp:
        folder, switch = self._tools.folder, self._tools.switch
        injection = write_csv(
            folder / f"{self._name}.csv",
            [(a.user, a.password, self.rtp_port(a.user)) for a in self._accounts.values()],
            order="USER",
        )
        injection.chmod(0o600)
        behaviour = self._behaviour
        sipp = Sipp(
            self._tools.sipp, folder, self._name,
            scenario=scenarios.register(folder, f"{self._name}-register"),
            receive_scenario=scenarios.agent(
                folder, f"{self._name}-agent", answer_ms=behaviour.answer_ms,
                hold_ms=behaviour.hold_ms, reject=behaviour.reject,
            ),
            host=switch.local_host, remote=(switch.host, switch.sip_port),
            injection=injection, calls=len(self._accounts), rate=50, per_user=True,
        )  # fmt: skip
        self._stage.add_sipp(sipp, self._handle)
        return sipp

    @property
    def sip_port(self) -> int:
        """Where all of them listen."""
        return self._sipp.port

    def rtp_port(self, user: str) -> int:
        """Where this telephone listens; without audio a port that nobody has."""
        endpoint = self._endpoints.get(user)
        return endpoint.port if endpoint else SILENT_PORT

    def wait_registered(self, timeout_s: float = 10.0) -> None:
        """Wait until every telephone is registered. Raises ProofFailure naming those refused."""
        done = self._stage.run(
            lambda: (
                len(self._registrations) + len(self._refused) >= len(self._accounts)
                or self._sipp.ended
            ),
            timeout_s,
        )
        missing = [user for user in self._accounts if user not in self._registrations]
        if not missing:
            return
        user = missing[0]
        code = self._refused.get(user)
        if code:
            why = f"the switch refused the registration of {user} with {code}"
        elif self._sipp.ended:
            why = self._sipp.problem() or "SIPp ended before the registration"
        else:
            why = f"the switch did not answer the registration of {user}"
        more = f", and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise ProofFailure(f"{why}{more}" if done or code else f"{why} in {timeout_s:g} s{more}")

    def dial(
        self, code: str, users: Iterable[str] | None = None, timeout_s: float = 20.0
    ) -> list[Dialled]:
        """Have these telephones (all, by default) dial a code at ten a second; wait for the ends.

        Each listens until the switch hangs up. Raises ProofFailure when SIPp fails.
        """
        dialling = list(users if users is not None else self._accounts)
        self._dial_number += 1
        name = f"{self._name}-dial{self._dial_number}"
        folder, switch = self._tools.folder, self._tools.switch
        rows = [
            (user, self._accounts[user].password, self.rtp_port(user), code) for user in dialling
        ]
        injection = write_csv(folder / f"{name}.csv", rows)
        injection.chmod(0o600)
        reports = [Dialled(user, code) for user in dialling]
        sipp = Sipp(
            self._tools.sipp, folder, name, scenario=scenarios.dial_code(folder, f"{name}-code"),
            host=switch.local_host, remote=(switch.host, switch.sip_port), injection=injection,
            calls=len(dialling), rate=10,
        )  # fmt: skip
        self._stage.add_sipp(sipp, lambda event: self._dialled(reports, event))
        ended = self._stage.run(lambda: sipp.ended, timeout_s + len(dialling) / 10)
        self._stage.remove_sipp(sipp)
        if not ended:
            raise ProofFailure(f"the switch did not end the call to {code} in {timeout_s:g} s")
        return reports

    def answer(self, call: AgentCall) -> None:
        """End the ringing of this call now: answer (or reject, as the behaviour says)."""
        self._sipp.order(call.call_id)

    hang_up = answer
    """End the talk of this call now with our BYE; the same order, in the other state."""

    def dtmf(self, call: AgentCall, digits: str) -> None:
        """Press keys during this call."""
        self._endpoints[call.user].dial(digits)

    def quiet(self, user: str, *, quiet: bool) -> None:
        """Have whoever is at this telephone say nothing, or speak again."""
        self._endpoints[user].quiet = quiet

    def unregister(self, timeout_s: float = 20.0) -> None:
        """Give every registration back. Raises ProofFailure when the switch does not answer."""
        for at, call_id in enumerate(self._registrations.values(), 1):
            self._sipp.order(call_id)
            if at % _ORDERS_AT_ONCE == 0:
                self._stage.run(lambda: False, _IDLE_BETWEEN_S)
        wanted = set(self._registrations)
        if not self._stage.run(lambda: wanted <= self._gone or self._sipp.ended, timeout_s):
            raise ProofFailure(f"the switch did not take back {len(wanted - self._gone)} contacts")

    def close(self) -> None:
        """Stop the telephones' SIPp; their calls are cut without a BYE."""
        self._stage.remove_sipp(self._sipp)

    def problem(self) -> str | None:
        """SIPp's own words when it has ended as it should not; None while it runs."""
        return self._sipp.problem()

    @property
    def folder(self) -> Path:
        """Where the logs are."""
        return self._tools.folder

    def _dialled(self, reports: list[Dialled], event: SippEvent) -> None:
        report = reports[event.call_number - 1]
        endpoint = self._endpoints.get(report.user)
        match event.name:
            case "invite_sent":
                report.recording = endpoint.record(now_ms()) if endpoint else None
            case "answered" | "early_media":
                report.answered = report.answered or event.name == "answered"
                # Symmetric RTP: some switches send nothing before they have received something.
                self._speak(endpoint, report.user, event)
            case "refused":
                report.refused_code = int(event.fields["code"])
            case "ended":
                report.ended_by = event.fields["by"]
                if endpoint:
                    endpoint.stop(report.recording)

    def _speak(self, endpoint: RtpEndpoint | None, user: str, event: SippEvent) -> None:
        if endpoint and event.fields.get("port"):
            remote = (event.fields["ip"], int(event.fields["port"]))
            endpoint.speak(remote, self.tones_hz[user], now_ms())

    def _handle(self, event: SippEvent) -> None:
        match event.name:
            case "registered":
                self._registrations[event.fields["user"]] = event.call_id
            case "register_refused":
                self._refused[event.fields["user"]] = int(event.fields["code"])
            case "unregistered":
                self._gone.add(event.fields["user"])
            case "invite_received":
                self._invited(event)
            case _ if event.call_id in self._live:
                self._moved(self._live[event.call_id], event)

    def _invited(self, event: SippEvent) -> None:
        user = event.fields["user"]
        call = AgentCall(
            user, event.fields["number"], event.call_id, self.tones_hz.get(user, 0), event.at_ms
        )
        call.overlaps = any(other.user == user for other in self._live.values())
        endpoint = self._endpoints.get(user)
        if endpoint:
            call.recording = endpoint.record(now_ms())
            self._remotes[event.call_id] = event
        self.calls.append(call)
        self._live[event.call_id] = call

    def _moved(self, call: AgentCall, event: SippEvent) -> None:
        endpoint = self._endpoints.get(call.user)
        match event.name:
            case "ringing_sent":
                call.ringing_ms = event.at_ms
            case "answer_sent":
                call.answer_ms = event.at_ms
                self._speak(endpoint, call.user, self._remotes.get(call.call_id, event))
                if self._on_answer:
                    self._on_answer(call)
            case "ack_received":
                call.ack_ms = event.at_ms
            case "ended":
                call.ended_ms, call.ended_by = event.at_ms, event.fields["by"]
                del self._live[call.call_id]
                self._remotes.pop(call.call_id, None)
                if endpoint:
                    endpoint.stop(call.recording)
