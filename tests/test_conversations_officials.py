"""Those who respond: the duty desk is alerted, accepts and reads; the office sees and cannot hold; nobody else comes near."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select, text, update

from conference.model.errors import NotPossibleNow
from conference.model.people import Actor, Role
from conference.model.reports import Report
from conference.services import reports as services
from handlers.telegram.texts.everybody import REASONS
from storage.people import Sender, recognise
from storage.tables import accounts, report_history, reports, tenures
from storage.unit_of_work import Transaction, Unit
from tests.engine import account_of, all_of, files_a_report, second_process
from tests.talking import (
    ALONE,
    CLIENTS,
    Kept,
    Speaker,
    as_seen_by,
    audited,
    begins,
    draft_of,
    files,
    holds_for_all,
    kept_reports,
    only_report,
)
from tests.town import DOOR, TOKEN, Town, open_town

NEW = "🔴 <b>New report {number}</b>, sent {at}. Please accept it."
TAKEN = "✅ Report <b>{number}</b>: accepted by {post}, {at}."
RECORD = (
    "For the record: report <b>{number}</b>, sent {at}. Public security's duty desk "
    "received it at the same moment; nothing is asked of the office."
)
DESK, SECOND = "县公安局值班台", "县公安局指挥中心"
STALE = "This button no longer works. Send /start to go on."
TOLD = "隔壁李小明被他父亲用皮带打伤了"


@pytest.fixture
async def full_town(badong_url: str, key: str) -> AsyncIterator[Town]:
    """A desk that shows the facts of a report in its alerts."""
    async with open_town(badong_url, key, disclosure="full") as running:
        await running.cast()
        yield running
        await holds_for_all(running)


async def tells_all(reporter: Speaker) -> Kept:
    """A report with everything in it."""
    await begins(reporter, "place", danger="Yes, in danger now")
    await reporter.sends("溪丘湾乡石板村李家老屋")
    await reporter.sends_location(31.0423, 110.3404)
    await reporter.taps("Happening right now")
    await reporter.sends(TOLD)
    await reporter.taps("Next")
    await reporter.sends_album(2)
    await reporter.sends_file("voice")
    await reporter.taps("Next")
    await reporter.taps("School or kindergarten staff")
    await reporter.sends("溪丘湾乡中心小学")
    await reporter.sends("13900001234")
    await reporter.taps("✅ Send")
    return (await kept_reports(reporter.town))[-1]


def alerts(speaker: Speaker, number: str) -> list[str]:
    return [text for text in speaker.history if text.startswith("🔴") and number in text]


# -- the alert


async def test_the_desk_is_alerted_with_number_and_prompt_only(town: Town, citizen: Speaker) -> None:
    same_language = await town.appoint("their reader", Role.DUTY_DESK, "public_security", DESK, language=CLIENTS[citizen.language])
    kept = await tells_all(citizen)
    for desk in (as_seen_by("desk", town), as_seen_by("colleague", town), Speaker(same_language, citizen.language)):
        (alert,) = alerts(desk, kept.number)
        assert alert.startswith(desk.words(NEW, number=kept.number, at="|").partition("|")[0])
        assert desk.buttons == [desk.words("Accept"), desk.words("Open the report")]
        for fact in ("孩子", "A child", "溪丘湾", "李", "危险", "danger", "小学", "139"):
            assert fact not in alert
        last = desk.someone.last
        assert last is not None
        assert last.protected
    for name in ("second desk", "operator"):
        assert not any(kept.number in text for text in as_seen_by(name, town).history)


async def test_under_full_disclosure_the_alert_says_what_where_and_danger_but_no_words(full_town: Town) -> None:
    reporter, desk = as_seen_by("citizen", full_town), as_seen_by("desk", full_town)
    kept = await tells_all(reporter)
    (alert,) = alerts(desk, kept.number)
    assert desk.words("Situation: {text}", text=desk.words(ALONE)) in alert
    assert desk.words("Township: {text}", text="溪丘湾乡") in alert
    assert desk.words("<b>Danger now, says the reporter.</b>") in alert
    for fact in ("石板村", "李", "小学", "139", "31.04"):
        assert fact not in alert
    assert "溪丘湾" not in "".join(as_seen_by("office", full_town).history)


# -- details


async def test_the_desk_opens_the_report_and_gets_all_but_the_reporter(citizen: Speaker) -> None:
    town = citizen.town
    kept = await tells_all(citizen)
    opener = await town.appoint("their reader", Role.DUTY_DESK, "public_security", DESK, language=CLIENTS[citizen.language])
    desk = Speaker(opener, citizen.language)
    await desk.sends("/reports")
    before = len(desk.history)
    await desk.taps_written(kept.number)
    shown = desk.someone.person.from_bot(TOKEN)[before:]
    text = "\n".join(message.text or "" for message in shown)
    assert desk.words("<b>Report {number}</b>", number=kept.number) in text
    for fact in (TOLD, "溪丘湾乡石板村李家老屋", desk.words("A child"), desk.words("Happening right now"),
                 desk.words("School or kindergarten staff"), desk.words(ALONE)):  # fmt: skip
        assert fact in text
    assert [m.media.kind for m in shown if m.media] == ["photo", "photo", "voice"]
    assert [m.other["location"] for m in shown if "location" in m.other] == [{"latitude": 31.0423, "longitude": 110.3404}]
    assert all(message.protected for message in shown)
    assert "13900001234" not in text
    assert "溪丘湾乡中心小学" not in text


async def test_every_reading_is_written_down_with_who_and_what(reader: Speaker) -> None:
    town = reader.town
    kept = await tells_all(reader)
    desk = as_seen_by("desk", town)
    for _ in range(2):
        await desk.taps("Open the report")
    found = await audited(town, "report.read")
    assert [row.subject for row in found] == [f"report:{kept.id}"] * 2
    assert all(row.person_id is not None and row.post_id is not None for row in found)
    await as_seen_by("office", town).taps("Latest reports")
    assert len(await audited(town, "report.read")) == 2


async def test_the_longest_report_can_be_read_in_parts_that_fit(reader: Speaker) -> None:
    await begins(reader, "words")
    for letter in "甲乙":
        await reader.sends(f"{letter}<&>" * 1000)
    await reader.sends("😀" * 1900)
    await reader.taps("✅ Send now")
    desk = as_seen_by("desk", reader.town)
    await desk.taps("Open the report")
    shown = "".join(text.partition("\n")[2] for text in desk.history[-8:])
    assert all(shown.count(letter) == 1000 for letter in "甲乙")
    assert shown.count("😀") == 1900


# -- accepting


async def test_accepting_stamps_who_and_when_and_tells_reporter_and_colleagues(citizen: Speaker) -> None:
    town = citizen.town
    kept = await files(citizen)
    desk, colleague = as_seen_by("desk", town), as_seen_by("colleague", town)
    alert = colleague.someone.last
    assert alert is not None
    await town.passes(minutes=3)
    await desk.taps("Accept")
    for each in (desk, colleague):
        assert each.screen.startswith(each.words(TAKEN, number=kept.number, post=DESK, at="|").partition("|")[0])
        assert "09:03" in each.screen
        assert each.buttons == [each.words("Open the report")]
        assert alerts(each, kept.number) == []  # the alert itself was changed, nothing was added to the chat
    assert colleague.someone.last is alert
    row = (await town.look(lambda c: c.execute(select(reports)).all()))[0]
    assert (row.state, row.accepted_at, row.accepted_post is not None) == ("accepted", town.clock.now(), True)
    assert kept.number in citizen.screen
    assert "09:03" in citizen.screen


async def test_who_accepts_second_is_told_who_was_first_and_changes_nothing(town: Town, reader: Speaker) -> None:
    kept = await files(reader)
    desk, colleague = as_seen_by("desk", town), as_seen_by("colleague", town)
    late = colleague.remembers("Accept")
    await desk.taps("Accept")
    first = (await town.look(lambda c: c.execute(select(reports)).all()))[0]
    await town.passes(minutes=1)
    before = len(reader.history)
    await colleague.taps_remembered(late)
    assert colleague.toast == colleague.words(REASONS["already_accepted"])
    assert colleague.screen.startswith(colleague.words(TAKEN, number=kept.number, post=DESK, at="|").partition("|")[0])
    assert (await town.look(lambda c: c.execute(select(reports)).all()))[0] == first
    assert len(reader.history) == before
    assert len(await audited(town, "report.accepted")) == 1


async def test_two_who_accept_at_once_are_one_acceptance(town: Town, reader: Speaker) -> None:
    kept = await files(reader)
    desk, colleague = as_seen_by("desk", town), as_seen_by("colleague", town)
    for each in (desk, colleague):
        each.someone.person.press(each.words("Accept"), bot=TOKEN)
    await town.settled()
    assert len(await audited(town, "report.accepted")) == 1
    assert sum(kept.number in text and "受理" in text and text.startswith("您的报告") for text in reader.history) == 2  # sent, accepted


async def test_accepting_from_the_opened_report_keeps_it_open(town: Town, reader: Speaker) -> None:
    kept = await tells_all(reader)
    desk = as_seen_by("desk", town)
    await desk.taps("Open the report")
    sheet = next(
        m for m in reversed(desk.someone.person.from_bot(TOKEN)) if desk.words("Accept") in m.button_texts and TOLD not in (m.text or "")
    )
    await desk.taps("Accept", message_id=sheet.id)
    assert (await only_report(town)).state == "accepted"
    assert kept.number in (sheet.text or "")
    assert any(TOLD in text for text in desk.history)
    colleague = as_seen_by("colleague", town)
    assert alerts(colleague, kept.number) == []


async def test_nobody_accepts_in_time_so_the_ladder_climbs_and_stops_with_the_acceptance(town: Town, reader: Speaker) -> None:
    kept = await files(reader)
    desk, second, office = as_seen_by("desk", town), as_seen_by("second desk", town), as_seen_by("office", town)
    assert len(alerts(desk, kept.number)) == 1
    await town.passes(minutes=10)
    assert len(alerts(desk, kept.number)) == 2
    assert alerts(second, kept.number) == []
    await town.passes(minutes=10)
    assert len(alerts(second, kept.number)) == 1
    await town.passes(minutes=9)
    assert alerts(office, kept.number) == []
    await town.passes(minutes=1)
    assert len(alerts(office, kept.number)) == 1
    office.sees("Target set by the operator: {minutes} minutes (a target, not a rule of law).", minutes=10)
    await second.taps("Accept")
    for each in (desk, second):
        assert alerts(each, kept.number) == [], "an alert still asks for what is done"
        assert any(text.startswith(each.words(TAKEN, number=kept.number, post=SECOND, at="|").partition("|")[0]) for text in each.history)

    def said() -> dict[str, int]:
        """All but that the plenary's window ends: it has nothing to do with any report."""
        window = office.words("⏳ <b>No plenary has been called in this period.</b>")
        return {name: sum(window not in text for text in one.history) for name, one in town.people.items()}

    before = said()
    await town.passes(days=2)
    assert said() == before


async def test_an_early_acceptance_rings_nobody_else(town: Town, reader: Speaker) -> None:
    kept = await files(reader)
    await as_seen_by("desk", town).taps("Accept")
    await town.passes(hours=3)
    assert not any(kept.number in text for text in as_seen_by("second desk", town).history)
    assert alerts(as_seen_by("office", town), kept.number) == []


async def test_two_desks_in_two_processes_accept_it_once(make_database: Any, key: str) -> None:
    """The second waits for the first, and is told so; what the reporter is told names one moment."""
    async with open_town(make_database("postgresql", "badong"), key) as town:
        await town.cast()
        await files_a_report(town.citizen)
        report = int((await town.look(all_of(reports)))[0].id)
        taken = threading.Event()

        def first(uow: Unit) -> Report:
            accepted = services.accept_report(uow, acting(uow, town, "desk"), report, at=uow.at)
            uow.session.flush()
            taken.set()
            until = time.monotonic() + 10
            while not uow.connection.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar():
                assert time.monotonic() < until, "the other never came"
            return accepted

        def second(uow: Unit) -> Report:
            assert taken.wait(10)
            return services.accept_report(uow, acting(uow, town, "second desk"), report, at=uow.at)

        async with second_process(town) as other:
            ended = await asyncio.gather(town.application.desk.act(first), other.desk.act(second), return_exceptions=True)
        assert [type(one) for one in ended] == [Report, NotPossibleNow]
        assert [row.after for row in await town.look(all_of(report_history))] == ["submitted", "accepted"]


def acting(uow: Unit, town: Town, name: str) -> Actor:
    number = town.people[name].person.id
    return recognise(uow.connection, uow.sealer, DOOR, [Sender(number, "zh_Hans")], uow.at)[number]


# -- the office


async def test_the_office_sees_the_number_at_once_and_cannot_hold_or_open_it(town: Town, reader: Speaker) -> None:
    kept = await tells_all(reader)
    office, desk = as_seen_by("office", town), as_seen_by("desk", town)
    assert office.screen.startswith(office.words(RECORD, number=kept.number, at="|").partition("|")[0])
    assert office.buttons == [office.words("Latest reports")]
    notice = office.screen
    await office.taps("Latest reports")
    office.reads(kept.number)
    assert office.buttons == []
    assert notice in office.history  # the notice itself stays
    for fact in ("溪丘湾", "李", "孩子", "小学", "139"):
        assert fact not in "".join(text for text in office.history if kept.number in text)
    for label in ("Accept", "Open the report"):
        data, message_id = desk.remembers(label)
        assert message_id
        await office.someone.forges(data)
        assert office.toast == office.words(STALE)
    assert (await only_report(town)).state == "submitted"
    assert await audited(town, "report.read") == []


async def test_only_those_on_duty_get_the_list(town: Town, citizen: Speaker) -> None:
    await files(citizen)
    await citizen.sends("/reports")
    citizen.sees(REASONS["not_allowed"])
    assert "2026-00001" not in citizen.screen
    operator = as_seen_by("operator", town)
    await operator.sends("/reports")
    operator.sees(REASONS["not_allowed"])


async def test_the_list_opens_only_what_the_reader_may_read(town: Town, citizen: Speaker) -> None:
    kept = await files(citizen)
    await town.appoint("foreign desk", Role.DUTY_DESK, "justice", "县司法局值班台")
    foreign, desk = as_seen_by("foreign desk", town), as_seen_by("desk", town)
    for one, opened in ((foreign, []), (desk, [kept.number])):
        await one.sends("/reports")
        one.reads(kept.number)
        assert one.buttons == opened


# -- buttons in the wrong hands


@pytest.mark.parametrize("who", ["citizen", "office", "operator", "stranger"])
@pytest.mark.parametrize("label", ["Accept", "Open the report"])
async def test_the_desks_button_is_refused_in_any_other_hand(town: Town, reader: Speaker, who: str, label: str) -> None:
    kept = await tells_all(reader)
    data, _ = as_seen_by("desk", town).remembers(label)
    thief = as_seen_by(who, town)
    if who == "stranger":
        await thief.sends("/start")
    before = thief.history
    await thief.someone.forges(data)
    assert thief.toast == thief.words(STALE)
    assert thief.someone.answers[-1].answer == {"text": thief.words(STALE), "alert": True}
    assert thief.history == before
    assert (await only_report(town)).state == "submitted"
    assert await audited(town, "report.read") == []
    assert kept.words() == [TOLD]


@pytest.mark.parametrize("data", ["ac:1:0~AAAAAAAAAAA", "ac:1:0", "rd:1~", "~", "::::~x", "", "ac:1:0~é", "x" * 64])
async def test_a_made_up_button_is_refused(town: Town, reader: Speaker, data: str) -> None:
    await files(reader)
    desk = as_seen_by("desk", town)
    await desk.someone.forges(data)
    assert desk.toast == desk.words(STALE)
    assert (await only_report(town)).state == "submitted"


async def test_a_button_altered_to_another_report_is_refused(town: Town, reader: Speaker) -> None:
    await files(reader)
    desk = as_seen_by("desk", town)
    data, _ = desk.remembers("Accept")
    second = await files(reader)
    await desk.someone.forges(data.replace("ac:1:", f"ac:{second.id}:"))
    assert desk.toast == desk.words(STALE)
    assert {each.state for each in await kept_reports(town)} == {"submitted"}


async def test_who_has_left_the_post_is_refused_with_buttons_from_before(town: Town, reader: Speaker) -> None:
    kept = await tells_all(reader)
    former = as_seen_by("colleague", town)
    account = await account_of(town, former.someone)
    accept, opened = former.remembers("Accept"), former.remembers("Open the report")

    def ends(transaction: Transaction) -> None:

        person = select(accounts.c.person_id).where(accounts.c.id == account).scalar_subquery()
        transaction.connection.execute(update(tenures).where(tenures.c.person_id == person).values(ends_at=town.clock.now()))

    await town.passes(minutes=1)
    await town.application.desk.write(ends)
    for button in (accept, opened):
        await former.taps_remembered(button)
        former.sees(REASONS["not_allowed"])
    await former.sends("/reports")
    former.sees(REASONS["not_allowed"])
    await former.sends("/whoami")
    former.sees("No post is registered for this account. You can report here like everybody.")
    assert (await only_report(town)).state == "submitted"
    assert await audited(town, "report.read") == []
    await town.passes(minutes=20)
    assert len(alerts(former, kept.number)) == 1  # the first one; what rings now rings elsewhere
    assert len(alerts(as_seen_by("desk", town), kept.number)) == 2


# -- officials are people too


async def test_an_officials_words_are_asked_about_before_they_become_a_report(citizen: Speaker) -> None:
    town = citizen.town
    someone = await town.appoint(
        "township", Role.TOWNSHIP, "civil_affairs", "信陵镇", place="422823100", language=CLIENTS[citizen.language]
    )
    official = Speaker(someone, citizen.language)
    await official.sends("今天去看了王家的孩子")
    official.sees("Is this the beginning of a report? Until you say so, nothing is sent to anybody.")
    assert official.words("Add it to report {number}", number="") not in "".join(official.buttons)
    await official.taps("Neither, erase it")
    assert await draft_of(official) == {}
    await official.sends("有个老人没人管")
    await official.taps("It is a new report")
    official.is_asked("subject", "begun")
    assert (await draft_of(official))["answers"]["words"] == ["有个老人没人管"]


async def test_officials_see_their_posts_and_citizens_that_they_hold_none(town: Town, citizen: Speaker) -> None:
    await citizen.sends("/whoami")
    citizen.sees("No post is registered for this account. You can report here like everybody.")
    desk = as_seen_by("desk", town)
    await desk.sends("/whoami")
    desk.sees("You hold these posts now:")
    desk.reads(DESK)
    await desk.sends("/help")
    desk.reads("/reports")
    await citizen.sends("/help")
    assert "/reports" not in citizen.screen


async def test_a_desk_without_reports_is_told_so(town: Town) -> None:
    desk = as_seen_by("desk", town)
    await desk.sends("/reports")
    desk.sees("No report has been sent yet.")
    await holds_for_all(town)


async def test_a_report_of_a_desk_officer_rings_at_the_desk_as_any_other(town: Town) -> None:
    desk = as_seen_by("desk", town)
    kept = await files(desk)
    assert len(alerts(desk, kept.number)) == len(alerts(as_seen_by("colleague", town), kept.number)) == 1
    await holds_for_all(town)


async def test_without_any_desk_the_report_is_filed_and_the_office_hears_in_time(badong_url: str, key: str) -> None:
    async with open_town(badong_url, key) as town:
        await town.appoint("office", Role.OFFICE, "civil_affairs", "联席会议办公室")
        reporter = as_seen_by("citizen", town)
        kept = await files(reporter)
        await town.passes(minutes=30)
        assert len(alerts(as_seen_by("office", town), kept.number)) == 1
        await holds_for_all(town)
