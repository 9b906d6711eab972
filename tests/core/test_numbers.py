"""Whatever an operator sends, equal numbers are equal strings, and garbage is nobody."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from acd.core.numbers import NumberRules, called_forms, normalise

SHANGHAI = NumberRules(area_code="021")
PLAIN = NumberRules()


@pytest.mark.parametrize(
    "written",
    [
        "02160000001",
        "2160000001",
        "60000001",
        "+862160000001",
        "+8602160000001",
        "862160000001",
        "008602160000001",
        "00862160000001",
        "+86 (021) 6000-0001",
        "%2B862160000001",
        "+862160000001;phone-context=ims.example",
        "02160000001;cpc=ordinary",
        "  02160000001 ",
    ],
)
def test_one_terminal_is_one_number(written: str) -> None:
    assert normalise(SHANGHAI, written) == "02160000001"


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("13912345678", "13912345678"),
        ("+8613912345678", "13912345678"),
        ("8613912345678", "13912345678"),
        ("013912345678", "13912345678"),  # the zero once dialled before a distant mobile
        ("075512345678", "075512345678"),
        ("+8675512345678", "075512345678"),
        ("867551234567", "07551234567"),
        ("01012345678", "01012345678"),
        ("1012345678", "01012345678"),
        ("86123456", "02186123456"),  # a local number that only looks like a country code
        ("4008123456", "4008123456"),
        ("+864008123456", "4008123456"),
        ("95001", "95001"),
        ("+8695001", "95001"),
        ("8003", "8003"),  # a nursing home's extension
        ("110", "110"),
        ("+1 212 555 0123", "0012125550123"),
        ("0085221234567", "0085221234567"),
    ],
)
def test_other_kinds_of_numbers(written: str, number: str) -> None:
    assert normalise(SHANGHAI, written) == number


@pytest.mark.parametrize(
    "written",
    [
        "",
        " ",
        "+",
        "anonymous",
        "Anonymous",
        "unavailable",
        "restricted",
        "a8001",
        "12",
        "0",
        "000",
        "+0",
        "+86",
        "1" * 16,
        "1" * 200,
        "9" * 5000,
        "021-6000-000a",
        "٠٢١٦٠٠٠٠٠٠١",
        "０２１６０００００００１",
        "02160000001\n",
        "*60",
        "sip:02160000001@example",
    ],
)
def test_nobody(written: str) -> None:
    expected = "02160000001" if written == "02160000001\n" else None
    assert normalise(SHANGHAI, written) == expected


def test_without_an_area_code_a_local_number_stays_as_it_is() -> None:
    assert normalise(PLAIN, "60000001") == "60000001"


anything = st.one_of(
    st.text(max_size=300),
    st.text("+0123456789", max_size=24),
    st.from_regex(r"(\+|00)?(86)?0?[0-9]{3,12}", fullmatch=True),
)
rules = st.builds(
    NumberRules,
    area_code=st.sampled_from([None, "021", "010", "0755"]),
)


@given(rules, anything)
@example(PLAIN, "+868613912345678")
@example(SHANGHAI, "+8686123456")
def test_a_number_in_its_form_stays_in_it(rules: NumberRules, written: str) -> None:
    number = normalise(rules, written)
    if number is not None:
        assert number.isascii()
        assert number.isdigit()
        assert 3 <= len(number) <= 20
        assert normalise(rules, number) == number


# 400 and 800 are no areas but free-phone numbers.
fixed_lines = st.from_regex(
    r"0(10|2[0-9])[2-8][0-9]{7}|0[3-9][1-9][0-9][2-8][0-9]{6,7}", fullmatch=True
)


@given(rules, fixed_lines)
def test_every_way_of_writing_a_fixed_line_is_the_same(rules: NumberRules, number: str) -> None:
    bare = number[1:]
    for written in (number, f"+86{bare}", f"0086{bare}", f"86{bare}", f"+86{number}"):
        assert normalise(rules, written) == number


@given(rules, st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_every_way_of_writing_a_mobile_is_the_same(rules: NumberRules, number: str) -> None:
    for written in (number, f"+86{number}", f"0086{number}", f"86{number}", f"0{number}"):
        assert normalise(rules, written) == number


@pytest.mark.parametrize(
    ("dialled", "forms"),
    [
        ("95001", ("95001",)),
        ("+8695001", ("95001",)),
        ("02195001", ("02195001", "95001")),
        # What an IMS trunk dials; an account of this number was refused as no entry.
        ("+862195001", ("0212195001", "2195001", "95001")),
        ("02160009500", ("02160009500", "60009500")),
        ("", ()),
        ("rubbish", ()),
    ],
)
def test_under_which_forms_a_dialled_number_is_looked_up(
    dialled: str, forms: tuple[str, ...]
) -> None:
    assert called_forms(SHANGHAI, dialled) == forms
