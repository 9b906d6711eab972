"""Which SIP accounts Asterisk shall have: written now, and again after every reconnect."""

import asyncio
from collections.abc import Callable, Sequence

from acd.adapters.asterisk.accounts import Accounts, Changes, Peer, Phone, Trunk
from acd.adapters.asterisk.ari_client import AriClient
from acd.adapters.asterisk.errors import AsteriskError
from acd.adapters.asterisk.heard import SwitchInbox
from acd.core.ids import TrunkId

AGAIN_SECONDS = 5.0
"""Pause before what could not be written after a reconnect is tried again."""


class WantedAccounts:
    """The accounts of one node as the directory wants them."""

    def __init__(self, ari: AriClient, inbox: SwitchInbox, *, is_up: Callable[[], bool]) -> None:
        """``is_up`` tells whether the link is."""
        self._accounts = Accounts(ari)
        self._inbox = inbox
        self._is_up = is_up
        self._wanted: tuple[Sequence[Trunk], Sequence[Phone], Sequence[Peer]] | None = None
        self._syncing = asyncio.Lock()
        self._stale = False

    def want(self, trunks: Sequence[Trunk], phones: Sequence[Phone], peers: Sequence[Peer]) -> None:
        """These are wanted from now on."""
        self._wanted = (tuple(trunks), tuple(phones), tuple(peers))

    def address_of(self, trunk: TrunkId) -> str:
        """See ``perform.Outlet``."""
        trunks = () if self._wanted is None else self._wanted[0]
        return next((one.target for one in trunks if one.name == trunk), "")

    def connected_anew(self) -> bool:
        """Another Asterisk may be there than before: what it has is not known.  Returns whether
        anything is wanted of it (``sync_again``)."""
        self._accounts.forget()
        self._stale = True
        return self._wanted is not None

    async def sync(self) -> Changes:
        """Write what differs and return it.  Raises AsteriskError."""
        async with self._syncing:
            return await self._sync_now()

    async def sync_again(self) -> None:
        """The same after a reconnect, until it is done: by us, or by a change of the directory that
        was quicker."""
        while True:
            try:
                async with self._syncing:
                    if self._stale:
                        await self._sync_now()
                return
            except AsteriskError as error:
                # Those of before may not be there: an Asterisk that is made anew has none.
                self._inbox.count("accounts not written", str(error))
            if not self._is_up():
                return  # the next connection begins anew
            await asyncio.sleep(AGAIN_SECONDS)

    async def _sync_now(self) -> Changes:
        assert self._wanted is not None
        trunks, phones, peers = self._wanted
        changes = await self._accounts.sync(trunks, phones, peers)
        self._stale = False
        return changes
