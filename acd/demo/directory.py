"""The demo directory, as the same YAML that any customer writes.

Its numbers are a public contract: entries 95001, 95002, 95003 (with a menu) and 95009; agents
8001–8020, 8099 and the supervisor 8090 with phones a8001 …; terminals 02160000001–02160000200.
People, addresses and all other numbers are made up, and made so that they cannot be real: a local
number of Shanghai never begins with 0, no identity card is issued in region 000000, and rescue is
a simulator's, never 110, 119 or 120.  The same call gives the same text.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import yaml

TERMINALS = 200
COUPLES_EVERY = 10
"""Every tenth terminal belongs to a couple, so that two elders share a number."""

Entry = dict[str, Any]

# libyaml's where PyYAML has it: ten times faster.
_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def _words(joined: str) -> tuple[str, ...]:
    return tuple(joined.split())


def text(*, terminals: int = TERMINALS) -> str:
    """Return the directory as YAML."""
    header = (
        "# Huling's demo directory.  All people, places and numbers in it are made up.\n"
        "# Load it with `acd directory load FILE`; change it and load it again.\n"
    )
    return header + as_yaml(document(terminals=terminals))


def as_yaml(directory: dict[str, list[Entry]]) -> str:
    """Return a directory's plain values as YAML, in their order."""
    plain: str = yaml.dump(directory, Dumper=_DUMPER, allow_unicode=True, sort_keys=False, width=96)
    return plain


def document(*, terminals: int = TERMINALS) -> dict[str, list[Entry]]:
    """Return the directory as plain values.  ``terminals`` are at most 9,999,999."""
    return {
        "organisations": _organisations(),
        "areas": _areas(),
        "trunks": _trunks(),
        "skills": _skills(),
        "queues": _queues(),
        "menus": _menus(),
        "entries": _entries(),
        "agents": list(_agents()),
        "seats": list(_seats()),
        "terminal_models": _terminal_models(),
        "terminals": [_terminal(n) for n in range(1, terminals + 1)],
        "elders": [elder for n in range(1, terminals + 1) for elder in _household(n)],
    }


# ── lines and staff ─────────────────────────────────────────────────────────────────────────


def _areas() -> list[Entry]:
    simulators = {
        service: {"number": number, "kind": "simulator"}
        for service, number in (("police", "90110"), ("fire", "90119"), ("medical", "90120"))
    }
    # Copies, or YAML would write the second as a reference to the first.
    return [
        {"id": area, "name": name, **{k: dict(v) for k, v in simulators.items()}}
        for area, name in (("shifan-east", "示范区东片"), ("shifan-west", "示范区西片"))
    ]


def _trunks() -> list[Entry]:
    # T31: two operators.  All of 127.0.0.0/8, so that any loopback address is a caller.
    return [
        {
            "id": f"carrier-{letter}",
            "provider": provider,
            "addresses": [network],
            "area_code": "021",
            "trusts_asserted": True,
            # The entries too: a terminal may answer by itself to the number that it calls.
            "outbound_caller_ids": [caller_id, "95001", "95002"],
            "areas": ["shifan-east", "shifan-west"],
            "state": "in_service",
            # Whoever plays the operator listens there; nobody does, and the trunk takes calls only.
            "outbound": {"host": host, "port": 5070, "priority": priority, "dial": "national"},
        }
        for priority, (letter, provider, network, caller_id, host) in enumerate(
            (
                ("a", "示范电信", "127.0.0.0/9", "02109500101", "127.10.0.1"),
                ("b", "示范联通", "127.128.0.0/9", "02109500102", "127.130.0.1"),
            ),
            1,
        )
    ]


def _skills() -> list[Entry]:
    return [
        {"id": "emergency", "name": "紧急呼叫"},
        {"id": "enquiry", "name": "咨询服务"},
        {"id": "dialect:shanghai", "name": "上海话"},
        {"id": "synthetic", "name": "自检"},
    ]


def _queues() -> list[Entry]:
    return [
        {
            "id": "emergency",
            "name": "紧急呼叫",
            "priority": 0,
            "promise_ms": 10_000,  # T09, C01
            "ring_ms": 6_500,  # C01: early enough for a second agent
            "ring_ms_min": 6_500,  # a ring cut off before people are there helps nobody
            "incident_ms": 60_000,  # T14
            "widening": [
                {"after_ms": 0, "phones": 1, "reach": "ready"},
                {"after_ms": 4_000, "phones": 2, "reach": "ready"},
                {"after_ms": 7_000, "phones": 3, "reach": "wrap_up"},
                {"after_ms": 10_000, "phones": 5, "reach": "break"},
            ],
            "pick_up_ms": 2_000,
            "wrap_up_ms": 5_000,
            "short_answer_ms": 1_000,
            "refusal_delay_ms": 3_000,
            "misses_max": 3,
            "selection": "highest_skill",
            "prefers": ["dialect:shanghai"],  # C15, D23
            "overflow": ["enquiry"],  # T12
            "overflow_ms": 10_000,
            "needs": {"emergency": 1},
            "acknowledgement": "caller-acknowledge",
            "consent": ["supervisor"],  # D08
            "treatment": {
                "recording_notice": "caller-recording-notice",  # C14: only while waiting
                "comfort": "caller-comfort",
                "comfort_every_ms": 15_000,
            },
            "emergency": {"ask_contact_ms": 300_000},  # F13
        },
        {
            "id": "enquiry",
            "name": "咨询服务",
            "priority": 10,
            "promise_ms": 20_000,  # T12
            "ring_ms": 12_000,
            "ring_ms_min": 6_000,
            "incident_ms": 180_000,
            # Nobody's break ends for a question.
            "widening": [
                {"after_ms": 0, "phones": 1, "reach": "ready"},
                {"after_ms": 12_000, "phones": 2, "reach": "ready"},
            ],
            "pick_up_ms": 2_000,
            "wrap_up_ms": 10_000,
            "short_answer_ms": 1_000,
            "refusal_delay_ms": 3_000,
            "misses_max": 3,
            "selection": "longest_idle",
            "needs": {"enquiry": 1},
            "prefers": ["dialect:shanghai"],
            "sticky": ["owner", "last"],  # W15
            "prefer_wait_ms": 4_000,
            "acknowledgement": "caller-acknowledge",
            "treatment": {
                "greets": True,
                "recording_notice": "caller-recording-notice",
                "comfort": "caller-comfort",
                "comfort_every_ms": 20_000,
                "tells_position": True,
                # V09: the agent says the number; played, it would cover their first words.
                "tells_agent": False,
                "callback_from_ms": 120_000,
                "reply_within_ms": 7_200_000,
            },
            "callback": {"within_ms": 1_800_000, "first_ms": 30_000, "attempts_max": 4},
        },
        {
            "id": "synthetic",
            "name": "自检",
            "priority": 20,
            "promise_ms": 10_000,
            "ring_ms": 6_500,
            "ring_ms_min": 4_000,
            "incident_ms": 60_000,
            "widening": [{"after_ms": 0, "phones": 1, "reach": "ready"}],
            "pick_up_ms": 2_000,
            "wrap_up_ms": 1_000,
            "short_answer_ms": 1_000,
            "refusal_delay_ms": 1_000,
            # The robot is always there; missing rings must show as missed calls.
            "misses_max": 100,
            "selection": "longest_idle",
            "needs": {"synthetic": 1},
            "acknowledgement": "caller-acknowledge",
        },
    ]


def _menus() -> list[Entry]:
    # V03, V05: no menu before people in need (C13); 0 is a person in each.
    return [
        {
            "id": "main",
            "prompt": "caller-menu-main",
            "choices": {
                "1": {"queue": "enquiry"},
                "2": {"menu": "information"},
                "3": {"voicemail": True},
                "4": {"callback": True},
                "5": {"task": "documents"},
            },
            "otherwise": {"queue": "enquiry"},
        },
        {
            "id": "information",
            "prompt": "caller-menu-information",
            "choices": {
                "1": {"information": "caller-information-terminal"},
                "2": {"information": "caller-information-hours"},
            },
            "otherwise": {"queue": "enquiry"},
        },
    ]


def _entries() -> list[Entry]:
    return [
        {"id": "95001", "name": "紧急呼叫", "kind": "emergency", "queue": "emergency"},
        {"id": "95002", "name": "咨询服务", "kind": "enquiry", "queue": "enquiry"},
        {
            "id": "95003",
            "name": "自助咨询",
            "kind": "enquiry",
            "queue": "enquiry",
            "menu": "main",
        },
        {"id": "95009", "name": "自检", "kind": "synthetic", "queue": "synthetic"},
    ]


_AGENT_NAMES = _words(
    "林静怡 何佳宁 郑雨桐 罗思远 宋文博 唐若兰 许嘉禾 邓子涵 冯晓彤 曹知行 "
    "彭书瑶 曾一鸣 肖雅琴 田浩然 董清妍 袁景行 潘心怡 于明哲 蒋梦溪 蔡承志"
)


def _agents() -> Iterator[Entry]:
    for n, name in enumerate(_AGENT_NAMES, 1):
        skills = {"emergency": 5 + n % 6} if n <= 10 else {"enquiry": 5 + n % 6}
        if n in (3, 13):
            skills["dialect:shanghai"] = 8
        group = "emergency" if n <= 10 else "service"
        yield {"id": str(8000 + n), "name": name, "skills": skills, "group": group}
    yield {"id": "8099", "name": "自检坐席", "skills": {"synthetic": 10}}
    # D08, H01: gives leave and helps; takes no calls.
    yield {"id": "8090", "name": "沈班长", "skills": {}, "role": "supervisor"}


def _seats() -> Iterator[Entry]:
    for agent in [*range(8001, 8021), 8099, 8090]:
        # T29: an emergency seat may have a second phone.
        second = [f"a{agent}-2"] if agent in (8001, 8002) else []
        yield {"id": f"s{agent}", "phones": [f"a{agent}", *second], "agent": str(agent)}


# ── elders ──────────────────────────────────────────────────────────────────────────────────

_MODEL = "一键通二型"


def _terminal_models() -> list[Entry]:
    # T27: what it sends by DTMF besides the help signal.
    return [
        {
            "id": _MODEL,
            "codes": {
                "#91": {"meaning": "low_battery", "task": "更换电池"},
                "#92": {"meaning": "fault", "task": "上门检修终端"},
                "#93": {"meaning": "test"},
                "#94": {"meaning": "mains_lost", "task": "检查终端电源", "within_ms": 86_400_000},
                "#95": {"meaning": "mains_back"},
            },
        }
    ]


_DISTRICT = "示范区"
_STREETS = (
    # street, committee, estate, property
    ("银杏街道", "committee-1", "银杏苑", "property-1"),
    ("桂花街道", "committee-2", "桂花新村", "property-2"),
    ("梧桐街道", "committee-3", "梧桐里", "property-3"),
    ("香樟街道", "committee-4", "香樟家园", "property-1"),
)


def _organisations() -> list[Entry]:
    kinds = (
        ("committee-1", "committee", "银杏居委会", "王主任"),
        ("committee-2", "committee", "桂花居委会", "李主任"),
        ("committee-3", "committee", "梧桐居委会", "赵主任"),
        ("committee-4", "committee", "香樟居委会", "孙主任"),
        ("centre-1", "service_centre", "示范区东片居家养老服务中心", "周站长"),
        ("centre-2", "service_centre", "示范区西片居家养老服务中心", "吴站长"),
        ("property-1", "property", "安居物业", "值班室"),
        ("property-2", "property", "乐居物业", "值班室"),
        ("property-3", "property", "和居物业", "值班室"),
        ("office-1", "district_office", "示范区民政局", "养老服务科"),
    )
    return [
        {
            "id": one,
            "kind": kind,
            "name": name,
            "phone": _made_up_number(9_000_000 + n),
            "contact": contact,
            "address": f"{_DISTRICT}示范路{n}号",
        }
        for n, (one, kind, name, contact) in enumerate(kinds, 1)
    ]


_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_WOMEN = _words("秀英 桂兰 玉珍 淑华 凤英 惠芳 美娟 月琴 金娣 宝珠 素梅 文秀 爱珍 雪琴 慧君")
_MEN = _words("国强 建国 德明 志华 永福 文彬 家豪 洪生 福根 金龙 伯良 世昌 正平 启明")
_CHILDREN = _words("伟 芳 敏 静 丽 强 磊 军 洋 勇 艳 杰 娟 涛 明 超 霞 平")
_HISTORY = ("高血压", "2型糖尿病", "冠心病", "脑梗后遗症", "慢性支气管炎", "骨质疏松")
_ALLERGIES = ("青霉素", "磺胺类", "海鲜")
_MEDICINES = (
    ("氨氯地平", "5 mg", ["08:00"]),
    ("二甲双胍", "500 mg", ["07:30", "17:30"]),
    ("阿司匹林", "100 mg", ["08:00"]),
    ("阿托伐他汀", "20 mg", ["20:00"]),
)
_HOSPITALS = ("示范区中心医院", "示范区第二人民医院", "示范区中医医院")


def _terminal(n: int) -> Entry:
    return {
        "id": _terminal_number(n),
        "numbers": [_terminal_number(n)],
        "device": f"HL-{n:07d}",
        "model": _MODEL,
        "network_licence": "示范-00-0000",
        "certificate": "示范-3C-0000",
        "installed": (date(2024, 1, 8) + timedelta(days=n % 700)).isoformat(),
        "state": "in_use",
        "area": "shifan-west" if n % 2 else "shifan-east",
    }


def _terminal_number(n: int) -> str:
    return f"0216{n:07d}"


def _made_up_number(n: int) -> str:
    """A local number that begins with 0, which none does."""
    return f"0210{n:07d}"


def _household(n: int) -> Iterator[Entry]:
    couple = n % COUPLES_EVERY == 0
    woman = n % 3 != 0
    yield _elder(n, f"e{n:04d}", woman=woman, living="spouse" if couple else _living(n))
    if couple:
        yield _elder(n, f"e{n:04d}b", woman=not woman, living="spouse")


def _living(n: int) -> str:
    return ("alone", "alone", "children", "carer", "alone", "relatives")[n % 6]


def _elder(n: int, one: str, *, woman: bool, living: str) -> Entry:
    given = _WOMEN if woman else _MEN
    surname = _SURNAMES[(n + (3 if woman else 0)) % len(_SURNAMES)]
    street, committee, estate, managed_by = _STREETS[n % len(_STREETS)]
    born = date(1931, 1, 1) + timedelta(days=n * 37 % 7300)
    medicine, dose, times = _MEDICINES[n % len(_MEDICINES)]
    return {
        "id": one,
        "name": surname + given[n // 2 % len(given)],
        "sex": "female" if woman else "male",
        "born": born.isoformat(),
        "identity_card": _identity_card(born, n, woman=woman),
        "address": {
            "district": _DISTRICT,
            "street": street,
            "estate": estate,
            "building": f"{n % 28 + 1}号楼",
            "room": f"{n % 6 + 1}0{n % 4 + 1}室",
        },
        "phones": [_made_up_number(8_000_000 + n)],
        "terminal": _terminal_number(n),
        "living": living,
        "category": "government_paid" if n % 4 else "self_paid",
        "status": "in_use",
        "contacts": list(_contacts(n, surname, one)),
        "committee": committee,
        "property": managed_by,
        "service_centre": f"centre-{n % 2 + 1}",
        "district_office": "office-1",
        "helper": {"name": f"助老员{n % 12 + 1}", "phone": _made_up_number(7_000_000 + n % 12)},
        "way_in": {
            "entrance": f"{estate}{'东南西北'[n % 4]}门",
            "gate_code": f"{n * 7 % 10_000:04d}",
            "key_place": "居委会存有备用钥匙" if n % 3 == 0 else "一级联系人持有钥匙",
            "route": "进大门后第二个路口右转，救护车可到楼下",
            "lift": n % 2 == 0,
            "latitude": round(31.2 + n % 97 / 1000, 6),
            "longitude": round(121.9 + n % 89 / 1000, 6),
        },
        "health": {
            "blood_group": ("A", "B", "O", "AB")[n % 4],
            "rhesus": "positive",
            "history": [_HISTORY[n % 6], _HISTORY[(n + 2) % 6]],
            "allergies": [_ALLERGIES[n % 3]] if n % 5 == 0 else [],
            "medication": [{"name": medicine, "dose": dose, "times": list(times)}],
            "ability": {
                "mobility": ("independent", "aided", "independent", "wheelchair")[n % 4],
                "hearing": "poor" if n % 3 == 0 else "good",
                "speech": "good",
                "cognition": "forgetful" if n % 7 == 0 else "good",
            },
            "hospital": _HOSPITALS[n % 3],
            "insurance": "城镇职工医保",
        },
        "needs": {
            "languages": ["上海话", "普通话"] if n % 2 else ["普通话"],
            "ethnic_group": "汉族",
        },
        "habits": {
            "care_call_time": f"{9 + n % 8:02d}:30",
            "life_events": ["三年前丧偶"] if living == "alone" and n % 2 else [],
            "notes": "习惯早睡，晚上八点后请先打固定电话",
        },
    }


def _contacts(n: int, surname: str, elder: str) -> Iterator[Entry]:
    base = n * 10 + (5 if elder.endswith("b") else 0)
    child = _CHILDREN[n % len(_CHILDREN)]
    people = (
        (surname + child, "女儿" if n % 2 else "儿子", 1_500, True),
        (_SURNAMES[(n + 7) % len(_SURNAMES)] + "阿姨", "邻居", 30, n % 3 == 0),
        (surname + _CHILDREN[(n + 5) % len(_CHILDREN)], "侄子", 8_000, False),
    )
    for grade, (name, relation, distance_m, has_key) in enumerate(people, 1):
        yield {
            "grade": grade,
            "name": name,
            "relation": relation,
            "phones": [_made_up_number(base + grade)],
            "distance_m": distance_m,
            "has_key": has_key,
        }


def _identity_card(born: date, n: int, *, woman: bool) -> str:
    """Eighteen characters with the right check digit (GB 11643), of a region that is none."""
    serial = n % 499 * 2 + (2 if woman else 1)
    digits = f"000000{born:%Y%m%d}{serial:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))
    return digits + "10X98765432"[total % 11]
