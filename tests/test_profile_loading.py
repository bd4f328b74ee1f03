"""A conference is brought in and brought up to a changed profile: dated, and nothing that runs is touched. On both databases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from conference import profiles
from conference.model.errors import Misconfigured
from conference.model.outsiders import OUTSIDERS
from conference.model.people import Person, Post, Role
from conference.model.profile_changes import ChangeKind
from conference.model.seating import PostMove
from conference.ports import UnitOfWork
from conference.services.people import begin_tenure
from conference.services.profiles import Plan, load_profile, plan_profile
from storage import tables
from storage.engine import Database
from storage.mapping import map_entities
from storage.sealed import Sealer
from storage.unit_of_work import Transaction, Unit
from tests.profile_files import edited, without

FIRST = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
LATER = FIRST + timedelta(days=200)
RENAMED = [('name_zh = "县卫计局"', 'name_zh = "县卫健局"'), ('post_zh = "县卫计局局长"', 'post_zh = "县卫健局局长"')]


class House:
    """A database, and acts in it at a moment."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @contextmanager
    def act(self, at: datetime, slug: str = "badong") -> Iterator[Unit]:
        with self.database.writer.begin() as connection:
            self.database.conferences.refresh(connection)
            transaction = Transaction(connection, self.database.sealer, at, self.database.conferences)
            unit = Unit(transaction, f"t{at.timestamp()}", slug)
            yield unit
            unit.succeed()
            transaction.flush()

    def load(self, source: str, *, at: datetime = FIRST, slug: str = "badong", **more: Any) -> bool:
        with self.act(at, slug) as uow:
            return load_profile(uow, profiles.parse(source, f"{slug}.toml"), source, at=at, **more)

    def plan(self, source: str, slug: str = "badong") -> Plan:
        with self.act(LATER, slug) as uow:
            return plan_profile(uow, profiles.parse(source, f"{slug}.toml"), source)

    def posts(self, slug: str = "badong", **where: Any) -> list[Any]:
        query = select(tables.posts).where(tables.posts.c.conference == slug).order_by(tables.posts.c.id)
        for name, value in where.items():
            query = query.where(tables.posts.c[name] == value)
        with self.database.reader.connect() as connection:
            return list(connection.execute(query).all())

    def counted(self) -> dict[str, int]:
        with self.database.reader.connect() as connection:
            return {
                table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in tables.metadata.sorted_tables
            }


@pytest.fixture
def house(database_url: str, key: str) -> Iterator[House]:
    map_entities()
    database = Database(database_url, Sealer(key))
    database.check()
    yield House(database)
    database.close()


def names_of(uow: Unit, conference: str, slug: str) -> list[tuple[str, datetime, datetime | None]]:
    """What a unit was called, from when to when."""
    found = tables.unit_names.join(tables.units, tables.units.c.id == tables.unit_names.c.unit_id)
    query = select(tables.unit_names.c.name_zh, tables.unit_names.c.begins_at, tables.unit_names.c.ends_at).select_from(found)
    query = query.where(tables.units.c.conference == conference, tables.units.c.slug == slug).order_by(tables.unit_names.c.id)
    return [tuple(row) for row in uow.connection.execute(query)]


def merged_into(uow: Unit, slug: str) -> str | None:
    heir: str | None = uow.connection.execute(select(tables.units.c.merged_into).where(tables.units.c.slug == slug)).scalar_one()
    return heir


def seated(uow: UnitOfWork, post_id: int, at: datetime) -> int:
    """Somebody new holds the post; their number."""
    person = Person(created_at=at)
    uow.people.add_person(person)
    post = uow.people.get_post(post_id)
    assert post is not None
    assert person.id is not None
    begin_tenure(uow, post, person.id, at=at)
    return person.id


def merged() -> str:
    """Badong without the legislative affairs office, which went up in the justice bureau."""
    text = without("badong", "units", 'slug = "legislative_affairs"')
    text = "\n\n".join(block for block in text.split("\n\n") if 'unit = "legislative_affairs"' not in block)
    return text.replace('name_zh = "县司法局"\n', 'name_zh = "县司法局"\nmerged = ["legislative_affairs"]\n')


@pytest.mark.parametrize("slug", profiles.available())
def test_each_of_the_five_comes_in_whole(house: House, slug: str) -> None:
    profile = profiles.load(slug)
    assert house.load(profiles.source(slug), slug=slug)
    with house.act(LATER, slug) as uow:
        head = uow.conferences.head(slug)
        assert (head.level, head.parent or "", head.name_zh, head.lacks) == (profile.level, profile.parent, profile.name_zh, profile.lacks)
        assert uow.conferences.profile(slug) == profile, "what is read back is what was loaded"
        assert [unit.slug for unit in uow.profiles.units(slug)] == [*profile.units, *profile.actors]
        assert uow.profiles.versions(slug) == [FIRST]
    assert all(post.vacant_since == FIRST and post.closed_at is None for post in house.posts(slug))
    counted = Counter(post.role for post in house.posts(slug))
    assert counted[Role.DUTY_DESK] == counted[Role.OFFICE] == counted[Role.CUSTODIAN] == 1
    assert counted[Role.LIAISON] == sum(unit.seat for unit in profile.units.values())


def test_the_same_file_again_changes_nothing(house: House) -> None:
    assert house.load(profiles.source("badong"))
    before = house.counted()
    assert house.plan(profiles.source("badong")) == Plan(1, True, (), (), "", moved=False, known=True)
    assert not house.load(profiles.source("badong"), at=LATER)
    assert house.counted() == before


def test_five_conferences_live_beside_each_other(house: House) -> None:
    for slug in profiles.available():
        house.load(profiles.source(slug), slug=slug)
    badong = house.posts("badong")
    house.load(edited("gansu", ('name_zh = "省教育厅"', 'name_zh = "省教委"')), slug="gansu", at=LATER)
    assert house.posts("badong") == badong
    assert [post.title for post in house.posts("gansu", unit="education", role=Role.LIAISON)] == ["省教委联络员"]


def test_a_renamed_unit_keeps_its_slug_its_posts_and_its_past(house: House) -> None:
    house.load(profiles.source("badong"))
    (seat,) = house.posts(unit="health", role=Role.MEMBER)
    with house.act(FIRST) as uow:
        person = seated(uow, seat.id, FIRST)
        uow.schedule.add("duty:badong.health.01:2027", "duty_due", "badong.health.01", LATER + timedelta(days=30))
    source = edited("badong", *RENAMED)
    plan = house.plan(source)
    assert Counter(change.kind for change in plan.changes) == {ChangeKind.UNIT_RENAMED: 1, ChangeKind.SEAT_RETITLED: 1}
    assert {(change.move, change.before, change.title) for change in plan.posts} == {
        (PostMove.RETITLED, "县卫计局局长", "县卫健局局长"),
        (PostMove.RETITLED, "县卫计局联络员", "县卫健局联络员"),
    }
    clocks = due_rows(house)
    assert house.load(source, at=LATER)
    (after,) = house.posts(unit="health", role=Role.MEMBER)
    assert (after.id, after.title, after.closed_at) == (seat.id, "县卫健局局长", None)
    goes_on(house, clocks)
    with house.act(LATER) as uow:
        assert names_of(uow, "badong", "health") == [("县卫计局", FIRST, LATER), ("县卫健局", LATER, None)]
        assert uow.profiles.versions("badong") == [FIRST, LATER]
        assert [tenure.person_id for tenure in uow.people.holders_of(seat.id, LATER)] == [person]
        assert uow.conferences.profile("badong").units["health"].name_zh == "县卫健局"


def goes_on(house: House, clocks: list[Any]) -> None:
    """Every running clock is as it was; all that came is the check of the next term, and a look at duties and plenaries."""
    now = due_rows(house)
    assert now[: len(clocks)] == clocks
    came = [("roster_check_opens", "2027Q3"), ("duty_windows", "badong"), ("plenary_watch", "badong")]
    assert [(row.kind, row.subject) for row in now[len(clocks) :]] == came


def due_rows(house: House) -> list[Any]:
    with house.database.reader.connect() as connection:
        return list(connection.execute(select(tables.due).order_by(tables.due.c.id)).all())


def test_a_merged_unit_is_found_in_its_heir_and_its_seat_is_closed_with_its_people_in_it(house: House) -> None:
    house.load(profiles.source("badong"))
    (seat,) = house.posts(unit="legislative_affairs", role=Role.MEMBER)
    with house.act(FIRST) as uow:
        person = seated(uow, seat.id, FIRST)
        uow.schedule.add("duty:badong.legislative_affairs.01:1", "duty_due", "badong.legislative_affairs.01", LATER)
    clocks = due_rows(house)
    house.load(merged(), at=LATER)
    with house.act(LATER) as uow:
        assert merged_into(uow, "legislative_affairs") == "justice"
        (ended,) = [unit for unit in uow.profiles.units("badong") if unit.ended]
        assert (ended.slug, ended.name_zh) == ("legislative_affairs", "县政府法制办")
        assert [tenure.person_id for tenure in uow.people.holders_of(seat.id, LATER)] == [person], (
            "a tenure is ended by people, not by a file"
        )
    closed = house.posts(unit="legislative_affairs")
    assert [(post.role, post.closed_at) for post in closed] == [(Role.MEMBER, LATER), (Role.LIAISON, LATER)]
    goes_on(house, clocks)


def test_a_unit_and_a_seat_that_come_back(house: House) -> None:
    house.load(profiles.source("badong"))
    house.load(merged(), at=LATER)
    again = LATER + timedelta(days=1)
    house.load(profiles.source("badong"), at=again)
    with house.act(again) as uow:
        assert merged_into(uow, "legislative_affairs") is None
        names = names_of(uow, "badong", "legislative_affairs")
        assert names == [("县政府法制办", FIRST, LATER), ("县政府法制办", again, None)]
        post = uow.people.post_of("badong", "legislative_affairs", Role.MEMBER, None, 1)
        assert post is not None
        assert post.closed_at is None, "the open seat is found, not the one that was closed"
    seats = house.posts(unit="legislative_affairs", role=Role.MEMBER)
    assert [seat.closed_at for seat in seats] == [LATER, None], "closed, never deleted"


def test_posts_that_people_made_stay(house: House) -> None:
    house.load(profiles.source("badong"))
    with house.act(FIRST) as uow:
        for role, unit, place in ((Role.DUTY_DESK, "public_security", None), (Role.TOWNSHIP, "civil_affairs", "422823100")):
            uow.people.add_post(Post(conference="badong", unit=unit, role=role, title="ours", place=place, rank=2))
    own = house.posts(title="ours")
    house.load(merged(), at=LATER)
    assert house.posts(title="ours") == own


def test_a_body_of_the_text_keeps_its_names_and_its_posts_are_told_of_when_it_vanishes(house: House) -> None:
    house.load(profiles.source("badong"))
    with house.act(FIRST) as uow:
        uow.people.add_post(Post(conference="badong", unit="schools", role=Role.REPORTER, title="信陵镇一小", place="422823100"))
        uow.people.add_post(Post(conference="badong", unit=OUTSIDERS, role=Role.GUEST, title="县气象局"))
    renamed = edited("badong", ('name_zh = "中小学校"', 'name_zh = "中小学"'))
    assert house.plan(renamed).left == []
    house.load(renamed, at=LATER)
    gone = without("badong", "actors", 'slug = "schools"')
    assert house.plan(gone).left == [("schools", "信陵镇一小")]
    again = LATER + timedelta(days=1)
    house.load(gone, at=again)
    with house.act(again) as uow:
        assert names_of(uow, "badong", "schools") == [("中小学校", FIRST, LATER), ("中小学", LATER, again)]
        known = uow.conferences.known_unit("badong", "schools")
        assert known is not None
        assert known.name_zh == "中小学"


def test_a_loading_that_breaks_off_leaves_everything_as_it_was(house: House) -> None:
    house.load(profiles.source("badong"))
    before = house.counted()

    def breaks_off() -> None:
        with house.act(LATER) as uow:
            load_profile(uow, profiles.parse(merged(), "badong.toml"), merged(), at=LATER)
            assert merged_into(uow, "legislative_affairs") == "justice"
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        breaks_off()
    assert house.counted() == before
    with house.act(LATER) as uow:
        assert merged_into(uow, "legislative_affairs") is None
        assert uow.conferences.head("badong").version == 1


def test_an_old_version_that_cannot_be_read_any_more_can_be_replaced(house: House) -> None:
    house.load(profiles.source("badong"))
    with house.act(FIRST) as uow:
        uow.connection.execute(tables.profile_versions.update().values(source=b"[conference]\nslug = 1"))
    assert house.load(profiles.source("badong") + "\n", at=LATER)
    with house.act(LATER) as uow:
        assert uow.conferences.profile("badong").slug == "badong"


def test_the_parent_can_be_said_by_whoever_loads_it(house: House) -> None:
    house.load(profiles.source("national"), slug="national")
    house.load(profiles.source("jieyang"), slug="jieyang", parent="national")
    with house.act(LATER) as uow:
        assert uow.conferences.head("jieyang").parent == "national"
    house.load(profiles.source("jieyang"), slug="jieyang", parent="")
    with house.act(LATER) as uow:
        uow.transaction.conferences._newest = 0  # the heads are read anew: no version came
        uow.transaction.conferences.refresh(uow.connection)
        assert uow.conferences.head("jieyang").parent is None


def test_a_parent_that_cannot_be_one_is_refused_by_whoever_loads(house: House) -> None:
    house.load(profiles.source("gansu"), slug="gansu")
    for parent in ("mars", "badong"):
        with pytest.raises(Misconfigured):
            house.load(profiles.source("badong"), slug="badong", parent=parent)
    house.load(profiles.source("badong"), slug="badong")
    with pytest.raises(Misconfigured):
        house.load(profiles.source("gansu"), slug="gansu", parent="badong")
