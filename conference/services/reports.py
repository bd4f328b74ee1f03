"""Reporting: from the last answer to the duty desk's acceptance. Source: domain §2.1 (REP-01 … REP-13), §2.2 (EMG-01), §4.1."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from conference.model.errors import AnswerUnfit, NotAllowed, NotFound, TooMuch
from conference.model.people import OFFICE, Actor, HeldPost, Holder, Role
from conference.model.permissions import Action, Concern, authorize
from conference.model.questionnaire import Draft
from conference.model.reports import Move, Receipt, Report, Statement, StatementKind
from conference.model.told import (
    Lane,
    ReportAccepted,
    ReportAddition,
    ReportAlert,
    ReportFiled,
    ReportSeenByOffice,
    ReportTaken,
    ReportUnaccepted,
)
from conference.ports import Receipts, UnitOfWork
from conference.profiles import MOST_RUNGS, Profile, Rung
from conference.services import places

from .duty import on_duty

POLICE = "public_security"
PARTICULARS = ("contact", "unit")  # answers that could unmask a reporter: kept with the identity, not with the report
FRESH = timedelta(days=7)  # so long, what a reporter says may be an addition
RECLAIM_TRIES = 5  # an hour and account; 80 bits need no more defence, the processor does


def concern_of(report: Report) -> Concern:
    """A report belongs to public security of its conference; nobody else opens it."""
    return Concern(conference=report.conference, unit=POLICE)


def file_report(uow: UnitOfWork, actor: Actor, draft: Draft, receipt: Receipt, profile: Profile, *, at: datetime) -> Report:
    """Send the draft: public security's desk is alerted in the same commit, the office sees it and cannot hold it.

    A draft is filed once: a second call returns the report there is and tells nobody anything again.
    Raises AnswerUnfit where what, where or since when is missing.
    """
    authorize(actor, Action.REPORT)
    if draft.missing:
        raise AnswerUnfit(draft.missing[0], "required")
    report = _report(uow, draft, profile, at)
    if not uow.reports.add(report) and (already := uow.reports.filed_from(draft.id)) is not None:
        return already
    report_id = _id(report)
    uow.statements.add(report_id, _statements(draft, at), first=True)
    particulars = {name: draft.answers[name] for name in PARTICULARS if name in draft.answers}
    uow.reporters.bind(report_id, actor.account_id, receipt.digest, particulars, at=at)
    uow.note(None, "report.filed", f"report:{report_id}", situation=report.situation, mandatory=report.mandatory)
    filed = ReportFiled(report.number, receipt.words, mandatory=report.mandatory, danger=bool(report.danger), report_id=report_id)
    uow.tell(actor.account_id, filed, lane=Lane.REPLY, key=f"filed:{report_id}")
    roster = uow.people.roster(profile.slug, at)
    _alert(uow, report, _first_rung(uow, roster, profile.slug, at), step=0)
    for account in _office(roster):
        seen = ReportSeenByOffice(number=report.number, filed_at=at.isoformat())
        uow.tell(account, seen, lane=Lane.NOTICE, key=f"office:{report_id}:{account}")
    for step, rung in enumerate(profile.ladders["police_accept"], start=1):
        uow.schedule.add(
            f"accept:{report_id}:{step}",
            "accept_overdue",
            str(report_id),
            at + timedelta(minutes=rung.after),
            {"step": step, "whom": rung.whom},
        )
    return report


def accept_report(uow: UnitOfWork, actor: Actor, report_id: int, *, at: datetime) -> Report:
    """A desk of public security takes the report: person and time are stamped, the reporter is told. Source: EMG-01.

    Every alert that rang for it, whoever's and on whichever step, now says by whom it was taken.
    """
    report, post = access_report(uow, actor, report_id, Action.ACCEPT_REPORT, to_change=True)
    assert actor.person_id is not None  # a post is held by a person
    report.accept(person_id=actor.person_id, post_id=post.post_id, at=at)
    uow.schedule.withdraw(f"accept:{report_id}:")
    uow.note(actor, "report.accepted", f"report:{report_id}", post=post)
    reporter = uow.reporters.account_of(report_id)
    if reporter is not None:
        accepted = ReportAccepted(number=report.number, at=at.isoformat())
        uow.tell(reporter, accepted, lane=Lane.REPLY, key=f"accepted:{report_id}")
    taken = ReportTaken(report_id=report_id, number=report.number, at=at.isoformat(), post=post.title)
    for step, account in _who_was_rung(uow, report, at):
        key = f"taken:{report_id}:{step}:{account}"
        uow.tell(account, taken, replaces=_alert_key(report_id, step, account), key=key)
    return report


def who_accepted(uow: UnitOfWork, actor: Actor, report_id: int) -> ReportTaken:
    """By which post and when a report was accepted, for the desks that may know of it. Raises NotFound while it waits."""
    report, _ = access_report(uow, actor, report_id, Action.ACCEPT_REPORT)
    if report.accepted_at is None:
        raise NotFound("acceptance", report_id)
    post = uow.people.get_post(report.accepted_post) if report.accepted_post is not None else None
    title = post.title if post else ""
    return ReportTaken(report_id=report_id, number=report.number, at=report.accepted_at.isoformat(), post=title)


def climb_ladder(uow: UnitOfWork, report_id: int, step: int, whom: str | None, profile: Profile, *, at: datetime) -> None:
    """No desk has accepted in time: ring again, then the next desk, then the office. Does nothing once it is accepted.

    `whom` was written down with the step when the report was filed: another ladder since then is for the reports after it.
    None: a step from before that was written down; the ladder of today says whom, past its end the office.
    """
    report = uow.reports.get(report_id)
    if report is None or not report.is_waiting:
        return
    ladder = profile.ladders["police_accept"]
    rung = Rung(0, whom) if whom is not None else ladder[min(step, len(ladder)) - 1]
    uow.note(None, "report.unaccepted", f"report:{report_id}", step=step, whom=rung.whom)
    if rung.rank is None:
        minutes = int((at - report.filed_at).total_seconds() // 60)
        unaccepted = ReportUnaccepted(report_id=report_id, number=report.number, filed_at=report.filed_at.isoformat(), minutes=minutes)
        for account in _office(uow.people.roster(report.conference, at)):
            key = f"unaccepted:{report_id}:{step}:{account}"
            uow.tell(account, unaccepted, lane=Lane.EMERGENCY, key=key, only_while=f"report.waiting:{report_id}")
        return
    desks = _behind_desks(uow.people.roster(report.conference, at), rank=rung.rank)
    _alert(uow, report, _accounts(desks), step=step)


def read_report(uow: UnitOfWork, actor: Actor, report_id: int) -> tuple[Report, Sequence[Statement]]:
    """The whole report, for those it is assigned to; each reading is written down. The reporter's identity is not in it."""
    report, post = access_report(uow, actor, report_id, Action.READ_REPORT)
    uow.note(actor, "report.read", f"report:{report_id}", post=post)
    return report, uow.statements.of(report_id)


def access_report(uow: UnitOfWork, actor: Actor, report_id: int, action: Action, *, to_change: bool = False) -> tuple[Report, HeldPost]:
    """The report and the post that gives the right to it; NotFound for anybody else's, as for one that does not exist.

    `to_change`: nobody else changes it meanwhile.
    """
    authorize(actor, action)
    report = uow.reports.get_to_change(report_id) if to_change else uow.reports.get(report_id)
    if report is None:
        raise NotFound("report", report_id)
    try:
        post = authorize(actor, action, concern_of(report))
    except NotAllowed:
        post = None
    if post is None:
        raise NotFound("report", report_id)
    return report, post


def list_reports(uow: UnitOfWork, actor: Actor, profile: Profile, *, limit: int = 20) -> Sequence[Report]:
    """The latest reports of the conference, numbers and states only."""
    authorize(actor, Action.LIST_REPORTS, Concern(conference=profile.slug))
    return uow.reports.recent(profile.slug, limit)


# -- the reporter's side -----------------------------------------------------------------------------------------------


def own_reports(uow: UnitOfWork, actor: Actor) -> Sequence[Report]:
    """The reports that this account filed or came back to."""
    authorize(actor, Action.FOLLOW_OWN_REPORT, Concern(account=actor.account_id))
    return uow.reports.of_reporter(actor.account_id)


def recent_reports(uow: UnitOfWork, actor: Actor, *, at: datetime) -> Sequence[Report]:
    """Those of the last days: what comes now may belong to one of them."""
    return [report for report in own_reports(uow, actor) if at - report.filed_at <= FRESH]


def report_of_draft(uow: UnitOfWork, actor: Actor, draft_begins: str) -> Report | None:
    """The actor's own report that grew out of the draft whose id begins like this."""
    return next((report for report in own_reports(uow, actor) if report.draft.startswith(draft_begins)), None)


def own_report(uow: UnitOfWork, actor: Actor, report_id: int) -> Report:
    """One of them. Raises NotFound for anybody else's."""
    for report in own_reports(uow, actor):
        if report.id == report_id:
            return report
    raise NotFound("report", report_id)


def add_to_report(uow: UnitOfWork, actor: Actor, report_id: int, additions: Draft, *, at: datetime) -> Report:
    """Words and evidence that came after the filing; those handling the report are told that something came."""
    report = own_report(uow, actor, report_id)
    statements = [s for s in _statements(additions, at) if s.kind in (StatementKind.WORDS, StatementKind.EVIDENCE, StatementKind.LOCATION)]
    if not statements:
        raise AnswerUnfit("words", "addition")
    uow.statements.add(report_id, [replace(statement, added=True) for statement in statements])
    uow.note(None, "report.added_to", f"report:{report_id}", pieces=len(statements))
    files = sum(s.kind is StatementKind.EVIDENCE for s in statements)
    for account in _handling(uow, report, at):
        addition = ReportAddition(report_id=report_id, number=report.number, files=files)
        uow.tell(account, addition, lane=Lane.NOTICE, key=f"added:{report_id}:{additions.id}:{account}")
    return report


def reclaim_report(uow: UnitOfWork, actor: Actor, receipts: Receipts, words: Sequence[int], *, at: datetime) -> Report:
    """Come back with the receipt, from whatever account: from now on the report talks to this one, the old hears no more.

    Raises TooMuch after five tries in an hour (before anything is hashed), NotFound for a receipt that fits nothing: the
    caller catches that one, or the try would be undone with it.
    """
    authorize(actor, Action.RECLAIM_REPORT)
    if uow.tries.count("reclaim", actor.account_id, at - timedelta(hours=1)) >= RECLAIM_TRIES:
        raise TooMuch("reclaim", RECLAIM_TRIES)
    uow.tries.note("reclaim", actor.account_id, at)
    report_id = uow.reporters.report_with_receipt(receipts.digest(words))
    report = uow.reports.get(report_id) if report_id is not None else None
    if report is None or report_id is None:
        raise NotFound("receipt", "")
    uow.reporters.rebind(report_id, actor.account_id, at=at)
    uow.note(None, "report.reclaimed", f"report:{report_id}")
    return report


# -- inside ------------------------------------------------------------------------------------------------------------


def _report(uow: UnitOfWork, draft: Draft, profile: Profile, at: datetime) -> Report:
    code: dict[str, Any] = {name: (answer.get("code") if isinstance(answer, dict) else None) for name, answer in draft.answers.items()}
    return Report(
        number=uow.reports.next_number(profile.slug, at.year),
        draft=draft.id,
        conference=profile.slug,
        questionnaire=draft.questionnaire,
        subject=code.get("subject"),
        situation=code.get("situation") or "other",
        danger={"yes": True, "no": False}.get(code.get("danger") or ""),
        place=(draft.answers.get("place") or {}).get("sorted") or code.get("place"),
        reporter_kind=code.get("reporter") or "citizen",
        mandatory=draft.form.is_mandatory(draft.answers),
        filed_at=at,
        history=[Move(before=None, after="submitted", at=at)],
    )


def _statements(draft: Draft, at: datetime) -> list[Statement]:
    answers = draft.answers
    found = [Statement(StatementKind.WORDS, {"text": text}, at) for text in answers.get("words", [])]
    place = answers.get("place") or {}
    said = {"text": place["text"]} if "text" in place else {}
    if place.get("sorted", place.get("code")) != place.get("code"):  # a village is nothing to sort by: it is sealed with the words
        said |= {"code": place["code"], "name": place.get("name", "")}
    if said:
        found.append(Statement(StatementKind.PLACE, said, at))
    if "location" in place:
        found.append(Statement(StatementKind.LOCATION, {"latitude": place["location"][0], "longitude": place["location"][1]}, at))
    if "since" in answers:
        found.append(Statement(StatementKind.SINCE, dict(answers["since"]), at))
    return [*found, *(Statement(StatementKind.EVIDENCE, dict(file), at) for file in answers.get("evidence", []))]


def _alert(uow: UnitOfWork, report: Report, desks: Sequence[int], *, step: int) -> None:
    report_id = _id(report)
    if not desks:
        return
    alert = ReportAlert(
        report_id=report_id,
        number=report.number,
        filed_at=report.filed_at.isoformat(),
        step=step,
        danger=report.danger,
        situation=report.situation,
        place=report.place,
        place_name=places.name_of(uow, report.place),
    )
    for account in desks:
        key = _alert_key(report_id, step, account)
        uow.tell(account, alert, lane=Lane.EMERGENCY, key=key, only_while=f"report.waiting:{report_id}")


def _alert_key(report_id: int, step: int, account: int) -> str:
    return f"alert:{report_id}:{step}:{account}"


def _behind_desks(roster: Sequence[Holder], *, rank: int) -> list[Holder]:
    """Those behind public security's desks of this rank; where there is none of it, behind all of them."""
    desks = [holder for holder in roster if holder.role is Role.DUTY_DESK and holder.unit == POLICE]
    return [desk for desk in desks if desk.rank == rank] or desks


def _first_rung(uow: UnitOfWork, roster: Sequence[Holder], conference: str, at: datetime) -> list[int]:
    """Those on duty at the desks of rank 1; everybody there while no shift runs. The ladder's later steps ring them all."""
    return _accounts(on_duty(_behind_desks(roster, rank=1), uow.shifts.running(conference, at), at))


def _who_was_rung(uow: UnitOfWork, report: Report, at: datetime) -> list[tuple[int, int]]:
    """Step and account of each alert that went out, by whatever ladder: who was off duty then is not told now."""
    desks = _accounts(h for h in uow.people.roster(report.conference, at) if h.role is Role.DUTY_DESK and h.unit == POLICE)
    could = [(step, account) for step in range(MOST_RUNGS + 1) for account in desks]
    keys = {_alert_key(_id(report), step, account): (step, account) for step, account in could}
    rung = uow.has_told(keys.keys())
    return [each for key, each in keys.items() if key in rung]


def _office(roster: Sequence[Holder]) -> list[int]:
    return _accounts(holder for holder in roster if holder.role in OFFICE)


def _handling(uow: UnitOfWork, report: Report, at: datetime) -> list[int]:
    desks = [h for h in uow.people.roster(report.conference, at) if h.role is Role.DUTY_DESK and h.unit == POLICE]
    return _accounts([desk for desk in desks if desk.post_id == report.accepted_post] or desks)


def _accounts(holders: Iterable[Holder]) -> list[int]:
    """Each account once, whatever hats its person wears."""
    return list(dict.fromkeys(holder.account_id for holder in holders))


def _id(report: Report) -> int:
    if report.id is None:
        raise NotFound("report", report.number)
    return report.id
