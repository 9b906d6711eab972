"""Recordings leave the house by two persons, marked, and never by one (L2)."""

import io
import zipfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from acd.core.roles import Role
from acd.desk.compression import decompress
from acd.desk.watermark import FRAME_SAMPLES, read_mark, stamp
from tests.desk.office import Office, samples
from tests.tokens import Keys, granted

LI, WANG, AGENT = ({"Authorization": f"Bearer {one}"} for one in ("li", "wang", "agent"))
ALSO_LI = {"Authorization": "Bearer li2"}


@pytest.fixture
async def desk(office: Office) -> AsyncIterator[httpx.AsyncClient]:
    tokens = Keys(
        li=granted(Role.SUPERVISOR, person="李敏", agent="8090"),
        li2=granted(Role.ADMINISTRATOR, person="李敏"),
        wang=granted(Role.ADMINISTRATOR, person="王芳"),
        agent=granted(Role.AGENT, person="8001", agent="8001"),
    )
    async with office.client(tokens=tokens, headers={}) as client:
        yield client


async def asked(desk: httpx.AsyncClient, *recordings: str) -> int:
    body = {"recordings": list(recordings), "why": "案件 2026-17"}
    answer = await desk.post("/exports", json=body, headers=LI)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["export_id"])


async def test_one_asks_another_agrees_and_the_first_takes_it(
    office: Office, desk: httpx.AsyncClient, tmp_path: Path
) -> None:
    first, second = await office.kept("call-1"), await office.call("call-2")
    export = await asked(desk, first, second)
    early = await desk.get(f"/exports/{export}/package", headers=LI)
    assert early.status_code == 409
    agreed = await desk.post(f"/exports/{export}/agree", headers=WANG)
    assert (agreed.json()["agreed"], agreed.json()["decided_by"]) == (True, "王芳")
    not_hers = await desk.get(f"/exports/{export}/package", headers=WANG)
    assert not_hers.status_code == 409
    taken = await desk.get(f"/exports/{export}/package", headers=LI)
    assert taken.status_code == 200
    with zipfile.ZipFile(io.BytesIO(taken.content)) as package:
        assert sorted(package.namelist()) == sorted(
            ["READ-ME.txt", "recordings.csv", f"{first}.flac", f"{second}.flac"]
        )
        listed = package.read("recordings.csv").decode("utf-8-sig").splitlines()
        assert [line.split(",")[1] for line in listed] == ["call_id", "call-1", "call-2"]
        cover = package.read("READ-ME.txt").decode()
        assert "李敏" in cover
        assert "王芳" in cover
        for name in (first, second):
            package.extract(f"{name}.flac", tmp_path)
            await decompress(tmp_path / f"{name}.flac", tmp_path / "sound.raw")
            heard = (tmp_path / "sound.raw").read_bytes()
            assert read_mark(heard) == export
            assert [a & ~1 for a in heard[0::2]] == [a & ~1 for a in samples(0.5)[0::2]]
            assert heard[1::2] == samples(0.5)[1::2]
    notes = [(one.who, one.action, one.subject) for one in await office.audit.find()]
    assert notes == [
        ("李敏", "take export", f"x{export}"),
        ("王芳", "agree to export", f"x{export}"),
        ("李敏", "ask for export", f"x{export}"),
    ]


async def test_nobody_decides_on_their_own_wish_under_whatever_token(
    office: Office, desk: httpx.AsyncClient
) -> None:
    export = await asked(desk, await office.kept())
    for token in (LI, ALSO_LI):
        own = await desk.post(f"/exports/{export}/agree", headers=token)
        assert own.status_code == 409
        assert own.json() == {"sentence": "Whoever asks for an export does not decide on it."}
    assert (await desk.post(f"/exports/{export}/agree", headers=AGENT)).status_code == 403
    with pytest.raises(Exception, match="check"):
        await office.pool.execute(
            "UPDATE export SET decided_by = asked_by, decided_at = now(), agreed = true"
        )


async def test_what_is_refused_stays_so(office: Office, desk: httpx.AsyncClient) -> None:
    export = await asked(desk, await office.kept())
    refused = await desk.post(f"/exports/{export}/refuse", headers=WANG)
    assert refused.json()["agreed"] is False
    assert (await desk.post(f"/exports/{export}/agree", headers=WANG)).status_code == 409
    assert (await desk.get(f"/exports/{export}/package", headers=LI)).status_code == 409


@pytest.mark.parametrize("column", ["asked_at", "decided_at"])
async def test_a_day_later_it_is_over(office: Office, desk: httpx.AsyncClient, column: str) -> None:
    """Neither an old wish is agreed to nor an old agreement used."""
    export = await asked(desk, await office.kept())
    if column == "decided_at":
        await desk.post(f"/exports/{export}/agree", headers=WANG)
    then = datetime.now(UTC) - timedelta(hours=24, seconds=1)
    await office.pool.execute(f"UPDATE export SET {column} = $1", then)
    if column == "asked_at":
        assert (await desk.post(f"/exports/{export}/agree", headers=WANG)).status_code == 409
    assert (await desk.get(f"/exports/{export}/package", headers=LI)).status_code == 409


async def test_an_open_desk_exports_nothing(office: Office) -> None:
    recording = await office.kept()
    async with office.client() as client:
        answer = await client.post("/exports", json={"recordings": [recording], "why": "anything"})
    assert answer.status_code == 409
    assert "tokens" in answer.json()["sentence"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"recordings": [], "why": "because"}, 422),
        ({"recordings": ["../../etc/passwd"], "why": "because"}, 422),
        ({"recordings": ["n1-1.1"] * 101, "why": "because"}, 422),
        ({"recordings": ["n1-1.1"], "why": ""}, 422),
        ({"recordings": ["n1-1.1"], "why": "a\x00b"}, 422),
        ({"recordings": ["n1-1.1"], "why": "because"}, 404),
    ],
)
async def test_a_wish_that_cannot_be_is_told_in_a_sentence(
    desk: httpx.AsyncClient, body: dict[str, object], status: int
) -> None:
    answer = await desk.post("/exports", json=body, headers=LI)
    assert answer.status_code == status
    assert answer.json()["sentence"].endswith(".")


async def test_a_sound_that_is_gone_is_told_and_nothing_is_handed_out(
    office: Office, desk: httpx.AsyncClient
) -> None:
    recording = await office.kept()
    export = await asked(desk, recording)
    await desk.post(f"/exports/{export}/agree", headers=WANG)
    office.archive.path((await office.row(recording)).file or "").unlink()
    answer = await desk.get(f"/exports/{export}/package", headers=LI)
    assert answer.status_code == 404
    assert recording in answer.json()["sentence"]


# ── the mark ────────────────────────────────────────────────────────────────────────────────


def marked(sound: bytes, export: int) -> bytes:
    sink = io.BytesIO()
    stamp(io.BytesIO(sound), sink, export)
    return sink.getvalue()


@pytest.mark.parametrize("export", [1, 7, 2**31, 2**63 - 1])
def test_a_mark_is_read_from_any_piece_of_two_frames(export: int) -> None:
    made = marked(samples(0.5), export)
    assert len(made) == len(samples(0.5))
    for begin in (0, 2, 74, 254):
        assert read_mark(made[begin : begin + FRAME_SAMPLES * 4]) == export


@pytest.mark.parametrize("sound", [b"", bytes(4000), samples(0.5), b"\xff" * 4000])
def test_what_was_never_exported_bears_no_mark(sound: bytes) -> None:
    assert read_mark(sound) is None


def test_a_mark_goes_on_over_the_pieces_in_which_it_is_written() -> None:
    long = bytes(FRAME_SAMPLES * 4096 * 2 * 2 + 500)
    made = marked(long, 9)
    assert len(made) == len(long)
    assert read_mark(made[FRAME_SAMPLES * 4096 * 2 - 100 :]) == 9
    assert read_mark(made[-2 * FRAME_SAMPLES * 2 - 500 :]) == 9
