"""Officials of a town at little cost: a few posts filled in one act, in any conference, and a meeting called by pressing buttons."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from conference.model.people import Role
from conference.services import people
from storage.people import Door, Sender, recognise
from storage.unit_of_work import Unit
from tests.talking import CLIENTS, Speaker
from tests.town import TOKEN, Someone, Town, open_town

BOT = int(TOKEN.partition(":")[0])


@dataclass(frozen=True)
class Seat:
    """A post to be filled by somebody of this name."""

    name: str
    role: Role
    unit: str
    title: str = ""
    rank: int = 1
    place: str | None = None


OFFICE = Seat("office", Role.OFFICE, "civil_affairs", "联席会议办公室")
CHIEF = Seat("chief", Role.CHIEF_CONVENER, "government_office", "总召集人")
CONVENER = Seat("convener", Role.CONVENER, "government_office", "县政府办公室副主任")


def liaison(unit: str) -> Seat:
    return Seat(f"{unit} liaison", Role.LIAISON, unit, "联络员")


def member(unit: str) -> Seat:
    return Seat(f"{unit} member", Role.MEMBER, unit, "席位")


async def seat(town: Town, *seats: Seat, language: str = "zh_Hans") -> dict[str, Speaker]:
    """Fill these posts in the conference of the town, one person each name; returns whom one talks with, by name."""
    conference, speakers = town.settings.conferences[0], {}
    for one in seats:
        speakers[one.name] = Speaker(town.someone(one.name, CLIENTS[language]), language)
    for name in dict.fromkeys(one.name for one in seats):
        town.people[name].person.send_text(TOKEN, "/start")
    await town.settled()

    def fill(act: Unit) -> None:
        act.conference = conference
        for one in seats:
            number = town.people[one.name].person.id
            actor = recognise(act.connection, act.sealer, Door(BOT, conference), [Sender(number, language)], act.at)[number]
            title = one.title or str(one.role)
            where = {"conference": conference, "unit": one.unit, "role": one.role, "rank": one.rank, "place": one.place}
            people.appoint(act, actor.account_id, title=title, at=act.at, **where)  # type: ignore[arg-type]  # as the seat says

    await town.application.desk.act(fill)
    return speakers


@asynccontextmanager
async def conference_town(database_url: str, key: str, slug: str, **more: Any) -> AsyncIterator[Town]:
    """A town whose desk stands for this conference; nobody holds a post yet."""
    async with open_town(database_url, key, profile=slug, **more) as town:
        yield town


def seen(someone: Someone | Speaker) -> str:
    """All that stands in the chat now, as one text."""
    return "\n---\n".join(someone.history)
