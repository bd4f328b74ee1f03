"""The duty calendar end to end: opened by windows and by what happens, reported with proof, accepted, returned, waived, chased."""

from __future__ import annotations

from typing import Any

import pytest

from conference.model.duties import STANDING
from conference.model.people import Role
from storage.tables import occurrences, papers
from tests.engine import all_of
from tests.obligations import obligation
from tests.officials import (
    CHIEF,
    CONVENER,
    OFFICE,
    ON_EACH,
    READ_ON,
    Seat,
    day_in,
    in_turn,
    liaison,
    member,
    name_of,
    reads,
    seat,
    seen,
)
from tests.talking import Speaker, files
from tests.test_conversations_places import bring
from tests.test_conversations_roster_check import leaves
from tests.town import TOKEN, MakeDatabase, Town

LAW = "political_legal"
CAST = (OFFICE, CHIEF, CONVENER, liaison(LAW), member(LAW), liaison("education"), liaison("justice"), liaison("court"))
FIRST, SECOND = "badong.political_legal.01", "badong.political_legal.02"
DONE = "已印发考核细则，见政法〔2026〕12号"


@pytest.fixture(params=READ_ON, ids="-".join)
async def county(request: pytest.FixtureRequest, make_database: MakeDatabase, key: str) -> Any:
    """Badong with an office, those above it and some units, who all read one language."""
    async with reads(make_database, key, request.param, "badong", *CAST) as people:
        yield people


def duty_of(speaker: Speaker, duty: str) -> str:
    profile = speaker.town.application.database.conferences.profile(speaker.town.settings.conferences[0])
    row = next(each for each in profile.duties if each.id == duty)
    return row.en if speaker.language == "en" else row.zh


def late(speaker: Speaker, unit: str, duty: str, iso: str) -> str:
    """The line of a digest that says that it was due on this day."""
    facts = {"owner": name_of(speaker, unit), "duty": duty, "day": day_in(speaker, iso)}
    return speaker.words("· <b>Overdue</b>, {owner}: {duty}, was due on {day}", **facts)


def attestation(speaker: Speaker) -> str:
    return speaker.words("Attestation of the standing duties")


def number_of(speaker: Speaker, duty: str) -> str:
    """The button of this duty in the list that is open."""
    return next(line.partition(".")[0] for line in speaker.screen.splitlines() if duty_of(speaker, duty) in line)


async def states(town: Town, **which: Any) -> list[str]:
    return [str(row.state) for row in await town.look(all_of(occurrences, **which))]


async def reports(by: Speaker, number: str = "1", *, text: str = DONE, proof: bool = False) -> None:
    """From the list to the last screen, and sent."""
    await by.sends("/duties")
    await by.taps_written(number)
    await by.taps("Report")
    await by.sends(text)
    if proof:
        await by.sends_file("document", name="考核细则.pdf")
        await by.taps("Next")
    else:
        await by.taps("Skip")
    await by.taps("✅ Report it")


@obligation("EVA-01", profile="badong")
async def test_listed_reported_with_proof_and_accepted(county: dict[str, Speaker]) -> None:
    law, office, court = county[f"{LAW} liaison"], county["office"], county["court liaison"]
    await law.sends("/owe")
    law.sees("🟢 <b>Later ({count})</b>", count=2)
    law.reads(duty_of(law, FIRST))
    await court.sends("/owe")
    court.sees("✅ You owe nothing at present, and nothing waits for others.")
    await law.sends("/duties")
    law.sees("🗓 <b>Duties: {view}</b>", view=law.words("To be reported by you"))
    for duty in (FIRST, SECOND):
        law.reads(duty_of(law, duty))
    await reports(law, proof=True)
    law.sees("✅ Reported: {duty}. The office will look at it.", duty=duty_of(law, FIRST))
    office.sees("🗓 <b>Reports on duties wait for your word.</b> This is said once a day; the list has all of them.")
    await office.taps("Duties")
    office.sees("🗓 <b>Duties: {view}</b>", view=office.words("Waiting for the office's word"))
    await office.taps_written("1")
    office.reads(DONE)
    await office.taps("Proof ({count})", count=1)
    office.sees("{duty}, proof {part}/{parts}", duty=duty_of(office, FIRST), part=1, parts=1)
    await office.taps("Accept it")
    assert office.words("State: <b>{state}</b>", state=office.words("accepted by the office")) in seen(office)
    assert await states(office.town, duty=FIRST) == ["accepted"]
    await law.sends("/duties")
    law.someone.sees_not(duty_of(law, FIRST))
    law.reads(duty_of(law, SECOND))
    await law.sends("/owe")
    law.sees("🟢 <b>Later ({count})</b>", count=1)


async def test_returned_with_what_lacks_reported_again_waived_with_a_reason(county: dict[str, Speaker]) -> None:
    law, office = county[f"{LAW} liaison"], county["office"]
    await reports(law)
    await office.sends("/duties")
    await office.taps_written("1")
    old = office.remembers("Accept it")
    await office.taps("Return")
    await office.sends("请补充考核细则文号")
    office.reads(duty_of(office, FIRST))
    await office.taps_twice("✅ Return it")
    law.sees("↩️ <b>Returned by the office; please complete it</b>", "What lacks: {text}", text="请补充考核细则文号")
    await office.taps_remembered(old)
    assert office.toast == office.words("This has been reported, accepted or waived already. The list shows how it stands: /duties")
    assert await states(office.town, duty=FIRST) == ["open"]
    await law.taps("Open")
    assert "请补充考核细则文号" in seen(law)
    await law.taps("Report")
    await law.sends("政法〔2026〕13号")
    await law.taps("Skip")
    await law.taps("✅ Report it")
    await office.sends("/duties")
    await office.taps_written("1")
    assert DONE in seen(office), "the history keeps what was reported first"
    await office.taps("Waive")
    await office.sends("本年度由省里统一考核")
    await office.taps("✅ Waive it")
    law.sees("✖️ <b>Waived by the office; nothing is to be reported</b>", "Reason: {text}", text="本年度由省里统一考核")
    assert await states(office.town, duty=FIRST) == ["waived"]
    await law.sends("/duties")
    await law.taps("Reported and done")
    law.reads(duty_of(law, FIRST))


# -- chasing


def reminded_of(someone: Speaker, duty: str) -> int:
    """Digests in this chat that name this duty."""
    head = someone.words("⏰ <b>Waiting for you: {count}</b>", count="#").partition("#")[0]
    return sum(head in text and duty in text for text in someone.history)


async def test_the_ladder_climbs_once_a_step_and_several_duties_are_one_message(county: dict[str, Speaker]) -> None:
    """Two yearly duties, due on 31 December: before, after, then the seat, the office, the convener."""
    town = county["office"].town
    until = (30, 8, 3, 2, 9)  # days: to 26 December (five working days before lies the 24th), 3, 6, 8 and 17 January
    wanted = [
        {f"{LAW} liaison": 1},
        {f"{LAW} liaison": 2},
        {f"{LAW} liaison": 2, f"{LAW} member": 1},
        {f"{LAW} liaison": 2, f"{LAW} member": 1, "office": 1},
        {f"{LAW} liaison": 2, f"{LAW} member": 1, "office": 1, "convener": 1},
    ]
    for days, expected in zip(until, wanted, strict=True):
        await town.passes(days=days)
        assert {name: found for name, each in county.items() if (found := reminded_of(each, duty_of(each, FIRST)))} == expected
    law, office = county[f"{LAW} liaison"], county["office"]
    both = [text for text in law.history if duty_of(law, FIRST) in text and duty_of(law, SECOND) in text]
    assert len(both) >= 3, "two duties come in one message"
    await office.sends("/duties")
    await office.taps("{view}: {count}", view=office.words("Overdue"), count=2)
    office.reads(duty_of(office, FIRST))
    await town.passes(days=60)
    of_year = law.words("{duty} ({window})", duty=duty_of(law, FIRST), window=law.words("year {year}", year=2026))
    assert reminded_of(law, late(law, LAW, of_year, "2026-12-31")) == 1, "each step once"
    county["chief"].someone.sees_not(county["chief"].words("Overdue"))


async def test_who_reports_in_time_is_not_reminded_and_the_office_hears_of_it_once_a_day(county: dict[str, Speaker]) -> None:
    law, office = county[f"{LAW} liaison"], county["office"]
    before = len(office.history)
    for _ in range(2):
        await reports(law)
    assert len(office.history) == before + 1
    await law.town.passes(days=60)
    for name in (f"{LAW} liaison", f"{LAW} member", "convener"):
        assert reminded_of(county[name], law.words("year {year}", year=2026)) == 0
    law.has_seen("🗓 <b>New duties: {count}</b>", count=2)  # the windows of the new year, in one message


# -- before a plenary


async def call(office: Speaker, day: str, kind: str = "Plenary") -> None:
    await office.sends("/convene")
    await office.taps(kind)
    await office.taps("in the name of the chief convener" if kind != "Liaison meeting" else "by the office")
    for said in (day, "三楼会议室"):
        await office.sends(said)
    await office.taps("Skip")
    await office.sends("冬季关爱行动部署")
    for _ in range(3):
        await office.taps("Skip")
    await office.taps("✅ Send the convocation")


async def test_at_night_and_on_a_day_off_nobody_hears_of_duties(county: dict[str, Speaker]) -> None:
    office, education, law, town = county["office"], county["education liaison"], county[f"{LAW} liaison"], county["office"].town
    await town.passes(days=2, hours=14, minutes=30)  # Saturday, 23:30
    await call(office, "12月14日9:00")
    await reports(law)
    news = education.words("🗓 <b>New duties: {count}</b>", count=1)
    review = office.words("🗓 <b>Reports on duties wait for your word.</b> This is said once a day; the list has all of them.")
    await town.passes(days=1, hours=8, minutes=55)  # Monday, 8:25
    assert not any(news in text for text in education.history)
    assert not any(review in text for text in office.history)
    await town.passes(minutes=10)
    assert sum(news in text for text in education.history) == 1
    assert sum(review in text for text in office.history) == 1


async def test_standing_duties_are_attested_in_one_line_before_a_plenary(county: dict[str, Speaker]) -> None:
    office, education, court, town = county["office"], county["education liaison"], county["court liaison"], county["office"].town
    await call(office, "12月14日9:00")
    education.has_seen("🗓 <b>New duties: {count}</b>", count=1)
    education.has_seen("Attestation of the standing duties")
    court.has_seen("🗓 <b>New duties: {count}</b>, for your information", count=1)
    await education.sends("/duties")
    await education.taps_written("1")
    education.sees("Standing duties, attested together:", "For: {causes}", causes=education.words("meeting {number}", number="2026-1"))
    assert education.screen.count("\n· ") == 6, "the six of the document"
    await reports(education, text="六项职责均在履行，台账见教基〔2026〕5号")
    assert await states(town, duty=STANDING, unit="education") == ["reported"]

    await town.passes(days=12)  # due on Friday 11 December
    silent = county["justice liaison"]
    assert reminded_of(silent, attestation(silent)) == 1
    assert reminded_of(education, attestation(education)) == 0
    await office.taps("Move it")
    await office.sends("12月21日9:00")
    await office.taps("✅ Move it and ask again")
    rows = await town.look(all_of(occurrences, duty=STANDING, unit="justice"))
    assert [(str(row.due), row.mark) for row in rows] == [("2026-12-18", 1)]
    rows = await town.look(all_of(occurrences, duty=STANDING, unit="education"))
    assert [(str(row.state), str(row.due)) for row in rows] == [("reported", "2026-12-18")], "what was reported is for the new date, too"
    await town.passes(days=14)
    assert late(silent, "justice", attestation(silent), "2026-12-11") not in seen(silent), "no reminder names the old day"
    assert reminded_of(silent, late(silent, "justice", attestation(silent), "2026-12-18")) == 1
    assert reminded_of(court, attestation(court)) == 0
    assert await states(town, duty=STANDING, unit="court") == ["open"]


async def test_what_opens_later_is_told_on_the_day_it_opens(county: dict[str, Speaker]) -> None:
    """A plenary called two months ahead, and then moved nearer: twenty working days before lay 4 January, and lies 23 December."""
    office, education, town = county["office"], county["education liaison"], county["office"].town
    await call(office, "2027年2月1日9:00")
    news = education.words("🗓 <b>New duties: {count}</b>", count=1)
    await education.sends("/duties")
    education.someone.sees_not(attestation(education))
    await office.taps("Move it")
    await office.sends("2027年1月20日9:00")
    await office.taps("✅ Move it and ask again")
    for days, told in ((26, 0), (2, 1), (14, 1)):
        await town.passes(days=days)
        assert sum(news in text and attestation(education) in text for text in education.history) == told


async def test_a_cancelled_plenary_asks_for_nothing(county: dict[str, Speaker]) -> None:
    office, town = county["office"], county["office"].town
    await call(office, "12月14日9:00")
    await reports(county["education liaison"])
    await office.taps("Cancel it")
    await office.sends("与省里会议冲突")
    await office.taps("✅ Cancel the meeting")
    assert set(await states(town, duty=STANDING)) == {"waived", "reported"}, "what was reported stays"
    await town.passes(days=30)
    assert reminded_of(county["justice liaison"], attestation(office)) == 0


# -- what happens


async def test_what_happens_opens_duties_and_shows_others_done(county: dict[str, Speaker]) -> None:
    office, town = county["office"], county["office"].town
    await call(office, "12月14日9:00")
    await county["education liaison"].taps("Attend")
    assert set(await states(town, duty="badong.all_members.01")) == {"open"}
    assert await states(town, duty="badong.office.01") == ["open"]
    await town.passes(days=19)
    await office.taps("It was held")
    assert await states(town, duty="badong.all_members.01", unit="education") == ["accepted"]
    assert await states(town, duty="badong.all_members.01", unit="court") == ["open"]
    assert await states(town, duty="badong.chief_convener.01", cause="2026H2") == ["accepted"], "the plenary of this half year"
    await office.sends("/duties")
    await reports(office, number_of(office, "badong.office.03"), text="已向县政府报告会议情况")
    office.sees("✅ Recorded: {duty}.", duty=duty_of(office, "badong.office.03"))


@ON_EACH
async def test_reports_open_what_the_police_owe_and_one_word_answers_several(
    make_database: MakeDatabase, key: str, how: tuple[str, str]
) -> None:
    desk = Seat("desk", Role.DUTY_DESK, "public_security", "县公安局值班台")
    async with reads(make_database, key, how, "badong", OFFICE, desk, liaison("public_security")) as people:
        town = people["office"].town
        citizen = Speaker(town.someone("citizen"))
        for _ in range(2):
            await files(citizen)
        assert await states(town, duty="badong.public_security.01") == ["open", "open"]
        for number in ("2026-00001", "2026-00002"):
            message = next(each for each in people["desk"].someone.person.from_bot(TOKEN) if number in (each.text or ""))
            await people["desk"].taps("Accept", message_id=message.id)
        assert await states(town, duty="badong.public_security.01") == ["accepted", "accepted"], "nobody has to report that"
        police = people["public_security liaison"]
        await police.sends("/duties")
        police.reads(police.words(" × {number}", number=2).strip())
        await police.taps_written("1")
        for number in ("2026-00001", "2026-00002"):
            police.sees("report {number}", number=number)
        police.sees("One report answers all of them.", "Word of time of the document: {words}", words=police.words("at once"))
        await reports(police, text="均已出警核查")
        assert await states(town, duty="badong.public_security.02") == ["reported", "reported"]
        await people["office"].sends("/duties")
        await people["office"].taps_written("1")
        await people["office"].taps("Accept it")
        assert await states(town, duty="badong.public_security.02") == ["accepted", "accepted"]
        assert "citizen" not in "".join(police.history)


async def test_the_office_asks_for_what_this_desk_does_not_hear_of(county: dict[str, Speaker]) -> None:
    office, education, town = county["office"], county["education liaison"], county["office"].town
    await office.sends("/duties")
    await office.taps("Ask for a duty")
    await office.taps("All member units")
    await office.taps_written(duty_of(office, "badong.all_members.03"))
    await office.taps_written(name_of(office, "education"))
    await office.taps("Next")
    for said, meant, sentence in BAD_DAYS:
        await office.sends(said)
        office.sees(sentence, value=day_in(office, meant) if meant else "")
    await office.sends("12月10日")
    await office.taps_twice("✅ Ask for it")
    assert await states(town, duty="badong.all_members.03") == ["open"]
    education.has_seen("🗓 <b>New duties: {count}</b>", count=1)
    await town.passes(days=8)
    assert reminded_of(education, duty_of(education, "badong.all_members.03")) == 1


BAD_DAYS = (
    ("下雨", "", "This could not be read as a day. Please write one such as “26 November”, “tomorrow” or “next Wednesday”."),
    ("11月20日", "2026-11-20", "{value} has passed. Please give a time to come; if you mean another year, write the year too."),
    ("2030年1月8日", "2030-01-08", "{value} is more than two years away. Please check the year."),
    ("12月12日", "2026-12-12", "{value} is not a working day. Is it to be on that day all the same?"),
)


# -- what does not fit


async def test_what_does_not_fit_is_said_and_nothing_is_lost(county: dict[str, Speaker]) -> None:
    law = county[f"{LAW} liaison"]
    await law.sends("/duties")
    await law.taps_written("1")
    await law.taps("Report")
    await law.sends_file("document", name="先发文件.pdf")
    law.sees("Please write the answer as text. Files and other kinds of messages are not taken at this step.")
    await law.sends("字" * 1001)
    law.sees("That is {count} characters; at most {limit} fit here. Please shorten it and send it again. Nothing else was lost.",
             count=1001, limit=1000)  # fmt: skip
    await law.town.passes(seconds=15)  # what comes at once may be the rest of it
    await law.sends(DONE)
    for n in range(5):
        await law.sends_file("document", name=f"{n}.pdf")
    await law.sends_file("document", name="6.pdf")
    law.sees("At most {limit} files fit here. Those received before are kept.", limit=5)
    await law.taps("Next")
    law.reads(DONE)
    await law.taps_twice("✅ Report it")
    assert await states(law.town, unit=LAW) == ["reported", "open"]
    assert len(await law.town.look(all_of(papers))) == 5
    await law.sends("/duties")
    law.someone.sees_not(duty_of(law, FIRST))


async def test_one_s_own_list_and_nobody_else_s(county: dict[str, Speaker]) -> None:
    law, education = county[f"{LAW} liaison"], county["education liaison"]
    await law.sends("/duties")
    await law.taps_written("1")
    stolen = law.remembers("Report")
    await education.someone.forges(stolen[0])
    assert await states(law.town, unit=LAW) == ["open", "open"]
    await law.taps("Duties")
    await law.taps("What the document says")
    law.sees("📖 <b>Duties of the document</b>", "when it happens; it is opened by itself", "when it happens; the office asks for it")
    law.reads(duty_of(law, FIRST))
    law.someone.sees_not(name_of(law, "education"))
    citizen = Speaker(law.town.someone("passer-by"))
    await citizen.sends("/duties")
    citizen.sees("This is only for people on duty who hold the post for it. If you want to report something, just write it here.")
    await county["chief"].sends("/duties")
    county["chief"].sees("🗓 <b>Duties: {view}</b>", view=law.words("Waiting for the office's word"))
    county["chief"].is_not_offered("Ask for a duty")


# -- the recurring duties of the five conferences

RECURRING = {
    "badong": ("political_legal.01", "political_legal.02", "youth_league.02", "womens_federation.02"),
    "gansu": ("political_legal.01", "political_legal.02", "trade_union.01", "youth_league.02"),
    "jieyang": ("political_legal.01", "political_legal.02", "youth_league.02", "womens_federation.01", "disabled_federation.02"),
}


@obligation("EVA-01", "EVA-02", "SVC-01", profile="badong")
@obligation("EVA-01", "EVA-02", "SVC-01", profile="gansu")
@obligation("EVA-01", "EVA-02", "SVC-01", profile="jieyang")
@in_turn(*RECURRING)
async def test_recurring_duties_come_are_reported_and_come_again(
    make_database: MakeDatabase, key: str, slug: str, how: tuple[str, str]
) -> None:
    rows = [(name.partition(".")[0], f"{slug}.{name}") for name in RECURRING[slug]]
    async with reads(make_database, key, how, slug, OFFICE, *(liaison(unit) for unit in dict(rows))) as people:
        town = people["office"].town
        await town.passes(days=56)  # the winter holiday begins on 20 January; the year before is overdue, and still wanted
        for unit, duty in rows:
            who = people[f"{unit} liaison"]
            assert duty_of(who, duty) in seen(who), "its people have been told"
            for _ in await town.look(all_of(occurrences, duty=duty)):
                await who.sends("/duties")
                await reports(who, number_of(who, duty))
            assert set(await states(town, duty=duty)) == {"reported"}
        office = people["office"]
        waiting = len(await town.look(all_of(occurrences, state="reported")))
        for _ in range(waiting):
            await office.sends("/duties")
            await office.taps_written("1")
            await office.taps("Accept it")
        await town.passes(days=180)
        for unit, duty in rows:
            found = await town.look(all_of(occurrences, duty=duty))
            causes = ["2026", "2027"] if unit == LAW else ["2027V1", "2027V2"]
            assert [row.cause for row in found] == causes, "each window once"


@obligation("MTG-16", profile="gansu")
@obligation("MTG-16", profile="national")
@in_turn("gansu", "national")
async def test_the_yearly_plan_is_recorded_by_the_office(make_database: MakeDatabase, key: str, slug: str, how: tuple[str, str]) -> None:
    async with reads(make_database, key, how, slug, OFFICE) as people:
        office = people["office"]
        await office.sends("/duties")
        if office.words("To be reported by you") not in office.screen:
            await office.taps("{view}: {count}", view=office.words("To be reported by you"), count=1)
        office.reads(duty_of(office, f"{slug}.conference.02"))
        await office.taps_written(number_of(office, f"{slug}.conference.02"))
        await office.taps("Report")
        await office.sends("年度工作计划已报送")
        await office.taps("Skip")
        await office.taps("✅ Report it")
        office.sees("✅ Recorded: {duty}.", duty=duty_of(office, f"{slug}.conference.02"))
        assert await states(office.town, duty=f"{slug}.conference.02") == ["accepted"]


@obligation("MTG-09", profile="national")
@ON_EACH
async def test_regular_asks_the_office_how_often_and_a_meeting_shows_it_done(
    make_database: MakeDatabase, key: str, how: tuple[str, str]
) -> None:
    async with reads(make_database, key, how, "national", OFFICE, liaison("education")) as people:
        office, town = people["office"], people["office"].town
        assert await states(town, duty="national.office.01") == []
        await town.passes(days=6)
        office.has_seen("🗓 <b>How often is “regularly”?</b> The document does not say. Until you do, these duties have no day:")
        await office.taps("Say how often")
        await office.taps_written(duty_of(office, "national.office.01"))
        await office.taps("every quarter")
        await office.taps_twice("✅ Set it")
        rows = await town.look(all_of(occurrences, duty="national.office.01"))
        assert [(row.cause, str(row.due)) for row in rows] == [("2026Q4", "2026-12-31")]
        await call(office, "12月10日9:00", "Liaison meeting")
        await town.passes(days=10)
        await office.taps("It was held")
        assert await states(town, duty="national.office.01") == ["accepted"]
        await town.passes(days=31)
        assert await states(town, duty="national.office.01") == ["accepted", "open"]
        await office.sends("/duties")
        await office.taps("Say how often")
        await office.taps_written(duty_of(office, "national.office.01"))
        await office.taps("every half year")
        await office.taps("✅ Set it")
        rows = await town.look(all_of(occurrences, duty="national.office.01"))
        assert [(row.cause, str(row.state)) for row in rows] == [("2026Q4", "accepted"), ("2027Q1", "waived"), ("2027H1", "open")]


PLACES = """150000,内蒙古自治区,province,
152200,兴安盟,city,150000
152201,乌兰浩特市,county,152200
152201100,某苏木,township,152201
152201101,某镇,township,152201
152201100200,某嘎查,village,152201100
"""
LOCAL = (
    Seat("township", Role.TOWNSHIP, "civil_affairs", "某苏木人民政府", place="152201100"),
    Seat("other", Role.TOWNSHIP, "civil_affairs", "某镇人民政府", place="152201101"),
    Seat("village", Role.VILLAGE, "civil_affairs", "某嘎查", place="152201100200"),
)


@obligation("LED-04", "LED-05", profile="neimenggu")
@ON_EACH
async def test_townships_check_their_files_each_quarter_and_villages_visit(
    make_database: MakeDatabase, key: str, how: tuple[str, str]
) -> None:
    async with reads(make_database, key, how, "neimenggu", OFFICE) as people:
        office, town = people["office"], people["office"].town
        await bring(town, PLACES)
        township, other, village = (await seat(town, *LOCAL, language=office.language)).values()
        check = duty_of(office, "neimenggu.township.02")
        await town.passes(days=6)  # those who came since are found on the first of the month
        await office.taps("Say how often")
        await office.taps_written(duty_of(office, "neimenggu.village.01"))
        await office.taps("every month")
        await office.taps("✅ Set it")
        for who, duty in ((township, "neimenggu.township.02"), (village, "neimenggu.village.01")):
            await who.sends("/duties")
            await reports(who, number_of(who, duty), text="已核查", proof=True)
        assert await states(town, duty="neimenggu.township.02", unit="township/152201100") == ["reported"]
        assert await states(town, duty="neimenggu.township.02", unit="township/152201101") == ["open"], "each township has its own"
        assert await states(town, duty="neimenggu.village.01", unit="village/152201100200") == ["reported"]
        await town.passes(days=31)
        assert reminded_of(other, check) >= 1
        assert reminded_of(township, check) == 0
        quarters = await town.look(all_of(occurrences, duty="neimenggu.township.02", unit="township/152201100"))
        assert [(row.cause, str(row.state)) for row in quarters] == [("2026Q4", "reported"), ("2027Q1", "open")]
        await office.sends("/duties")
        await office.taps_written(number_of(office, "neimenggu.township.02"))
        await office.taps("Proof ({count})", count=1)
        await office.taps("Accept it")
        await office.sends("/duties")
        await office.taps_written(next(label for label in office.buttons if label.startswith(office.words("Overdue"))))
        listed = office.screen
        while office.words("Next page ▶") in office.buttons:
            await office.taps("Next page ▶")
            listed += office.screen
        lines = [line for line in listed.splitlines() if check in line]
        assert any("某镇人民政府" in line for line in lines), "who has not checked is on the list"
        assert not any("某苏木人民政府" in line for line in lines)
        await leaves(town, "other")
        await town.passes(days=70)
        assert [text for text in office.history if "某镇人民政府" in text and check in text], "it is called so without a holder too"
        assert "township/" not in seen(office)


@obligation("MTG-08", profile="jieyang")
@ON_EACH
async def test_a_liaison_meeting_before_the_plenary_is_jieyang_s_own(make_database: MakeDatabase, key: str, how: tuple[str, str]) -> None:
    async with reads(make_database, key, how, "jieyang", OFFICE, CHIEF, liaison("education")) as people:
        office, town = people["office"], people["office"].town
        await call(office, "12月21日9:00")
        assert await states(town, duty="jieyang.conference.03") == ["open"]
        await call(office, "12月10日9:00", "Liaison meeting")
        await town.passes(days=15)
        await office.taps("It was held")
        assert await states(town, duty="jieyang.conference.03") == ["accepted"]
