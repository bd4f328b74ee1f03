"""Which posts a profile asks for, and what has to happen to those there are when it changes.

A seat is a unit and a role; its title may change and it stays the same post, with its clocks and its people. What vanished is
closed, never deleted: its tenures stay as they are until the office ends them. Posts that no profile asked for (more desks,
more clerks, townships) are nobody's business here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from .people import Post, Role
from .profile import Profile

# Of these the conference may have more than the profile asks for, under titles of its own.
_AT_LEAST_ONE = frozenset({Role.OFFICE, Role.DUTY_DESK, Role.CUSTODIAN})


@dataclass(frozen=True, slots=True)
class Wanted:
    unit: str
    role: Role
    title: str


def posts_of(profile: Profile) -> Sequence[Wanted]:
    """The seats, a liaison for each unit that sits, a clerk and a custodian where the office is, and the desk of rank 1.

    Where the document has no office (Inner Mongolia), or does not say where it sits (the national one), the clerk and the
    custodian are the lead unit's: somebody has to be told when no desk accepts. A document without seats has no liaisons.
    """
    titles, host = profile.titles, profile.units[profile.desk_of_the_office]
    desk = profile.units["public_security"]
    return [
        *(Wanted(seat.unit, seat.role.post, seat.title) for seat in profile.seats),
        *(Wanted(unit.slug, Role.LIAISON, titles.of(titles.liaison_zh, unit)) for unit in profile.units.values() if unit.seat),
        Wanted(host.slug, Role.OFFICE, titles.of(titles.office_zh, host)),
        Wanted(desk.slug, Role.DUTY_DESK, titles.of(titles.duty_desk_zh, desk)),
        Wanted(host.slug, Role.CUSTODIAN, titles.of(titles.custodian_zh, host)),
    ]


class PostMove(StrEnum):
    OPENED = "opened"
    RETITLED = "retitled"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class PostChange:
    """`post`: the row it is about, None for one that is opened. `title`: the new one, or the last."""

    move: PostMove
    unit: str
    role: Role
    title: str
    rank: int = 1
    post: int | None = None
    before: str = ""


def seating(there: Sequence[Post], before: Sequence[Wanted], after: Sequence[Wanted]) -> Sequence[PostChange]:
    """From the posts there are to those that are wanted. `before`: what the version until now asked for."""
    open_posts: dict[tuple[str, Role], list[Post]] = defaultdict(list)
    for post in sorted(there, key=lambda post: (post.rank, post.id or 0)):
        if post.closed_at is None and post.place is None:
            open_posts[post.unit, post.role].append(post)
    asked = {(wanted.unit, wanted.role, wanted.title) for wanted in before}
    groups = dict.fromkeys((wanted.unit, wanted.role) for wanted in (*before, *after))
    moves: list[PostChange] = []
    for unit, role in groups:
        titles = [wanted.title for wanted in after if (wanted.unit, wanted.role) == (unit, role)]
        moves += _group(open_posts[unit, role], titles, asked, unit, role)
    return moves


def _group(posts: list[Post], titles: list[str], asked: set[tuple[str, Role, str]], unit: str, role: Role) -> Iterator[PostChange]:
    """The posts of one role in one unit: equal titles first, then by their order."""
    left = list(posts)
    missing = []
    for title in titles:
        same = next((post for post in left if post.title == title), None)
        if same is None:
            missing.append(title)
        else:
            left.remove(same)
    ours = [post for post in left if (unit, role, post.title) in asked]
    if role in _AT_LEAST_ONE:
        if len(left) < len(posts) or (left and not ours):
            return  # there is one already, under the title asked for or one of its own
        yield from _retitled(ours, missing, unit, role)
        if not left:
            yield from (PostChange(PostMove.OPENED, unit, role, title) for title in missing)
        return
    theirs = [post for post in left if post not in ours]  # appointed before any profile asked for them: they are these seats
    paired = [*ours, *theirs][: len(missing)]
    yield from _retitled(paired, missing, unit, role)
    yield from (PostChange(PostMove.CLOSED, unit, role, post.title, post.rank, post.id) for post in ours if post not in paired)
    taken = {post.rank for post in posts}
    free = iter(rank for rank in range(1, len(taken) + len(missing) + 1) if rank not in taken)
    yield from (PostChange(PostMove.OPENED, unit, role, title, next(free)) for title in missing[len(paired) :])


def _retitled(posts: Sequence[Post], titles: Sequence[str], unit: str, role: Role) -> Iterator[PostChange]:
    for post, title in zip(posts, titles, strict=False):
        yield PostChange(PostMove.RETITLED, unit, role, title, post.rank, post.id, post.title)
