"""Accounts, persons, posts and tenures."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, or_, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from conference.model.people import Actor, HeldPost, Holder, Person, Post, Reach, Role, Tenure

from . import incidents
from .act import Act
from .sealed import Purpose, Sealer
from .tables import accounts, among, persons, posts, tenures

_ADDRESS = "accounts.address_sealed"
_NAME = "persons.name_sealed"


@dataclass(frozen=True, slots=True)
class Sender:
    """Whoever speaks to the desk: numeric id in the channel, and the language their client names."""

    address: int
    language: str


@dataclass(frozen=True, slots=True)
class Door:
    """The bot that somebody speaks to: its number, and the conference it stands for unless they chose another.

    `served`: those that may be chosen without a post there; empty: any.
    """

    bot: int
    conference: str
    served: frozenset[str] = frozenset()


_recognise = select(
    accounts.c.id,
    accounts.c.address_index,
    accounts.c.person_id,
    accounts.c.language,
    accounts.c.reach,
    accounts.c.conference,
    accounts.c.hat_id,
    accounts.c.commands,
)
_by_address = _recognise.where(accounts.c.bot == bindparam("bot"), accounts.c.address_index.in_(bindparam("addresses", expanding=True)))


def recognise(connection: Connection, sealer: Sealer, door: Door, senders: Collection[Sender], at: datetime) -> dict[int, Actor]:
    """The actor behind each address; who is new gets an account. Two queries for known people, however many."""
    index = {sealer.index("telegram", sender.address): sender for sender in senders}
    known = connection.execute(_by_address, {"bot": door.bot, "addresses": list(index)}).all()
    rows = {bytes(row.address_index): row for row in known}
    if new := [(key, sender) for key, sender in index.items() if key not in rows]:
        _open_accounts(connection, sealer, door.bot, new, at)
        fresh = connection.execute(_by_address, {"bot": door.bot, "addresses": [key for key, _ in new]}).all()
        rows |= {bytes(row.address_index): row for row in fresh}
    if back := [row.id for row in rows.values() if row.reach != Reach.OPEN]:  # they speak, so they can be reached again
        connection.execute(update(accounts).where(accounts.c.id.in_(back)).values(reach=Reach.OPEN))
        for account in back:
            incidents.close_incident(connection, "person_unreachable", f"account:{account}", at)
    held = held_posts(connection, {row.person_id for row in rows.values() if row.person_id is not None}, at)
    return {index[key].address: _actor(row, held.get(row.person_id, ()), door) for key, row in rows.items()}


def _actor(row: Any, held: Sequence[HeldPost], door: Door) -> Actor:
    """Who holds posts acts in the conference chosen, else in the door's if a post is there, else where the first one is."""
    where = dict.fromkeys(post.conference for post in held)
    chosen = row.conference if not door.served or row.conference in door.served or row.conference in where else None
    conference = chosen or (next(iter(where)) if where and door.conference not in where else door.conference)
    posts = sorted((post for post in held if post.conference == conference), key=lambda post: post.post_id != row.hat_id)
    elsewhere = tuple(slug for slug in where if slug != conference)
    return Actor(row.id, row.person_id, tuple(posts), row.language, conference, elsewhere, row.commands)


def actor_of(connection: Connection, door: Door, account_id: int, at: datetime) -> Actor:
    """The actor behind an account, once more: an act may have changed who he is."""
    row = connection.execute(_recognise.where(accounts.c.id == account_id)).one()
    held = held_posts(connection, {row.person_id} if row.person_id is not None else (), at)
    return _actor(row, held.get(row.person_id, ()), door)


def known_addresses(connection: Connection, sealer: Sealer, addresses: Collection[int]) -> set[int]:
    """Which of these have spoken here before."""
    indices = {sealer.index("telegram", address): address for address in addresses}
    rows = connection.execute(select(accounts.c.address_index).where(accounts.c.address_index.in_(indices)))
    return {indices[bytes(row.address_index)] for row in rows}


def keep_commands(connection: Connection, account_id: int, digest: str | None) -> None:
    """Which commands the channel shows to this account from now on."""
    connection.execute(update(accounts).where(accounts.c.id == account_id).values(commands=digest))


def adopt_accounts(connection: Connection, bot: int) -> None:
    """Accounts from before bots were told apart belong to the one that starts first."""
    connection.execute(update(accounts).where(accounts.c.bot == 0).values(bot=bot))


def _open_accounts(connection: Connection, sealer: Sealer, bot: int, new: Sequence[tuple[bytes, Sender]], at: datetime) -> None:
    insert = sqlite_insert if connection.dialect.name == "sqlite" else pg_insert
    connection.execute(
        insert(accounts).on_conflict_do_nothing(),
        [
            {
                "channel": "telegram",
                "bot": bot,
                "address_index": key,
                "address_sealed": sealer.seal(Purpose.IDENTITY, _ADDRESS, key.hex(), str(sender.address).encode()),
                "language": sender.language,
                "reach": Reach.OPEN,
                "created_at": at,
            }
            for key, sender in new
        ],
    )


_held = {
    name: select(tenures.c.person_id, posts.c.id, posts.c.conference, posts.c.unit, posts.c.role, posts.c.title, posts.c.place)
    .join(posts, posts.c.id == tenures.c.post_id)
    .where(theirs, tenures.c.begins_at <= bindparam("now"), or_(tenures.c.ends_at.is_(None), tenures.c.ends_at > bindparam("now")))
    .order_by(posts.c.id)
    for name, theirs in among(tenures.c.person_id, "persons").items()
}


def held_posts(connection: Connection, person_ids: Collection[int], at: datetime) -> dict[int, tuple[HeldPost, ...]]:
    """The posts whose tenure runs at this moment, by person."""
    if not person_ids:
        return {}
    rows = connection.execute(_held[connection.dialect.name], {"persons": list(person_ids), "now": at}).all()
    held: dict[int, list[HeldPost]] = {}
    for row in rows:
        held.setdefault(row.person_id, []).append(HeldPost(row.id, row.conference, row.unit, row.role, row.title, row.place))
    return {person: tuple(wears) for person, wears in held.items()}


_holders = (
    select(
        accounts.c.id,
        posts.c.id,
        posts.c.unit,
        posts.c.role,
        posts.c.title,
        posts.c.rank,
        tenures.c.person_id,
        posts.c.place,
        accounts.c.reach,
    )
    .select_from(tenures.join(posts, posts.c.id == tenures.c.post_id).join(accounts, accounts.c.person_id == tenures.c.person_id))
    .where(tenures.c.begins_at <= bindparam("now"), or_(tenures.c.ends_at.is_(None), tenures.c.ends_at > bindparam("now")))
    .order_by(posts.c.rank, posts.c.id, accounts.c.id)
)
_at_posts = _holders.where(posts.c.id.in_(bindparam("posts", expanding=True)))
_roster = _holders.where(posts.c.conference == bindparam("conference"))
_roster_of = _roster.where(posts.c.role.in_(bindparam("roles", expanding=True)))


class PeopleRepository:
    """Fulfils conference.ports.People. `changed` tells the worker that what it knew of actors is stale."""

    def __init__(self, act: Act) -> None:
        self._act = act
        self.changed = False

    def _add(self, entity: Any) -> None:
        self.changed = True
        self._act.session.add(entity)
        self._act.session.flush()

    def add_person(self, person: Person) -> None:
        self._add(person)

    def add_post(self, post: Post) -> None:
        self._add(post)

    def add_posts(self, fresh: Sequence[Post]) -> None:
        self.changed = True
        self._act.session.add_all(fresh)
        self._act.session.flush()

    def posts_in(self, conference: str) -> Sequence[Post]:
        return self._act.session.scalars(select(Post).where(posts.c.conference == conference).order_by(posts.c.id)).all()

    def retitle(self, post: Post, title: str) -> None:
        self.changed = True
        post.title = title

    def close(self, post: Post, *, at: datetime) -> None:
        self.changed = True
        post.closed_at = at

    def add_tenure(self, tenure: Tenure) -> None:
        self._add(tenure)

    def roster(self, conference: str, at: datetime, roles: frozenset[Role] | None = None) -> Sequence[Holder]:
        known = None if self.changed else self._act.rosters.get((conference, roles))
        if known is None:
            query, facts = _roster, {"conference": conference, "now": at}
            if roles is not None:
                query, facts = _roster_of, {**facts, "roles": list(roles)}
            rows = self._act.connection.execute(query, facts).all()
            known = [Holder(*row) for row in rows]
            if not self.changed:  # what this act made of it is nobody else's before it has ended well
                self._act.rosters[conference, roles] = known
        return known

    def holding(self, posts: Collection[int], at: datetime) -> Sequence[Holder]:
        rows = self._act.connection.execute(_at_posts, {"posts": list(posts), "now": at})
        return [Holder(*fields) for fields in map(tuple[Any, ...], rows)]

    def get_post(self, post_id: int) -> Post | None:
        return self._act.session.get(Post, post_id)

    def post_of(self, conference: str, unit: str, role: Role, place: str | None, rank: int) -> Post | None:
        query = select(Post).where(posts.c.conference == conference, posts.c.unit == unit, posts.c.role == role, posts.c.rank == rank)
        query = query.where(posts.c.place == place if place else posts.c.place.is_(None))
        return self._act.session.scalars(query.order_by(posts.c.closed_at.is_not(None), posts.c.id.desc())).first()

    def posts_of_person(self, person_id: int, at: datetime) -> Sequence[Post]:
        query = (
            select(Post)
            .join(tenures, tenures.c.post_id == posts.c.id)
            .where(tenures.c.person_id == person_id, tenures.c.begins_at <= at, or_(tenures.c.ends_at.is_(None), tenures.c.ends_at > at))
        )
        return self._act.session.scalars(query).all()

    def held_since(self, person_id: int, at: datetime) -> Mapping[int, datetime]:
        running = or_(tenures.c.ends_at.is_(None), tenures.c.ends_at > at)
        query = select(tenures.c.post_id, tenures.c.begins_at).where(tenures.c.person_id == person_id, tenures.c.begins_at <= at, running)
        return {row.post_id: row.begins_at for row in self._act.connection.execute(query)}

    def wear(self, account_id: int, post_id: int) -> None:
        self._choose(account_id, hat_id=post_id)

    def act_in(self, account_id: int, conference: str) -> None:
        self._choose(account_id, conference=conference)

    def _choose(self, account_id: int, **chosen: Any) -> None:
        self.changed = True
        self._act.connection.execute(update(accounts).where(accounts.c.id == account_id).values(**chosen))

    def places(self, conference: str, roles: frozenset[Role]) -> Sequence[str]:
        query = select(posts.c.place).where(posts.c.conference == conference, posts.c.role.in_(roles), posts.c.closed_at.is_(None))
        return self._act.connection.execute(query.where(posts.c.place.is_not(None)).distinct()).scalars().all()

    def open_posts(self, conference: str, roles: frozenset[Role] | None = None) -> Sequence[Post]:
        query = select(Post).where(posts.c.conference == conference, posts.c.closed_at.is_(None))
        if roles is not None:
            query = query.where(posts.c.role.in_(roles))
        return self._act.session.scalars(query.order_by(posts.c.unit, posts.c.rank, posts.c.id)).all()

    def closed_but_held(self, conference: str, at: datetime) -> Sequence[Post]:
        held = select(tenures.c.post_id).where(tenures.c.begins_at <= at, or_(tenures.c.ends_at.is_(None), tenures.c.ends_at > at))
        query = select(Post).where(posts.c.conference == conference, posts.c.closed_at.is_not(None), posts.c.id.in_(held))
        return self._act.session.scalars(query.order_by(posts.c.unit, posts.c.rank, posts.c.id)).all()

    def person_of_account(self, account_id: int) -> int | None:
        return self._act.connection.execute(select(accounts.c.person_id).where(accounts.c.id == account_id)).scalar()

    def bind_account(self, account_id: int, person_id: int) -> None:
        self.changed = True
        self._act.connection.execute(update(accounts).where(accounts.c.id == account_id).values(person_id=person_id))

    def set_language(self, account_id: int, language: str) -> None:
        self.changed = True
        self._act.connection.execute(update(accounts).where(accounts.c.id == account_id).values(language=language))

    def holders_of(self, post_id: int, at: datetime) -> Sequence[Tenure]:
        self._act.session.execute(select(posts.c.id).where(posts.c.id == post_id).with_for_update())
        query = select(Tenure).where(tenures.c.post_id == post_id, or_(tenures.c.ends_at.is_(None), tenures.c.ends_at > at))
        return self._act.session.scalars(query.order_by(tenures.c.id).execution_options(populate_existing=True)).all()

    def end_tenure(self, tenure: Tenure, why: str, *, at: datetime) -> None:
        self.changed = True
        tenure.end(why, at=at)
        self._act.session.flush()

    def accounts_of(self, person_id: int) -> Sequence[int]:
        query = select(accounts.c.id).where(accounts.c.person_id == person_id).order_by(accounts.c.id)
        return self._act.connection.execute(query).scalars().all()

    def unbind(self, person_id: int) -> Sequence[int]:
        self.changed = True
        bound = self.accounts_of(person_id)
        self._act.connection.execute(update(accounts).where(accounts.c.person_id == person_id).values(person_id=None, hat_id=None))
        return bound

    def name_of(self, person_id: int) -> str | None:
        sealed = self._act.connection.execute(select(persons.c.name_sealed).where(persons.c.id == person_id)).scalar()
        return None if sealed is None else self._act.sealer.open(Purpose.IDENTITY, _NAME, person_id, sealed).decode()

    def set_name(self, person_id: int, name: str) -> None:
        sealed = self._act.sealer.seal(Purpose.IDENTITY, _NAME, person_id, name.encode())
        self._act.connection.execute(update(persons).where(persons.c.id == person_id).values(name_sealed=sealed))
