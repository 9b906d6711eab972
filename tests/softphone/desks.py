"""A test's agents at real softphones, and its callers."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Self, TypeVar

from acd.proof.tone import AGENT_TONES_HZ
from servers.asterisk import PROMPTS
from tests.softphone.caller import Caller
from tests.softphone.softphone import SoftCall, Softphone
from tests.switch.live import LOOK_S, WAIT_S, Switch

SPOKEN_MIN = 0.7
"""Of a prompt's pieces: its first may be cut, and a jitter buffer may spoil one in between."""

T = TypeVar("T")


class Desk:
    """An agent whose phone is a real one."""

    def __init__(self, switch: Switch, agent: str, phone: Softphone) -> None:
        self.switch, self.id, self.phone = switch, agent, phone

    async def wait(self, state: str, reason: str | None = None, seconds: float = WAIT_S) -> Self:
        """Wait until the switch says so (or has said so, of a state that passes by)."""

        seen: list[str] = []

        async def there() -> bool:
            now = await self.switch.agent_state(self.id)
            shown = " ".join(filter(None, (now["state"], now["reason"])))
            if shown not in seen[-1:]:
                seen.append(shown)
            return await self.switch.is_or_was(now, state, reason)

        what = " ".join(filter(None, (state, reason)))
        try:
            await until(there, f"agent {self.id} to be {what}", seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}, who was {', then '.join(seen)}") from None
        return self

    async def log_in(self) -> Self:
        """Log in through the API, and be ready."""
        answer = await self.switch.api.post(f"/agents/{self.id}/login")
        assert answer.status_code == 200, answer.text
        return await self.wait("ready")

    async def hears(self, call: SoftCall, *prompts: str) -> None:
        """Hear a call to a code out: the switch says these prompts, and then hangs up."""
        await call.over()
        heard = await call.recording()
        for prompt in prompts:
            likeness = heard.likeness(PROMPTS / f"{prompt}.wav")
            assert likeness >= SPOKEN_MIN, (
                f"{likeness:.0%} of {prompt} in {heard.loud_s:.1f} s of sound"
            )

    async def dials(self, code: str, *prompts: str) -> None:
        """Dial a code and hear these prompts."""
        await self.hears(await self.phone.dial(code), *prompts)


class Desks:
    """A test's agents and callers.  A context manager: its phones leave at the end, before the
    switch is asked what is left."""

    def __init__(
        self, switch: Switch, folder: Path, tones_hz: Sequence[int] = AGENT_TONES_HZ
    ) -> None:
        """``tones_hz`` are what its phones say, in their order."""
        self.switch, self.folder = switch, folder
        self._tones_hz = tones_hz
        self.phones: list[Softphone] = []
        self._callers = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for phone in self.phones:
            await phone.close()

    async def phone(self) -> Softphone:
        """A softphone without an account, with a tone of its own."""
        index = len(self.phones)
        host, port = self.switch.sip_address
        folder = self.folder / f"phone-{index}"
        folder.mkdir()
        phone = await Softphone.start(
            folder, index=index, tone_hz=self._tones_hz[index], server=f"{host}:{port}"
        )
        self.phones.append(phone)
        return phone

    async def sit(self, agent: str) -> Desk:
        """An agent at a registered phone, not logged in."""
        phone = await self.phone()
        user = f"a{agent}"
        assert await phone.register(user, self.switch.account(user).password) == 200
        assert phone.registered
        return Desk(self.switch, agent, phone)

    def caller(self, number: str, entry: str) -> Caller:
        """A terminal that calls from the start of the block on."""
        self._callers += 1
        folder = self.folder / f"caller-{self._callers}"
        folder.mkdir()
        return Caller(self.switch, folder, number, entry)


async def until(look: Callable[[], Awaitable[T]], what: str, seconds: float = WAIT_S) -> T:
    """Look until there is something; return it.  Fails with ``what`` after ``seconds``."""
    end = time.monotonic() + seconds
    while not (found := await look()):
        assert time.monotonic() < end, f"waited {seconds:g} s in vain for {what}"
        await asyncio.sleep(LOOK_S)
    return found
