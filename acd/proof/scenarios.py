"""SIPp scenarios from their XML files, with this run's parts filled in.

SIPp watches a receive timeout only on the first message of a row of alternatives and only until one
of them has come, so every longer wait has an order (MESSAGE) as its other way out. It sends nothing
while an earlier request is unanswered.

The files in ``sipp_xml/`` are SIPp's own XML; ``{{name}}`` marks what a run decides. The filled-in
file lies beside the run's logs, so that what ran can be read, and run again by hand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from importlib import resources
from pathlib import Path

# Longer than any run: "until told, or until the far side acts".
FOR_EVER_MS = 24 * 3600 * 1000
_TOKEN = re.compile(r"\{\{([^{}]+)\}\}")
_REFUSALS = (
    400, 403, 404, 405, 406, 408, 410, 413, 415, 416, 420, 421, 423, 480, 481, 482, 483, 484, 485,
    486, 487, 488, 491, 493, 500, 501, 502, 503, 504, 513, 600, 603, 604, 606,
)  # fmt: skip
_MEDIA = (
    '<ereg regexp="c=IN IP4 ([0-9.]+)" search_in="msg" assign_to="whole_ip,media_ip"/>\n'
    '      <ereg regexp="m=audio ([0-9]+)" search_in="msg" assign_to="whole_port,media_port"/>'
)
_INVITE_HEADERS = (
    "Via:[$via]\nFrom:[$caller]\nTo:[$called];tag=[pid]a[call_number]\n"
    "Call-ID: [call_id]\nCSeq:[$cseq_line]\n[last_Record-Route:]"
)
_ACCEPT = """  <send>
    <![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:[local_ip]:[local_port]>
Content-Length: 0

    ]]>
  </send>"""
_ACK_REFUSAL = """  <send>
    <![CDATA[
ACK sip:[remote_ip]:[remote_port] SIP/2.0
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
CSeq: {{invite cseq}} ACK
Max-Forwards: 70
Content-Length: 0

    ]]>
  </send>"""
_CANCEL = """  <send retrans="500">
    <![CDATA[
CANCEL sip:{{called}}@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=z9hG4bK-[pid]-[call_number]-invite
From: {{from}};tag=[pid]t[call_number]
To: <sip:{{called}}@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 CANCEL
Max-Forwards: 70
Content-Length: 0

    ]]>
  </send>
  <recv response="487" optional="true" next="refused" timeout="4000" ontimeout="done">
    <action><assignstr assign_to="code" value="487"/></action>
  </recv>
  <recv response="200"/>
  <recv response="487" next="refused" timeout="4000" ontimeout="done">
    <action><assignstr assign_to="code" value="487"/></action>
  </recv>"""


class Cancel(StrEnum):
    """When a terminal that cancels does so."""

    TRYING = "trying"
    """On the first 100, before anything rings."""
    RINGING = "ringing"
    """On the first 180."""
    TOLD = "told"
    """When told."""


def _sdp(port_field: str) -> str:
    return (
        "v=0\no=huling 1 1 IN IP4 [local_ip]\ns=-\nc=IN IP4 [local_ip]\nt=0 0\n"
        f"m=audio [{port_field}] RTP/AVP 8 101\na=rtpmap:8 PCMA/8000\n"
        "a=rtpmap:101 telephone-event/8000\na=fmtp:101 0-15\na=ptime:20\na=sendrecv"
    )


def _refusals(*more: int) -> str:
    return "\n".join(
        f'  <recv response="{code}" optional="true" next="refused"><action>'
        f'<assignstr assign_to="code" value="{code}"/></action></recv>'
        for code in (*_REFUSALS, *more)
    )


def _read(name: str) -> str:
    return (resources.files("acd.proof.sipp_xml") / f"{name}.xml").read_text("utf-8")


def _fill(text: str, tokens: Mapping[str, str]) -> str:
    """Replace every token, and tokens inside what replaced it. Raises KeyError for an unknown."""
    while _TOKEN.search(text):
        text = _TOKEN.sub(lambda found: tokens[found[1]], text)
    # A token that stood for nothing leaves an empty line, which would end a SIP message's headers.
    return re.sub(r"\n@nothing@(?=\n)", "", text)


def _common(invite_cseq: int) -> dict[str, str]:
    return {
        "refusals": _refusals(),
        "refusals, 401 too": _refusals(401, 407),
        "remote media": _MEDIA,
        "accept request": _ACCEPT,
        "ack refusal": _ACK_REFUSAL,
        "invite cseq": str(invite_cseq),
        "invite headers": _INVITE_HEADERS,
    }


def _ms(wanted: int) -> str:
    """A receive timeout; 0 would mean none at all."""
    return str(max(1, wanted))


def _write(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.xml"
    path.write_text(text, encoding="utf-8")
    return path


def terminal(
    folder: Path,
    name: str,
    *,
    called: str,
    talk_ms: int = FOR_EVER_MS,
    silence_ms: int = 20_000,
    from_header: str = "<sip:[field0]@[local_ip]>",
    headers: tuple[str, ...] = (),
    duplicate_invite: bool = False,
    cancel: Cancel | None = None,
) -> Path:
    """A caller on the trunk; ``[field0]`` is its number in a header of its own.

    ``headers`` are whole lines such as ``P-Asserted-Identity: <sip:[field0]@[local_ip]>``. With
    ``duplicate_invite`` the terminal takes no notice of 100 and 180, and so sends its INVITE again
    after 50, 150, 350 ms and so on, until the final answer. With ``cancel`` it gives up instead of
    talking.
    """
    file = "terminal" if cancel is None else "terminal_cancel"
    give_up = 'next="give_up"'
    tokens = _common(1) | {
        "called": called,
        "from": from_header,
        "headers": "\n".join(headers) or "@nothing@",
        "sdp 1": _sdp("field1"),
        "talk_ms": _ms(talk_ms),
        "cancel": _CANCEL,
        "silence_ms": _ms(silence_ms),
        "on trying": give_up if cancel is Cancel.TRYING else "",
        "on ringing": give_up if cancel is Cancel.RINGING else "",
        "invite retrans": "50" if duplicate_invite else "500",
        "lost": ' lost="100"' if duplicate_invite else "",
    }
    return _write(folder, name, _with_references(_fill(_read(file), tokens)))


def register(
    folder: Path, name: str, *, expires_s: int = 3600, refresh_ms: int = 1_500_000
) -> Path:
    """Telephones that register and stay registered until told."""
    tokens = _common(1) | {"expires_s": str(expires_s), "refresh_ms": _ms(refresh_ms)}
    return _write(folder, name, _fill(_read("register"), tokens))


def agent(
    folder: Path,
    name: str,
    *,
    answer_ms: int = 0,
    hold_ms: int = FOR_EVER_MS,
    reject: str | None = None,
) -> Path:
    """Telephones that ring and after ``answer_ms`` answer, or reject with a status line.

    After the answer they hang up themselves after ``hold_ms``. ``FOR_EVER_MS`` as ``answer_ms``
    never answers; ``reject`` is such as ``486 Busy Here``.
    """
    tokens = _common(1) | {
        "behaviour": _read("agent_rejects.part" if reject else "agent_answers.part"),
        "answer_ms": _ms(answer_ms),
        "hold_ms": _ms(hold_ms),
        "status": reject or "",
        "sdp port": _sdp("$rtp_port"),
    }
    return _write(folder, name, _with_references(_fill(_read("agent"), tokens)))


def operator(folder: Path, name: str) -> Path:
    """The far end of a trunk: everybody who is dialled there rings until told."""
    tokens = _common(1) | {
        "behaviour": _read("agent_answers.part"),
        "answer_ms": _ms(FOR_EVER_MS),
        "hold_ms": _ms(FOR_EVER_MS),
        "sdp port": _sdp("$rtp_port"),
    }
    return _write(folder, name, _with_references(_fill(_read("operator"), tokens)))


def dial_code(folder: Path, name: str, *, listen_ms: int = 15_000) -> Path:
    """A telephone that dials a feature code and hears the confirmation out."""
    tokens = _common(2) | {"sdp 2": _sdp("field2"), "listen_ms": _ms(listen_ms)}
    return _write(folder, name, _with_references(_fill(_read("dial_code"), tokens)))


def _with_references(text: str) -> str:
    if "whole_ip" not in text:
        return text
    return text.replace(
        "</scenario>", '  <Reference variables="whole_ip,whole_port"/>\n</scenario>'
    )
