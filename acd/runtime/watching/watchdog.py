"""`acd watchdog`: whoever waits is not left to a service that is gone (T18).

Whoever serves gives Asterisk a sign of life each second, before it commands anything.  A second
service takes over within 5 s, a restart is quicker, and both give one: so when none has come for
``SILENT_S`` nobody serves, and nobody is about to.  Then those who wait go to the dialplan's
fallback, which rings the agents, and whoever serves next takes them back from there.  Those who
talk are left alone.  Nothing is asked but Asterisk: whether a process lives, or a machine can be
reached, says nothing of whether it serves.
"""

import asyncio
import signal

from acd.adapters.asterisk import AsteriskError, WatchedAsterisk
from acd.adapters.asterisk.errors import AsteriskUnfit
from acd.runtime.asterisk_settings import node_settings
from acd.runtime.credentials import ConfigurationError
from acd.runtime.logs import configure_logs, logger
from acd.runtime.settings import Settings

log = logger(__name__)

SILENT_S = 6.0
"""A standby takes over within 5 s of the last sign (decision 17), and gives its own at once."""

LOOK_S = 0.5

GAP_S = 2.0
"""Between two readings: more, and we have stood still ourselves, perhaps the whole machine."""


class Silence:
    """Judges by what was read and by our own clock alone."""

    def __init__(self) -> None:
        self._seen = ""
        self._since_s = 0.0
        self._looked_s: float | None = None

    def nobody_serves(self, beat: str, now_s: float) -> bool:
        """Take one reading; tell whether there has been no sign for long enough.  Where there has
        never been any, a service of before this rule may be at work."""
        has_seen_all = self._looked_s is not None and now_s - self._looked_s <= GAP_S
        if not has_seen_all or (beat and beat != self._seen):
            self._since_s = now_s
        self._looked_s = now_s
        self._seen = beat or self._seen
        return bool(self._seen) and now_s - self._since_s >= SILENT_S

    def blind(self) -> None:
        """Nothing could be read: whoever serves has the whole time again to be heard of."""
        self._looked_s = None


def run(settings: Settings) -> None:
    """Watch until SIGTERM or SIGINT.  Raises ConfigurationError."""
    secrets = settings.secrets()
    stop_logs = configure_logs(
        style=settings.log_format,
        level=settings.log_level,
        secrets=[secrets.ari_password, secrets.ami_password, secrets.postgres_password],
    )
    try:
        asyncio.run(_until_stopped(settings))
    finally:
        stop_logs()


async def _until_stopped(settings: Settings) -> None:
    watching = asyncio.create_task(_watch(WatchedAsterisk(node_settings(settings))), name="watch")
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, watching.cancel)
    await asyncio.wait({watching})
    if not watching.cancelled():
        watching.result()
    log.info("Stopped.")


async def _watch(asterisk: WatchedAsterisk) -> None:
    log.info("Watching whether somebody serves.", silent_s=SILENT_S)
    silence = Silence()
    loop = asyncio.get_running_loop()
    reason = ""
    try:
        while True:
            try:
                beat = await asterisk.beat()
                if silence.nobody_serves(beat, loop.time()):
                    await _help(asterisk, beat)
                reason = ""
            except AsteriskUnfit as error:
                raise ConfigurationError(str(error)) from error
            except AsteriskError as error:
                silence.blind()
                if str(error) != reason:
                    log.warning("Asterisk cannot be watched.", why=str(error))
                reason = str(error)
            await asyncio.sleep(LOOK_S)
    finally:
        await asterisk.close()


async def _help(asterisk: WatchedAsterisk, beat: str) -> None:
    done = await asterisk.give_up_waiting(beat)
    if done.callers or done.in_the_way:
        log.warning(
            "Nobody serves: who waits is with the dialplan now.",
            callers=done.callers,
            phones_freed=done.in_the_way,
        )
