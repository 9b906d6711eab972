"""Everything that can be wrong with a directory file is said with file, path and value."""

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from acd.demo.directory import document
from acd.runtime.directory.check import DirectoryInvalid, cross_check, parse

DEMO = document(terminals=10)

Edit = Callable[[dict[str, Any]], object]


def complaint(folder: Path, content: object) -> DirectoryInvalid:
    """What is said of a file with this content; None of its sections is in the database."""
    path = folder / "line.yaml"
    # JSON is YAML, and quicker to write.
    plain = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    path.write_text(plain, encoding="utf-8")
    with pytest.raises(DirectoryInvalid) as caught:
        raise DirectoryInvalid(path, cross_check(parse(path), {}))
    return caught.value


def put(path: str, value: object) -> Edit:
    """An edit of the demo: ``queues.2.promise_ms`` becomes ``value``."""

    def edit(content: dict[str, Any]) -> None:
        *way, last = path.split(".")
        at: Any = content
        for step in way:
            at = at[int(step) if step.isdigit() else step]
        at[int(last) if last.isdigit() else last] = value

    return edit


def drop(path: str) -> Edit:
    def edit(content: dict[str, Any]) -> None:
        *way, last = path.split(".")
        at: Any = content
        for step in way:
            at = at[int(step) if step.isdigit() else step]
        del at[int(last) if last.isdigit() else last]

    return edit


def repeat(section: str) -> Edit:
    return lambda content: content[section].append(deepcopy(content[section][0]))


TESTED = {"meaning": "test"}
LOGIN = {"user": "95001@ims.example"}
DUTY = {"id": "d1", "name": "值班", "number": "02109900001", "queues": ["emergency"]}

REFUSED = [
    (put("queues.2.promise_ms", "soon"), "queues[2].promise_ms is 'soon': input should be a valid"),
    (put("queues.2.promise_ms", 5), "queues[2].promise_ms is '5': input should be greater than"),
    (put("queues.0.ring_ms", 10_000), "queues[0].ring_ms is 10000: should be below promise_ms (10"),
    (put("queues.0.pick_up_ms", 10_000), "queues[0].pick_up_ms is 10000: should be below promise_"),
    (put("queues.0.ring_ms_min", 7_000), "queues[0].ring_ms_min is 7000: should not be above ring"),
    (put("queues.0.incident_ms", 9_000), "queues[0].incident_ms is 9000: should not be before the"),
    (put("queues.0.widening", []), "queues[0].widening: should have at least 1"),
    (put("queues.0.widening.0.after_ms", 1), "queues[0].widening[0].after_ms is 1: should be 0: t"),
    (put("queues.0.widening.2.after_ms", 4_000), "queues[0].widening[2].after_ms is 4000: should"),
    (put("queues.0.widening.3.phones", 2), "queues[0].widening[3].phones is 2: should not be fewe"),
    (put("queues.0.widening.1.phones", 0), "queues[0].widening[1].phones is '0': input should be"),
    (put("queues.0.widening.3.reach", "ready"), "queues[0].widening[3].reach is 'ready': should n"),
    (put("queues.0.widening.3.reach", "moon"), "queues[0].widening[3].reach is 'moon': input shou"),
    (put("queues.0.wrap_up_ms_max", 4_000), "queues[0].wrap_up_ms_max is 4000: should not be belo"),
    (put("queues.0.wrap_up_extension_ms", 0), "queues[0].wrap_up_extension_ms is '0': input shoul"),
    (put("queues.0.test_ring_ms", 100), "queues[0].test_ring_ms is '100': input should be greater"),
    (put("queues.0.test_rings_max", 99), "queues[0].test_rings_max is '99': input should be less"),
    (put("queues.0.ready_min", -1), "queues[0].ready_min is '-1': input should be greater than or"),
    (put("queues.0.consent", ["fun"]), "queues[0].consent[0] is 'fun': should be a reason of a pa"),
    (put("queues.0.consent", ["meal"] * 2), "queues[0].consent[1] is 'meal': is there already (qu"),
    (put("seats.0.mode", "shout"), "seats[0].mode is 'shout': input should be 'ring'"),
    (put("agents.0.role", "boss"), "agents[0].role is 'boss': input should be 'agent' or 'superv"),
    (put("queues.0.selection", "luck"), "queues[0].selection is 'luck': input should be 'longest_"),
    (put("queues.0.priorty", 1), "queues[0].priorty is '1': is not a known key"),
    (put("queues.0.needs", {"magic": 1}), "queues[0].needs is 'magic': is not among the skills"),
    (put("queues.0.needs", {"emergency": 11}), "queues[0].needs.emergency is '11': input should b"),
    (drop("queues.0.promise_ms"), "queues[0].promise_ms: is missing"),
    (put("entrys", []), "entrys: is not a known key"),
    (put("entries.0.queue", "nowhere"), "entries[0].queue is 'nowhere': is not among the queues"),
    # The only emergency number was taken out, and nobody was told.
    (drop("entries.0"), "entries: should have one of kind emergency: whoever presses the key for"),
    (put("entries.0.kind", "enquiry"), "entries: should have one of kind emergency: whoever pr"),
    (put("entries.0.kind", "party"), "entries[0].kind is 'party': input should be 'emergency'"),
    (put("agents.0.skills", {"emergency": 0}), "agents[0].skills.emergency is '0': input should b"),
    (put("queues.0.acknowledgement", "hello"), "queues[0].acknowledgement is 'hello': is not amon"),
    (put("queues.0.treatment.comfort", "agent-ready"), "queues[0].treatment.comfort is 'agent-rea"),
    (put("queues.0.treatment.comfort_every_ms", -1), "queues[0].treatment.comfort_every_ms is '-1"),
    (put("queues.0.treatment.hold_notice_ms", 0), "queues[0].treatment.hold_notice_ms is '0': inp"),
    (put("queues.1.hours", {"working_days": "17:00-08:30"}), "queues[1].hours.working_days is '17"),
    (put("queues.1.hours", {"days_off": "25:00-26:00"}), "queues[1].hours.days_off is '25:00-26:0"),
    (put("queues.1.hours", {}), "queues[1].hours: should say when: working_days, days_off or"),
    (put("queues.0.treatment.tells_position", True), "queues[0].treatment.tells_position is True:"),
    (put("queues.0.treatment.tells_agent", True), "is not for a queue of emergencies (entry 95001"),
    (put("entries.0.menu", "main"), "entries[0].menu is 'main': is not for an entry of kind emerg"),
    (put("entries.2.menu", "none"), "entries[2].menu is 'none': is not among the menus"),
    (put("menus.0.prompt", "hello"), "menus[0].prompt is 'hello': is not among the prompts for"),
    (put("menus.0.choices", {"1": {"queue": "x"}}), "menus[0].choices.1.queue is 'x': is not"),
    (put("menus.0.choices", {"1": {"task": "a", "menu": "b"}}), "menus[0].choices.1: should say"),
    (put("menus.0.choices", {"0": {"task": "a"}}), "menus[0].choices.0 is 'task': should"),
    (put("menus.0.choices", {"3": {"callback": False}}), "menus[0].choices.3.callback is"),
    (put("menus.0.choices", {"12": {"task": "a"}}), "menus[0].choices.12 is '12': should match"),
    (put("menus.0.otherwise", {"menu": "main"}), "menus[0].otherwise is 'main': should come to an"),
    (drop("menus.0.otherwise"), "menus[0].otherwise: is missing"),
    (put("queues.1.treatment.reply_within_ms", 90_001), "queues[1].treatment.reply_within_ms is"),
    (put("queues.0.treatment.callback_from_ms", 9), "queues[0].treatment.callback_from_ms is 9"),
    (put("queues.0.treatment.rating", "s0"), "queues[0].treatment.rating is 's0': is not for a qu"),
    (put("queues.1.treatment.rating", "s3"), "queues[1].treatment.rating is 's3': input should be"),
    (put("seats.0.agent", "9999"), "seats[0].agent is '9999': is not among the agents"),
    (put("seats.0.phones", []), "seats[0].phones: should have at least 1"),
    (put("seats.0.phones", ["a1", "a2", "a3"]), "seats[0].phones: should have at most 2"),
    (put("seats.0.phones.0", "8001"), "seats[0].phones[0] is '8001': should match"),
    (put("seats.1.phones.0", "a8001"), "seats[1].phones[0] is 'a8001': is there already (seats[0]"),
    (put("seats.1.phones.0", "carrier-a"), "seats[1].phones[0] is 'carrier-a': is a trunk's name"),
    (put("trunks.0.addresses.0", "127.0.0.1/9"), "trunks[0].addresses[0] is '127.0.0.1/9': 127.0"),
    (put("trunks.1.addresses.0", "127.1.0.0/16"), "trunks[1].addresses[0] is '127.1.0.0/16': over"),
    (put("trunks.1.provider", "示范电信"), "trunks: should be at least two, of two operators"),
    (put("trunks.0.areas.0", "moon"), "trunks[0].areas[0] is 'moon': is not among the areas"),
    (put("trunks.0.lines", 0), "trunks[0].lines is '0': input should be greater than"),
    (put("areas.0.police.number", "110"), "areas[0].police.number is '110': is the real service"),
    (put("areas.0.medical.kind", "maybe"), "areas[0].medical.kind is 'maybe': input should be 're"),
    (put("terminals.0.numbers.0", "60000001"), "terminals[0].numbers[0] is '60000001': should be"),
    (put("terminals.0.numbers.0", "+862160000001"), "should be written as 02160000001, the form"),
    (put("terminals.1.numbers.0", "02160000001"), "terminals[1].numbers[0] is '02160000001': is t"),
    (put("elders.0.terminal", "t0"), "elders[0].terminal is 't0': is not among the terminals"),
    (put("elders.0.committee", "office-1"), "elders[0].committee is 'office-1': is a district_off"),
    (put("elders.0.born", "1941-02-30"), "elders[0].born is '1941-02-30': input should be a valid"),
    (put("terminal_models.0.codes", {"9": TESTED}), "terminal_models[0].codes"),
    (
        put("terminal_models.0.codes", {"#9": TESTED, "#93": TESTED}),
        "code #93 begins with code #9 and is never heard",
    ),
    (
        put("terminal_models.0.codes.#91.meaning", "hungry"),
        "terminal_models[0].codes.#91.meaning is 'hungry': input should be 'low_battery'",
    ),
    (
        put("terminals.0.model", "一键通五型"),
        "terminals[0].model is '一键通五型': is not among the terminal_models",
    ),
    (put("terminals.0.area", "moon"), "terminals[0].area is 'moon': is not among the areas"),
    (put("elders.0.contacts.1.grade", 1), "elders[0].contacts[1].grade is 1: is there already"),
    (put("elders.0.contacts.0.phones", []), "elders[0].contacts[0].phones: should have at least 1"),
    (put("elders.0.health.blood_group", "C"), "elders[0].health.blood_group is 'C': input should"),
    (put("elders.0.identity_card", "123"), "elders[0].identity_card is '123': should match"),
    (put("queues.0.weight", 0), "queues[0].weight is '0': input should be greater than"),
    (put("queues.0.overflow", ["nowhere"]), "queues[0].overflow[0] is 'nowhere': is not among th"),
    (put("queues.0.overflow", ["emergency"]), "queues[0].overflow[0] is 'emergency': is the queue"),
    (put("queues.0.overflow", ["enquiry"] * 2), "queues[0].overflow[1] is 'enquiry': is there alr"),
    (put("queues.0.overflow_ms", 60_000), "queues[0].overflow_ms is 60000: should be before the i"),
    (put("queues.0.prefers", ["charm"]), "queues[0].prefers[0] is 'charm': is not among the skill"),
    (put("queues.0.sticky", ["first"]), "queues[0].sticky[0] is 'first': input should be 'owner'"),
    (put("queues.0.prefer_wait_ms", 10), "queues[0].prefer_wait_ms is 10: should be 0: 95001 brin"),
    (put("queues.1.prefer_wait_ms", 20_000), "queues[1].prefer_wait_ms is 20000: should be below"),
    (put("queues.0.relaxation", [{"after_ms": 0, "needs": {}}]), "relaxation[0].after_ms is '0'"),
    (put("queues.0.relaxation", [{"after_ms": 5, "needs": {"emergency": 2}}]), "needs is 'emerg"),
    (put("queues.0.relaxation", [{"after_ms": 5, "needs": {"synthetic": 1}}]), "is not needed be"),
    (put("queues.0.relaxation", [{"after_ms": 60_000, "needs": {}}]), "should be before the inc"),
    (put("queues.2.relaxation", [{"after_ms": 5, "needs": {"synthetic": 1}}]), "asks for as much"),
    (put("queues.0.relaxation", [{"after_ms": 9, "needs": {"magic": 1}}]), "is not among the skil"),
    (put("queues.1.callback", {"within_ms": 5}), "queues[1].callback.within_ms is '5': input"),
    (put("queues.1.callback", {"attempts_max": 0}), "callback.attempts_max is '0': input should"),
    (put("queues.1.callback", {"within_ms": 60_000, "first_ms": 60_000}), "first_ms is 60000: sh"),
    (put("queues.1.callback", {"short_ms": 20_000}), "short_ms is 20000: should be below promise"),
    (put("queues.1.callback", {"tries": 3}), "queues[1].callback.tries is '3': is not a known key"),
    (put("queues.0.callback", {"attempts_max": 9}), "queues[0].callback: is not for a queue of e"),
    (put("queues.0.emergency", {"ask_medical_ms": 5}), "queues[0].emergency.ask_medical_ms is '5'"),
    (put("queues.0.emergency", {"report_hour": 24}), "queues[0].emergency.report_hour is '24': in"),
    (put("queues.0.emergency", {"often": 3}), "queues[0].emergency.often is '3': is not a known k"),
    (put("trunks.0.outbound.account", {}), "trunks[0].outbound.account.user: is missing"),
    (put("trunks.0.outbound.account", LOGIN | {"password": "x"}), "account.password is 'x': is n"),
    (put("trunks.0.outbound.account", LOGIN | {"domain": "a b"}), "outbound.account.domain is 'a"),
    (put("trunks.0.outbound.account", LOGIN | {"number": "77"}), "account is '77': is no entry: w"),
    (put("entries.1.agent", "8001"), "entries[1].agent is '8001': can never be rung here: lacks w"),
    (put("entries.1.agent", "9999"), "entries[1].agent is '9999': is not among the agents"),
    (put("duty_phones", [DUTY | {"queues": ["moon"]}]), "duty_phones[0].queues[0] is 'moon': is n"),
    (put("duty_phones", [DUTY | {"number": "110"}]), "duty_phones[0].number is '110': is a rescue"),
    (put("duty_phones", [DUTY | {"id": "8001"}]), "duty_phones[0].id is '8001': is an agent's nam"),
    (put("elders.0.precedence", 10), "elders[0].precedence is '10': input should be less than or"),
    (repeat("agents"), "agents[22].id is '8001': is there already (agents[0].id)"),
    (repeat("elders"), "elders[11].id is 'e0001': is there already (elders[0].id)"),
]  # fmt: skip


def test_one_wrong_item_is_not_told_as_a_list_that_is_too_short_too(tmp_path: Path) -> None:
    """`127.0.0.0/99` was followed by 'tuple should have at least 1 item after validation'."""
    wrong = deepcopy(DEMO)
    put("trunks.0.addresses", ["127.0.0.0/99"])(wrong)
    assert [problem.path for problem in complaint(tmp_path, wrong).problems] == [
        "trunks[0].addresses[0]"
    ]


def test_a_queue_that_says_nothing_of_its_deadlines_is_possible(tmp_path: Path) -> None:
    """Rings one phone at a time, and never for less than people need unless it says so."""
    plain = deepcopy(DEMO)
    for name in ("ring_ms_min", "incident_ms", "widening"):
        del plain["queues"][0][name]
    plain["queues"][0]["ring_ms"] = 3_000
    path = tmp_path / "line.yaml"
    path.write_text(json.dumps(plain), encoding="utf-8")
    document = parse(path)
    assert cross_check(document, {}) == []
    assert document.queues is not None
    queue = document.queues[0]
    assert (queue.ring_ms_min, queue.incident_ms) == (3_000, 60_000)
    assert [(s.after_ms, s.phones, s.reach) for s in queue.widening] == [(0, 1, "ready")]


@pytest.mark.parametrize(("edit", "sentence"), REFUSED, ids=[sentence for _, sentence in REFUSED])
def test_what_is_wrong_is_named(tmp_path: Path, edit: Edit, sentence: str) -> None:
    wrong = deepcopy(DEMO)
    edit(wrong)
    first = str(complaint(tmp_path, wrong)).splitlines()[0]
    assert first.startswith(f"{tmp_path / 'line.yaml'}: ")
    assert sentence in first


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "should have sections, such as organisations"),
        ("- a\n- b\n", "should have sections"),
        ("queues: [\n", "line 2, column 1"),
        ("skills:\n- {id: a, name: b, id: c}\n", "line 2, column 20: the key 'id' is there twice"),
        ("? [a]\n: b\n", "line 1, column 3: a key should be a word"),
        ("skills: *a\n", "line 1, column 9: there is no &a before it"),
        ("a: b\n---\na: b\n", "line 2, column 1: another document begins"),
        ("[" * 33, "is not YAML: it has more than 32 levels"),
        ("a: \x07", "is not YAML: control characters are not allowed"),
    ],
)
def test_a_file_that_is_no_directory(tmp_path: Path, content: str, sentence: str) -> None:
    assert sentence in str(complaint(tmp_path, content))


def test_what_a_file_says_twice_it_may_write_once(tmp_path: Path) -> None:
    path = tmp_path / "once.yaml"
    path.write_text(
        "agents: [{id: '1', name: A, skills: &same {b: 1}}, {id: '2', name: B, skills: *same}]"
    )
    assert [agent.skills for agent in parse(path).agents or ()] == [{"b": 1}, {"b": 1}]


@pytest.mark.parametrize("written", ["null", "~", "", "!!null x"])
def test_nothing_is_nothing_only_where_it_is_written_plainly(tmp_path: Path, written: str) -> None:
    path = tmp_path / "nothing.yaml"
    path.write_text(f"organisations: [{{id: a, kind: committee, name: '~', phone: {written}}}]")
    (found,) = parse(path).organisations or ()
    assert (found.name, found.phone) == ("~", None)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DirectoryInvalid, match="there is no such file"):
        parse(tmp_path / "nothing.yaml")


def test_what_is_no_text_or_no_file_is_said_in_one_line(tmp_path: Path) -> None:
    """PyYAML's sentence had two lines and the system's its number."""
    (tmp_path / "sound.yaml").write_bytes(b"\xf0\x28\x8c\x28")
    with pytest.raises(DirectoryInvalid) as caught:
        parse(tmp_path / "sound.yaml")
    assert str(caught.value).endswith("sound.yaml: is not YAML: invalid trailing UTF-8 octet")
    with pytest.raises(DirectoryInvalid) as caught:
        parse(tmp_path)
    assert str(caught.value) == f"{tmp_path}: cannot be read: Is a directory"


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    wrong = deepcopy(DEMO)
    wrong["entries"][0]["queue"] = "a"
    wrong["seats"][3]["agent"] = "b"
    paths = [problem.path for problem in complaint(tmp_path, wrong).problems]
    assert paths == ["entries[0].queue", "seats[3].agent"]


def test_a_long_list_is_cut(tmp_path: Path) -> None:
    wrong = deepcopy(DEMO)
    for entry in wrong["elders"] + wrong["agents"]:
        entry["nickname"] = "x"
    lines = str(complaint(tmp_path, wrong)).splitlines()
    assert lines[-1].endswith(f"and {len(DEMO['elders'] + DEMO['agents']) - 20} more")


def test_the_demo_itself_is_right(tmp_path: Path) -> None:
    assert complaint(tmp_path, DEMO).problems == ()


def test_a_relaxation_that_can_never_match_is_refused(tmp_path: Path) -> None:
    """Nobody of the file comes within reach by it: the caller would wait for it in vain."""
    asking = deepcopy(DEMO)
    asking["queues"][0] |= {
        "needs": {"emergency": 10},
        "relaxation": [{"after_ms": 3_000, "needs": {"emergency": 9}}],
    }
    for agent in asking["agents"]:
        if agent["skills"].get("emergency") == 9:
            agent["skills"]["emergency"] = 8
    path = tmp_path / "line.yaml"
    path.write_text(json.dumps(asking), encoding="utf-8")
    assert [str(problem) for problem in cross_check(parse(path), {})] == [
        "queues[0].relaxation[0].needs: can never match: no agent meets it who does not meet more"
    ]


def test_a_reach_outside_without_a_telephone_is_refused(tmp_path: Path) -> None:
    """A step that reaches nobody is a promise of nothing."""
    reaching = deepcopy(DEMO)
    reaching["queues"][0]["widening"][-1]["reach"] = "outside"
    reaching["duty_phones"] = [DUTY | {"queues": ["enquiry"]}]
    path = tmp_path / "line.yaml"
    path.write_text(json.dumps(reaching), encoding="utf-8")
    assert [str(problem) for problem in cross_check(parse(path), {})] == [
        "queues[0].widening[3].reach is 'outside': reaches nobody: no duty phone serves this queue"
    ]
