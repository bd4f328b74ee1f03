"""Opening who reported: never alone, never unseen, once, and gone after ten minutes. Source: security T3, T5, T10."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from conference.model.approvals import Approval
from conference.model.errors import NotAllowed, NotFound, NotPossibleNow, SecondNeeded
from conference.model.people import Role, Tenure
from conference.model.permissions import Action, Concern
from conference.model.told import IdentityShown
from conference.services import approvals as services
from conference.services import conditions
from conference.services.people import finish_tenure
from handlers.presses.approvals import DecideIdentity
from handlers.telegram.texts.everybody import REASONS
from storage.sealed import Purpose
from storage.tables import approvals, audit, due, outbox, tenures
from storage.unit_of_work import Unit
from tests.engine import account_of, all_of, find_buttons, message_update, second_process, store
from tests.talking import Kept, Speaker, as_seen_by, begins, draft_of, holds_for_all, only_report
from tests.town import Someone, Town, actor_of, open_town

REASON = "公安机关依法立案，需要联系报告人取证"
# What the profile calls these posts: they are there before anybody is appointed.
CUSTODIAN, DIRECTOR = "报告人身份保管员", "县民政局主要负责人（兼）"
SECRET = "老师手机 138-0000-1234"
WHERE = "信陵镇中心小学"


class Hall:
    """The people around one sealed identity, and a report to open."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.kept: Kept

    async def opens(self) -> Hall:
        for name, role, unit, title, rank in [
            ("custodian", Role.CUSTODIAN, "civil_affairs", CUSTODIAN, 1),
            ("second custodian", Role.CUSTODIAN, "justice", "身份保管人乙", 2),
            ("director", Role.OFFICE_DIRECTOR, "civil_affairs", DIRECTOR, 1),
            ("chief", Role.CHIEF_CONVENER, "gov", "总召集人", 1),
            ("convener", Role.CONVENER, "civil_affairs", "召集人", 1),
        ]:
            await self.town.appoint(name, role, unit, title, rank=rank)
        teacher = as_seen_by("teacher", self.town)
        await begins(teacher, "reporter")
        await teacher.taps("School or kindergarten staff")
        await teacher.sends(WHERE)
        await teacher.sends(SECRET)
        await teacher.taps("✅ Send")
        self.kept = await only_report(self.town)
        return self

    def one(self, name: str) -> Speaker:
        return as_seen_by(name, self.town)

    def data(self, name: str, kind: str) -> str:
        """Callback data of the newest button of this kind in somebody's chat."""
        for message in reversed(self.one(name).someone.person.from_bot()):
            if found := find_buttons(message, kind):
                return found[0]
        raise AssertionError(f"{name} has no button {kind!r}")

    async def asks(self, reason: str = REASON) -> None:
        custodian = self.one("custodian")
        await custodian.sends(f"/identity {self.kept.number}")
        custodian.sees("<b>Report {number}</b>: why does it have to be known who made it?", number=self.kept.number)
        await custodian.sends(reason)

    async def states(self) -> list[str]:
        return [str(row.state) for row in await self.town.look(all_of(approvals))]

    async def audited(self, *begin: str) -> list[str]:
        return [row.action for row in await self.town.look(all_of(audit)) if row.action.startswith(begin)]

    async def ends(self, name: str) -> None:
        """The tenures of this person end now."""
        account = await account_of(self.town, self.one(name).someone)

        def verb(uow: Unit) -> None:
            person = uow.people.person_of_account(account)
            for tenure in uow.session.scalars(select(Tenure).where(tenures.c.person_id == person, tenures.c.ends_at.is_(None))).all():
                post = uow.people.get_post(tenure.post_id)
                assert post is not None
                finish_tenure(uow, post, tenure, "ended", at=uow.at)

        await self.town.application.desk.act(verb)


@pytest.fixture
async def hall(town: Town) -> Hall:
    return await Hall(town).opens()


def shows(someone: Someone, *secrets: str) -> list[str]:
    return [text for text in someone.history if any(secret in text for secret in secrets)]


async def test_two_persons_open_it_once_and_all_heads_know(hall: Hall) -> None:
    town, number = hall.town, hall.kept.number
    custodian, second, director = hall.one("custodian"), hall.one("second custodian"), hall.one("director")
    await hall.asks()
    custodian.sees("⏳ You have asked to {what}.", what=custodian.words("see who made report {about}", about=number))
    for decider in (second, director):
        decider.sees("<b>A second person is needed.</b>")
        decider.reads(REASON, number, CUSTODIAN)
    for other in ("custodian", "office", "desk", "chief", "operator", "teacher"):
        hall.one(other).someone.has_seen(custodian.words("<b>A second person is needed.</b>"), times=0)
    await director.taps("Approve")
    director.reads(DIRECTOR, number)
    second.reads(DIRECTOR, number)
    second.is_not_offered("Approve")
    custodian.is_offered("Open now")
    assert not shows(custodian.someone, SECRET, WHERE)
    await custodian.taps("Open now")
    custodian.sees("🔓 <b>Report {number}: who made it</b>", number=number)
    custodian.reads(SECRET, WHERE, str(hall.one("teacher").someone.person.id))
    for head in ("chief", "convener", "director", "operator"):
        seen = hall.one(head)
        seen.sees("🔓 <b>Who made report {number} was opened</b>, {at}.", number=number, at="11月26日（周四）09:00")
        seen.reads(CUSTODIAN, DIRECTOR)
    told = [*town.people.values()]
    assert {one.person.name for one in told if shows(one, SECRET, WHERE)} == {"custodian"}
    assert await hall.states() == ["used"]
    await town.passes(minutes=9, seconds=59)
    assert shows(custodian.someone, SECRET)
    await town.passes(seconds=1)
    custodian.sees("🔒 Report {number}: who made it is under seal again.", number=number)
    assert not shows(custodian.someone, SECRET, WHERE, str(hall.one("teacher").someone.person.id))
    assert await hall.audited("approval.", "identity.") == [
        "approval.asked", "approval.granted", "approval.used", "identity.opened", "identity.closed"
    ]  # fmt: skip
    await town.passes(hours=30)
    assert await hall.states() == ["used"], "what was used does not expire"
    await holds_for_all(town)


async def test_what_is_opened_cannot_be_passed_on_and_is_in_no_row(hall: Hall) -> None:
    town = hall.town
    await hall.asks()
    await hall.one("second custodian").taps("Approve")
    await hall.one("custodian").taps("Open now")
    (entry,) = [e for e in hall.one("custodian").entries() if e.method == "sendMessage" and "现在开启" in str(e.params)]
    assert entry.params["protect_content"] in (True, "true", "True"), "the message in which it opens is protected from the first"
    sealer = town.application.database.sealer
    own = await account_of(town, hall.one("teacher").someone)
    rows = [row for row in await town.look(all_of(outbox)) if row.account_id != own]
    said = [sealer.open_json(Purpose.TRAFFIC, "outbox.data_sealed", row.key, row.data_sealed) for row in rows]
    reporter = hall.one("teacher").someone.person.id
    for record in said:
        for secret in (SECRET, WHERE, str(reporter), REASON):
            assert secret not in str(record), record
    (row,) = await town.look(all_of(approvals))
    assert REASON.encode() not in bytes(row.reason_sealed)
    assert all(REASON not in str(line.facts) for line in await town.look(all_of(audit)))


async def test_nobody_else_learns_whether_there_is_such_a_report(hall: Hall) -> None:
    for name in ("teacher", "desk", "office", "director", "chief", "convener", "operator"):
        someone = hall.one(name)
        before = len(someone.history)
        await someone.sends(f"/identity {hall.kept.number}")
        first = someone.screen
        await someone.sends("/identity 2026-99999")
        assert (someone.screen, len(someone.history)) == (first, before + 2), name
        someone.sees("This is only for people on duty who hold the post for it. If you want to report something, just write it here.")
    await hall.one("custodian").sends("/identity 2026-99999")
    hall.one("custodian").sees("This was not found, or it is not yours to see. Your own reports are under “My reports”.")
    await hall.one("custodian").sends("/identity")
    hall.one("custodian").reads("/identity 2026-00017")
    assert await hall.states() == []


async def test_a_reason_that_is_none_is_asked_for_again_and_nothing_is_lost(hall: Hall) -> None:
    custodian = hall.one("custodian")
    await custodian.sends("这里有个孩子没人管")  # something begun before stays
    await custodian.sends(f"/identity {hall.kept.number}")
    await custodian.sends("太短")
    custodian.sees("⚠️ A few words more, please: at least {figure} characters, so that whoever decides can judge.", figure=10)
    await custodian.sends("长" * 501)
    custodian.sees("⚠️ That is too long: at most {figure} characters.", figure=500)
    await custodian.sends_file("photo", size=1000)
    custodian.sees("⚠️ The reason has to be written as text.")
    await custodian.sends("/my")
    await custodian.sends("/unheard-of")
    custodian.sees("<b>Report {number}</b>: why does it have to be known who made it?", number=hall.kept.number)
    await custodian.sends("/cancel")
    custodian.sees("Stopped. Nothing has been asked about report {number}.", number=hall.kept.number)
    assert await hall.states() == []
    await custodian.sends("还有一句")
    assert (await draft_of(custodian))["answers"]["words"] == ["这里有个孩子没人管", "还有一句"]


async def test_a_refusal_is_told_and_opens_nothing(hall: Hall) -> None:
    await hall.asks()
    await hall.one("second custodian").taps("Refuse")
    hall.one("custodian").sees("✖️ {post} has refused it. If it is still needed, speak to them first.", post="身份保管人乙")
    hall.one("custodian").is_not_offered("Open now")
    assert await hall.states() == ["refused"]
    pending = [row for row in await hall.town.look(all_of(due)) if row.kind == "approval_expired" and row.state == 0]
    assert pending == []


async def test_two_decide_at_once_and_the_first_counts(hall: Hall) -> None:
    await hall.asks()
    second, director = hall.one("second custodian"), hall.one("director")
    data, other = hall.data("second custodian", "di"), hall.data("director", "di")
    second.someone.answers.append(second.someone.person.press_data(data, second.someone.person.from_bot()[-1].id))
    director.someone.answers.append(director.someone.person.press_data(other, director.someone.person.from_bot()[-1].id))
    await hall.town.settled()
    assert await hall.states() == ["granted"]
    assert await hall.audited("approval.granted") == ["approval.granted"]
    assert director.toast == director.words("This has been decided already.")
    once = "Once opened, it stays here for {minutes} minutes. Make sure that nobody looks over your shoulder. Open it before {at}."
    hall.one("custodian").has_seen(once, minutes=10, at="11月27日（周五）09:00")


async def test_what_nobody_decides_expires_after_a_day(hall: Hall) -> None:
    await hall.asks()
    stale = hall.data("director", "di")
    await hall.town.passes(hours=23, minutes=59)
    assert await hall.states() == ["asked"]
    await hall.town.passes(minutes=1)
    assert await hall.states() == ["expired"]
    hall.one("custodian").sees("⌛ It was not decided and used in time. If it is still needed, ask again.")
    director = hall.one("director")
    director.has_seen("⌛ The time was over on {at}; nobody can use it any more.", at="11月27日（周五）09:00")
    director.has_seen("<b>A second person is needed.</b>", times=0)
    await director.someone.forges(stale)
    assert await hall.states() == ["expired"]
    await hall.asks()
    assert await hall.states() == ["expired", "asked"]


async def test_what_was_granted_and_not_used_expires_too(hall: Hall) -> None:
    await hall.asks()
    await hall.one("director").taps("Approve")
    opener = hall.data("custodian", "oi")
    await hall.town.passes(hours=24)
    custodian = hall.one("custodian")
    await custodian.someone.forges(opener)
    assert await hall.states() == ["expired"]
    assert not shows(custodian.someone, SECRET, WHERE)


async def test_it_opens_once(hall: Hall) -> None:
    await hall.asks()
    await hall.one("director").taps("Approve")
    opener = hall.data("custodian", "oi")
    custodian = hall.one("custodian")
    await custodian.taps("Open now")
    await custodian.someone.forges(opener)
    assert custodian.toast == custodian.words(
        "This was opened already, or its time has passed. If it is needed again, ask again: /identity and the number."
    )
    assert await hall.audited("identity.opened") == ["identity.opened"]
    await hall.town.passes(minutes=10)
    await custodian.someone.forges(opener)
    assert not shows(custodian.someone, SECRET, WHERE)


async def test_asking_twice_is_asking_once(hall: Hall) -> None:
    await hall.asks()
    custodian = hall.one("custodian")
    await custodian.sends(f"/identity {hall.kept.number}")
    custodian.sees("⏳ You have asked to {what}.", what=custodian.words("see who made report {about}", about=hall.kept.number))
    await hall.one("director").taps("Approve")
    await custodian.sends(f"/identity {hall.kept.number}")
    custodian.is_offered("Open now")
    assert await hall.states() == ["granted"]


async def test_a_custodian_alone_opens_nothing(hall: Hall) -> None:
    for name in ("second custodian", "director"):
        await hall.ends(name)
    await hall.asks()
    hall.one("custodian").sees(
        "Nobody else holds a post that could decide about this, and nobody does it alone. Please speak to the office."
    )
    assert await hall.states() == []


async def test_a_custodian_whose_tenure_ended_sees_nothing_any_more(hall: Hall) -> None:
    """Also what was under way: granted, even opened, and not sent yet."""
    await hall.asks()
    await hall.one("director").taps("Approve")
    custodian, opener = hall.one("custodian"), hall.data("custodian", "oi")
    await hall.ends("custodian")
    await custodian.someone.forges(opener)
    assert await hall.states() == ["granted"]
    assert not shows(custodian.someone, SECRET, WHERE)
    await custodian.sends(f"/identity {hall.kept.number}")
    custodian.sees("This is only for people on duty who hold the post for it. If you want to report something, just write it here.")


async def test_a_reason_under_way_when_the_tenure_ends_is_a_citizens_word(hall: Hall) -> None:
    custodian = hall.one("custodian")
    await custodian.sends(f"/identity {hall.kept.number}")
    await hall.ends("custodian")
    await custodian.sends(REASON)
    assert await hall.states() == []
    await custodian.sends("/cancel")
    assert await hall.states() == []


async def test_an_approver_whose_tenure_ended_decides_nothing(hall: Hall) -> None:
    await hall.asks()
    button = hall.data("second custodian", "di")
    await hall.ends("second custodian")
    await hall.one("second custodian").someone.forges(button)
    assert await hall.states() == ["asked"]


async def test_the_asker_cannot_decide_under_another_hat(hall: Hall) -> None:
    """One person with both posts asks and is not among those who decide, on whichever account."""
    town = hall.town
    await hall.ends("director")
    await town.appoint("custodian", Role.OFFICE_DIRECTOR, "civil_affairs", DIRECTOR)
    await hall.asks()
    signer = town.application.delivery._signer
    account = await account_of(town, hall.one("custodian").someone)
    (approval,) = await town.look(all_of(approvals))
    await hall.one("custodian").someone.forges(signer.pack(DecideIdentity(approval.id, 1), account))
    assert await hall.states() == ["asked"]
    await hall.one("second custodian").taps("Approve")
    assert await hall.states() == ["granted"]


async def test_a_message_that_was_forwarded_or_edited_asks_nothing(hall: Hall) -> None:
    town, custodian = hall.town, hall.one("custodian")
    number = custodian.someone.person.id
    origin = {"forward_origin": {"type": "user", "date": 1_790_000_000, "sender_user": {"id": 5, "is_bot": False, "first_name": "x"}}}
    update: dict[str, Any] = message_update(900_001, number, f"/identity {hall.kept.number}", **origin)
    await store(town, (update, number))
    await town.settled()
    custodian.sees(REASONS["forwarded"])
    await custodian.sends(f"/identity {hall.kept.number}")
    await store(town, (message_update(900_002, number, REASON, **origin), number))
    await town.settled()
    custodian.sees(REASONS["forwarded"])
    edited = message_update(900_003, number, REASON)
    edited["edited_message"] = edited.pop("message") | {"edit_date": 1_790_000_001}
    await store(town, (edited, number))
    await town.settled()
    custodian.sees("⚠️ A message that was edited does not count here. Please send the reason as a new one.")
    assert await hall.states() == []
    await custodian.sends(REASON)
    assert await hall.states() == ["asked"]


async def test_an_opened_identity_that_is_late_stays_sealed(hall: Hall) -> None:
    """The channel was away for ten minutes: what waited is not shown any more."""
    await hall.asks()
    await hall.one("director").taps("Approve")
    town, custodian = hall.town, hall.one("custodian")
    account = await account_of(town, custodian.someone)
    at = town.clock.now()
    shown = IdentityShown(1, hall.kept.id, hall.kept.number, (at + timedelta(minutes=10)).isoformat())

    def completed(after: timedelta) -> Any:
        return town.application.desk.act(lambda uow: conditions.completed(uow, account, shown, at=at + after))

    assert type(await completed(timedelta(minutes=9))).__name__ == "IdentityShown"
    assert type(await completed(timedelta(minutes=10))).__name__ == "IdentityClosed"
    await hall.ends("custodian")
    assert type(await completed(timedelta())).__name__ == "IdentityClosed"


async def test_the_duty_desk_cannot_press_what_others_decide(hall: Hall) -> None:
    await hall.asks()
    for name in ("desk", "office", "teacher"):
        await hall.one(name).someone.forges(hall.data("director", "di"))
    assert await hall.states() == ["asked"]


# -- approvals in general ----------------------------------------------------------------------------------------------


async def test_an_export_takes_two_of_the_office_and_another_right_decides(town: Town) -> None:
    """The same way for what is not an identity: other people, another right, and nobody's button fits another's matter."""
    await town.appoint("second office", Role.OFFICE, "civil_affairs", "联席办第二人", rank=2)
    await town.appoint("custodian", Role.CUSTODIAN, "civil_affairs", CUSTODIAN)

    def asks(uow: Unit) -> int:
        concern = Concern(conference="badong")
        asked = services.ask_approval(uow, actor_of(uow, town, "office"), Action.EXPORT_ROSTER, "roster:全部", concern, REASON, at=uow.at)
        return asked.id or 0

    approval: int = await town.application.desk.act(asks)
    await town.settled()
    second, office = as_seen_by("second office", town), as_seen_by("office", town)
    second.sees("<b>A second person is needed.</b>")
    second.reads("将名册导出为文件（全部）", REASON, "联席会议办公室")
    for name, error, deciding in [
        ("office", SecondNeeded, Action.APPROVE_EXPORT),
        ("second office", NotAllowed, Action.APPROVE_IDENTITY),
        ("custodian", NotAllowed, Action.APPROVE_EXPORT),
        ("custodian", NotFound, Action.APPROVE_IDENTITY),
    ]:
        with pytest.raises(error):
            await town.application.desk.act(decides(town, name, approval, deciding))
    await second.taps("Approve")
    office.sees("✅ {post} has approved it. It can be used once, until {at}.", post="联席办第二人", at="11月27日（周五）09:00")

    def uses(uow: Unit, name: str) -> None:
        services.use_approval(uow, actor_of(uow, town, name), approval, Action.EXPORT_ROSTER, at=uow.at)

    with pytest.raises(NotFound):
        await town.application.desk.act(lambda uow: uses(uow, "second office"))
    await town.application.desk.act(lambda uow: uses(uow, "office"))
    with pytest.raises(NotPossibleNow):
        await town.application.desk.act(lambda uow: uses(uow, "office"))
    await holds_for_all(town)


async def test_two_processes_decide_once(make_database: Any, key: str) -> None:
    """A yes here and a no there at the same moment: one of both counts, and the other is told so."""
    async with open_town(make_database("postgresql", "badong"), key) as town:
        await town.cast()
        hall = await Hall(town).opens()
        await hall.asks()
        async with second_process(town) as other:
            ended = await asyncio.gather(
                town.application.desk.act(decides(town, "director", 1, Action.APPROVE_IDENTITY)),
                other.desk.act(decides(town, "second custodian", 1, Action.APPROVE_IDENTITY, granted=False)),
                return_exceptions=True,
            )
        assert sorted(type(one).__name__ for one in ended) == ["Approval", "NotPossibleNow"]
        assert len(await hall.audited("approval.granted", "approval.refused")) == 1


def decides(town: Town, name: str, approval: int, deciding: Action, *, granted: bool = True) -> Callable[[Unit], Approval]:
    def verb(uow: Unit) -> Approval:
        return services.decide_approval(uow, actor_of(uow, town, name), approval, deciding, granted=granted, at=uow.at)

    return verb
