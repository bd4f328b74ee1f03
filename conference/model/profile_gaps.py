"""Where a document's roster and its list of duties do not fit together. Reported, never hidden, never filled by a guess.

Source: domain §5 A19; 000 二 and 四, 001 一 and 四, 002 一 and 四.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from .profile import Profile


class GapKind(StrEnum):
    NO_ROSTER = "no_roster"  # the document names no seats at all
    OFFICE_WITHOUT_HOST = "office_without_host"  # there is an office, and no word where it sits
    OFFICE_HOST_INFERRED = "office_host_inferred"  # it follows from the director's post
    SEAT_WITHOUT_DUTY_ENTRY = "seat_without_duty_entry"  # sits, and the list of duties does not name it
    DUTY_ENTRY_WITHOUT_SEAT = "duty_entry_without_seat"  # has duties, and no seat
    SEAT_NOT_NAMED = "seat_not_named"  # is said to sit, and no post is named for it
    SEAT_NOT_EXPECTED = "seat_not_expected"  # a post is named for a unit that is said not to sit
    DUTY_ENTRY_EMPTY = "duty_entry_empty"  # an entry is named, and nothing of it is in the profile
    DUTIES_WITHOUT_ENTRY = "duties_without_entry"  # duties of its own, and no entry they stand in


@dataclass(frozen=True, slots=True)
class Gap:
    """`unit`: slug of the unit it is about, "" for the whole conference."""

    kind: GapKind
    unit: str = ""


def gaps(profile: Profile) -> Sequence[Gap]:
    """Every gap, the conference's first, then by unit in the document's order."""
    found = []
    if not profile.has_roster:
        found.append(Gap(GapKind.NO_ROSTER))
    if profile.has_office and not profile.office_host_stated:
        found.append(Gap(GapKind.OFFICE_HOST_INFERRED if profile.office_host else GapKind.OFFICE_WITHOUT_HOST))
    named = {seat.unit for seat in profile.seats}
    owners = {duty.unit for duty in profile.duties} | {unit for duty in profile.duties for unit in duty.co_units}
    for unit in profile.units.values():
        entry, owes = bool(unit.duty_entry), unit.slug in owners
        told = {
            GapKind.SEAT_WITHOUT_DUTY_ENTRY: unit.seat and not entry,
            GapKind.DUTY_ENTRY_WITHOUT_SEAT: profile.has_roster and entry and not unit.seat,
            GapKind.SEAT_NOT_NAMED: unit.seat and unit.slug not in named,
            GapKind.SEAT_NOT_EXPECTED: unit.slug in named and not unit.seat,
            GapKind.DUTY_ENTRY_EMPTY: entry and not owes,
            GapKind.DUTIES_WITHOUT_ENTRY: owes and not entry,
        }
        found += [Gap(kind, unit.slug) for kind, there in told.items() if there]
    return found
