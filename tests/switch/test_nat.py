"""An Asterisk behind NAT (T05, T16): what it says of itself to whoever is beyond."""

import re
from collections.abc import AsyncIterator

import pytest

from acd.adapters.asterisk import Login, Trunk
from acd.core.ids import TrunkId
from servers.stack import Stack
from tests.switch.adapter import accounts_of
from tests.switch.registrar import Registrar

OUTER = "203.0.113.7"
BEYOND = "127.9.0.1"
PORTS = {"sip_port": 15070, "ari_port": 18098, "ami_port": 15048, "rtp_port_min": 20_100,
         "rtp_port_max": 20_199}  # fmt: skip


@pytest.fixture
async def operator(
    stack: Stack, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Registrar]:
    """An operator beyond NAT: of loopback, one address alone is on the Asterisk's side."""
    run = tmp_path_factory.mktemp("nat")
    run.chmod(0o755)
    own = {"run_dir": run, "external_address": OUTER, "local_networks": "127.0.0.1/32"}
    settings = stack.settings.model_copy(update={**PORTS, **own})
    with Stack(settings, servers=("asterisk",), quiet=True) as started:
        registrar = Registrar(
            server=("127.0.0.1", settings.sip_port), account="95001", account_password="secret"
        )
        await registrar.open(BEYOND)
        try:
            async with accounts_of(started) as accounts:
                await accounts.sync([trunk(registrar.port)], [])
            yield registrar
        finally:
            registrar.close()


def trunk(port: int) -> Trunk:
    login = Login(user="95001", password="secret", number="95001", domain=BEYOND)
    return Trunk(
        name=TrunkId("carrier-a"), addresses=("127.0.0.0/8",), host=BEYOND, port=port,
        login=login,
    )  # fmt: skip


async def test_the_operator_is_told_the_outer_address_in_sip_and_for_the_sound(
    operator: Registrar,
) -> None:
    await operator.until(lambda: bool(operator.bindings), "a REGISTER")
    assert operator.bindings[0].startswith(f"<sip:95001@{OUTER}:{PORTS['sip_port']}")
    # Nobody serves here: the dialplan answers, and says so.
    call = await (await operator.call("95001", from_="<sip:02160000001@127.0.0.1>")).answered()
    answer = call.replies[-1]
    assert f"@{OUTER}:" in answer["Contact"] or f"sip:{OUTER}:" in answer["Contact"]
    assert re.findall(r"^c=IN IP4 (.+)\r$", answer.body, re.M) == [OUTER]
    call.hang_up()
