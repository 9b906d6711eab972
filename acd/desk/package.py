"""What an export hands out: one ZIP with the sounds, each marked, and a list of what they are."""

import asyncio
import csv
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

from acd.adapters.postgres.exports import ExportRecord
from acd.adapters.postgres.recordings import RecordingRecord
from acd.desk.archive import Archive
from acd.desk.compression import compress, decompress
from acd.desk.watermark import stamp

COLUMNS = (
    "recording_id", "call_id", "started_at", "ended_at", "duration_ms", "caller", "called", "queue",
    "terminal", "agents", "sha256",
)  # fmt: skip


class NotThere(Exception):
    """A recording has no sound to hand out: its sentence says which, and why."""


async def pack(
    export: ExportRecord, found: Sequence[RecordingRecord], archive: Archive, folder: Path
) -> Path:
    """Write the package into ``folder``, which is its caller's to remove, and return the file.

    Raises NotThere, CompressionFailed, OSError; then nothing may be handed out.
    """
    target = folder / f"export-x{export.export_id}.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as package:
        package.writestr("READ-ME.txt", _cover(export))
        package.writestr("recordings.csv", _listed(found))
        for one in found:
            marked = await _marked(one, export.export_id, archive, folder)
            await asyncio.to_thread(package.write, marked, f"{one.recording_id}.flac")
            marked.unlink()
    return target


async def _marked(one: RecordingRecord, export: int, archive: Archive, folder: Path) -> Path:
    raw, stamped = folder / "sound.raw", folder / "marked.raw"
    kept = None if one.file is None else archive.path(one.file)
    if kept is not None and await asyncio.to_thread(kept.is_file):
        await decompress(kept, raw, keys=archive.keys)
        source = raw
    else:
        spooled = await asyncio.to_thread(archive.raw, one.recording_id)
        if spooled is None:
            raise NotThere(f"Recording {one.recording_id} has no sound: it is {one.state}.")
        source = spooled.path
    await asyncio.to_thread(_stamp, source, stamped, export)
    raw.unlink(missing_ok=True)
    target = folder / f"{one.recording_id}.flac"
    await compress(stamped, target)
    stamped.unlink()
    return target


def _stamp(source: Path, target: Path, export: int) -> None:
    with source.open("rb") as reading, target.open("wb") as writing:
        stamp(reading, writing, export)


def _cover(export: ExportRecord) -> str:
    return (
        f"导出编号 x{export.export_id}\n"
        f"申请人 {export.asked_by}({export.asked_at:%Y-%m-%d %H:%M:%S%z})\n"
        f"批准人 {export.decided_by}({export.decided_at:%Y-%m-%d %H:%M:%S%z})\n"
        f"事由 {export.why}\n"
        "每段录音均带有本次导出的水印。禁止复制、转发;用毕销毁。\n"
    )


def _listed(found: Sequence[RecordingRecord]) -> str:
    text = io.StringIO()
    # A spreadsheet would take =… for a formula; none of these columns can begin with it but a name
    # that came from outside, which is written as text.
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for one in found:
        writer.writerow([_plain(getattr(one, column)) for column in COLUMNS])
    return "\ufeff" + text.getvalue()


def _plain(value: object) -> str:
    if value is None:
        return ""
    text = " ".join(map(str, value)) if isinstance(value, list) else str(value)
    return f"'{text}" if text[:1] in "=+-@\t\r" else text
