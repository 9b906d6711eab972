"""Operators at the far end of the demo directory's trunks: robots that carry calls, and ones that
are there and carry nothing.

Where nobody listens at the far end of the trunks the switch knows so, and behaves as in an outage
of every operator (decision 29): the machine dials first, and cases are opened for whom it cannot
call.
"""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Self

from acd.demo.directory import document
from acd.proof.operators import CarriedCall, Operator
from acd.proof.stage import Stage, Tools

PACKET_MAX = 4096


def at_demo_trunks() -> QuietOperators:
    """Operators where the demo directory's trunks dial to."""
    return QuietOperators(places_of(document()))


def robots_at_demo_trunks(
    stage: Stage, tools: Tools, on_invite: Callable[[Operator, CarriedCall], None]
) -> list[Operator]:
    """Robots that carry calls where the demo directory's trunks dial to; one each."""
    return [
        Operator(
            stage,
            tools,
            (trunk["outbound"]["host"], trunk["outbound"]["port"]),
            name=f"operator-{trunk['id']}",
            on_invite=on_invite,
        )
        for trunk in document(terminals=1)["trunks"]
    ]


def places_of(directory: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Return where the trunks of a directory's document dial to."""
    dialled = [trunk["outbound"] for trunk in directory["trunks"]]
    return [(one["host"], one["port"]) for one in dialled]


class QuietOperators:
    """Answers OPTIONS with 200 and INVITE with 503, in a thread of its own, while it is open."""

    def __init__(self, places: Sequence[tuple[str, int]]) -> None:
        """``places`` are the trunks' addresses and ports."""
        self._places = places
        self._end: socket.socket | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self) -> None:
        """Be there.  Raises OSError when somebody else is."""
        sockets = []
        for place in self._places:
            bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sockets.append(bound)
            bound.bind(place)
        ours, self._end = socket.socketpair()
        self._thread = threading.Thread(target=_serve, args=(sockets, ours), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Be there no more."""
        assert self._end is not None and self._thread is not None
        self._end.close()
        self._thread.join()

    @contextmanager
    def away(self) -> Iterator[None]:
        """Leave the places to somebody else for so long."""
        self.close()
        try:
            yield
        finally:
            self.open()


def _serve(sockets: list[socket.socket], end: socket.socket) -> None:
    try:
        while True:
            ready, _, _ = select.select([*sockets, end], [], [])
            if end in ready:
                return
            for one in ready:
                data, sender = one.recvfrom(PACKET_MAX)
                answer = _answer(data)
                if answer is not None:
                    one.sendto(answer, sender)
    finally:
        for one in (*sockets, end):
            one.close()


def _answer(request: bytes) -> bytes | None:
    """Return the reply to a request; None for an ACK and for a reply."""
    first, *lines = request.decode(errors="replace").partition("\r\n\r\n")[0].split("\r\n")
    method = first.split(" ", 1)[0]
    if method == "ACK" or first.startswith("SIP/2.0"):
        return None
    status = "503 Service Unavailable" if method == "INVITE" else "200 OK"
    kept = [one for one in lines if one.lower().startswith(("via:", "from:", "call-id:", "cseq:"))]
    to = next((one for one in lines if one.lower().startswith("to:")), "To:")
    tagged = to if ";tag=" in to else f"{to};tag=quiet"
    return "\r\n".join([f"SIP/2.0 {status}", *kept, tagged, "Content-Length: 0", "", ""]).encode()
