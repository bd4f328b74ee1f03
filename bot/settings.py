"""Configuration: LIANXI_* from the environment or a file `.env`. What is wrong is named, all of it at once."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, SecretStr, ValidationError, model_validator
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
    if value not in profiles.available():
        raise ValueError(f"there are: {', '.join(profiles.available())}")
    return value


def _timezone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError):
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


class Settings(BaseSettings):
    """One field for each LIANXI_ variable; the README's table is checked against this class."""

    model_config = SettingsConfigDict(env_prefix="LIANXI_", env_file=".env", env_file_encoding="utf-8", extra="ignore")

    telegram_token: Annotated[SecretStr, AfterValidator(_token)]
    telegram_api: Annotated[str, AfterValidator(_http_url)] = "https://api.telegram.org"
    mode: Mode = Mode.POLLING
    webhook_url: str = ""
    webhook_secret: Annotated[SecretStr, AfterValidator(_secret)] = SecretStr("")
    host: str = "127.0.0.1"
    port: int = 8080
    database_url: Annotated[str, AfterValidator(_database)] = "sqlite:///lianxi.sqlite"
    key: Annotated[SecretStr, AfterValidator(_key)] = SecretStr("")
    profile: Annotated[str, AfterValidator(_profile)] = "badong"
    disclosure: Disclosure = Disclosure.MINIMAL
    timezone: Annotated[str, AfterValidator(_timezone)] = "Asia/Shanghai"
    pacing: Pacing = Pacing.TELEGRAM
    log_format: LogFormat = LogFormat.JSON

    @model_validator(mode="after")
    def _whole(self) -> Self:
        _key(self.key)
        if not 0 <= self.port <= 65535:
            raise ValueError("LIANXI_PORT: 0 to 65535")
        if self.mode is Mode.WEBHOOK:
            parts = urlsplit(self.webhook_url)
            if parts.scheme not in ("http", "https") or not parts.netloc or parts.path in ("", "/"):
                raise ValueError(
                    "LIANXI_WEBHOOK_URL: LIANXI_MODE=webhook needs a whole address with a path, such as https://example.org/hook"
                )
            if self.telegram_token.get_secret_value().partition(":")[2] in self.webhook_url:
                raise ValueError("LIANXI_WEBHOOK_URL: must not contain the token, addresses end up in logs")
            if not self.webhook_secret.get_secret_value():
                raise ValueError("LIANXI_WEBHOOK_SECRET: LIANXI_MODE=webhook needs one, 16 to 256 characters of A-Z a-z 0-9 _ -")
        return self

    @property
    def bot_id(self) -> int:
        return int(self.telegram_token.get_secret_value().partition(":")[0])

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
    if message.startswith("LIANXI_"):
        return message
    if not where:
        return f"LIANXI_KEY: {message}"
    name = "LIANXI_" + str(where[0]).upper().removeprefix("LIANXI_")
    if kind == "missing":
        message = "not set; a bot token looks like 123456:ABC-DEF…, as @BotFather gives it"
    return f"{name}: {message}"
