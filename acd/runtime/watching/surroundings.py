"""What the house around the service is like: room on its disk, its clock, its certificate (X07)."""

import base64
import ctypes
import os
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from acd.runtime.metrics.counted import Metrics

TIMEX_BYTES = 512
"""More than any kernel's ``struct timex`` has; all zeros asks and sets nothing."""

TIME_ERROR = 5
"""adjtimex(2): the clock is not synchronised."""

_PEM = re.compile(
    rb"-----BEGIN CERTIFICATE-----\s*([A-Za-z0-9+/=\s]+?)\s*-----END CERTIFICATE-----"
)
_UTC_TIME, _GENERALISED_TIME = 0x17, 0x18


def free_bytes(folder: Path) -> int:
    """Return what is left on a folder's disk to whoever is not root.  Raises OSError."""
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize


def clock_is_synchronised() -> bool | None:
    """Tell whether the kernel believes that something keeps its clock right; None where it does not
    say.  Nothing is changed by the question."""
    try:
        state = ctypes.CDLL(None).adjtimex((ctypes.c_char * TIMEX_BYTES)())
    except (AttributeError, OSError):
        return None
    return None if state < 0 else state != TIME_ERROR


def certificate_ends(pem: bytes) -> datetime:
    """Return when the first certificate of a PEM file ends (RFC 5280 4.1.2.5).

    Raises ValueError when there is none that can be read.
    """
    found = _PEM.search(pem)
    if found is None:
        raise ValueError("holds no certificate")
    try:
        return _not_after(base64.b64decode(found[1]))
    except (IndexError, StopIteration, UnicodeDecodeError) as error:
        raise ValueError("holds a certificate that cannot be read") from error


def _not_after(der: bytes) -> datetime:
    (_, certificate) = next(_elements(der))
    (_, signed) = next(_elements(certificate))
    parts = list(_elements(signed))
    if parts[0][0] == 0xA0:  # the version, which the oldest certificates leave out
        del parts[0]
    # Serial number, algorithm, issuer, validity.
    kind, text = list(_elements(parts[3][1]))[1]
    form = {_UTC_TIME: "%y%m%d%H%M%SZ", _GENERALISED_TIME: "%Y%m%d%H%M%SZ"}.get(kind)
    if form is None:
        raise ValueError("holds a certificate that cannot be read")
    return datetime.strptime(text.decode("ascii"), form).replace(tzinfo=UTC)


def _elements(der: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield tag and content of each element; X.690 with lengths of up to four bytes."""
    at = 0
    while at < len(der):
        kind, length = der[at], der[at + 1]
        at += 2
        if length >= 0x80:
            size = length & 0x7F
            if not 1 <= size <= 4:
                raise ValueError("holds a certificate that cannot be read")
            length = int.from_bytes(der[at : at + size], "big")
            at += size
        if at + length > len(der):
            raise ValueError("holds a certificate that cannot be read")
        yield kind, der[at : at + length]
        at += length


def add_surroundings(
    metrics: Metrics,
    *,
    folders: dict[str, Path],
    certificate: Path | None,
    synchronised: Callable[[], bool | None] = clock_is_synchronised,
) -> None:
    """Show them at each scrape; what cannot be found out has no figure."""

    def free() -> Iterator[tuple[tuple[str, ...], float]]:
        for name, folder in folders.items():
            try:
                yield (name,), float(free_bytes(folder))
            except OSError:
                continue  # not made yet, or its disk is gone: the journal's own figure says so

    def clock() -> Iterator[tuple[tuple[str, ...], float]]:
        told = synchronised()
        if told is not None:
            yield ("kernel",), float(told)

    def ends() -> Iterator[tuple[tuple[str, ...], float]]:
        if certificate is not None:
            try:
                yield ("sip",), certificate_ends(certificate.read_bytes()).timestamp()
            except (OSError, ValueError):
                yield ("sip",), 0.0  # as good as over: it must be looked at

    metrics.gauges("huling_disk_free_bytes", "Room for what is written here.", ("folder",), free)
    metrics.gauges(
        "huling_clock_synchronised", "Whether something keeps the clock right.", ("by",), clock
    )
    metrics.gauges(
        "huling_certificate_end_timestamp_seconds", "When a certificate ends.", ("of",), ends
    )
