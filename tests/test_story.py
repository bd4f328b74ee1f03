"""One story from end to end: a teacher's report leads to a meeting, a decision, an assigned item, a reminder that climbs, a strike-off."""

from __future__ import annotations

from conference.model.people import Role
from storage.tables import assignments, meetings, notices, nudges, reports, turns
from tests.engine import all_of
from tests.officials import CHIEF, CONVENER, OFFICE, Seat, conference_town, liaison, member, seat
from tests.talking import Speaker
from tests.test_conversations_assignments import ONE, PROOF, WHAT, WHY, chooses, digests, does
from tests.test_conversations_meetings import call
from tests.test_conversations_meetings import reminders as asked_again
from tests.test_conversations_notices import counted, send
from tests.town import Town

DESK = Seat("desk", Role.DUTY_DESK, "public_security", "县公安局值班台")
CAST = (OFFICE, CHIEF, CONVENER, DESK, liaison("education"), member("education"), liaison("justice"), member("justice"))
CLIMB = {  # how far from the day it was due on, and who has heard of it by then (how often)
    "the day itself": {"education liaison": 2},
    "one working day": {"education liaison": 3},
    "three": {"education liaison": 3, "education member": 1},
    "five": {"education liaison": 3, "education member": 1, "office": 1},
    "ten": {"education liaison": 3, "education member": 1, "office": 1, "convener": 1},
}
DAYS_ON = (1, 3, 2, 5, 7)  # that pass before each of these; 25 December 2026 is a Friday


async def test_a_teachers_report_leads_to_a_strike_off(database_url: str, key: str) -> None:
    async with conference_town(database_url, key, "badong") as town:
        people = await seat(town, *CAST)
        await _reports(Speaker(town.someone("teacher")), people["desk"])
        await _meets(town, people)
        await _decides(town, people)
        await _assigns(people)
        await _is_late(town, people)
        await _is_struck_off(town, people)
        await _is_written_down(town)


async def _reports(teacher: Speaker, desk: Speaker) -> None:
    """Whoever is obliged to report says so; public security takes it on, and the teacher learns that."""
    await teacher.sends("/start")
    for said in ("I work at a school, hospital, village committee …", "School or kindergarten staff"):
        await teacher.taps(said)
    await teacher.sends("信陵镇中心小学")
    for said in ("A child", "Beaten or abused at home", "Not right now"):
        await teacher.taps(said)
    await teacher.taps_written("信陵镇")
    for said in ("Today", "Skip", "Skip", "Please do not contact me", "✅ Send"):
        await teacher.taps(said)
    teacher.has_seen("Thank you for doing your duty to report. The time of your report is kept as proof of it.")
    await desk.taps("Accept")
    assert "公安" in teacher.screen


async def _meets(town: Town, people: dict[str, Speaker]) -> None:
    """Called, answered by one unit; only the silent one is asked again, until it answers; held."""
    office, education, justice = people["office"], people["education liaison"], people["justice liaison"]
    await call(office, kind="Extra meeting", starts="12月10日9:00")
    await education.taps("Attend")
    await town.passes(days=5)  # two working days before 3 December
    assert [asked_again(justice, "justice"), asked_again(people["justice member"], "justice")] == [1, 0]
    await justice.taps("Attend")
    await town.passes(days=10)
    assert [asked_again(who, unit) for unit in ("education", "justice") for who in people.values()].count(1) == 1
    await office.taps("It was held")
    office.has_seen("✅ Meeting <b>{number}</b> is recorded as held.", number="2026-1")


async def _decides(town: Town, people: dict[str, Speaker]) -> None:
    """The decision of the meeting is signed for by both units."""
    await send(people["office"], "education", "justice", sign_by="12月18日")
    for unit in ("education", "justice"):
        await people[f"{unit} liaison"].taps("Open the notice")
        await people[f"{unit} liaison"].taps("✍️ Sign for it")
    await town.passes(seconds=15)
    assert counted(people["office"], "Signed for", 2)


async def _assigns(people: dict[str, Speaker]) -> None:
    """From the notice's board: the item says which decision it comes from. One unit leads, the other does its part at once."""
    office, education = people["office"], people["education liaison"]
    await office.taps("Assign an item")
    await office.sends(WHAT)
    await office.sends(WHY)
    await chooses(office, "education")
    await chooses(office, "justice")
    await office.taps("Next")
    await office.sends(PROOF)
    await office.sends("12月25日")
    await office.taps("Skip")  # no files
    await office.taps("✅ Assign it")
    education.sees("📌 <b>Assigned item {number}</b>", "From notice {number}", number=ONE)
    await education.taps("Accept the item")
    await people["justice liaison"].taps("Our part is done")


async def _is_late(town: Town, people: dict[str, Speaker]) -> None:
    """The unit that leads does nothing: each step comes once, on its day, and goes higher."""
    await town.passes(days=13)  # to 24 December
    assert _heard(people) == {"education liaison": 1}, "five working days before"
    for days, (when, heard) in zip(DAYS_ON, CLIMB.items(), strict=True):
        await town.passes(days=days)
        assert _heard(people) == heard, when
    await people["office"].sends("/owe")
    people["office"].sees("⌛ <b>Waiting for others ({count})</b>", count=1)


def _heard(people: dict[str, Speaker]) -> dict[str, int]:
    """Messages in each chat that remind of the item."""
    found = {name: sum(f"· {ONE} 交办事项，县教育局：" in text for text in digests(who)) for name, who in people.items()}
    return {name: times for name, times in found.items() if times}


async def _is_struck_off(town: Town, people: dict[str, Speaker]) -> None:
    """Submitted late but with proof, struck off by the office: nobody hears of it again."""
    office, education = people["office"], people["education liaison"]
    await education.sends("/owe")
    education.sees("🔴 <b>Overdue ({count})</b>", count=1)
    await education.taps("Item {number}", number=ONE)
    await education.taps("Submit with proof")
    await education.sends("全部摸清")
    await education.sends_file("document", name="名单.pdf", size=4000)
    await education.taps("Next")
    await education.taps("✅ Submit")
    await does(office, "Strike off", "✅ Strike it off", "")
    for name in ("education liaison", "justice liaison"):
        people[name].sees("✅ <b>Item {number} is struck off</b>", number=ONE)
    before = _heard(people)
    await town.passes(days=30)
    assert _heard(people) == before
    await education.sends("/owe")
    education.sees_not("🔴 <b>Overdue ({count})</b>", count=1)


async def _is_written_down(town: Town) -> None:
    """Each thing has come to its end, the item names the decision, and every step of their lives is kept in order."""
    ended = [[str(row.state) for row in await town.look(all_of(table))] for table in (reports, meetings, notices, assignments)]
    assert ended == [["accepted"], ["held"], ["sent"], ["struck_off"]]
    (item,), (notice,) = await town.look(all_of(assignments)), await town.look(all_of(notices))
    assert item.notice_id == notice.id
    life = [str(turn.after) for turn in await town.look(all_of(turns, noun="assignment"))]
    assert life == ["assigned", "accepted", "help_confirmed", "submitted", "struck_off"]
    lines = await town.look(all_of(nudges, noun="assignment"))
    assert len({line.key for line in lines}) == len(lines) == sum(CLIMB["ten"].values()), "no step twice"
