"""Room on the disk, the clock and the certificate are figures, and none is invented (X07)."""

import base64
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from acd.runtime.metrics.counted import Metrics
from acd.runtime.watching.surroundings import (
    add_surroundings,
    certificate_ends,
    clock_is_synchronised,
    free_bytes,
)


def element(kind: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes([kind, length]) + content
    size = (length.bit_length() + 7) // 8
    return bytes([kind, 0x80 | size]) + length.to_bytes(size, "big") + content


def certificate(kind: int, end: bytes, *, version: bool = True, issuer: bytes = b"x") -> bytes:
    """The parts of RFC 5280 4.1 up to the validity, with rubbish behind."""
    validity = element(0x30, element(0x17, b"260101000000Z") + element(kind, end))
    parts = [
        *([element(0xA0, element(2, b"\2"))] if version else []),
        element(2, b"\1"),
        element(0x30, b""),
        element(0x30, issuer),
        validity,
        element(0x30, b"subject"),
    ]
    der = element(0x30, element(0x30, b"".join(parts)) + element(0x30, b""))
    text = base64.encodebytes(der)
    return b"# ours\n-----BEGIN CERTIFICATE-----\n" + text + b"-----END CERTIFICATE-----\n"


@pytest.mark.parametrize(
    ("pem", "end"),
    [
        (certificate(0x17, b"271231235959Z"), datetime(2027, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (certificate(0x18, b"20510101000000Z"), datetime(2051, 1, 1, tzinfo=UTC)),
        (certificate(0x17, b"270101000000Z", version=False), datetime(2027, 1, 1, tzinfo=UTC)),
        (certificate(0x17, b"270101000000Z", issuer=b"y" * 300), datetime(2027, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_certificates_end_is_read(pem: bytes, end: datetime) -> None:
    assert certificate_ends(pem) == end
    assert certificate_ends(pem + certificate(0x17, b"260101000000Z")) == end, "the first counts"


def test_a_certificate_of_openssl_is_read(tmp_path: Path) -> None:
    """What another program has written, and what it says itself."""
    path = tmp_path / "certificate.pem"
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=huling",
         "-days", "40", "-keyout", tmp_path / "key.pem", "-out", path],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    told = subprocess.run(
        ["openssl", "x509", "-enddate", "-noout", "-dateopt", "iso_8601", "-in", path],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    end = datetime.fromisoformat(told.strip().removeprefix("notAfter=").replace("Z", "+00:00"))
    assert certificate_ends(path.read_bytes()) == end


@pytest.mark.parametrize(
    "pem",
    [
        b"",
        b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
        b"-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n",
        certificate(0x17, b"not a time"),
        certificate(0x0C, b"270101000000Z"),
        certificate(0x17, b"270101000000Z")[:60] + b"\n-----END CERTIFICATE-----\n",
    ],
)
def test_what_is_no_certificate_is_told(pem: bytes) -> None:
    with pytest.raises(ValueError, match=r"certificate|time data|padding|base64"):
        certificate_ends(pem)


def figures(metrics: Metrics) -> dict[str, str]:
    lines = metrics.exposition().decode().splitlines()
    named = (line.rpartition(" ") for line in lines if not line.startswith("#"))
    return {name: value for name, _, value in named}


def test_they_are_shown_at_each_scrape(tmp_path: Path) -> None:
    path = tmp_path / "certificate.pem"
    path.write_bytes(certificate(0x17, b"270101000000Z"))
    metrics = Metrics()
    said = [True]
    add_surroundings(
        metrics,
        folders={"journal": tmp_path, "gone": tmp_path / "gone"},
        certificate=path,
        synchronised=lambda: said[0],
    )
    found = figures(metrics)
    assert float(found['huling_disk_free_bytes{folder="journal"}']) > 0
    assert 'huling_disk_free_bytes{folder="gone"}' not in found
    assert float(found['huling_clock_synchronised{by="kernel"}']) == 1
    end = datetime(2027, 1, 1, tzinfo=UTC).timestamp()
    assert float(found['huling_certificate_end_timestamp_seconds{of="sip"}']) == end
    said[0] = False
    path.write_text("rubbish")
    found = figures(metrics)
    assert float(found['huling_clock_synchronised{by="kernel"}']) == 0
    assert float(found['huling_certificate_end_timestamp_seconds{of="sip"}']) == 0


def test_what_is_not_known_has_no_figure(tmp_path: Path) -> None:
    metrics = Metrics()
    add_surroundings(metrics, folders={}, certificate=None, synchronised=lambda: None)
    names = ("huling_disk_free", "huling_clock_synchronised", "huling_certificate")
    assert not [line for line in figures(metrics) if line.startswith(names)]


def test_the_kernel_and_the_disk_are_really_asked(tmp_path: Path) -> None:
    assert clock_is_synchronised() in (True, False, None)
    assert free_bytes(tmp_path) > 0
    with pytest.raises(OSError, match="No such file"):
        free_bytes(tmp_path / "gone")
