"""Every record in every language: it fits the channel, its buttons work, and it says what it must."""

from __future__ import annotations

import html
import itertools
import re
from dataclasses import asdict, replace
from html.parser import HTMLParser
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from babel.messages.catalog import Catalog
from hypothesis import given
from hypothesis import strategies as st

from conference.model import told
from conference.model.conferences import Head, KnownUnit
from conference.model.errors import AnswerUnfit, Misconfigured, NotAllowed, NotFound, NotPossibleNow, RuleBroken, TooMuch
from conference.model.outsiders import has_joined
from conference.model.questionnaire import MAX_LINE, questionnaire
from conference.model.told import Told, pack, unpack
from conference.profiles import Profile, load
from handlers import receipts, records, words
from handlers.buttons import LIMIT, Signer
from handlers.forms import CORRECTION
from handlers.lengths import split, units
from handlers.messages import Message, Reader
from handlers.telegram import refusal
from handlers.telegram.responders import PART
from handlers.telegram.texts import (
    LONGEST_TOAST,
    assignments,
    commands,
    custodians,
    duties,
    duty,
    everybody,
    forms,
    inviting,
    joining,
    mark_repeat,
    mechanisms,
    meetings,
    notices,
    officials,
    outsiders,
    reminding,
    render,
    reporters,
    responders,
    roster,
    succession,
    toast,
    wizards,
)
from handlers.telegram.texts.registry import plain
from locales import LANGUAGES, Markup, language_of, translator
from tests.forms import EVERY_KIND as FILLED
from tests.tools import locales as tool

ZONE = ZoneInfo("Asia/Shanghai")
SIGNER = Signer([b"k" * 32])
AT = "2026-11-26T06:30:00+00:00"  # 14:30 in China, a Thursday
NASTY = '<b>&amp;"😀{x}</b>'
LINE = (NASTY * 20)[:MAX_LINE]
NAME = (NASTY * 20)[:40]
D, N, V = "ffffff", "2026-00017", 99_999
FORM = questionnaire("1")
WIDE = "😀" * (PART // 2)
UNITS = load("badong").units

ANSWERS: dict[str, dict[str, Any]] = {
    **{q.code: {"code": max(q.options, key=len)} for q in FORM.questions if q.options},
    "place": {"text": LINE, "location": [31.0, 110.0]},
    "since": {"text": LINE, "date": "2026-11-03"},
    "reporter": {"code": "school"},
    "unit": {"text": LINE},
    "contact": {"text": LINE},
}
STATUS: dict[str, Any] = {"report_id": 2**31 - 1, "number": N, "state": "accepted", "filed_at": AT, "accepted_at": AT}
SHEET: dict[str, Any] = {
    **STATUS,
    "questionnaire": "1",
    "subject": "child",
    "situation": "guardian_unfit",
    "danger": True,
    "place": "422823107",
    "place_words": [LINE] * 3,
    "place_name": "野三关镇",
    "since": ANSWERS["since"],
    "reporter": "other_duty",
    "mandatory": True,
    "words": 60,
    "files": 30,
}


CODE = "422823100901"
PAGE = [[CODE, NASTY * 3]] * 12
OFFERS = [
    records.drafts.PlacesOffered("city", PAGE),
    records.drafts.PlacesOffered("township", PAGE, page=1, pages=3, familiar=PAGE[:3], finer=[CODE, NASTY * 3, "village"]),
    records.drafts.PlacesOffered("village", PAGE, page=99, pages=120, under=[CODE, NASTY * 3], above=CODE),
    records.drafts.PlacesOffered("village", [], under=[CODE, NASTY]),
    records.drafts.PlacesOffered(found=PAGE[:8], more_found=True),
]


def asked(**more: Any) -> list[Told]:
    """Every question, empty and answered, as first question and with all its ways."""
    found: list[Told] = []
    for question in FORM.questions:
        empty = {"draft": D, "version": V, "questionnaire": "1", "question": question.code, **more}
        answer = None if question.code in ("words", "evidence") else ANSWERS[question.code]
        found.append(records.drafts.QuestionAsked(**empty, first=True))
        found.append(records.drafts.QuestionAsked(**empty, answer=answer, words=60, files=30, ready=True, urgent=True, note="begun"))
        found.append(records.drafts.QuestionAsked(**empty, answer=answer, editing=True))
    return found


def succession_samples() -> list[Told]:
    """Duty, vacancies, hand-overs and the roster check."""
    post = ("badong", "civil_affairs", LINE)
    items = {noun: [12, [N] * 10] for noun in ["reports_accepted", "drafts", "never_heard_of"]} | {"shifts": [2, []]}
    shifts = [[2**31 - 1, name, AT, AT, own] for own in (False, True) for name in ("", LINE[:40])]
    desk = {"post": 2**31 - 1, "title": LINE, "mine": True, "everybody": True, "now": shifts[:2], "coming": shifts * 5}
    people: list[list[Any]] = [[2**31 - 1, name] for name in ("", LINE[:40])]
    shown = [
        told.HandoverShown(7, *post, state, mode, side, "", LINE[:40], AT, AT, items, can, gone=gone, instead=gone, note=note)
        for state, mode, side, can, gone, note in [
            ("started", "manual", "office", ["link", "cancel"], True, ""),
            ("joined", "automatic", "unit", ["outgoing", "cancel"], True, "stale"),
            ("joined", "automatic", "outgoing", ["outgoing", "cancel"], False, ""),
            ("joined", "confirm", "incoming", ["incoming", "cancel"], False, ""),
            ("agreed", "confirm", "office", ["office", "cancel"], False, ""),
            ("done", "confirm", "", [], False, ""),
        ]
    ]
    shown.append(replace(shown[1], nobody=True, was=LINE[:40]))
    checks = [
        told.RosterCheckShown(7, "badong", "2027Q1", "civil_affairs", AT, [[LINE, ["", LINE[:40]]]] * 60, answer, again)
        for answer, again in [(None, False), (None, True), ("changed", False), ("unchanged", False)]
    ]
    unread = [["civil_affairs", LINE, why] for why in ("vacant", "unreachable", "quiet")] * 20
    return [
        told.DutyPlanned(LINE, AT, AT),
        told.DutyEnded(LINE, AT),
        *(records.duty.DutyShown([desk, {**desk, "mine": False, "now": []}], 3, note) for note in ["", *duty.DUTY_NOTES]),
        records.duty.DutyShown(),
        records.duty.DutyPlanning(2**31 - 1, LINE, people),
        records.duty.DutyPlanning(2**31 - 1, LINE, person=2**31 - 1, name=LINE[:40], days=["2026-11-26"] * 7),
        records.duty.DutyPlanning(2**31 - 1, LINE, person=2**31 - 1, day="2026-11-26"),
        *(
            told.PostVacant(*post, AT, whom, alone, [["civil_affairs", LINE]] * 30)
            for whom, alone in [("unit", False), ("office", True), ("office", False)]
        ),
        *(told.PostVacant(*post, AT, whom, alone) for whom, alone in [("unit", False), ("office", True), ("office", False)]),
        *(told.MechanismDue("neimenggu", "2027-06-30", step, 20, step != "overdue") for step in mechanisms.MECHANISM_STEPS),
        *(
            records.mechanisms.MechanismShown("6月底前", "2027-06-30", NASTY[:60], AT, note, 60)
            for note in ["", *mechanisms.MECHANISM_NOTES]
        ),
        records.mechanisms.MechanismShown("6月底前"),
        records.mechanisms.MechanismShown(),
        *shown,
        *(told.HandoverDone(*post, AT, side, "liaison", "", items, instead=True) for side in ("outgoing", "incoming", "roster")),
        told.HandoverCancelled(*post),
        *checks,
        told.UnitJoined("gansu", LINE[:40]),
        told.RosterChangeSaid("badong", "2027Q1", "civil_affairs"),
        told.RosterCheckClosed("badong", "2027Q1", ["civil_affairs"] * 60, [], ["gone_since"], unread),
        told.RosterCheckClosed("badong", "2027Q1"),
        records.succession.HandoversListed([[7, LINE, state] for state in succession.HANDOVER_STATES], any_unit=True),
        *(records.succession.HandoversListed(why_not=why) for why in succession.WHY_NOT_START),
        records.succession.UnitsToChoose([[2**31 - 1, "civil_affairs"]] * 8, 1, 3),
        records.succession.PostsToChoose(2**31 - 1, [[2**31 - 1, LINE, [LINE[:40], ""], 3], [8, LINE, [], 0]], 1, 3),
        records.succession.PostsToChoose(0),
        records.succession.HolderToChoose(2**31 - 1, LINE, people),
        *(records.succession.HandoverAsked(2**31 - 1, 2**31 - 1, LINE, mode, LINE[:40], items) for mode in succession.RULES),
        records.succession.HandoverAsked(7, 0, LINE, "manual"),
        records.succession.HandoverEndAsked(2**31 - 1, LINE),
        records.succession.NothingToCheck(),
        records.succession.SuccessorInvited(7, LINE, "A" * 22, "0000-0000-0000-0000", AT),
    ]


DUE = (AT, "2026-11-26", "2026-11-25")
STEPS = [step.code for step in FILLED.steps]
FACTS: dict[str, Any] = {"value": AT, "day": "2026-11-26", "time": "14:30", "title": STEPS[0]}
FACTS |= {"count": 9000, "limit": 2000, "size": 60, "least": 1}
GIVEN: dict[str, Any] = {
    "choice": "yes",
    "text": LINE,
    "words": [LINE, WIDE],
    "date": "2026-11-26",
    "moment": AT,
    "number": 50,
    "files": ["a.pdf"],
    "units": list(UNITS),
}


MEETING = {"kind": "plenary", "starts_at": AT}
SAID = {"subject": LINE, "place": LINE[:100], "link": "https://example.org/" + "x" * 280, "chair": LINE[:60], "by": "convener"}
CALLED: dict[str, Any] = {"meeting_id": 2**31 - 1, "sequence": 99, "number": N, "kind": "liaison", "starts_at": AT, "answer_by": AT}
CALLED |= {"said": SAID, "papers": 10, "posts": [[2**31 - 1, slug, answer] for slug in UNITS for answer in ("substitute",)][:6]}


def an_occurrence(
    duty: str, owner: str, cause: str, due: str = "2026-12-31", state: str = "open", colour: str = "red", many: int = 1
) -> list[Any]:
    return [2**31 - 1, owner, duty, cause, due, state, colour, many]


LAW_DUTY = "badong.political_legal.01"
OCCURRENCES = [
    an_occurrence(LAW_DUTY, "political_legal", "2026"),
    an_occurrence("badong.chief_convener.01", "chief_convener", "2026H1", colour=""),
    an_occurrence("badong.chief_convener.01", "chief_convener", "2026H2", colour=""),
    an_occurrence("badong.youth_league.02", "youth_league", "2026V2", colour="green"),
    an_occurrence("badong.public_security.05", "public_security", "report:7", "", colour="", many=12),
    an_occurrence("badong.court.01", "court", "asked:1", colour=""),
    an_occurrence("badong.township.01", "township/422823100", "2026Q4", colour="yellow"),
    an_occurrence("badong.schools.99", "schools", "2026M03", colour="blue"),
    an_occurrence("standing", "joined_1", "2026M05-06", colour="orange"),
]
TURNED: list[list[Any]] = [
    ["open", "reported", AT, {"text": LINE}],
    ["reported", "open", AT, {"lacks": "x" * 500}],
    ["scheduled", "open", AT, {}],
    ["reported", "accepted", AT, {}],
    ["open", "waived", AT, {"reason": LINE}],
]


def shown_occurrences() -> list[Told]:
    """An occurrence with all it can have, one of each way to end, one that is nearly empty."""
    all_of_it: dict[str, Any] = {"proofs": 5, "also": 11, "can": ["report", "accept", "return", "waive"], "title": LINE[:60]}
    all_of_it |= {"causes": [[kind, "2026-7"] for kind in (*duties.CAUSES, "x")], "standing": [LAW_DUTY, "badong.gone.01"]}
    found: list[Told] = [records.duties.OccurrenceShown(OCCURRENCES[0], TURNED, **all_of_it)]
    ends = [["reported", "accepted", AT, {"event": event}] for event in duties.SHOWN]
    ends += [["open", "waived", AT, {"why": why}] for why in duties.LAPSED]
    found += [records.duties.OccurrenceShown(OCCURRENCES[5], [turn], causes=[["", "2026"]]) for turn in ends]
    return found + [records.duties.OccurrenceShown([*OCCURRENCES[0][:5], state, "", 1], causes=[["", "2026"]]) for state in duties.STATES]


def called() -> list[Told]:
    """Convocations to whoever answers for several units, for one, for none; moved; over; and those of guests."""
    one = [[2**31 - 1, "court", ""]]
    found: list[Told] = [told.MeetingCalled(**CALLED | more) for more in ({}, {"posts": one, "moved_from": AT}, {"posts": [], "papers": 0})]
    found += [told.MeetingCalled(**CALLED | {"state": state}) for state in meetings.STATES]
    guest: dict[str, Any] = {
        "guest_id": 2**31 - 1,
        "conference": "badong",
        "name": LINE[:60],
        "sequence": 99,
        "number": N,
        "kind": "plenary",
    }
    guest |= {"starts_at": AT, "answer_by": AT, "said": {"subject": LINE, "place": LINE[:100]}}
    states = [("convened", "attend"), ("convened", ""), ("held", ""), ("cancelled", "excused")]
    return found + [told.GuestCalled(state=state, answer=answer, moved=not answer, **guest) for state, answer in states]


TASK = {"what": LINE, "why": LINE, "proof": LINE}
ITEM: dict[str, Any] = {"assignment_id": 2**31 - 1, "number": N, "state": "assigned", "news": "", "words": "", "by": "", "lead": "court"}
ITEM |= {"helpers": [], "due": "2026-11-26", "percent": 60, "said": TASK}


def assigned() -> list[Told]:
    """Items in every state and with all news, to the lead, to a helper, to the office; lists, history, files, what is owed."""
    more: dict[str, Any] = {"helpers": [[slug, state] for slug, state in zip(UNITS, assignments.HELPING, strict=False)], "light": "red"}
    more |= {"papers": 10, "longer_until": "2026-12-10", "runs": True, "may_reassign": True, "own": ["court", *UNITS], "disputed": True}
    more |= {"notice": N}
    found: list[Told] = [told.AssignmentTold(**ITEM | {"state": state}) for state in assignments.STATES]
    found += [told.AssignmentTold(**ITEM | more | {"state": state}) for state in assignments.STATES]
    found += [told.AssignmentTold(**ITEM | more | {"helpers": [[slug, "confirmed"] for slug in list(UNITS)[:10]], "words": LINE})]
    found += [told.AssignmentTold(**ITEM | {"news": news, "words": LINE, "by": "court", "own": ["court"]}) for news in assignments.NEWS]
    rows = [
        [7, N, LINE[:40], "court", "2026-11-26", state, 60, light]
        for state, light in zip(assignments.STATES, ["", *assignments.LIGHTS], strict=True)
    ]
    found += [records.assignments.AssignmentsListed(), records.assignments.AssignmentsListed(rows, 1, 3, may_assign=True)]
    said = {"reason": LINE, "lead": "court", "until": "2026-11-26", "percent": "60", "unit": "court"}
    found += [records.assignments.AssignmentTraced(7, N, [[AT, step, LINE[:60], said]] * 5, 1, 3) for step in assignments.STEPS]
    found += [records.assignments.AssignmentTraced(7, N, [[AT, "accepted", "", {"lacks": LINE, "unit": ""}]])]
    found += [records.assignments.AssignmentSent(what, N, 7, 60) for what in assignments.SENT]
    found += [records.assignments.AssignmentFile(N, step, 1, 10, "document", "file-id") for step in assignments.FILES]
    facts = {"number": N, "due": "2026-11-26", "state": "submitted", "what": LINE[:40]}
    turns: list[dict[str, Any]] = [
        {"turn": "office"},
        {"turn": "office", "longer_until": "2026-12-10"},
        {"overdue": True},
        {"turn": "lead"},
    ]
    lines = [["assignment", n, "court", facts | turn] for n, turn in enumerate(turns)] + [
        ["meeting", 7, "court", facts | MEETING],
        ["x", 7, "court", facts],
    ]
    found += [
        records.assignments.OwedShown(),
        records.assignments.OwedShown(dict.fromkeys(assignments.GROUPS, lines), dict.fromkeys(assignments.GROUPS, 100)),
    ]
    shown = {"card": ITEM | {"papers": 3}, "people": 60, "to_seat": [*UNITS]}
    found += [records.wizards.WizardPreview("assign", D, V, TASK, [*TASK], shown)]
    found += [
        records.wizards.WizardAsked("assign", D, V, "lead", "choice", 3, 7, offered=[[s, ""] for s in UNITS], note=n)
        for n in assignments.NOTES
    ]
    return [*found, records.wizards.WizardAsked("longer", D, V, "until", "date", 1, 2, note="not_later", facts={"value": "2026-11-26"})]


NOTICE: dict[str, Any] = {"notice_id": 2**31 - 1, "number": N, "title": LINE[:100], "sign_by": AT, "doc_no": LINE[:40]}
BODY = "<" * 2800
RECEIVED = {code: [60, [[slug, ""] for slug in UNITS][:6]] for code in notices.RECEIPTS}


def notices_said() -> list[Told]:
    """Notices pushed, read, put right, signed, recalled; before a second person; on the board; in lists."""
    shown: dict[str, Any] = NOTICE | {"text": BODY, "sent_at": AT, "papers": 10}
    shown |= {"audience": "units", "units": [*UNITS][:6], "units_count": 60}
    found: list[Told] = [told.NoticeSent(**NOTICE), told.NoticeSent(**NOTICE, corrects=N)]
    more: list[dict[str, Any]] = [{"signs": True}, {"signed_at": AT, "corrected_by": N, "corrects": N, "may_see_receipts": True}]
    found += [
        told.NoticeShown(**shown | each) for each in (*more, {"sent_at": "", "papers": 0, "doc_no": "", "units": [], "audience": "seats"})
    ]
    found += [told.NoticeRecalled(N, AT, reason) for reason in ("", LINE)]
    asked: dict[str, Any] = NOTICE | {"text": BODY, "people": 999, "by": LINE}
    found += [told.NoticeToApprove(**asked, audience=kind, papers=number) for number, kind in enumerate(notices.AUDIENCES)]
    found += [told.NoticeDecided(N, LINE[:100], "sent", LINE, "", 60), told.NoticeDecided(N, LINE[:100], "refused", "", LINE)]
    board: dict[str, Any] = {"notice_id": 7, "number": N, "title": LINE[:100], "sign_by": AT, "sent_at": AT}
    found += [told.NoticeBoard(state=state, **board) for state in notices.STATES]
    found += [told.NoticeBoard(state="sent", of=300, groups=RECEIVED, recall_until=AT, corrected_by=N, **board)]
    found += [told.NoticeUnreached(7, N, LINE[:100], why, [["court", ""], ["court", LINE]], 9) for why in notices.WHYS]
    rows = [[7, N, LINE[:100], state, AT, mine] for state in notices.STATES for mine in ("", "open", "signed")]
    found += [records.notices.NoticesListed(may_send=True), records.notices.NoticesListed(rows[:10], True, 1, 3)]
    found += [records.notices.NoticeMade(what, N, 60, 7) for what in notices.MADE]
    found += [records.notices.NoticePaper(N, 1, 10, "document", "file-id")]
    found += [records.notices.NoticePreviewed(language, told.pack(told.NoticeShown(**shown))[1]) for language in LANGUAGES]
    found += [records.notices.ReceiptsListed(7, N, [["court", LINE[:60], code, AT] for code in notices.RECEIPTS] * 4, 1, 3)]
    facts = {"shown": told.pack(told.NoticeShown(**shown))[1], "people": 999, "audience": "units", "to_seat": [*UNITS], "minutes": 10}
    facts |= {"unreached": [*UNITS], "empty": 3, "second": True}
    given = {"title": LINE[:100], "text": BODY, "audience": "units", "units": [*UNITS], "sign_by": "2026-12-10"}
    found += [records.wizards.WizardPreview("notice", D, V, given, [*given], facts)]
    doubts = ("audience_empty", "units_empty", "nobody_second")
    return found + [
        records.wizards.WizardAsked("notice", D, V, "audience", "choice", 5, 9, note=note, facts={"people": 60, "limit": 30})
        for note in doubts
    ]


def wizards_asked() -> list[Told]:
    """Every kind of step, empty, filled and asked back; every note."""
    found: list[Told] = []
    for number, step in enumerate(FILLED.steps, start=1):
        offered = [[slug, ""] for slug in UNITS] if step.kind == "units" else [[code, ""] for code in ("yes", "no")]
        offered = offered if step.kind in ("units", "choice") else []
        fixed: dict[str, Any] = {
            "form": FILLED.name,
            "draft": D,
            "version": V,
            "step": step.code,
            "kind": str(step.kind),
            "offered": offered,
        }
        fixed |= {"number": number, "of": len(STEPS), "required": step.required, "limit": step.limit}
        found.append(records.wizards.WizardAsked(**fixed))
        found.append(records.wizards.WizardAsked(**fixed, answer=GIVEN[step.code], page=1, editing=True))
    found.append(records.wizards.WizardAsked(**fixed, pending={"value": AT}, note="day_off", facts=FACTS))
    return found + [records.wizards.WizardAsked(**fixed, note=note, facts=FACTS) for note in wizards.NOTES]


SAMPLES: list[Told] = [
    told.ReportFiled(N, list(range(8)), mandatory=True, danger=True, report_id=7),
    told.ReportFiled(N, [1023] * 8),
    told.ReportAccepted(N, AT),
    *(told.ReportAlert(7, N, AT, step, danger=True, situation="alone", place="422823107", place_name="野三关镇") for step in (0, 1, 3)),
    told.ReportTaken(7, N, AT, LINE),
    told.ReportSeenByOffice(N, AT),
    told.ReportUnaccepted(7, N, AT, 30),
    told.ReportAddition(7, N, 30),
    *(
        told.InvitationAnswered(7, "badong", "civil_affairs", LINE, NASTY, rebind, alone, was)
        for rebind, alone, was in ((True, False, NASTY), (False, True, ""))
    ),
    *(told.InvitationDecided(7, "civil_affairs", LINE, NASTY, how, AT, "badong") for how in inviting.HOW),
    told.InvitationDecided(7, "no_such_unit", LINE, "", "expired", AT),
    *(told.InvitationEnded("badong", "civil_affairs", LINE, how) for how in joining.ENDED),
    *(told.PostEntered("badong", "civil_affairs", LINE, role, rebind) for role in joining.CAN for rebind in (True, False)),
    told.PostLeft("badong", "civil_affairs", LINE, AT),
    *(told.ApprovalAsked(7, what, LINE, LINE, AT, (NASTY * 50)[:500]) for what in custodians.WHAT),
    *(told.ApprovalSettled(what, N, state, LINE, AT) for what in custodians.WHAT for state in custodians.ENDINGS),
    *(told.ApprovalDecided(7, what, N, state, LINE, AT) for what in custodians.WHAT for state in ("granted", "refused", "expired")),
    told.ApprovalDecided(7, "ask_identity", N, "granted", "", AT),
    told.IdentityShown(7, 7, N, AT),
    told.IdentityShown(7, 7, N, AT, 2**52, {"contact": ANSWERS["contact"], "unit": ANSWERS["unit"]}),
    told.IdentityClosed(N),
    told.IdentityOpened(N, LINE, LINE, AT),
    *(told.Blanked(shape) for shape in told.Shape),
    *(records.inviting.InvitationShown(7, "badong", "civil_affairs", LINE, AT, rebind) for rebind in (True, False)),
    *(records.inviting.NameAsked(LINE, note) for note in ("", "unfit")),
    *(records.inviting.AnswerKept("badong", "civil_affairs", LINE, name) for name in ("", NASTY)),
    records.inviting.InvitationDeclined(),
    *(records.inviting.InvitationUseless(why, 5) for why in [*joining.WHY, "too_many", "never_heard_of"]),
    *(records.inviting.CodeAsked(note) for note in ("", "unreadable")),
    *(
        records.inviting.InvitationIssued(7, "badong", "civil_affairs", LINE, "t" * 22, "7K3M-Q2XR-9V4T-HB6D", AT, rebind)
        for rebind in (True, False)
    ),
    records.inviting.InvitationPicture(7, LINE, "t" * 22),
    *(records.inviting.OutsidersShown(mode) for mode in ["", "observed_practice", *outsiders.HOW]),
    records.inviting.OutsidersShown("add_as_member", [[2**31, LINE[:40], role, here] for role, here in outsiders.ROWS] * 2, 1, 3),
    *(records.inviting.OutsiderAsked(note, body) for note in ["", *outsiders.NAME_NOTES] for body in ("", "schools")),
    records.inviting.BodiesShown(),
    records.inviting.BodiesShown(["township", "village", "schools", "x" * 99]),
    *(records.inviting.BodyPlaces("village", asdict(offer)) for offer in OFFERS if offer.level),
    records.inviting.OutsiderDropped(),
    records.inviting.InviteUnits(),
    records.inviting.InviteUnits([[2**31, "civil_affairs", 12]] * 8, 1, 3),
    records.inviting.InvitePosts("civil_affairs", [[2**31, LINE, holders] for holders in range(8)], 1, 3),
    records.inviting.PostShown(2**31, "civil_affairs", LINE, False, None, [[2**31, NASTY, 1], [2**31, "", 0]]),
    *(records.inviting.PostShown(7, "civil_affairs", LINE, True, since) for since in (None, AT)),
    records.inviting.PostShown(7, "civil_affairs", LINE, True, None, [[2**31, NASTY, 0]], closed=True),
    records.inviting.InvitationsListed(),
    records.inviting.InvitationsListed(
        [[2**31, "civil_affairs", LINE, state, NASTY, AT, state == "answered"] for state in [*inviting.STATES] * 4], 3
    ),
    *(records.inviting.EndAsked(what, 2**31, 2**31, LINE, name) for what in ("tenure", "bindings") for name in ("", NASTY)),
    *(records.inviting.TenureEnded(LINE, name) for name in ("", NASTY)),
    *(records.inviting.BindingsEnded(2**31, 2**31, name, 2, 80, 3, left) for name in ("", NASTY) for left in (0, 4)),
    told.DraftExpiring(AT),
    told.DraftErased(),
    told.SomethingWentWrong("inbox:17"),
    *(told.IncidentOpened(kind, "outbox:7", NASTY) for kind in [*responders.INCIDENTS, "never_heard_of"]),
    *(records.everybody.StartScreen(note) for note in ["", *everybody.NOTES]),
    records.everybody.HelpGiven(post=LINE),
    records.everybody.LanguageChooser(),
    records.everybody.LanguageChosen(),
    records.everybody.PostsHeld(),
    records.everybody.PostsHeld([LINE] * 5),
    records.everybody.PostsHeld(name=NASTY, posts=[[n, LINE, AT] for n in range(5)], elsewhere=["badong"], several=True),
    records.everybody.PostsHeld(elsewhere=["badong"], several=True),
    records.everybody.StartScreen("", several=True, reporting=True),
    records.everybody.HelpGiven(offers=list(commands.DESCRIPTIONS), post=LINE),
    records.everybody.DeskMenu("command", LINE, 3, list(officials.OFFERS), [*officials.LACKING, "never_heard_of"]),
    *(records.everybody.ConferencesListed(["badong"] * 8, page, 3, note) for page in (0, 1, 2) for note in ["", *officials.AREA_NOTES]),
    records.roster.RosterShown(),
    records.roster.RosterShown([["civil_affairs", 7, 3, 1], ["court", 0, 0, 0], ["never_heard_of", 8, 1, 0]] * 3, 1, 3, gaps=True),
    records.roster.UnitShown(
        7, "civil_affairs", [[LINE, "liaison", "422823107", [[NAME, AT, True], [None, AT, False]], None]] * 4, 1, 3, 2
    ),
    records.roster.UnitShown(7, "civil_affairs", [[LINE, "liaison", None, [], vacant] for vacant in (AT, None)]),
    records.roster.GapsShown(),
    *(records.roster.ExportAsked(note, 10) for note in ("", "too_short", "too_long")),
    told.RosterWithheld(),
    told.RosterFile("badong", AT, 25, "单位"),
    told.ApprovalDecided(7, "export_roster", "badong", "granted", LINE, AT),
    records.roster.GapsShown(
        [[kind, "civil_affairs", LINE, AT] for kind in roster.GAPS if kind != "no_post"] * 4 + [["no_post", "court", "", None]], 1, 3, 25
    ),
    *(records.everybody.Refused(reason, 5) for reason in [*everybody.REASONS, "never_heard_of"]),
    records.everybody.ButtonStale(),
    records.everybody.StepPassed(),
    *asked(),
    *(records.drafts.QuestionAsked(D, V, "1", "place", answer=ANSWERS["place"], places=asdict(offer)) for offer in OFFERS),
    records.drafts.QuestionAsked(D, V, "1", "since", finer=[CODE, NASTY * 3, "village"]),
    *(records.drafts.QuestionAsked(D, V, "1", "situation", note, 20) for note in [*forms.NOTES, "too_much_place"]),
    records.drafts.ReviewShown(D, V, "1", ANSWERS, f"{CORRECTION}{NASTY}\n" * 20 + "长" * 200, 12_000, 30, "words_kept"),
    records.drafts.ReviewShown(D, V, "1", {}),
    records.drafts.DraftWaits(D, V, 3),
    *(records.drafts.CancelAsked(D, V, addition) for addition in (True, False)),
    *(records.drafts.DraftDropped(addition) for addition in (True, False)),
    records.drafts.NothingToCancel(),
    *(records.drafts.WordsHeld(D, V, reports, note) for reports in ([], [[7, N], [8, N], [9, N]]) for note in ("begun", "file_kept")),
    *(records.drafts.Submitted(N, 7, again) for again in (True, False)),
    records.reporters.AdditionCollected(D, V, N),
    records.reporters.AdditionCollected(D, V, N, 60, 30, 1, "file_kept"),
    records.reporters.AdditionSent(N, 7),
    records.reporters.OwnReports(),
    records.reporters.OwnReports(
        [[number, N, state] for number, state in zip(range(20), itertools.cycle(["submitted", "accepted"]), strict=False)]
    ),
    records.reporters.OwnReport(**STATUS),
    records.reporters.OwnReport(7, N, "submitted", AT),
    *(records.reporters.ReceiptAsked(note) for note in ["", *reporters.RECEIPT_NOTES]),
    records.reporters.ReportReclaimed(**STATUS),
    records.responders.ReportsListed(),
    records.responders.ReportsListed([[2**31 - 1, N, "accepted", AT, AT], [8, N, "submitted", AT, None]] * 10, [2**31 - 1, 8]),
    records.responders.ReportSheet(**SHEET),
    records.responders.ReportSheet(
        **SHEET | {"subject": None, "danger": None, "place": None, "place_words": [], "since": None, "accepted_at": None}
    ),
    records.responders.ReportWords(N, 60, 60, WIDE, AT),
    records.responders.ReportWords(N, 1, 1, CORRECTION * 1500),
    records.responders.ReportWords(N, 1, 1, "&" * PART),
    *(
        records.responders.ReportEvidence(N, 30, 30, kind, "file-id", AT)
        for kind in ("photo", "voice", "audio", "video", "video_note", "document")
    ),
    records.responders.ReportPosition(N, 31.0, 110.0),
    records.responders.AcceptanceNoted(N, AT, LINE),
    records.approvals.ReportNumberAsked(),
    *(records.approvals.ReasonAsked(N, note, 10) for note in ["", "command", *custodians.REASON_NOTES]),
    records.approvals.ReasonDropped(N),
    *(records.approvals.ApprovalWaits(what, N, AT) for what in custodians.WHAT),
    *succession_samples(),
    *wizards_asked(),
    *(records.wizards.WizardPreview(FILLED.name, D, V, given, STEPS, {}, "edited") for given in ({}, GIVEN)),
    records.wizards.WizardCancelAsked(FILLED.name, D, V),
    records.wizards.WizardDropped(FILLED.name),
    records.wizards.FormWaits(FILLED.name, D, V),
    records.wizards.FormWaits(FILLED.name, D, V, "badong"),
    *called(),
    *assigned(),
    *notices_said(),
    *(
        told.MeetingInvite(
            N, "extra", f"{N}@badong.invalid", 3, method, AT, AT, AT, LINE, LINE, "https://example.org/" + "x" * 280, list(UNITS)
        )
        for method in ("REQUEST", "CANCEL")
    ),
    told.MeetingCancelled(7, N, "liaison", AT, LINE, LINE),
    *(told.CalendarEnds(ends) for ends in ("", "2026-12-31")),
    told.MeetingTally(7, N, "plenary", "convened", AT, AT, list(UNITS), ["court"], [], list(UNITS), [3, 1], AT),
    *(told.MeetingTally(7, N, "plenary", state, AT, AT, [], [], [], list(UNITS)) for state in meetings.STATES),
    *(told.PlenaryWindowEnding("2026H2", "2026-12-31", cadence, soft) for cadence in meetings.CADENCES for soft in (True, False)),
    records.meetings.MeetingsListed(known=False),
    records.meetings.MeetingsListed(may_call=True),
    records.meetings.MeetingsListed([[7, N, "plenary", AT, own] for own in ([], [""], ["attend"], [*meetings.ANSWERS])] * 8, may_call=True),
    *(records.meetings.MeetingSent(what, N, 7, 60) for what in meetings.SENT),
    *(records.meetings.AttendanceNoted(7, N, "court", answer) for answer in meetings.ANSWERS),
    records.meetings.ComingListed(
        1,
        N,
        "plenary",
        [
            ["education", "attend", "", "", ""],
            ["justice", "substitute", WIDE[:30], WIDE[:60], ""],
            ["health", "excused", "", "", WIDE[:300]],
        ],
        1,
        3,
    ),
    records.meetings.ComingListed(1, N, "plenary", []),
    records.meetings.MeetingPaper(N, 1, 10, "document", "file-id"),
    records.meetings.GuestInvited(N, LINE[:60], "t" * 22),
    records.meetings.ConvenersListed(),
    records.meetings.ConvenersListed([[7, LINE, True], [8, LINE, False]]),
    records.wizards.WizardPreview(
        "convene", D, V, SAID, [*SAID], {"called": CALLED, "people": 60, "units": 30, "unreached": [*UNITS], "to_seat": []}
    ),
    *(records.wizards.WizardAsked("convene", D, V, "link", "text", 5, 9, note=note) for note in ("link_unfit", "answer_after_start")),
    *(records.duties.DutiesListed(view) for view in duties.VIEWS),
    records.duties.DutiesListed("all", OCCURRENCES, dict.fromkeys(duties.VIEWS, 9), {"township/422823100": LINE[:60]}, 1, 3, may_run=True),
    records.duties.DutiesListed("own", OCCURRENCES[:1], {"own": 1}),
    records.duties.DutiesListed("unsaid", [[LAW_DUTY, "political_legal"]], {"own": 1, "unsaid": 1}, may_run=True),
    records.duties.DutyRowsListed(),
    records.duties.DutyRowsListed([row.id for row in load("badong").duties][:10], 0, 11),
    *shown_occurrences(),
    *(records.duties.OccurrenceNoted(what, LAW_DUTY, 7, 3) for what in duties.NOTED),
    records.duties.OccurrenceProof(LAW_DUTY, 1, 5, "document", "file-id"),
    told.DutiesOpened(OCCURRENCES * 5),
    told.DutiesOpened(OCCURRENCES[5:6]),
    told.DutiesOpened(OCCURRENCES[6:7], {"township/422823100": "野三关镇人民政府"}),
    told.DutiesToReview(waiting=3),
    told.DutiesToReview(unsaid=[LAW_DUTY]),
    told.OccurrenceReturned(OCCURRENCES[0], "x" * 500),
    told.OccurrenceWaived(OCCURRENCES[6], LINE, LINE[:60]),
    *(
        records.wizards.WizardPreview(name, D, V, given, [*given], {"line": OCCURRENCES[0], "title": ""})
        for name, given in (
            ("duty_report", {"text": LINE, "proofs": ["a.pdf"]}),
            ("duty_return", {"lacks": LINE}),
            ("duty_waive", {"reason": LINE}),
            ("duty_interval", {"duty": LAW_DUTY, "months": "3"}),
            ("ask_for_duty", {"owner": "court", "duty": "badong.court.01", "whose": ["court"], "due": "2026-12-31"}),
        )
    ),
    told.Digest(
        [
            ["duty", 7, owner, 0, "+1 liaison", {"duty": LAW_DUTY, "cause": cause, "due": "2026-12-31", "late": late, "title": title}]
            for owner, cause, late, title in (("court", "2026", True, ""), ("township/422823100", "report:7", False, LINE[:60]))
        ]
    ),
    told.Digest(
        [
            [noun, 7, "civil_affairs", 0, "-2 liaison", {"number": N, "due": due, **MEETING}]
            for noun in (*reminding.LINES, "x")
            for due in DUE
        ]
    ),
    told.Digest([["meeting", 7, "civil_affairs", 0, "-2 liaison", {"number": N, "due": AT, **MEETING}]] * 200),
]


class Packaged:
    """The conferences as they come with the program, without a database."""

    first = "badong"
    served = ("badong",)

    def slugs(self) -> list[str]:
        return ["badong"]

    def head(self, slug: str) -> Head:
        profile = load(slug)
        return Head(slug, profile.level, None, profile.name_zh, profile.name_en)

    def profile(self, slug: str) -> Profile:
        return load(slug)

    def known_unit(self, conference: str, slug: str) -> KnownUnit | None:
        return KnownUnit(slug, "省税务局", "省税务局") if has_joined(slug) else None


def reader(language: str = "zh_Hans", *, full: bool = False, bot: str = "") -> Reader:
    return Reader(2**52, language, ZONE, Packaged(), "badong", SIGNER, full_disclosure=full, bot=bot)


def test_figures_of_rules_are_put_into_sentences_not_written_in_them() -> None:
    """What a rule allows stands once, in the rule; a sentence that repeats it is wrong the day after the rule has changed."""
    figure = re.compile(r"\b(\d+|two|five|seven|ten) (hours?|h|days?|minutes?|characters?|MB|tries)\b")
    assert [sentence for sentence in tool.sentences() if figure.search(sentence)] == []


@pytest.mark.parametrize("language", ["zh_Hans", "zh_Hant"])
def test_the_office_has_one_short_name_for_officials_and_its_full_one_for_citizens(language: str) -> None:
    catalogue = tool.read(language)
    said = {text: str(found.string) for text in tool.sentences() if (found := catalogue.get(text)) is not None}
    bare = re.compile(r"(?<!联席会议)办公室|(?<!聯席會議)辦公室")
    assert [text for text in said.values() if bare.search(text)] == []


@pytest.mark.parametrize(("term", "words"), [("2027H1", "2027年上半年"), ("2027H2", "2027年下半年"), ("2027Q1", "2027年第1季度")])
def test_a_part_of_the_year_is_called_as_people_call_it(term: str, words: str) -> None:
    assert succession.term(term, translator("zh_Hans")) == words


def test_a_shift_to_be_ended_is_labelled_with_the_readers_day() -> None:
    coming = [[7, "甲", "2026-11-26T17:00:00+00:00", "2026-11-27T01:00:00+00:00", False]]
    desk = {"post": 1, "title": LINE, "mine": True, "everybody": True, "now": [], "coming": coming}
    message = render(records.duty.DutyShown([desk]), reader("en"))
    assert any(each.label.startswith("✖️ 11/27") for row in message.rows for each in row)


def name_of(record: Told) -> str:
    return type(record).__name__


class Balanced(HTMLParser):
    """Raises for anything but the few tags the channel reads, properly closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in {"b", "i", "code"}, tag
        assert not attrs
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def check(message: Message) -> None:
    """It is something the channel takes."""
    parser = Balanced()
    parser.feed(message.text)
    parser.close()
    assert parser.open == []
    text = plain(message.text)
    assert text.strip()
    assert units(text) <= (1024 if message.file else 4096)
    assert "{" not in text.replace("{x}", ""), text
    assert sum(map(len, message.rows)) <= 100
    for row in message.rows:
        assert 1 <= len(row) <= 8
        for button in row:
            assert 1 <= units(button.label) <= 64, button.label
            assert len(SIGNER.pack(button.press, 2**52).encode()) <= LIMIT


# -- all of them


def test_there_is_a_sample_of_every_record() -> None:
    assert {type(sample) for sample in SAMPLES} == set(told._KINDS.values())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("record", SAMPLES, ids=name_of)
def test_every_record_is_said_in_every_language(record: Told, language: str) -> None:
    message = render(record, reader(language))
    check(message)
    check(mark_repeat(message, reader(language)))
    assert 0 < len(toast(record, reader(language))) <= LONGEST_TOAST


@pytest.mark.parametrize("record", SAMPLES, ids=name_of)
def test_every_record_survives_its_row(record: Told) -> None:
    name, data = pack(record)
    assert unpack(name, data) == record


@pytest.mark.parametrize("record", SAMPLES, ids=name_of)
def test_languages_offer_the_same_buttons(record: Told) -> None:
    presses = [[button.press for row in render(record, reader(language)).rows for button in row] for language in LANGUAGES]
    assert presses[0] == presses[1] == presses[2]


@pytest.mark.parametrize("record", [*SAMPLES, records.responders.ReportEvidence(N, 1, 1, "video_note", "f")], ids=name_of)
def test_a_record_knows_the_shape_of_its_message(record: Told) -> None:
    """It is blanked by it when a phone was lost: a caption where there is a file, nothing where there is no text."""
    message = render(record, reader(bot="lianxi_test_bot"))
    bare = message.location is not None or (message.file is not None and message.file.kind == "video_note")
    file = message.file is not None or message.upload is not None
    assert record.shape is (told.Shape.BARE if bare else told.Shape.FILE if file else told.Shape.TEXT)


def test_an_invitation_without_the_bots_name_has_no_link_but_a_code() -> None:
    issued = records.inviting.InvitationIssued(7, "badong", "civil_affairs", LINE, "t" * 22, "7K3M-Q2XR-9V4T-HB6D", AT)
    without, with_name = render(issued, reader()), render(issued, reader(bot="lianxi_test_bot"))
    assert "t.me" not in without.text
    assert "https://t.me/lianxi_test_bot?start=i-" + "t" * 22 in with_name.text
    assert "7K3M-Q2XR-9V4T-HB6D" in without.text
    assert render(records.inviting.InvitationPicture(7, LINE, "t" * 22), reader()).upload is None


def test_a_record_that_nobody_says_is_an_error() -> None:
    class Unsaid(Told):
        pass

    with pytest.raises(Misconfigured, match="Unsaid"):
        render(Unsaid(), reader())


@pytest.mark.parametrize("text", ["<b>open", "<b><i>crossed</b></i>", "<script>x</script>", "", "{name}", "x" * 4097, '<b class="x">a</b>'])
def test_the_check_of_messages_can_fail(text: str) -> None:
    with pytest.raises((AssertionError, IndexError)):
        check(Message(text))


# -- what must and must not be said


@pytest.mark.parametrize("record", SAMPLES, ids=name_of)
def test_nobody_is_promised_to_be_nameless(record: Told) -> None:
    for language in LANGUAGES:
        text = render(record, reader(language)).text.lower()
        assert "匿名" not in text
        assert "anonym" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_danger_speaks_of_110_and_120_first(language: str) -> None:
    start = render(records.everybody.StartScreen(), reader(language)).text
    assert start.index("110") < start.index("🔒")
    urgent = plain(render(records.drafts.QuestionAsked(D, V, "1", "place", urgent=True), reader(language)).text)
    assert "110" in urgent.splitlines()[0]
    assert "120" in urgent.splitlines()[0]
    assert "110" in plain(render(told.ReportFiled(N, [0] * 8, danger=True), reader(language)).text).splitlines()[0]


def test_the_first_screen_is_honest_about_the_account() -> None:
    assert "保密" in render(records.everybody.StartScreen(), reader()).text
    assert "看到您的账号" in render(records.everybody.StartScreen(), reader()).text


def test_the_desk_gets_number_and_prompt_only_unless_full_disclosure_is_on() -> None:
    alert = told.ReportAlert(7, N, AT, 0, danger=True, situation="violence", place="422823107", place_name="野三关镇")
    short, full = render(alert, reader()), render(alert, reader(full=True))
    assert (N in short.text, "受理" in short.text) == (True, True)
    for fact in ("在家里被打", "野三关镇", "有危险"):
        assert fact not in short.text
        assert fact in full.text
    assert [button.label for row in short.rows for button in row] == ["受理", "查看详情"]


def test_a_target_is_called_a_target() -> None:
    text = render(told.ReportUnaccepted(7, N, AT, 30), reader()).text
    assert "已 30 分钟未受理" in text
    assert "目标时限：10 分钟" in text
    assert "非法定" in text


def test_what_a_desk_opens_cannot_be_passed_on() -> None:
    for record in SAMPLES:
        if name_of(record).startswith(("ReportSheet", "ReportWords", "ReportEvidence", "ReportPosition", "ReportAlert", "ReportFiled")):
            assert render(record, reader()).protect, name_of(record)


def test_what_is_made_to_be_passed_on_can_be() -> None:
    found = [record for record in SAMPLES if name_of(record) in ("SuccessorInvited", "InvitationIssued", "InvitationPicture")]
    assert len({name_of(record) for record in found}) == 3
    for record in found:
        assert not render(record, reader()).protect, name_of(record)


def test_the_receipt_is_shown_in_the_readers_words() -> None:
    numbers = [0, 1, 2, 3, 4, 5, 6, 1023]
    for language in LANGUAGES:
        text = render(told.ReportFiled(N, numbers), reader(language)).text
        codes = re.findall("<code>(.*?)</code>", text)
        assert " ".join(codes).split() == receipts.words(language, numbers)
        assert len(codes) == 2


@pytest.mark.parametrize(
    ("language", "said"), [("zh_Hans", "11月26日（周四）14:30"), ("zh_Hant", "11月26日（週四）14:30"), ("en", "Thu 26 Nov, 14:30")]
)
def test_times_are_written_as_people_write_them_in_the_readers_zone(language: str, said: str) -> None:
    assert said in render(told.ReportAccepted(N, AT), reader(language)).text


def test_somebodys_words_never_become_markup() -> None:
    text = render(records.responders.ReportWords(N, 1, 1, "<b>x</b> & <i>"), reader()).text
    assert "&lt;b&gt;x&lt;/b&gt; &amp; &lt;i&gt;" in text


def test_a_correction_is_called_one() -> None:
    text = render(records.responders.ReportWords(N, 1, 1, f"先说的\n{CORRECTION}后改的"), reader()).text
    assert "更正：后改的" in text
    assert CORRECTION not in text


def test_the_chosen_option_is_marked_and_the_ways_depend_on_where_one_stands() -> None:
    def labels(**more: Any) -> list[str]:
        message = render(records.drafts.QuestionAsked(D, V, "1", **more), reader())
        return [button.label for row in message.rows for button in row]

    assert "✓ 孩子" in labels(question="subject", answer={"code": "child"})
    assert "← 上一步" not in labels(question="subject", first=True)
    assert "跳过" not in labels(question="situation")
    assert "跳过" in labels(question="danger")
    assert "✅ 现在提交" not in labels(question="danger")
    assert {"跳过", "✅ 现在提交", "取消"} <= set(labels(question="words", ready=True))
    assert "下一步" in labels(question="words", ready=True, words=1)


@pytest.mark.parametrize(
    ("error", "words_said"),
    [
        (NotAllowed("accept_report"), "在岗"),
        (NotFound("report", 7), "没有找到"),
        (NotPossibleNow("report", N, "accepted", "accepted"), "办不了"),
        (AnswerUnfit("place", "place"), "办不了"),
        (TooMuch("reclaim", 5), "过一小时"),
        (TooMuch("words", 12_000), "12000"),
    ],
)
def test_a_refusal_says_what_and_what_next(error: RuleBroken, words_said: str) -> None:
    assert words_said in render(refusal(error), reader()).text


def test_every_option_and_title_of_the_questionnaire_has_words() -> None:
    for question in FORM.questions:
        assert question.code in words.TITLES
        assert question.code in forms.QUESTIONS
        assert set(question.options) == set(words.OPTIONS.get(question.code, {}))


def test_no_two_options_of_a_question_are_called_the_same() -> None:
    for language in LANGUAGES:
        t = translator(language)
        for question in FORM.questions:
            labels = [words.option(question.code, code, t) for code in question.options]
            assert len(labels) == len(set(labels))
            for code, label in zip(question.options, labels, strict=True):
                assert words.matched(question, label) == code


# -- receipts


@given(
    st.lists(st.integers(0, 1023), min_size=8, max_size=8), st.sampled_from(LANGUAGES), st.sampled_from([" ", ", ", "、", "\n", "  ", "，"])
)
def test_a_receipt_is_read_however_its_words_are_set_apart(numbers: list[int], language: str, between: str) -> None:
    assert receipts.parse(between.join(receipts.words(language, numbers))) == numbers


@given(st.lists(st.integers(0, 1023), min_size=8, max_size=8), st.sampled_from(["zh_Hans", "zh_Hant"]))
def test_a_chinese_receipt_needs_nothing_between_its_words(numbers: list[int], language: str) -> None:
    assert receipts.parse("".join(receipts.words(language, numbers))) == numbers


@given(st.lists(st.integers(0, 1023), max_size=12).filter(lambda numbers: len(numbers) != 8), st.sampled_from(LANGUAGES))
def test_fewer_or_more_words_are_no_receipt(numbers: list[int], language: str) -> None:
    assert receipts.parse(" ".join(receipts.words(language, numbers))) is None


@pytest.mark.parametrize(
    "text", ["", "他昨天晚上又打了我一顿把我关在屋里", "please help us he hits her again", "一二三四五六七八九十一二三四五六"]
)
def test_words_of_a_report_are_no_receipt(text: str) -> None:
    assert receipts.parse(text) is None
    assert not receipts.resembles(text)


@pytest.mark.parametrize(
    "text",
    [
        "孩子 一个 人 在 家 没有 人 管",
        "他天天打孩子，孩子身上全是伤，求求你们",
        "the boy next door is hungry every day",
        "please help us he is in the house",
    ],
)
def test_words_of_a_report_are_no_mistyped_receipt(text: str) -> None:
    assert not receipts.nearly(text)


def test_a_mistyped_receipt_is_recognised_as_an_attempt() -> None:
    said = receipts.words("zh_Hans", [1, 2, 3, 4, 5, 6, 7])
    assert receipts.parse(" ".join(said)) is None
    assert receipts.resembles(" ".join(said))


def test_the_word_lists_are_whole() -> None:
    for language in LANGUAGES:
        found = receipts.word_list(language)
        assert len(found) == len(set(found)) == receipts.LIST_SIZE
    assert all(len(word) == 2 for language in ("zh_Hans", "zh_Hant") for word in receipts.word_list(language))


# -- lengths


@given(st.text(max_size=400), st.integers(4, 60))
def test_a_split_text_is_whole_and_each_part_fits(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert all(0 < units(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


# -- languages


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("zh-hans", "zh_Hans"),
        ("zh-CN", "zh_Hans"),
        ("zh", "zh_Hans"),
        ("zh-SG", "zh_Hans"),
        ("zh-hant", "zh_Hant"),
        ("zh-TW", "zh_Hant"),
        ("zh_HK", "zh_Hant"),
        ("zh-mo", "zh_Hant"),
        ("zh-Hant-HK", "zh_Hant"),
        ("en", "en"),
        ("en-GB", "en"),
        ("enm", "zh_Hans"),
        ("fr", "zh_Hans"),
        ("", "zh_Hans"),
        (None, "zh_Hans"),
    ],
)
def test_a_language_code_finds_its_catalogue(code: str | None, language: str) -> None:
    assert language_of(code) == language


def test_every_value_is_escaped_once() -> None:
    t = translator("en")
    inner = t("Report <b>{number}</b>", number="<1>")
    assert inner == "Report <b>&lt;1&gt;</b>"
    assert t("State: {state}", state=inner) == "State: Report <b>&lt;1&gt;</b>"
    assert isinstance(inner, Markup)


@given(st.text())
def test_any_words_come_through_a_sentence_unchanged(text: str) -> None:
    assert html.unescape(translator("zh_Hans")("State: {state}", state=text)) == f"进展：{text}"


def test_the_catalogues_are_complete() -> None:
    assert list(tool.problems()) == []


def test_the_check_of_catalogues_can_fail() -> None:
    catalogue = Catalog(locale="en")
    catalogue.add("a {x}", "b {y}")
    catalogue.add("<b>c</b>", "<i>c</i>")
    catalogue.add("d", "e", flags=["fuzzy"])
    catalogue.add("gone", "f")
    catalogue.add("empty", "")
    said = {message: ["file.py"] for message in ("a {x}", "<b>c</b>", "d", "empty", "new")}
    found = "\n".join(tool.problems_of(catalogue, said))
    for trouble in (
        "other placeholders: 'a {x}'",
        "other tags: '<b>c</b>'",
        "fuzzy: 'd'",
        "obsolete: 'gone'",
        "untranslated: 'empty'",
        "untranslated: 'new'",
    ):
        assert trouble in found


@pytest.mark.parametrize("language", ["zh_Hans", "zh_Hant"])
def test_chinese_sentences_use_chinese_punctuation(language: str) -> None:
    han = r"[\u4e00-\u9fff]"
    for message in tool.read(language):
        if message.id:
            assert not re.search(rf"{han}[,;:!?()]|[,;:!?()]{han}|{han}\.(?:\s|$)", str(message.string)), message.string


def test_traditional_sentences_hold_no_simplified_characters() -> None:
    from opencc import OpenCC

    to_traditional = OpenCC("s2t")
    for message in tool.read("zh_Hant"):
        kept = str(message.string).replace("用哪种语言", "").replace("语言", "")  # the choice of a language is said in all of them
        assert set(to_traditional.convert(kept)) - set(kept) <= set("臺纔羣衆裏檯裡着羨爲僞"), message.string
