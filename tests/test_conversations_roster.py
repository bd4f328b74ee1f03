"""The roster in chat: units, their posts, who sees names, what is missing."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from conference.model.people import Reach, Role
from conference.model.told import RosterFile, RosterWithheld, Told
from conference.services.roster_exports import with_roster
from conference.services.roster_files import read_csv
from handlers.telegram.texts.everybody import REASONS
from storage.sealed import Purpose
from storage.tables import accounts, outbox, persons, posts
from storage.unit_of_work import Unit
from tests.conferences import NORTH, badong_and_north, holds
from tests.engine import account_of, all_of, reach_becomes
from tests.talking import CLIENTS, Speaker, as_seen_by, audited, holds_for_all
from tests.town import Someone, Town

BUREAU, POLICE = "县民政局", "县公安局"
ENGLISH = {BUREAU: "County Civil Affairs Bureau", POLICE: "County Public Security Bureau"}


def called(unit: str, language: str) -> str:
    return ENGLISH[unit] if language == "en" else unit


async def opens(speaker: Speaker, unit: str) -> None:
    """Leaf through the roster to the unit, and open it."""
    while unit not in speaker.buttons:
        await speaker.taps("Next page ▶")
    await speaker.taps_written(unit)


async def is_named(town: Town, someone: Someone, name: str) -> None:
    """The person behind the account gets a name, as joining does it."""
    account = await account_of(town, someone)

    def write(transaction: Any) -> None:
        (row,) = all_of(accounts, id=account)(transaction.connection)
        sealed = transaction.sealer.seal(Purpose.IDENTITY, "persons.name_sealed", row.person_id, name.encode())
        transaction.connection.execute(update(persons).where(persons.c.id == row.person_id).values(name_sealed=sealed))

    await town.application.desk.write(write)


async def is_vacant(town: Town, title: str, unit: str = "civil_affairs", role: Role = Role.MEMBER) -> None:
    def write(transaction: Any) -> None:
        row = {"conference": "badong", "unit": unit, "role": role, "title": title, "rank": 1, "vacant_since": town.clock.now()}
        transaction.connection.execute(posts.insert().values(**row))

    await town.application.desk.write(write)


@pytest.mark.parametrize("language", CLIENTS)
async def test_from_the_units_to_a_units_posts_and_what_is_missing(town: Town, language: str) -> None:
    clerk = Speaker(await town.appoint("clerk", Role.OFFICE, "civil_affairs", "联席办干事", language=CLIENTS[language]), language)
    await is_named(town, town.desk, "测试甲")
    await is_vacant(town, "县民政局席位")
    await reach_becomes(town, town.people["second desk"], Reach.BLOCKED)
    await clerk.sends("/roster")
    clerk.sees("· {unit}: posts {posts}, vacant {vacant}", unit=called(BUREAU, language), posts=7, vacant=5)
    await opens(clerk, called(POLICE, language))
    clerk.reads("县公安局值班台", "测试甲", "县公安局指挥中心", "⚠️")
    assert [row.subject for row in await audited(town, "roster.names_shown")] == ["unit:public_security"]
    await clerk.taps("All units")
    await clerk.taps("Gaps in the roster")
    clerk.sees("· <b>{unit}</b>, {post}: vacant", unit=called(BUREAU, language), post="县民政局席位")
    for _ in range(20):
        if clerk.words("Next page ▶") not in clerk.buttons or "县公安局指挥中心" in clerk.screen:
            break
        await clerk.taps("Next page ▶")
    clerk.sees("· <b>{unit}</b>, {post}: cannot be reached here", unit=called(POLICE, language), post="县公安局指挥中心")
    await holds_for_all(town)


async def test_names_are_for_the_office_and_for_ones_own_unit(town: Town) -> None:
    await is_named(town, town.desk, "测试甲")
    own = Speaker(await town.appoint("own", Role.LIAISON, "public_security", "县公安局联络员"))
    other = Speaker(await town.appoint("other", Role.LIAISON, "court", "县人民法院联络员"))
    for speaker, sees in ((own, True), (other, False), (as_seen_by("colleague", town), False), (as_seen_by("office", town), True)):
        await speaker.sends("/roster")
        await opens(speaker, POLICE)
        speaker.reads("县公安局值班台")
        assert ("测试甲" in speaker.screen) == sees, speaker.someone.person.name
    assert len(await audited(town, "roster.names_shown")) == 2
    await holds_for_all(town)


async def test_the_roster_is_for_officials_and_its_gaps_for_those_who_run_the_conference(town: Town) -> None:
    citizen, operator, desk = (as_seen_by(name, town) for name in ("citizen", "operator", "desk"))
    for speaker, command in ((citizen, "/roster"), (citizen, "/gaps"), (operator, "/roster"), (desk, "/gaps")):
        await speaker.sends(command)
        speaker.sees(REASONS["not_allowed"])
    await desk.sends("/roster")
    desk.is_not_offered("Gaps in the roster")


async def test_of_another_conference_nothing_is_seen(database_url: str, key: str) -> None:
    async with badong_and_north(database_url, key) as town:
        clerk = as_seen_by("clerk", town)
        await clerk.sends("/start")
        await holds(town, clerk.someone, "badong", Role.OFFICE, "civil_affairs", "巴东县联席办")
        await holds(town, clerk.someone, NORTH, Role.LIAISON, "court", "北县人民法院联络员")
        await clerk.sends("/roster")
        here = clerk.remembers_written(BUREAU)
        clerk.someone.sees_not("北县")
        await clerk.taps("Main menu")
        await clerk.sends(f"/start c-{NORTH}")
        await clerk.taps_remembered(here)  # a post of the conference left behind
        clerk.sees(REASONS["not_found"])


async def test_a_unit_with_many_posts_is_paged(town: Town) -> None:
    office = as_seen_by("office", town)
    for number in range(30):
        await is_vacant(town, f"第{number}村联系人", unit="court", role=Role.REPORTER)
    await office.sends("/roster")
    await opens(office, "县人民法院")
    office.reads("第0村联系人", "（1/3）")
    await office.taps("Next page ▶")
    await office.taps("Next page ▶")
    office.reads("第29村联系人", "（3/3）")
    await office.taps("◀ Previous page")
    office.reads("（2/3）")
    await holds_for_all(town)


# -- taking it out


@pytest.mark.parametrize("language", CLIENTS)
async def test_the_roster_goes_out_once_and_only_after_a_second_person_has_said_yes(town: Town, language: str) -> None:
    second = Speaker(
        await town.appoint("second", Role.OFFICE_DIRECTOR, "civil_affairs", "办公室主任", language=CLIENTS[language]), language
    )
    first = Speaker(await town.appoint("first", Role.OFFICE, "civil_affairs", "联席办干事", language=CLIENTS[language]), language)
    await is_named(town, town.desk, "=测试甲")
    await first.sends("/start")
    await first.taps("Export the roster")
    first.sees(
        "It takes a second person of the office. Write /export and the reason in {least} to {most} characters; they read it and decide.",
        least=10,
        most=500,
    )
    await first.sends("/export 上报")
    first.sees("⚠️ A few words more, please: at least {figure} characters, so that whoever decides can judge.", figure=10)
    await first.sends("/export 按要求报送上级联席会议办公室备案")
    second.reads("按要求报送上级联席会议办公室备案")
    await second.taps("Approve")
    button = first.remembers("Send me the file")
    await first.taps_remembered(button)
    (entry,) = [entry for entry in first.entries() if entry.method == "sendDocument"]
    assert first.someone.last is not None
    assert first.someone.last.media is not None
    assert entry.message_id == first.someone.last.id
    content = first.someone.last.media.file.read()
    assert content is not None
    rows, problems = read_csv(content)
    assert problems == []
    assert ["=测试甲" in row.name for row in rows].count(True) == 1
    assert b"\"'=" in content
    await first.taps_remembered(button)  # once
    assert len([entry for entry in first.entries() if entry.method == "sendDocument"]) == 1
    assert first.toast == first.words(REASONS["export_over"])
    assert len(await audited(town, "roster.exported")) == 1
    rows_of = await town.look(all_of(outbox, record="RosterFile"))
    assert len(rows_of) == 1
    await holds_for_all(town)


async def test_who_left_the_office_before_the_file_went_gets_none(town: Town) -> None:
    office = await account_of(town, town.office)
    desk = await account_of(town, town.desk)

    def verb(act: Unit) -> list[Told]:
        record = RosterFile("badong", act.at.isoformat())
        return [with_roster(act, account, record, at=act.at) for account in (office, desk)]

    sent, withheld = await town.application.desk.act(verb)
    assert isinstance(sent, RosterFile)
    assert "值班台" in sent.content
    assert withheld == RosterWithheld()


async def test_alone_in_the_office_nobody_takes_the_roster_out(town: Town) -> None:
    office, desk = as_seen_by("office", town), as_seen_by("desk", town)
    await office.sends("/export 按要求报送上级联席会议办公室备案")
    office.sees(REASONS["nobody_else"])
    await desk.sends("/export 按要求报送上级联席会议办公室备案")
    desk.sees(REASONS["not_allowed"])
