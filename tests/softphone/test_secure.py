"""Phones by TLS and SRTP, as a certificate makes them (L2): a real softphone, its own Asterisk."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from acd.adapters.asterisk.accounts import Phone
from acd.core.ids import PhoneId
from servers.asterisk import PROMPTS, Asterisk
from servers.stack import Stack
from servers.steps import Refusal
from tests.softphone.softphone import Softphone
from tests.switch.adapter import accounts_of

SECRET = "secret-of-a-phone"
PORTS = {"sip_port": 15060, "sip_tls_port": 15061, "ari_port": 18088, "ami_port": 15038,
         "rtp_port_min": 20_000, "rtp_port_max": 20_099}  # fmt: skip


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate of its own and its key, as openssl makes them."""
    folder = tmp_path_factory.mktemp("tls")
    made, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-keyout", key, "-out", made],
        check=True, capture_output=True,
    )  # fmt: skip
    key.chmod(0o600)
    return made, key


@pytest.fixture(scope="module")
def secure(
    stack: Stack, certificate: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """An Asterisk beside the session's, with a certificate."""
    run = tmp_path_factory.mktemp("secure")
    run.chmod(0o755)
    own = {"run_dir": run, "sip_tls_certificate": certificate[0], "sip_tls_key": certificate[1]}
    settings = stack.settings.model_copy(update={**PORTS, **own})
    with Stack(settings, servers=("asterisk",), quiet=True) as started:
        yield started


async def with_accounts(stack: Stack, *phones: Phone) -> None:
    """Push accounts as the service does."""
    async with accounts_of(stack) as accounts:
        await accounts.sync([], phones)


def phone(name: str, *, secure: bool) -> Phone:
    return Phone(name=PhoneId(name), password=SECRET, display=name, secure=secure)


async def test_a_phone_speaks_tls_and_srtp_and_hears_what_is_said(
    secure: Stack, tmp_path: Path
) -> None:
    """Without a service there is a sentence to hear: over SRTP all of it arrives."""
    await with_accounts(secure, phone("a7001", secure=True))
    server = f"127.0.0.1:{PORTS['sip_tls_port']};transport=tls"
    softphone = await Softphone.start(tmp_path, index=9, tone_hz=600, server=server)
    try:
        assert await softphone.register("a7001", SECRET) == 200
        assert "tls" in secure.cli("pjsip show contacts").lower()
        call = await softphone.dial("*60")
        await call.talks()
        heard = await call.recording()
        assert heard.likeness(PROMPTS / "agent-service-away.wav") > 0.8
    finally:
        await softphone.close()


async def test_a_phone_in_the_clear_gets_no_audio_there(secure: Stack, tmp_path: Path) -> None:
    """A stolen account does not help whoever listens: without SRTP the call is refused."""
    await with_accounts(secure, phone("a7001", secure=True), phone("a7002", secure=False))
    server = f"127.0.0.1:{PORTS['sip_port']}"
    for user, code in (("a7001", 488), ("a7002", 200)):
        folder = tmp_path / user
        folder.mkdir()
        softphone = await Softphone.start(folder, index=9, tone_hz=600, server=server)
        try:
            assert await softphone.register(user, SECRET) == 200
            call = await softphone.dial("*60")
            await call.over()
            assert (user, call.code) == (user, code)
            assert call.hears == (code == 200)
        finally:
            await softphone.close()


def test_a_key_that_others_may_read_is_refused(
    stack: Stack, certificate: tuple[Path, Path], tmp_path: Path
) -> None:
    key = tmp_path / "key.pem"
    key.write_bytes(certificate[1].read_bytes())
    key.chmod(0o644)
    own = {"run_dir": tmp_path, "sip_tls_certificate": certificate[0], "sip_tls_key": key}
    settings = stack.settings.model_copy(update={**PORTS, **own})
    asterisk = Asterisk(settings, stack.secrets, root=stack.root)
    with pytest.raises(Refusal, match="may be read by others"):
        asterisk.configure()
