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
from storage.tables import attendances, audit, conversations, guests, meetings, outbox, turns
from storage.unit_of_work import Unit
from tests.engine import all_of
from tests.obligations import obligation
from tests.officials import (
    CHIEF,
    CONVENER,
    OFFICE,
    ON_BOTH,
    ON_EACH,
    PLACE,
    READ_ON,
    SUBJECT,
    Seat,
    convened,
    in_turn,
    liaison,
    member,
    moment_in,
    name_of,
    reads,
    seat,
    seen,
)
from tests.talking import CLIENTS, Speaker, audited
from tests.town import TOKEN, MakeDatabase, Town

CAST = (OFFICE, CHIEF, CONVENER, liaison("education"), member("education"), liaison("justice"), member("health"))


@pytest.fixture(params=READ_ON, ids="-".join)
async def county(request: pytest.FixtureRequest, make_database: MakeDatabase, key: str) -> Any:
    """Badong with an office and some units, who all read one language."""
    async with reads(make_database, key, request.param, "badong", *CAST) as people:
        yield people


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


def calendars(of: Speaker) -> list[Any]:
    """The invitations in this chat, read back by a library that has nothing to do with how they were made."""
    files = [message.media.file for message in of.someone.person.from_bot(TOKEN) if message.media is not None]
    return [Calendar.from_ical(file.content) for file in files if file.content is not None]


def event(calendar: Any) -> Any:
    return calendar.walk("VEVENT")[0]


@obligation("MTG-01", "MTG-12", profile="badong")
async def test_called_answered_and_counted(county: dict[str, Speaker]) -> None:
    office, education, justice = county["office"], county["education liaison"], county["justice liaison"]
    await convene(office)
    office.sees("<i>As it will be read:</i>", "📅 <b>{kind} {number}</b>: convocation", kind=office.words("Plenary"), number="–")
    office.sees("It goes to <b>{people}</b> people of {units} units.", people=6, units=len(units_of(office.town)))
    await office.taps_twice("✅ Send the convocation")
    number = "2026-1"
    education.has_seen("📅 <b>{kind} {number}</b>: convocation", kind=education.words("Plenary"), number=number)
    for words in (PLACE, SUBJECT):
        assert words in seen(education)
    county["health member"].has_seen("📅 <b>{kind} {number}</b>: convocation", kind=education.words("Plenary"), number=number)

    await education.taps("Attend")
    assert "✓" in " ".join(buttons_of(education, "Attend"))
    await justice.taps("Send somebody")
    justice.reads(f"{justice.words('Send a representative')} {number} · 1/2")
    await justice.sends("某某")
    await justice.sends("县司法局股长")
    await justice.taps("✅ Send")
    justice.sees("✅ Meeting <b>{number}</b>, {unit}: <b>{answer}</b>. It can be changed until the last day.",
                 number=number, unit=name_of(justice, "justice"), answer=justice.words("sends a representative"))  # fmt: skip
    await county["health member"].taps("Be excused")
    await county["health member"].sends("赴省里开会")
    await county["health member"].taps("✅ Send")

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


async def test_a_tally_opened_by_hand_says_of_when_it_is(county: dict[str, Speaker]) -> None:
    office, education = county["office"], county["education liaison"]
    await convened(office)
    await office.sends("/meetings")
    await office.taps_written("2026-1")
    _, _, so_far = office.words("As of {at}. The tally sent when the meeting was called keeps itself up to date.", at="@").partition("@")
    office.reads(so_far.strip())
    await education.taps("Attend")
    found = [m.text or "" for m in office.someone.person.from_bot(TOKEN) if office.words("Move it") in m.button_texts]
    kept, by_hand = found
    assert (so_far.strip() in kept, so_far.strip() in by_hand) == (False, True)
    assert (f"{office.words('Coming')} 1" in kept, f"{office.words('Coming')} 0" in by_hand) == (True, True)


async def test_an_answer_is_changed_and_the_colleague_sees_it(county: dict[str, Speaker]) -> None:
    office, education, boss = county["office"], county["education liaison"], county["education member"]
    await convened(office)
    await education.taps("Attend")
    assert "✓ " + boss.words("Attend") in buttons_of(boss, "Attend")
    await office.town.restart()
    await boss.taps("Be excused")
    await boss.sends("会期冲突")
    await boss.taps("✅ Send")
    rows = await office.town.look(all_of(attendances))
    assert [(str(row.answer), row.void_at is None) for row in rows] == [("attend", False), ("excused", True)], "the first is history"
    assert "✓ " + education.words("Be excused") in buttons_of(education, "Be excused")
    assert f"{office.words('Excused')} 1" in tally(office)


async def test_only_the_silent_are_reminded_before_the_day_and_then_the_seat(county: dict[str, Speaker]) -> None:
    office, town = county["office"], county["office"].town
    await convened(office, starts="2026-12-16T09:00+08:00")
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
    return sum(asked_of(of, unit) in text for text in of.history)


def asked_of(speaker: Speaker, unit: str) -> str:
    """What a reminder says of the unit, without the dates on both sides of it."""
    line = "· <b>{kind} {number}</b>, {at}: {unit} has not answered yet, please do so by {due}"
    said = speaker.words(line, kind="|", number="|", at="|", unit=name_of(speaker, unit), due="|")
    return next(part for part in said.split("|") if name_of(speaker, unit) in part)


async def test_a_moved_meeting_asks_again_and_no_reminder_names_the_old_date(county: dict[str, Speaker]) -> None:
    office, education, town = county["office"], county["education liaison"], county["office"].town
    await convened(office)
    await education.taps("Attend")
    old = education.remembers_written(education.words("Attend"))
    await office.taps("Move it")
    await office.sends("12月11日9:00")
    office.sees("🔁 <b>{kind} {number}: moved</b> from {before}. Earlier answers are void; please answer again.",
                kind=office.words("Plenary"), number="2026-1", before=moment_in(office, "2026-12-10T14:30+08:00"))  # fmt: skip
    await office.taps("✅ Move it and ask again")
    assert moment_in(education, "2026-12-11T09:00+08:00") in seen(education)
    assert f"{office.words('Coming')} 0" in tally(office)
    await education.taps_remembered(old)
    assert education.toast == education.words(
        "This button belongs to an earlier date: the meeting has been moved. Please answer the newest convocation."
    )
    before, justice = len(county["justice liaison"].history), county["justice liaison"]
    await town.passes(days=8)
    reminded = [line for text in justice.history[before:] for line in text.splitlines() if asked_of(justice, "justice") in line]
    assert reminded
    old_day, new_day = (moment_in(justice, f"2026-12-{day}+08:00") for day in ("10T14:30", "11T09:00"))
    assert all(new_day in line and old_day not in line for line in reminded)
    uids = calendars(education)
    assert [int(event(each)["sequence"]) for each in uids] == [0, 1]
    assert len({str(event(each)["uid"]) for each in uids}) == 1


async def test_a_cancelled_meeting_is_told_and_nobody_is_reminded(county: dict[str, Speaker]) -> None:
    office, justice, town = county["office"], county["justice liaison"], county["office"].town
    await convened(office)
    await cancels(office)
    assert "与省里会议冲突" in seen(justice)
    await town.passes(days=10)
    assert reminders(justice, "justice") == 0
    await justice.taps("Attend")
    assert justice.toast == justice.words("This meeting has been cancelled or held already.")
    last = calendars(justice)[-1]
    assert str(last["method"]) == "CANCEL"
    assert str(event(last)["status"]) == "CANCELLED"
    assert int(event(last)["sequence"]) == 1
    assert len(event(last)["attendee"]) == len(units_of(town)), "a cancellation names whom it takes the meeting from (RFC 5546, 3.2.5)"


async def test_after_the_last_day_nothing_is_taken(county: dict[str, Speaker]) -> None:
    office, education, town = county["office"], county["education liaison"], county["office"].town
    await convened(office, starts="2026-12-16T09:00+08:00")
    await town.passes(days=8)
    await education.taps("Attend")
    assert education.toast == education.words("The day until which this could be answered has passed. Please ring the office.")
    assert await town.look(all_of(attendances)) == []


async def test_a_meeting_is_held_only_after_it_began(county: dict[str, Speaker]) -> None:
    office, town = county["office"], county["office"].town
    await convened(office, starts="2026-11-27T09:00+08:00")
    await office.taps("It was held")
    assert office.toast == office.words("The meeting has not begun yet; it can be recorded as held afterwards.")
    await town.passes(days=2)
    await office.taps("It was held")
    office.has_seen("✅ Meeting <b>{number}</b> is recorded as held.", number="2026-1")
    assert [str(row.state) for row in await town.look(all_of(meetings))] == ["held"]


@ON_BOTH
async def test_the_invitation_is_one_that_calendars_read(county: dict[str, Speaker]) -> None:
    await convened(county["office"])
    (made,) = calendars(county["justice liaison"])
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


async def test_wrong_answers_in_the_form_are_said_and_nothing_is_lost(county: dict[str, Speaker]) -> None:
    office = county["office"]
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
    for words in (
        "⚠️ Nobody can answer for: {units}. Bring somebody in with /invite; who comes later is asked then.",
        "⚠️ No liaison, so it goes to the seat: {units}",
    ):
        office.reads(office.words(words, units="|").partition("|")[0])


@obligation("MTG-03", profile="badong")
async def test_an_extra_meeting_is_called_at_any_time_and_does_not_fill_the_window(county: dict[str, Speaker]) -> None:
    chief, town = county["chief"], county["office"].town
    await call(chief, kind="Extra meeting", starts="明天 15:00")
    county["education liaison"].has_seen("📅 <b>{kind} {number}</b>: convocation", kind=chief.words("Extra meeting"), number="2026-1")
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


@obligation("MTG-02", profile="gansu")
@obligation("MTG-02", profile="jieyang")
@obligation("MTG-02", profile="national")
@in_turn("gansu", "jieyang", "national")
async def test_the_year_is_watched_until_a_plenary_is_called(
    make_database: MakeDatabase, key: str, slug: str, how: tuple[str, str]
) -> None:
    chief = Seat("chief", Role.CHIEF_CONVENER, "civil_affairs", "总召集人")
    async with reads(make_database, key, how, slug, OFFICE, chief) as people:
        town = people["office"].town
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


@ON_EACH
async def test_where_the_document_knows_no_meeting_that_is_said(make_database: MakeDatabase, key: str, how: tuple[str, str]) -> None:
    async with reads(make_database, key, how, "neimenggu", OFFICE) as people:
        for command in ("/meetings", "/convene"):
            await people["office"].sends(command)
            people["office"].sees("The document of this conference provides for no meetings, so none are called here.")


async def test_a_guest_comes_by_a_link_that_works_once(county: dict[str, Speaker]) -> None:
    office, town = county["office"], county["office"].town
    await convene(office)
    await office.taps("Change: {title}", title=office.words("Papers"))
    await office.sends_file("document", name="草案.pdf", size=5000)
    await office.taps("Next")
    await office.taps("✅ Send the convocation")
    await office.taps("Invite a guest")
    await office.sends("县融媒体中心")
    await office.taps("✅ Make the link")
    token = "g-" + office.screen.partition("start=g-")[2][:22]
    guest, stranger = (Speaker(town.someone(name, CLIENTS[office.language]), office.language) for name in ("guest", "stranger"))
    await guest.sends(f"/start {token}")
    guest.has_seen("📅 <b>{name}: invitation as a guest</b>", name="县融媒体中心")
    await stranger.sends(f"/start {token}")
    stranger.sees("This link is not valid, or somebody else has opened it. Please ask the office for a new one.")
    await guest.taps("Papers ({count})", count=1)
    guest.has_seen("Meeting <b>{number}</b>, paper {part}/{parts}", number="2026-1", part=1, parts=1)
    await guest.taps("Attend")
    guest.has_seen("Your answer: <b>{answer}</b>", answer=guest.words("will attend"))
    assert office.words("Guests invited: {count}, coming: {coming}", count=1, coming=1) in tally(office)
    await guest.sends("/meetings")
    guest.sees("This is only for people on duty who hold the post for it. If you want to report something, just write it here.")
    await moves(office, "12月11日9:00")
    guest.has_seen("<b>This meeting has been moved; please answer again.</b>")
    assert office.words("Guests invited: {count}, coming: {coming}", count=1, coming=0) in tally(office)
    await cancels(office)
    made = calendars(guest)
    assert [(str(each["method"]), int(event(each)["sequence"])) for each in made] == [("REQUEST", 0), ("REQUEST", 1), ("CANCEL", 2)]
    assert len({str(event(each)["uid"]) for each in made}) == 1
    assert all(event(each)["attendee"] for each in made), "an invitation without attendees is none"


async def moves(office: Speaker, starts: str) -> None:
    await office.taps("Move it")
    await office.sends(starts)
    await office.taps("✅ Move it and ask again")


async def cancels(office: Speaker) -> None:
    await office.taps("Cancel it")
    await office.sends("与省里会议冲突")
    await office.taps("✅ Cancel the meeting")


@ON_EACH
@pytest.mark.parametrize(
    ("slug", "sentence"),
    [
        ("gansu", "In this conference others are not invited as guests but added as members: /invite brings them in."),
        ("jieyang", "The document of this conference does not say how others take part, so no guest link is made here."),
    ],
)
async def test_where_guests_are_not_invited_it_is_said(
    make_database: MakeDatabase, key: str, how: tuple[str, str], slug: str, sentence: str
) -> None:
    async with reads(make_database, key, how, slug, OFFICE) as people:
        office = people["office"]
        await office.sends("/convene")
        await office.taps("Plenary")
        office.sees("Nobody holds a seat or a liaison's post yet, so nobody would read it. Bring them in with /invite first.")
        await seat(office.town, member("education"), language=office.language)
        await office.taps("Cancel")
        await office.taps("Yes, give it up")
        await call(office)
        await office.taps("Invite a guest")
        office.sees(sentence)


async def test_the_list_shows_what_is_mine_to_answer(county: dict[str, Speaker]) -> None:
    await convened(county["office"])
    education = county["education liaison"]
    await education.sends("/meetings")
    education.sees(": <b>your answer is missing</b>")
    await education.taps_written("2026-1")
    await education.taps("Attend")
    await education.sends("/meetings")
    education.sees_not(": <b>your answer is missing</b>")


@ON_BOTH
async def test_a_liaison_meeting_goes_to_liaisons_and_where_there_is_none_to_the_seat(county: dict[str, Speaker]) -> None:
    await convened(county["office"], kind=MeetingKind.LIAISON, name="office")
    assert SUBJECT in seen(county["education liaison"])
    assert SUBJECT not in seen(county["education member"])
    assert SUBJECT in seen(county["health member"])


@ON_BOTH
async def test_whoever_takes_a_post_meanwhile_is_called_and_reminded_and_who_left_is_not(county: dict[str, Speaker]) -> None:
    office, education, town = county["office"], county["education liaison"], county["office"].town
    await convened(office, starts="2026-12-16T09:00+08:00")

    def leaves(act: Unit) -> None:
        post = act.people.post_of("badong", "education", Role.LIAISON, None, 1)
        assert post is not None
        (tenure,) = act.people.holders_of(post.id or 0, act.at)
        finish_tenure(act, post, tenure, "left", at=act.at)

    await town.application.desk.act(leaves)
    await county["education member"].taps("Attend")
    await town.passes(minutes=1)
    new = await seat(
        town,
        replace(liaison("education"), name="successor"),
        replace(OFFICE, name="clerk"),
        replace(liaison("justice"), name="deputy", rank=2),
        language=office.language,
    )
    await town.settled()
    successor, deputy = new["successor"], new["deputy"]
    for someone in (successor, deputy):
        someone.has_seen("📅 <b>{kind} {number}</b>: convocation", kind=someone.words("Plenary"), number="2026-1")
        assert len(calendars(someone)) == 1
    assert "✓ " + successor.words("Attend") in buttons_of(successor, "Attend"), "the unit has answered already"
    await deputy.taps("Attend")
    for someone in (office, new["clerk"]):
        assert f"{someone.words('Coming')} 2" in tally(someone)
    await moves(office, "12月17日9:00")
    assert len(calendars(education)) == 1, "whoever left hears no more of it"
    await town.passes(days=8)
    assert [reminders(who, "education") for who in (successor, education)] == [2, 0]


@ON_BOTH
async def test_one_person_answers_for_each_of_two_units(county: dict[str, Speaker]) -> None:
    """The chair of the meeting who sits for a second unit reads one convocation, and answers for each."""
    office, town = county["office"], county["office"].town
    both = (Seat("both", Role.CONVENER, "government_office", "副县长", rank=2), Seat("both", Role.MEMBER, "finance", "财政局席位"))
    chair = (await seat(town, *both, language=office.language))["both"]
    await convened(office)
    chair.has_seen("📅 <b>{kind} {number}</b>: convocation", kind=chair.words("Plenary"), number="2026-1")
    finance, seated = name_of(chair, "finance")[:16], name_of(chair, "government_office")[:16]
    await chair.taps_written(f"{finance}: {chair.words('Attend')}")
    await chair.taps_written(f"{seated}: {chair.words('Be excused')}")
    await chair.sends("会期冲突")
    await chair.taps("✅ Send")
    rows = await town.look(all_of(attendances))
    assert [(row.unit, str(row.answer), row.void_at) for row in rows] == [
        ("finance", "attend", None),
        ("government_office", "excused", None),
    ]


async def test_the_office_owes_the_record_and_waits_for_the_silent(county: dict[str, Speaker]) -> None:
    office, town = county["office"], county["office"].town
    await convened(office, starts="2026-11-27T09:00+08:00")
    await county["education liaison"].taps("Attend")
    await office.sends("/owe")
    office.sees("⌛ <b>Waiting for others ({count})</b>", count=1)
    silent = len(units_of(town)) - 1
    line = office.words("· <b>{kind} {number}</b>, {at}: {count} units have not answered, until {due}",
                        kind="|", number="|", at="|", count=silent, due="|")  # fmt: skip
    office.reads(next(part for part in line.split("|") if str(silent) in part))
    await town.passes(days=3)
    await office.sends("/meetings")
    office.sees("No meeting is coming up.")
    await office.sends("/owe")
    office.sees("🟠 <b>Today ({count})</b>", count=1)
    await office.taps("Meeting {number}", number="2026-1")
    await office.taps("It was held")
    await office.sends("/owe")
    office.sees_not("🟠 <b>Today ({count})</b>", count=1)


async def test_a_convocation_left_for_days_is_not_sent_for_a_day_that_has_passed(county: dict[str, Speaker]) -> None:
    office, town = county["office"], county["office"].town
    await convene(office, starts="11月27日14:30")
    await town.restart()
    await town.passes(days=4)
    await office.taps("✅ Send the convocation")
    office.has_seen("“{title}” lies in the past by now. Please give it anew; nothing has been sent.", title=office.words("Time"))
    assert await town.look(all_of(meetings)) == []
    await office.sends("12月10日14:30")
    await office.taps("✅ Send the convocation")
    assert [row.number for row in await town.look(all_of(meetings))] == ["2026-1"]
    assert SUBJECT in seen(county["education liaison"])


@ON_EACH
@pytest.mark.parametrize(
    ("slug", "sentence"),
    [
        pytest.param(
            "jieyang",
            "In this conference the chief convener may let somebody else preside, not call. Name who presides when the meeting is called.",
            marks=obligation("MTG-04", profile="jieyang"),
        ),
        pytest.param("neimenggu", "The document of this conference does not say that calling can be handed to somebody else."),
    ],
)
async def test_calling_is_entrusted_only_where_the_document_says_so(
    make_database: MakeDatabase, key: str, how: tuple[str, str], slug: str, sentence: str
) -> None:
    convener = Seat("chief", Role.CHIEF_CONVENER, "civil_affairs", "召集人")
    async with reads(make_database, key, how, slug, convener, member("education")) as people:
        chief = people["chief"]
        await chief.sends("/entrust")
        chief.sees(sentence)
        if slug == "jieyang":
            await chief.sends("/convene")
            await chief.taps("Plenary")
            chief.is_not_offered("by the convener, entrusted by the chief convener")
            await chief.taps("in the name of the chief convener")
            for said in ("12月10日14:30", PLACE, "", SUBJECT, "市政府副秘书长", "", ""):
                await (chief.sends(said) if said else chief.taps("Skip"))
            chief.sees("Chair: {text}", text="市政府副秘书长")


@ON_BOTH
async def test_others_know_nothing_of_it(county: dict[str, Speaker]) -> None:
    town = county["office"].town
    await convened(county["office"])
    citizen = Speaker(town.someone("citizen"))
    for command in ("/meetings", "/convene", "/entrust"):
        await citizen.sends(command)
        citizen.sees("This is only for people on duty who hold the post for it. If you want to report something, just write it here.")
    assert SUBJECT not in seen(citizen)


@ON_BOTH
async def test_nothing_of_what_was_said_stands_in_clear(county: dict[str, Speaker]) -> None:
    await convened(county["office"])
    await county["justice liaison"].taps("Send somebody")
    for said in ("王某某", "县司法局股长"):
        await county["justice liaison"].sends(said)
    kept = (meetings, outbox, attendances, conversations, audit, turns)
    before = await county["office"].town.look(lambda c: repr([c.execute(select(table)).all() for table in kept]))
    await county["justice liaison"].taps("✅ Send")
    after = await county["office"].town.look(lambda c: repr([c.execute(select(table)).all() for table in kept]))
    for dump in (before, after):
        for words in (SUBJECT, PLACE, "王某某", "县司法局股长"):
            assert words not in dump
    assert Answer.SUBSTITUTE in after


@ON_BOTH
async def test_a_body_that_attends_as_a_guest_is_invited_with_everybody_else(county: dict[str, Speaker]) -> None:
    """Whoever came for a body from outside answers as a guest; meetings of the liaisons are not theirs."""
    office = county["office"]
    guest = (await seat(office.town, Seat("tax office", Role.GUEST, OUTSIDERS, "县税务局")))["tax office"]
    await convened(office, kind=MeetingKind.LIAISON, name="office")
    assert "县税务局" not in seen(guest)
    await convened(office)
    guest.has_seen("📅 <b>{name}: invitation as a guest</b>", name="县税务局")
    await guest.taps("Attend")
    guest.has_seen("Your answer: <b>{answer}</b>", answer=guest.words("will attend"))
    (row,) = await office.town.look(all_of(guests))
    assert row.answer is Answer.ATTEND


@ON_BOTH
async def test_who_comes_for_a_guest_after_the_call_is_invited_at_once_and_the_next_one_has_its_answer(county: dict[str, Speaker]) -> None:
    office, town = county["office"], county["office"].town
    await convened(office, kind=MeetingKind.LIAISON, name="office")
    await convened(office)
    post = Seat("tax office", Role.GUEST, OUTSIDERS, "县税务局")
    guest = (await seat(town, post))["tax office"]
    await town.settled()
    guest.has_seen("📅 <b>{name}: invitation as a guest</b>", name="县税务局")
    assert len(calendars(guest)) == 1, "meetings of the liaisons are not theirs"
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
