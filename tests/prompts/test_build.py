"""The sound files: one per prompt, right in format and level, and made only when needed."""

import re
import shutil
import subprocess
import wave
from array import array
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from acd.core.call_control import keys, transfers
from acd.core.emergency import beside, parties, silence
from prompts import music, wav
from prompts.build import Built, build, main
from prompts.texts import DEFAULT_FILE, Prompt, PromptError, load
from servers import settings
from servers.asterisk import PROMPTS as BUILT
from servers.root import ensure_root
from servers.run import build_prompts

PROMPTS = load().prompts
SPOKEN = [prompt for prompt in PROMPTS.values() if prompt.text]
IN_CONVERSATION = sorted(
    {
        *keys.PROMPTS, *silence.FLAG, *parties.PROMPTS, *beside.PROMPTS,
        *transfers.OTHER_ABSENT, *transfers.OTHER_LEFT,
    }
)  # fmt: skip
"""What is said to an agent who may be alone with a caller."""

SOME = 15
"""Each so many-th text is made from nothing, which takes a tenth of a second of both processors."""

# Tones need neither the voice nor sox, so what is not about speech is tested without them.
TWO_TONES = """
voice: cmn
words_per_minute: {caller: 150, agent: 190}
prompts:
  low: {tone_hz: 500, tone_ms: 100, audience: caller, clauses: [V03]}
  high: {tone_hz: 1000, tone_ms: 100, audience: caller, clauses: [V03]}
"""


@pytest.fixture(scope="session")
def built() -> Path:
    """All real prompts, brought up to date as `make run` and `make test` do."""
    build_prompts(ensure_root(settings.load()))
    return BUILT


class Workshop:
    """A folder of prompts made from two tones, with its own list and recordings."""

    def __init__(self, folder: Path) -> None:
        self.texts, self.recordings, self.out = (
            folder / "t.yaml",
            folder / "recorded",
            folder / "out",
        )
        self.recordings.mkdir()
        self.texts.write_text(TWO_TONES, encoding="utf-8")

    def build(self) -> Built:
        return build(self.out, texts=self.texts, recordings=self.recordings)


@pytest.fixture(scope="session")
def made_workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("workshop")
    assert set(Workshop(folder).build().made) == {"low", "high", music.MUSIC_NAME}
    return folder


@pytest.fixture
def workshop(made_workshop: Path, tmp_path: Path) -> Workshop:
    """A workshop in which everything has been made once (copied: the music takes a second)."""
    fresh = Workshop(tmp_path)
    shutil.copytree(made_workshop / "out", fresh.out)
    return fresh


def samples_in(file: Path) -> "array[int]":
    with wave.open(str(file), "rb") as source:
        assert source.getparams()[:3] == (1, 2, wav.RATE_HZ)
        assert source.getcomptype() == "NONE"
        return wav.samples_of(source.readframes(source.getnframes()))


def syllables(text: str) -> int:
    return len(re.findall("[\u4e00-\u9fff]", text))


@pytest.mark.parametrize("prompt", SPOKEN, ids=lambda prompt: prompt.name)
def test_every_text_is_a_file_of_the_right_format_level_and_length(
    built: Path, prompt: Prompt
) -> None:
    samples = samples_in(built / f"{prompt.name}.wav")

    assert wav.speech_dbfs(samples) == pytest.approx(-20.0, abs=1.0)
    assert wav.peak_dbfs(samples) < -0.9
    # 0.3 s of it are the breath around; a syllable takes 0.12 to 0.5 s, with its share of pauses.
    spoken_seconds = len(samples) / wav.RATE_HZ - 0.3
    assert 0.12 <= spoken_seconds / syllables(prompt.text) <= 0.5


@pytest.mark.parametrize("name", IN_CONVERSATION)
def test_what_an_agent_is_told_beside_a_caller_is_short(built: Path, name: str) -> None:
    """While it plays the agent is not heard, and a caller who is alone with them hears nothing: no
    longer than two seconds, with the keys that they have pressed for it (E16, C08)."""
    assert len(samples_in(built / f"{name}.wav")) / wav.RATE_HZ <= 1.6


@pytest.mark.parametrize("prompt", SPOKEN, ids=lambda prompt: prompt.name)
def test_the_voice_says_one_syllable_per_character(
    voice_prefix: tuple[str, ...], prompt: Prompt
) -> None:
    """A character it does not know would be spelt, skipped or read in English."""
    options = ("-b", "1", "-v", "cmn", "-q", "-x", "--stdin")
    done = subprocess.run(
        (*voice_prefix, "espeak-ng", *options),
        input=prompt.text.encode(),
        capture_output=True,
        check=True,
    )
    phonemes = done.stdout.decode()

    # Each syllable carries its tone as two digits.
    assert len(re.findall(r"[1-5]{2}", phonemes)) == syllables(prompt.text), phonemes
    assert "(" not in phonemes, "a change of language"


def test_the_waiting_music_is_long_calm_and_joins_itself(built: Path) -> None:
    samples = samples_in(built / "music-on-hold" / "music-on-hold.wav")

    assert len(samples) >= 60 * wav.RATE_HZ
    assert wav.rms_dbfs(samples) == pytest.approx(-20.0, abs=0.5)
    assert wav.peak_dbfs(samples) < -3.0
    tenth = wav.RATE_HZ // 10
    assert wav.rms_dbfs(samples[:tenth]) < -50.0
    assert wav.rms_dbfs(samples[-tenth:]) < -50.0
    # Nowhere silent in between: a caller would think the line is dead.
    for second in range(2, len(samples) // wav.RATE_HZ - 2):
        assert wav.rms_dbfs(samples[second * wav.RATE_HZ : (second + 1) * wav.RATE_HZ]) > -45.0


def test_the_beep_is_a_tone_of_its_length(built: Path) -> None:
    samples = samples_in(built / "beep.wav")

    assert len(samples) == PROMPTS["beep"].tone_ms * wav.RATE_HZ // 1000
    assert wav.rms_dbfs(samples) == pytest.approx(-20.0, abs=0.5)


def test_a_second_run_makes_nothing(built: Path) -> None:
    # Without a prefix and so without a voice: nothing may need one.
    again = build(built, prefix=("a-command-that-is-not-there",))

    assert again.made == ()
    assert set(again.kept) == {*PROMPTS, music.MUSIC_NAME}


def test_a_text_made_from_nothing_is_the_one_that_was_kept(
    built: Path, voice_prefix: tuple[str, ...], tmp_path: Path
) -> None:
    """The same text gives the same bytes; and who changes how files are made, but not the number of
    the recipe, has all of the old ones left alone."""
    listed = yaml.safe_load(DEFAULT_FILE.read_text(encoding="utf-8"))
    names = {"beep", *list(listed["prompts"])[::SOME]}
    listed["prompts"] = {name: listed["prompts"][name] for name in names}
    texts = tmp_path / "texts.yaml"
    texts.write_text(yaml.safe_dump(listed, allow_unicode=True), encoding="utf-8")
    made = build(tmp_path / "out", prefix=voice_prefix, texts=texts).made
    assert set(made) == {*names, music.MUSIC_NAME}

    files = sorted(path.relative_to(tmp_path / "out") for path in (tmp_path / "out").rglob("*.wav"))
    assert len(files) == len(made)
    for name in files:
        assert (tmp_path / "out" / name).read_bytes() == (built / name).read_bytes(), name


@pytest.mark.parametrize("harm", [Path.unlink, lambda file: file.write_bytes(b"RIFF")])
def test_a_lost_or_damaged_file_is_made_again_and_only_that(
    workshop: Workshop, harm: Callable[[Path], object]
) -> None:
    before = (workshop.out / "low.wav").read_bytes()
    harm(workshop.out / "low.wav")

    assert workshop.build().made == ("low",)
    assert (workshop.out / "low.wav").read_bytes() == before


def test_a_changed_prompt_is_made_again_and_only_that(workshop: Workshop) -> None:
    workshop.texts.write_text(TWO_TONES.replace("1000", "1200"), encoding="utf-8")

    assert workshop.build().made == ("high",)


def test_the_file_of_a_prompt_that_is_no_more_goes_away(workshop: Workshop) -> None:
    (workshop.out / "somebody-elses.wav").write_bytes(b"kept")
    workshop.texts.write_text(TWO_TONES.replace("  high:", "  new:"), encoding="utf-8")

    assert workshop.build().removed == ("high",)
    assert {file.name for file in workshop.out.glob("*.wav")} == {
        "low.wav",
        "new.wav",
        "somebody-elses.wav",
    }


def test_a_broken_memory_means_everything_is_made_again(workshop: Workshop) -> None:
    (workshop.out / ".made.json").write_text("{", encoding="utf-8")

    assert set(workshop.build().made) == {"low", "high", music.MUSIC_NAME}


def record(
    file: Path, *, rate: int = 8000, width: int = 2, channels: int = 1, samples: int = 8000
) -> None:
    tone = music.tone(700, 1000)[:samples] * (samples // 8000 or 1)
    with wave.open(str(file), "wb") as out:
        out.setparams((channels, width, rate, 0, "NONE", ""))
        out.writeframes(wav.raw_of(tone))


@pytest.mark.parametrize("name", ["low", music.MUSIC_NAME])
def test_a_recording_of_the_same_name_wins_until_it_is_taken_away(
    workshop: Workshop, name: str
) -> None:
    folder = workshop.out / name if name == music.MUSIC_NAME else workshop.out
    computed = (folder / f"{name}.wav").read_bytes()
    record(workshop.recordings / f"{name}.wav")

    assert workshop.build().made == (name,)
    assert samples_in(folder / f"{name}.wav") == music.tone(700, 1000)
    assert workshop.build().made == ()

    (workshop.recordings / f"{name}.wav").unlink()
    assert workshop.build().made == (name,)
    assert (folder / f"{name}.wav").read_bytes() == computed


def _cut_off(file: Path) -> None:
    record(file)
    file.write_bytes(file.read_bytes()[:4000])


def _silent(file: Path) -> None:
    wav.write(file, array("h", bytes(16000)))


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda file: record(file, rate=44100), "has 44100 Hz, 16 bit and 1 channel(s), but 8000"),
        (lambda file: record(file, channels=2), "2 channel(s), but 8000 Hz, 16 bit and 1 channel"),
        (lambda file: record(file, width=1), "has 8000 Hz, 8 bit"),
        (lambda file: record(file, samples=0), "is empty: it lasts 0 ms."),
        (lambda file: record(file, samples=300), "is empty: it lasts 37 ms."),
        (_silent, "has nothing to be heard in it: its level is -90 dBFS."),
        (_cut_off, "is cut off: 1978 of 8000 samples are there."),
        (lambda file: file.write_bytes(b""), "is not a PCM WAV file (it ends too early)."),
        (lambda file: file.write_bytes(b"ID3" + bytes(100)), "is not a PCM WAV file"),
        (lambda file: file.mkdir(), "cannot be used: Is a directory."),
        (lambda file: record(file.with_name("lwo.wav")), "lwo.wav replaces nothing: there is no"),
    ],
    ids=[
        "44100 Hz",
        "stereo",
        "8 bit",
        "no samples",
        "a click",
        "silence",
        "cut off",
        "empty file",
        "MP3",
        "a folder",
        "unknown name",
    ],
)
def test_a_bad_recording_is_refused_in_one_sentence_and_the_old_file_stays(
    workshop: Workshop, spoil: Callable[[Path], object], sentence: str
) -> None:
    before = (workshop.out / "low.wav").read_bytes()
    spoil(workshop.recordings / "low.wav")

    with pytest.raises(PromptError) as caught:
        workshop.build()

    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)
    assert (workshop.out / "low.wav").read_bytes() == before


def test_a_missing_voice_is_one_sentence_with_the_remedy_and_exit_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert main(["--out", str(tmp_path / "out")]) == 2

    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "espeak-ng cannot be run" in said
    assert "install espeak-ng, or name the private root with --root" in said


def test_a_private_root_that_is_not_there_is_one_sentence_and_exit_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--out", str(tmp_path / "out"), "--root", str(tmp_path / "gone")]) == 2

    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "espeak-ng failed with code" in said
    assert str(tmp_path / "gone") in said


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(PromptError, match=r"file cannot be used: File exists\."):
        build(tmp_path / "file")
