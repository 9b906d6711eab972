"""SIP accounts after a new connection: written until Asterisk has them.  No Asterisk."""

from typing import cast

import pytest

from acd.adapters.asterisk import Phone, wanted_accounts
from acd.adapters.asterisk.ari_client import AriClient
from acd.adapters.asterisk.errors import AsteriskUnreachable
from acd.adapters.asterisk.wanted_accounts import WantedAccounts
from acd.core.ids import PhoneId
from tests.switch.adapter import Inbox

PHONE = Phone(name=PhoneId("a8001"), password="secret", display="Li")


class Emptied:
    """An Asterisk that has lost its accounts, and whose answer fails to come once
    (``AriClient``)."""

    def __init__(self) -> None:
        self.written: list[str] = []
        self._fails = True

    async def get_object(self, module: str, kind: str, name: str) -> None:
        return None

    async def put_object(self, module: str, kind: str, name: str, fields: object) -> None:
        if self._fails:
            self._fails = False
            raise AsteriskUnreachable("Asterisk did not answer within 5 s.")
        self.written.append(kind)

    async def endpoints(self) -> list[str]:
        return []


@pytest.mark.parametrize(("is_up", "written"), [(True, ["auth", "aor", "endpoint"]), (False, [])])
async def test_accounts_that_could_not_be_written_are_written_again(
    monkeypatch: pytest.MonkeyPatch, is_up: bool, written: list[str]
) -> None:
    """A container that is made anew has none of before, and its phones could not register until the
    next change of the directory.  When the link is gone, the next connection begins anew."""
    monkeypatch.setattr(wanted_accounts, "AGAIN_SECONDS", 0)
    asterisk, inbox = Emptied(), Inbox()
    accounts = WantedAccounts(cast(AriClient, asterisk), inbox, is_up=lambda: is_up)
    accounts.want([], [PHONE], [])
    assert accounts.connected_anew()
    await accounts.sync_again()
    assert (asterisk.written, inbox.counts["accounts not written"]) == (written, 1)
