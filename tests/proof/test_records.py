"""The switch's row is found over HTTP and compared with what SIPp measured."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from acd.proof.load import CallReport
from acd.proof.records import differences, read_record
from acd.proof.stage import ProofFailure

T0 = 1_769_867_100_000.0  # 2026-01-31T13:45:00Z
ROW: dict[str, Any] = {
    "call_id": "n1-17",
    "arrived_at": "2026-01-31T13:45:00.004Z",
    "ended_at": "2026-01-31T13:45:02.200+00:00",
    "outcome": "answered",
    "caller": "02160000001",
    "entry": "95009",
    "agent": "8099",
    "synthetic": True,
    "wait_ms": 90,
    "talk_ms": 2010,
}
REPORT = CallReport(
    "02160000001", 340, T0, invite_to_answer_ms=100.0, talk_ms=2050.0, agent="a8099"
)


class Api(HTTPServer):
    """Answers each request with the next of these, and the last for ever."""

    answers: list[tuple[int, Any]]
    seen: list[tuple[str, Any, str | None]]


class _Handler(BaseHTTPRequestHandler):
    server: Api

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.seen.append((self.path, asked, self.headers.get("Authorization")))
        answers = self.server.answers
        code, body = answers.pop(0) if len(answers) > 1 else answers[0]
        self.send_response(code)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass


@pytest.fixture
def api() -> Iterator[Api]:
    server = Api(("127.0.0.1", 0), _Handler)
    server.answers, server.seen = [(200, [ROW])], []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def read(api: Api, *, deadline_s: float = 5.0, token: str | None = None) -> Any:
    url = f"http://127.0.0.1:{api.server_port}/"
    return read_record(url, REPORT, entry="95009", token=token, deadline_s=deadline_s)


def test_the_row_is_waited_for(api: Api) -> None:
    older = ROW | {"arrived_at": "2026-01-31T13:44:00Z"}
    unfinished = ROW | {"ended_at": None}
    api.answers = [(200, []), (503, {}), (200, [older]), (200, [unfinished]), (200, [ROW])]
    assert read(api, token="secret") == ROW
    asked = {"caller": "02160000001", "entry": "95009", "limit": 1}
    assert api.seen == [("/calls/search", asked, "Bearer secret")] * 5


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ((200, []), "it has no row"),
        ((200, [ROW | {"ended_at": None}]), "its row has no end"),
        ((200, {"rows": []}), "does not answer properly"),
        ((500, {}), "the API answers 500"),
    ],
)
def test_a_row_that_never_comes_is_told(api: Api, answer: tuple[int, Any], sentence: str) -> None:
    api.answers = [answer]
    with pytest.raises(ProofFailure, match=sentence):
        read(api, deadline_s=0.0)


def test_a_refusal_is_not_asked_again(api: Api) -> None:
    api.answers = [(401, {})]
    with pytest.raises(ProofFailure, match=r"refused .*/calls with 401; HULING_API_TOKEN"):
        read(api)
    assert len(api.seen) == 1


def test_a_right_row_has_no_differences() -> None:
    assert differences(ROW, REPORT, entry="95009", agent="8099", synthetic=True) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"outcome": "abandoned"}, "the record says outcome 'abandoned', not 'answered'"),
        ({"agent": None}, "the record says agent None, not '8099'"),
        ({"synthetic": False}, "the record says synthetic False, not True"),
        ({"wait_ms": None}, "the record has no wait_ms"),
        ({"wait_ms": 5000}, "the record's wait_ms is 5000 ms, measured were 100"),
        ({"talk_ms": 10}, "the record's talk_ms is 10 ms, measured were 2050"),
        (
            {"arrived_at": "2026-01-31T13:45:03Z"},
            "the record's arrival is 3000 ms, measured were 0",
        ),
    ],
)
def test_a_wrong_row_is_told_in_a_sentence(change: dict[str, Any], sentence: str) -> None:
    row = ROW | change
    assert differences(row, REPORT, entry="95009", agent="8099", synthetic=True) == [sentence]
