"""What Telegram allows: lengths, keyboards, and how fast a bot may talk."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from sandbox.errors import bad_request, too_many

TEXT_LENGTH = 4096
CAPTION_LENGTH = 1024
CALLBACK_DATA_BYTES = 64
DOWNLOAD_BYTES = 20 * 1024 * 1024
UPLOAD_BYTES = 50 * 1024 * 1024
PHOTO_BYTES = 10 * 1024 * 1024
BUTTONS_IN_MARKUP = 100
REPLY_MARKUP_BYTES = 10_240

LINK_KINDS = ("url", "login_url", "web_app", "switch_inline_query", "switch_inline_query_current_chat", "switch_inline_query_chosen_chat")
OTHER_KINDS = ("callback_game", "pay", "copy_text")


def utf16(text: str) -> int:
    """Telegram counts in UTF-16 units: an emoji is two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def check_text(text: str) -> None:
    if not text:
        raise bad_request("text must be non-empty")
    if utf16(text) > TEXT_LENGTH:
        raise bad_request("message is too long")


def check_caption(text: str) -> None:
    if utf16(text) > CAPTION_LENGTH:
        raise bad_request("message caption is too long")


def check_markup(markup: Any) -> dict[str, Any] | None:
    """A `reply_markup` as Telegram takes it, or the refusal it would give."""
    if markup is None or markup == "":
        return None
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in markup:
        rows = [[_inline_button(button) for button in _row(row)] for row in _rows(markup["inline_keyboard"], "inline keyboard")]
        rows = [row for row in rows if row]
        if sum(map(len, rows)) > BUTTONS_IN_MARKUP:
            raise bad_request("reply markup is too long")
        return {"inline_keyboard": rows} if rows else None
    if "keyboard" in markup:
        rows = [[_reply_button(button) for button in _row(row)] for row in _rows(markup["keyboard"], "keyboard")]
        rows = [row for row in rows if row]
        return {**markup, "keyboard": rows} if rows else None
    return dict(markup) if markup.get("remove_keyboard") or markup.get("force_reply") else None


def _rows(rows: Any, field: str) -> list[Any]:
    if not isinstance(rows, list):
        raise bad_request(f'object expected as reply markup: Field "{field.replace(" ", "_")}" must be of type Array')
    return rows


def _row(row: Any) -> list[Any]:
    if not isinstance(row, list):
        raise bad_request("can't parse reply keyboard markup JSON object: Keyboard row must be an Array")
    return row


def _inline_button(button: Any) -> dict[str, Any]:
    if not isinstance(button, dict):
        raise bad_request("can't parse inline keyboard button: Inline keyboard button must be an Object")
    text = button.get("text")
    if not isinstance(text, str):
        raise bad_request("can't parse inline keyboard button: Can't find field \"text\"")
    if not text.strip():
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    given: dict[str, Any] = {key: value for key, value in button.items() if value is not None}
    if "callback_data" in given:
        data = given["callback_data"]
        if not isinstance(data, str) or not 1 <= len(data.encode()) <= CALLBACK_DATA_BYTES:
            raise bad_request("BUTTON_DATA_INVALID")
    elif "url" in given:
        if not _link(given["url"]):
            raise bad_request(f"inline keyboard button URL '{given['url']}' is invalid: Wrong HTTP URL")
    elif not any(kind in given for kind in LINK_KINDS + OTHER_KINDS):
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    return given


def _link(url: Any) -> bool:
    return (
        isinstance(url, str) and bool(url) and not url.isspace() and ("." in url or url.startswith(("tg:", "ton:")) or "localhost" in url)
    )


def _reply_button(button: Any) -> dict[str, Any]:
    if isinstance(button, str):
        button = {"text": button}
    if not isinstance(button, dict):
        raise bad_request("can't parse keyboard button: KeyboardButton must be an Object")
    if not isinstance(button.get("text"), str):
        raise bad_request("can't parse keyboard button: Can't find field \"text\"")
    if not button["text"].strip():
        raise bad_request("can't parse keyboard button: Button text must be non-empty")
    return {key: value for key, value in button.items() if value is not None}


class Bucket:
    """`rate` a second, `burst` at once."""

    __slots__ = ("_at", "_full", "_rate", "_tokens")

    def __init__(self, rate: float, burst: float) -> None:
        self._rate, self._full, self._tokens = rate, burst, burst
        self._at: float | None = None

    def wait(self, now: float, cost: float) -> float:
        """Seconds until `cost` may pass; 0 when it may now."""
        if self._at is not None:
            self._tokens = min(self._full, self._tokens + max(0.0, now - self._at) * self._rate)
        self._at = now
        short = min(cost, self._full) - self._tokens
        return max(0.0, short / self._rate)

    def take(self, cost: float) -> None:
        self._tokens -= cost


class Limits:
    """Flood limits: 30 messages a second for a bot, one a second to one chat (with a small burst), 20 a minute to one group.

    Off until an exercise asks for them. Telegram does not publish its exact arithmetic; these are the figures its documentation names.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self.on = False
        self.per_bot, self.per_chat, self.per_group = (30.0, 30.0), (1.0, 3.0), (20 / 60, 20.0)  # (a second, burst)
        self.refused = 0
        self._now = now
        self._buckets: dict[tuple[int, int | None, str], Bucket] = {}

    def switch(self, on: bool) -> None:
        self.on = on
        self._buckets.clear()

    def check(self, bot_id: int, chat_id: int | None, *, group: bool, cost: int = 1) -> None:
        """Let `cost` messages pass, or raise 429 with the seconds to wait."""
        if not self.on:
            return
        now = self._now()
        buckets = [self._bucket((bot_id, None, "bot"), self.per_bot)]
        if chat_id is not None:
            buckets.append(self._bucket((bot_id, chat_id, "chat"), self.per_chat))
            if group:
                buckets.append(self._bucket((bot_id, chat_id, "group"), self.per_group))
        wait = max(bucket.wait(now, cost) for bucket in buckets)
        if wait > 0:
            self.refused += 1
            raise too_many(max(1, math.ceil(wait)))
        for bucket in buckets:
            bucket.take(cost)

    def _bucket(self, key: tuple[int, int | None, str], figures: tuple[float, float]) -> Bucket:
        if (bucket := self._buckets.get(key)) is None:
            if len(self._buckets) > 50_000:
                self._buckets.clear()
            bucket = self._buckets[key] = Bucket(*figures)
        return bucket
