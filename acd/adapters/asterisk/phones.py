"""What Asterisk says of the phones: registered and there, busy or not; and of the trunks.

Told by AMI: a full answer after each login, and then changes.  Only phones of the directory are
reported, and only when something has changed.
"""

import asyncio
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import accumulate

import structlog

from acd.adapters.asterisk.ami_client import AmiClient, AmiEvent
from acd.adapters.asterisk.backoff import Backoff
from acd.adapters.asterisk.errors import AsteriskError, AsteriskRefused, AsteriskUnreachable
from acd.adapters.asterisk.gate import Gate
from acd.adapters.asterisk.stays import FAMILY, entries_of
from acd.core.events import PhoneReported, TrunkReported
from acd.core.ids import PhoneId, TrunkId

_log = structlog.get_logger(__name__)

_GONE = frozenset({"Removed", "Unreachable"})
"""A contact that has just been made counts as there: its REGISTER was a sign of life, and the
first OPTIONS follows at once."""

_BUSY = frozenset({"INUSE", "BUSY", "RINGING", "RINGINUSE", "ONHOLD"})

REFRESH_SECONDS = 30.0
"""Between two readings of everything, for the case that an event was lost."""

_TECHNOLOGY = "PJSIP/"

VALUE_BYTES_MAX = 1000
"""AMI refuses a line of more than 1,024 bytes (``inbuf`` in main/manager.c)."""

_SPECIAL = re.compile(r"""[\\",()\[\]]""")
"""What ARRAY takes for something else than itself unless a backslash is before it
(``__ast_app_separate_args`` in main/app.c)."""


class PhoneBook:
    """Pure bookkeeping: AMI events in, reports out."""

    def __init__(self, report: Callable[[PhoneReported | TrunkReported], None]) -> None:
        self._report = report
        self._watched: dict[PhoneId, None] = {}
        self._contacts: dict[str, dict[str, str]] = {}
        self._states: dict[str, str] = {}
        self._reported: dict[PhoneId, PhoneReported] = {}
        self._trunks: dict[TrunkId, bool] = {}
        """Those watched, and whether they were there when last reported."""
        self._addresses: dict[TrunkId, str] = {}
        """Of the trunks that register, the SIP address for which each does."""
        self._registered: dict[TrunkId, bool] = {}
        self._known = False

    def watch(self, phones: Collection[PhoneId]) -> None:
        """Report these phones and no others from now on."""
        self._watched = dict.fromkeys(phones)
        for phone in [phone for phone in self._reported if phone not in self._watched]:
            del self._reported[phone]
        self._tell_all()

    def watch_trunks(self, trunks: Collection[TrunkId]) -> None:
        """Report these trunks and no others from now on; each is taken to be there."""
        self._trunks = {trunk: self._trunks.get(trunk, True) for trunk in trunks}
        for trunk in self._trunks:
            self._tell_trunk(trunk)

    def watch_registrations(self, addresses: Mapping[TrunkId, str]) -> None:
        """Follow whether these trunks are registered at their operators, each for its SIP address;
        until Asterisk says so they are not.  Two may have the same address: one operator who is
        reached by two ways."""
        self._addresses = dict(addresses)
        before = self._registered
        self._registered = {trunk: before.get(trunk, False) for trunk in addresses}

    def told_no_more(self) -> None:
        """Whoever was told has forgotten it: the next reading of everything is told whole."""
        self._reported.clear()
        self._trunks = dict.fromkeys(self._trunks, True)

    @property
    def reachable(self) -> Mapping[TrunkId, bool]:
        """Whether the operator of each trunk that calls go out by answers OPTIONS."""
        return self._trunks

    @property
    def registered(self) -> Mapping[TrunkId, bool]:
        """Whether each trunk that registers is known to its operator."""
        return self._registered

    def addresses(self) -> set[str]:
        """Return where phones are registered now: the host of each contact, as Asterisk has seen
        it.  A trunk's own contact is among them."""
        found = set()
        for contacts in self._contacts.values():
            for uri in contacts:
                host = uri.rpartition("@")[2].removeprefix("sip:").removeprefix("sips:")
                host = host.partition(";")[0]
                if host.startswith("["):
                    found.add(host[1:].partition("]")[0])
                else:
                    found.add(host.partition(":")[0])
        return found

    def _tell_trunk(self, trunk: TrunkId) -> None:
        statuses = self._contacts.get(trunk, {}).values()
        reachable = not any(status in _GONE for status in statuses)
        if trunk in self._trunks and self._trunks[trunk] != reachable:
            self._trunks[trunk] = reachable
            self._report(TrunkReported(trunk=trunk, reachable=reachable))

    def replace(
        self,
        contacts: Collection[AmiEvent],
        states: Collection[AmiEvent],
        registrations: Collection[AmiEvent] = (),
    ) -> None:
        """Take over a full answer: ``ContactList`` (phones) and ``ContactStatusDetail`` (trunks),
        ``DeviceStateChange`` and ``OutboundRegistrationDetail`` events."""
        self._contacts = {}
        self._states = {}
        for event in contacts:
            match event.get("Event"):
                case "ContactList":
                    name, _, _ = str(event.get("ObjectName", "")).partition(";")
                    uri = str(event.get("Uri", ""))
                case "ContactStatusDetail":
                    name, uri = str(event.get("AOR", "")), str(event.get("URI", ""))
                case _:
                    continue
            self._contacts.setdefault(name, {})[uri] = str(event.get("Status", ""))
        for event in states:
            self._note_state(event)
        for event in registrations:
            if event.get("Event") == "OutboundRegistrationDetail":
                trunk = TrunkId(str(event.get("ObjectName", "")))
                self._note_registration(trunk, event.get("Status"))
        self._known = True
        self._tell_all()

    def heard(self, event: AmiEvent) -> None:
        """Take one event of any kind."""
        match event.get("Event"):
            case "ContactStatus":
                phone = str(event.get("AOR", ""))
                contacts = self._contacts.setdefault(phone, {})
                uri, status = str(event.get("URI", "")), str(event.get("ContactStatus", ""))
                if status == "Removed":
                    contacts.pop(uri, None)
                elif status != "Updated" or uri not in contacts:  # says nothing of being there
                    contacts[uri] = status
            case "DeviceStateChange":
                self._state_changed(PhoneId(self._note_state(event)))
                return
            case "Registry":
                self._address_changed(event.get("Username"), event.get("Status"))
                return
            case _:
                return
        self._tell(PhoneId(phone))
        self._tell_trunk(TrunkId(phone))

    def _address_changed(self, address: object, status: object) -> None:
        """Note a change, of which Asterisk tells the address and not the trunk.  Where several have
        the address nobody knows whose it is, and the next reading of everything says so."""
        found = [trunk for trunk, one in self._addresses.items() if one == address]
        if len(found) == 1:
            self._note_registration(found[0], status)

    def _note_registration(self, trunk: TrunkId, status: object) -> None:
        if trunk not in self._registered:
            return
        is_registered = status == "Registered"
        if self._registered[trunk] is not is_registered:
            self._registered[trunk] = is_registered
            tell = _log.info if is_registered else _log.error
            tell("A trunk's registration has changed.", trunk=trunk, status=status)

    def _state_changed(self, phone: PhoneId) -> None:
        """Tell of a phone that is in use now, or is not any more: of a call's four states two say
        nothing new, and none says anything of where it is registered."""
        reported = self._reported.get(phone)
        if reported is None or reported.in_use is not (self._states[phone] in _BUSY):
            self._tell(phone)

    def _note_state(self, event: AmiEvent) -> str:
        device = str(event.get("Device", ""))
        if event.get("Event") != "DeviceStateChange" or not device.startswith(_TECHNOLOGY):
            return ""
        phone = device.removeprefix(_TECHNOLOGY)
        self._states[phone] = str(event.get("State", ""))
        return phone

    def _tell_all(self) -> None:
        for phone in self._watched:
            self._tell(phone)
        for trunk in self._trunks:
            self._tell_trunk(trunk)

    def _tell(self, phone: PhoneId) -> None:
        if not self._known or phone not in self._watched:
            return
        report = PhoneReported(
            phone=phone,
            registered=any(
                status not in _GONE for status in self._contacts.get(phone, {}).values()
            ),
            in_use=self._states.get(phone) in _BUSY,
        )
        if self._reported.get(phone) != report:
            self._reported[phone] = report
            self._report(report)


class PhoneLink:
    """Keeps an AMI login and the phone book fed by it."""

    def __init__(
        self,
        make_client: Callable[[Callable[[AmiEvent], None]], AmiClient],
        *,
        book: PhoneBook,
        on_link: Callable[[bool, str], None],
        gate: Gate,
    ) -> None:
        """What changes something passes the ``gate``, and waits while it is closed."""
        self._gate = gate
        self._make_client = make_client
        self._book = book
        self._on_link = on_link
        self._client: AmiClient | None = None

    async def qualify(self, endpoint: str) -> None:
        """Have an OPTIONS sent now.  Raises AsteriskError."""
        await self._ask("PJSIPQualify", Endpoint=endpoint)

    async def record(self, channel: str, file: str) -> None:
        """Have a channel recorded, by its unique id, as the dialplan does with a caller's: into
        two channels of headerless samples.  Raises AsteriskError."""
        await self._ask("MixMonitor", Channel=channel, File=file, options="D")

    async def stop_recording(self, channel: str) -> None:
        """End the recording of a channel, by its unique id.  Raises AsteriskError."""
        await self._ask("StopMixMonitor", Channel=channel)

    async def hush(self, channel: str) -> None:
        """End what is being played to a channel, by its unique id; ARI ends only what it can name.
        Raises AsteriskError."""
        await (await self._allowed()).tell("ControlPlayback", Channel=channel, Control="stop")

    async def set_variable(self, channel: str, variable: str, value: str) -> None:
        """Set a channel's variable, by its unique id.  Raises AsteriskError."""
        await (await self._allowed()).tell(
            "Setvar", Channel=channel, Variable=variable, Value=value
        )

    async def set_variables(self, channel: str, values: Mapping[str, str]) -> None:
        """Set some of a channel's variables, by its unique id, in one action.  Raises
        AsteriskError."""
        together = ",".join([_SPECIAL.sub(r"\\\g<0>", value) for value in values.values()])
        if len(together.encode()) <= VALUE_BYTES_MAX:
            await self.set_variable(channel, f"ARRAY({','.join(values)})", together)
            return
        for variable, value in values.items():
            await self.set_variable(channel, variable, value)

    async def settle(self, channel: str) -> None:
        """Return when Asterisk has worked through what SIP has brought for a channel so far: what
        stands in the SIP session is read in the one queue of all that concerns it.  Raises
        AsteriskError."""
        await self._ask("Getvar", Channel=channel, Variable="CHANNEL(pjsip,call-id)")

    async def put_fallback(self, endpoints: Sequence[str]) -> None:
        """Write what the dialplan dials when the service is away (dialplan/extensions.conf): the
        first of these, as many as a line holds.  Raises AsteriskError."""
        ends = accumulate(len(endpoint.encode()) + 1 for endpoint in endpoints)
        fitting = sum(end <= VALUE_BYTES_MAX for end in ends)
        value = "&".join(endpoints[:fitting])
        await self._ask("DBPut", Family="huling", Key="fallback", Val=value)

    async def stays(self) -> list[tuple[str, str]]:
        """Return the entries of who was in the fallback: key and text.  Raises AsteriskError."""
        return entries_of(await self._ask("DBGetTree", Family=FAMILY))

    async def forget_stay(self, key: str) -> None:
        """Take one of these entries away.  Raises AsteriskError."""
        await self._ask("DBDel", Family=FAMILY, Key=key)

    async def _ask(self, action: str, **fields: str) -> list[AmiEvent]:
        return await (await self._allowed()).ask(action, **fields)

    async def _allowed(self) -> AmiClient:
        """Return the connection when one may act on it, if it is still that of now.  Raises
        AsteriskUnreachable."""
        client = self._client
        await self._gate.passed()
        if client is None or client is not self._client:
            raise AsteriskUnreachable("There is no AMI link.")
        return client

    async def run(self) -> None:
        """Connect, and connect again, until cancelled."""
        backoff = Backoff()
        while True:
            reason = "Asterisk closed the AMI connection."
            hear: list[Callable[[AmiEvent], None]] = [_nothing]
            client = self._make_client(lambda event, hear=hear: hear[0](event))  # type: ignore[misc]
            try:
                await client.connect()
                await self._read_whole(client, hear)
                backoff.succeeded()
                self._client = client
                self._on_link(True, "")
                # An event may have been lost: what stands is read again every so often.
                while not await client.wait_closed(REFRESH_SECONDS):
                    await self._read_whole(client, hear)
            except AsteriskError as error:
                reason = str(error)
            except Exception as error:
                # As for the ARI link: a fault of ours must show, and must not be for good.
                _log.exception("AMI link failed by a defect")
                reason = f"Defect in the AMI link: {error!r}"
            finally:
                self._client = None
                client.close()
            self._on_link(False, reason)
            await asyncio.sleep(backoff.seconds())

    async def _read_whole(self, client: AmiClient, hear: list[Callable[[AmiEvent], None]]) -> None:
        # Changes that come while we read the whole are newer than the whole.
        early: list[AmiEvent] = []
        hear[0] = early.append
        self._book.replace(
            [*await client.ask("PJSIPShowContacts"), *await self._trunks(client)],
            await client.ask("DeviceStateList"),
            await client.ask("PJSIPShowRegistrationsOutbound") if self._book.registered else (),
        )
        hear[0] = self._book.heard
        for event in early:
            self._book.heard(event)

    async def _trunks(self, client: AmiClient) -> list[AmiEvent]:
        """Return what the trunks' contacts are: the list of contacts has only registered ones."""
        found = []
        for trunk in self._book.reachable:
            try:
                found += await client.ask("PJSIPShowEndpoint", Endpoint=trunk)
            except AsteriskRefused:
                continue  # its account is still to be written
        return found


def _nothing(event: AmiEvent) -> None:
    """Before the first whole has been asked for, changes say nothing."""
