"""Several conferences in one installation.

`badong_and_north`: Badong's profile a second time under another name, for people who act in several. `two_conferences`: Badong
and Gansu, with the same people in each.
"""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import update

from conference import profiles
from conference.model.conferences import Head
from conference.model.people import Role
from conference.services import people
from storage.engine import Database
from storage.mapping import map_entities
from storage.sealed import Sealer
from storage.tables import accounts, reports
from storage.unit_of_work import Transaction, Unit
from tests.engine import all_of, english, presses
from tests.talking import holds_for_all
from tests.town import DOOR, MORNING, TOKEN, Someone, Town, open_town, recognised

BADONG, NORTH = "badong", "north"
NORTH_ZH = "北县关爱保护工作联席会议"


def bring_in(database_url: str, key: str, slug: str = NORTH, name: str = NORTH_ZH, *, lacks: Collection[str] = ()) -> None:
    """Put the conference into a migrated database that nobody has open yet."""
    map_entities()
    database = Database(database_url, Sealer(key), (BADONG,))
    head = Head(slug, "county", None, name, "North County joint conference", lacks=frozenset(lacks))
    source = profiles.source(BADONG).replace('slug = "badong"', f'slug = "{slug}"', 1).replace('id = "badong.', f'id = "{slug}.')
    try:
        with database.writer.begin() as connection:
            transaction = Transaction(connection, database.sealer, MORNING, database.conferences)
            unit = Unit(transaction, "bring in")
            unit.profiles.put(head, source, at=MORNING)
            unit.succeed()
            transaction.flush()
    finally:
        database.close()


@asynccontextmanager
async def badong_and_north(database_url: str, key: str, **more: Any) -> AsyncIterator[Town]:
    bring_in(database_url, key, **more)
    async with open_town(database_url, key, profile=f"{BADONG},{NORTH}") as town:
        yield town
        await holds_for_all(town)


async def holds(town: Town, someone: Someone, conference: str, role: Role, unit: str, title: str, **more: Any) -> int:
    """Put somebody into a post of this conference; returns the post's id. They have opened the chat already."""
    door = dataclasses.replace(DOOR, conference=conference)

    def verb(act: Unit) -> int:
        actor = recognised(act, someone, door)
        tenure = people.appoint(act, actor.account_id, conference=conference, unit=unit, role=role, title=title, at=act.at, **more)
        return tenure.post_id

    post: int = await town.application.desk.act(verb)
    return post


# -- the same people in two conferences

HERE, THERE = BADONG, "gansu"
NAMES = {HERE: "县", THERE: "省"}

# name, role, unit, title, rank: the same people twice
PEOPLE: Sequence[tuple[str, Role, str, str, int]] = (
    ("desk", Role.DUTY_DESK, "public_security", "公安局值班台", 1),
    ("office", Role.OFFICE, "civil_affairs", "联席办", 1),
    ("director", Role.OFFICE_DIRECTOR, "civil_affairs", "联席办主任", 1),
    ("custodian", Role.CUSTODIAN, "civil_affairs", "身份保管员甲", 1),
    ("second custodian", Role.CUSTODIAN, "justice", "身份保管员乙", 2),
    ("convener", Role.CONVENER, "civil_affairs", "召集人", 1),
    ("liaison", Role.LIAISON, "education", "教育局联络员", 1),
    ("operator", Role.OPERATOR, "civil_affairs", "运维", 1),
)


@asynccontextmanager
async def two_conferences(database_url: str, key: str) -> AsyncIterator[Town]:
    """A town that serves both; everybody of PEOPLE is there twice: "desk" of Badong, "desk there" of the other."""
    async with open_town(database_url, key, profile=f"{HERE},{THERE}") as town:
        await both_casts(town)
        yield town


async def both_casts(town: Town) -> None:
    for conference in (HERE, THERE):
        for name, *_ in PEOPLE:
            english(town, of(conference, name)).person.send_text(TOKEN, "/start")
    await town.settled()

    def verb(uow: Unit) -> None:
        for conference in (HERE, THERE):
            for name, role, unit, title, rank in PEOPLE:
                account = account_in(uow, town.people[of(conference, name)])
                title = NAMES[conference] + title
                people.appoint(uow, account, conference=conference, unit=unit, role=role, title=title, rank=rank, at=uow.at)

    await town.application.desk.act(verb)


def of(conference: str, name: str) -> str:
    return name if conference == HERE else f"{name} there"


def account_in(uow: Unit, someone: Someone) -> int:
    return recognised(uow, someone).account_id


async def files_there(town: Town, name: str) -> int:
    """Somebody who speaks to the other conference reports to it. Returns the report's id."""
    someone = english(town, name)
    await someone.sends("/start")

    def choose(uow: Unit) -> None:
        uow.connection.execute(update(accounts).where(accounts.c.id == account_in(uow, someone)).values(conference=THERE))

    await town.application.desk.act(choose)
    await someone.sends("/start")
    await presses(someone, "b")
    await presses(someone, "o")
    await presses(someone, "o", 1)
    await someone.sends("the third house by the bridge")  # Gansu's places are not loaded: where is written, not picked
    await presses(someone, "o")
    await presses(someone, "f")
    found = await town.look(all_of(reports))
    assert found[-1].conference == THERE, f"{someone.screen}\n{someone.buttons}"
    return int(found[-1].id)
