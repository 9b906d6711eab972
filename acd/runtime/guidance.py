"""The guidance scripts as a person writes them: one YAML file, checked whole before it is used.

The core is told ids, versions and what shows that a step was done; the words go to the desks by
``GET /guidance``.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from acd.core.emergency.guide import Flow, Script, Sign, Step, When
from acd.runtime.credentials import ConfigurationError

OURS = Path(__file__).with_name("guidance.yaml")
"""What is used where nobody has written another."""

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Clause = Annotated[str, StringConstraints(pattern=r"^[A-Z][0-9]{1,2}$")]


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WrittenStep(_Written):
    """What is said, what is done, or both."""

    id: Key
    say: Words | None = None
    do: Words | None = None
    mandatory: bool = False
    blocks: bool = False
    sign: Sign | None = None
    clauses: tuple[Clause, ...] = ()

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.say is None and self.do is None:
            raise ValueError(f"step {self.id} should have words: say, do, or both")
        if self.blocks and not self.mandatory:
            raise ValueError(f"step {self.id} blocks and should be mandatory too")
        return self


class WrittenScript(_Written):
    """One script; see ``acd.core.emergency.guide``."""

    id: Key
    version: Annotated[int, Field(ge=1)]
    flow: Flow | None = None
    title: Words
    when: When | None = None
    steps: Annotated[tuple[WrittenStep, ...], Field(min_length=1, max_length=40)]

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        twice = _twice(step.id for step in self.steps)
        if twice is not None:
            raise ValueError(f"step {twice} is there twice")
        if self.when is not None and self.flow is None:
            raise ValueError(f"script {self.id} is given by itself and should have a flow")
        return self


_scripts = TypeAdapter(Annotated[tuple[WrittenScript, ...], Field(min_length=1, max_length=100)])


def load(path: Path | None) -> tuple[WrittenScript, ...]:
    """Read the scripts; ours without a path.  Raises ConfigurationError, which names file, place
    and what is wrong."""
    path = OURS if path is None else path
    try:
        scripts = _scripts.validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read ({error.strerror}).") from error
    except (yaml.YAMLError, UnicodeError) as error:
        raise ConfigurationError(f"{path} is no YAML: {error}") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise ConfigurationError(f"{path}: {place}: {first['msg']}.") from error
    twice = _twice(script.id for script in scripts)
    if twice is not None:
        raise ConfigurationError(f"{path}: script {twice} is there twice.")
    return scripts


def for_core(scripts: tuple[WrittenScript, ...]) -> tuple[Script, ...]:
    """Return what decisions need of them."""
    return tuple(
        Script(
            id=script.id,
            version=script.version,
            flow=script.flow,
            when=script.when,
            steps=tuple(
                Step(
                    id=step.id,
                    is_mandatory=step.mandatory,
                    blocks=step.blocks,
                    sign=step.sign,
                )
                for step in script.steps
            ),
        )
        for script in scripts
    )


def _twice(ids: Iterator[str]) -> str | None:
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            return one
        seen.add(one)
    return None
