"""Very many people with a post each, written in few statements: for what has to hold however many there are."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection, insert

from bot.bootstrap import set_up_conferences
from conference.model.notices import Audience, Wording
from conference.model.people import Actor, HeldPost, Reach, Role
from conference.services import notices
from storage.engine import Database
from storage.mapping import map_entities
from storage.sealed import Purpose, Sealer
from storage.tables import accounts, persons, posts, tenures
from storage.unit_of_work import Transaction, Unit

T = TypeVar("T")

CONFERENCE, UNIT, PLACE = "badong", "civil_affairs", "422823100"
AT_ONCE = 5_000
OFFICE, CONVENER = (
    1_000_001,
    1_000_002,
)  # numbers of two who are not of the crowd; their post, person, account and address in the channel bear them
SAID = Wording("关于做好冬季关爱行动的通知", "请于十二月十日前完成入户排查，并将台账报送办公室。")
CROWD = 5_000_010  # the number of its first


def fill(connection: Connection, sealer: Sealer, bot: int, count: int, *, at: datetime) -> None:
    """The office, a convener and so many posts of one township, each with its holder; into an empty database."""
    for some in _batched([OFFICE, CONVENER, *range(CROWD, CROWD + count)]):
        connection.execute(insert(persons), [{"id": n, "name_sealed": None, "created_at": at} for n in some])
        connection.execute(insert(posts), [_post(n) for n in some])
        connection.execute(insert(accounts), [_account(sealer, bot, n, at) for n in some])
        connection.execute(insert(tenures), [{"post_id": n, "person_id": n, "alone": False, "begins_at": at} for n in some])
    if connection.dialect.name == "postgresql":  # numbers that were given by hand move no sequence
        for table in ("persons", "posts", "accounts"):
            connection.exec_driver_sql(f"SELECT setval('{table}_id_seq', {CROWD + count})")


def actor(number: int) -> Actor:
    """One of those two, as the desk recognises them."""
    post = _post(number)
    return Actor(
        number, number, (HeldPost(number, CONFERENCE, post["unit"], post["role"], post["title"], post["place"]),), "zh_Hans", CONFERENCE
    )


def _post(number: int) -> dict[str, Any]:
    role = {OFFICE: Role.OFFICE, CONVENER: Role.CONVENER}.get(number, Role.TOWNSHIP)
    place = PLACE if role is Role.TOWNSHIP else None
    return {"id": number, "conference": CONFERENCE, "unit": UNIT, "role": role, "title": f"岗位{number}", "place": place, "rank": 1}


def _account(sealer: Sealer, bot: int, number: int, at: datetime) -> dict[str, Any]:
    index = sealer.index("telegram", number)
    address = sealer.seal(Purpose.IDENTITY, "accounts.address_sealed", index.hex(), str(number).encode())
    facts = {"id": number, "channel": "telegram", "bot": bot, "person_id": number, "language": "zh_Hans", "reach": Reach.OPEN}
    return facts | {"address_index": index, "address_sealed": address, "created_at": at}


def _batched(numbers: list[int]) -> Iterator[list[int]]:
    for first in range(0, len(numbers), AT_ONCE):
        yield numbers[first : first + AT_ONCE]


class Crowd:
    """A database and its people. Each act is a commit of its own, as the worker makes it."""

    def __init__(self, database: Database, bot: int, count: int, *, at: datetime, new: bool = True) -> None:
        """`new`: the database is empty yet."""
        map_entities()
        database.check()
        set_up_conferences(database, bot, at=at)
        if new:
            with database.writer.begin() as connection:
                fill(connection, database.sealer, bot, count, at=at - timedelta(days=1))
        self.database, self.at, self.count = database, at, count
        self._acts = itertools.count(int(at.timestamp()))

    def act(self, verb: Callable[[Unit], T]) -> T:
        with self.committing() as transaction:
            unit = Unit(transaction, f"crowd{next(self._acts)}", CONFERENCE)
            value = verb(unit)
            unit.succeed()
        return value

    @contextmanager
    def committing(self) -> Iterator[Transaction]:
        with self.database.writer.connect() as connection:
            transaction = Transaction(connection, self.database.sealer, self.at, self.database.conferences)
            yield transaction
            transaction.flush()
            connection.commit()

    def writes(self) -> int:
        """A notice to all of them waits for a second person; its number."""
        to, until = Audience("territory", (PLACE,)), self.at + timedelta(days=9)
        made = self.act(lambda uow: notices.make_notice(uow, actor(OFFICE), SAID, to, until, at=self.at))
        return made.id or 0

    def lets_go(self, key: int) -> None:
        self.act(lambda uow: notices.decide_notice(uow, actor(CONVENER), key, granted=True, at=self.at))
