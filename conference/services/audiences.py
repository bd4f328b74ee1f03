"""For whom something is: units, seats, everybody, the posts of some places; and who holds those posts now. Source: domain §5 A20."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from conference.model.notices import Audience
from conference.model.outsiders import has_joined
from conference.model.people import SEATS, Holder, Post, Role
from conference.model.profile import Profile
from conference.ports import UnitOfWork

STANDS_FOR = (Role.LIAISON, Role.MEMBER, Role.CONVENER, Role.OFFICE_DIRECTOR, Role.CHIEF_CONVENER)  # for a unit, the first of them first
NOBODYS = frozenset({Role.OPERATOR, Role.GUEST})  # they run the machine, or are of another body
KINDS = ("units", "seats", "everyone", "territory")


@dataclass(frozen=True, slots=True)
class Recipient:
    """A post that gets a copy, with those who hold it now: nobody, if it stands empty."""

    post_id: int
    unit: str
    title: str
    holders: Sequence[Holder]


@dataclass(frozen=True, slots=True)
class Addressed:
    """`to_seat`: units without a liaison, so that the seat gets it; `unreached`: units of which nobody gets it."""

    recipients: Sequence[Recipient]
    to_seat: Sequence[str] = ()
    unreached: Sequence[str] = ()

    @property
    def accounts(self) -> Mapping[int, list[int]]:
        """Account -> its posts that have a copy."""
        found: dict[int, list[int]] = {}
        for recipient in self.recipients:
            for holder in recipient.holders:
                found.setdefault(holder.account_id, []).append(recipient.post_id)
        return found

    @property
    def people(self) -> int:
        return len(self.accounts)

    @property
    def empty_posts(self) -> Sequence[Recipient]:
        return [each for each in self.recipients if not each.holders]


def addressed(uow: UnitOfWork, profile: Profile, audience: Audience, *, at: datetime) -> Addressed:
    """Who gets it now. A unit's copy goes to its first liaison, where there is none to its seat."""
    held: dict[int, list[Holder]] = {}
    for holder in uow.people.roster(profile.slug, at):
        held.setdefault(holder.post_id, []).append(holder)
    posts = [post for post in uow.people.open_posts(profile.slug) if post.role not in NOBODYS]
    if audience.by_unit:
        return _of_units(audience.names, posts, held)
    return Addressed([_recipient(post, held) for post in _chosen(uow, profile, audience, posts)])


def _recipient(post: Post, held: Mapping[int, Sequence[Holder]]) -> Recipient:
    return Recipient(post.id or 0, post.unit, post.title, held.get(post.id or 0, ()))


def _of_units(units: Sequence[str], posts: Sequence[Post], held: Mapping[int, Sequence[Holder]]) -> Addressed:
    recipients, to_seat, unreached = [], [], []
    for unit in units:
        standing = sorted((p for p in posts if p.unit == unit and p.role in STANDS_FOR), key=lambda p: (STANDS_FOR.index(p.role), p.rank))
        first = next((post for post in standing if held.get(post.id or 0)), None)
        if first is None:
            unreached.append(unit)
        elif first.role is not Role.LIAISON:
            to_seat.append(unit)
        if found := first or next(iter(standing), None):
            recipients.append(_recipient(found, held))
    return Addressed(recipients, to_seat, unreached)


def _chosen(uow: UnitOfWork, profile: Profile, audience: Audience, posts: Sequence[Post]) -> Sequence[Post]:
    if audience.kind == "seats":
        return [post for post in posts if post.role in SEATS]
    if audience.kind == "everyone":
        return posts
    around = _around(uow, {post.place for post in posts if post.place})
    return [post for post in posts if post.place and around[post.place] & {*audience.names}]


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
    around = _around(uow, {post.place for post in uow.people.open_posts(profile.slug) if post.place and post.role not in NOBODYS})
    known = uow.places.known({code for codes in around.values() for code in codes})
    tops = {code for codes in around.values() for code in codes if code in known and known[code].parent == profile.region_code}
    return [(code, known[code].name) for code in sorted(tops)]


def units_to_choose(uow: UnitOfWork, profile: Profile) -> list[tuple[str, str]]:
    """Units of the document, and those that have joined since with their names."""
    joined = [(unit.slug, unit.name_zh) for unit in uow.profiles.units(profile.slug) if has_joined(unit.slug) and not unit.ended]
    return [*((slug, "") for slug in profile.units), *joined]
