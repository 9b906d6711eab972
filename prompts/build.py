"""Makes the sound files: `python -m prompts.build --out DIR [--root PRIVATE_ROOT]`.

One NAME.wav per prompt in DIR, and the waiting music in DIR/music-on-hold/ (a folder of its own,
because Asterisk plays whole folders of music). A recording of the same name in prompts/recordings
is used instead of the synthetic voice. What is already there and still right is left alone:
DIR/.made.json remembers from what each file was made, and a second run takes a blink.

espeak-ng and sox are fed and read through pipes only, so a command prefix such as
`chroot PRIVATE_ROOT` runs them without any folder being shared with it.
"""

import argparse
import hashlib
import json
import subprocess
import sys
from array import array
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from prompts import music, wav
from prompts.texts import DEFAULT_FILE, FOLDER, Prompt, PromptError, PromptList, load

RECORDINGS = FOLDER / "recordings"

# Loud enough for weak ears, and as loud as the music, so nobody starts at a change.
SPEECH_DBFS = -20.0
# The loudest moment stays below this even if the whole is then a little softer: a limiter would
# press the tones flat, and in Mandarin the tone is the word.
PEAK_DBFS_MAX = -1.0

# Part of every file's recipe: raise it when the way files are made changes.
_RECIPE = 1
_WORKERS = 2
_TOOL_SECONDS_MAX = 60
_MADE = ".made.json"


@dataclass(frozen=True, slots=True)
class Built:
    """What one run did, by prompt names in the list's order."""

    made: tuple[str, ...]
    kept: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Job:
    """One file to make."""

    name: str
    recipe: str
    file: Path
    prompt: Prompt | None
    """None for the music."""
    recording: Path | None
    voice: str
    words_per_minute: int
    prefix: tuple[str, ...]


def build(
    out: Path,
    *,
    prefix: Sequence[str] = (),
    texts: Path = DEFAULT_FILE,
    recordings: Path = RECORDINGS,
    report: Callable[[str], None] = lambda line: None,
) -> Built:
    """Bring the folder `out` up to date.

    Args:
        prefix: put before espeak-ng and sox, e.g. ("chroot", "/path/of/root").
        report: called with one line of progress after each file made.

    Raises:
        PromptError: the list, a recording or a tool is not right. Files made before that stay
            and are not made again.
    """
    listed = load(texts)
    try:
        out.mkdir(parents=True, exist_ok=True)
        return _update(out, _jobs(listed, out, tuple(prefix), recordings), report)
    except OSError as error:
        reason = error.strerror or error
        raise PromptError(f"{error.filename or out} cannot be used: {reason}.") from error


def _update(out: Path, jobs: list[_Job], report: Callable[[str], None]) -> Built:
    made_before = _read_made(out)
    due = [job for job in jobs if made_before.get(job.name) != _mark(job)]
    fresh = {job.name for job in jobs} - {job.name for job in due}
    marks = {name: mark for name, mark in made_before.items() if name in fresh}
    removed = tuple(sorted(made_before.keys() - {job.name for job in jobs}))
    for name in removed:
        _file(out, name).unlink(missing_ok=True)
    try:
        with ThreadPoolExecutor(_WORKERS) as pool:
            for count, job in enumerate(_make_all(pool, due), start=1):
                marks[job.name] = _mark(job)
                report(f"prompts: {count}/{len(due)} {job.name}")
    finally:
        if marks != made_before:
            _write_made(out, marks)
    return Built(
        made=tuple(job.name for job in due),
        kept=tuple(job.name for job in jobs if job.name in fresh),
        removed=removed,
    )


def _jobs(listed: PromptList, out: Path, prefix: tuple[str, ...], recordings: Path) -> list[_Job]:
    if music.MUSIC_NAME in listed.prompts:
        raise PromptError(f"{music.MUSIC_NAME} is the music's name and cannot be a prompt's.")
    found = {file.stem: file for file in sorted(recordings.glob("*.wav"))}
    for name, file in found.items():
        if name not in listed.prompts and name != music.MUSIC_NAME:
            raise PromptError(f"{file} replaces nothing: there is no prompt of that name.")
    jobs = []
    # The music takes longest, so it goes first and the voice fills the other core.
    for name, prompt in [(music.MUSIC_NAME, None), *listed.prompts.items()]:
        recording = found.get(name)
        speed = listed.words_per_minute[prompt.audience] if prompt else 0
        spoken = repr((prompt, listed.voice, speed)).encode()
        source = recording.read_bytes() if recording else spoken
        jobs.append(
            _Job(
                name=name,
                recipe=hashlib.sha256(b"%d %r " % (_RECIPE, bool(recording)) + source).hexdigest(),
                file=_file(out, name),
                prompt=prompt,
                recording=recording,
                voice=listed.voice,
                words_per_minute=speed,
                prefix=prefix,
            )
        )
    return jobs


def _file(out: Path, name: str) -> Path:
    folder = out / music.MUSIC_NAME if name == music.MUSIC_NAME else out
    return folder / f"{name}.wav"


def _make_all(pool: Executor, due: list[_Job]) -> Iterator[_Job]:
    running: dict[Future[None], _Job] = {pool.submit(_make, job): job for job in due}
    try:
        for done in as_completed(running):
            done.result()
            yield running[done]
    finally:
        for waiting in running:
            waiting.cancel()


def _make(job: _Job) -> None:
    if job.recording:
        samples = wav.read_recording(job.recording)
    elif job.prompt is None:
        samples = music.music_on_hold()
    elif job.prompt.tone_hz:
        samples = music.tone(job.prompt.tone_hz, job.prompt.tone_ms)
    else:
        samples = _speak(job, job.prompt.text)
    wav.write(job.file, samples)


def _speak(job: _Job, text: str) -> "array[int]":
    # Half amplitude: the Mandarin voice clips at the default of 100.
    speed = str(job.words_per_minute)
    options = ("-b", "1", "-v", job.voice, "-s", speed, "-a", "50")  # -b 1: the text is UTF-8
    command = ("espeak-ng", *options, "--stdin", "--stdout")
    spoken = _run(job, command, text.encode())
    # Through a pipe espeak-ng cannot write the length into the header. -D: no dither, so the
    # same text gives the same bytes. Below 200 Hz the telephone carries nothing.
    to_phone = ("highpass", "200", "rate", str(wav.RATE_HZ))
    trim = ("silence", "1", "0.01", "1%", "reverse")
    wide = ("-t", "wav", "--ignore-length", "-")
    narrow = _run(job, ("sox", "-D", *wide, *_RAW, "-", *to_phone, *trim, *trim), spoken)
    samples = wav.samples_of(narrow)
    level = wav.speech_dbfs(samples)
    if level <= wav.SILENCE_DBFS:
        raise PromptError(f"{job.name}: espeak-ng said nothing with the voice {job.voice!r}.")
    gain = min(SPEECH_DBFS - level, PEAK_DBFS_MAX - wav.peak_dbfs(samples))
    # A breath before and after: the first syllable is not cut by a slow path.
    pause = ("pad", "0.1", "0.2")
    raw = (*_RAW, "-")
    levelled = _run(job, ("sox", "-D", *raw, *raw, "gain", f"{gain:.2f}", *pause), narrow)
    return wav.samples_of(levelled)


_RAW = ("-t", "raw", "-r", str(wav.RATE_HZ), "-e", "signed-integer", "-b", "16", "-c", "1", "-L")


def _run(job: _Job, command: tuple[str, ...], stdin: bytes) -> bytes:
    tool = command[0]
    try:
        done = subprocess.run(
            (*job.prefix, *command),
            input=stdin,
            capture_output=True,
            timeout=_TOOL_SECONDS_MAX,
            check=False,
        )
    except OSError as error:
        raise PromptError(
            f"{(*job.prefix, tool)[0]} cannot be run ({error.strerror}): "
            f"install {tool}, or name the private root with --root."
        ) from error
    except subprocess.TimeoutExpired as error:
        raise PromptError(f"{job.name}: {tool} did not end in {_TOOL_SECONDS_MAX} s.") from error
    if done.returncode or not done.stdout:
        said = " ".join(done.stderr.decode(errors="replace").split()) or "it said nothing"
        raise PromptError(f"{job.name}: {tool} failed with code {done.returncode}: {said}.")
    return done.stdout


def _mark(job: _Job) -> dict[str, str]:
    """What is remembered of a file: its recipe, and its content, so that damage is seen."""
    try:
        content = hashlib.sha256(job.file.read_bytes()).hexdigest()
    except FileNotFoundError:
        content = ""
    return {"recipe": job.recipe, "content": content}


def _read_made(out: Path) -> dict[str, dict[str, str]]:
    try:
        made = json.loads((out / _MADE).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return made if isinstance(made, dict) else {}


def _write_made(out: Path, marks: dict[str, dict[str, str]]) -> None:
    aside = out / f"{_MADE}.new"
    aside.write_text(json.dumps(marks, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    aside.replace(out / _MADE)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; 0 when everything is there, 2 with one sentence when not."""
    parser = argparse.ArgumentParser(prog="python -m prompts.build", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder of the sound files")
    parser.add_argument("--root", type=Path, help="private root that holds espeak-ng and sox")
    parser.add_argument("--recordings", type=Path, default=RECORDINGS)
    options = parser.parse_args(arguments)
    prefix = ("chroot", str(options.root)) if options.root else ()
    try:
        built = build(options.out, prefix=prefix, recordings=options.recordings, report=_progress)
    except PromptError as error:
        print(f"prompts: {error}", file=sys.stderr)
        return 2
    print(f"prompts: {len(built.made)} made, {len(built.kept)} kept in {options.out}")
    return 0


def _progress(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
