"""A trunk whose operator knows us by a login and not by our address (T05, T31), on the wire."""

import asyncio
from collections.abc import AsyncIterator, Mapping

import pytest
from msgspec import structs

from acd.adapters.asterisk import Login, Phone, Trunk, phones
from acd.adapters.asterisk.accounts import Changes
from acd.adapters.asterisk.errors import AsteriskRefused
from acd.adapters.asterisk.heard import ChannelArrived
from acd.core.commands import DialNumber
from acd.core.events import LegAnswered, LegGone
from acd.core.ids import PhoneId, TrunkId
from servers.asterisk import Asterisk
from servers.stack import Stack
from servers.waiting import wait_until
from tests.switch import sip
from tests.switch.adapter import CALL, PHONES, WAIT_SECONDS, Desk, accounts_of, open_desk
from tests.switch.registrar import Registrar

CARRIER = TrunkId("carrier-a")
NUMBER = "02109500101"
USER = f"{NUMBER}@ims.example"
PASSWORD = "the operator's own"
MOBILE = "13900000001"


@pytest.fixture
async def desk(stack: Stack, asterisk: Asterisk) -> AsyncIterator[Desk]:
    async with open_desk(stack) as opened:
        yield opened


@pytest.fixture
async def operator(desk: Desk) -> AsyncIterator[Registrar]:
    registrar = Registrar(server=desk.address, account=USER, account_password=PASSWORD)
    async with sip.phones(registrar):
        yield registrar
        await desk.switch.sync_accounts([], PHONES)


def trunk(operator: Registrar, password: str = PASSWORD, **more: str | bool) -> Trunk:
    login = {"user": USER, "password": password, "number": NUMBER, "domain": "ims.example", **more}
    return Trunk(
        name=CARRIER, addresses=("127.0.0.0/9",), host="127.0.0.1", port=operator.port,
        login=Login(**login),  # type: ignore[arg-type]  # named one by one
    )  # fmt: skip


def known(desk: Desk) -> Mapping[str, bool]:
    """What is told of the trunk, by what it is about."""
    return {way: up for name, way, up in desk.switch.trunks() if name == CARRIER}


async def registered(desk: Desk) -> None:
    """Wait until it is told that the operator has us."""
    await asyncio.to_thread(
        wait_until, lambda: known(desk)["registered"], seconds=WAIT_SECONDS,
        what="the trunk's registration",
    )  # fmt: skip


async def test_a_trunk_registers_and_a_call_comes_in_by_the_registered_contact(
    desk: Desk, operator: Registrar
) -> None:
    await desk.switch.sync_accounts([trunk(operator)], PHONES)
    await operator.until(lambda: bool(operator.bindings), "a REGISTER with the right digest")
    (asked,) = {one.first for one in operator.received if one.first.startswith("REGISTER")}
    assert asked == "REGISTER sip:ims.example SIP/2.0", "named for the domain, sent to the proxy"
    contact = operator.bindings[0]
    assert contact.startswith(f"<sip:{NUMBER}@127.0.0.1:"), contact
    await registered(desk)
    await operator.call(NUMBER, from_="<sip:02160000001@ims.example>")
    arrived = await desk.inbox.wait(ChannelArrived)
    assert (arrived.dialled, arrived.endpoint) == (NUMBER, CARRIER)


async def test_a_service_that_starts_anew_leaves_the_registration_alone(
    desk: Desk, operator: Registrar
) -> None:
    """Asterisk words what it was told its own way; a difference that is none would take the line
    out for a moment at each start."""
    await desk.switch.sync_accounts([trunk(operator)], PHONES)
    async with accounts_of(desk.stack) as accounts:
        assert await accounts.sync([trunk(operator)], PHONES) == Changes((), ())


async def test_a_call_out_answers_the_operators_challenge(desk: Desk, operator: Registrar) -> None:
    await desk.switch.sync_accounts([trunk(operator)], PHONES)
    leg = desk.new_leg()
    await desk.switch.perform(
        DialNumber(
            call=CALL, leg=leg, trunk=CARRIER, number=MOBILE, caller_id=NUMBER, ring_ms=20_000
        )
    )
    call = await operator.rung()
    assert call.invite is not None
    assert call.invite.first == f"INVITE sip:{MOBILE}@ims.example SIP/2.0"
    assert f"<sip:{NUMBER}@ims.example>" in call.invite["From"]
    call.answer()
    await desk.inbox.wait(LegAnswered, lambda event: event.leg == leg)
    call.hang_up()
    await desk.inbox.wait(LegGone, lambda event: event.leg == leg)


async def test_a_wrong_password_is_told_and_the_right_one_mends_it_at_once(
    desk: Desk, operator: Registrar
) -> None:
    """Asterisk would give up for good after a 403; the change alone must not have to wait."""
    await desk.switch.sync_accounts([trunk(operator, "a wrong one")], PHONES)
    await operator.until(lambda: operator.refused > 0, "a REGISTER with a wrong digest")
    assert known(desk)["registered"] is False
    await desk.switch.sync_accounts([trunk(operator)], PHONES)
    await registered(desk)


@pytest.fixture
def read_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is read again at once, not each half minute."""
    monkeypatch.setattr(phones, "REFRESH_SECONDS", 0.1)


async def test_of_two_trunks_with_one_address_the_one_that_is_refused_is_told(
    read_often: None, desk: Desk, operator: Registrar
) -> None:
    """T31: an operator reached by two ways knows us by one number; Asterisk's word of a change has
    that number alone, and its list has the trunks."""
    refused = structs.replace(
        trunk(operator, "a wrong one"), name=TrunkId("carrier-b"), addresses=("127.128.0.0/9",)
    )
    await desk.switch.sync_accounts([trunk(operator), refused], PHONES)
    await registered(desk)
    await operator.until(lambda: operator.refused > 0, "a REGISTER with a wrong digest")
    told = {name: up for name, way, up in desk.switch.trunks() if way == "registered"}
    assert told == {CARRIER: True, TrunkId("carrier-b"): False}


async def test_a_trunk_that_is_taken_out_is_registered_no_more(
    desk: Desk, operator: Registrar
) -> None:
    await desk.switch.sync_accounts([trunk(operator)], PHONES)
    await operator.until(lambda: bool(operator.bindings), "a REGISTER")
    await desk.switch.sync_accounts([trunk(operator, registers=False)], PHONES)
    await operator.until(lambda: operator.bindings[-1] == "", "the registration taken back")
    assert "registered" not in known(desk)


async def test_an_account_that_asterisk_refuses_keeps_no_other_from_being_written(
    desk: Desk, operator: Registrar
) -> None:
    """T18: one trunk without a password, and no new agent had a telephone."""
    newcomer = Phone(name=PhoneId("a7003"), password="secret of a7003", display="坐席")
    with pytest.raises(AsteriskRefused, match="400"):
        await desk.switch.sync_accounts([trunk(operator, "")], [*PHONES[1:], newcomer])
    phone = sip.Phone(newcomer.name, server=desk.address, password=newcomer.password)
    gone = sip.Phone(PHONES[0].name, server=desk.address, password=PHONES[0].password)
    async with sip.phones(phone, gone):
        assert await phone.register() == 200
        assert await gone.register() == 403
