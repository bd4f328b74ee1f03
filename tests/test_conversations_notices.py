"""Decision notices end to end: written, approved, recalled, put right; opened and signed for; who is reminded, and what reaches nobody."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from conference.model.errors import SecondNeeded
from conference.model.people import Role
from conference.services.notices import check_undecided, decide_notice
from conference.services.people import finish_tenure
from sandbox.messages import Message
from storage.people import Sender, recognise
from storage.tables import copies, notices, outbox, turns
from storage.unit_of_work import Unit
from tests.engine import all_of, incidents_of
from tests.obligations import obligation
from tests.officials import (
    CHIEF,
    CONVENER,
    OFFICE,
    ON_EACH,
    READ_ON,
    Seat,
    conference_town,
    day_in,
    in_turn,
    liaison,
    member,
    name_of,
    reads,
    seat,
    seen,
)
from tests.talking import Speaker
from tests.town import DOOR, TOKEN, MakeDatabase, Town, actor_of

OPERATOR = Seat("operator", Role.OPERATOR, "civil_affairs", "系统运维")
CAST = (
    OFFICE,
    CHIEF,
    CONVENER,
    OPERATOR,
    liaison("education"),
    member("education"),
    liaison("justice"),
    member("health"),
    liaison("court"),
)
TITLE = "关于做好冬季关爱行动的通知"
TEXT = "请各成员单位于十二月十日前完成入户排查，并将台账报送办公室。"
TOO_LONG = "That is {count} characters; at most {limit} fit here. Please shorten it and send it again. Nothing else was lost."
REST = "A moment ago a text came that was too long; apps send such a text in pieces, and this may be the last of them. Is this the whole?"
TOO_LARGE = "That file has {size} MB; at most {limit} MB fit. Please make it smaller or split it, and send it again. Nothing else was lost."
NOBODY = "Nobody of that unit holds a post, neither liaison nor seat. Please choose others, or invite somebody first: /invite"
DAY_OFF = "{value} is not a working day. Is it to be on that day all the same?"


@pytest.fixture(params=READ_ON, ids="-".join)
async def county(request: pytest.FixtureRequest, make_database: MakeDatabase, key: str) -> Any:
    """Badong with an office and some units, who all read one language."""
    language, kind = request.param
    async with conference_town(make_database(kind, "badong"), key, "badong") as town:
        yield await seat(town, *CAST, language=language)


async def write(by: Speaker, *units: str, kind: str = "Units, each by whoever stands for it", sign_by: str = "12月10日") -> None:
    """From the command to the last screen."""
    await by.sends("/notify")
    await by.sends(TITLE)
    await by.taps("Skip")  # no number of a document
    await by.sends(TEXT)
    await by.taps("Skip")  # no papers
    await by.taps(kind)
    for unit in units:
        await by.sends(name_of(by, unit))
    if units:
        await by.taps("Next")
    await by.sends(sign_by)


async def send(by: Speaker, *units: str, **how: str) -> None:
    await write(by, *units, **how)
    await by.taps("✅ Send the notice")


def board(of: Speaker) -> str:
    """The one message that says how far it has come."""
    word = of.words("All receipts")
    found = [message for message in of.someone.person.from_bot(TOKEN) if word in message.button_texts]
    assert len(found) == 1, "there is one board, and it edits itself"
    return found[0].text or ""


def counted(of: Speaker, english: str, number: int) -> bool:
    return f"{of.words(english)} {number}" in board(of)


def reminders(of: Speaker, unit: str, number: str = "2026-1") -> int:
    """How many messages in this chat say that this unit has not signed."""
    line = of.words("· <b>Notice {number}</b>: {unit} has not signed for it yet, please do so by {due}",
                    number=number, unit=name_of(of, unit), due="#")  # fmt: skip
    return sum(line.partition("#")[0] in text for text in of.history)


def asks_to_sign(of: Speaker) -> bool:
    """Whether a line of the newest message does."""
    before, _, after = of.words("Please sign for it by {at}.", at="#").partition("#")
    return any(line.startswith(before) and line.endswith(after) for line in of.screen.splitlines())


def last_messages(of: Speaker) -> list[Message]:
    return of.someone.person.from_bot(TOKEN)


async def test_sent_opened_signed_and_counted(county: dict[str, Speaker]) -> None:
    office, education, health, town = county["office"], county["education liaison"], county["health member"], county["office"].town
    await write(office, "education", "justice", "health")
    office.sees("<i>As it will be read:</i>", "It goes to <b>{people}</b> people ({audience}).",
                people=3, audience=office.words("Units, each by whoever stands for it"))  # fmt: skip
    await office.taps_twice("✅ Send the notice")
    education.sees("📨 <b>Notice {number}</b>", number="2026-1")
    assert TITLE in education.screen
    assert TEXT not in education.screen, "what is pushed says little"
    assert TITLE not in seen(county["education member"]), "the liaison stands for the unit"
    await town.passes(seconds=15)
    assert counted(office, "Delivered, not opened", 3)

    for who, count in ((education, 1), (county["court liaison"], 0)):
        await who.sends("/owe")
        assert (who.words("🟢 <b>Later ({count})</b>", count=1) in who.screen) == bool(count)
    await education.taps("Open: {number}", number="2026-1")
    education.reads(TEXT, name_of(education, "justice"))
    await town.passes(seconds=15)
    assert counted(office, "Opened, not signed for", 1)
    await education.taps_twice("✍️ Sign for it")
    education.is_not_offered("✍️ Sign for it")
    await education.sends("/owe")
    education.sees("✅ You owe nothing at present, and nothing waits for others.")
    await health.taps("Open the notice")
    await health.taps("✍️ Sign for it")
    await town.passes(seconds=15)
    assert counted(office, "Signed for", 2)
    assert counted(office, "Delivered, not opened", 1)
    assert [row.number for row in await town.look(all_of(notices))] == ["2026-1"], "two presses send one notice"
    assert len([row for row in await town.look(all_of(copies)) if row.signed_at]) == 2
    for message in last_messages(education):
        assert message.protected or TITLE not in (message.text or "")


async def test_only_the_unsigned_are_reminded_then_the_deputy_the_seat_the_office_and_the_convener(county: dict[str, Speaker]) -> None:
    office, town = county["office"], county["office"].town
    deputy = (await seat(town, Seat("deputy", Role.LIAISON, "education", "教育局副联络员", rank=2), language=office.language))["deputy"]
    await send(office, "education", "justice", "health", "court")
    await county["justice liaison"].taps("Open the notice")
    await county["justice liaison"].taps("✍️ Sign for it")
    await town.passes(days=14)  # to the day before the last
    assert [reminders(county[name], "education") for name in ("education liaison", "education member")] == [1, 0]
    assert reminders(deputy, "education") == 0
    await town.passes(days=4)
    assert [reminders(county[name], "education") for name in ("education liaison", "education member")] == [1, 1]
    assert reminders(deputy, "education") == 1
    assert reminders(county["health member"], "health") == 3, "a unit without liaison and deputy: its seat"
    assert reminders(office, "education") == 0
    await deputy.taps("Open: {number}", number="2026-1")
    await deputy.taps("✍️ Sign for it")
    await town.passes(days=14)
    assert [reminders(county[name], "education") for name in ("education liaison", "education member", "office")] == [1, 1, 0]
    assert [reminders(county[name], "health") for name in ("office", "convener")] == [1, 1]
    for someone in county.values():
        assert reminders(someone, "justice") == 0
        assert reminders(someone, "court") == 0, "courts are informed, never chased"
    assert counted(office, "Signed for", 2)
    assert "教育局副联络员" in await receipts(office)


async def receipts(office: Speaker) -> str:
    """Every copy, by unit and post."""
    await office.taps("All receipts")
    return office.screen


async def test_recalled_within_ten_minutes_it_is_gone_from_every_chat(county: dict[str, Speaker]) -> None:
    office, education, town = county["office"], county["education liaison"], county["office"].town
    await send(office, "education", "justice")
    await education.taps("Open the notice")
    await education.sends("/notices")
    await education.taps("Open: {number}", number="2026-1")
    assert seen(education).count(TEXT) == 2
    sign = education.remembers("✍️ Sign for it")
    await office.taps("↩️ Recall it")
    await office.sends("数据有误")
    await town.passes(minutes=9)
    await office.taps("✅ Recall it")
    office.has_seen("↩️ Notice <b>{number}</b> has been recalled. Whoever had it sees that now; nobody is reminded.", number="2026-1")
    asked = office.words("To be signed for by {at}. Only those who have not are reminded.", at="#").partition("#")[2]
    assert asked not in board(office)
    for someone in (education, county["justice liaison"]):
        assert TEXT not in seen(someone)
        assert "数据有误" in seen(someone)
    await education.taps_remembered(sign)
    assert education.toast == education.words("This notice has been recalled. Please do not go by it.")
    await town.passes(days=20)
    assert reminders(education, "education") == 0
    assert [str(row.after) for row in await town.look(all_of(turns, noun="notice"))] == ["sent", "recalled"]


async def test_after_ten_minutes_it_is_put_right_by_a_notice_that_names_it(county: dict[str, Speaker]) -> None:
    office, education, town = county["office"], county["education liaison"], county["office"].town
    await send(office, "education", "justice")
    await office.taps("↩️ Recall it")
    recall = office.remembers("↩️ Recall it")
    await town.passes(minutes=11)
    await office.sends("数据有误")
    await office.taps("✅ Recall it")
    late = "Its {figure} minutes have passed, so it can no longer be recalled. Please send a correction instead."
    office.sees(late, figure=10)
    await office.taps_remembered(recall)
    assert office.toast == office.words(late, figure=10)
    assert office.words("↩️ Recall it") not in [label for each in last_messages(office) for label in each.button_texts]
    await office.taps("Send a correction")
    await office.sends("更正：请于十二月十五日前完成。")
    await office.sends("12月15日")
    await office.taps("✅ Send the notice")
    assert education.words("📨 <b>Notice {number}</b>: correction of notice {before}", number="2026-2", before="2026-1") in education.screen
    await education.sends("/notices")
    education.sees("put right by a later notice")
    await education.taps("Open: {number}", number="2026-1")
    education.sees("<b>Put right by notice {number}; please go by that one.</b>", number="2026-2")
    assert not asks_to_sign(education)
    await town.passes(days=25)
    assert reminders(education, "education", "2026-2")
    assert reminders(education, "education", "2026-1") == 0, "what was put right is no longer owed"


async def test_a_recalled_correction_leaves_the_first_notice_owed(county: dict[str, Speaker]) -> None:
    office, education, town = county["office"], county["education liaison"], county["office"].town
    await send(office, "education", "justice")
    await town.passes(minutes=11)
    await office.taps("Send a correction")
    await office.sends("更正：请于十二月十五日前完成。")
    await office.sends("12月15日")
    await office.taps("✅ Send the notice")
    await office.taps("↩️ Recall it")
    await office.sends("更正有误")
    await office.taps("✅ Recall it")
    await town.passes(minutes=1)
    await education.sends("/notices")
    await education.taps("Open: {number}", number="2026-1")
    assert education.words("<b>Put right by notice {number}; please go by that one.</b>", number="2026-2") not in education.screen
    await town.passes(days=25)
    assert reminders(education, "education", "2026-1"), "it holds again, and is chased"


async def test_what_reaches_nobody_is_an_incident_at_once(county: dict[str, Speaker]) -> None:
    office, justice, town = county["office"], county["justice liaison"], county["office"].town
    justice.someone.person.block(TOKEN)
    await write(office, "education", "justice", "health", "finance")
    office.sees("⚠️ Nobody there gets it: {units}", units=name_of(office, "finance"))
    office.sees("⚠️ No liaison, so it goes to the seat: {units}", units=name_of(office, "health"))
    await office.taps("✅ Send the notice")
    office.has_seen("⚠️ Notice <b>{number}</b> reaches nobody at:", number="2026-1")
    office.has_seen("⚠️ Notice <b>{number}</b> could not be delivered to:", number="2026-1")
    await town.passes(seconds=15)
    assert counted(office, "⚠️ Not reached", 2)
    assert {row.subject for row in await incidents_of(town, "notice_unreached")} == {"notice:1"}
    assert county["operator"].words("A notice does not reach everybody it is for.") in seen(county["operator"])
    justice.someone.person.unblock(TOKEN)
    await justice.sends("/notices")
    await justice.taps("Open: {number}", number="2026-1")
    await justice.taps("✍️ Sign for it")
    await town.passes(seconds=15)
    assert counted(office, "⚠️ Not reached", 1)
    await office.taps("↩️ Recall it")
    await office.sends("数据有误")
    await office.taps("✅ Recall it")
    assert all(row.closed_at for row in await incidents_of(town, "notice_unreached"))


@ON_EACH
async def test_what_goes_to_many_waits_for_a_second_person(make_database: MakeDatabase, key: str, how: tuple[str, str]) -> None:
    language, kind = how
    async with conference_town(make_database(kind, "badong"), key, "badong") as town:
        units = [unit.slug for unit in town.application.database.conferences.profile("badong").units.values() if unit.seat]
        everybody = await seat(town, OFFICE, *(each for unit in units for each in (liaison(unit), member(unit))), language=language)
        office = everybody["office"]
        await write(office, kind="The seats of the conference")
        office.sees(
            "It goes to <b>{people}</b> people ({audience}).", people=len(units), audience=office.words("The seats of the conference")
        )
        await office.taps("Change: {title}", title=office.words("To whom"))
        assert len(units) < 30
        await office.taps("Everybody who holds a post")
        many = 2 * len(units) + 1
        nobody = "That goes to {people} people. From {limit} on a second person has to approve it, and nobody else holds a post for that. "
        nobody += "Please choose fewer, or invite a colleague or a convener first: /invite"
        office.sees(nobody, people=many, limit=30)
        convener = (await seat(town, CONVENER, language=office.language))["convener"]
        await office.taps("Everybody who holds a post")
        office.sees("👥 A second person has to approve it before it is sent.")
        await office.taps("✅ Send the notice")
        office.sees("⏳ Notice <b>{number}</b> goes to {people} people, so a second person has been asked. It is sent once they approve.",
                    number="2026-1", people=many + 1)  # fmt: skip
        assert TITLE not in seen(everybody["education liaison"])
        convener.reads(TITLE, TEXT)
        no = convener.remembers("Do not approve")
        await convener.taps("Do not approve")
        await convener.sends("请先核对日期")
        await convener.taps("✅ Do not approve")
        assert "请先核对日期" in office.screen
        await convener.taps_remembered(no)
        assert convener.toast == convener.words("Somebody has decided about this notice already; nothing has changed.")
        await town.passes(days=1)
        assert TITLE not in seen(everybody["education liaison"])

        await send(office, kind="Everybody who holds a post")
        await convener.taps_twice("✅ Approve and send")
        office.has_seen("✅ Notice <b>{number}</b> “{title}” was approved and sent to {people} people.",
                        number="2026-2", title=TITLE, people=many + 1)  # fmt: skip
        for one in everybody.values():
            assert TITLE in seen(one)
        rows = {row.number: (str(row.state), row.made_by == row.approved_by) for row in await town.look(all_of(notices))}
        assert rows == {"2026-1": ("refused", False), "2026-2": ("sent", False)}


@ON_EACH
async def test_nobody_approves_what_they_wrote_and_not_after_its_day(make_database: MakeDatabase, key: str, how: tuple[str, str]) -> None:
    desks = (Seat(f"desk {n}", Role.DUTY_DESK, "public_security") for n in range(30))
    async with reads(make_database, key, how, "badong", OFFICE, Seat("clerk", Role.OFFICE, "civil_affairs"), *desks) as people:
        town = people["office"].town
        await send(people["office"], kind="Everybody who holds a post", sign_by="11月30日")
        people["office"].is_not_offered("✅ Approve and send")

        def tries(act: Unit) -> int:
            """The maker, from whatever account; how often that is refused."""
            maker, refused = actor_of(act, town, "office"), 0
            for way in (partial(decide_notice, granted=True, at=act.at), check_undecided):
                try:
                    way(act, maker, 1)
                except SecondNeeded:
                    refused += 1
            return refused

        assert await town.application.desk.act(tries) == 2
        await town.passes(days=5)
        await people["clerk"].taps("✅ Approve and send")
        assert people["clerk"].toast == people["clerk"].words(
            "The day until which it was to be signed for has passed. Please have it written anew."
        )
        assert TITLE not in seen(people["desk 1"])
        assert await town.look(all_of(copies)) == []


async def test_seats_sign_each_for_themselves(county: dict[str, Speaker]) -> None:
    office, town = county["office"], county["office"].town
    await send(office, kind="The seats of the conference")
    assert TITLE not in seen(county["education liaison"])
    await county["chief"].taps("Open the notice")
    await county["chief"].taps("✍️ Sign for it")
    await town.passes(days=25)
    assert reminders(county["chief"], "government_office") == 0
    assert reminders(county["education member"], "education") == 3, "the seat itself, and nobody for it"
    assert reminders(county["education liaison"], "education") == 0
    assert counted(office, "Signed for", 1)


async def test_a_territory_is_its_posts(county: dict[str, Speaker]) -> None:
    office, town = county["office"], county["office"].town
    places = {"xinling": "422823100", "yesanguan": "422823107"}
    them = await seat(
        town,
        *(Seat(name, Role.TOWNSHIP, "township", f"{name}经办", place=code) for name, code in places.items()),
        language=office.language,
    )
    await office.sends("/notify")
    await office.sends(TITLE)
    await office.taps("Skip")
    await office.sends(TEXT)
    await office.taps("Skip")
    await office.taps("Posts in townships or villages")
    await office.sends("信陵镇")
    office.reads("信陵镇")
    await office.taps("Next")
    await office.sends("12月10日")
    await office.taps("✅ Send the notice")
    assert TITLE in seen(them["xinling"])
    assert TITLE not in seen(them["yesanguan"])
    await town.passes(days=15)
    waits = office.words("⏰ <b>Waiting for you: {count}</b>", count=1)
    assert any(waits in text for text in them["xinling"].history)
    assert not any(waits in text for text in them["yesanguan"].history)


PAST = "{value} has passed. Please give a time to come; if you mean another year, write the year too."
NO_DAY = "This could not be read as a day. Please write one such as “26 November”, “tomorrow” or “next Wednesday”."
UNFIT: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("Text", "长" * 9000, TOO_LONG, {"count": 9000, "limit": 2800}),
    ("Text", "😀" * 2000, TOO_LONG, {"count": 4000, "limit": 2800}),
    ("Title", "长" * 101, TOO_LONG, {"count": 101, "limit": 100}),
    ("Sign by", "2026-11-03", PAST, {"value": "2026-11-03"}),
    ("Sign by", "2026-12-05", DAY_OFF, {"value": "2026-12-05"}),
    ("Sign by", "soon", NO_DAY, {}),
)


async def test_what_does_not_fit_is_said_and_nothing_is_lost(county: dict[str, Speaker]) -> None:
    office, education, town = county["office"], county["education liaison"], county["office"].town
    await write(office, "education")
    for step, said, sentence, facts in UNFIT:
        await office.taps("Change: {title}", title=office.words(step))
        await office.sends(said)
        office.sees(sentence, **{name: day_in(office, fact) if name == "value" else fact for name, fact in facts.items()})
        await town.passes(seconds=15)  # what comes at once may be the rest of a long text
        await office.taps("← Back")
        office.reads(TITLE, TEXT)
    await office.taps("Change: {title}", title=office.words("Units"))
    await office.sends(name_of(office, "education"))  # taken back
    await office.sends(name_of(office, "finance"))
    office.sees(NOBODY)
    await office.sends(name_of(office, "education"))
    await office.taps("Next")
    office.reads(TITLE, TEXT)
    assert TITLE not in seen(education), "nothing is half-sent"
    await office.taps("✅ Send the notice")
    assert TITLE in seen(education)
    assert len(await town.look(all_of(notices))) == 1


@ON_EACH
async def test_the_last_piece_of_a_long_text_does_not_pass_for_the_whole(
    make_database: MakeDatabase, key: str, how: tuple[str, str]
) -> None:
    async with reads(make_database, key, how, "badong", OFFICE, liaison("education")) as people:
        office = people["office"]
        await office.sends("/notify")
        await office.sends(TITLE)
        await office.taps("Skip")
        for piece in ("长" * 4096, "长" * 4096, "长" * 808):  # 9,000 characters, as an app sends them
            await office.sends(piece)
        office.sees(REST)
        await office.sends(TEXT)
        office.is_not_offered("Yes, keep it")
        await office.taps("← Back")
        office.reads(TEXT)


@ON_EACH
async def test_papers_previews_and_who_may_read(make_database: MakeDatabase, key: str, how: tuple[str, str]) -> None:
    async with reads(make_database, key, how, "badong", OFFICE, liaison("education"), liaison("justice")) as people:
        office, education, justice = people.values()
        await write(office, "education")
        await office.taps("Change: {title}", title=office.words("To whom"))
        await office.taps("The seats of the conference")
        office.sees("Nobody holds a post there, so nobody would get it. Please choose others, or fill the posts first: /invite")
        await office.taps("← Back")
        await office.taps("Change: {title}", title=office.words("Attachments"))
        await office.sends_file("document", name="big.pdf", size=60 * 1024 * 1024)
        office.sees(TOO_LARGE,
                    size=60, limit=20)  # fmt: skip
        await office.sends_file("document", name="台账.xlsx", size=5000)
        await office.taps("Next")
        for label, words in (("👁 English", "Please sign for it by"), ("👁 繁體中文", "前簽收"), ("👁 简体中文", "前签收")):
            await office.taps_written(label)
            office.reads(words, TEXT)
        await office.taps("✅ Send the notice")
        await education.taps("Open the notice")
        await education.taps("Attachments ({count})", count=1)
        education.sees("Notice <b>{number}</b>, attachment {part}/{parts}", number="2026-1", part=1, parts=1)
        for message in last_messages(education)[-2:]:
            assert message.protected
        assert education.words("<i>Electronic copy. The signed and sealed document, where there is one, holds.</i>") in seen(education)
        assert not any(mark in seen(education) for mark in ("🔴", "㊞", "公章", "印章", "（章）")), "never dressed as a sealed paper"
        await justice.sends("/notices")
        justice.sees("There are no notices for your posts.")
        await justice.sends("/notify")
        justice.sees("This is only for people on duty who hold the post for it. If you want to report something, just write it here.")
        dump = await office.town.look(lambda c: repr(c.execute(select(notices)).all()) + repr(c.execute(select(outbox)).all()))
        assert TITLE not in dump
        assert TEXT not in dump


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_each_reads_the_same_notice_in_a_language_of_ones_own(make_database: MakeDatabase, key: str, kind: str) -> None:
    async with reads(make_database, key, ("zh_Hans", kind), "badong", OFFICE, liaison("education"), liaison("health")) as people:
        town = people["office"].town
        for language, unit in (("zh_Hant", "justice"), ("en", "finance")):
            people |= await seat(town, liaison(unit), language=language)
        await send(people["office"], "education", "justice", "health", "finance")
        for name in ("education liaison", "justice liaison", "health liaison", "finance liaison"):
            people[name].sees("📨 <b>Notice {number}</b>", number="2026-1")
            await people[name].taps("Open the notice")  # signed for this very account
            people[name].reads(TEXT)


@ON_EACH
async def test_whoever_takes_over_the_post_signs_for_it(make_database: MakeDatabase, key: str, how: tuple[str, str]) -> None:
    async with reads(make_database, key, how, "badong", OFFICE, liaison("education")) as people:
        office, old, town = people["office"], people["education liaison"], people["office"].town
        await send(office, "education")
        open_it = old.remembers("Open the notice")
        await pass_on(town, old)
        new = (await seat(town, Seat("successor", Role.LIAISON, "education"), language=office.language))["successor"]
        await old.taps_remembered(open_it)
        assert TEXT not in seen(old)
        await new.sends("/notices")
        await new.taps("Open: {number}", number="2026-1")
        await new.taps("✍️ Sign for it")
        await town.passes(seconds=15)
        assert counted(office, "Signed for", 1)


async def pass_on(town: Town, holder: Speaker) -> None:
    """The tenures of this person end."""

    def end(act: Unit) -> None:
        number = holder.someone.person.id
        actor = recognise(act.connection, act.sealer, DOOR, [Sender(number, "zh_Hans")], act.at)[number]
        for held in actor.posts:
            post = act.people.get_post(held.post_id)
            assert post is not None
            for tenure in act.people.holders_of(held.post_id, act.at):
                finish_tenure(act, post, tenure, "left", at=act.at)

    await town.application.desk.act(end)


@obligation("SUP-05", "SUP-06", profile="gansu")
@obligation("SUP-06", profile="badong")
@in_turn("gansu", "badong", "jieyang", "national", "neimenggu")
async def test_every_conference_circulates_to_its_units_and_has_their_receipts(
    make_database: MakeDatabase, key: str, slug: str, how: tuple[str, str]
) -> None:
    language, kind = how
    async with conference_town(make_database(kind, slug), key, slug) as town:
        profile = town.application.database.conferences.profile(slug)
        some = [unit for unit in profile.units if unit not in ("court", "procuratorate")][:3]
        people = await seat(
            town, Seat("office", Role.OFFICE, profile.desk_of_the_office), *(liaison(unit) for unit in some), language=language
        )
        await write(people["office"], some[0])
        await people["office"].taps("Change: {title}", title=people["office"].words("Units"))
        await people["office"].taps("All")
        await people["office"].taps("Next")
        await people["office"].taps("✅ Send the notice")
        for unit in some:
            await people[f"{unit} liaison"].taps("Open the notice")
            await people[f"{unit} liaison"].taps("✍️ Sign for it")
        await town.passes(seconds=15)
        assert counted(people["office"], "Signed for", len(some))
        assert counted(people["office"], "⚠️ Not reached", len(profile.units) - len(some))
