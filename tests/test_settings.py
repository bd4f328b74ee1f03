"""Configuration: what is wrong is named, all of it at once, with what is allowed; nothing secret is ever in the sentence."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.settings import Disclosure, LogFormat, Mode, Pacing, Settings, read_settings
from conference import profiles
from conference.model.errors import Misconfigured
from storage.sealed import new_key

TOKEN = "42001:TEST-token_of_the_town_0123456789"
KEY = new_key()
README = Path(__file__).parents[1] / "README.md"


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No `.env` of this machine plays in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Any:
    def set_it(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv("LIANXI_" + name.upper(), value)

    set_it(telegram_token=TOKEN, key=KEY)
    return set_it


def problems() -> dict[str, str]:
    """The sentences by the variable they name; fails when the settings are taken."""
    with pytest.raises(Misconfigured) as caught:
        read_settings()
    found = [problem.partition(": ") for problem in caught.value.problems]
    assert len({name for name, _, _ in found}) == len(found), f"a variable is named twice: {found}"
    return {name: sentence for name, _, sentence in found}


def test_token_and_key_are_enough_and_the_rest_has_defaults(environment: Any) -> None:
    settings = read_settings()
    assert settings.model_dump() == {
        "telegram_token": SecretStr(TOKEN),
        "telegram_api": "https://api.telegram.org",
        "mode": Mode.POLLING,
        "webhook_url": "",
        "webhook_secret": SecretStr(""),
        "host": "127.0.0.1",
        "port": 8080,
        "database_url": "sqlite:///lianxi.sqlite",
        "key": SecretStr(KEY),
        "profile": "badong",
        "disclosure": Disclosure.MINIMAL,
        "timezone": "Asia/Shanghai",
        "pacing": Pacing.TELEGRAM,
        "log_format": LogFormat.JSON,
    }
    assert settings.bot_id == 42001
    assert settings.zone.key == "Asia/Shanghai"


def test_what_is_missing_is_named_all_at_once() -> None:
    found = problems()
    assert set(found) == {"LIANXI_TELEGRAM_TOKEN", "LIANXI_KEY"}
    assert found["LIANXI_TELEGRAM_TOKEN"].startswith("not set; a bot token looks like 123456:ABC-DEF")
    assert "no key is set" in found["LIANXI_KEY"]
    assert "`lianxi key` makes one" in found["LIANXI_KEY"]


WRONG = {
    "telegram_token": ("secret-nonsense", "a bot token looks like 123456:ABC-DEF…, as @BotFather gives it"),
    "telegram_api": ("api.telegram.org", "write a whole address, such as https://example.org/path"),
    "mode": ("both", "Input should be 'polling' or 'webhook'"),
    "webhook_secret": ("short", "16 to 256 characters of A-Z a-z 0-9 _ -"),
    "port": ("70000", "0 to 65535"),
    "database_url": ("mysql://x", "write sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME"),
    "key": ("secret-nonsense", "each key is 32 bytes in base64 (44 characters); `lianxi key` makes one"),
    "profile": ("Mars!", f"names of conferences, by comma; there are: {', '.join(profiles.available())}"),
    "disclosure": ("some", "Input should be 'minimal' or 'full'"),
    "timezone": ("Mars/Olympus", "write a zone name such as Asia/Shanghai"),
    "pacing": ("fast", "Input should be 'telegram' or 'none'"),
    "log_format": ("xml", "Input should be 'json' or 'readable'"),
}


def test_everything_that_is_wrong_is_named_at_once_with_what_is_allowed(environment: Any) -> None:
    environment(**{name: value for name, (value, _) in WRONG.items()})
    assert problems() == {"LIANXI_" + name.upper(): sentence for name, (_, sentence) in WRONG.items()}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_value_is_not_repeated_for_it_may_be_a_secret(environment: Any, name: str) -> None:
    value, sentence = WRONG[name]
    environment(**{name: value})
    found = problems()
    assert found == {"LIANXI_" + name.upper(): sentence}
    if name in ("telegram_token", "key", "webhook_secret"):
        assert value not in str(found)


@pytest.mark.parametrize("port", ["-1", "65536", "x"])
def test_a_port_is_a_number_of_a_port(environment: Any, port: str) -> None:
    environment(port=port)
    assert set(problems()) == {"LIANXI_PORT"}


@pytest.mark.parametrize("port", ["0", "65535"])
def test_the_first_and_the_last_port_are_ports(environment: Any, port: str) -> None:
    environment(port=port)
    assert read_settings().port == int(port)


@pytest.mark.parametrize("zone", ["", "Asia", "../etc/passwd", "Asia/Shanghai "])
def test_what_is_no_zone_is_refused(environment: Any, zone: str) -> None:
    environment(timezone=zone)
    assert set(problems()) == {"LIANXI_TIMEZONE"}


# -- the webhook -------------------------------------------------------------------------------------------------------

SECRET = "0123456789abcdef"


def test_a_webhook_needs_an_address_and_a_secret_and_both_are_named_at_once(environment: Any) -> None:
    environment(mode="webhook", port="x")
    found = problems()
    assert set(found) == {"LIANXI_WEBHOOK_URL", "LIANXI_WEBHOOK_SECRET", "LIANXI_PORT"}
    assert found["LIANXI_WEBHOOK_URL"] == "LIANXI_MODE=webhook needs a whole address with a path, such as https://example.org/hook"
    assert "16 to 256 characters" in found["LIANXI_WEBHOOK_SECRET"]


@pytest.mark.parametrize(
    "url", ["https://example.org", "https://example.org/", "example.org/hook", "ftp://example.org/hook", "https:///hook"]
)
def test_a_webhook_without_a_path_of_its_own_is_refused(environment: Any, url: str) -> None:
    environment(mode="webhook", webhook_url=url, webhook_secret=SECRET)
    assert set(problems()) == {"LIANXI_WEBHOOK_URL"}


@pytest.mark.parametrize("path", [TOKEN, TOKEN.partition(":")[2], "x" + TOKEN + "y", TOKEN.replace(":", "%3A").replace("-", "%2D")])
def test_the_token_does_not_stand_in_the_address(environment: Any, path: str) -> None:
    environment(mode="webhook", webhook_url=f"https://example.org/{path}", webhook_secret=SECRET)
    assert problems() == {"LIANXI_WEBHOOK_URL": "must not contain the token, addresses end up in logs"}


@pytest.mark.parametrize("secret", ["x" * 15, "x" * 257, "0123456789abcdef!", "0123456789 abcdef", "口" * 20])
def test_the_secret_is_one_that_telegram_takes(environment: Any, secret: str) -> None:
    environment(mode="webhook", webhook_url="https://example.org/hook", webhook_secret=secret)
    assert problems() == {"LIANXI_WEBHOOK_SECRET": "16 to 256 characters of A-Z a-z 0-9 _ -"}


def test_a_whole_webhook_is_taken(environment: Any) -> None:
    environment(mode="webhook", webhook_url="https://example.org/hook", webhook_secret=SECRET)
    settings = read_settings()
    assert (settings.mode, settings.webhook_url) == (Mode.WEBHOOK, "https://example.org/hook")
    assert settings.webhook_secret.get_secret_value() == SECRET


# -- where they come from ----------------------------------------------------------------------------------------------


def test_a_file_is_read_and_the_environment_goes_before_it(empty_folder: Path, environment: Any) -> None:
    (empty_folder / ".env").write_text(f"LIANXI_PORT=1234\nLIANXI_HOST=0.0.0.0\nLIANXI_KEY={new_key()}\nOTHER=x\n", encoding="utf-8")
    environment(host="::1")
    settings = read_settings()
    assert (settings.port, settings.host, settings.key.get_secret_value()) == (1234, "::1", KEY)


def test_a_bad_value_in_the_file_is_named_like_any_other(empty_folder: Path, environment: Any) -> None:
    (empty_folder / ".env").write_text("LIANXI_PROFILE=Mars!\n", encoding="utf-8")
    assert problems() == {"LIANXI_PROFILE": f"names of conferences, by comma; there are: {', '.join(profiles.available())}"}


def test_secrets_are_not_shown_by_the_settings_themselves(environment: Any) -> None:
    environment(mode="webhook", webhook_url="https://example.org/hook", webhook_secret=SECRET)
    for shown in (repr(read_settings()), str(read_settings())):
        assert not [secret for secret in (TOKEN, KEY, SECRET) if secret in shown]


def test_the_end_of_the_servers_address_needs_no_slash(environment: Any) -> None:
    environment(telegram_api="http://localhost:8081/")
    assert read_settings().telegram_api == "http://localhost:8081"


# -- the README --------------------------------------------------------------------------------------------------------


def table() -> dict[str, str]:
    """Variable -> its default, as the README's table says."""
    rows = re.findall(r"^\| `(LIANXI_\w+)` \| (.*?) \|", README.read_text("utf-8"), re.MULTILINE)
    assert len({name for name, _ in rows}) == len(rows), "a variable stands in the table twice"
    return dict(rows)


def test_the_readme_names_exactly_the_variables_there_are() -> None:
    assert set(table()) == {"LIANXI_" + name.upper() for name in Settings.model_fields}


def test_the_readme_says_the_defaults() -> None:
    said = {}
    for name, field in Settings.model_fields.items():
        default = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
        required = field.is_required() or name == "key"
        shown = default.value if isinstance(default, StrEnum) else default
        said["LIANXI_" + name.upper()] = "none, required" if required else f"`{shown}`" if shown != "" else "none"
    assert table() == said
