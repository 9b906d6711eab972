"""The list of prompts: complete, sayable, and a mistake in it is one clear sentence."""

import re
from pathlib import Path

import pytest

from acd.core.call_control import conversation, keys, transfers
from prompts.texts import Audience, PromptError, load

PROMPTS = load().prompts

GOOD = """
voice: cmn
words_per_minute: {caller: 150, agent: 190}
prompts:
  hello: {text: 您好。, audience: caller, clauses: [T10]}
"""


def test_every_digit_can_be_said() -> None:
    assert [PROMPTS[f"digit-{digit}"].text for digit in range(10)] == list("零幺二三四五六七八九")


def test_the_pause_menu_offers_every_reason_under_its_own_key() -> None:
    reasons = [prompt for name, prompt in PROMPTS.items() if name.startswith("pause-reason-")]
    spoken = [
        f"{'零一二三四五六七八九'[prompt.key or 0]}，{prompt.text[:-1]}" for prompt in reasons
    ]

    assert [prompt.key for prompt in reasons] == list(range(1, len(reasons) + 1))
    assert PROMPTS["agent-pause-menu"].text == f"请按离席原因。{'；'.join(spoken)}。"


def test_only_a_number_without_service_sends_a_caller_away() -> None:
    """V14: an emergency caller is never asked to call again later."""
    away = {name for name, prompt in PROMPTS.items() if re.search("稍后|再拨|再打", prompt.text)}

    heard_by_callers = {name for name in away if PROMPTS[name].audience is Audience.CALLER}
    assert heard_by_callers == {"caller-unknown-number"}


@pytest.mark.parametrize(
    ("find", "replace", "sentence"),
    [
        ("hello:", "Hello:", "Hello: a name is small letters, digits and single hyphens."),
        ("hello:", "hello--x:", "a name is small letters"),
        ("您好。", "拨打120。", "hello: text: only Chinese characters and Chinese marks"),
        ("您好。", "您好 OK", "hello: text: only Chinese characters and Chinese marks"),
        ("您好。", "''", "hello: either a text or a tone is expected."),
        ("您好。", "您好。, tone_hz: 1000, tone_ms: 200", "hello: either a text or a tone"),
        ("text: 您好。", "tone_hz: 50, tone_ms: 200", "hello: tone_hz: 300 to 3400 Hz"),
        ("text: 您好。", "tone_hz: 1000", "hello: tone_ms: 50 to 5000 ms is expected, not 0."),
        ("audience: caller", "audience: elder", "hello: audience: caller or agent, not 'elder'."),
        ("clauses: [T10]", "clauses: []", "hello: clauses: at least one clause number"),
        ("clauses: [T10]", "clauses: [T1]", "hello: clauses: 'T1' is not a clause number."),
        ("audience: caller", "audience: caller, key: 10", "hello: key: one digit is expected"),
        ("audience: caller", "audience: caller, speed: 1", "hello: there is no field 'speed'."),
        ("{text:", "[text] #", "hello: fields are expected"),
        ("agent: 190", "agent: fast", "words_per_minute: agent: a number from 80 to 450"),
        ("caller: 150", "caller: 20", "words_per_minute: caller: a number from 80 to 450"),
        ("voice: cmn", "voice:", "voice: the name of an espeak-ng voice is expected."),
        ("prompts:", "texts:", "a list of prompts is expected under 'prompts'."),
        ("voice: cmn", "voice: [", "is not YAML:"),
        ("voice: cmn", "voice: cmn\nvoice: yue", "line 3: 'voice' stands there twice."),
    ],
)
def test_a_mistake_is_one_sentence_that_names_its_place(
    tmp_path: Path, find: str, replace: str, sentence: str
) -> None:
    file = tmp_path / "texts.yaml"
    file.write_text(GOOD.replace(find, replace), encoding="utf-8")

    with pytest.raises(PromptError) as caught:
        load(file)

    assert str(file) in str(caught.value)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_or_unreadable_list_is_one_sentence(tmp_path: Path) -> None:
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"\xff\xfe\x00")
    for file in (tmp_path / "absent.yaml", binary):
        with pytest.raises(PromptError, match="cannot be read"):
            load(file)


def test_everything_that_call_control_says_has_a_text() -> None:
    """A code or a transfer never asks for a prompt that nobody has made."""
    said = {*keys.PROMPTS, *transfers.PROMPTS, *conversation.HOLD_NOTICE, *conversation.HOLD_THANKS}
    assert said <= set(PROMPTS)
