"""One database with six people on it, for tests of any order of acts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from bot.bootstrap import set_up_conferences
from conference.model.people import Actor, Person, Post, Role
from conference.services import due_work
from conference.services.people import begin_tenure
from storage import due
from storage.engine import Database
from storage.mapping import map_entities
from storage.people import Sender, recognise
from storage.sealed import Sealer
from storage.tables import accounts, posts, tenures
from storage.tables import due as due_table
from storage.tables import invitations as rows
from storage.unit_of_work import Transaction, Unit
from tests.town import DOOR, MORNING


class Bench:
    """Six people on one database: two of the office and four whom nobody knows. Each act is a commit of its own."""

    def __init__(self, url: str, key: str) -> None:
        map_entities()
        self._url, self._key, self._acts = url, key, 0
        self.at = MORNING
        self.database = self._opened()

        def make(uow: Unit) -> list[int]:
            made = []
            for role in (Role.LIAISON, Role.MEMBER, Role.OFFICE):
                post = Post(conference="badong", unit="civil_affairs", role=role, title=str(role))
                uow.people.add_post(post)
                made.append(post)
            for who in range(2):
                person = Person(created_at=self.at)
                uow.people.add_person(person)
                uow.people.bind_account(self._actor(uow, who).account_id, person.id or 0)
                begin_tenure(uow, made[2], person.id or 0, at=self.at)
            for who in range(2, 6):
                self._actor(uow, who)
            return [post.id or 0 for post in made]

        self.posts = self.run(make)
        self.first = {row.id for row in self.tenures()}

    def _opened(self) -> Database:
        database = Database(self._url, Sealer(self._key), ["badong"])
        database.check()
        set_up_conferences(database, DOOR.bot, at=self.at)
        return database

    def restart(self) -> None:
        self.database.close()
        self.database = self._opened()

    def close(self) -> None:
        self.database.close()

    def run(self, verb: Callable[[Unit], Any]) -> Any:
        """One commit; whatever the verb raises undoes all of it."""
        self._acts += 1
        with self.database.writer.begin() as connection:
            transaction = Transaction(connection, self.database.sealer, self.at, self.database.conferences)
            unit = Unit(transaction, f"t{self._acts}")
            try:
                found = verb(unit)
                unit.succeed()
            except BaseException:
                unit.fail()
                raise
            transaction.flush()
            return found

    def act(self, who: int, verb: Any, *args: Any, **more: Any) -> Any:
        return self.run(lambda uow: verb(uow, self._actor(uow, who), *args, at=self.at, **more))

    def _actor(self, uow: Unit, who: int) -> Actor:
        return recognise(uow.connection, uow.sealer, DOOR, [Sender(100 + who, "zh_Hans")], self.at)[100 + who]

    def actors(self) -> list[Actor]:
        """All six as they are recognised now; read, nothing is committed."""
        with self.database.reader.connect() as connection:
            known = recognise(connection, self.database.sealer, DOOR, [Sender(100 + who, "zh_Hans") for who in range(6)], self.at)
            return [known[100 + who] for who in range(6)]

    def passes(self, hours: int) -> None:
        """What falls due in between is done at its own moment."""
        end = self.at + timedelta(hours=hours)
        while (row := self.run(lambda uow: next(iter(due.fallen_due(uow.connection, end, 1)), None))) is not None:
            self.at = max(self.at, row.due_at)

            def work(uow: Unit, row: Any = row) -> None:
                if row.kind in due_work.TOGETHER:
                    due_work.run_together(uow, row.kind, [row], whole=True, at=self.at)
                else:
                    due_work.run(uow, row.kind, row.subject, row.data, at=self.at)
                due.finish(uow.connection, [row.id], self.at)

            self.run(work)
        self.at = end

    def look(self, query: Any) -> list[Any]:
        with self.database.reader.connect() as connection:
            return list(connection.execute(query).all())

    def person(self, who: int) -> int | None:
        index = self.database.sealer.index("telegram", 100 + who)
        found = self.look(select(accounts.c.person_id).where(accounts.c.address_index == index))
        return found[0][0] if found else None

    def office(self) -> set[int]:
        """Who may invite now, by number."""
        return {who for who, actor in enumerate(self.actors()) if actor.post_as(Role.OFFICE)}

    def tenures(self) -> list[Any]:
        return self.look(select(tenures))

    def invitations(self) -> list[Any]:
        return self.look(select(rows))

    def vacant_since(self, post: int) -> datetime | None:
        found: datetime | None = self.look(select(posts.c.vacant_since).where(posts.c.id == post))[0][0]
        return found

    def is_due(self, key: str) -> bool:
        return bool(self.look(select(due_table.c.id).where(due_table.c.key == key, due_table.c.state == 0)))
