"""Assigned items end to end: given out by the office, accepted, disputed, worked on, returned, struck off; who owes what."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from conference.model.assignments import Task
from conference.model.people import Role
from conference.services import assignments as items
from conference.services.people import finish_tenure
from storage.tables import assignments, audit, helpers, outbox
from storage.unit_of_work import Unit
from tests.engine import all_of
from tests.obligations import obligation
from tests.officials import (
    CHIEF,
    CONVENER,
    OFFICE,
    ON_BOTH,
    ON_EACH,
    READ_ON,
    Seat,
    convened,
    day_in,
    liaison,
    member,
    name_of,
    reads,
    seat,
    seen,
)
from tests.talking import Speaker
from tests.town import MakeDatabase, Town, actor_of

LEAD = liaison("education")
CAST = (OFFICE, CHIEF, CONVENER, LEAD, member("education"), liaison("justice"), liaison("finance"), member("health"))
WHAT = "摸清全县寄宿学校留守儿童底数"
WHY = "全体会议第三项决定"
PROOF = "名单和盖章的汇总表"
PAPER = "盖章名单已送办公室"
DUE = "12月10日"
ONE = "2026-1"


@pytest.fixture(params=READ_ON, ids="-".join)
async def county(request: pytest.FixtureRequest, make_database: MakeDatabase, key: str) -> Any:
    """Badong with an office and some units, who all read one language."""
    async with reads(make_database, key, request.param, "badong", *CAST) as people:
        yield people


async def chooses(by: Speaker, unit: str) -> None:
    """The unit in the list, on whichever of its pages."""
    await chooses_written(by, name_of(by, unit))


async def chooses_written(by: Speaker, name: str) -> None:
    while by.words("◀ Previous page") in by.buttons:
        await by.taps("◀ Previous page")
    while not any(name in label for label in by.buttons):
        await by.taps("Next page ▶")
    await by.taps_written(next(label for label in by.buttons if name in label))


async def fills(by: Speaker, *helpers: str, lead: str = "education", due: str = DUE) -> None:
    """From the command to the last screen."""
    await by.sends("/assign")
    await by.sends(WHAT)
    await by.sends(WHY)
    await chooses(by, lead)
    for helper in helpers:
        await chooses(by, helper)
    await by.taps("Next" if helpers else "Skip")
    await by.sends(PROOF)
    await by.sends(due)
    await by.taps("Skip")  # no files


async def assigns(by: Speaker, *helpers: str, **how: str) -> None:
    await fills(by, *helpers, **how)
    await by.taps("✅ Assign it")


async def given(by: Speaker, *helpers: str, lead: str = "education", due: str = "2026-12-10") -> None:
    """The same at once: the form is walked where what it asks and shows is looked at."""

    def verb(act: Unit) -> None:
        office, day = actor_of(act, by.town, "office"), date.fromisoformat(due)
        items.assign(act, office, lead, Task(WHAT, WHY, PROOF), day, helpers=helpers, at=act.at)

    await by.town.application.desk.act(verb)
    await by.town.settled()


async def does(by: Speaker, button: str, send: str, *answers: str) -> None:
    """A button that opens a form, what is written into it ("" skips), and what sends it."""
    await by.taps(button)
    for answer in answers:
        await (by.sends(answer) if answer else by.taps("Skip"))
    await by.taps(send)


async def row(town: Town) -> Any:
    return (await town.look(all_of(assignments)))[-1]


@obligation("SUP-01", "SUP-02", profile="badong")
async def test_from_the_office_to_the_strike_off(county: dict[str, Speaker]) -> None:
    office, lead, helper = county["office"], county["education liaison"], county["justice liaison"]
    await fills(office, "justice")
    office.sees("<i>As it will be read:</i>", "📌 <b>Assigned item {number}</b>", number="–")
    office.sees("It goes to <b>{people}</b> people.", people=3)
    await office.taps_twice("✅ Assign it")
    office.has_seen("✅ Item <b>{number}</b> is assigned; {people} people have been told.", number=ONE, people=3)
    for someone in (lead, helper, county["education member"]):
        someone.has_seen("📌 <b>Assigned item {number}</b>", number=ONE)
        assert WHAT in seen(someone)
    assert WHAT not in seen(county["finance liaison"])

    await lead.taps("Accept the item")
    lead.sees("State: {state}, {percent}%", state=lead.words("under way"), percent=0)
    office.sees("👍 <b>Item {number} has been accepted</b>", number=ONE)
    await lead.taps("Report progress")
    await lead.sends("150")
    lead.sees("Please write a whole number from {least} to {limit}.", least=0, limit=100)
    await lead.sends("60%")
    await lead.sends("已摸排六所学校")
    await lead.sends_file("document", name="进展.xlsx", size=4000)
    await lead.taps("Next")
    await lead.taps("✅ Send")
    office.sees("📈 <b>Progress of item {number}: {percent}%</b>", number=ONE, percent=60)
    office.reads("已摸排六所学校")

    await lead.taps("Submit with proof")
    assert lead.toast == lead.words(
        "Not all co-responsible units have said their word yet, so it cannot be submitted. Please ask them, or the office."
    )
    await helper.taps("Our part is done")
    lead.sees("🤝 <b>Item {number}: a co-responsible unit has done its part</b>", number=ONE)
    await lead.taps("Submit with proof")
    await lead.sends("全部摸清")
    await lead.sends_file("photo")
    await lead.taps("Next")
    await lead.taps("✅ Submit")
    lead.sees("✅ Item <b>{number}</b> is submitted. The office checks it, and strikes it off or returns it.", number=ONE)

    await does(office, "Return it", "✅ Return it", "缺盖章")
    lead.sees("↩️ <b>Item {number} is returned: something lacks</b>", "What lacks: {text}", number=ONE, text="缺盖章")
    await lead.taps("Submit with proof")
    await lead.sends("已补盖章")
    await lead.taps("Skip")
    lead.sees("There is no file. Where can the proof be seen? Such as a list handed in on paper, a ledger, a page.")
    lead.is_not_offered("Skip")
    await lead.sends(PAPER)
    await lead.taps("✅ Submit")
    office.sees("📨 <b>Item {number} is submitted: please check it</b>", "Proof, not as a file: {text}", number=ONE, text=PAPER)
    office.is_not_offered("Take it back")
    await does(office, "Strike off", "✅ Strike it off", "")
    for someone in (lead, helper):
        someone.sees("✅ <b>Item {number} is struck off</b>", number=ONE)
    kept = await row(office.town)
    assert (str(kept.state), kept.percent, kept.number) == ("struck_off", 100, ONE)

    await office.sends(f"/trace {ONE}")
    steps = office.screen
    await office.taps("Next page ▶")
    steps += office.screen
    for step in ("assigned", "accepted by the lead unit", "progress", "part done", "submitted", "returned", "struck off"):
        assert office.words(step) in steps, step
    assert "缺盖章" in steps
    assert PAPER in steps
    await office.taps("Files ({count})", count=2)
    office.has_seen("Item <b>{number}</b>, file {part}/{parts}: {step}", number=ONE, part=2, parts=2, step=office.words("proof"))


async def test_disputed_once_and_ruled_on(county: dict[str, Speaker]) -> None:
    office, education, justice, town = (*(county[n] for n in ("office", "education liaison", "justice liaison")), county["office"].town)
    await given(office, "justice")
    old = education.remembers("Not ours")
    await does(education, "Not ours", "✅ Send", "属司法局职责")
    office.sees("❓ <b>Item {number} is disputed: please rule on it</b>", "Reason: {text}", number=ONE, text="属司法局职责")
    await education.taps("Accept the item")
    assert education.toast == education.words("This item stands differently by now. “Assigned items” shows how; nothing has been changed.")
    await town.passes(days=20)
    assert not any(ONE in text for text in digests(education)), "nobody is reminded while the office has not ruled"
    await education.sends("/owe")
    education.sees("⌛ <b>Waiting for others ({count})</b>", count=1)
    await office.sends("/owe")
    office.sees("🟠 <b>Today ({count})</b>", count=1)
    await office.taps("Item {number}", number=ONE)
    await office.taps("Rule on it")
    await chooses(office, "justice")
    await office.sends("由司法局牵头")
    await office.taps("✅ Rule")
    education.sees("🔁 <b>Item {number} is no longer your unit's</b>", "Reason: {text}", number=ONE, text="由司法局牵头")
    justice.sees("⚖️ <b>The office has ruled on item {number}</b>", "Ruling: {text}", number=ONE, text="由司法局牵头")
    justice.is_not_offered("Not ours", "Our part is done")
    await justice.taps("Accept the item")
    await education.taps_remembered(old)
    education.sees("This was not found, or it is not yours to see. Your own reports are under “My reports”.")
    assert ((await row(town)).lead, str((await row(town)).state)) == ("justice", "accepted")


async def test_a_dispute_that_is_ruled_away_cannot_be_repeated(county: dict[str, Speaker]) -> None:
    office, education = county["office"], county["education liaison"]
    await given(office)
    old = education.remembers("Not ours")
    await does(education, "Not ours", "✅ Send", "不属我局")
    await office.taps("Rule on it")
    await chooses(office, "education")
    await office.sends("属教育局职责")
    await office.taps("✅ Rule")
    education.is_not_offered("Not ours")
    await education.taps_remembered(old)
    assert education.toast == education.words("This item was disputed and ruled on; it cannot be disputed again. Please ring the office.")


async def test_more_time_is_asked_before_the_day_and_answered(county: dict[str, Speaker]) -> None:
    office, education, town = county["office"], county["education liaison"], county["office"].town
    await given(office)
    await education.taps("Accept the item")
    again = education.remembers("Ask for more time")
    await education.taps("Ask for more time")
    await education.sends("12月9日")
    education.sees("It is due {value} already. Please give a later day.", value=day_in(education, "2026-12-10"))
    await education.sends("12月26日")  # a Saturday
    education.is_offered("Yes, keep it")
    await education.sends("12月31日")
    await education.sends("学校期末考试")
    await education.taps("✅ Send")
    office.sees("⏳ <b>More time is asked for item {number}, until {until}</b>", number=ONE, until=day_in(office, "2026-12-31"))
    await education.sends("/assignments")
    await education.taps_written(ONE)
    education.is_not_offered("Ask for more time")
    await education.taps_remembered(again)
    assert education.toast == education.words("More time has been asked for already; the office has not answered yet.")
    assert (await row(town)).due.isoformat() == "2026-12-10", "until it is answered the day stays"
    await office.taps("Give more time")
    education.sees("✅ <b>More time is given for item {number}</b>", number=ONE)
    assert (await row(town)).due.isoformat() == "2026-12-31"
    await town.passes(days=21)  # until 17 December: nothing is due
    assert not any(ONE in text for text in digests(education))
    await does(education, "Ask for more time", "✅ Send", "明年1月15日", "再延")
    await does(office, "Refuse more time", "✅ Send", "不能再延")
    education.sees("✖️ <b>No more time is given for item {number}</b>", "Reason: {text}", number=ONE, text="不能再延")
    await town.passes(days=15)
    await education.sends("/assignments")
    await education.taps_written(ONE)
    await education.taps("Ask for more time")
    assert education.toast == education.words("The due day has passed, so more time can no longer be asked for. Please ring the office.")


async def test_what_comes_back_after_its_day_is_chased_again(county: dict[str, Speaker]) -> None:
    office, education, town = county["office"], county["education liaison"], county["office"].town
    await given(office)
    await education.taps("Accept the item")
    await education.taps("Ask for more time")
    await education.sends("12月14日")
    await education.sends("学校期末考试")
    await education.taps("✅ Send")
    late = office.remembers("Give more time")
    await does(education, "Submit with proof", "✅ Submit", "已办", "", PAPER)
    await town.passes(days=25)
    told = sum(ONE in text for text in digests(education))
    await office.taps_remembered(late)
    assert office.toast == office.words(
        "The day that was asked for has passed. Please refuse it, with a word; the unit can be given another day."
    )
    assert (await row(town)).due.isoformat() == "2026-12-10", "a day that has passed is not given"
    await office.sends("/assignments")
    await office.taps_written(ONE)
    await does(office, "Return it", "✅ Return it", "缺盖章")
    await town.passes(days=14)
    assert sum(ONE in text for text in digests(education)) > told, "the steps count from the day it came back"


@ON_BOTH
async def test_whoever_takes_the_post_meanwhile_is_given_what_waits(county: dict[str, Speaker]) -> None:
    office, education, town = county["office"], county["education liaison"], county["office"].town
    await given(office)
    await given(office, "education", lead="justice")
    old = education.remembers("Accept the item")

    def leaves(act: Unit) -> None:
        post = act.people.post_of("badong", "education", Role.LIAISON, None, 1)
        assert post is not None
        (tenure,) = act.people.holders_of(post.id or 0, act.at)
        finish_tenure(act, post, tenure, "left", at=act.at)

    await town.application.desk.act(leaves)
    await town.passes(minutes=1)
    new = await seat(town, replace(LEAD, name="successor"), liaison("health"), language=office.language)
    await town.settled()
    successor = new["successor"]
    for number in (ONE, "2026-2"):
        successor.has_seen("📌 <b>Assigned item {number}</b>", number=number)
        assert number not in seen(new["health liaison"])
    await successor.taps("Our part is done")
    await successor.taps("Accept the item")
    office.sees("👍 <b>Item {number} has been accepted</b>", number=ONE)
    await education.taps_remembered(old)
    assert (await town.look(all_of(assignments, number=ONE)))[0].state == "accepted"
    await town.passes(days=15)
    assert [sum(ONE in text for text in digests(who)) for who in (successor, education)] == [3, 0]


async def test_a_unit_that_cannot_help_says_why(county: dict[str, Speaker]) -> None:
    office, education, justice = county["office"], county["education liaison"], county["justice liaison"]
    await given(office, "justice")
    await education.taps("Accept the item")
    await does(justice, "We cannot help", "✅ Send", "人手不足")
    for someone in (office, education):
        someone.sees("✖️ <b>Item {number}: a co-responsible unit cannot help</b>", "Reason: {text}", number=ONE, text="人手不足")
    await does(education, "Submit with proof", "✅ Submit", "已办", "", PAPER)
    office.sees("📨 <b>Item {number} is submitted: please check it</b>", number=ONE)
    office.reads(office.words("cannot help"))


@ON_BOTH
async def test_who_speaks_for_two_helpers_answers_for_the_one_whose_post_is_worn(county: dict[str, Speaker]) -> None:
    office, town = county["office"], county["office"].town
    both = (await seat(town, *(Seat("both", Role.LIAISON, unit, f"{unit}副联络员", rank=2) for unit in ("justice", "finance"))))["both"]

    def wears(act: Unit) -> None:
        actor = actor_of(act, town, "both")
        act.people.wear(actor.account_id, next(post.post_id for post in actor.posts if post.unit == "finance"))

    await town.application.desk.act(wears)
    await given(office, "justice", "finance")
    said = []
    for _ in range(2):
        await both.taps("Our part is done")
        said.append({each.unit for each in await town.look(all_of(helpers)) if each.state == "confirmed"})
    assert said == [{"finance"}, {"finance", "justice"}]


@obligation("SUP-03", profile="badong")
async def test_the_conference_gives_it_to_other_units(county: dict[str, Speaker]) -> None:
    office, education, justice, finance = (county[name] for name in ("office", "education liaison", "justice liaison", "finance liaison"))
    await given(office, "justice")
    await education.taps("Accept the item")
    await office.taps("Change the units")
    await chooses(office, "finance")
    await chooses(office, "finance")
    office.sees("The lead unit cannot be co-responsible as well. Please choose another unit.")
    await chooses(office, "education")
    await office.taps("Next")
    await office.sends("12月18日")
    await office.sends("按第二次会议决定")
    await office.taps("✅ Change them")
    for someone in (finance, education):
        someone.sees("🔁 <b>Item {number} is carried by other units or until another day</b>", number=ONE)
        someone.sees("By: {unit}", unit=someone.words("Office of the joint conference"))
    justice.sees("🔁 <b>Item {number} is no longer your unit's</b>", number=ONE)
    education.is_offered("Our part is done")
    finance.is_offered("Accept the item", "Not ours")
    assert (await row(office.town)).lead == "finance"


@obligation("SUP-04", profile="badong")
async def test_who_does_nothing_is_reminded_then_the_seat_the_office_the_convener(county: dict[str, Speaker]) -> None:
    office, town = county["office"], county["office"].town
    await given(office, "justice")
    await county["justice liaison"].taps("Our part is done")
    await town.passes(days=32)
    told = {name: sum(ONE in text for text in digests(who)) for name, who in county.items()}
    assert told == {
        "education liaison": 3,  # five working days before, on the day, the day after
        "education member": 1,  # after three
        "office": 1,  # after five
        "convener": 1,  # after ten
        **dict.fromkeys(("chief", "justice liaison", "finance liaison", "health member"), 0),
    }


def digests(speaker: Speaker) -> list[str]:
    head = speaker.words("⏰ <b>Waiting for you: {count}</b>", count=1)[:6]
    return [text for text in speaker.history if head in text]


@ON_EACH
async def test_who_does_it_in_time_hears_nothing_and_a_court_is_never_chased(
    make_database: MakeDatabase, key: str, how: tuple[str, str]
) -> None:
    async with reads(make_database, key, how, "badong", OFFICE, CONVENER, LEAD, liaison("court")) as people:
        office, education, town = people["office"], people["education liaison"], people["office"].town
        await given(office)
        await education.taps("Accept the item")
        await does(education, "Submit with proof", "✅ Submit", "已办", "", PAPER)
        await given(office, lead="court")
        await town.passes(days=32)
        assert not [text for who in people.values() for text in digests(who) if ONE in text or "2026-2" in text]
        await office.sends("/owe")
        office.sees("🟠 <b>Today ({count})</b>", "⌛ <b>Waiting for others ({count})</b>", count=1)
        await office.taps("Item {number}", number=ONE)
        await does(office, "Return it", "✅ Return it", "缺名单")
        await education.sends("/owe")
        education.sees("🔴 <b>Overdue ({count})</b>", count=1)


async def test_what_i_owe_is_one_screen(county: dict[str, Speaker]) -> None:
    office, education, town = county["office"], county["education liaison"], county["office"].town
    await education.sends("/owe")
    education.sees("✅ You owe nothing at present, and nothing waits for others.")
    for due in ("2026-11-26", "2026-11-27", "2026-12-10"):  # today is Thursday the 26th
        await given(office, due=due)
    await education.sends("/owe")
    education.sees("🟠 <b>Today ({count})</b>", "🟡 <b>This week ({count})</b>", "🟢 <b>Later ({count})</b>", count=1)
    await county["education member"].sends("/owe")
    county["education member"].sees("🟠 <b>Today ({count})</b>", "🟡 <b>This week ({count})</b>", count=1)
    await office.sends("/owe")
    office.sees("⌛ <b>Waiting for others ({count})</b>", count=3)
    await town.passes(days=1, hours=1)
    await education.sends("/owe")
    education.sees("🔴 <b>Overdue ({count})</b>", "🟠 <b>Today ({count})</b>", "🟢 <b>Later ({count})</b>", count=1)
    await county["finance liaison"].sends("/owe")
    county["finance liaison"].sees("✅ You owe nothing at present, and nothing waits for others.")


OFF = "{value} is not a working day. Is it to be on that day all the same?"
WRONG = [
    (
        "11-3",
        "{value} has passed. Please give a time to come; if you mean another year, write the year too.",
        "2026-11-03",
    ),
    ("soonish", "This could not be read as a day. Please write one such as “26 November”, “tomorrow” or “next Wednesday”.", ""),
    ("2030-01-01", "{value} is more than two years away. Please check the year.", "2030-01-01"),
    ("12月11日", OFF, "2026-12-11"),  # announced as a holiday
    ("11月28日", OFF, "2026-11-28"),
]


async def test_wrong_answers_are_said_and_nothing_is_lost(county: dict[str, Speaker]) -> None:
    office, town = county["office"], county["office"].town
    await town.application.desk.act(lambda act: act.change_calendar({date(2026, 12, 11): (False, "")}))
    await office.sends("/assign")
    await office.sends(WHAT)
    await office.sends("长" * 900)
    office.sees(
        "That is {count} characters; at most {limit} fit here. Please shorten it and send it again. Nothing else was lost.",
        count=900,
        limit=500,
    )
    await town.passes(seconds=15)  # what comes at once may be the rest of it
    await office.sends(WHY)
    await chooses(office, "statistics")
    office.sees("Nobody holds a post of that unit, so nobody could take it up. Choose another unit, or bring somebody in with /invite.")
    await chooses(office, "health")
    office.sees("That unit has no liaison at present; the item would go to its seat. Shall it stay so?")
    await office.taps("Yes, keep it")
    await chooses(office, "health")
    office.sees("The lead unit cannot be co-responsible as well. Please choose another unit.")
    await chooses(office, "statistics")
    office.sees("Nobody holds a post of one of these units. Please leave it out, or bring somebody in with /invite.")
    await chooses(office, "education")
    await office.taps("Next")
    await town.restart()
    await office.sends(PROOF)
    for said, sentence, value in WRONG:
        await office.sends(said)
        office.sees(sentence, **({"value": day_in(office, value)} if value else {}))
    await office.taps("Yes, keep it")
    await office.sends_file("document", name="big.pdf", size=60 * 1024 * 1024)
    office.sees(
        "That file has {size} MB; at most {limit} MB fit. Please make it smaller or split it, and send it again. Nothing else was lost.",
        size=60,
        limit=20,
    )
    await office.taps("Skip")
    await office.taps("Change: {title}", title=office.words("Lead unit"))
    await chooses(office, "education")
    office.sees("The lead unit cannot be co-responsible as well. Please choose another unit.")
    await office.taps("← Back")
    for words in (WHAT, WHY, PROOF, day_in(office, "2026-11-28")):
        office.reads(words)
    assert await town.look(all_of(assignments)) == [], "nothing is half-sent"
    await office.taps("✅ Assign it")
    county["health member"].sees("📌 <b>Assigned item {number}</b>", number=ONE)


@obligation("SUP-01", "SUP-04", profile="gansu")
@ON_EACH
async def test_a_document_without_helpers_asks_for_none(make_database: MakeDatabase, key: str, how: tuple[str, str]) -> None:
    async with reads(make_database, key, how, "gansu", OFFICE, LEAD) as people:
        office, lead, town = people["office"], people["education liaison"], people["office"].town
        for _ in range(2):
            await office.sends("/assign")
            for said in (WHAT, WHY):
                await office.sends(said)
            await chooses(office, "education")
            office.sees("What will show that it is done? Such as a list, a report, photos.")
            for said in (PROOF, DUE):
                await office.sends(said)
            await office.taps("Skip")
            await office.taps("✅ Assign it")
        office.is_not_offered("Change the units")
        await lead.taps("Accept the item")
        await town.passes(days=16)
        assert len(digests(lead)) == 3, "before the day, on it, after it: both items in one message each time"
        await does(lead, "Submit with proof", "✅ Submit", "已办", "", PAPER)
        await does(office, "Strike off", "✅ Strike it off", "按时办结")
        lead.sees("✅ <b>Item {number} is struck off</b>", "Remark: {text}", number="2026-2", text="按时办结")
        await office.sends(f"/trace {ONE}")
        await does(office, "Take it back", "✅ Take it back", "决定已改")
        lead.sees("✖️ <b>Item {number} is taken back</b>", "Reason: {text}", number=ONE, text="决定已改")
        await town.passes(days=16)
        assert len(digests(lead)) == 3, "what is over is over"
        await lead.taps("Accept the item")
        assert lead.toast == lead.words("This item stands differently by now. “Assigned items” shows how; nothing has been changed.")


TOWNSHIPS = (
    Seat("township", Role.TOWNSHIP, "township", "某苏木人民政府"),
    Seat("other", Role.TOWNSHIP, "education", "某镇人民政府"),
)


@ON_EACH
async def test_a_township_is_given_nothing_and_sees_nothing_of_a_unit(make_database: MakeDatabase, key: str, how: tuple[str, str]) -> None:
    """All townships bear one name, and some the name of the unit above them: an item is never theirs."""
    async with reads(make_database, key, how, "neimenggu", OFFICE, LEAD, *TOWNSHIPS) as people:
        office, lead = people["office"], people["education liaison"]
        for words in ("/assign", WHAT, WHY):
            await office.sends(words)
        shown = list(office.buttons)
        while office.words("Next page ▶") in office.buttons:
            await office.taps("Next page ▶")
            shown += office.buttons
        assert any(name_of(office, "education") in label for label in shown)
        never = ("ownship", "illage") if office.language == "en" else ("乡镇", "嘎查")
        assert not [label for label in shown if any(word in label for word in never)]
        await chooses(office, "education")
        for words in (PROOF, DUE):
            await office.sends(words)
        await office.taps("Skip")  # no files
        await office.taps("✅ Assign it")
        await lead.taps("Accept the item")
        for township in (people["township"], people["other"]):
            assert WHAT not in seen(township)
            await township.sends(f"/trace {ONE}")
            township.sees("This is only for people on duty who hold the post for it. If you want to report something, just write it here.")


@ON_BOTH
async def test_other_nouns_add_their_lines(county: dict[str, Speaker]) -> None:
    education = county["education liaison"]
    await given(county["office"])
    await convened(county["office"], starts="2026-12-05T10:00+08:00", days=0)
    await education.sends("/owe")
    education.sees("🟠 <b>Today ({count})</b>", count=1)
    education.sees("🟢 <b>Later ({count})</b>", count=3)  # the item, the attestation, and to come as convened
    await education.taps("Answer: {number}", number="2026-1")
    await education.taps("Attend")
    await education.sends("/owe")
    education.sees_not("🟠 <b>Today ({count})</b>", count=1)


@ON_BOTH
async def test_the_chief_convener_sees_all_and_may_change_the_units(county: dict[str, Speaker]) -> None:
    office, chief = county["office"], county["chief"]
    await given(office, "justice")
    await chief.sends("/assignments")
    await chief.taps_written(ONE)
    chief.is_offered("Change the units", "History")
    chief.is_not_offered("Take it back", "Accept the item")
    await chief.taps("Change the units")
    await chooses(chief, "justice")
    for said in ("Skip", "12月18日", "会议决定"):
        await (chief.taps(said) if said == "Skip" else chief.sends(said))
    await chief.taps("✅ Change them")
    county["justice liaison"].is_offered("Accept the item")
    office.sees("🔁 <b>Item {number} is carried by other units or until another day</b>", number=ONE)
    office.sees("By: {unit}", unit=office.words("Chief convener"))


@ON_BOTH
async def test_others_know_nothing_and_nothing_stands_in_clear(county: dict[str, Speaker]) -> None:
    office, town = county["office"], county["office"].town
    await given(office)
    citizen, finance = Speaker(town.someone("citizen")), county["finance liaison"]
    for command in ("/owe", "/assign", "/assignments", f"/trace {ONE}"):
        await citizen.sends(command)
        citizen.sees("This is only for people on duty who hold the post for it. If you want to report something, just write it here.")
    await finance.sends(f"/trace {ONE}")
    finance.sees("This was not found, or it is not yours to see. Your own reports are under “My reports”.")
    await finance.sends("/assignments")
    finance.sees("No assigned item is open.")
    await finance.sends("/assign")
    finance.sees("This is only for people on duty who hold the post for it. If you want to report something, just write it here.")
    await county["education liaison"].sends("/trace 2026-99")
    dump = await town.look(lambda c: repr([c.execute(select(table)).all() for table in (assignments, outbox, audit)]))
    for words in (WHAT, WHY, PROOF):
        assert words not in dump
