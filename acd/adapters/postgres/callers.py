"""Who a number belongs to: 200,000 of them in a few megabytes, found in microseconds."""

from collections.abc import Sequence

import asyncpg
import msgspec

from acd.adapters.postgres.database import Connection
from acd.adapters.postgres.statements import sql
from acd.core.directory import Contact, ContactKind, DeviceCode, DeviceMeaning
from acd.core.ids import AreaId, ElderId, TerminalId
from acd.core.numbers import NO_RULES, normalise

CALLERS_PER_FETCH = 1_000
"""About 5 ms of building; between two fetches the loop serves calls, and none waits longer.
200,000 callers with three contacts each take 2.7 s, of which 1.9 s are PostgreSQL's."""


class Caller(msgspec.Struct, frozen=True):
    """Who a number belongs to.  A couple at one terminal are two elders."""

    terminal: TerminalId
    elders: tuple[ElderId, ...]
    precedence: int = 0
    languages: tuple[str, ...] = ()
    """Skills that are named like a language they speak, the dearest first."""
    area: AreaId | None = None
    """Where help comes from; None: wherever the trunk's does."""
    contacts: tuple[Contact, ...] = ()
    """Whom to call for them: relatives by grade, so that the first three are three people and not
    one with three telephones; then helpers and the organisations around them (U03, E06)."""
    device_codes: tuple[DeviceCode, ...] = ()
    """What its terminal may say of itself by DTMF (T27)."""


class Callers:
    """Finds the caller by number.

    One text per number instead of objects, and one tuple for all who have the same organisations
    around them: 200,000 terminals with six contacts each take about 65 MB so.
    """

    def __init__(
        self,
        packed: dict[str, str],
        around: Sequence[tuple[Contact, ...]] = (),
        codes: Sequence[tuple[DeviceCode, ...]] = (),
    ) -> None:
        """``packed`` maps a number to "terminal elder elder … +precedence ~language … !area
        =relative's number … %helper's number … @place in ``around`` #place in ``codes``"; ids hold
        no blanks and begin with a letter or a digit."""
        self._packed = packed
        self._around = around
        self._codes = codes

    def find(self, number: str | None) -> Caller | None:
        """Return the caller with this normalised number, or None when nobody knows them."""
        if number is None:
            return None
        packed = self._packed.get(number)
        if packed is None:
            return None
        terminal, *rest = packed.split(" ")
        said: dict[str, list[str]] = {}
        elders: list[ElderId] = []
        for one in rest:
            if one[0] in _MARKS:
                said.setdefault(one[0], []).append(one[1:])
            else:
                elders.append(ElderId(one))
        area, model = said.get("!"), said.get("#")
        return Caller(
            terminal=TerminalId(terminal),
            elders=tuple(elders),
            precedence=int(said.get("+", ("0",))[0]),
            languages=tuple(said.get("~", ())),
            area=None if area is None else AreaId(area[0]),
            contacts=self._contacts(number, said),
            device_codes=() if model is None else self._codes[int(model[0])],
        )

    def _contacts(self, own: str, said: dict[str, list[str]]) -> tuple[Contact, ...]:
        """Return whom to call, each number once, and never the caller's own."""
        found = [
            *(Contact(ContactKind.RELATIVE, one) for one in said.get("=", ())),
            *(Contact(ContactKind.HELPER, one) for one in said.get("%", ())),
            *(one for place in said.get("@", ()) for one in self._around[int(place)]),
        ]
        contacts: dict[str, Contact] = {}
        for one in found:
            # The directory may have been written by hand, in SQL.
            number = normalise(NO_RULES, one.number)
            if number is not None and number != own:
                contacts.setdefault(number, Contact(one.kind, number))
        return tuple(contacts.values())

    def __len__(self) -> int:
        return len(self._packed)


_MARKS = "+~!=%@#"


async def read_callers(connection: Connection) -> Callers:
    """Return every caller of the directory.  Raises asyncpg.PostgresError and OSError."""
    organisations = {
        row["id"]: Contact(ContactKind(row["kind"]), row["phone"])
        for row in await connection.fetch(sql("directory_organisations"))
    }
    codes: dict[str, list[DeviceCode]] = {}
    for row in await connection.fetch(sql("directory_terminal_models")):
        code = DeviceCode(
            digits=row["digits"],
            meaning=DeviceMeaning(row["meaning"]),
            task=row["task"],
            within_ms=row["within_ms"],
        )
        codes.setdefault(row["model"], []).append(code)
    models = list(codes)
    around: dict[str, int] = {}
    packed: dict[str, str] = {}
    cursor = await connection.cursor(sql("directory_callers"))
    while rows := await cursor.fetch(CALLERS_PER_FETCH):
        for row in rows:
            packed[row["number"]] = _packed(row, around, models)
    kinds = tuple(ContactKind)
    return Callers(
        packed,
        [
            tuple(
                sorted(
                    (organisations[one] for one in ids.split() if one in organisations),
                    key=lambda contact: kinds.index(contact.kind),
                )
            )
            for ids in around
        ],
        # Sorted here: the database would sort by its own collation.
        [tuple(sorted(some, key=lambda code: code.digits)) for some in codes.values()],
    )


def _packed(row: asyncpg.Record, around: dict[str, int], models: Sequence[str]) -> str:
    """Return one number's text; ``around`` counts the different sets of organisations, ``models``
    are the models of terminals that send codes."""
    parts = [row["terminal"], row["elders"]]
    if row["precedence"]:
        parts.append(f"+{row['precedence']}")
    parts += (f"~{language}" for language in dict.fromkeys(row["languages"].split()))
    if row["area"] is not None:
        parts.append(f"!{row['area']}")
    parts += (f"={phone}" for phone in dict.fromkeys(row["relatives"].split()))
    parts += (f"%{phone}" for phone in dict.fromkeys(row["helpers"].split()))
    if row["organisations"]:
        parts.append(f"@{around.setdefault(row['organisations'], len(around))}")
    if row["model"] in models:
        parts.append(f"#{models.index(row['model'])}")
    return " ".join(filter(None, parts))
