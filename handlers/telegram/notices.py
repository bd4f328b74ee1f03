"""Decision notices: those who write, look over, recall and correct them, those who read and sign, and how far each has come."""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from typing import Any

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from conference.model.errors import AnswerUnfit, NotPossibleNow
from conference.model.notices import MAX_BODY, Audience, NoticeState, Wording
from conference.model.pages import cut
from conference.model.people import Actor
from conference.model.permissions import Action, may
from conference.model.told import NoticeShown, Told, pack
from conference.ports import UnitOfWork
from conference.profiles import Profile
from conference.services import audiences, notice_boards, notices
from handlers import wizard as wizards
from handlers.filters import AtWizard, Pressed, Said
from handlers.lengths import units
from handlers.presses.notices import (
    DecideNotice,
    OpenNotice,
    RunNotice,
    ShowBoard,
    ShowNoticePapers,
    ShowNotices,
    ShowReceipts,
    SignNotice,
    WriteNotice,
)
from handlers.presses.wizards import PreviewNotice
from handlers.records.everybody import Refused
from handlers.records.notices import NoticeMade, NoticePaper, NoticePreviewed, NoticesListed, ReceiptsListed
from handlers.replies import Answer, Reply
from handlers.wizard import Desk, Doubt, Form, Given, Kind, Step, Wizard, form

from .wizards import desk_of, step_passed

LISTED, RECEIPTS = 10, 20  # on one page
OVER = {
    "late": "notice_late",
    "awaiting": "notice_not_sent",
    "refused": "notice_decided",
    "sent": "notice_decided",
    "recalled": "notice_recalled",
}


def router() -> Router:
    router = Router(name="notices")
    press, say = router.callback_query.register, router.message.register

    say(list_commanded, Said("notices"), flags={"action": Action.SEE_NOTICES})
    say(write_commanded, Said("notify"), flags={"action": Action.SEND_NOTICE})
    press(list_pressed, Pressed(ShowNotices))
    press(opened, Pressed(OpenNotice))
    press(signed, Pressed(SignNotice))
    press(papers_wanted, Pressed(ShowNoticePapers))
    press(write_pressed, Pressed(WriteNotice))
    press(preview_wanted, AtWizard(PreviewNotice))
    press(step_passed, Pressed(PreviewNotice))
    press(run_pressed, Pressed(RunNotice))
    press(decided, Pressed(DecideNotice))
    press(board_wanted, Pressed(ShowBoard))
    press(receipts_wanted, Pressed(ShowReceipts))
    return router


# -- reading and signing


async def list_commanded(message: Message, actor: Actor, uow: UnitOfWork) -> Reply:
    return _listed(actor, uow, 0)


async def list_pressed(callback: CallbackQuery, press: ShowNotices, actor: Actor, uow: UnitOfWork) -> Reply:
    return _listed(actor, uow, press.page)


def _listed(actor: Actor, uow: UnitOfWork, number: int) -> NoticesListed:
    """What is to be signed for comes first."""
    found = sorted(notices.notices_for(uow, actor), key=lambda each: not (each[1] == "open" and each[0].state is NoticeState.SENT))
    shown, number, pages = cut(found, number, LISTED)
    rows = [
        [each.id, each.number, notice_boards.said_of(uow, each).title, str(each.state), each.sign_by.isoformat(), mine]
        for each, mine in shown
    ]
    return NoticesListed(rows, may(actor, Action.SEND_NOTICE), number, pages)


async def opened(callback: CallbackQuery, press: OpenNotice, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    return Answer([notices.open_notice(uow, actor, press.notice, at=at)], below=bool(press.below))


async def signed(callback: CallbackQuery, press: SignNotice, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    try:
        return notices.sign_notice(uow, actor, press.notice, at=at)
    except NotPossibleNow as over:
        return Answer(toast=_refused(over), alert=True)


async def papers_wanted(callback: CallbackQuery, press: ShowNoticePapers, actor: Actor, uow: UnitOfWork) -> Reply:
    try:
        notice, papers = notices.papers_of(uow, actor, press.notice)
    except NotPossibleNow as over:
        return Answer(toast=_refused(over), alert=True)
    return [NoticePaper(notice.number, n, len(papers), paper["kind"], paper["file_id"]) for n, paper in enumerate(papers, start=1)]


def _refused(over: NotPossibleNow) -> Refused:
    return Refused(OVER.get(over.state, "not_now"))


# -- writing


async def write_commanded(
    message: Message, actor: Actor, uow: UnitOfWork, profile: Profile, zone: tzinfo, at: datetime, state: FSMContext
) -> Reply:
    return await wizards.begin(state, desk_of(uow, actor, profile, zone, at), "notice")


async def write_pressed(
    callback: CallbackQuery, actor: Actor, uow: UnitOfWork, profile: Profile, zone: tzinfo, at: datetime, state: FSMContext
) -> Reply:
    return await _begun(desk_of(uow, actor, profile, zone, at), state, "notice")


async def _begun(desk: Desk, state: FSMContext, name: str, given: Given | None = None, at: str | None = None) -> Reply:
    asked = await wizards.begin(state, desk, name, given, at=at)
    return Answer([asked] if isinstance(asked, Told) else [], below=True)


def _kinds(desk: Desk, given: Given) -> list[tuple[str, str]]:
    there = audiences.places_with_posts(desk.uow, desk.profile)
    return [(kind, "") for kind in audiences.KINDS if kind != "territory" or there]


def _units(desk: Desk, given: Given) -> list[tuple[str, str]]:
    """By their names, so that a name can be written instead of searched for."""
    known = desk.profile.units
    in_english = desk.actor.language == "en"
    return [
        (slug, name or (known[slug].name_en if in_english else known[slug].name_zh))
        for slug, name in audiences.units_to_choose(desk.uow, desk.profile)
    ]


def _places(desk: Desk, given: Given) -> list[tuple[str, str]]:
    return audiences.places_with_posts(desk.uow, desk.profile)


def _audience(given: Given) -> Audience | None:
    """Whom it is for; None while that is not said in full."""
    kind = given.get("audience")
    names = given.get({"units": "units", "territory": "places"}.get(str(kind), ""), [])
    if kind is None or (kind in ("units", "territory") and not names):
        return None
    return Audience(kind, tuple(names))


def _check(desk: Desk, given: Given, code: str, value: Any) -> Doubt | None:
    """Longer than the channel takes, nobody who would get it, or nobody who could look it over."""
    if code == "text" and (length := units(value)) > MAX_BODY:
        return Doubt("too_long", facts={"count": length, "limit": MAX_BODY})
    if code not in ("audience", "units", "places") or (audience := _audience({**given, code: value})) is None:
        return None
    people = audiences.addressed(desk.uow, desk.profile, audience, at=desk.now.at).people
    if not people:
        return Doubt("units_empty" if audience.by_unit else "audience_empty")
    if notices.needs_second(desk.profile, people) and not notices.has_second(desk.uow, desk.actor.person_id, at=desk.now.at):
        return Doubt("nobody_second", facts={"people": people, "limit": desk.profile.settings.notice_approval_from})
    return None


def _wording(given: Given) -> Wording:
    return Wording(given["title"], given["text"], given.get("doc_no", ""))


def _sign_by(desk: Desk, given: Given) -> datetime:
    return notices.last_moment(desk.uow, date.fromisoformat(given["sign_by"]))


def _like(desk: Desk, given: Given) -> dict[str, Any]:
    """The notice as it will be read."""
    said = _wording(given)
    shown = NoticeShown(
        notice_id=0,
        number="",
        title=said.title,
        text=said.text,
        sign_by=_sign_by(desk, given).isoformat(),
        doc_no=said.doc_no,
        corrects=desk.facts.get("corrected", ""),
        audience=given.get("audience", ""),
        units=given.get("units", [])[: notice_boards.NAMED],
        units_count=len(given.get("units", [])),
        papers=len(given.get("papers", [])),
    )
    return pack(shown)[1]


def _preview(desk: Desk, given: Given) -> dict[str, Any]:
    audience = _audience(given)
    to = audiences.addressed(desk.uow, desk.profile, audience or Audience("units"), at=desk.now.at)
    return {
        "shown": _like(desk, given),
        "people": to.people,
        "audience": given.get("audience", ""),
        "to_seat": list(to.chosen.to_seat),
        "unreached": list(to.chosen.unreached),
        "empty": to.empty if audience and not audience.by_unit else 0,
        "second": notices.needs_second(desk.profile, to.people),
        "minutes": desk.profile.settings.recall_minutes,
    }


async def preview_wanted(
    callback: CallbackQuery,
    press: PreviewNotice,
    wizard: Wizard,
    actor: Actor,
    uow: UnitOfWork,
    profile: Profile,
    zone: tzinfo,
    at: datetime,
) -> Reply:
    desk = desk_of(uow, actor, profile, zone, at, **wizard.facts)
    return Answer([NoticePreviewed(press.language, _like(desk, wizard.given))], below=True)


def _make(desk: Desk, given: Given) -> Reply:
    audience = _audience(given)
    if audience is None:
        raise AnswerUnfit("audience", "somebody")
    made = notices.make_notice(
        desk.uow,
        desk.actor,
        _wording(given),
        audience,
        _sign_by(desk, given),
        given.get("papers", []),
        corrects=desk.facts.get("corrects"),
        at=desk.now.at,
    )
    what = "sent" if made.state is NoticeState.SENT else "asked"
    return NoticeMade(what, made.number, made.recipients, made.id or 0)


# -- recalling, correcting, looking over


async def run_pressed(
    callback: CallbackQuery,
    press: RunNotice,
    actor: Actor,
    uow: UnitOfWork,
    profile: Profile,
    zone: tzinfo,
    at: datetime,
    state: FSMContext,
) -> Reply:
    notice = notices.access_notice(uow, actor, press.notice)
    if press.way == "correct":
        said, to = notice_boards.said_of(uow, notice), notice.goes_to
        given: Given = {"title": said.title, "text": said.text, "audience": to.kind} | ({"doc_no": said.doc_no} if said.doc_no else {})
        if to.kind in ("units", "territory"):
            given["units" if to.by_unit else "places"] = list(to.names)
        facts = {"corrects": notice.id, "corrected": notice.number}
        return await _begun(desk_of(uow, actor, profile, zone, at, **facts), state, "notice", given, at="text")
    if not notice.can_be_recalled(at):
        over = "late" if notice.state is NoticeState.SENT else str(notice.state)
        return Answer(toast=Refused(OVER[over], profile.settings.recall_minutes), alert=True)
    return await _begun(desk_of(uow, actor, profile, zone, at, notice=notice.id), state, "recall_notice")


def _recall(desk: Desk, given: Given) -> Reply:
    try:
        notice = notices.recall_notice(desk.uow, desk.actor, desk.facts["notice"], given["reason"], at=desk.now.at)
    except NotPossibleNow as over:
        return Refused(OVER.get(over.state, "not_now"), desk.profile.settings.recall_minutes)
    return NoticeMade("recalled", notice.number, notice.recipients, notice.id or 0)


async def decided(
    callback: CallbackQuery,
    press: DecideNotice,
    actor: Actor,
    uow: UnitOfWork,
    profile: Profile,
    zone: tzinfo,
    at: datetime,
    state: FSMContext,
) -> Reply:
    try:
        if press.granted:
            return notices.decide_notice(uow, actor, press.notice, granted=True, at=at)
        notices.check_undecided(uow, actor, press.notice)
    except NotPossibleNow as over:
        return Answer(toast=Refused("notice_day_passed") if over.state == "late" else _refused(over), alert=True)
    return await _begun(desk_of(uow, actor, profile, zone, at, notice=press.notice), state, "refuse_notice")


def _refuse(desk: Desk, given: Given) -> Reply:
    try:
        return notices.decide_notice(desk.uow, desk.actor, desk.facts["notice"], granted=False, reason=given["reason"], at=desk.now.at)
    except NotPossibleNow as over:
        return _refused(over)


# -- how far it has come


async def board_wanted(callback: CallbackQuery, press: ShowBoard, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    return Answer([notices.access_board(uow, actor, press.notice, at=at)], below=True)


async def receipts_wanted(callback: CallbackQuery, press: ShowReceipts, actor: Actor, uow: UnitOfWork) -> Reply:
    notice, found, number, pages = notices.receipts_of(uow, actor, press.notice, press.page, RECEIPTS)
    rows = [[unit, title, str(receipt), when.isoformat() if when else ""] for unit, title, receipt, when in found]
    return Answer([ReceiptsListed(notice.id or 0, notice.number, rows, number, pages)], below=press.page == 0)


# -- the forms

form(
    Form(
        name="notice",
        action=Action.SEND_NOTICE,
        steps=(
            Step("title", Kind.TEXT, limit=100),
            Step("doc_no", Kind.TEXT, required=False, limit=40),
            Step("text", Kind.TEXT, limit=MAX_BODY),
            Step("papers", Kind.FILES, required=False, limit=10),
            Step("audience", Kind.CHOICE, options=_kinds),
            Step("units", Kind.UNITS, options=_units, wanted=lambda given: given.get("audience") == "units"),
            Step("places", Kind.UNITS, options=_places, wanted=lambda given: given.get("audience") == "territory"),
            Step("sign_by", Kind.DATE),
        ),
        check=_check,
        preview=_preview,
        finish=_make,
    )
)
form(Form(name="recall_notice", action=Action.SEND_NOTICE, steps=(Step("reason", Kind.TEXT, limit=300),), finish=_recall))
form(Form(name="refuse_notice", action=Action.APPROVE_NOTICE, steps=(Step("reason", Kind.TEXT, limit=300),), finish=_refuse))
