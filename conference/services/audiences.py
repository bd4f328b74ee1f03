"""For whom something is: units, seats, everybody, the posts of some places; and who holds those posts now. Source: domain §5 A20."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from conference.model.notices import Audience, Whom
from conference.model.outsiders import has_joined
from conference.model.people import SEATS, Role
from conference.model.profile import Profile
from conference.ports import UnitOfWork

STANDS_FOR = (Role.LIAISON, Role.MEMBER, Role.CONVENER, Role.OFFICE_DIRECTOR, Role.CHIEF_CONVENER)  # for a unit, the first of them first
NOBODYS = frozenset({Role.OPERATOR, Role.GUEST})  # they run the machine, or are of another body
KINDS = ("units", "seats", "everyone", "territory")


@dataclass(frozen=True, slots=True)
class Chosen:
    """The posts that get a copy.

    `to_seat`: units without a liaison, so that the seat gets it; `unreached`: units of which nobody gets it.
    """

    whom: Whom
    to_seat: Sequence[str] = ()
    unreached: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Addressed:
    """How many people hold one of the chosen posts now, and how many of them are `empty`."""

    chosen: Chosen
    people: int
    empty: int


def addressed(uow: UnitOfWork, profile: Profile, audience: Audience, *, at: datetime) -> Addressed:
    """Who gets it now."""
    found = chosen(uow, profile, audience, at=at)
    return Addressed(found, *uow.notices.reached(found.whom, at))


def chosen(uow: UnitOfWork, profile: Profile, audience: Audience, *, at: datetime) -> Chosen:
    """A unit's copy goes to its first liaison, where there is none to its seat."""
    if audience.by_unit:
        return _of_units(uow, profile.slug, audience.names, at=at)
    roles = SEATS if audience.kind == "seats" else frozenset(Role) - NOBODYS
    return Chosen(Whom(profile.slug, roles, places=frozenset(audience.names) if audience.kind == "territory" else None))


def _of_units(uow: UnitOfWork, conference: str, units: Sequence[str], *, at: datetime) -> Chosen:
    roles = frozenset(STANDS_FOR)
    held = {holder.post_id for holder in uow.people.roster(conference, at, roles)}
    posts = uow.people.open_posts(conference, roles)
    found, to_seat, unreached = set[int](), [], []
    for unit in units:
        standing = sorted((p for p in posts if p.unit == unit), key=lambda p: (STANDS_FOR.index(p.role), p.rank))
        first = next((post for post in standing if post.id in held), None)
        if first is None:
            unreached.append(unit)
        elif first.role is not Role.LIAISON:
            to_seat.append(unit)
        if post := first or next(iter(standing), None):
            found.add(post.id or 0)
    return Chosen(Whom(conference, roles, posts=frozenset(found)), to_seat, unreached)


def _around(uow: UnitOfWork, codes: Collection[str]) -> Mapping[str, frozenset[str]]:
    """Each place with those around it; a few queries, however many places."""
    parents: dict[str, str] = {}
    left = {code for code in codes if code}
    while left:
        parents |= {code: place.parent for code, place in uow.places.known(left).items()}
        left = {parent for parent in parents.values() if parent} - parents.keys()

    def up(code: str) -> Iterable[str]:
        while code:
            yield code
            code = parents.get(code, "")

    return {code: frozenset(up(code)) for code in codes}


def places_with_posts(uow: UnitOfWork, profile: Profile) -> list[tuple[str, str]]:
    """The places right beneath the region in which somebody's post lies: code and name."""
    around = _around(uow, uow.people.places(profile.slug, frozenset(Role) - NOBODYS))
    known = uow.places.known({code for codes in around.values() for code in codes})
    tops = {code for codes in around.values() for code in codes if code in known and known[code].parent == profile.region_code}
    return [(code, known[code].name) for code in sorted(tops)]


def units_to_choose(uow: UnitOfWork, profile: Profile) -> list[tuple[str, str]]:
    """Units of the document, and those that have joined since with their names."""
    joined = [(unit.slug, unit.name_zh) for unit in uow.profiles.units(profile.slug) if has_joined(unit.slug) and not unit.ended]
    return [*((slug, "") for slug in profile.units), *joined]
