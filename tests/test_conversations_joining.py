"""Joining as a conversation: invited, opened, named, confirmed by a second person; and every way in which nobody gets in."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
import zxingcpp
from sqlalchemy import select

from conference import profiles
from conference.model.people import Role
from conference.model.told import DraftErased
from conference.services import bindings
from conference.services.profiles import load_profile
from handlers.telegram.texts.everybody import REASONS
from handlers.telegram.texts.inviting import HOW
from handlers.telegram.texts.joining import CAN, ENDED, WHY
from handlers.telegram.texts.roster import GAPS
from sandbox.messages import Message
from storage.tables import WITHDRAWN, accounts, due, outbox, persons, posts, tenures
from storage.unit_of_work import Unit
from tests.engine import account_of
from tests.talking import CLIENTS, Speaker, as_seen_by, audited, draft_of, files, holds_for_all
from tests.test_conversations_officials import tells_all
from tests.test_profile_loading import merged
from tests.town import TOKEN, Town, actor_of

LIAISON, TITLE = Role.LIAISON, "县教育局联络员"
NAME = "测试员甲"
UNIT = {"zh_Hans": "县教育局", "zh_Hant": "县教育局", "en": "County Education Bureau"}
TOLD_OFFICE = "👤 <b>{name}</b> has answered an invitation."
WELCOME = "🤝 <b>Welcome.</b> The office has confirmed you; from now on this post is yours."
INVITED = "🤝 <b>You are invited.</b>"
HAND_OVER = "Hand over a post of mine or of my unit"
YES, NO = "Yes, this is my post", "No, this is not for me"


@dataclass
class Office:
    """Two people of the office, and what one of them hands out."""

    town: Town
    issuer: Speaker
    second: Speaker
    post: int

    async def issues(self, title: str = TITLE) -> tuple[str, str]:
        """An invitation from the chat; its link and its code."""
        await self.looks_at(title)
        await self.issuer.taps("Invite somebody")
        return link_and_code(self.issuer)

    async def looks_at(self, title: str = TITLE) -> None:
        await self.issuer.sends("/invite")
        await self.issuer.taps_written(UNIT[self.issuer.language])
        await self.issuer.taps_written(title)


def link_and_code(speaker: Speaker) -> tuple[str, str]:
    text = next(text for text in reversed(speaker.history) if "start=i-" in text)
    link, code = re.search(r"https://t\.me/lianxi_test_bot\?start=i-[\w-]{22}", text), re.search(r"(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}", text)
    assert link is not None
    assert code is not None
    return link[0], code[0]


def start(link: str) -> str:
    """What the channel sends for somebody who follows the link."""
    return f"/start {link.partition('start=')[2]}"


@pytest.fixture(params=list(CLIENTS))
async def office(request: pytest.FixtureRequest, town: Town) -> AsyncIterator[Office]:
    yield await open_office(town, request.param)
    await holds_for_all(town)


@pytest.fixture
async def one_office(town: Town) -> AsyncIterator[Office]:
    """In simplified Chinese only, for what does not depend on the language."""
    yield await open_office(town, "zh_Hans")
    await holds_for_all(town)


async def open_office(town: Town, language: str) -> Office:
    issuer, second = [
        await town.appoint(name, Role.OFFICE, "civil_affairs", "联席会议办公室", language=CLIENTS[language])
        for name in ("issuer", "second")
    ]

    def opened(uow: Unit) -> int:
        post = uow.people.post_of("badong", "education", LIAISON, None, 1)
        assert post is not None
        assert post.id is not None
        return post.id

    post = await town.application.desk.act(opened)
    return Office(town, Speaker(issuer, language), Speaker(second, language), post)


async def holders(town: Town, post: int) -> list[int]:
    query = select(tenures.c.person_id).where(tenures.c.post_id == post, tenures.c.ends_at.is_(None))
    return list(await town.look(lambda c: c.execute(query).scalars().all()))


async def gets_in(office: Office, invited: Speaker, link: str, name: str = NAME) -> None:
    await invited.sends(start(link))
    await invited.taps(YES)
    await invited.sends(name)
    await office.second.taps("Confirm")


def invited_of(office: Office, name: str = "newcomer") -> Speaker:
    return as_seen_by(name, office.town, office.issuer.language)


# -- the way in


async def test_the_way_in_from_the_office_to_the_post(office: Office) -> None:
    town, invited = office.town, invited_of(office)
    link, _ = await office.issues()
    await invited.sends(start(link))
    invited.sees(INVITED)
    invited.reads("Badong" if invited.language == "en" else "巴东县", UNIT[invited.language], TITLE)
    await invited.taps(YES)
    invited.sees("Please write your name as the office knows it (at most {most} characters).", most=40)
    await invited.sends(NAME)
    invited.sees("✅ <b>Thank you.</b> Your answer is with the office.")
    assert await holders(town, office.post) == []
    office.second.sees(TOLD_OFFICE, name=NAME)
    office.second.is_offered("Confirm", "Refuse")
    assert office.issuer.words(TOLD_OFFICE, name=NAME) not in "".join(office.issuer.history)
    await invited.sends("/whoami")
    invited.reads(invited.words("No post is registered for this account. You can report here like everybody."))

    await office.second.taps("Confirm")
    assert len(await holders(town, office.post)) == 1
    invited.sees(WELCOME, CAN["liaison"])
    office.issuer.sees(HOW["confirmed"], name=NAME)
    office.second.sees(HOW["confirmed"], name=NAME)  # where the question stood
    office.second.is_not_offered("Confirm", "Refuse")
    await invited.sends("/whoami")
    invited.reads(TITLE)
    assert [row.subject for row in await audited(town, "invitation.confirmed")] == ["invitation:1"]


async def test_a_code_from_paper_in_any_spelling(one_office: Office) -> None:
    _, code = await one_office.issues()
    spellings = [code.lower(), code.replace("-", " "), code.replace("-", "").lower().replace("0", "o").replace("1", "l"), f"/join {code}"]
    invited = invited_of(one_office)
    for spelling in spellings:
        await invited.sends(spelling)
        invited.sees(INVITED)
    await invited.sends("/join")
    invited.sees(
        "Please type the code from your invitation, for example <code>7K3M-Q2XR-9V4T-HB6D</code>. Capitals and dashes do not matter."
    )
    await invited.sends(code[:-1])
    invited.sees("That is no code: it has four groups of four letters and digits.\n")
    await invited.sends(code)
    invited.sees(INVITED)


async def test_the_picture_holds_the_link(one_office: Office) -> None:
    link, _ = await one_office.issues()
    picture = message_with(
        one_office.issuer,
        one_office.issuer.words("Invitation {number}, {post}: to be scanned with the phone that will be used.", number=1, post=TITLE),
    )
    assert picture.media is not None
    assert picture.media.kind == "photo"
    content = picture.media.file.content
    assert content is not None
    assert scanned(content) == link


def scanned(png: bytes) -> str:
    """What a scanner reads in a picture of one bit a pixel, without interlacing."""
    width, height, depth, colour = struct.unpack(">IIBB", png[16:26])
    assert (depth, colour) in ((1, 0), (1, 3))
    parts, at = b"", 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        parts += png[at + 8 : at + 8 + length] if png[at + 4 : at + 8] == b"IDAT" else b""
        at += 12 + length
    packed, stride = zlib.decompress(parts), 1 + (width + 7) // 8
    rows: list[bytes] = []
    for row in (packed[at : at + stride] for at in range(0, height * stride, stride)):
        above = rows[-1] if rows else bytes(stride)
        assert row[0] in (0, 2)  # as it is, or what changed from the row above
        rows.append(row if row[0] == 0 else bytes((each + old) % 256 for each, old in zip(row, above, strict=True)))
    pixels = bytes(255 * (row[1 + x // 8] >> (7 - x % 8) & 1) for row in rows for x in range(width))
    (found,) = zxingcpp.read_barcodes(memoryview(pixels).cast("B", shape=[height, width]))
    return str(found.text)


# -- nobody gets in


async def test_used_taken_refused_declined_revoked_expired_and_unknown_are_each_said_and_logged(office: Office) -> None:
    town, invited, other = office.town, invited_of(office), invited_of(office, "other")
    link, code = await office.issues()
    await invited.sends(start(link))
    await other.sends(start(link))
    other.sees(WHY["taken"])
    await other.sends(code)
    other.sees(WHY["taken"])
    await invited.taps(NO)
    invited.sees("Thank you. The invitation is closed, and the office knows that it reached the wrong person.")
    office.issuer.sees(HOW["refused"])
    await invited.sends(start(link))
    invited.sees(WHY["refused"])

    link, _ = await office.issues()
    await office.issuer.taps("Take it back", message_id=message_with(office.issuer, link).id)
    office.issuer.sees(HOW["revoked"])
    await other.sends(start(link))
    other.sees(WHY["revoked"])

    link, _ = await office.issues()
    await town.passes(hours=71, minutes=59)
    assert office.issuer.words(HOW["expired"], hours=72) not in "".join(office.issuer.history)
    await town.passes(minutes=2)
    office.issuer.sees(HOW["expired"], hours=72)
    await other.sends(start(link))
    other.sees(WHY["expired"], hours=72)

    link, _ = await office.issues()
    await gets_in(office, invited, link)
    await other.sends(start(link))
    other.sees(WHY["used"])
    await invited.sends(start(link))
    invited.sees(WHY["used"])
    await other.sends("/start i-" + "x" * 22)
    other.sees(WHY["unknown"])
    await holds_for_all(town)
    whys = [row.facts["why"] for row in await audited(town, "invitation.not_opened")]
    assert whys == ["taken", "taken", "refused", "revoked", "expired", "used", "used", "unknown"]
    assert len(await holders(town, office.post)) == 1


async def test_what_is_refused_after_the_opening_is_said_and_logged_too(one_office: Office) -> None:
    """ "Yes" after the 72 hours, and the name after it was taken back; whoever is refused the name is asked for none any more."""
    town, late, named = one_office.town, invited_of(one_office), invited_of(one_office, "other")
    link, _ = await one_office.issues()
    await town.passes(hours=71)
    await late.sends(start(link))
    await town.passes(hours=2)
    await late.taps_remembered(late.remembers(YES))
    late.sees(WHY["expired"], hours=72)
    link, _ = await one_office.issues()
    await named.sends(start(link))
    await named.taps(YES)
    await one_office.issuer.taps("Take it back", message_id=message_with(one_office.issuer, link).id)
    await named.sends(NAME)
    named.sees(WHY["revoked"])
    assert [row.facts["why"] for row in await audited(town, "invitation.not_answered")] == ["expired", "revoked"]
    assert await holders(town, one_office.post) == []
    await named.sends("你好")
    named.sees_not(WHY["revoked"])


def message_with(speaker: Speaker, text: str) -> Message:
    return next(message for message in speaker.someone.person.from_bot(TOKEN) if text in (message.text or ""))


FOREIGN = {
    "forwarded": {"forward_origin": {"type": "user", "date": 1_790_000_000, "sender_user": {"id": 5, "is_bot": False, "first_name": "x"}}},
    "from a channel": {
        "forward_origin": {"type": "channel", "date": 1_790_000_000, "message_id": 1, "chat": {"id": -5, "type": "channel", "title": "c"}}
    },
    "through a bot": {"via_bot": {"id": 5, "is_bot": True, "first_name": "x"}},
    "edited": {},
}


@pytest.mark.parametrize("form", list(FOREIGN))
async def test_neither_link_nor_code_nor_name_counts_in_somebody_elses_words(one_office: Office, form: str) -> None:
    town, invited, tried = one_office.town, invited_of(one_office), 0

    async def says(text: str) -> None:
        nonlocal tried
        tried += 1
        if form == "edited":
            await invited.sends("/help")
            await invited.edits(invited.last_own(), text)
        else:
            invited.someone.person._send(TOKEN, None, text=text, other=FOREIGN[form])
            await town.settled()
        invited.sees(REASONS["forwarded"])

    link, code = await one_office.issues()
    for secret in (link, start(link), code, f"/join {code}"):
        await says(secret)
    assert await audited(town, "invitation.opened") == []
    await invited.sends(start(link))
    await invited.taps(YES)
    await says(NAME)
    assert await audited(town, "invitation.answered") == []
    assert [row.facts["form"] for row in await audited(town, "form.refused")] == [
        {"from a channel": "forwarded", "through a bot": "through_bot"}.get(form, form)
    ] * tried
    await invited.sends(NAME)
    one_office.second.sees(TOLD_OFFICE, name=NAME)
    assert await draft_of(invited) == {}


async def test_who_was_asked_for_a_code_may_still_forward_what_happened(one_office: Office) -> None:
    """Whoever types /join and then passes on a cry for help is heard: only the code takes one's own words."""
    invited = invited_of(one_office)
    await invited.sends("/join")
    invited.someone.person._send(TOKEN, None, text="隔壁孩子三天没人管了，一直在哭", other=FOREIGN["forwarded"])
    await one_office.town.settled()
    assert "隔壁孩子三天没人管了" in str(await draft_of(invited))


async def test_after_five_wrong_codes_in_an_hour_even_the_right_one_waits(one_office: Office) -> None:
    _, code = await one_office.issues()
    guesser = invited_of(one_office)
    for number in range(5):
        await guesser.sends(f"7K3M-Q2XR-9V4T-HB6{number}")
        guesser.sees(WHY["unknown"])
    await guesser.sends(code)
    guesser.sees("{figure} tries within an hour did not work. Please try again in an hour, or ring the office.", figure=5)
    await guesser.sends("/start i-" + "x" * 22)
    guesser.sees("{figure} tries within an hour did not work. Please try again in an hour, or ring the office.", figure=5)
    assert len(await audited(one_office.town, "invitation.not_opened")) == 7
    await one_office.town.passes(minutes=61)
    await guesser.sends(code)
    guesser.sees(INVITED)


async def test_neither_the_issuer_nor_the_invited_confirms(one_office: Office) -> None:
    town, office = one_office.town, one_office
    link, _ = await office.issues()
    await office.issuer.sends(start(link))
    office.issuer.sees(WHY["own"])
    await office.second.sends(start(link))  # somebody of the office is invited into another post
    await office.second.taps(YES)
    await office.second.sends(NAME)
    for each in (office.issuer, office.second):
        await each.sends("/invitations")
        each.is_not_offered("Confirm")
    third = as_seen_by("office", town)
    confirm = third.remembers("Confirm")
    assert await holders(town, office.post) == []
    await third.taps_remembered(confirm)
    assert len(await holders(town, office.post)) == 1
    await office.second.sends("/whoami")
    office.second.reads(TITLE, "联席会议办公室")


async def test_a_name_is_asked_again_until_it_is_one_and_nothing_else_is_taken_for_it(one_office: Office) -> None:
    invited = invited_of(one_office)
    link, _ = await one_office.issues()
    await invited.sends(start(link))
    await invited.taps(YES)
    for no_name in ("名" * 41, "12345", "…"):
        await invited.sends(no_name)
        invited.sees("That does not look like a name; nothing was passed on. To report something, send /start first.\n")
    await invited.sends("/help")
    invited.sees("<b>How it works</b>")
    await invited.sends("  Anna\n Maria ")
    invited.reads("Anna Maria")
    one_office.second.sees(TOLD_OFFICE, name="Anna Maria")
    await invited.sends(start(link))
    invited.sees("✅ <b>Thank you.</b> Your answer is with the office.")


async def test_a_report_on_its_way_is_still_there_afterwards(one_office: Office) -> None:
    invited = invited_of(one_office)
    link, _ = await one_office.issues()
    await invited.sends("孩子一个人在家")
    before = await draft_of(invited)
    await invited.sends(start(link))
    await invited.taps(YES)
    await invited.sends(NAME)
    assert await draft_of(invited) == before
    await invited.sends("还没吃饭")
    assert "还没吃饭" in str(await draft_of(invited))


async def test_the_office_refuses_a_name_it_does_not_know(office: Office) -> None:
    town, invited = office.town, invited_of(office)
    link, _ = await office.issues()
    await invited.sends(start(link))
    await invited.taps(YES)
    await invited.sends(NAME)
    stale = office.second.remembers("Confirm")
    await office.second.taps("Refuse")
    invited.sees(ENDED["refused"])
    office.issuer.sees(HOW["refused"])
    await office.second.taps_remembered(stale)
    office.second.sees(REASONS["not_now"])
    assert await holders(town, office.post) == []
    assert await town.look(lambda c: c.execute(select(persons.c.name_sealed).where(persons.c.name_sealed.is_not(None))).all()) == []


async def test_a_new_invitation_into_a_post_for_one_takes_the_old_ones_place(one_office: Office) -> None:
    invited, other = invited_of(one_office), invited_of(one_office, "other")
    first, _ = await one_office.issues()
    await invited.sends(start(first))
    second, _ = await one_office.issues()
    invited.sees(ENDED["revoked"])
    await invited.sends(start(first))
    invited.sees(WHY["revoked"])
    await gets_in(one_office, other, second)
    await one_office.looks_at()
    one_office.issuer.is_not_offered("Invite somebody")
    one_office.issuer.reads(NAME)


async def test_while_the_office_has_one_person_the_issuer_hears_what_to_do(town: Town) -> None:
    office = as_seen_by("office", town)
    invited = as_seen_by("newcomer", town)
    await office.sends("/invite")
    await office.turns_to("县公安局", "Next page ▶")
    await office.taps_written("县公安局值班台")
    await office.taps("Invite somebody")
    await invited.sends(start(link_and_code(office)[0]))
    await invited.taps(YES)
    await invited.sends(NAME)
    office.reads("lianxi confirm 1")
    office.is_not_offered("Confirm")
    await holds_for_all(town)


# -- the end


async def test_an_ended_tenure_is_refused_at_the_very_next_press_and_leaves_the_post_vacant(one_office: Office) -> None:
    town, invited = one_office.town, invited_of(one_office)
    link, _ = await one_office.issues()
    await gets_in(one_office, invited, link)
    await invited.sends("/handover")
    of_the_post = invited.remembers(HAND_OVER)
    await invited.taps_remembered(of_the_post)
    invited.sees("<b>Which post is handed over?</b>")
    await one_office.looks_at()
    await one_office.issuer.taps("End the tenure: {name}", name=NAME)
    one_office.issuer.sees("<b>End the tenure of {name}?</b>", name=NAME)
    await one_office.issuer.taps("Yes, left the post")
    one_office.issuer.has_seen("The tenure has ended: {name}, {post}.", name=NAME, post=TITLE)
    one_office.issuer.sees("🪑 <b>A post is vacant.</b>")  # the unit has nobody else who could be reminded
    assert await holders(town, one_office.post) == []
    row = (await town.look(lambda c: c.execute(select(posts).where(posts.c.id == one_office.post)).all()))[0]
    assert row.vacant_since == town.clock.now()
    invited.reads(TITLE)
    await invited.taps_remembered(of_the_post)
    invited.sees(REASONS["not_allowed"])
    await invited.sends("/whoami")
    invited.sees("No post is registered for this account. You can report here like everybody.")
    link, _ = await one_office.issues()
    await gets_in(one_office, invited, link)
    row = (await town.look(lambda c: c.execute(select(posts).where(posts.c.id == one_office.post)).all()))[0]
    assert row.vacant_since is None


async def test_a_post_that_the_document_has_no_more_keeps_its_people_until_the_office_ends_it(one_office: Office) -> None:
    town, issuer = one_office.town, one_office.issuer
    left, title = await town.appoint("left over", Role.LIAISON, "legislative_affairs", "县政府法制办联络员"), "县政府法制办联络员"
    await town.application.desk.act(lambda uow: load_profile(uow, profiles.parse(merged(), "badong.toml"), merged(), at=uow.at))
    await issuer.sends("/gaps")
    issuer.sees(GAPS["closed"], unit="县政府法制办", post=title)
    await issuer.sends("/invite")
    await issuer.turns_to("县政府法制办", "Next page ▶")
    await issuer.taps_written(title)
    issuer.reads("文件已不再设置")
    issuer.is_not_offered("Invite somebody")
    await issuer.taps("End the tenure: {name}", name=issuer.words("name not known"))
    await issuer.taps("Yes, left the post")
    issuer.sees("The tenure has ended: {name}, {post}.", name=issuer.words("name not known"), post=title)
    leaver = Speaker(left, "zh_Hans")
    await leaver.sends("/whoami")
    leaver.sees("No post is registered for this account. You can report here like everybody.")
    await issuer.sends("/gaps")
    assert title not in issuer.history[-1]
    assert await audited(town, "post.vacancy_shown") == []


async def lose_phone(office: Office, name: str = NAME) -> None:
    await office.looks_at()
    await office.issuer.taps("Phone lost: {name}", name=name)
    await office.issuer.taps("Yes, end the accounts")


async def test_a_lost_phone_is_cut_off_blanked_and_replaced(office: Office) -> None:
    town, lost = office.town, invited_of(office)
    link, _ = await office.issues()
    await gets_in(office, lost, link)
    await lost.sends("/handover")
    of_the_post = lost.remembers(HAND_OVER)
    person = await holders(town, office.post)
    before = list(lost.someone.person.from_bot(TOKEN))
    assert len(before) > 3

    await lose_phone(office)
    office.issuer.sees("<b>{name}: the accounts have ended.</b>", name=NAME)
    assert [text for text in lost.history if text != lost.words("This message has been removed.")] == []
    assert [message.buttons for message in lost.someone.person.from_bot(TOKEN) if message.buttons] == []
    assert len(lost.history) == len(before)
    assert await holders(town, office.post) == person
    await lost.taps_remembered(of_the_post)
    lost.sees(REASONS["not_allowed"])
    await lost.sends("/whoami")
    lost.sees("No post is registered for this account. You can report here like everybody.")

    found = invited_of(office, "new phone")
    await office.issuer.taps("Invite back")
    link, _ = link_and_code(office.issuer)
    await found.sends(start(link))
    found.sees("🤝 <b>You are invited back from this account.</b>")
    await found.taps(YES)
    await found.sends(NAME)
    await office.second.taps("Confirm")
    found.sees("🤝 <b>You are back.</b> Your posts are on this account now.")
    assert await holders(town, office.post) == person
    await found.sends("/whoami")
    found.reads(TITLE)


async def test_old_buttons_of_a_lost_phone_do_nothing(one_office: Office) -> None:
    """Also those of an office: the right comes from the binding, which is gone."""
    town, office = one_office.town, one_office
    link, _ = await office.issues()
    invited = invited_of(office)
    await invited.sends(start(link))
    await invited.taps(YES)
    await invited.sends(NAME)
    confirm = office.second.remembers("Confirm")
    second = await account_of(town, office.second.someone)
    person = await town.look(lambda c: c.execute(select(accounts.c.person_id).where(accounts.c.id == second)).scalar())

    await town.application.desk.act(lambda uow: bindings.end_bindings(uow, actor_of(uow, town, "issuer"), person, at=uow.at))
    await office.second.taps_remembered(confirm)
    office.second.sees(REASONS["not_allowed"])
    assert await holders(town, office.post) == []


async def test_what_waits_for_a_lost_account_is_not_sent_and_what_it_answered_leads_nowhere(one_office: Office) -> None:
    town, office = one_office.town, one_office
    link, _ = await office.issues()
    await office.second.sends(start(link))
    await office.second.taps(YES)
    await office.second.sends(NAME)
    third = as_seen_by("office", town)
    account = await account_of(town, office.second.someone)
    person = await town.look(lambda c: c.execute(select(accounts.c.person_id).where(accounts.c.id == account)).scalar())

    def lose(uow: Unit) -> bindings.Ended:
        uow.tell(account, DraftErased(), key="waits")
        uow.connection.execute(outbox.insert(), [{**row, "not_before": uow.at + timedelta(hours=1)} for row, _ in uow._outbox])
        uow._outbox.clear()
        return bindings.end_bindings(uow, actor_of(uow, town, "issuer"), person, at=uow.at)

    await town.application.desk.act(lose)
    await town.passes(hours=2)
    waited = await town.look(lambda c: c.execute(select(outbox.c.state).where(outbox.c.record == "DraftErased")).scalars().all())
    assert waited == [WITHDRAWN]
    third.sees(HOW["revoked"])
    await third.sends("/invitations")
    third.sees("No invitation waits.")


async def test_a_lost_phone_leads_to_no_report_and_to_no_draft(one_office: Office) -> None:
    """Its owner comes back to them with the eight words of the receipt, from the new account."""
    town, office = one_office.town, one_office
    lost, finder = office.second, as_seen_by("new account", town)
    report = await files(lost)
    receipt = lost.receipt
    await lost.sends("/start")
    await lost.taps("A child")
    account = await account_of(town, lost.someone)
    person = await town.look(lambda c: c.execute(select(accounts.c.person_id).where(accounts.c.id == account)).scalar())
    assert await draft_of(lost)

    await town.application.desk.act(lambda uow: bindings.end_bindings(uow, actor_of(uow, town, "issuer"), person, at=uow.at))
    await town.settled()
    assert not await draft_of(lost)
    assert not await town.look(lambda c: c.execute(select(due.c.id).where(due.c.key.like("draft:%"), due.c.state == 0)).all())
    await lost.sends("/my")
    lost.someone.sees_not(report.number)
    before = len(lost.history)
    await as_seen_by("desk", town).taps("Accept")
    assert len(lost.history) == before, "no news of it either"
    await finder.sends(f"/reclaim {receipt}")
    finder.reads(report.number)


async def test_a_phone_that_was_found_again_is_not_blanked_a_second_time(one_office: Office) -> None:
    """The second look is for what was under way when the accounts ended; an account that speaks for somebody again is let alone."""
    town, office, lost = one_office.town, one_office, invited_of(one_office)
    link, _ = await office.issues()
    await gets_in(office, lost, link)
    await lose_phone(office)
    await office.issuer.taps("Invite back")
    await gets_in(office, lost, link_and_code(office.issuer)[0])
    lost.sees("🤝 <b>You are back.</b> Your posts are on this account now.")
    await town.passes(minutes=5)
    lost.sees("🤝 <b>You are back.</b> Your posts are on this account now.")


async def test_messages_of_ninety_days_are_blanked_and_older_ones_are_not(one_office: Office) -> None:
    town = one_office.town
    keeper = Speaker(await town.appoint("keeper", Role.DUTY_DESK, "public_security", "县公安局值班台"))
    for command in ("/help", "/whoami", "/my"):
        await keeper.sends(command)
    older, younger, *_ = before = keeper.someone.person.from_bot(TOKEN)
    words = older.text
    account = await account_of(town, keeper.someone)
    person = await town.look(lambda c: c.execute(select(accounts.c.person_id).where(accounts.c.id == account)).scalar())

    def lose(uow: Unit) -> bindings.Ended:
        for message, days in ((older, 91), (younger, 89)):
            where = outbox.c.account_id == account, outbox.c.message_id == message.id
            aged = outbox.update().where(*where).values(ended_at=uow.at - timedelta(days=days))
            assert uow.connection.execute(aged).rowcount == 1
        return bindings.end_bindings(uow, actor_of(uow, town, "issuer"), person, at=uow.at)

    ended = await town.application.desk.act(lose)
    await town.settled()
    gone = keeper.words("This message has been removed.")
    assert ended.blanked == len(before) - 1
    assert [message.text for message in keeper.someone.person.from_bot(TOKEN)] == [words, *[gone] * (len(before) - 1)]


async def test_pictures_keep_their_place_positions_go_and_old_ones_are_counted(one_office: Office) -> None:
    """What the channel cannot edit is removed while it is young; later it stays, and the office is told how many."""
    town = one_office.town
    desk = await town.appoint("keeper", Role.DUTY_DESK, "public_security", "县公安局值班台")
    keeper, citizen = Speaker(desk), as_seen_by("citizen", town)
    await tells_all(citizen)
    await keeper.taps("Open the report")
    await town.passes(hours=49)
    await tells_all(citizen)
    await keeper.taps("Open the report")
    pictures = [m for m in desk.person.from_bot(TOKEN) if m.media is not None]
    positions = [m for m in desk.person.from_bot(TOKEN) if "location" in m.other]
    assert len(positions) == 2
    account = await account_of(town, desk)
    person = await town.look(lambda c: c.execute(select(accounts.c.person_id).where(accounts.c.id == account)).scalar())

    ended = await town.application.desk.act(lambda uow: bindings.end_bindings(uow, actor_of(uow, town, "issuer"), person, at=uow.at))
    await town.settled()
    assert (ended.accounts, ended.removed, ended.left) == (1, 1, 1)
    now = desk.person.from_bot(TOKEN)
    assert [m for m in now if "location" in m.other] == positions[:1]
    assert len([m for m in now if m.media is not None]) == len(pictures)
    assert {m.text for m in now if "location" not in m.other} == {keeper.words("This message has been removed.")}
    await town.passes(minutes=3)
    assert [m.id for m in desk.person.from_bot(TOKEN)] == [m.id for m in now]
