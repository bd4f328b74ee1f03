"""What comes before a handler and after it: whose button it is, and what was said goes into the outbox."""

from __future__ import annotations

from typing import Any

from aiogram.types import CallbackQuery, Message, TelegramObject

from conference.model.people import Actor
from conference.model.permissions import authorize, in_any_form
from conference.model.told import Lane, Told
from handlers import menus
from handlers.buttons import Press, Signer
from handlers.messages import Reader
from handlers.replies import Answer
from handlers.telegram.texts import toast
from storage.unit_of_work import Unit


def read_press(callback: CallbackQuery, actor: Actor, signer: Signer) -> Press | None:
    """The button pressed, None unless it was made for this account. The right it needs is checked now: raises NotAllowed."""
    press = signer.unpack(callback.data or "", actor.account_id)
    if press is None:
        return None
    authorize(actor, press.action)
    return press if in_any_form(press.action) or _in_private(callback) else None


def _in_private(pressed: CallbackQuery) -> bool:
    """Under a message of ours in the presser's own chat: no other bears such buttons."""
    return pressed.message is not None and pressed.message.chat.type == "private" and pressed.message.chat.id == pressed.from_user.id


def put_into_outbox(
    unit: Unit, actor: Actor, said: object, event: TelegramObject | None, reader: Reader
) -> tuple[str, dict[str, Any]] | None:
    """What a handler returned becomes rows. Returns the call that ends a button's spinner, which is fleeting."""
    answer = said if isinstance(said, Answer) else Answer(records=_records(said))
    pressed = event if isinstance(event, CallbackQuery) else None
    for position, record in enumerate(menus.fitted(each, actor, reader.conferences) for each in answer.records):
        first = position == 0 and record.in_place and not answer.below
        in_place = first and pressed is not None and isinstance(pressed.message, Message)
        edits = pressed.message.message_id if in_place and pressed is not None and pressed.message is not None else None
        unit.tell(actor.account_id, record, lane=Lane.REPLY, key=record.key, edits=edits)
    if pressed is None:
        return None
    params: dict[str, Any] = {"callback_query_id": pressed.id}
    if answer.toast is not None:
        params |= {"text": toast(answer.toast, reader), "show_alert": answer.alert}
    return "answerCallbackQuery", params


def _records(said: object) -> list[Told]:
    if said is None:
        return []
    if isinstance(said, Told):
        return [said]
    if isinstance(said, list) and all(isinstance(record, Told) for record in said):
        return said
    raise TypeError(f"a handler returned {type(said).__name__}; allowed: None, a record, a list of records, an Answer")
