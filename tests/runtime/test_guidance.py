"""The file of guidance scripts is read whole, or refused in one sentence (E19)."""

import re
from pathlib import Path

import pytest

from acd.core.emergency.guide import Flow, Sign, When
from acd.runtime.credentials import ConfigurationError
from acd.runtime.guidance import for_core, load

SCRIPT = "- {id: a, version: 1, flow: emergency, title: 甲, steps: [%s]}\n"
STEP = "{id: b, say: 请说}"


def test_ours_has_what_the_clauses_ask_for() -> None:
    """E01, E07, E12, E19, E22, E28, E46–E49, F35: each is named by a step that says or does it."""
    scripts = load(None)
    assert {one.flow for one in scripts} == {*Flow, None}
    assert {one.when for one in scripts if one.when is not None} == set(When)
    assert {step.sign for one in scripts for step in one.steps} == {*Sign, None}
    named = {clause for one in scripts for step in one.steps for clause in step.clauses}
    assert named >= {"E01", "E02", "E07", "E12", "E22", "E28", "E46", "E47", "E48", "E49", "F35"}
    words = [text for one in scripts for step in one.steps for text in (step.say, step.do) if text]
    assert all(re.search(r"[\u4e00-\u9fff]", text) for text in words)


@pytest.mark.parametrize(
    ("clause", "script", "words"),
    [
        ("T10", "opening", "请问有什么可以帮您"),
        ("D07", "opening", "报工号，不报姓名"),
        ("V15", "opening", "让您久等了"),
        ("D14", "identity", "与档案一致后才提供"),
        ("D14", "identity", "暂时不能提供"),
        ("D15", "identity", "他人的信息我们不能提供"),
        ("X13", "identity", "他人的信息我们不能提供"),
        ("V11", "looking_up", "小时内给您回电"),
        ("T38", "transferring", "可以吗"),
        ("T38", "transferring", "先记下您的问题和电话"),
        ("D11", "taking_over", "现在由我为您服务"),
        ("D12", "outbound", "确认对方身份"),
        ("O12", "outbound", "我是××号座席"),
        ("D16", "hard_to_hear", "听不清楚"),
        ("D16", "hard_to_hear", "没有听懂"),
        ("D17", "nuisance", "两次提醒后"),
        ("D24", "approval", "不承诺结果"),
        ("D27", "opinions", "谢谢您的建议"),
        ("D27", "opinions", "如实向上反映"),
        ("D27", "opinions", "谢谢您的鼓励"),
        ("D27", "opinions", "请班长与您沟通"),
        ("D27", "opinions", "采访请联系"),
        ("D27", "opinions", "我理解您的心情"),
        ("W34", "specialist", "我可以为您预约"),
        ("W35", "specialist", "12348"),
        ("W35", "specialist", "12320"),
        ("D28", "closing", "解决您的问题了吗"),
        ("D25", "closing", "还有其他需要吗"),
        ("T20", "closing", "感谢您的来电"),
        ("W33", "enquiry", "一个工作日内电话答复"),
        ("D13", "enquiry", "复述诉求"),
        ("D21", "enquiry", "听清"),
        ("D21", "referral", "诉求与主要问题"),
        ("D21", "complaint", "核实姓名、电话、内容"),
    ],
)
def test_ours_has_the_words_for_every_call(clause: str, script: str, words: str) -> None:
    """Not only emergencies have their words: a step says or does it, and names the clause."""
    (found,) = (one for one in load(None) if one.id == script)
    said = [
        step for step in found.steps if words in f"{step.say}{step.do}" and clause in step.clauses
    ]
    assert len(said) == 1


def test_120_is_told_where_and_by_whom() -> None:
    """E20, E23: once 120 is reached the agent is told to give place, way and a telephone number,
    which must be done; and with who lives alone to keep the line."""
    (medical,) = (one for one in load(None) if one.when is When.MEDICAL)
    steps = {step.id: step for step in medical.steps}
    departure = steps["departure"]
    assert departure.mandatory
    assert departure.do is not None
    assert all(word in departure.do for word in ("地址", "路线", "联系方式"))
    assert "保持线路" in (steps["listen"].do or "")


def test_the_core_is_told_what_decides_and_no_words() -> None:
    (emergency, *_) = for_core(load(None))
    assert (emergency.id, emergency.version, emergency.when) == ("emergency", 2, When.OPENED)
    blocking = [step.id for step in emergency.steps if step.blocks]
    assert blocking == ["form", "summary"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (SCRIPT % "{id: b}", "step b should have words"),
        (SCRIPT % f"{STEP}, {STEP}", "step b is there twice"),
        (SCRIPT % STEP + SCRIPT % STEP, "script a is there twice"),
        (SCRIPT % "{id: b, say: 请说, blocks: true}", "step b blocks and should be mandatory too"),
        (SCRIPT % "{id: b, say: 请说, sign: smoke}", "0.steps.0.sign"),
        (SCRIPT % "{id: 乙, say: 请说}", "0.steps.0.id"),
        (
            (SCRIPT % STEP).replace("flow: emergency", "when: opened"),
            "script a is given by itself and should have a flow",
        ),
        ("- {id: a", "is no YAML"),
        ("", "should be"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "scripts.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=sentence) as caught:
        load(path)
    assert str(path) in str(caught.value)


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load(tmp_path / "none.yaml")
