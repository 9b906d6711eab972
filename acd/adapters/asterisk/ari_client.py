"""ARI through aioari, and the only file that knows aioari.

aioari reads Asterisk's own description of its API; each operation we use is looked up there, so a
name or parameter that this Asterisk does not have is found at the first connect and not in the
middle of a call.  Its event reader is not used (it awaits listeners inside the reader and swallows
their errors), nor its objects (each reply would be parsed twice), nor its HTTP client (see
``transport``), nor its calling of operations (it formats a log line for each, which costs more than
all the rest).
"""

from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import aioari
import msgspec

from acd.adapters.asterisk.errors import AsteriskRefused, AsteriskUnfit, AsteriskUnreachable
from acd.adapters.asterisk.transport import (
    Reply,
    Transport,
    in_path,
    in_query,
    is_plain_in_query,
)
from acd.adapters.asterisk.websocket import EventSocket

ORIGINATE_FORMATS = "alaw,ulaw"
"""Without it a dialled channel is signed linear inside and every room transcodes."""

LANGUAGE = "zh"

OWNER_VARIABLE = "HULING_OWNER"
"""A global variable of Asterisk's: the service that has the application, by its epoch.  It is gone
with Asterisk's end and with a reload of the dialplan, and its owner writes it again."""

BEAT_VARIABLE = "HULING_BEAT"
"""Another one: it changes each second as long as somebody serves (decision 21)."""

Fields = Mapping[str, str]
Asked = Coroutine[Any, Any, Reply]
"""A request on its way; awaited, it gives the reply or raises an ``AsteriskError``."""

_OPERATIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "events.eventWebsocket": ("GET", ("app",)),
    "channels.list": ("GET", ()),
    "channels.get": ("GET", ("channelId",)),
    "channels.originateWithId": (
        "POST",
        ("channelId", "endpoint", "app", "appArgs", "timeout", "formats", "callerId", "variables"),
    ),
    "channels.answer": ("POST", ("channelId",)),
    "channels.snoopChannelWithId": (
        "POST",
        ("channelId", "snoopId", "spy", "whisper", "app", "appArgs"),
    ),
    "channels.externalMedia": (
        "POST",
        ("channelId", "app", "external_host", "encapsulation", "transport", "format", "data"),
    ),
    "channels.rtpstatistics": ("GET", ("channelId",)),
    "channels.hangup": ("DELETE", ("channelId", "reason")),
    "channels.continueInDialplan": ("POST", ("channelId", "context", "extension", "priority")),
    "channels.playWithId": ("POST", ("channelId", "playbackId", "media", "lang")),
    "channels.sendDTMF": ("POST", ("channelId", "dtmf")),
    "channels.transfer_progress": ("POST", ("channelId", "states")),
    "channels.setChannelVar": ("POST", ("channelId", "variable", "value")),
    "channels.record": (
        "POST",
        (
            "channelId",
            "name",
            "format",
            "maxDurationSeconds",
            "maxSilenceSeconds",
            "ifExists",
            "beep",
            "terminateOn",
        ),
    ),
    "recordings.stop": ("POST", ("recordingName",)),
    "bridges.removeChannel": ("POST", ("bridgeId", "channel")),
    "playbacks.stop": ("DELETE", ("playbackId",)),
    "bridges.list": ("GET", ()),
    "bridges.createWithId": ("POST", ("bridgeId", "type")),
    "bridges.destroy": ("DELETE", ("bridgeId",)),
    "bridges.addChannel": ("POST", ("bridgeId", "channel", "absorbDTMF")),
    "bridges.startMoh": ("POST", ("bridgeId",)),
    "bridges.playWithId": ("POST", ("bridgeId", "playbackId", "media", "lang")),
    "endpoints.listByTech": ("GET", ("tech",)),
    "applications.get": ("GET", ("applicationName",)),
    "applications.filter": ("PUT", ("applicationName", "filter")),
    "applications.subscribe": ("POST", ("applicationName", "eventSource")),
    "asterisk.getGlobalVar": ("GET", ("variable",)),
    "asterisk.setGlobalVar": ("POST", ("variable", "value")),
    "asterisk.getObject": ("GET", ("configClass", "objectType", "id")),
    "asterisk.updateObject": ("PUT", ("configClass", "objectType", "id", "fields")),
    "asterisk.deleteObject": ("DELETE", ("configClass", "objectType", "id")),
}
"""All that we ask of ARI: resource and operation, its method, and its parameters."""


def variables_body(variables: Fields) -> bytes:
    """Return the body that gives a channel its variables: made once, as they are always the
    same."""
    return msgspec.json.encode({"variables": variables})


class _Operation(msgspec.Struct, frozen=True):
    """An operation as this Asterisk describes it, ready to be sent."""

    method: str
    path: str
    """With names in braces, such as ``/ari/channels/{channelId}``."""


def _bind(api: Any, name: str) -> _Operation:
    """Look an operation up in aioari's description of the API.

    Raises AsteriskUnfit when this Asterisk does not have it as we know it.
    """
    resource, _, operation = name.partition(".")
    method, parameters = _OPERATIONS[name]
    found = api.get_resource(resource)
    described = found.get_operation(operation) if found is not None else None
    if described is None or described.json["httpMethod"] != method:
        raise AsteriskUnfit(f"This Asterisk's ARI has no {name}: install Asterisk 22.4 or newer.")
    known = {parameter["name"] for parameter in described.json.get("parameters", [])}
    missing = [parameter for parameter in parameters if parameter not in known]
    if missing:
        raise AsteriskUnfit(
            f"This Asterisk's ARI has no {missing[0]} in {name}: install Asterisk 22.4 or newer."
        )
    return _Operation(method, urlsplit(described.uri).path)


class _Endpoint(msgspec.Struct):
    resource: str


class _RtpStatistics(msgspec.Struct):
    rxcount: int


class _Pair(msgspec.Struct):
    attribute: str
    value: str


class AriClient:
    """The operations that we use, one method each; every one may raise an ``AsteriskError``.

    Those that a caller waits for are plain functions: their request leaves when they are called,
    and what they return is awaited for the reply.
    """

    def __init__(self, transport: Transport, *, app: str) -> None:
        self._transport = transport
        self._client: Any = aioari.Client(transport.base, transport)
        self._operations: dict[str, _Operation] = {}
        self._app = app
        self._originates = f"&app={in_query(app)}&formats={in_query(ORIGINATE_FORMATS)}"

    async def load(self) -> None:
        """Read Asterisk's description of its API; needed once, and after an upgrade."""
        await self._client.init()
        self._operations = {name: _bind(self._client.swagger, name) for name in _OPERATIONS}

    def _ask(
        self,
        name: str,
        ids: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        body: bytes | None = None,
    ) -> Asked:
        """Run one operation: ``ids`` go into its path, ``query`` behind it.

        The request leaves now if it can (``transport``); what is returned gives the reply.  Raises
        AsteriskUnreachable before ``load``."""
        try:
            operation = self._operations[name]
        except KeyError:
            raise AsteriskUnreachable(
                "Asterisk's description of its API has not been read yet."
            ) from None
        path = operation.path
        for key, value in (ids or {}).items():
            path = path.replace(f"{{{key}}}", in_path(value))
        return self._transport.request(operation.method, path, query, body)

    async def connect_events(self, on_text: Callable[[bytes], None]) -> EventSocket:
        """Open the application's websocket; from now on ``Stasis()`` finds the application."""
        path = self._operations["events.eventWebsocket"].path
        return await self._transport.open_events(path, {"app": self._app}, on_text)

    # ── What is there ────────────────────────────────────────────────────────────────────────

    async def version(self) -> str:
        """Return Asterisk's version as it says it; works before ``load``."""
        reply = await self._transport.request("GET", "/ari/asterisk/info", {"only": "system"})
        try:
            return str(reply.json()["system"]["version"])
        except (KeyError, TypeError, AsteriskUnreachable):
            raise AsteriskUnreachable("Asterisk does not say which version it is.") from None

    async def status(self) -> Any:
        """Return since when Asterisk runs, decoded; see ``listing.started_ms``."""
        return (
            await self._transport.request("GET", "/ari/asterisk/info", {"only": "status"})
        ).json()

    async def owner(self) -> str:
        """Return which service has the application, empty when none has said so."""
        return await self._global(OWNER_VARIABLE)

    async def beat(self) -> str:
        """Return the newest sign of life of whoever serves, empty when there is none."""
        return await self._global(BEAT_VARIABLE)

    async def _global(self, variable: str) -> str:
        reply = await self._ask("asterisk.getGlobalVar", {}, {"variable": variable})
        try:
            return str(reply.json()["value"])
        except (KeyError, TypeError, msgspec.DecodeError):
            raise AsteriskUnreachable(f"Asterisk does not say what {variable} is.") from None

    async def put_owner(self, owner: str) -> None:
        """Say which service has the application."""
        query = {"variable": OWNER_VARIABLE, "value": owner}
        await self._ask("asterisk.setGlobalVar", {}, query)

    async def put_beat(self, beat: str) -> None:
        """Give a sign of life, different each time."""
        path = self._operations["asterisk.setGlobalVar"].path
        await self._transport.sign_of_life(path, {"variable": BEAT_VARIABLE, "value": beat})

    async def channels(self) -> bytes:
        """Return the JSON list of all channels."""
        return (await self._ask("channels.list")).body

    async def bridges(self) -> bytes:
        """Return the JSON list of all bridges."""
        return (await self._ask("bridges.list")).body

    async def application(self) -> Any:
        """Return our application with its subscriptions, decoded."""
        return (await self._ask("applications.get", {"applicationName": self._app})).json()

    async def channel(self, channel: str) -> bytes | None:
        """Return the JSON of one channel, None when it is not there."""
        try:
            return (await self._ask("channels.get", {"channelId": channel})).body
        except AsteriskRefused as refused:
            if refused.status == 404:
                return None
            raise

    async def endpoints(self) -> list[str]:
        """Return the names of all SIP accounts, trunks and phones."""
        try:
            reply = await self._ask("endpoints.listByTech", {"tech": "PJSIP"})
        except AsteriskRefused as refused:
            if refused.status == 404:  # how Asterisk says "none", with a directory yet to come
                return []
            raise
        return [endpoint.resource for endpoint in reply.read(list[_Endpoint])]

    # ── The application ──────────────────────────────────────────────────────────────────────

    async def filter_events(self, types: Iterable[str]) -> None:
        """Let only these event types through.  Outlives the websocket."""
        await self._ask(
            "applications.filter",
            {"applicationName": self._app},
            body=msgspec.json.encode({"allowed": [{"type": name} for name in types]}),
        )

    async def subscribe(self, channels: Iterable[str]) -> None:
        """Get these channels' events until they end, not just while they are in the application.

        Refused (422) when one of them is not there any more.
        """
        await self._ask(
            "applications.subscribe",
            {"applicationName": self._app},
            {"eventSource": ",".join(f"channel:{channel}" for channel in channels)},
        )

    # ── Channels ─────────────────────────────────────────────────────────────────────────────

    def originate(
        self,
        channel: str,
        *,
        endpoint: str,
        args: str,
        caller_id: str | None,
        timeout_seconds: int,
        variables: bytes | None = None,
    ) -> Asked:
        """Dial ``endpoint``; the channel enters the application when it is answered.

        ``variables`` are what ``variables_body`` has made of them."""
        operation = self._operations["channels.originateWithId"]
        path = operation.path.replace("{channelId}", in_path(channel))
        # An agent's INVITE waits for this: what is always the same is written once, and what needs
        # no escape, as nearly always, is looked at together.
        if not is_plain_in_query(f"{endpoint}{args}{caller_id or ''}"):
            endpoint, args = in_query(endpoint), in_query(args)
            caller_id = in_query(caller_id) if caller_id else None
        number = f"&callerId={caller_id}" if caller_id else ""
        url = (
            f"{path}?endpoint={endpoint}&appArgs={args}"
            f"&timeout={timeout_seconds}{self._originates}{number}"
        )
        return self._transport.request(operation.method, url, data=variables)

    def snoop(
        self, channel: str, snoop: str, *, whisper: str, args: str, spy: str = "both"
    ) -> Asked:
        """Make a copy of what a channel says (``spy`` is ``in``), hears (``out``) or ``both``;
        ``whisper`` is ``out`` or ``none``."""
        return self._ask(
            "channels.snoopChannelWithId",
            {"channelId": channel, "snoopId": snoop},
            {"spy": spy, "whisper": whisper, "app": self._app, "appArgs": args},
        )

    def external_audio(self, channel: str, *, address: str, name: str) -> Asked:
        """Make a channel whose audio goes to ``address`` (host:port) by AudioSocket, 16 bits at
        8 kHz; ``name`` is the UUID that it begins with."""
        return self._ask(
            "channels.externalMedia",
            {},
            {
                "channelId": channel,
                "app": self._app,
                "external_host": address,
                "encapsulation": "audiosocket",
                "transport": "tcp",
                "format": "slin",
                "data": name,
            },
        )

    async def packets_received(self, channel: str) -> int:
        """Return how many RTP packets have come from a channel."""
        reply = await self._ask("channels.rtpstatistics", {"channelId": channel})
        return reply.read(_RtpStatistics).rxcount

    def answer(self, channel: str) -> Asked:
        """Send 200 OK."""
        return self._ask("channels.answer", {"channelId": channel})

    def hang_up(self, channel: str, *, reason: str) -> Asked:
        """End a channel; ``reason`` is one of ARI's names of causes."""
        return self._ask("channels.hangup", {"channelId": channel}, {"reason": reason})

    async def continue_in(self, channel: str, *, context: str) -> None:
        """Give a channel back to the dialplan."""
        place = {"context": context, "extension": "s", "priority": 1}
        await self._ask("channels.continueInDialplan", {"channelId": channel}, place)

    async def play(self, channel: str, playback: str, *, media: Sequence[str]) -> None:
        """Play media one after the other."""
        await self._ask(
            "channels.playWithId",
            {"channelId": channel, "playbackId": playback},
            {"media": ",".join(media), "lang": LANGUAGE},
        )

    async def send_keys(self, channel: str, keys: str) -> None:
        """Press keys towards the far end."""
        await self._ask("channels.sendDTMF", {"channelId": channel}, {"dtmf": keys})

    async def transfer_progress(self, channel: str, state: str) -> None:
        """Tell a phone how the transfer goes that it has asked for by REFER."""
        await self._ask("channels.transfer_progress", {"channelId": channel}, {"states": state})

    async def set_variable(self, channel: str, variable: str, value: str) -> None:
        """Set a channel variable or function."""
        pair = {"variable": variable, "value": value}
        await self._ask("channels.setChannelVar", {"channelId": channel}, pair)

    async def stop_playback(self, playback: str) -> None:
        """End a playback."""
        await self._ask("playbacks.stop", {"playbackId": playback})

    async def record(
        self, channel: str, name: str, *, seconds_max: int, silence_seconds: int
    ) -> None:
        """Record what a channel says to ``recording/<name>.wav`` in the spool, until #, silence
        or its longest; refused (409) while the channel is in a bridge."""
        await self._ask(
            "channels.record",
            {"channelId": channel},
            {
                "name": name,
                "format": "wav",
                "maxDurationSeconds": seconds_max,
                "maxSilenceSeconds": silence_seconds,
                "ifExists": "fail",
                "beep": "false",
                "terminateOn": "#",
            },
        )

    async def stop_recording(self, name: str) -> None:
        """End a recording and keep it."""
        await self._ask("recordings.stop", {"recordingName": name})

    # ── Bridges ──────────────────────────────────────────────────────────────────────────────

    async def create_bridge(self, bridge: str, *, kind: str) -> None:
        """Create a ``mixing`` or ``holding`` bridge."""
        await self._ask("bridges.createWithId", {"bridgeId": bridge}, {"type": kind})

    async def destroy_bridge(self, bridge: str) -> None:
        """Destroy a bridge; channels in it stay in the application."""
        await self._ask("bridges.destroy", {"bridgeId": bridge})

    def add_channels(self, bridge: str, channels: Sequence[str]) -> Asked:
        """Move channels into a bridge, out of any other they are in.

        Their digits are told to us and to nobody in the bridge: an agent's codes must not beep in
        a caller's ear (``absorbDTMF``, which holds for this stay in a bridge only).
        """
        members = {"channel": ",".join(channels), "absorbDTMF": "true"}
        return self._ask("bridges.addChannel", {"bridgeId": bridge}, members)

    async def remove_channel(self, bridge: str, channel: str) -> None:
        """Take a channel out of a bridge; it stays in the application."""
        await self._ask("bridges.removeChannel", {"bridgeId": bridge}, {"channel": channel})

    async def start_music(self, bridge: str) -> None:
        """Play music to all in a bridge."""
        await self._ask("bridges.startMoh", {"bridgeId": bridge})

    # ── Dynamic configuration ────────────────────────────────────────────────────────────────

    async def get_object(self, module: str, kind: str, name: str) -> dict[str, str] | None:
        """Return a configuration object's fields, None when there is no such object."""
        try:
            reply = await self._ask("asterisk.getObject", _object(module, kind, name))
        except AsteriskRefused as refused:
            if refused.status == 404:
                return None
            raise
        return {pair.attribute: pair.value for pair in reply.read(list[_Pair])}

    async def put_object(self, module: str, kind: str, name: str, fields: Fields) -> None:
        """Create or update a configuration object; fields not named keep or get their default."""
        pairs = [{"attribute": key, "value": value} for key, value in fields.items()]
        await self._ask(
            "asterisk.updateObject",
            _object(module, kind, name),
            body=msgspec.json.encode({"fields": pairs}),
        )

    async def delete_object(self, module: str, kind: str, name: str) -> None:
        """Delete a configuration object; harmless when there is none."""
        try:
            await self._ask("asterisk.deleteObject", _object(module, kind, name))
        except AsteriskRefused as refused:
            if refused.status != 404:
                raise


def _object(module: str, kind: str, name: str) -> dict[str, str]:
    return {"configClass": module, "objectType": kind, "id": name}
