"""Meetings end to end: called by the office, answered by the units, moved, cancelled, held; who is reminded and who is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import select

from conference.model.meetings import Answer, MeetingKind
from conference.model.outsiders import OUTSIDERS
from conference.model.people import Role
from conference.services.people import finish_tenure
from sandbox.messages import Message
from storage.tables import attendances, guests, meetings, outbox
from storage.unit_of_work import Unit
from tests.engine import all_of
from tests.obligations import obligation
from tests.officials import CHIEF, CONVENER, OFFICE, Seat, conference_town, liaison, member, seat, seen
from tests.talking import CLIENTS, Speaker, audited
from tests.town import TOKEN, Town

CAST = (OFFICE, CHIEF, CONVENER, liaison("education"), member("education"), liaison("justice"), member("health"))
PLACE = "县政府三楼会议室"
SUBJECT = "冬季关爱行动部署"


@pytest.fixture(params=list(CLIENTS))
async def people(request: pytest.FixtureRequest, database_url: str, key: str) -> Any:
    """Badong with an office and some units, who all read one language."""
    async with conference_town(database_url, key, "badong") as town:
        yield await seat(town, *CAST, language=request.param)


@pytest.fixture
async def county(database_url: str, key: str) -> Any:
    async with conference_town(database_url, key, "badong") as town:
        yield await seat(town, *CAST)


async def convene(
    by: Speaker, *, kind: str = "Plenary", starts: str = "12月10日14:30", name: str = "in the name of the chief convener"
) -> None:
    """From the command to the last screen."""
    await by.sends("/convene")
    await by.taps(kind)
    await by.taps(name)
    for said in (starts, PLACE):
        await by.sends(said)
    await by.taps("Skip")  # no link
    await by.sends(SUBJECT)
    for _ in range(3):  # chair, papers, last day to answer
        await by.taps("Skip")


async def call(by: Speaker, **how: str) -> None:
    await convene(by, **how)
    await by.taps("✅ Send the convocation")


def papers(of: Speaker) -> list[Message]:
    return [message for message in of.someone.person.from_bot(TOKEN) if message.media is not None]


async def calendars(town: Town, of: Speaker) -> list[Any]:
    """The invitations in this chat, read back by a library that has nothing to do with how they were made."""
    found = []
    for message in papers(of):
        assert message.media is not None
        assert message.media.file.content is not None
        found.append(Calendar.from_ical(message.media.file.content))
    return found


def event(calendar: Any) -> Any:
    return calendar.walk("VEVENT")[0]


@obligation("MTG-01", "MTG-12", profile="badong")
async def test_called_answered_and_counted(people: dict[str, Speaker]) -> None:
    office, education, justice = people["office"], people["education liaison"], people["justice liaison"]
    await convene(office)
    office.sees("<i>As it will be read:</i>", "📅 <b>{kind} {number}</b>: convocation", kind=office.words("Plenary"), number="–")
    office.sees("It goes to <b>{people}</b> people of {units} units.", people=6, units=len(units_of(office.town)))
    await office.taps_twice("✅ Send the convocation")
    number = "2026-1"
    education.has_seen("📅 <b>{kind} {number}</b>: convocation", kind=education.words("Plenary"), number=number)
    for words in (PLACE, SUBJECT):
        assert words in seen(education)
    people["health member"].has_seen("📅 <b>{kind} {number}</b>: convocation", kind=education.words("Plenary"), number=number)

    await education.taps("Attend")
    assert "✓" in " ".join(buttons_of(education, "Attend"))
    await justice.taps("Send somebody")
    await justice.sends("某某")
    await justice.sends("县司法局股长")
    await justice.taps("✅ Send")
    justice.sees("✅ Meeting <b>{number}</b>, {unit}: <b>{answer}</b>. It can be changed until the last day.",
                 number=number, unit=name_of(justice, "justice"), answer=justice.words("sends a representative"))  # fmt: skip
    await people["health member"].taps("Be excused")
    await people["health member"].sends("赴省里开会")
    await people["health member"].taps("✅ Send")

    text = tally(office)
    assert f"{office.words('Coming')} 1" in text
    assert f"{office.words('Representative')} 1" in text
    assert f"{office.words('Excused')} 1" in text
    assert name_of(office, "education") in text
    await office.taps("Who comes, and why not")
    for words in ("某某", "县司法局股长", "赴省里开会", name_of(office, "education")):
        office.reads(words)
    (read,) = await audited(office.town, "meeting.answers_read")
    assert read.post_id is not None
    assert tally(office) == text, "the tally stays"
    rows = await office.town.look(all_of(meetings))
    assert [row.number for row in rows] == [number], "two presses call one meeting"


def units_of(town: Town) -> list[str]:
    profile = town.application.database.conferences.profile(town.settings.conferences[0])
    return [unit.slug for unit in profile.units.values() if unit.seat]


def name_of(speaker: Speaker, unit: str) -> str:
    profile = speaker.town.application.database.conferences.profile(speaker.town.settings.conferences[0])
    return str(profile.units[unit].name_en if speaker.language == "en" else profile.units[unit].name_zh)


def buttons_of(speaker: Speaker, english: str) -> list[str]:
    """Labels in the whole chat that carry these words."""
    word = speaker.words(english)
    return [label for message in speaker.someone.person.from_bot(TOKEN) for label in message.button_texts if word in label]


def tally(office: Speaker) -> str:
    """The one message that says who comes."""
    head = office.words("Move it")
    found = [message for message in office.someone.person.from_bot(TOKEN) if head in message.button_texts]
    assert len(found) == 1, "there is one tally, and it edits itself"
    return found[0].text or ""


async def test_an_answer_is_changed_and_the_colleague_sees_it(county: dict[str, Speaker]) -> None:
    office, education, boss = county["office"], county["education liaison"], county["education member"]
    await call(office)
    await education.taps("Attend")
    assert "✓ " + boss.words("Attend") in buttons_of(boss, "Attend")
    await boss.taps("Be excused")
    await boss.sends("会期冲突")
    await boss.taps("✅ Send")
    rows = await office.town.look(all_of(attendances))
    assert [(str(row.answer), row.void_at is None) for row in rows] == [("attend", False), ("excused", True)], "the first is history"
    assert "✓ " + education.words("Be excused") in buttons_of(education, "Be excused")
    assert f"{office.words('Excused')} 1" in tally(office)


async def test_only_the_silent_are_reminded_before_the_day_and_then_the_seat(county: dict[str, Speaker]) -> None:
    office, town = county["office"], county["office"].town
    await call(office, starts="12月16日9:00")
    await county["justice liaison"].taps("Attend")
    await town.passes(days=7)
    assert reminders(county["education liaison"], "education") == 2, "two and one working days before; five lies before the call itself"
    assert reminders(county["education member"], "education") == 1, "on the last day the seat"
    assert reminders(county["health member"], "health") == 3, "a unit without liaison: its seat"
    for someone in county.values():
        assert reminders(someone, "justice") == 0
        assert reminders(someone, "court") == 0, "courts are informed, never chased"


def reminders(of: Speaker, unit: str) -> int:
    """How many messages in this chat say that this unit has not answered."""
    return sum(f"{name_of(of, unit)}尚未回复" in text for text in of.history)


async def test_a_moved_meeting_asks_again_and_no_reminder_names_the_old_date(county: dict[str, Speaker]) -> None:
    office, education, town = county["office"], county["education liaison"], county["office"].town
    await call(office, starts="12月10日14:30")
    await education.taps("Attend")
    old = education.remembers_written(education.words("Attend"))
    await office.taps("Move it")
    await office.sends("12月11日9:00")
    office.sees("🔁 <b>{kind} {number}: moved</b> from {before}. Earlier answers are void; please answer again.",
                kind="全体会议", number="2026-1", before="12月10日（周四）14:30")  # fmt: skip
    await office.taps("✅ Move it and ask again")
    assert "12月11日（周五）09:00" in seen(education)
    assert f"{office.words('Coming')} 0" in tally(office)
    await education.taps_remembered(old)
    assert education.toast == education.words(
        "This button belongs to an earlier date: the meeting has been moved. Please answer the newest convocation."
    )
    before = len(county["justice liaison"].history)
    await town.passes(days=8)
    reminded = [line for text in county["justice liaison"].history[before:] for line in text.splitlines() if "尚未回复" in line]
    assert reminded
    assert all("12月11日" in line and "12月10日" not in line for line in reminded)  # a duty of the same digest has its own day
    uids = await calendars(town, education)
    assert [int(event(each)["sequence"]) for each in uids] == [0, 1]
    assert len({str(event(each)["uid"]) for each in uids}) == 1


async def test_a_cancelled_meeting_is_told_and_nobody_is_reminded(county: dict[str, Speaker]) -> None:
    office, justice, town = county["office"], county["justice liaison"], county["office"].town
    await call(office)
    await office.taps("Cancel it")
    await office.sends("与省里会议冲突")
    await office.taps("✅ Cancel the meeting")
    assert "与省里会议冲突" in seen(justice)
    await town.passes(days=10)
    assert not any("尚未回复" in text for text in justice.history)
    await justice.taps("Attend")
    assert justice.toast == justice.words("This meeting has been cancelled or held already.")
    last = (await calendars(town, justice))[-1]
    assert str(last["method"]) == "CANCEL"
    assert str(event(last)["status"]) == "CANCELLED"
    assert int(event(last)["sequence"]) == 1


async def test_after_the_last_day_nothing_is_taken(county: dict[str, Speaker]) -> None:
    office, education, town = county["office"], county["education liaison"], county["office"].town
    await call(office, starts="12月16日9:00")
    await town.passes(days=8)
    await education.taps("Attend")
    assert education.toast == education.words("The day until which this could be answered has passed. Please ring the office.")
    assert await town.look(all_of(attendances)) == []


async def test_a_meeting_is_held_only_after_it_began(county: dict[str, Speaker]) -> None:
    office, town = county["office"], county["office"].town
    await call(office, starts="11月27日9:00")
    await office.taps("It was held")
    assert office.toast == office.words("The meeting has not begun yet; it can be recorded as held afterwards.")
    await town.passes(days=2)
    await office.taps("It was held")
    office.has_seen("✅ Meeting <b>{number}</b> is recorded as held.", number="2026-1")
    assert [str(row.state) for row in await town.look(all_of(meetings))] == ["held"]


async def test_the_invitation_is_one_that_calendars_read(county: dict[str, Speaker]) -> None:
    await call(county["office"])
    (made,) = await calendars(county["office"].town, county["justice liaison"])
    found = event(made)
    assert str(made["method"]) == "REQUEST"
    assert found["dtstart"].dt == datetime.fromisoformat("2026-12-10T14:30:00+08:00")
    assert found["dtstart"].params["TZID"] == "Asia/Shanghai"
    assert [str(zone["tzid"]) for zone in made.walk("VTIMEZONE")] == ["Asia/Shanghai"]
    assert SUBJECT in str(found["summary"])
    assert str(found["location"]) == PLACE
    attendees = found["attendee"]
    assert len(attendees) == len(units_of(county["office"].town))
    assert all(str(each).endswith(".invalid") for each in [found["organizer"], *attendees]), "no address of any person"


async def test_papers_are_kept_and_given_on_request(county: dict[str, Speaker]) -> None:
    office, education = county["office"], county["education liaison"]
    await convene(office)
    await office.taps("Change: {title}", title=office.words("Papers"))
    await office.sends_file("document", name="big.pdf", size=60 * 1024 * 1024)
    office.sees(
        "That file has {size} MB; at most {limit} MB fit. Please make it smaller or split it, and send it again. Nothing else was lost.",
        size=60,
        limit=20,
    )
    await office.sends_file("document", name="草案.pdf", size=5000)
    await office.taps("Next")
    office.sees("Papers: {count}", count=1)
    await office.taps("✅ Send the convocation")
    await education.taps("Papers ({count})", count=1)
    education.has_seen("Meeting <b>{number}</b>, paper {part}/{parts}", number="2026-1", part=1, parts=1)


async def test_wrong_answers_in_the_form_are_said_and_nothing_is_lost(people: dict[str, Speaker]) -> None:
    office = people["office"]
    await office.sends("/convene")
    await office.sends("perhaps")
    office.sees("Please choose one of the buttons below, or write its words or number.")
    await office.sends(office.words("Plenary"))
    await office.sends("1")
    await office.sends("11-3 9:00")
    office.sees("When does it begin? Write day and time, such as “26 Nov 14:30” or “next Wednesday 9:00”.")
    await office.sends("11月28日14:30")  # a Saturday
    assert office.words("Yes, keep it") in office.buttons
    await office.sends("2026-12-10")
    await office.town.restart()
    await office.sends("14:30")
    await office.sends_other(dice={"emoji": "🎲", "value": 3})
    office.sees("Please write the answer as text. Files and other kinds of messages are not taken at this step.")
    await office.sends(PLACE)
    await office.taps("Skip")
    await office.sends("长" * 4000)
    office.sees(
        "That is {count} characters; at most {limit} fit here. Please shorten it and send it again. Nothing else was lost.",
        count=4000,
        limit=200,
    )
    await office.town.passes(seconds=15)  # else it could be the rest of a text that an app cut into pieces
    await office.sends(SUBJECT)
    for _ in range(3):
        await office.taps("Skip")
    assert PLACE in office.screen
    assert SUBJECT in office.screen
    await office.taps("Change: {title}", title=office.words("Answer by"))
    await office.sends("2026-12-20")
    office.sees("The last day to answer lies behind the meeting itself. Please give an earlier one.")
    await office.taps("← Back")
    await office.taps("Cancel")
    await office.taps("Yes, give it up")
    office.sees("Given up; nothing was sent.")
    assert await office.town.look(all_of(meetings)) == []


async def test_what_nobody_can_answer_is_said_before_it_is_sent(county: dict[str, Speaker]) -> None:
    office = county["office"]
    await convene(office)
    assert office.words("⚠️ Nobody can answer for: {units}", units="")[:12] in office.screen
    assert office.words("⚠️ No liaison, so it goes to the seat: {units}", units="")[:12] in office.screen


@obligation("MTG-03", profile="badong")
async def test_an_extra_meeting_is_called_at_any_time_and_does_not_fill_the_window(county: dict[str, Speaker]) -> None:
    chief, town = county["chief"], county["office"].town
    await call(chief, kind="Extra meeting", starts="明天 15:00")
    county["education liaison"].has_seen("📅 <b>{kind} {number}</b>: convocation", kind="临时会议", number="2026-1")
    await town.passes(days=5)
    chief.has_seen("⏳ <b>No plenary has been called in this period.</b>")


@obligation("MTG-04", profile="badong")
async def test_a_convener_calls_only_what_is_entrusted(county: dict[str, Speaker]) -> None:
    chief, convener = county["chief"], county["convener"]
    await convener.sends("/convene")
    convener.is_not_offered("Plenary")
    await convener.taps("Cancel")
    await convener.taps("Yes, give it up")
    await chief.sends("/entrust")
    await chief.taps_written(f"{chief.words('Entrust')}: {CONVENER.title}")
    chief.sees("· {title}: <b>may call meetings</b>", title=CONVENER.title)
    await call(convener, name="by the convener, entrusted by the chief convener")
    assert convener.words("by the convener, entrusted by the chief convener") in seen(county["education liaison"])
    await chief.sends("/entrust")
    await chief.taps_written(f"{chief.words('Take it back')}: {CONVENER.title}")
    await convener.sends("/convene")
    convener.is_not_offered("Plenary")


@pytest.mark.parametrize(
    ("slug", "day"),
    [
        pytest.param("gansu", "12月", marks=obligation("MTG-02", profile="gansu")),
        pytest.param("jieyang", "12月", marks=obligation("MTG-02", profile="jieyang")),
        pytest.param("national", "12月", marks=obligation("MTG-02", profile="national")),
    ],
)
async def test_the_year_is_watched_until_a_plenary_is_called(make_database: Any, key: str, slug: str, day: str) -> None:
    async with conference_town(make_database("sqlite"), key, slug) as town:
        unit = units_of(town)[0]
        chief = Seat("chief", Role.CHIEF_CONVENER, unit, "总召集人")
        people = await seat(town, Seat("office", Role.OFFICE, unit, "办公室"), chief)
        await town.passes(days=2)
        for name in ("office", "chief"):
            people[name].has_seen("⏳ <b>No plenary has been called in this period.</b>")
        await people["chief"].taps("Call a meeting")
        for said in ("1", "1", "12月20日14:30"):
            await people["chief"].sends(said)
        if people["chief"].words("Yes, keep it") in people["chief"].buttons:
            await people["chief"].taps("Yes, keep it")
        await people["chief"].sends(PLACE)
        await people["chief"].taps("Skip")
        await people["chief"].sends(SUBJECT)
        for _ in range(3):
            await people["chief"].taps("Skip")
        await people["chief"].taps("✅ Send the convocation")
        await town.passes(days=20)
        people["office"].has_seen("⏳ <b>No plenary has been called in this period.</b>")


async def test_where_the_document_knows_no_meeting_that_is_said(make_database: Any, key: str) -> None:
    async with conference_town(make_database("sqlite"), key, "neimenggu") as town:
        people = await seat(town, Seat("office", Role.OFFICE, "civil_affairs", "民政厅"))
        for command in ("/meetings", "/convene"):
            await people["office"].sends(command)
            people["office"].sees("The document of this conference provides for no meetings, so none are called here.")


async def test_a_guest_comes_by_a_link_that_works_once(county: dict[str, Speaker]) -> None:
    office, town = county["office"], county["office"].town
    await call(office)
    await office.taps("Invite a guest")
    await office.sends("县融媒体中心")
    await office.taps("✅ Make the link")
    token = "g-" + office.screen.partition("start=g-")[2][:22]
    guest, stranger = (Speaker(town.someone(name)) for name in ("guest", "stranger"))
    await guest.sends(f"/start {token}")
    guest.has_seen("📅 <b>{name}: invitation as a guest</b>", name="县融媒体中心")
    (made,) = await calendars(town, guest)
    assert (str(made["method"]), str(event(made)["location"])) == ("REQUEST", PLACE), "the calendar has it at once"
    await stranger.sends(f"/start {token}")
    stranger.sees("This link is not valid, or somebody else has opened it. Please ask the office for a new one.")
    await guest.taps("Attend")
    guest.has_seen("Your answer: <b>{answer}</b>", answer=guest.words("will attend"))
    assert office.words("Guests invited: {count}, coming: {coming}", count=1, coming=1) in tally(office)
    await guest.sends("/meetings")
    guest.sees("This is only for people on duty who hold the post for it. If you want to report something, just write it here.")


@pytest.mark.parametrize(
    ("slug", "sentence"),
    [
        ("gansu", "In this conference others are not invited as guests but added as members: /invite brings them in."),
        ("jieyang", "The document of this conference does not say how others take part, so no guest link is made here."),
    ],
)
async def test_where_guests_are_not_invited_it_is_said(make_database: Any, key: str, slug: str, sentence: str) -> None:
    async with conference_town(make_database("sqlite"), key, slug) as town:
        people = await seat(town, Seat("office", Role.OFFICE, units_of(town)[0], "办公室"))
        await call(people["office"])
        await people["office"].taps("Invite a guest")
        people["office"].sees(sentence)


async def test_the_list_shows_what_is_mine_to_answer(county: dict[str, Speaker]) -> None:
    await call(county["office"])
    education = county["education liaison"]
    await education.sends("/meetings")
    assert "待您回复" in education.screen
    await education.taps_written("2026-1")
    await education.taps("Attend")
    await education.sends("/meetings")
    assert "待您回复" not in education.screen


async def test_a_liaison_meeting_goes_to_liaisons_and_where_there_is_none_to_the_seat(county: dict[str, Speaker]) -> None:
    await call(county["office"], kind="Liaison meeting", name="by the office")
    assert SUBJECT in seen(county["education liaison"])
    assert SUBJECT not in seen(county["education member"])
    assert SUBJECT in seen(county["health member"])


async def test_others_know_nothing_of_it(county: dict[str, Speaker]) -> None:
    town = county["office"].town
    await call(county["office"])
    citizen = Speaker(town.someone("citizen"))
    for command in ("/meetings", "/convene", "/entrust"):
        await citizen.sends(command)
        citizen.sees("This is only for people on duty who hold the post for it. If you want to report something, just write it here.")
    assert SUBJECT not in seen(citizen)


async def test_nothing_of_what_was_said_stands_in_clear(county: dict[str, Speaker]) -> None:
    await call(county["office"])
    dump = await county["office"].town.look(lambda c: repr(c.execute(select(meetings)).all()) + repr(c.execute(select(outbox)).all()))
    assert SUBJECT not in dump
    assert PLACE not in dump
    assert MeetingKind.PLENARY in dump


async def test_a_body_that_attends_as_a_guest_is_invited_with_everybody_else(county: dict[str, Speaker]) -> None:
    """Whoever came for a body from outside answers as a guest; meetings of the liaisons are not theirs."""
    office = county["office"]
    guest = (await seat(office.town, Seat("tax office", Role.GUEST, OUTSIDERS, "县税务局")))["tax office"]
    await call(office, kind="Liaison meeting", name="by the office")
    assert "县税务局" not in seen(guest)
    await call(office)
    guest.has_seen("📅 <b>{name}: invitation as a guest</b>", name="县税务局")
    await guest.taps("Attend")
    guest.has_seen("Your answer: <b>{answer}</b>", answer=guest.words("will attend"))
    (row,) = await office.town.look(all_of(guests))
    assert row.answer is Answer.ATTEND


async def test_who_comes_for_a_guest_after_the_call_is_invited_at_once_and_the_next_one_has_its_answer(county: dict[str, Speaker]) -> None:
    office, town = county["office"], county["office"].town
    await call(office, kind="Liaison meeting", name="by the office")
    await call(office)
    post = Seat("tax office", Role.GUEST, OUTSIDERS, "县税务局")
    guest = (await seat(town, post))["tax office"]
    await town.settled()
    guest.has_seen("📅 <b>{name}: invitation as a guest</b>", name="县税务局")
    assert len(await calendars(town, guest)) == 1, "meetings of the liaisons are not theirs"
    shown = [text for text in office.history if office.words("Guests invited: {count}, coming: {coming}", count=1, coming=0) in text]
    assert len(shown) == 1
    await guest.taps("Attend")

    def leaves(uow: Unit) -> None:
        left = next(each for each in uow.people.open_posts("badong") if each.role is Role.GUEST)
        (tenure,) = uow.people.holders_of(left.id or 0, uow.at)
        finish_tenure(uow, left, tenure, "left", at=uow.at)

    await town.application.desk.act(leaves)
    await town.passes(minutes=1)
    following = (await seat(town, replace(post, name="successor")))["successor"]
    await town.settled()
    following.has_seen("Your answer: <b>{answer}</b>", answer=following.words("will attend"))
    (row,) = await town.look(all_of(guests))
    assert row.answer is Answer.ATTEND, "one body, one line of the tally"
    await town.passes(days=10)  # the last day to answer is over
    assert len(await town.look(all_of(guests))) == 1
    late = (await seat(town, Seat("museum", Role.GUEST, OUTSIDERS, "县博物馆", rank=2)))["museum"]
    await town.settled()
    assert SUBJECT not in seen(late)
