"""A wrong setting ends in one sentence that names it, its value and what it should be."""

import os
import stat
from pathlib import Path

import pytest

from acd.runtime.credentials import (
    ConfigurationError,
    ensure_secrets,
    read_phone_passwords,
    write_phone_passwords,
)
from acd.runtime.settings import load_settings


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("HULING_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HULING_RUN_DIR", str(tmp_path))


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("HTTP_PORT", "abc", "HULING_HTTP_PORT is 'abc', but should be a whole number."),
        ("HTTP_PORT", "70000", "HULING_HTTP_PORT is '70000', but should be a port, 1 to 65535."),
        ("RECORDING", "perhaps", "HULING_RECORDING is 'perhaps', but should be yes or no."),
        ("LOG_FORMAT", "xml", "HULING_LOG_FORMAT is 'xml', but should be 'console' or 'json'."),
        (
            "BIND",
            "999.1.1.1",
            "HULING_BIND is '999.1.1.1', but should be an address such as 127.0.0.1.",
        ),
        (
            "EXTERNAL_ADDRESS",
            "my.house",
            "HULING_EXTERNAL_ADDRESS is 'my.house', but should be an address such as 203.0.113.7.",
        ),
        (
            "LOCAL_NETWORKS",
            "10.0.0.1/8",
            "HULING_LOCAL_NETWORKS is '10.0.0.1/8', but should be networks such as "
            "10.0.0.0/8,192.168.0.0/16.",
        ),
        (
            "ZONE",
            "Mars/Base",
            "HULING_ZONE is 'Mars/Base', but should be a time zone such as Asia/Shanghai.",
        ),
        ("NODE", "a:b", "HULING_NODE is 'a:b', but should be 1 to 16 letters or digits."),
        (
            "RTP_PORT_MAX",
            "10010",
            "HULING_RTP_PORT_MAX is 10010, but should be at least 10099, 99 above "
            "HULING_RTP_PORT_MIN.",
        ),
        (
            "DATABASE_URL",
            "mysql://u:hidden@h/d",
            "HULING_DATABASE_URL is set (not shown), but should look like "
            "postgresql://user:password@host:port/database.",
        ),
        (
            "HTPP_PORT",
            "1",
            "HULING_HTPP_PORT is not a setting; HULING_HTTP_PORT is meant, perhaps.",
        ),
    ],
)
def test_one_sentence(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(f"HULING_{name}", value)
    with pytest.raises(ConfigurationError) as wrong:
        load_settings()
    assert str(wrong.value) == sentence


def test_defaults_are_the_public_contract() -> None:
    settings = load_settings()
    assert (settings.bind, settings.sip_port, settings.http_port) == ("127.0.0.1", 5060, 8080)
    assert settings.ari_address == "http://127.0.0.1:8088"
    assert settings.ami_address == ("127.0.0.1", 5038)
    assert (settings.rtp_port_min, settings.rtp_port_max) == (10000, 14999)


def test_an_empty_variable_is_an_unset_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HULING_DATABASE_URL", "")
    assert load_settings().database_url is None


def test_on_all_addresses_we_reach_ourselves_by_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HULING_BIND", "0.0.0.0")
    assert load_settings().ari_address == "http://127.0.0.1:8088"


@pytest.mark.parametrize(
    ("bind", "token", "wish", "is_open"),
    [
        ("127.0.0.1", None, None, True),
        ("::1", None, None, True),
        ("localhost", None, None, True),
        ("127.0.0.1", "hl_x", None, False),
        ("127.0.0.1", "hl_x", "yes", True),
        ("127.0.0.1", None, "no", False),
        ("0.0.0.0", None, None, False),
        ("192.0.2.7", None, None, False),
        ("::", None, "no", False),
    ],
)
def test_without_tokens_only_on_this_machine(
    monkeypatch: pytest.MonkeyPatch, bind: str, token: str | None, wish: str | None, is_open: bool
) -> None:
    """X10: nobody else's machine reaches an API that asks for nothing."""
    monkeypatch.setenv("HULING_BIND", bind)
    for name, value in (("TOKEN", token), ("OPEN", wish)):
        if value is not None:
            monkeypatch.setenv(f"HULING_API_{name}", value)
    assert load_settings().api_is_open is is_open


@pytest.mark.parametrize("bind", ["0.0.0.0", "192.0.2.7", "switch.example"])
def test_open_to_the_world_is_refused(monkeypatch: pytest.MonkeyPatch, bind: str) -> None:
    monkeypatch.setenv("HULING_BIND", bind)
    monkeypatch.setenv("HULING_API_OPEN", "yes")
    with pytest.raises(ConfigurationError) as wrong:
        load_settings()
    assert str(wrong.value) == (
        f"HULING_API_OPEN is yes, but HULING_BIND is {bind}: without tokens the APIs may listen on "
        "127.0.0.1 alone; unset it, and make tokens by `acd token create`."
    )


@pytest.mark.parametrize("name", ["HULING_SIP_TLS_CERTIFICATE", "HULING_SIP_TLS_KEY"])
def test_a_certificate_without_its_key_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    assert not load_settings().phones_are_secure
    monkeypatch.setenv(name, "/etc/huling/one.pem")
    with pytest.raises(ConfigurationError, match="belong together"):
        load_settings()
    monkeypatch.setenv("HULING_SIP_TLS_CERTIFICATE", "/etc/huling/certificate.pem")
    monkeypatch.setenv("HULING_SIP_TLS_KEY", "/etc/huling/key.pem")
    assert load_settings().phones_are_secure


def test_missing_secrets_name_the_way_out() -> None:
    with pytest.raises(ConfigurationError, match=r"does not exist: .*HULING_ARI_PASSWORD\."):
        load_settings().secrets()


def test_secrets_are_made_once_and_are_nobody_elses_business() -> None:
    settings = load_settings()
    made = ensure_secrets(settings.secrets_path)
    assert ensure_secrets(settings.secrets_path) == made
    assert settings.secrets() == made
    assert stat.S_IMODE(settings.secrets_path.stat().st_mode) == 0o600
    assert made.postgres_password in settings.database_dsn()
    assert made.ari_password not in repr(made)


def test_the_environment_beats_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    ensure_secrets(load_settings().secrets_path)
    monkeypatch.setenv("HULING_ARI_PASSWORD", "given")
    monkeypatch.setenv("HULING_DATABASE_URL", "postgresql://u@h/d")
    settings = load_settings()
    assert settings.secrets().ari_password == "given"
    assert settings.database_dsn() == "postgresql://u@h/d"
    assert "given" not in repr(settings)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("{", "is damaged"),
        ('{"ari_password": 7}', "is damaged"),
        ('{"ari_password": "a", "ami_password": "b"}', "has no 'postgres_password'"),
    ],
)
def test_a_damaged_secrets_file(content: str, sentence: str) -> None:
    settings = load_settings()
    settings.secrets_path.write_text(content)
    settings.secrets_path.chmod(0o600)
    with pytest.raises(ConfigurationError, match=sentence):
        settings.secrets()


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_passwords_that_others_may_read_are_refused(mode: int) -> None:
    """X12: and those that only the owner may read are taken."""
    settings = load_settings()
    ensure_secrets(settings.secrets_path)
    settings.secrets()
    settings.secrets_path.chmod(mode)
    with pytest.raises(ConfigurationError, match=rf"may be read by others \(mode {mode:o}\)"):
        settings.secrets()
    write_phone_passwords(settings.credentials_path, {"a8001": "x"})
    settings.credentials_path.chmod(mode)
    with pytest.raises(ConfigurationError, match="may be read by others"):
        read_phone_passwords(settings.credentials_path)


def test_phone_passwords_are_written_whole_and_private() -> None:
    path = load_settings().credentials_path
    assert read_phone_passwords(path) == {}
    write_phone_passwords(path, {"a8002": "y", "a8001": "x"})
    assert read_phone_passwords(path) == {"a8001": "x", "a8002": "y"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["credentials.json"]
