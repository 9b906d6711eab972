"""An address that guesses at accounts is shut out by the real Asterisk, and others are not (L2)."""

from acd.adapters.asterisk import Trunk
from acd.adapters.asterisk.guesses import GUESSES_MAX
from acd.core.ids import TrunkId
from servers.asterisk import Asterisk
from servers.stack import Stack
from tests.switch import sip
from tests.switch.adapter import PHONES, open_desk

GUESSER = "127.66.0.7"
TRUNK = Trunk(name=TrunkId("carrier-a"), addresses=("127.0.0.1/32",), trusts_asserted=True)


async def test_who_guesses_is_refused_and_a_phone_of_ours_registers(
    stack: Stack, asterisk: Asterisk
) -> None:
    """The guesser's own right password is refused then too; when their time is over, it is taken
    again; an operator at whose address there are guesses is never refused."""
    async with open_desk(stack) as desk:
        await desk.switch.sync_accounts([TRUNK], PHONES)
        await desk.inbox.until(lambda: desk.switch.link_state["ami"], "the AMI link")
        guesser = sip.Phone("a7001", server=desk.address, password="wrong")
        beside = sip.Phone("a7001", server=desk.address, password="wrong")
        try:
            await guesser.open(GUESSER)
            await beside.open("127.0.0.1")
            # The link that hears of it may come up a moment later: until it has, nothing counts.
            while await guesser.register() != 403:
                pass
            assert desk.inbox.counts["SIP guess"] >= GUESSES_MAX
            assert desk.inbox.counts["SIP source shut out"] == 1
            guesser.password = PHONES[0].password
            assert await guesser.register() == 403
            phone = await desk.phone("a7002")
            assert await phone.register() == 200
            while not desk.inbox.counts["SIP guesses where one of us is"]:
                assert await beside.register() == 401
            assert await phone.register() == 200
            assert await desk.arrival() is not None
        finally:
            guesser.close()
            beside.close()
    # The next service begins with an empty list.
    async with open_desk(stack) as desk:
        back = sip.Phone("a7001", server=desk.address, password=PHONES[0].password)
        try:
            await back.open(GUESSER)
            while (status := await back.register()) == 403:
                pass
            assert status == 200
        finally:
            back.close()
