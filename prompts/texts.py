"""The list of prompts: reads and checks texts.yaml.

It is the only source of what the switch says (V04): the sound files are made from it, and
whatever shows the same words on a screen takes them from `load`. What comes out is complete
and right; a mistake in the file is one sentence that names the file, the prompt and the value.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeGuard

import yaml

FOLDER = Path(__file__).resolve().parent
DEFAULT_FILE = FOLDER / "texts.yaml"

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_CLAUSE = re.compile(r"[TVEDWFUOQKPGXHC]\d{2}|L\d{1,2}")
# Anything else is read aloud in English, or as the name of a sign, by the default voice.
_SPEAKABLE = re.compile("[\u4e00-\u9fff\uff0c\u3002\uff1b\uff1a\u3001\uff01\uff1f]+")
_FIELDS = {"text", "audience", "key", "clauses", "tone_hz", "tone_ms"}


class PromptError(Exception):
    """The prompts cannot be made; the message is one sentence that says what to change."""


class Audience(StrEnum):
    """Who hears a prompt; decides how fast it is spoken."""

    CALLER = "caller"
    AGENT = "agent"


@dataclass(frozen=True, slots=True)
class Prompt:
    """One thing the switch says: a text, or a plain tone when `text` is empty."""

    name: str
    audience: Audience
    clauses: tuple[str, ...]
    text: str = ""
    key: int | None = None
    """The digit by which an agent chooses it (pause reasons), else None."""
    tone_hz: int = 0
    tone_ms: int = 0


@dataclass(frozen=True, slots=True)
class PromptList:
    """All prompts by name, in the file's order, and how they are spoken."""

    voice: str
    words_per_minute: dict[Audience, int]
    prompts: dict[str, Prompt]


# libyaml's where PyYAML has it: ten times faster, and every load of a directory reads the list.
_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _UniqueKeys(_Base):  # type: ignore[misc]
    """YAML lets a later key silently replace an earlier one; here that is a lost prompt."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                line = key_node.start_mark.line + 1
                raise PromptError(
                    f"{key_node.start_mark.name}: line {line}: {key!r} stands there twice."
                )
            seen.add(key)
        found: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        return found


def load(file: Path = DEFAULT_FILE) -> PromptList:
    """Read and check the list.

    Raises:
        PromptError: the file is missing, is not YAML, or holds something that cannot be said.
    """
    try:
        with file.open(encoding="utf-8") as stream:
            raw = yaml.load(stream, Loader=_UniqueKeys)
    except (OSError, UnicodeDecodeError) as error:
        raise PromptError(f"{file} cannot be read: {error}.") from error
    except yaml.YAMLError as error:
        reason = " ".join(str(error).split())
        raise PromptError(f"{file} is not YAML: {reason}.") from error
    if not isinstance(raw, dict) or not isinstance(raw.get("prompts"), dict):
        raise PromptError(f"{file}: a list of prompts is expected under 'prompts'.")
    voice = raw.get("voice")
    if not isinstance(voice, str) or not voice:
        raise PromptError(f"{file}: voice: the name of an espeak-ng voice is expected.")
    return PromptList(
        voice=voice,
        words_per_minute=_speeds(file, raw.get("words_per_minute")),
        prompts={str(name): _prompt(file, name, item) for name, item in raw["prompts"].items()},
    )


def _speeds(file: Path, raw: object) -> dict[Audience, int]:
    speeds: dict[Audience, int] = {}
    for audience in Audience:
        value = raw.get(audience.value) if isinstance(raw, dict) else None
        # espeak-ng speaks 80 to 450 words per minute and quietly limits the rest.
        if not _is_number(value) or not 80 <= value <= 450:
            raise PromptError(
                f"{file}: words_per_minute: {audience}: a number from 80 to 450 is expected, "
                f"not {value!r}."
            )
        speeds[audience] = value
    return speeds


def _prompt(file: Path, name: object, raw: object) -> Prompt:
    where = f"{file}: {name}"
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise PromptError(f"{where}: a name is small letters, digits and single hyphens.")
    if not isinstance(raw, dict):
        raise PromptError(f"{where}: fields are expected, not {raw!r}.")
    unknown = sorted(str(field) for field in raw.keys() - _FIELDS)
    if unknown:
        raise PromptError(f"{where}: there is no field {unknown[0]!r}.")
    text, clauses, key = raw.get("text", ""), raw.get("clauses"), raw.get("key")
    if raw.get("audience") not in list(Audience):
        raise PromptError(f"{where}: audience: caller or agent, not {raw.get('audience')!r}.")
    if not isinstance(clauses, list) or not clauses:
        raise PromptError(f"{where}: clauses: at least one clause number is expected.")
    for clause in clauses:
        if not isinstance(clause, str) or not _CLAUSE.fullmatch(clause):
            raise PromptError(f"{where}: clauses: {clause!r} is not a clause number.")
    if key is not None and (not _is_number(key) or not 0 <= key <= 9):
        raise PromptError(f"{where}: key: one digit is expected, not {key!r}.")
    tone_hz, tone_ms = _tone(where, raw)
    if bool(text) == bool(tone_hz):
        raise PromptError(f"{where}: either a text or a tone is expected.")
    if text and (not isinstance(text, str) or not _SPEAKABLE.fullmatch(text)):
        raise PromptError(
            f"{where}: text: only Chinese characters and Chinese marks can be spoken, not {text!r}."
        )
    return Prompt(
        name=name,
        audience=Audience(raw["audience"]),
        clauses=tuple(clauses),
        text=text,
        key=key,
        tone_hz=tone_hz,
        tone_ms=tone_ms,
    )


def _tone(where: str, raw: dict[str, Any]) -> tuple[int, int]:
    tone_hz, tone_ms = raw.get("tone_hz", 0), raw.get("tone_ms", 0)
    if "tone_hz" not in raw and "tone_ms" not in raw:
        return 0, 0
    # The telephone carries 300 to 3400 Hz.
    if not _is_number(tone_hz) or not 300 <= tone_hz <= 3400:
        raise PromptError(f"{where}: tone_hz: 300 to 3400 Hz is expected, not {tone_hz!r}.")
    if not _is_number(tone_ms) or not 50 <= tone_ms <= 5000:
        raise PromptError(f"{where}: tone_ms: 50 to 5000 ms is expected, not {tone_ms!r}.")
    return tone_hz, tone_ms


def _is_number(value: object) -> TypeGuard[int]:
    # bool is an int in Python, and `yes` is a bool in YAML.
    return isinstance(value, int) and not isinstance(value, bool)
