"""One stored update, from its JSON to what it changed and what is said: the part of the worker that knows Telegram."""

from __future__ import annotations

from contextlib import suppress
from datetime import tzinfo
from typing import Any

import orjson
from aiogram import Bot
from aiogram.client.session.base import BaseSession
from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.fsm.context import FSMContext
from aiogram.fsm.storage.base import StorageKey
from aiogram.types import CallbackQuery, Chat, Message, TelegramObject, Update, User

from conference.model.errors import RuleBroken
from conference.model.people import Actor, Role
from conference.model.told import IncidentOpened, Lane, SomethingWentWrong, Told
from conference.ports import Receipts
from conference.profiles import Profile
from handlers.buttons import Signer
from handlers.messages import Message as Words
from handlers.messages import Reader
from handlers.records import ButtonStale
from handlers.replies import Answer
from handlers.telegram import allowed_updates, refusal, routers
from handlers.telegram.texts import mark_repeat, render
from locales import language_of
from storage.people import Sender
from storage.unit_of_work import Unit

from .conversation_storage import ConversationStorage
from .saying import put_into_outbox, read_press

ANONYMOUS_SENDERS = frozenset({1087968824, 136817688, 777000})  # group admins, channels, linked posts: they stand for nobody


class NoNetwork(BaseSession):
    """The session of the bot that handlers see: they return what to say, they never call."""

    async def make_request(self, *args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("a handler called the Bot API: return what to say instead")

    async def stream_content(self, *args: Any, **kwargs: Any) -> Any:  # type: ignore[override]  # it never yields
        raise RuntimeError("a handler called the Bot API: return what to say instead")

    async def close(self) -> None:
        """Nothing is open."""


class Conversing:
    """Our routers, and the way from a raw update to a unit's rows.

    aiogram's Dispatcher is not asked: what its middlewares look up anew for each update (bot, event, user, chat, state) is
    known here, and the index has one handler for each kind of event (docs/decisions/0012).
    """

    def __init__(self, token: str, profile: Profile, zone: tzinfo, signer: Signer, receipts: Receipts, *, full_disclosure: bool) -> None:
        self.profile = profile
        self._zone = zone
        self._signer = signer
        self._receipts = receipts
        self._full_disclosure = full_disclosure
        self._bot = Bot(token, session=NoNetwork())
        self._storage = ConversationStorage()
        self._state = FSMContext(self._storage, StorageKey(self._bot.id, 0, 0))  # of whoever's act is at hand: see ConversationStorage
        (index,) = routers()
        (self._message,), (self._edited,), (self._pressed,) = (
            observer.handlers for observer in (index.message, index.edited_message, index.callback_query)
        )
        self.allowed_updates = allowed_updates()

    def reader(self, account_id: int, language: str) -> Reader:
        return Reader(
            account_id=account_id,
            language=language,
            zone=self._zone,
            profile=self.profile,
            signer=self._signer,
            full_disclosure=self._full_disclosure,
        )

    def put_into_words(self, account_id: int, language: str, record: Told, *, repeat: bool) -> Words:
        reader = self.reader(account_id, language)
        message = render(record, reader)
        return mark_repeat(message, reader) if repeat else message

    def parse(self, body: bytes) -> tuple[Update, Sender | None, tuple[str, dict[str, Any]] | None]:
        """The update, its sender if it is one we talk with (a person in a private chat), and a call that shows a group out."""
        update = Update.model_validate(orjson.loads(body), context={"bot": self._bot})
        event = update.message or update.edited_message
        user: User | None
        chat: Chat | None
        if event is not None:
            user, chat = event.from_user, event.chat
        elif update.callback_query is not None:
            user = update.callback_query.from_user
            chat = update.callback_query.message.chat if update.callback_query.message else None
        else:
            chat = update.my_chat_member.chat if update.my_chat_member else None
            return update, None, _show_out(chat)
        if chat is not None and chat.type != "private":
            return update, None, _show_out(chat)
        if user is None or user.is_bot or user.id in ANONYMOUS_SENDERS:
            return update, None, None
        return update, Sender(user.id, language_of(user.language_code)), None

    @staticmethod
    def speaker(body: bytes) -> Sender | None:
        """Who wrote an update that cannot be read as a whole, as far as that much of it can: they are told."""
        with suppress(ValueError, AttributeError):
            update = orjson.loads(body)
            event = update.get("message") or update.get("edited_message") or update.get("callback_query")
            user = User.model_validate(event.get("from"))
            chat = Chat.model_validate((event.get("message") or event).get("chat"))
            if chat.type == "private" and not user.is_bot and user.id not in ANONYMOUS_SENDERS:
                return Sender(user.id, language_of(user.language_code))
        return None

    async def handle(self, unit: Unit, update: Update, actor: Actor) -> tuple[str, dict[str, Any]] | None:
        """Let the routers handle it; what they return goes into the outbox. Returns a fleeting call, if any."""
        self._storage.enter(unit, actor.account_id)
        event = update.callback_query or update.message or update.edited_message
        said = await self._said(event, update, actor, unit)
        return put_into_outbox(unit, actor, said, event, self.reader(actor.account_id, actor.language))

    async def _said(self, event: TelegramObject | None, update: Update, actor: Actor, unit: Unit) -> object:
        data: dict[str, Any] = {
            "actor": actor,
            "uow": unit,
            "at": unit.at,
            "profile": self.profile,
            "receipts": self._receipts,
            "zone": self._zone,
            "state": self._state,
            "raw_state": unit.conversation(actor.account_id).state,
        }
        if isinstance(event, CallbackQuery):
            if (press := read_press(event, actor, self._signer)) is None:
                return Answer(toast=ButtonStale(), alert=True)
            said = await self._pressed.call(event, press=press, **data)
        elif isinstance(event, Message):
            said = await (self._edited if update.message is None else self._message).call(event, **data)
        else:
            return None
        return None if said is UNHANDLED else said

    def refuse(self, unit: Unit, update: Update, actor: Actor, error: RuleBroken) -> tuple[str, dict[str, Any]] | None:
        event = update.callback_query or update.message
        return put_into_outbox(unit, actor, refusal(error), event, self.reader(actor.account_id, actor.language))

    @staticmethod
    def apologise(unit: Unit, actor: Actor, reference: str) -> None:
        """To the person whose update was set aside."""
        unit.tell(actor.account_id, SomethingWentWrong(reference=reference), lane=Lane.REPLY)


def tell_operators(unit: Unit, profile: Profile, kind: str, subject: str, detail: str = "") -> None:
    """Open an incident; if it is new, the operators are told."""
    if not unit.open_incident(kind, subject, detail):
        return
    for account in {holder.account_id for holder in unit.people.roster(profile.slug, unit.at) if holder.role is Role.OPERATOR}:
        unit.tell(account, IncidentOpened(kind=kind, subject=subject, detail=detail))


def _show_out(chat: Chat | None) -> tuple[str, dict[str, Any]] | None:
    """We talk with persons only: a group or channel that took us in is left (security T24)."""
    return ("leaveChat", {"chat_id": chat.id}) if chat is not None and chat.type != "private" else None
