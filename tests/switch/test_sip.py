"""The tests' own telephone does as telephones do where tests would otherwise blame the switch."""

import asyncio

from tests.switch.sip import WAIT_SECONDS, Message, Phone


class Registrar(asyncio.DatagramProtocol):
    """Challenges the first INVITE, and again when the second has come, as Asterisk does when it has
    not read the ACK yet; then answers."""

    def __init__(self) -> None:
        self.acknowledged: asyncio.Queue[str] = asyncio.Queue()

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        request = Message(data)
        if request.method == "ACK":
            self.acknowledged.put_nowait(request["CSeq"] + request["Via"].partition("branch")[2])
            return
        if not request["Authorization"]:
            self.challenged = request
        challenge = {"WWW-Authenticate": 'Digest realm="asterisk", nonce="1", algorithm=MD5'}
        self.reply(self.challenged, "401 Unauthorized", challenge, addr)
        if request["Authorization"]:
            self.reply(request, "200 OK", {}, addr)

    def reply(
        self, request: Message, status: str, headers: dict[str, str], addr: tuple[str, int]
    ) -> None:
        lines = [
            f"SIP/2.0 {status}",
            *(f"{name}: {request[name]}" for name in ("Via", "From", "Call-ID", "CSeq")),
            f"To: {request['To']};tag=1",
            *(f"{name}: {value}" for name, value in headers.items()),
            "Content-Length: 0",
        ]
        self.transport.sendto(("\r\n".join(lines) + "\r\n\r\n").encode(), addr)


async def test_a_challenge_that_comes_again_is_no_refusal() -> None:
    loop = asyncio.get_running_loop()
    transport, registrar = await loop.create_datagram_endpoint(
        Registrar, local_addr=("127.0.0.1", 0)
    )
    server = transport.get_extra_info("sockname")
    phone = await Phone("a8001", server=server, password="secret").open()
    try:
        call = await phone.call("*69")
        await call.answered()
        assert [reply.code for reply in call.replies] == [200]
        async with asyncio.timeout(WAIT_SECONDS):
            first, again, answer = [await registrar.acknowledged.get() for _ in range(3)]
        assert first == again and first != answer
    finally:
        phone.close()
        transport.close()
