"""Officials of a town at little cost: a few posts filled in one act, in any conference, and a meeting called by pressing buttons."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle
from types import SimpleNamespace
from typing import Any, cast

import pytest

from conference.model.meetings import Convocation, MeetingKind
from conference.model.people import Role
from conference.services import meetings, people
from handlers.telegram.texts.moments import day, moment
from handlers.telegram.texts.registry import plain
from locales import translator
from storage.people import Door, Sender, recognise
from storage.unit_of_work import Unit
from tests.talking import CLIENTS, Speaker, holds_for_all
from tests.town import TOKEN, MakeDatabase, Someone, Town, actor_of, open_town

BOT = int(TOKEN.partition(":")[0])
# Every conversation in each language on each database; two that follow each other differ in both, for what needs fewer.
READ_ON = (
    ("zh_Hans", "sqlite"),
    ("zh_Hant", "postgresql"),
    ("en", "sqlite"),
    ("zh_Hans", "postgresql"),
    ("zh_Hant", "sqlite"),
    ("en", "postgresql"),
)
ON_BOTH = pytest.mark.parametrize("county", READ_ON[:2], indirect=True, ids="-".join)
"""For what says nothing of its own, or in no language: both databases are enough."""
ON_EACH = pytest.mark.parametrize("how", READ_ON, ids="-".join)


def in_turn(*slugs: str) -> pytest.MarkDecorator:
    """For what these conferences have alike: one after another, until each language was read on each database."""
    taken = zip(cycle(slugs), READ_ON, strict=False)
    return pytest.mark.parametrize(("slug", "how"), [pytest.param(slug, how, id="-".join((slug, *how))) for slug, how in taken])


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


@asynccontextmanager
async def reads(make_database: MakeDatabase, key: str, how: tuple[str, str], slug: str, *seats: Seat) -> AsyncIterator[dict[str, Speaker]]:
    """A conference with these people, on one database of `READ_ON`; in the end what holds after any conversation is looked at."""
    language, kind = how
    async with conference_town(make_database(kind, slug), key, slug) as town:
        yield await seat(town, *seats, language=language)
        await holds_for_all(town)


# A meeting and its words at once; how the form is walked is shown where meetings are tested.
PLACE = "县政府三楼会议室"
SUBJECT = "冬季关爱行动部署"


async def convened(
    by: Speaker,
    *,
    kind: MeetingKind = MeetingKind.PLENARY,
    name: str = "chief_convener",
    starts: str = "2026-12-10T14:30+08:00",
    days: int | None = None,
) -> None:
    """Called by the office, with the usual day to answer until, or one in so many days."""

    def verb(act: Unit) -> None:
        said, starts_at = Convocation(SUBJECT, PLACE, by=name), datetime.fromisoformat(starts)
        last = None if days is None else act.at.astimezone(act.hours.zone).date() + timedelta(days=days)
        until = meetings.answer_until(act, last, act.conferences.profile("badong"), starts_at, at=act.at)
        meetings.convene_meeting(act, actor_of(act, by.town, "office"), kind, said, starts_at, until, at=act.at)

    await by.town.application.desk.act(verb)
    await by.town.settled()


def name_of(speaker: Speaker, unit: str) -> str:
    """A unit as this person's document calls it."""
    found = speaker.town.application.database.conferences.profile(speaker.town.conference).units[unit]
    return found.name_en if speaker.language == "en" else found.name_zh


def day_in(speaker: Speaker, iso: str) -> str:
    return plain(day(iso, translator(speaker.language)))


def moment_in(speaker: Speaker, iso: str) -> str:
    zone = SimpleNamespace(zone=speaker.town.settings.zone)
    return plain(moment(iso, cast(Any, zone), translator(speaker.language)))


def seen(someone: Someone | Speaker) -> str:
    """All that stands in the chat now, as one text."""
    return "\n---\n".join(someone.history)
