"""The people of a rehearsal: who sits where, and how each keeps to what is asked. All of it follows from profile and seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from conference.model.people import Role
from conference.model.profile import Profile
from conference.model.seating import posts_of

LANGUAGE = "zh-hans"  # the offices' own; what arrives is read in it
CITIZENS = 6


class Temper(StrEnum):
    PUNCTUAL = "punctual"  # within some hours of work
    LATE = "late"  # when reminded
    SILENT = "silent"  # never
    LEAVING = "leaving"  # punctual until the post is left
    BLOCKING = "blocking"  # punctual until the bot is blocked


SHARES = ((Temper.PUNCTUAL, 11), (Temper.LATE, 5), (Temper.SILENT, 2), (Temper.LEAVING, 1), (Temper.BLOCKING, 1))


@dataclass(frozen=True, slots=True)
class Part:
    """A post to be filled, and how who fills it behaves."""

    name: str
    unit: str
    role: Role
    title: str
    rank: int
    temper: Temper


def parts_of(profile: Profile, random: Random) -> Sequence[Part]:
    """Every post the document asks for, two desks and an operator. The office and the desks do their work; liaisons are as they are,
    and there is one of each temper among them."""
    wanted = [(post.unit, post.role, post.title, 1) for post in posts_of(profile)]
    host = profile.desk_of_the_office
    wanted += [("public_security", Role.DUTY_DESK, "指挥中心", 2), (host, Role.OPERATOR, "系统运维", 1)]
    if not any(role is Role.LIAISON for _, role, *_ in wanted):  # no roster in the text: the departments send a liaison each
        wanted += [(unit.slug, Role.LIAISON, f"{unit.name_zh}联络员", 1) for unit in profile.units.values()]
    liaisons = [unit for unit, role, *_ in wanted if role is Role.LIAISON]
    tempers = [*Temper, *random.choices([t for t, _ in SHARES], [share for _, share in SHARES], k=len(liaisons))][: len(liaisons)]
    random.shuffle(tempers)
    of_unit = dict(zip(liaisons, tempers, strict=True))
    ranks: dict[tuple[str, Role], int] = {}
    parts = []
    for number, (unit, role, title, rank) in enumerate(wanted):
        place = max(rank, ranks.get((unit, role), 0) + 1)  # several conveners of one unit: a post each
        ranks[unit, role] = place
        temper = of_unit[unit] if role is Role.LIAISON else Temper.PUNCTUAL
        parts.append(Part(f"{number:02d} {unit} {role}", unit, role, title, place, temper))
    return parts
