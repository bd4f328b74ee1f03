"""Hats and conferences: the menu by role, one post in front, one conference at a time, and the commands that go with them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import event, select, update

from conference.model.people import Actor, Role
from conference.model.told import Told
from handlers import menus
from handlers.records.everybody import StartScreen
from handlers.telegram.texts import commands, render
from handlers.telegram.texts.everybody import REASONS
from handlers.telegram.texts.officials import LACKING
from storage.people import Sender, recognise
from storage.tables import accounts, notices, outbox, reports, tenures
from tests.conferences import BADONG, NORTH, NORTH_ZH, badong_and_north, holds
from tests.engine import account_of, all_of, eventually
from tests.talking import CLIENTS, Speaker, as_seen_by, audited, begins, files, holds_for_all
from tests.test_conversations_notices import TITLE, write
from tests.town import TOKEN, Someone, Town

BADONG_ZH = "巴东县农村“三留守”人员和残疾人关爱保护工作联席会议"
OF_THE_OFFICE = [
    "start",
    "reports",
    "duty",
    "owe",
    "duties",
    "meetings",
    "convene",
    "notices",
    "notify",
    "assignments",
    "assign",
    "trace",
    "roster",
    "gaps",
    "export",
    "invite",
    "invitations",
    "outsiders",
    "handover",
    "whoami",
    "my",
    "reclaim",
    "cancel",
    "language",
    "help",
]
MENU = "What you can do now:"
REPORT = "Report a child or somebody else"
# What the menu of somebody's role offers, and the screen that it opens; then what stands in everybody's who holds a post.
OPENS = {
    "Latest reports": "ReportsListed",
    "Who is on duty": "DutyShown",
    "Roster": "RosterShown",
    "Gaps in the roster": "GapsShown",
    "Export the roster": "ExportAsked",
    "Invite somebody": "InviteUnits",
    "Invitations that wait": "InvitationsListed",
    "Units from outside": "OutsidersShown",
    "What do I owe?": "OwedShown",
    "Assigned items": "AssignmentsListed",
    "Meetings": "MeetingsListed",
    "Duties": "DutiesListed",
    "Notices": "NoticesListed",
    "Assign an item": "WizardAsked",
    "Call a meeting": "WizardAsked",
    "Write a notice": "WizardAsked",
}
SEEN = {"What do I owe?", "Assigned items", "Meetings", "Duties", "Notices"}
OF_ALL_OFFICIALS = ("Hand-overs", "My posts", REPORT, "My reports", "How it works")
LANGUAGES_SHOWN = {"简体中文", "繁體中文", "English"}


@pytest.fixture
async def both(database_url: str, key: str) -> AsyncIterator[Town]:
    async with badong_and_north(database_url, key) as town:
        yield town


def shown(someone: Someone) -> list[str]:
    """The commands that the channel shows in this chat; none of its own: []."""
    found = someone.town.sandbox.world.bot(TOKEN).commands.get((f"chat:{someone.person.id}", ""), [])
    return [command["command"] for command in found]


def described(someone: Someone, command: str) -> str:
    found = someone.town.sandbox.world.bot(TOKEN).commands[f"chat:{someone.person.id}", ""]
    return next(one["description"] for one in found if one["command"] == command)


# -- the menu


@pytest.mark.parametrize("language", CLIENTS)
async def test_officials_are_offered_what_their_role_allows_and_the_way_to_a_report_is_one_tap_away(town: Town, language: str) -> None:
    offers = {
        "duty": (Role.DUTY_DESK, {"Latest reports", "Who is on duty", "Roster", "What do I owe?", "Notices"}),
        "clerk": (Role.OFFICE, OPENS.keys()),
        "convener": (Role.CONVENER, {"Who is on duty", "Roster", "Gaps in the roster", "Call a meeting", *SEEN}),
        "liaison": (Role.LIAISON, {"Roster", *SEEN}),
        "machine": (Role.OPERATOR, set[str]()),
    }
    for name, (role, wanted) in offers.items():
        someone = await town.appoint(name, role, "civil_affairs", f"岗位 {name}", rank=9, language=CLIENTS[language])
        speaker = Speaker(someone, language)
        await speaker.sends("/start")
        speaker.sees(MENU)
        speaker.sees("You act as: <b>{post}</b>", post=f"岗位 {name}")
        offered = {*wanted, *OF_ALL_OFFICIALS}
        assert set(speaker.buttons) == {speaker.words(label) for label in offered} | LANGUAGES_SHOWN
        await speaker.taps(REPORT)
        speaker.sees("<b>Whom is it about?</b>")
        speaker.reads("110")
        for label in wanted:  # what is offered opens
            await speaker.sends("/start")
            await speaker.taps(label)
            assert (await town.look(all_of(outbox)))[-1].record == OPENS[label], label
            if OPENS[label] == "WizardAsked":  # a form that was begun is not begun anew
                await speaker.taps("Cancel")
                await speaker.taps("Yes, give it up")
    await holds_for_all(town)


async def test_citizens_keep_their_first_screen(citizen: Speaker) -> None:
    await citizen.sends("/start")
    citizen.sees("<b>Whom is it about?</b>")
    citizen.is_not_offered("Roster", "My posts", "Another area")


async def test_what_a_note_says_stands_above_the_menu_too(town: Town) -> None:
    office = as_seen_by("office", town)
    await office.sends("/nonsense")
    office.sees("That is not something this desk can do. Here is what you can do; you can also simply write what happened.", MENU)


async def test_what_the_document_lacks_is_said_in_one_sentence_where_it_would_have_been(database_url: str, key: str) -> None:
    async with badong_and_north(database_url, key, lacks=["roster", "gate", "minutes"]) as town:
        clerk, officer = as_seen_by("clerk", town), as_seen_by("officer", town)
        for speaker in (clerk, officer):
            await speaker.sends("/start c-north")
        await holds(town, clerk.someone, NORTH, Role.OFFICE, "civil_affairs", "北县联席办")
        await holds(town, officer.someone, NORTH, Role.DUTY_DESK, "public_security", "北县值班台")
        sentence = "The document of this conference does not provide for: {parts}. It is therefore not offered here."
        await clerk.sends("/start")
        clerk.sees(sentence, parts="、".join(clerk.words(LACKING[part]) for part in ("roster", "gate", "minutes")))
        clerk.is_not_offered("Roster")
        clerk.is_offered("Gaps in the roster")
        assert "roster" not in shown(clerk.someone)
        await officer.sends("/start")
        officer.sees(sentence, parts=officer.words(LACKING["roster"]))
        await officer.sends("/roster")
        officer.sees(sentence, parts=officer.words(LACKING["roster"]))


# -- hats


@pytest.mark.parametrize("language", CLIENTS)
async def test_whoever_holds_two_posts_chooses_which_one_comes_first(town: Town, language: str) -> None:
    someone = await town.appoint("both", Role.DUTY_DESK, "public_security", "县公安局指挥中心", rank=2, language=CLIENTS[language])
    await town.appoint("both", Role.DUTY_DESK, "public_security", "县公安局值班台", rank=1)
    both = Speaker(someone, language)
    await both.sends("/whoami")
    both.sees("You hold these posts now:", "● is the post under which you act where several would do.")
    await both.taps("Act as: {post}", post="县公安局指挥中心")
    both.reads("● 县公安局指挥中心", "○ 县公安局值班台")
    both.reads("2026年11月26日" if language != "en" else "26 Nov 2026")
    (entry,) = await audited(town, "hat.chosen")
    assert entry.post_id is not None
    assert entry.person_id is not None
    assert entry.subject == f"post:{entry.post_id}"
    await both.sends("/start")
    both.sees("You act as: <b>{post}</b>", post="县公安局指挥中心")
    both.sees("Other posts you hold here: {number}. Change under “My posts”.", number=1)
    reporter = as_seen_by("citizen", town)
    await files(reporter)
    await both.taps("Accept")
    (accepted,) = await town.look(all_of(reports))
    assert accepted.accepted_post == entry.post_id  # the hat worn, not the first in the table
    await holds_for_all(town)


async def test_a_hat_that_was_taken_away_meanwhile_is_not_put_on(town: Town) -> None:
    await town.appoint("both", Role.OFFICE, "civil_affairs", "县联席会议办公室")
    both = Speaker(await town.appoint("both", Role.DUTY_DESK, "public_security", "县公安局指挥中心", rank=2))
    await both.sends("/whoami")
    button = both.remembers("Act as: {post}", post="县公安局指挥中心")
    account = await account_of(town, both.someone)
    await town.passes(minutes=1)

    def ends(transaction: Any) -> None:
        person = select(accounts.c.person_id).where(accounts.c.id == account).scalar_subquery()
        last = select(tenures.c.id).where(tenures.c.person_id == person).order_by(tenures.c.id.desc()).limit(1).scalar_subquery()
        transaction.connection.execute(update(tenures).where(tenures.c.id == last).values(ends_at=town.clock.now()))

    await town.application.desk.write(ends)
    await both.taps_remembered(button)
    both.sees(REASONS["not_found"])
    assert await audited(town, "hat.chosen") == []
    await holds_for_all(town)


# -- conferences


@pytest.mark.parametrize("language", CLIENTS)
async def test_a_citizen_turns_to_another_area_and_the_report_goes_there(both: Town, language: str) -> None:
    citizen = as_seen_by("citizen", both, language)
    await citizen.sends("/start")
    await citizen.taps("Another area")
    citizen.sees("<b>Which area is it about?</b> What you report afterwards goes to the conference that you choose.")
    name = NORTH_ZH if language != "en" else "North County joint conference"
    await citizen.taps_written(name)
    citizen.reads(name)
    await citizen.taps("A child")
    await citizen.sends("1")
    await citizen.taps("Not right now")
    await citizen.sends("北镇")
    await citizen.taps("Today")
    await citizen.taps("✅ Send now")
    (report,) = await both.look(all_of(reports))
    assert report.conference == NORTH
    assert await audited(both, "conference.chosen") == []  # of a citizen nothing is noted
    await citizen.sends("/area")
    assert len(citizen.buttons) == 3


async def test_the_link_of_an_area_leads_there_and_one_of_an_unknown_area_is_answered_with_those_there_are(both: Town) -> None:
    citizen = as_seen_by("citizen", both)
    await citizen.sends(f"/start c-{NORTH}")
    citizen.reads(NORTH_ZH)
    await citizen.sends("/start")
    citizen.reads(NORTH_ZH)
    for unknown in ("c-nowhere", "c-north2"):
        await citizen.sends(f"/start {unknown}")
        citizen.sees("This link leads to an area that this desk does not stand for. Please choose one of these:")
        assert {BADONG_ZH, NORTH_ZH} <= set(citizen.buttons)
    await citizen.sends("/start c-")
    citizen.sees("<b>Whom is it about?</b>")


async def test_who_chose_an_area_that_is_served_no_longer_is_back_where_everybody_is(both: Town) -> None:
    citizen = as_seen_by("citizen", both)
    await citizen.sends(f"/start c-{NORTH}")
    both.settings = both.settings.model_copy(update={"profile": BADONG})
    await both.restart()
    await citizen.sends("/start")
    citizen.reads(BADONG_ZH)
    citizen.is_not_offered("Another area")


async def test_what_is_unfinished_stays_with_its_area(both: Town) -> None:
    citizen = as_seen_by("citizen", both)
    await citizen.sends("/area")
    chooser = citizen.remembers_written(NORTH_ZH)
    await begins(citizen, "danger")
    for again in (False, True):
        await (citizen.sends(f"/start c-{NORTH}") if again else citizen.taps_remembered(chooser))
        assert citizen.words(REASONS["finish_first"]) in citizen.history[-2]
        citizen.is_offered("Go on")
    account = await account_of(both, citizen.someone)
    assert [row.conference for row in await both.look(all_of(accounts, id=account))] == [None]
    await citizen.taps("Go on")
    citizen.is_asked("danger")


@pytest.mark.parametrize("language", CLIENTS)
async def test_a_person_with_posts_in_two_conferences_acts_in_one_at_a_time(both: Town, language: str) -> None:
    someone = both.someone("traveller", CLIENTS[language])
    await someone.sends("/start")
    post = await holds(both, someone, BADONG, Role.OFFICE, "civil_affairs", "县联席会议办公室")
    await holds(both, someone, NORTH, Role.LIAISON, "civil_affairs", "北县民政局联络员")
    traveller = Speaker(someone, language)
    there = NORTH_ZH if language != "en" else "North County joint conference"
    await traveller.sends("/start")
    traveller.is_offered("Latest reports")
    assert "reports" in shown(someone)
    assert "area" in shown(someone)
    old = traveller.remembers("Latest reports")
    await traveller.sends("/whoami")
    traveller.reads("县联席会议办公室")
    traveller.someone.sees_not("北县民政局联络员")
    await traveller.taps("Act in: {name}", name=there)
    traveller.sees("You act as: <b>{post}</b>", post="北县民政局联络员")
    traveller.is_not_offered("Latest reports")
    assert "reports" not in shown(someone)
    await traveller.taps_remembered(old)  # a button from the other conference gives nothing here
    traveller.sees(REASONS["not_allowed"])
    (entry,) = await audited(both, "conference.chosen")
    assert (entry.subject, entry.post_id) == (f"conference:{NORTH}", post)  # noted under the post with which one left
    await traveller.sends("/whoami")
    traveller.reads("北县民政局联络员")
    assert {row.conference for row in (await both.look(all_of(outbox)))[-1:]} == {NORTH}


@pytest.mark.parametrize("language", CLIENTS)
async def test_a_form_begun_in_one_conference_is_never_sent_in_another(make_database: Any, key: str, language: str) -> None:
    async with badong_and_north(make_database("sqlite"), key) as both:
        someone = both.someone("traveller", CLIENTS[language])
        await someone.sends("/start")
        for conference in (BADONG, NORTH):
            await holds(both, someone, conference, Role.OFFICE, "civil_affairs", f"{conference} 联席办")
        liaison = both.someone("liaison", CLIENTS["zh_Hans"])
        await liaison.sends("/start")
        await holds(both, liaison, BADONG, Role.LIAISON, "education", "县教育局联络员")
        office = Speaker(someone, language)
        await office.sends(f"/start c-{BADONG}")
        await write(office, "education")
        send = office.remembers("✅ Send the notice")
        await office.sends(f"/start c-{NORTH}")
        office.sees(MENU)
        await office.taps_remembered(send)
        office.is_offered("Cancel")
        assert await both.look(all_of(notices)) == []
        await office.sends("/notify")  # nor is it lost for another one
        office.is_offered("Cancel")
        await office.taps_written(next(label for label in office.buttons if label != office.words("Cancel")))
        office.sees("“{title}” is still open here and not sent yet. Do you want to go on with it or cancel it?",
                    title=office.words("Write a notice"))  # fmt: skip
        await office.taps("Go on")
        await office.taps("✅ Send the notice")
        (sent,) = await both.look(all_of(notices))
        assert sent.conference == BADONG


async def test_a_form_can_be_given_up_from_another_conference(make_database: Any, key: str) -> None:
    async with badong_and_north(make_database("sqlite"), key) as both:
        someone = both.someone("traveller", CLIENTS["zh_Hans"])
        await someone.sends("/start")
        for conference in (BADONG, NORTH):
            await holds(both, someone, conference, Role.OFFICE, "civil_affairs", f"{conference} 联席办")
        liaison = both.someone("liaison", CLIENTS["zh_Hans"])
        await liaison.sends("/start")
        await holds(both, liaison, BADONG, Role.LIAISON, "education", "县教育局联络员")
        office = Speaker(someone)
        await office.sends(f"/start c-{BADONG}")
        await write(office, "education")
        send = office.remembers("✅ Send the notice")
        await office.sends(f"/start c-{NORTH}")
        await office.taps_remembered(send)
        account = await account_of(both, someone)
        await both.application.desk.act(lambda act: act.people.act_in(account, BADONG))
        await office.sends("/start")  # the form goes on here
        await both.application.desk.act(lambda act: act.people.act_in(account, NORTH))
        await office.sends(TITLE)  # words for the form, said elsewhere
        office.is_offered("Cancel")
        assert await both.look(all_of(reports)) == []
        await office.taps("Cancel")
        await office.taps("Yes, give it up")
        office.sees("Given up; nothing was sent.")
        await office.sends("/notify")
        await office.sends(TITLE)
        office.is_offered("Skip")  # the form of this conference


async def test_after_start_an_open_form_goes_on_and_its_words_are_no_report(town: Town) -> None:
    await town.appoint("office", Role.OFFICE, "civil_affairs", "县联席会议办公室")
    office = as_seen_by("office", town)
    await office.sends("/notify")
    await office.sends("/start")
    office.sees("“{title}” is still open here and not sent yet. Do you want to go on with it or cancel it?",
                title=office.words("Write a notice"))  # fmt: skip
    await office.sends(TITLE)
    office.is_offered("Skip")
    assert await town.look(all_of(reports)) == []
    await office.sends("/start")
    await office.taps("Cancel")
    await office.taps("Yes, give it up")
    await office.sends("/start")
    office.sees(MENU)


# -- commands


async def test_the_channel_shows_everybody_the_commands_of_everybody(town: Town) -> None:
    world = town.sandbox.world.bot(TOKEN)
    await eventually(lambda: world.words.get(("short_description", "en")))
    for code, language in commands.DEFAULTS.items():
        found = world.commands["default", code]
        assert [one["command"] for one in found] == ["start", "my", "reclaim", "cancel", "language", "help"]
        assert found[0]["description"] == Speaker(town.someone("x"), language).words("main menu")
        assert "110" in world.words["description", code]
        assert "110" in world.words["short_description", code]


async def test_each_situation_shows_its_own_commands_in_the_language_chosen(town: Town) -> None:
    citizen = as_seen_by("citizen", town)
    await citizen.sends("/start")
    assert shown(citizen.someone) == []  # those of everybody fit
    await citizen.sends("/language")
    await citizen.taps_written("English")
    assert described(citizen.someone, "start") == "main menu"
    await citizen.sends("/language")
    await citizen.taps_written("繁體中文")
    assert described(citizen.someone, "start") == "首頁"
    await citizen.sends("/language")
    await citizen.taps_written("简体中文")
    assert shown(citizen.someone) == []
    office, desk = as_seen_by("office", town), as_seen_by("desk", town)
    await office.sends("/whoami")  # not only at /start
    assert shown(office.someone) == OF_THE_OFFICE
    await desk.sends("/start")
    assert "gaps" not in shown(desk.someone)
    assert "roster" in shown(desk.someone)
    await holds_for_all(town)


async def test_commands_are_set_once_and_again_at_start(town: Town) -> None:
    office = as_seen_by("office", town)
    await office.sends("/help")
    town.sandbox.world.bot(TOKEN).commands.pop((f"chat:{office.someone.person.id}", ""))
    await office.sends("/help")
    assert shown(office.someone) == []  # known to be shown: not sent again
    await office.sends("/start")
    assert "roster" in shown(office.someone)
    await holds_for_all(town)


async def test_whose_posts_end_sees_the_commands_of_everybody_again(town: Town) -> None:
    office = as_seen_by("office", town)
    await office.sends("/start")
    assert shown(office.someone)
    account = await account_of(town, office.someone)

    def ends(transaction: Any) -> None:
        person = select(accounts.c.person_id).where(accounts.c.id == account).scalar_subquery()
        transaction.connection.execute(update(tenures).where(tenures.c.person_id == person).values(ends_at=town.clock.now()))

    await town.passes(minutes=1)
    await town.application.desk.write(ends)
    await office.sends("/start")
    assert shown(office.someone) == []
    office.sees("<b>Whom is it about?</b>")


async def test_recognising_an_actor_and_showing_the_menu_takes_two_queries(both: Town) -> None:
    someone = both.someone("traveller")
    await someone.sends("/start")
    await holds(both, someone, BADONG, Role.OFFICE, "civil_affairs", "县联席会议办公室")
    await holds(both, someone, NORTH, Role.LIAISON, "civil_affairs", "北县民政局联络员")
    application = both.application
    queries: list[str] = []

    def menu(transaction: Any) -> Told:
        engine = transaction.connection.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            conversing = application.conversing
            sender = Sender(someone.person.id, "zh_Hans")
            actor = recognise(transaction.connection, transaction.sealer, conversing.door, [sender], transaction.at)[sender.address]
            record = menus.fitted(StartScreen(), actor, application.database.conferences)
            commands.fitting(actor, application.database.conferences, "zh_Hans")
            render(record, conversing.reader(actor.account_id, actor.language, actor.conference))
            return record
        finally:
            event.remove(engine, "before_cursor_execute", note)

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.startswith("SELECT"):
            queries.append(statement)

    record = await application.desk.write(menu)
    assert type(record).__name__ == "DeskMenu"
    assert len(queries) == 2, queries


def test_where_several_are_served_they_are_not_walked_through() -> None:
    """It is asked at every update, and 3,000 may be served."""

    class Served(tuple[str, ...]):
        def __iter__(self) -> Iterator[str]:
            raise AssertionError("all of them are looked at")

    conferences: Any = SimpleNamespace(served=Served(("badong", "gansu")))
    assert menus.is_several(Actor(1, conference="badong"), conferences)
