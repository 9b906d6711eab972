"""Logs: a fixed sentence plus fields, masked in one place, written off the loop.

Everything that is logged, ours or a library's, passes ``mask`` before it is rendered.  Telephone
numbers keep their last two digits, names and secrets nothing.  Identifiers of calls, legs,
agents and queues stay: they are what one searches by.
"""

import atexit
import logging
import logging.handlers
import queue
import re
import sys
from collections.abc import Callable, Iterable, MutableMapping
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor

Logger = structlog.stdlib.BoundLogger

QUEUE_MAX = 10_000
"""Lines waiting to be written.  At the limit the newest are dropped and counted: a terminal that
somebody has stopped with Ctrl-S must not stop the switch."""

_SECRET_KEYS = re.compile(r"password|secret|token|authorization|api_key|dsn|database_url", re.I)
_NUMBER_KEYS = frozenset({"caller", "number", "phone_number", "contact", "terminal"})
_NAME_KEYS = frozenset({"name", "elder_name", "contact_name", "agent_name", "address"})
# Not inside an identifier: Asterisk's channel ids (1700000000.12) are digits too.
_NUMBER = re.compile(r"(?<![\w.:-])\+?\d{7,15}(?![\w.:-])")
_URL_PASSWORD = re.compile(r"(://[^:/@\s]*:)[^@\s]+@")
_KEY_PASSWORD = re.compile(
    r"(api_key=[^:&\s]*:|(?:password|secret|token)\s*[=:]\s*)[^&\s'\",)]+", re.I
)


class Mask:
    """The one place where personal data and secrets leave the logs (a structlog processor).

    ``secrets`` are values that must never appear, wherever they stand.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        # A value of a few characters would blacken ordinary words.
        self._secrets = sorted({s for s in secrets if len(s) >= 6}, key=len, reverse=True)

    def __call__(self, logger: Any, method: str, event: EventDict) -> EventDict:
        for key, value in event.items():
            if not key.startswith("_"):
                event[key] = self._field(key, value)
        return event

    def text(self, value: str) -> str:
        """Return ``value`` without secrets and with telephone numbers masked."""
        for secret in self._secrets:
            if secret in value:
                value = value.replace(secret, "***")
        if ":" in value or "=" in value:
            value = _URL_PASSWORD.sub(r"\1***@", value)
            value = _KEY_PASSWORD.sub(r"\1***", value)
        return _NUMBER.sub(_masked, value)

    def _field(self, key: str, value: Any) -> Any:
        if value is None or isinstance(value, bool):
            return value
        if _SECRET_KEYS.search(key):
            return "***"
        if key in _NAME_KEYS:
            return "***"
        if key in _NUMBER_KEYS:
            return mask_number(str(value))
        if isinstance(value, str):
            return value if key in ("level", "timestamp") else self.text(value)
        if isinstance(value, int | float):
            return value
        if isinstance(value, MutableMapping):
            return {k: self._field(str(k), v) for k, v in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self._field(key, item) for item in value]
        return self.text(str(value))


def mask_number(number: str) -> str:
    """Return a telephone number with all but its last two characters hidden."""
    return "*" * max(len(number) - 2, 0) + number[-2:] if len(number) > 2 else "**"


def _masked(match: re.Match[str]) -> str:
    return mask_number(match.group())


def _without_traceback(record: logging.LogRecord) -> bool:
    """A pool that finds no PostgreSQL says so every few seconds; where in the library is noise."""
    record.exc_info = None
    return True


class _Handler(logging.handlers.QueueHandler):
    """Hands records to the writing thread as they are, and drops what does not fit."""

    dropped = 0

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        return record

    def enqueue(self, record: logging.LogRecord) -> None:
        try:
            self.queue.put_nowait(record)
        except queue.Full:
            self.dropped += 1


class _Writer(logging.StreamHandler[TextIO]):
    """Writes lines.  One that cannot be written is given up: there is nowhere to report it."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        pass


def configure_logs(
    *, style: str, level: str, secrets: Iterable[str] = (), stream: TextIO | None = None
) -> Callable[[], None]:
    """Send all logs to ``stream`` (standard error) and return what flushes and stops them.

    ``style`` is ``console`` or ``json``.
    """
    stream = sys.stderr if stream is None else stream
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if style == "json"
        else structlog.dev.ConsoleRenderer(colors=stream.isatty(), pad_event_to=40)
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    writer = _Writer(stream)
    writer.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                Mask(secrets),
                renderer,
            ],
        )
    )
    handler = _Handler(queue.Queue(QUEUE_MAX))
    listener = logging.handlers.QueueListener(handler.queue, writer)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # Libraries tell us of trouble; their progress reports are noise.
    for library in ("aiohttp", "asyncio", "uvicorn", "aioari", "panoramisk"):
        logging.getLogger(library).setLevel(max(logging.WARNING, logging.root.level))
    logging.getLogger("asyncpg.pool").addFilter(_without_traceback)
    listener.start()
    stopped = False

    def stop() -> None:
        nonlocal stopped
        if stopped:
            return
        stopped = True
        atexit.unregister(stop)
        listener.stop()
        root.removeHandler(handler)
        if handler.dropped:
            stream.write(f"{handler.dropped} log lines were dropped: the output was too slow.\n")

    atexit.register(stop)
    return stop


def logger(name: str) -> Logger:
    """Return the logger of a module; its first argument is always a fixed sentence."""
    found: Logger = structlog.stdlib.get_logger(name)
    return found
