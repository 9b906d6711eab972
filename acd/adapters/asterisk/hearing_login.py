"""A login at AMI that only hears: kept up, and nothing waits for it."""

import asyncio
from collections.abc import Callable

import structlog

from acd.adapters.asterisk.ami_client import AmiClient, AmiEvent
from acd.adapters.asterisk.backoff import Backoff
from acd.adapters.asterisk.errors import AsteriskError

_log = structlog.get_logger(__name__)

WATCH_SECONDS = 3600.0

OnEvent = Callable[[AmiEvent], None]


async def hear(
    make_client: Callable[[OnEvent], AmiClient], on_event: OnEvent, *, deaf: str
) -> None:
    """Give each event of the login to ``on_event``, until cancelled.  ``deaf`` says what is not
    heard while there is none; that Asterisk cannot be reached the other links say."""
    backoff = Backoff()
    told = ""
    while True:
        client = make_client(on_event)
        try:
            await client.connect()
            backoff.succeeded()
            told = ""
            while not await client.wait_closed(WATCH_SECONDS):
                pass
        except AsteriskError as error:
            if str(error) != told:
                told = str(error)
                _log.info(deaf, reason=told)
        except Exception:
            # As for the other links: a fault of ours must show, and must not be for good.
            _log.exception("A login that hears failed by a defect", what=deaf)
        finally:
            client.close()
        await asyncio.sleep(backoff.seconds())
