"""Which host is loaded, and whether it may be: never a stranger's by mistake."""

from __future__ import annotations

import contextlib
import csv
import ipaddress
import socket
from collections.abc import Iterator
from pathlib import Path

from acd.proof.phones import Account

SIP_PORT = 5060
ANSWER_S = 2.0
TRIES = 3


class Refused(Exception):
    """The run does not begin: one sentence for a person."""


def parse(text: str, *, public: bool) -> tuple[str, int]:
    """Return address and port of ``HOST`` or ``HOST:PORT`` (IPv4).

    Raises Refused for what is no host, and for a public address unless ``public`` says that the
    tester may load it.
    """
    host, _, port_text = text.partition(":")
    if port_text and not (port_text.isdecimal() and 0 < int(port_text) < 65536):
        raise Refused(f"{port_text} is no port: give the target as HOST or HOST:PORT.")
    try:
        found = socket.getaddrinfo(host, None, socket.AF_INET, socket.SOCK_DGRAM) if host else []
    except OSError:
        found = []
    if not found:
        raise Refused(f"The host {host!r} is not known: give a name or an IPv4 address.")
    address = str(found[0][4][0])
    if ipaddress.ip_address(address).is_global and not public:
        raise Refused(
            f"{host} is a public address{'' if host == address else f' ({address})'}. A load test "
            "there disturbs whoever uses it: if it is yours and they know, say --public."
        )
    return address, int(port_text) if port_text else SIP_PORT


def answers(address: str, port: int, *, patience_s: float = ANSWER_S) -> None:
    """Ask the target for its OPTIONS.  Raises Refused when nobody answers."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(patience_s / TRIES)
        asking.connect((address, port))
        host, own_port = asking.getsockname()
        question = (
            f"OPTIONS sip:{address}:{port} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {host}:{own_port};branch=z9hG4bK-load;rport\r\n"
            f"From: <sip:load@{host}>;tag=load\r\nTo: <sip:{address}:{port}>\r\n"
            f"Call-ID: load-{own_port}@{host}\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\n"
            f"Contact: <sip:load@{host}:{own_port}>\r\nContent-Length: 0\r\n\r\n"
        )
        for _ in range(TRIES):
            # A closed port is told by ICMP, as an error of the next call.
            with contextlib.suppress(OSError):
                asking.send(question.encode())
                if asking.recv(4096).startswith(b"SIP/2.0 "):
                    return
    raise Refused(
        f"Nobody answers SIP at {address}:{port} over UDP: is the switch running, the port right, "
        "and no firewall between?"
    )


def own_address(address: str) -> str:
    """Return this machine's address on the way to the target."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((address, 9))
        return str(probe.getsockname()[0])


def accounts(path: Path) -> list[Account]:
    """Read the agents' telephones, ``user;password`` a line.  Raises Refused with the line."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            found = list(_accounts(path, file.readlines()))
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise Refused(f"{path} is not text in UTF-8.") from None
    if not found:
        raise Refused(f"{path} holds no telephone: one line each, user;password.")
    return found


def _accounts(path: Path, lines: list[str]) -> Iterator[Account]:
    for number, row in enumerate(csv.reader(lines, delimiter=";"), 1):
        if not row or row[0].startswith("#"):
            continue
        if len(row) != 2 or not all(cell.strip() for cell in row):
            raise Refused(f"{path}, line {number}: a telephone is user;password.")
        yield Account(row[0].strip(), row[1].strip())
