"""Telephone numbers in one form, so that equal numbers are equal strings (requirements T24).

The form is what a person in China dials from a mobile: ``02160000001`` (area code and number),
``13912345678`` (mobile), ``4008123456``, ``95001`` (short and service numbers, extensions), and
``00`` with the country code for numbers abroad.  Whatever an operator sends, garbage too, ends as
this form or as None; nothing here raises.  None is an unknown caller, who is served the same (E25).
"""

import re
from enum import StrEnum
from functools import lru_cache
from typing import assert_never

import msgspec


class NumberRules(msgspec.Struct, frozen=True, kw_only=True):
    """How one trunk writes numbers.

    ``area_code`` (``021``) completes local numbers of seven or eight digits; None leaves them as
    they are.
    """

    area_code: str | None = None


NO_RULES = NumberRules()
"""Of whoever comes over no trunk of ours."""


class DialForm(StrEnum):
    """How an operator wants to be given the number that is dialled."""

    NATIONAL = "national"
    """As it is kept here: 02160000001, 13912345678, 95001."""
    LOCAL = "local"
    """The same, but without the trunk's own area code: 60000001."""
    E164 = "e164"
    """+862160000001; short numbers as they are."""


_INPUT_MAX = 256
"""Longer than any number with parameters and display name; the rest is not worth reading."""

_COUNTRY = "86"
"""The forms below are China's; a trunk abroad would need other rules, not another number here."""

_DIGITS_MIN = 3
_DIGITS_MAX = 15
"""ITU-T E.164 §6.2.1, without prefix."""

_SEPARATORS = re.compile(r"[-.() ]")
"""RFC 3966 §3: visual separators mean nothing."""

_DIAL_MAX = 20
_DIALLABLE = re.compile(rf"(\+?)([0-9]{{1,{_DIAL_MAX}}})")

_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_FREE_PHONE = re.compile(r"[48]00[0-9]{7}")
_LOCAL_DIGITS_MIN = 7
_LOCAL = re.compile(r"[2-9][0-9]{6,7}")
# Beijing is 10 and other large cities are 2x with eight digits behind; elsewhere three digits with
# seven or eight behind.
_WITH_AREA = re.compile(r"(?:10|2[0-9])[0-9]{8}|[3-9][0-9]{2}[0-9]{7,8}")


@lru_cache(maxsize=256)
def called_forms(rules: NumberRules, dialled: str) -> tuple[str, ...]:
    """Return the forms under which the dialled number may stand among the entries, best first.

    Operators hand over 95001 as it is, as +8695001, or behind their own area code (02195001,
    +862195001).  Remembered, for what is dialled is nearly always one of the same few.
    """
    number = normalise(rules, dialled)
    if number is None:
        return ()
    area = rules.area_code
    if area is None or not number.startswith(area) or len(number) - len(area) < _DIGITS_MIN:
        return (number,)
    rest = number.removeprefix(area)
    # Behind the country's code the area's has no zero, and seven digits look like a local number.
    short = rest.removeprefix(area.removeprefix("0"))
    if short != rest and _DIGITS_MIN <= len(short) < _LOCAL_DIGITS_MIN:
        return (number, rest, short)
    return (number, rest)


def normalise(rules: NumberRules, written: str) -> str | None:
    """Return the one form of ``written``, the user part of a SIP or tel address, or None.

    Normalising twice changes nothing.
    """
    if len(written) <= _DIAL_MAX and written.isdigit() and written.isascii():
        # Nearly every number, and an agent's phone waits for it.
        return _abroad_or_here(rules, written)
    if len(written) > _INPUT_MAX:
        return None
    user = written.strip().partition(";")[0]
    user = _SEPARATORS.sub("", user.replace("%2B", "+").replace("%2b", "+"))
    found = _DIALLABLE.fullmatch(user)
    if found is None:
        return None
    plus, digits = found.groups()
    if plus:
        return _international(rules, digits)
    return _abroad_or_here(rules, digits)


def _abroad_or_here(rules: NumberRules, digits: str) -> str | None:
    if digits.startswith("00"):
        return _international(rules, digits[2:])
    return _national(rules, digits)


def dial_form(rules: NumberRules, form: DialForm, number: str) -> str:
    """Return a normalised number as the operator wants to be given it."""
    match form:
        case DialForm.NATIONAL:
            return number
        case DialForm.LOCAL:
            area = rules.area_code
            bare = number if area is None else number.removeprefix(area)
            return bare if len(bare) >= _LOCAL_DIGITS_MIN else number
        case DialForm.E164:
            if number.startswith("00"):
                return f"+{number[2:]}"
            if number.startswith("0"):
                return f"+{_COUNTRY}{number[1:]}"
            return f"+{_COUNTRY}{number}" if _MOBILE.fullmatch(number) else number
    assert_never(form)


_RESCUE = re.compile(r"(?:0[1-9][0-9]{1,2})?(?:110|119|120)")


def is_rescue_form(number: str) -> bool:
    """Tell whether a normalised number is 110, 119 or 120, here or behind any area code."""
    return _RESCUE.fullmatch(number) is not None


def _international(rules: NumberRules, digits: str) -> str | None:
    """Form a number whose country code stands first, without plus or 00."""
    if digits.startswith(_COUNTRY):
        return _national(rules, digits.removeprefix(_COUNTRY))
    if digits.startswith("0") or not _DIGITS_MIN <= len(digits) <= _DIGITS_MAX:
        return None
    return f"00{digits}"


def _national(rules: NumberRules, digits: str) -> str | None:
    """Form a number of this country, with or without its leading zero."""
    bare = digits.removeprefix(_COUNTRY)
    # 12 digits and more: nothing inside the country is that long without a leading zero, so the
    # country code stands in front and only the plus is missing.
    if bare != digits and len(digits) >= 12 and _is_complete(bare):
        digits = bare
    if digits.startswith("0"):
        rest = digits[1:]
        if _MOBILE.fullmatch(rest):
            # The zero once dialled before mobiles of another city.
            return rest
        if rest.startswith("0"):
            return None
    elif _LOCAL.fullmatch(digits) and rules.area_code is not None:
        return rules.area_code + digits
    elif _WITH_AREA.fullmatch(digits) and not _FREE_PHONE.fullmatch(digits):
        return f"0{digits}"
    return digits if _DIGITS_MIN <= len(digits) <= _DIGITS_MAX else None


def _is_complete(digits: str) -> bool:
    return bool(
        _MOBILE.fullmatch(digits)
        or _FREE_PHONE.fullmatch(digits)
        or _WITH_AREA.fullmatch(digits)
        or (digits.startswith("0") and _WITH_AREA.fullmatch(digits[1:]))
    )


def as_kept(written: str) -> str:
    """Return a number that somebody has written down for the directory.  Raises ValueError with
    what should be there where it is none, or is not in the form in which callers are looked up."""
    number = normalise(NO_RULES, written)
    if number is None or (len(number) in (7, 8) and not number.startswith("0")):
        raise ValueError("should be a telephone number with its area code, such as 02160000001")
    if number != written:
        raise ValueError(f"should be written as {number}, the form in which callers are looked up")
    return number
