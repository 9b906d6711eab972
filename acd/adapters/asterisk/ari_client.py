"""ARI through aioari, and the only file that knows aioari.

aioari reads Asterisk's own description of its API and checks each operation's name and parameters
against it; that is what we take from it.  Its event reader is not used (it awaits listeners inside
the reader and swallows their errors), nor its objects (each reply would be parsed twice), nor its
HTTP client (see ``transport``).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import aioari
import aiohttp
import msgspec

from acd.adapters.asterisk.errors import AsteriskRefused, AsteriskUnreachable
from acd.adapters.asterisk.transport import Reply, Transport

ORIGINATE_FORMATS = "alaw,ulaw"
"""Without it a dialled channel is signed linear inside and every room transcodes."""

LANGUAGE = "zh"

Fields = Mapping[str, str]


class AriClient:
    """The operations that we use, one method each; every one may raise an ``AsteriskError``."""

    def __init__(self, transport: Transport, *, app: str) -> None:
        self._transport = transport
        self._client: Any = aioari.Client(transport.base, transport)
        self._api: Any = None
        self._app = app

    async def load(self) -> None:
        """Read Asterisk's description of its API; needed once, and after an upgrade."""
        await self._client.init()
        self._api = self._client.swagger

    async def connect_events(self) -> aiohttp.ClientWebSocketResponse:
        """Open the application's websocket; from now on ``Stasis()`` finds the application."""
        socket = await self._api.events.eventWebsocket(app=self._app)
        assert isinstance(socket, aiohttp.ClientWebSocketResponse)
        return socket

    # ── What is there ────────────────────────────────────────────────────────────────────────

    async def version(self) -> str:
        """Return Asterisk's version as it says it; works before ``load``."""
        reply = await self._transport.request("GET", "/ari/asterisk/info", {"only": "system"})
        try:
            return str(reply.json()["system"]["version"])
        except (KeyError, TypeError, msgspec.DecodeError):
            raise AsteriskUnreachable("Asterisk does not say which version it is.") from None

    async def channels(self) -> bytes:
        """Return the JSON list of all channels."""
        return (await self._reply(self._api.channels.list())).body

    async def bridges(self) -> Any:
        return (await self._reply(self._api.bridges.list())).json()

    async def application(self) -> Any:
        return (await self._reply(self._api.applications.get(applicationName=self._app))).json()

    async def channel_exists(self, channel: str) -> bool:
        """Ask for one channel; 404 is an answer."""
        return await self._exists(f"/ari/channels/{channel}")

    async def _exists(self, path: str) -> bool:
        try:
            await self._transport.request("GET", path)
        except AsteriskRefused as refused:
            if refused.status == 404:
                return False
            raise
        return True

    async def endpoints(self) -> list[str]:
        """Return the names of all SIP accounts, trunks and phones."""
        try:
            found = (await self._reply(self._api.endpoints.listByTech(tech="PJSIP"))).json()
        except AsteriskRefused as refused:
            if refused.status == 404:  # how Asterisk says "none", with a directory yet to come
                return []
            raise
        return [str(endpoint["resource"]) for endpoint in found]

    # ── The application ──────────────────────────────────────────────────────────────────────

    async def filter_events(self, types: Iterable[str]) -> None:
        """Let only these event types through.  Outlives the websocket."""
        body = msgspec.json.encode({"allowed": [{"type": name} for name in types]})
        # aioari would wrap the body into {"filter": …}, which Asterisk accepts and ignores.
        await self._transport.request(
            "PUT", f"/ari/applications/{self._app}/eventFilter", data=body
        )

    async def subscribe(self, channels: Iterable[str]) -> None:
        """Get these channels' events until they end, not just while they are in the application.

        Refused (422) when one of them is not there any more.
        """
        await self._api.applications.subscribe(
            applicationName=self._app,
            eventSource=",".join(f"channel:{channel}" for channel in channels),
        )

    # ── Channels ─────────────────────────────────────────────────────────────────────────────

    async def originate(
        self,
        channel: str,
        *,
        endpoint: str,
        args: str,
        caller_id: str | None,
        timeout_seconds: int,
        variables: Fields | None = None,
    ) -> None:
        """Dial ``endpoint``; the channel enters the application when it is answered."""
        parameters: dict[str, Any] = {
            "channelId": channel,
            "endpoint": endpoint,
            "app": self._app,
            "appArgs": args,
            "timeout": timeout_seconds,
            "formats": ORIGINATE_FORMATS,
        }
        if caller_id:
            parameters["callerId"] = caller_id
        if variables:
            parameters["variables"] = dict(variables)
        await self._api.channels.originateWithId(**parameters)

    async def answer(self, channel: str) -> None:
        await self._api.channels.answer(channelId=channel)

    async def hang_up(self, channel: str, *, reason: str) -> None:
        await self._api.channels.hangup(channelId=channel, reason=reason)

    async def continue_in(self, channel: str, *, context: str) -> None:
        """Give a channel back to the dialplan."""
        await self._api.channels.continueInDialplan(
            channelId=channel, context=context, extension="s", priority=1
        )

    async def play(self, channel: str, playback: str, *, media: Sequence[str]) -> None:
        await self._api.channels.playWithId(
            channelId=channel, playbackId=playback, media=",".join(media), lang=LANGUAGE
        )

    async def stop_playback(self, playback: str) -> None:
        await self._api.playbacks.stop(playbackId=playback)

    # ── Bridges ──────────────────────────────────────────────────────────────────────────────

    async def create_bridge(self, bridge: str, *, kind: str) -> None:
        """Create a ``mixing`` or ``holding`` bridge."""
        await self._api.bridges.createWithId(bridgeId=bridge, type=kind)

    async def destroy_bridge(self, bridge: str) -> None:
        await self._api.bridges.destroy(bridgeId=bridge)

    async def add_channels(self, bridge: str, channels: Sequence[str]) -> None:
        """Move channels into a bridge, out of any other they are in."""
        await self._api.bridges.addChannel(bridgeId=bridge, channel=",".join(channels))

    async def start_music(self, bridge: str) -> None:
        await self._api.bridges.startMoh(bridgeId=bridge)

    # ── Dynamic configuration ────────────────────────────────────────────────────────────────

    async def get_object(self, module: str, kind: str, name: str) -> dict[str, str] | None:
        """Return a configuration object's fields, None when there is no such object."""
        try:
            reply = await self._reply(
                self._api.asterisk.getObject(configClass=module, objectType=kind, id=name)
            )
        except AsteriskRefused as refused:
            if refused.status == 404:
                return None
            raise
        return {str(pair["attribute"]): str(pair["value"]) for pair in reply.json()}

    async def put_object(self, module: str, kind: str, name: str, fields: Fields) -> None:
        """Create or update a configuration object; fields not named keep or get their default."""
        pairs = [{"attribute": key, "value": value} for key, value in fields.items()]
        # aioari cannot send a list in a body: it makes one comma-separated text of it.
        await self._transport.request(
            "PUT",
            f"/ari/asterisk/config/dynamic/{module}/{kind}/{name}",
            data=msgspec.json.encode({"fields": pairs}),
        )

    async def delete_object(self, module: str, kind: str, name: str) -> None:
        """Delete a configuration object; harmless when there is none."""
        try:
            await self._api.asterisk.deleteObject(configClass=module, objectType=kind, id=name)
        except AsteriskRefused as refused:
            if refused.status != 404:
                raise

    @staticmethod
    async def _reply(operation: Any) -> Reply:
        reply = await operation
        assert isinstance(reply, Reply)
        return reply
