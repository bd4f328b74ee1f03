"""One row, one call: a message in words becomes the parameters of a Bot API method, and an answer becomes an outcome."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from conference.model.people import Reach
from conference.model.told import Blanked, Shape
from handlers.buttons import Signer
from handlers.messages import Message
from storage.outbox import Claimed, Outcome
from storage.tables import NEW, SENT, UNDELIVERABLE, WITHDRAWN

from .telegram import AnswerLost, Refused, TelegramError, Unreached

_FILE_METHODS = {
    "photo": "sendPhoto",
    "voice": "sendVoice",
    "audio": "sendAudio",
    "video": "sendVideo",
    "video_note": "sendVideoNote",
    "document": "sendDocument",
}
_GONE = ("chat not found", "user is deactivated", "user not found", "peer_id_invalid", "can't initiate conversation")
_NO_EDIT = ("message to edit not found", "message can't be edited", "message_id_invalid")


def as_call(message: Message, claimed: Claimed, signer: Signer) -> tuple[str, dict[str, Any]]:
    """Method and parameters. A message that takes another's place is an edit: repeating it does no harm."""
    params: dict[str, Any] = {"chat_id": claimed.chat}
    if isinstance(claimed.record, Blanked):
        return _blank(message, claimed, params)
    keyboard = [[{"text": b.label, "callback_data": signer.pack(b.press, claimed.account_id)} for b in row] for row in message.rows]
    if keyboard:
        params["reply_markup"] = {"inline_keyboard": keyboard}
    if claimed.edits is not None:
        return "editMessageText", params | {
            "message_id": claimed.edits,
            "text": message.text,
            "parse_mode": "HTML",
            "link_preview_options": _NO_PREVIEW,
        }
    if message.protect:
        params["protect_content"] = True
    if message.silent:
        params["disable_notification"] = True
    if message.file is not None:
        return _FILE_METHODS[message.file.kind], params | {
            message.file.kind: message.file.file_id,
            "caption": message.text,
            "parse_mode": "HTML",
        }
    if message.upload is not None:
        return _FILE_METHODS[message.upload.kind], params | {"upload": message.upload, "caption": message.text, "parse_mode": "HTML"}
    if message.location is not None:
        return "sendLocation", params | {"latitude": message.location[0], "longitude": message.location[1]}
    return "sendMessage", params | {"text": message.text, "parse_mode": "HTML", "link_preview_options": _NO_PREVIEW}


_NO_PREVIEW = {"is_disabled": True}


def _blank(message: Message, claimed: Claimed, params: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """One line where a message stood, its buttons gone; what has no words is removed."""
    assert isinstance(claimed.record, Blanked)
    params |= {"message_id": claimed.edits}
    if claimed.record.how == Shape.BARE:
        return "deleteMessage", params
    if claimed.record.how == Shape.FILE:
        return "editMessageCaption", params | {"caption": message.text, "parse_mode": "HTML"}
    return "editMessageText", params | {"text": message.text, "parse_mode": "HTML", "link_preview_options": _NO_PREVIEW}


class Verdict(Enum):
    """What an error means for more than its row."""

    NOTHING = "nothing"
    CHAT_WAITS = "chat_waits"
    BOT_WAITS = "bot_waits"
    UNREACHABLE = "unreachable"
    MOVED = "moved"
    EDIT_LOST = "edit_lost"
    REFUSED = "refused"
    TOKEN = "token"  # noqa: S105 -- a verdict, not a secret


def sent(claimed: Claimed, result: Any) -> Outcome:
    return Outcome(claimed.id, SENT, message_id=result.get("message_id") if isinstance(result, dict) else None)


def judge(claimed: Claimed, error: TelegramError, at: datetime, *, chat_was_full: bool) -> tuple[Outcome, Verdict]:
    """What becomes of the row, and what else has to happen."""
    backoff = timedelta(seconds=min(60.0, 0.5 * 2 ** min(claimed.attempts, 10)))
    why = str(error)
    if isinstance(error, Unreached):
        return Outcome(claimed.id, NEW, error=why, not_before=at + backoff), Verdict.NOTHING
    if isinstance(error, AnswerLost):
        if claimed.record.fleeting and claimed.edits is None:
            return Outcome(claimed.id, WITHDRAWN, error="in doubt, and only a menu"), Verdict.NOTHING
        return Outcome(claimed.id, NEW, error=why, not_before=at + backoff, in_doubt=True), Verdict.NOTHING
    if not isinstance(error, Refused):
        return Outcome(claimed.id, UNDELIVERABLE, error=why), Verdict.REFUSED
    return _judge_refusal(claimed, error, at, backoff, chat_was_full)


def _judge_refusal(claimed: Claimed, error: Refused, at: datetime, backoff: timedelta, chat_was_full: bool) -> tuple[Outcome, Verdict]:
    text, why = error.description.lower(), str(error)
    if error.retry_after is not None or error.code == 429:
        wait = timedelta(seconds=error.retry_after or 1)
        return Outcome(claimed.id, NEW, error=why, not_before=at + wait), Verdict.CHAT_WAITS if chat_was_full else Verdict.BOT_WAITS
    if error.migrate_to is not None:
        return Outcome(claimed.id, NEW, error=why, not_before=at), Verdict.MOVED
    if error.code >= 500:
        # It may have been delivered all the same: a second one says so.
        return Outcome(claimed.id, NEW, error=why, not_before=at + backoff, in_doubt=True), Verdict.NOTHING
    if error.code == 403 or any(sign in text for sign in _GONE):
        return Outcome(claimed.id, UNDELIVERABLE, error=why), Verdict.UNREACHABLE
    if error.code in (401, 404):
        return Outcome(claimed.id, NEW, error=why, not_before=at + timedelta(seconds=30)), Verdict.TOKEN
    if "message is not modified" in text:
        return Outcome(claimed.id, SENT, message_id=claimed.edits), Verdict.NOTHING
    if isinstance(claimed.record, Blanked):  # gone already, or too old: nobody is told, and it never comes as a new message
        return Outcome(claimed.id, UNDELIVERABLE, error=why), Verdict.NOTHING
    if claimed.edits is not None and any(sign in text for sign in _NO_EDIT):
        return Outcome(claimed.id, NEW, error=why, not_before=at), Verdict.EDIT_LOST
    return Outcome(claimed.id, UNDELIVERABLE, error=why), Verdict.REFUSED


def reach_after(error: TelegramError) -> Reach:
    return Reach.BLOCKED if isinstance(error, Refused) and "blocked" in error.description.lower() else Reach.GONE
