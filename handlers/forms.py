"""Shows a questionnaire one question at a time and keeps the draft in the conversation."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State

from conference.model.questionnaire import MAX_LINE, Draft, Question, QuestionKind
from conference.model.told import Told
from conference.ports import UnitOfWork
from conference.profiles import Profile
from conference.services import drafts

from . import dates, places
from .places import Find
from .presses.base import SHORT
from .records.approvals import ReasonAsked
from .records.drafts import QuestionAsked, ReviewShown, WordsHeld
from .records.everybody import StartScreen
from .records.inviting import OutsiderAsked
from .records.reporters import AdditionCollected, ReceiptAsked
from .talks import Talk
from .words import matched

CORRECTION = "✎ "  # begins words that correct earlier ones; put into the reader's language when they are shown
LONGEST_DATE = 60  # characters: more than that is a story, not a date
EXCERPT = 600  # characters of the words that the review shows
ABOUT = "asking_about"  # in the data: id and number of the report whose reporter a custodian asks for
NAMED = "naming"  # in the data: slug of the body and code of the place of a new post, while a name for it is awaited
BESIDE = {"draft": "recent", "additions": "adding_to"}  # what is kept beside a draft, and goes with it


async def load(state: FSMContext, kept_in: str = "draft") -> Draft | None:
    """The draft of this conversation, if there is one."""
    data = (await state.get_data()).get(kept_in)
    return Draft.from_data(data) if data else None


async def keep(state: FSMContext, draft: Draft, talk: State | None = None, kept_in: str = "draft", **facts: Any) -> None:
    """Keep the draft (and facts beside it), and where the conversation now stands."""
    data = await state.get_data() | {kept_in: draft.as_data()} | facts
    if talk == Talk.reporting:
        data.pop("recent", None)
    await state.set_data(data)
    if talk is not None:
        await state.set_state(talk)


async def begin(state: FSMContext, uow: UnitOfWork, account_id: int, profile: Profile, *, at: datetime) -> Draft:
    """A new draft, its clock started; the caller fills and keeps it. One that was open is forgotten."""
    if (old := await load(state)) is not None:
        drafts.forget_draft(uow, old.id)
    draft = Draft.begin(uuid.uuid4().hex)
    drafts.keep_draft(uow, account_id, draft.id, profile, at=at)
    return draft


async def drop(state: FSMContext, uow: UnitOfWork, draft: Draft, kept_in: str = "draft") -> Draft | None:
    """The draft is filed or given up: nothing of it stays. Returns the report that is still open beside it, if any."""
    drafts.forget_draft(uow, draft.id)
    gone = (kept_in, "album", BESIDE[kept_in])
    await state.set_data({key: value for key, value in (await state.get_data()).items() if key not in gone})
    return await resume(state)


async def resume(state: FSMContext) -> Draft | None:
    """Back to where the conversation stood before something else came between."""
    data = await state.get_data()
    talk = Talk.choosing if "recent" in data else Talk.reporting if "draft" in data else Talk.filling if "wizard" in data else None
    await state.set_state(Talk.adding if "additions" in data else talk)
    return Draft.from_data(data["draft"]) if "draft" in data else None


async def ask(
    state: FSMContext,
    uow: UnitOfWork,
    draft: Draft,
    note: str = "",
    figure: int = 0,
    *,
    urgent: bool = False,
    under: str = "",
    page: int = 0,
) -> QuestionAsked | ReviewShown:
    """The question at which the draft stands, or the review. `under`, `page`: which part of the territory is offered."""
    pieces, files = draft.answers.get("words", []), len(draft.answers.get("evidence", []))
    question = draft.question
    if question is None:
        answers = {code: answer for code, answer in draft.answers.items() if code not in ("words", "evidence")}
        text = "\n".join(pieces)
        excerpt = text if len(text) <= EXCERPT else f"{text[:EXCERPT]}…"
        return ReviewShown(draft.id[:SHORT], draft.version, draft.questionnaire, answers, excerpt, len(text), files, note, figure, urgent)
    offered = None
    if question.kind is QuestionKind.PLACE:
        chosen_before = (await state.get_data()).get(places.KEPT_IN, [])
        offered = places.offer(uow, draft, chosen_before, under, page)
    return QuestionAsked(
        draft=draft.id[:SHORT],
        version=draft.version,
        questionnaire=draft.questionnaire,
        question=question.code,
        note=note,
        figure=figure,
        urgent=urgent,
        ready=not draft.missing,
        first=draft.previous() is None or not draft.passed,
        editing=draft.editing,
        words=len(pieces),
        files=files,
        answer=draft.answers.get(question.code) if question.code not in ("words", "evidence") else None,
        places=offered,
        finer=places.finer_after(draft),
    )


def collected(additions: Draft, number: str, note: str = "", figure: int = 0) -> AdditionCollected:
    """What waits to be sent after a filed report."""
    answers = additions.answers
    words, files = len(answers.get("words", [])), len(answers.get("evidence", []))
    places = int("location" in (answers.get("place") or {}))
    return AdditionCollected(additions.id[:SHORT], additions.version, number, words, files, places, note, figure)


async def standing(state: FSMContext, uow: UnitOfWork, note: str = "", figure: int = 0) -> Told:
    """What the person has in front of them now, with a note on top: nothing sent is answered by nothing."""
    data, talk = await state.get_data(), await state.get_state()
    if talk == Talk.adding.state and "additions" in data:
        return collected(Draft.from_data(data["additions"]), data["adding_to"][1], note, figure)
    if talk == Talk.giving_reason.state and ABOUT in data:
        return ReasonAsked(data[ABOUT][1], note)
    if talk == Talk.naming_body.state:
        return await naming(state, note)
    if "draft" not in data:
        return ReceiptAsked(note=note) if talk == Talk.reclaiming.state else StartScreen(note=note)
    draft = Draft.from_data(data["draft"])
    if talk == Talk.choosing.state:
        return held(draft, data.get("recent", []), note, figure)
    return await ask(state, uow, draft, note, figure)


async def naming(state: FSMContext, note: str = "") -> OutsiderAsked:
    """The name of a body is still awaited: of one from outside, or of one with which a post is to be made."""
    return OutsiderAsked(note, ((await state.get_data()).get(NAMED) or [""])[0])


def hear(draft: Draft, text: str, find: Find, *, today: date) -> tuple[str, int]:
    """Take a text as the answer to the question shown if it can be one, else as words. Returns a note and its figure.

    `find` says which places of the territory some words mean. Raises TooMuch when the words are full; what was there stays.
    """
    question = draft.question
    if question is not None:
        if (option := matched(question, text)) is not None:
            draft.choose(question.code, option)
            return "", 0
        if (answer := _ANSWERS.get(question.kind)) is not None and (note := answer(draft, question, text, find, today)) is not None:
            return note, 0
    draft.add_words(text)
    return ("words_kept", 0) if question is None or question.kind not in _ANSWERS else ("words_instead", 0)


def _place(draft: Draft, question: Question, text: str, find: Find, today: date) -> str | None:
    if len(text) > MAX_LINE:
        return None
    found = find(text)
    if found is None:
        draft.place(text=text)
        return ""
    if len(found) > 1:
        draft.place_in_doubt(text, [place["code"] for place in found])
        return ""
    draft.place(text=text, code=found[0]["code"] if found else None, facts=found[0] if found else None)
    return "" if found else "place_as_said"


def _since(draft: Draft, question: Question, text: str, find: Find, today: date) -> str | None:
    if len(text) > LONGEST_DATE:
        return None
    day = dates.parse(text, today)
    if day is not None and day > today:
        return "future_date"
    draft.since(text, day)
    return "" if day else "since_as_said"


def _line(draft: Draft, question: Question, text: str, find: Find, today: date) -> str | None:
    if len(text) > MAX_LINE:
        return None
    draft.say(question.code, text)
    return ""


_ANSWERS = {QuestionKind.PLACE: _place, QuestionKind.WHEN: _since, QuestionKind.TEXT: _line, QuestionKind.CONTACT: _line}


def held(draft: Draft, reports: list[list[Any]], note: str = "", figure: int = 0) -> WordsHeld:
    """What came before anything was asked."""
    return WordsHeld(draft.id[:SHORT], draft.version, reports, note, figure)
