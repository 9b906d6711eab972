"""Asterisk as the watchdog sees it: who serves, who is stranded, and the way to the fallback.

Nothing is done here but by ``give_up_waiting``, and nothing of that when somebody has given a sign
of life: each step asks for it first, and follows in the same breath (decision 21).
"""

import asyncio
from collections.abc import Collection

import structlog

from acd.adapters.asterisk.ami_client import AmiClient
from acd.adapters.asterisk.ari_client import AriClient
from acd.adapters.asterisk.errors import (
    AsteriskRefused,
    AsteriskUnreachable,
    ari_password_refused,
)
from acd.adapters.asterisk.listing import FALLBACK_CONTEXT, ids_of
from acd.adapters.asterisk.node import NodeSettings
from acd.adapters.asterisk.stranded import Stranded, stranded
from acd.adapters.asterisk.transport import Transport
from acd.core.decoding import UNREADABLE

_log = structlog.get_logger(__name__)

ENDED_SECONDS = 2.0
"""How long a phone may take to end its leg, so that no INVITE overtakes the CANCEL before it."""

LOOK_SECONDS = 0.1

NORMAL_CLEARING = "16"


class WatchedAsterisk:
    """One node.  Every method raises an ``AsteriskError`` when Asterisk is not there."""

    def __init__(self, settings: NodeSettings) -> None:
        self._settings = settings
        self._transport = Transport(
            url=settings.ari_url, user=settings.user, password=settings.ari_password
        )
        self._ari = AriClient(self._transport, app=settings.app)
        self._is_loaded = False

    async def beat(self) -> str:
        """Return the newest sign of life of whoever serves, empty when there is none.

        Raises AsteriskUnfit for a wrong password of ARI or, at the first time, of AMI.
        """
        if not self._is_loaded:
            await self._check()
            self._is_loaded = True
        return await self._ari.beat()

    async def _check(self) -> None:
        """A password that is tried only when nobody serves any more would be found wrong then."""
        try:
            await self._ari.load()
        except AsteriskRefused as refused:
            if not refused.is_of_password:
                raise
            raise ari_password_refused() from None
        ami = self._ami()
        await ami.connect()
        ami.close()

    async def close(self) -> None:
        await self._transport.close()

    async def give_up_waiting(self, beat: str) -> Stranded:
        """Give every stranded caller to the dialplan's fallback, their phones free to be rung;
        return whom and what it concerned.  Ends with the first ``beat`` that is another."""
        found = await self._stranded()
        done = Stranded()
        if not found.callers and not found.in_the_way:
            return done
        ami = self._ami()
        await ami.connect()
        try:
            ended = [one for one in found.in_the_way if await self._end(ami, one, beat)]
            await self._until_gone(ended)
            away = [one for one in found.callers if await self._redirect(ami, one, beat)]
            done = Stranded(tuple(away), tuple(ended))
        finally:
            ami.close()
        return done

    async def _stranded(self) -> Stranded:
        channels, bridges = await self._ari.channels(), await self._ari.bridges()
        try:
            return stranded(channels, bridges, app=self._settings.app)
        except UNREADABLE:
            raise AsteriskUnreachable("Asterisk's list of channels cannot be read.") from None

    async def _end(self, ami: AmiClient, channel: str, beat: str) -> bool:
        return await self._act(ami, channel, beat, "Hangup", Cause=NORMAL_CLEARING)

    async def _redirect(self, ami: AmiClient, channel: str, beat: str) -> bool:
        place = {"Context": FALLBACK_CONTEXT, "Exten": "s", "Priority": "1"}
        return await self._act(ami, channel, beat, "Redirect", **place)

    async def _act(
        self, ami: AmiClient, channel: str, beat: str, action: str, **fields: str
    ) -> bool:
        """Do one thing to one channel if still nobody serves; tell whether it was done."""
        if await self._ari.beat() != beat:
            return False
        try:
            await ami.ask(action, Channel=channel, **fields)
        except AsteriskRefused as refused:
            # It has gone meanwhile, which is as good.
            _log.info("A stranded channel has gone by itself.", channel=channel, why=str(refused))
            return False
        return True

    async def _until_gone(self, channels: Collection[str]) -> None:
        """Wait until these have ended, or for as long as it may take."""
        ends = asyncio.get_running_loop().time() + ENDED_SECONDS
        while asyncio.get_running_loop().time() < ends:
            try:
                if ids_of(await self._ari.channels()).isdisjoint(channels):
                    return
            except UNREADABLE:
                raise AsteriskUnreachable("Asterisk's list of channels cannot be read.") from None
            await asyncio.sleep(LOOK_SECONDS)

    def _ami(self) -> AmiClient:
        settings = self._settings
        return AmiClient(
            host=settings.ami_host,
            port=settings.ami_port,
            user=settings.user,
            password=settings.ami_password,
            on_event=lambda event: None,
        )
