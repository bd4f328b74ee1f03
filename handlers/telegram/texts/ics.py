"""A meeting as a file that calendars take in (RFC 5545): the same UID, a rising SEQUENCE, no address of any person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from icalendar import Timezone

ZONE = "Asia/Shanghai"
ALARM = timedelta(hours=-2)
EAST = timedelta(hours=8)


def calendar(
    *,
    method: str,
    uid: str,
    sequence: int,
    starts_at: datetime,
    ends_at: datetime,
    written_at: datetime,
    summary: str,
    description: str,
    place: str,
    link: str,
    organizer: tuple[str, str],
    attendees: list[tuple[str, str]],
) -> bytes:
    """`organizer` and `attendees`: a slug and the name that is shown; the address is one that cannot exist (RFC 2606).

    The library is loaded with the first invitation: it takes a tenth of a second that a start should not.
    """
    from zoneinfo import ZoneInfo

    from icalendar import Alarm, Calendar, Event, vCalAddress, vText

    zone = ZoneInfo(ZONE)
    made, event = Calendar(), Event()
    made.add("prodid", "-//Lianxi//Joint conference//ZH")
    made.add("version", "2.0")
    made.add("method", method)
    made.add_component(_zone())
    event.add("uid", uid)
    event.add("sequence", sequence)
    event.add("dtstamp", written_at.astimezone(UTC))
    event.add("dtstart", starts_at.astimezone(zone))
    event.add("dtend", ends_at.astimezone(zone))
    event.add("summary", summary)
    event.add("location", place)
    event.add("description", description)
    event.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    if link.startswith(("http://", "https://")):
        event.add("url", link)
    chair = vCalAddress(f"mailto:{organizer[0]}")
    chair.params["CN"] = vText(organizer[1])
    event["organizer"] = chair
    for address, name in attendees:
        one = vCalAddress(f"mailto:{address}")
        one.params["CN"] = vText(name)
        one.params["ROLE"] = vText("REQ-PARTICIPANT")
        one.params["PARTSTAT"] = vText("NEEDS-ACTION")
        event.add("attendee", one, encode=False)
    if method != "CANCEL":
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", summary)
        alarm.add("trigger", ALARM)
        event.add_component(alarm)
    made.add_component(event)
    written: bytes = made.to_ical()
    return written


def _zone() -> Timezone:
    """China's time: one offset since 1992, written out so that no calendar has to know the name."""
    from icalendar import Timezone, TimezoneStandard

    zone, standard = Timezone(), TimezoneStandard()
    zone.add("tzid", ZONE)
    standard.add("dtstart", datetime(1992, 1, 1))  # noqa: DTZ001 -- local by definition (RFC 5545, 3.6.5)
    standard.add("tzoffsetfrom", EAST)
    standard.add("tzoffsetto", EAST)
    standard.add("tzname", "CST")
    zone.add_component(standard)
    return zone
