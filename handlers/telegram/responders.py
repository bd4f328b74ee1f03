"""Those who respond: the duty desk accepts and reads, the office looks on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from conference.model.errors import NotPossibleNow
from conference.model.people import Actor
from conference.model.permissions import Action, may
from conference.model.reports import Report, Statement, StatementKind
from conference.model.told import Told
from conference.ports import UnitOfWork
from conference.profiles import Profile
from conference.services import places, reports
from handlers.filters import Pressed, Said
from handlers.lengths import split
from handlers.presses.approvals import ShowReports
from handlers.presses.responders import AcceptReport, ReadReport
from handlers.records.everybody import Refused
from handlers.records.responders import AcceptanceNoted, ReportEvidence, ReportPosition, ReportSheet, ReportsListed, ReportWords
from handlers.replies import Answer, Reply

PART = 3000  # UTF-16 units of somebody's words in one message; the channel takes 4096 with what stands around them


def router() -> Router:
    router = Router(name="responders")
    press, say = router.callback_query.register, router.message.register

    press(accept_pressed, Pressed(AcceptReport))
    press(read_pressed, Pressed(ReadReport))
    press(list_pressed, Pressed(ShowReports))
    say(list_commanded, Said("reports"), flags={"action": Action.LIST_REPORTS})
    return router


async def accept_pressed(callback: CallbackQuery, press: AcceptReport, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    try:
        reports.accept_report(uow, actor, press.report, at=at)
        toast = None
    except NotPossibleNow:
        toast = Refused("already_accepted")
    taken = reports.who_accepted(uow, actor, press.report)
    return Answer([AcceptanceNoted(taken.number, taken.at, taken.post) if press.sheet else taken], toast=toast)


async def read_pressed(callback: CallbackQuery, press: ReadReport, actor: Actor, uow: UnitOfWork) -> Reply:
    report, statements = reports.read_report(uow, actor, press.report)
    return sheet(report, statements, places.name_of(uow, report.place))


async def list_pressed(callback: CallbackQuery, press: ShowReports, actor: Actor, uow: UnitOfWork, profile: Profile) -> Reply:
    return Answer([_listed(actor, reports.list_reports(uow, actor, profile))], below=bool(press.below))


async def list_commanded(message: Message, actor: Actor, uow: UnitOfWork, profile: Profile) -> Reply:
    return _listed(actor, reports.list_reports(uow, actor, profile))


def _listed(actor: Actor, found: Sequence[Report]) -> ReportsListed:
    rows = [[r.id, r.number, str(r.state), r.filed_at.isoformat(), r.accepted_at.isoformat() if r.accepted_at else None] for r in found]
    return ReportsListed(rows, [r.id or 0 for r in found if may(actor, Action.READ_REPORT, reports.concern_of(r))])


def sheet(report: Report, statements: Sequence[Statement], place_name: str = "") -> list[Told]:
    """The report as messages: its facts, the words in parts, each file, each position. Never who reported, nor from which school."""
    of = {kind: [s for s in statements if s.kind == kind] for kind in StatementKind}
    words, files = _parts(of[StatementKind.WORDS]), of[StatementKind.EVIDENCE]
    facts = ReportSheet(
        report_id=report.id or 0,
        number=report.number,
        questionnaire=report.questionnaire,
        state=str(report.state),
        filed_at=report.filed_at.isoformat(),
        accepted_at=report.accepted_at.isoformat() if report.accepted_at else None,
        subject=report.subject,
        situation=report.situation,
        danger=report.danger,
        place=report.place,
        place_name=next((str(s.body["name"]) for s in of[StatementKind.PLACE] if "name" in s.body), place_name),
        place_words=[str(s.body["text"]) for s in of[StatementKind.PLACE] if "text" in s.body],
        since=next((dict(s.body) for s in of[StatementKind.SINCE]), None),
        reporter=report.reporter_kind,
        mandatory=report.mandatory,
        words=len(words),
        files=len(files),
    )
    said: list[Told] = [facts]
    said += [ReportWords(report.number, part, len(words), text, added) for part, (text, added) in enumerate(words, start=1)]
    for part, file in enumerate(files, start=1):
        body: dict[str, Any] = file.body
        said.append(ReportEvidence(report.number, part, len(files), body["kind"], body["file_id"], _added(file)))
    for position in of[StatementKind.LOCATION]:
        place: dict[str, Any] = position.body
        said.append(ReportPosition(report.number, place["latitude"], place["longitude"]))
    return said


def _parts(words: Sequence[Statement]) -> list[tuple[str, str | None]]:
    """What was said at first as one text, each addition with its time; all in parts that fit."""
    first = "\n".join(str(s.body["text"]) for s in words if not s.added)
    texts: list[tuple[str, str | None]] = [(first, None)] if first else []
    texts += [(str(s.body["text"]), _added(s)) for s in words if s.added]
    return [(part, added) for text, added in texts for part in split(text, PART)]


def _added(statement: Statement) -> str | None:
    return statement.at.isoformat() if statement.added else None
