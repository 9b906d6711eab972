"""The kinds of field that a directory's file is made of, each with what it may say."""

from datetime import date
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator, StringConstraints

from acd.core.numbers import as_kept


def _without_nul(written: str) -> str:
    if "\x00" in written:  # PostgreSQL has none in texts
        raise ValueError("should hold no NUL character")
    return written


Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=500),
    AfterValidator(_without_nul),
]
Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9:._-]{0,63}$")]
Endpoint = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
"""A SIP endpoint's name.  It begins with a letter, so that no caller's number can be one."""
Domain = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]{0,252}$")]
Level = Annotated[int, Field(ge=1, le=10)]
Precedence = Annotated[int, Field(ge=0, le=9)]
"""By how many steps a caller goes before others; see ``acd.core.directory.Queue.precedence_ms``."""
Duration = Annotated[int, Field(ge=0, le=3_600_000)]
Day = Annotated[date, Field(gt=date(1880, 1, 1), lt=date(2200, 1, 1))]
"""Beyond a life and its plans a date is a slip of the pen."""

Number = Annotated[str, AfterValidator(as_kept)]


def _network(written: object) -> IPv4Network | IPv6Network:
    return ip_network(str(written))


Network = Annotated[IPv4Network | IPv6Network, PlainValidator(_network)]


class Section(BaseModel):
    """A part of the file.  What it does not know is a slip of the pen, and refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)
