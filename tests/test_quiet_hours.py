"""Digests and reminders at hours at which nobody is written to: late after an outage, or held back by the channel."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from conference import profiles
from conference.model.meetings import MeetingKind
from conference.model.people import Role
from conference.services import meetings
from conference.services.people import finish_tenure
from storage.tables import PENDING, due
from storage.unit_of_work import Unit
from tests.engine import all_of, files_a_report, told
from tests.officials import CHIEF, OFFICE, Seat, conference_town, liaison, seat
from tests.test_meetings import SAID
from tests.town import TOKEN, Someone, Town, actor_of, start

ZONE = ZoneInfo("Asia/Shanghai")
DESK = Seat("desk", Role.DUTY_DESK, "public_security", "值班台")
JUSTICE = "justice liaison"
DIGEST = "待您办理"
ANSWER_BY = datetime(2026, 12, 9, 6, tzinfo=UTC)  # a Wednesday; asked after on the 2nd, 7th, 8th, 9th


def china(day: int, hour: int, minute: int = 0, month: int = 12, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=ZONE)


@pytest.fixture
async def town(database_url: str, key: str) -> AsyncIterator[Town]:
    async with conference_town(database_url, key, "badong") as found:
        await seat(found, OFFICE, CHIEF, DESK, liaison("justice"))

        def call(uow: Unit) -> None:
            uow.conference = "badong"
            caller = actor_of(uow, found, "office")
            meetings.convene_meeting(uow, caller, MeetingKind.EXTRA, SAID, ANSWER_BY + timedelta(days=2), ANSWER_BY, at=uow.at)

        await found.application.desk.act(call)
        yield found


async def goes_until(town: Town, moment: datetime) -> None:
    await town.passes(seconds=(moment - town.clock.now()).total_seconds())


async def is_down_until(town: Town, moment: datetime) -> None:
    await town.application.stop()
    town.clock.set(moment)
    town.application = await start(town.settings, town.clock)
    await town.settled()


def arrived(someone: Someone, words: str) -> list[datetime]:
    """When messages with these words came, in the conference's time."""
    return [message.at.astimezone(ZONE) for message in someone.person.from_bot(TOKEN) if words in (message.text or "")]


async def test_a_digest_that_outages_made_late_waits_for_the_next_one(town: Town) -> None:
    """The step falls due while the desk is down, and so does the digest that it then goes into."""
    someone = town.people[JUSTICE]
    await goes_until(town, china(2, 8, 29))
    await is_down_until(town, china(5, 11))  # a Saturday
    assert arrived(someone, DIGEST) == []
    await goes_until(town, china(6, 12))
    await is_down_until(town, china(7, 22))
    assert arrived(someone, DIGEST) == []
    await goes_until(town, china(8, 9))
    assert arrived(someone, DIGEST) == [china(8, 8, 30)], "one for all that was to be said"


async def test_what_the_channel_refused_by_day_does_not_go_by_night(town: Town) -> None:
    """The message was written in the morning and could not be sent; an emergency and an answer go at any hour."""
    someone = town.people[JUSTICE]
    await goes_until(town, china(2, 8, 29))
    town.sandbox.faults.add("refuse", method="sendMessage")
    await goes_until(town, china(2, 8, 31))
    [row] = await told(town, someone, "Digest")
    assert row.state == PENDING
    town.sandbox.faults.clear()
    await is_down_until(town, china(2, 21, 31))
    assert arrived(someone, DIGEST) == []
    await someone.sends("/start")
    assert someone.history
    assert someone.person.from_bot(TOKEN)[-1].at == town.clock.now()
    await files_a_report(town.someone("citizen", "en"))
    [alert] = await told(town, town.people["desk"], "ReportAlert")
    assert alert.ended_at == town.clock.now()
    await goes_until(town, china(3, 8, 29))
    assert arrived(someone, DIGEST) == []
    await goes_until(town, china(3, 9))
    assert arrived(someone, DIGEST) == [china(3, 8, 30)]


async def test_nothing_that_time_itself_says_comes_at_night(town: Town) -> None:
    """A post stands vacant from ten in the evening on, and the desk is down while a check of the roster opens."""
    await seat(town, liaison("education"), Seat("second", Role.MEMBER, "education", "成员"))
    await goes_until(town, china(3, 22))

    def leaves(uow: Unit) -> None:
        uow.conference = "badong"
        post = uow.people.get_post(actor_of(uow, town, "education liaison").posts[0].post_id)
        assert post is not None
        [tenure] = uow.people.holders_of(post.id or 0, uow.at)
        finish_tenure(uow, post, tenure, "left", at=uow.at)

    await town.application.desk.act(leaves)
    await goes_until(town, china(17, 23))
    second = town.people["second"]
    assert await told(town, second, "PostVacant"), "it fell due ten working days later, at ten in the evening"
    assert all(row.ended_at is None for row in await told(town, second, "PostVacant"))
    await goes_until(town, china(18, 8, 30))
    assert {row.ended_at for row in await told(town, second, "PostVacant")} == {china(18, 8, 30)}

    await goes_until(town, china(31, 12))
    await is_down_until(town, china(1, 23, month=1, year=2027))
    asked = await told(town, second, "RosterCheckShown")
    assert [row.ended_at for row in asked] == [None]
    await goes_until(town, china(4, 9, month=1, year=2027))
    [row] = await told(town, second, "RosterCheckShown")
    assert row.ended_at == china(4, 8, 30, month=1, year=2027)


async def test_the_warning_before_the_window_ends_comes_on_a_working_day(town: Town) -> None:
    """Forty-five days before 30 June 2027 is a Sunday."""
    assert profiles.load("badong").settings.plenary_warn_days == 45
    town.clock.set(china(1, 9, month=5, year=2027))

    def looks(uow: Unit) -> None:
        uow.schedule.withdraw("")
        meetings.watch_window(uow, profiles.load("badong"), at=uow.at)

    await town.application.desk.act(looks)
    rows = await town.look(all_of(due, kind="plenary_window", state=PENDING))
    assert china(14, 8, 30, month=5, year=2027) in [row.due_at for row in rows]
    before = len(town.office.history)
    await goes_until(town, china(17, 9, month=5, year=2027))
    chief = await told(town, town.people["chief"], "PlenaryWindowEnding")
    assert [row.ended_at for row in chief] == [china(14, 8, 30, month=5, year=2027)]
    assert len(town.office.history) > before
