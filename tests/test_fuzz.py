"""Whatever comes in: thousands of updates of every type aiogram knows, and conversations repeated and shuffled."""

from __future__ import annotations

import datetime as dt
import functools
import random
import types
import typing
from collections.abc import Awaitable, Callable, Iterator
from enum import Enum
from typing import Any

import aiogram.types
import orjson
import pytest
from aiogram.client.default import Default
from aiogram.types import Chat, Update
from pydantic import BaseModel

from bot.intake import as_arrival
from storage.inbox import Arrival
from storage.tables import DEAD, DONE, PENDING, inbox
from tests.engine import BOT, all_of, end_state, english, files_a_report, press, presses, states
from tests.town import TOKEN, MakeDatabase, Someone, Town, open_town

Update.model_rebuild()  # built lazily, it would name its parts only
KINDS = [name for name in Update.model_fields if name != "update_id"]
STRINGS = [
    "",
    " ",
    "/start",
    "/start " + "x" * 64,
    "/help he hits me",
    "/unheard-of",
    "/",
    "//",
    "/start@lianxi_test_bot",
    "\0",
    "\u202e\u200d\ufeff",
    "👨‍👩‍👧‍👦" * 50,
    "孩子一个人在家，没有饭吃",
    "<b>not closed & <a href='x'>",
    "x" * 4096,
    "'; DROP TABLE inbox; --",
    "${jndi:ldap://x}",
    "2026-02-30",
    "昨天",
    "\n\n\n",
    "a b c d e f g h",
    "st~AAAAAAAAAAA",
    "o:abcdef:1:2~AAAAAAAAAAA",
    "~",
    ":::~~~",
]
NUMBERS = [0, 1, -1, 2, 5, 255, 10**6, 2**31 - 1, -(2**31), 2**53]
FLOATS = [0.0, -0.0, 31.04, 110.34, -90.0, 180.0, 1e-9]


@functools.cache
def parts_of(kind: type[BaseModel]) -> list[tuple[str, Any, bool]]:
    """A model's fields: name, annotation, and whether it must be there (a kind that is told by a literal must, too)."""
    kind.model_rebuild()
    return [
        (field.alias or name, field.annotation, field.is_required() or typing.get_origin(field.annotation) is typing.Literal)
        for name, field in kind.model_fields.items()
    ]


class Maker:
    """Random updates that are well-formed by aiogram's own models, with values nobody expects."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)

    def value(self, annotation: Any, depth: int) -> Any:
        if isinstance(annotation, str):
            annotation = getattr(aiogram.types, annotation)
        origin = typing.get_origin(annotation)
        if origin is typing.Annotated:
            return self.value(typing.get_args(annotation)[0], depth)
        if origin in (typing.Union, types.UnionType):
            arms = [arm for arm in typing.get_args(annotation) if arm is not type(None) and arm is not Default]
            plain = [arm for arm in arms if isinstance(arm, type) and not issubclass(arm, BaseModel)]
            return self.value(self.dice.choice(plain if plain and depth > 5 else arms), depth)
        if origin is typing.Literal:
            return self.dice.choice(typing.get_args(annotation))
        if origin is list:
            return [
                self.value(typing.get_args(annotation)[0], depth + 1) for _ in range(self.dice.choice((0, 1, 1, 2)) if depth < 8 else 0)
            ]
        if hasattr(annotation, "__value__"):
            return self.value(annotation.__value__, depth)  # a name for a type that holds itself
        if isinstance(annotation, type):
            return self.plain(annotation, depth)
        raise TypeError(f"no idea how to make {annotation!r}")

    def plain(self, kind: type, depth: int) -> Any:
        if issubclass(kind, BaseModel):
            return self.model(kind, depth)
        if issubclass(kind, Enum):
            return self.dice.choice(list(kind)).value
        if issubclass(kind, bool):
            return self.dice.random() < 0.5
        if issubclass(kind, dt.datetime):
            return self.dice.choice((0, 1, 1_790_000_000, 2**31 - 1))
        if issubclass(kind, dt.timedelta):
            return self.dice.choice((0, 1, 86_400))
        if issubclass(kind, int):
            return self.dice.choice(NUMBERS)
        if issubclass(kind, float):
            return self.dice.choice(FLOATS)
        if issubclass(kind, str):
            return self.dice.choice(STRINGS)
        raise TypeError(f"no idea how to make {kind!r}")

    def model(self, kind: type[BaseModel], depth: int = 0) -> dict[str, Any]:
        if kind is Chat:
            return self.chat()
        likely = 0.25 if depth < 2 else 0.05 if depth < 4 else 0.0
        made = {}
        for name, annotation, needed in parts_of(kind):
            if needed or self.dice.random() < likely:
                made[name] = self.value(annotation, depth + 1)
        return made

    def chat(self) -> dict[str, Any]:
        kind = self.dice.choice(("private", "group", "supergroup", "channel"))
        number = self.dice.choice((5, 6, 777000)) if kind == "private" else -self.dice.choice((5, 1_000_000_000_005))
        return {"id": number, "type": kind}

    def person(self) -> dict[str, Any]:
        number = self.dice.choice((*range(1001, 1012), 2**52, 1087968824, 136817688, 777000))
        language = self.dice.choice((None, "en", "zh-hans", "zh-TW", "xx", "", "en-" + "x" * 200, "\0"))
        about = {"id": number, "is_bot": self.dice.random() < 0.05, "first_name": self.dice.choice(STRINGS)}
        return about | ({"language_code": language} if language is not None else {})

    def update(self, update_id: int, kind: str) -> dict[str, Any]:
        event = self.value(Update.model_fields[kind].annotation, 0)
        if kind in ("message", "edited_message", "callback_query") and self.dice.random() < 0.8:
            person = self.person()
            chat = {"id": person["id"], "type": "private"}
            event["from"] = person
            if kind != "callback_query":
                event["chat"] = chat
                if self.dice.random() < 0.5:
                    event["text"] = self.dice.choice(STRINGS)
            elif isinstance(event.get("message"), dict):
                event["message"]["chat"] = chat
        return {"update_id": update_id, kind: event}


def made(number: int, seed: int) -> Iterator[dict[str, Any]]:
    """Each type in turn; half of them are of the types that people make."""
    maker = Maker(seed)
    for update_id in range(1, number + 1):
        kind = KINDS[update_id // 2 % len(KINDS)] if update_id % 2 else maker.dice.choice(("message", "edited_message", "callback_query"))
        yield maker.update(update_id, kind)


def test_the_maker_makes_well_formed_updates_of_every_type() -> None:
    seen = set()
    for update in made(600, seed=1):
        parsed = Update.model_validate(update)
        seen |= {name for name in KINDS if getattr(parsed, name) is not None}
    assert seen == set(KINDS)


async def fuzz(town: Town, number: int, seed: int) -> None:
    batch: list[Arrival] = []
    for update in made(number, seed):
        batch.append(as_arrival(BOT, orjson.dumps(update)))
        if len(batch) == 100:
            await town.application.desk.store(batch)
            batch = []
    await town.application.desk.store(batch)
    await town.settled(within=60)
    for row in await town.look(all_of(inbox, state=DEAD)):
        raise AssertionError(f"set aside: {row.update_id} {row.error}")
    failed = [(row.update_id, row.error) for row in await town.look(all_of(inbox, state=PENDING))]
    assert not failed, [(error, next(u for u in made(number, seed) if u["update_id"] == uid)) for uid, error in failed[:2]]
    assert len(await town.look(states(inbox, state=DONE))) >= number
    assert town.application.metrics.alarms.labels("round_failed")._value.get() == 0
    assert not town.application.nursery.failed.is_set()
    ann = english(town, "ann")
    await ann.sends("/start")
    assert ann.history, "the engine does not live any more"


async def test_ten_thousand_updates_of_every_type_harm_nothing(make_database: MakeDatabase, key: str) -> None:
    async with open_town(make_database("sqlite", "badong"), key) as town:
        await fuzz(town, 10_000, seed=20261126)


async def test_a_thousand_updates_of_every_type_harm_nothing_on_postgresql(make_database: MakeDatabase, key: str) -> None:
    async with open_town(make_database("postgresql", "badong"), key) as town:
        await fuzz(town, 1_000, seed=7)


# -- repeats and shuffles

Act = Callable[[Someone], Awaitable[Any]]


def sends(words: str) -> Act:
    return lambda someone: someone.sends(words)


def taps(kind: str, nth: int = 0) -> Act:
    async def act(someone: Someone) -> None:
        await presses(someone, kind, nth)

    return act


def photo() -> Act:
    return lambda someone: someone.sends_photo(size=1000)


BY_BUTTONS = [sends("/start"), taps("b"), taps("o"), taps("o", 1), taps("p"), taps("o"), taps("f")]
BY_WORDS = [sends("a child alone"), sends("no food since Monday"), photo(), sends("please come"), sends("/help"), sends("/start")]
IN_BETWEEN = [sends("/start"), taps("b", 1), taps("o", 2), sends("/language"), sends("/whoami"), sends("he is old and alone")]
GIVEN_UP = [sends("a child alone"), sends("/cancel"), sends("/my"), sends("/reclaim"), sends("no receipt at all")]
PLAYS = {
    "ann": BY_BUTTONS,
    "ben": BY_WORDS,
    "cho": IN_BETWEEN,
    "dan": GIVEN_UP,
    "eva": [*BY_BUTTONS, sends("one thing more")],
    "fay": [*BY_WORDS, *IN_BETWEEN[2:]][:6],
    "gil": BY_BUTTONS,
    "hal": [*GIVEN_UP, sends("/start")],
}


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[Arrival]:
    """Everything that came in, to be able to bring it again."""
    from bot.worker import Desk

    arrivals: list[Arrival] = []
    real = Desk.store

    async def store(self: Desk, those: Any) -> None:
        arrivals.extend(those)
        await real(self, those)

    monkeypatch.setattr(Desk, "store", store)
    return arrivals


async def play_in_order(town: Town) -> dict[str, Any]:
    for name in PLAYS:
        english(town, name)
    for name, acts in PLAYS.items():
        for act in acts:
            await act(english(town, name))
    return await end_state(town)


async def play_in_disorder(town: Town, heard: list[Arrival], repeats: int, seed: int) -> dict[str, Any]:
    """Everybody at once, each in their own order; and what was heard before comes again, later, in any order."""
    dice = random.Random(seed)
    for name in PLAYS:
        english(town, name)
    left = {name: list(acts) for name, acts in PLAYS.items()}
    number = sum(map(len, left.values()))
    while left:
        name = dice.choice(list(left))
        await left[name].pop(0)(english(town, name))
        if not left[name]:
            del left[name]
        again = [dice.choice(heard) for _ in range(repeats // number + 1)]
        await town.application.desk.store(again)
        del heard[-len(again) :]
    await town.settled()
    everything = list(heard)
    dice.shuffle(everything)
    await town.application.desk.store(everything)
    await town.settled()
    return await end_state(town)


async def test_a_thousand_repeated_and_shuffled_updates_end_in_the_same_state(
    make_database: MakeDatabase, key: str, heard: list[Arrival]
) -> None:
    async with open_town(make_database("sqlite", "badong"), key) as town:
        await town.cast()
        expected = await play_in_order(town)
    assert len(expected["reports"]) == 3
    assert expected["talks"]
    for kind, seed, repeats in (("sqlite", 1, 1_000), ("sqlite", 2, 300), ("postgresql", 3, 1_000)):
        heard.clear()
        async with open_town(make_database(kind, "badong"), key) as town:
            await town.cast()
            assert await play_in_disorder(town, heard, repeats, seed) == expected
            assert not await town.look(all_of(inbox, state=DEAD))


async def test_the_end_state_tells_two_ends_apart(make_database: MakeDatabase, key: str) -> None:
    """The comparison above can fail."""
    ends = []
    for words in ("a child alone", "two children alone"):
        async with open_town(make_database("sqlite", "badong"), key) as town:
            await english(town, "ann").sends(words)
            ends.append(await end_state(town))
    assert ends[0] != ends[1]
    async with open_town(make_database("sqlite", "badong"), key) as town:
        ann = english(town, "ann")
        await ann.sends("a child alone")
        await ann.sends("a child alone")
        assert await end_state(town) != ends[0]


async def test_a_button_pressed_again_by_the_client_files_once(town: Town) -> None:
    """The client may send one press twice, with two update ids."""
    ann = english(town, "ann")
    await ann.sends("/start")
    for kind, nth in (("b", 0), ("o", 0), ("o", 1), ("p", 0), ("o", 0)):
        await presses(ann, kind, nth)
    for _ in range(5):
        press(ann, "f")
    await town.settled()
    from storage.tables import reports

    assert len(await town.look(all_of(reports))) == 1
    assert await files_a_report(english(town, "ben"))
    assert TOKEN
