"""Configuration: LIANXI_* from the environment or a file `.env`. What is wrong is named, all of it at once."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from conference import profiles
from conference.model.errors import Misconfigured
from storage.sealed import parse_keys


class Mode(StrEnum):
    POLLING = "polling"
    WEBHOOK = "webhook"


class Disclosure(StrEnum):
    MINIMAL = "minimal"
    FULL = "full"


class Pacing(StrEnum):
    TELEGRAM = "telegram"
    NONE = "none"


class LogFormat(StrEnum):
    JSON = "json"
    READABLE = "readable"


def _token(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"\d{3,20}:[A-Za-z0-9_-]{10,}", value.get_secret_value()):
        raise ValueError("a bot token looks like 123456:ABC-DEF…, as @BotFather gives it")
    return value


def _http_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError("write a whole address, such as https://example.org/path")
    return value.rstrip("/")


def _database(value: str) -> str:
    if not re.match(r"sqlite:///.+|postgresql\+psycopg://", value):
        raise ValueError("write sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME")
    return value


def _profile(value: str) -> str:
    wanted = [slug.strip() for slug in value.split(",")]
    if not all(re.fullmatch(r"[a-z][a-z0-9_-]{0,47}", slug) for slug in wanted):
        raise ValueError(f"names of conferences, by comma; there are: {', '.join(profiles.available())}")
    return ",".join(dict.fromkeys(wanted))


def _timezone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder of zones, where they come as files
        raise ValueError("write a zone name such as Asia/Shanghai") from None
    return value


def _secret(value: SecretStr) -> SecretStr:
    if value.get_secret_value() and not re.fullmatch(r"[A-Za-z0-9_-]{16,256}", value.get_secret_value()):
        raise ValueError("16 to 256 characters of A-Z a-z 0-9 _ -")
    return value


def _key(value: SecretStr) -> SecretStr:
    try:
        parse_keys(value.get_secret_value())
    except Misconfigured as error:
        raise ValueError(str(error).partition(": ")[2]) from None
    return value


def _port(value: int) -> int:
    if not 0 <= value <= 65535:
        raise ValueError("0 to 65535")
    return value


class Settings(BaseSettings):
    """One field for each LIANXI_ variable; the README's table is checked against this class."""

    # validate_default: what must be set and is not is named together with all the rest
    model_config = SettingsConfigDict(
        validate_default=True, env_prefix="LIANXI_", env_file=".env", env_file_encoding="utf-8", extra="ignore"
    )

    telegram_token: Annotated[SecretStr, AfterValidator(_token)]
    telegram_api: Annotated[str, AfterValidator(_http_url)] = "https://api.telegram.org"
    mode: Mode = Mode.POLLING
    webhook_url: str = ""
    webhook_secret: Annotated[SecretStr, AfterValidator(_secret)] = SecretStr("")
    host: str = "127.0.0.1"
    port: Annotated[int, AfterValidator(_port)] = 8080
    database_url: Annotated[str, AfterValidator(_database)] = "sqlite:///lianxi.sqlite"
    key: Annotated[SecretStr, AfterValidator(_key)] = SecretStr("")
    profile: Annotated[str, AfterValidator(_profile)] = "badong"
    disclosure: Disclosure = Disclosure.MINIMAL
    timezone: Annotated[str, AfterValidator(_timezone)] = "Asia/Shanghai"
    pacing: Pacing = Pacing.TELEGRAM
    log_format: LogFormat = LogFormat.JSON

    # Checked field by field, not at the end: a problem at the end is found only once all others are mended.

    @field_validator("webhook_url")
    @classmethod
    def _webhook_url(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("mode") is not Mode.WEBHOOK:
            return value
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.path in ("", "/"):
            raise ValueError("LIANXI_MODE=webhook needs a whole address with a path, such as https://example.org/hook")
        token = info.data.get("telegram_token")
        if isinstance(token, SecretStr) and token.get_secret_value().partition(":")[2] in unquote(value):
            raise ValueError("must not contain the token, addresses end up in logs")
        return value

    @field_validator("webhook_secret")
    @classmethod
    def _webhook_secret(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        if info.data.get("mode") is Mode.WEBHOOK and not value.get_secret_value():
            raise ValueError("LIANXI_MODE=webhook needs one, 16 to 256 characters of A-Z a-z 0-9 _ -")
        return value

    @property
    def bot_id(self) -> int:
        return int(self.telegram_token.get_secret_value().partition(":")[0])

    @property
    def conferences(self) -> tuple[str, ...]:
        """Those this desk serves; the first is whom a stranger meets."""
        return tuple(self.profile.split(","))

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


def read_settings(**overrides: object) -> Settings:
    """The settings. Raises Misconfigured with one sentence for each wrong value: its name, and what is allowed."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]  # pydantic reads the rest from the environment
    except ValidationError as error:
        raise Misconfigured(*(_sentence(problem["loc"], problem["msg"], problem["type"]) for problem in error.errors())) from None


def _sentence(where: tuple[int | str, ...], message: str, kind: str) -> str:
    message = message.removeprefix("Value error, ")
    name = "LIANXI_" + str(where[0]).upper().removeprefix("LIANXI_")
    if kind == "missing":
        message = "not set; a bot token looks like 123456:ABC-DEF…, as @BotFather gives it"
    return f"{name}: {message}"
