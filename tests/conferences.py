"""A second conference for tests of people who act in several: Badong's profile under another name."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from typing import Any

from conference import profiles
from conference.model.conferences import Head
from conference.model.people import Role
from conference.services import people
from storage.engine import Database
from storage.mapping import map_entities
from storage.people import Sender, recognise
from storage.sealed import Sealer
from storage.unit_of_work import Transaction, Unit
from tests.town import DOOR, MORNING, Someone, Town

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


async def holds(town: Town, someone: Someone, conference: str, role: Role, unit: str, title: str, **more: Any) -> int:
    """Put somebody into a post of this conference; returns the post's id. They have opened the chat already."""
    door, number = dataclasses.replace(DOOR, conference=conference), someone.person.id

    def verb(act: Unit) -> int:
        actor = recognise(act.connection, act.sealer, door, [Sender(number, "zh_Hans")], act.at)[number]
        tenure = people.appoint(act, actor.account_id, conference=conference, unit=unit, role=role, title=title, at=act.at, **more)
        return tenure.post_id

    post: int = await town.application.desk.act(verb)
    return post
