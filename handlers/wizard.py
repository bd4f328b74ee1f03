"""Asks for several things in turn, whatever they are for: a form is data, what was given lies in the conversation.

A form names its steps; each kind of step knows what it takes. What does not fit is answered by what is expected, and nothing
that was given is lost: it survives a restart, a wrong answer, a report that comes between. At the end everything is shown as it
will be done, and each answer can still be changed. Who needs a form registers it with `form`, its words with
handlers/telegram/texts/wizards.py `words_for`.
"""

from __future__ import annotations

import dataclasses
import unicodedata
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Any

from aiogram.fsm.context import FSMContext

from conference.model.calendar import WorkCalendar
from conference.model.errors import Misconfigured
from conference.model.people import Actor
from conference.model.permissions import Action
from conference.ports import UnitOfWork
from conference.profiles import Profile

from . import dates
from .presses.base import SHORT
from .records.wizards import FormWaits, WizardAsked, WizardPreview
from .replies import Reply
from .talks import Talk

IN = "wizard"
MEGABYTE = 1024 * 1024
LARGEST = 20 * MEGABYTE  # bytes of a file: what the channel lets us fetch again, for the record
FURTHEST = timedelta(days=730)  # a day beyond this is a slip of the finger
PIECES = timedelta(seconds=10)  # within which the pieces of one long text come
PAGE = 12  # options on one screen
Given = dict[str, Any]


class Kind(StrEnum):
    """What a step takes, and how it is kept: CHOICE a code; TEXT a str; WORDS several texts as a list, until "Next"; DATE and
    MOMENT in ISO; NUMBER an int; FILES a list of the channel's facts; UNITS a list of slugs."""

    CHOICE = "choice"
    TEXT = "text"
    WORDS = "words"
    DATE = "date"
    MOMENT = "moment"
    NUMBER = "number"
    FILES = "files"
    UNITS = "units"


GATHERS = frozenset({Kind.WORDS, Kind.FILES, Kind.UNITS})  # stay until "Next"


@dataclass(frozen=True, slots=True)
class Now:
    """What an answer is measured against."""

    at: datetime
    zone: tzinfo
    calendar: WorkCalendar

    @property
    def local(self) -> datetime:
        return self.at.astimezone(self.zone)


@dataclass(frozen=True, slots=True)
class Desk:
    """What a form is filled for: who fills it, in which conference, now."""

    uow: UnitOfWork
    actor: Actor
    profile: Profile
    now: Now
    facts: Mapping[str, Any] = field(default_factory=dict)  # what the wizard was opened with


@dataclass(frozen=True, slots=True)
class Doubt:
    """An answer that is not simply taken. `note` is a key of the texts; `firm`: it cannot be; else it is asked back, and may stay."""

    note: str
    firm: bool = True
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """`limit`: characters of a text, files or units at most, the largest number. `options`: codes of a CHOICE or, if they depend
    on the day, a function that gives pairs of code and label. `wanted`: whether it is asked at all, after what was given."""

    code: str
    kind: Kind
    required: bool = True
    limit: int = 0
    options: Sequence[str] | Callable[[Desk, Given], Sequence[tuple[str, str]]] = ()
    wanted: Callable[[Given], bool] | None = None
    past: bool = False  # a day that has passed is allowed
    least: int = 0  # of a NUMBER

    def is_asked(self, given: Given) -> bool:
        return self.wanted is None or self.wanted(given)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """`finish` is the verb behind "send" and what is said then; what a rule refuses leaves the form open as it was.

    `preview` gives the facts that the last screen shows; `check` doubts an answer in the light of the others.
    """

    name: str
    action: Action
    steps: tuple[Step, ...]
    finish: Callable[[Desk, Given], Reply]
    preview: Callable[[Desk, Given], dict[str, Any]] = lambda desk, given: {}
    check: Callable[[Desk, Given, str, Any], Doubt | None] = lambda desk, given, code, value: None

    def step(self, code: str | None) -> Step | None:
        return next((step for step in self.steps if step.code == code), None)


_FORMS: dict[str, Form] = {}


def form(made: Form) -> Form:
    """Register a form under its name."""
    if made.name in _FORMS:
        raise Misconfigured(f"two forms are named {made.name!r}")
    _FORMS[made.name] = made
    return made


def forms() -> dict[str, Form]:
    return dict(_FORMS)


# -- what lies in the conversation -------------------------------------------------------------------------------------


@dataclass(slots=True)
class Wizard:
    """A form that is being filled. `at` None: the last screen. `pending`: an answer that is asked back. `offered`: the options of
    a step as shown, pairs of code and label ("" where the texts have one)."""

    form: str
    id: str
    at: str | None
    version: int = 1
    given: Given = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    editing: bool = False
    pending: Any = None
    offered: list[list[str]] = field(default_factory=list)
    page: int = 0
    album: str | None = None
    conference: str = ""  # for which it is filled; "": kept before that was noted

    def is_elsewhere(self, conference: str) -> bool:
        """Whether it was begun in another conference: what was written there is neither sent nor taken here."""
        return self.conference not in ("", conference)

    @property
    def is_of(self) -> Form:
        return _FORMS[self.form]

    @property
    def step(self) -> Step | None:
        return self.is_of.step(self.at)

    def asked(self) -> list[Step]:
        return [step for step in self.is_of.steps if step.is_asked(self.given)]

    @property
    def missing(self) -> list[str]:
        return [step.code for step in self.asked() if step.required and not _has(self.given.get(step.code))]

    def go(self, code: str | None, *, editing: bool = False) -> None:
        """Stand at this step; None: the last screen, or the first step that is still missing."""
        if code is None and (missing := self.missing):
            code = missing[0]
        self.at, self.editing, self.pending, self.page = code, editing and code is not None, None, 0
        self.touch()

    def touch(self) -> None:
        self.version += 1

    def proceed(self) -> None:
        """The next step; after a change, back to the last screen."""
        if self.editing or self.at is None:
            return self.go(None)
        codes = [step.code for step in self.asked()]
        after = codes[codes.index(self.at) + 1 :] if self.at in codes else codes
        return self.go(after[0] if after else None)

    def back(self) -> None:
        codes = [step.code for step in self.asked()]
        before = codes[: codes.index(self.at)] if self.at in codes else codes
        if self.editing:
            return self.go(None)
        return self.go(before[-1] if before else self.at)

    def take(self, step: Step, value: Any) -> None:
        """The answer to this step; answers to what is no longer asked go with it."""
        self.given[step.code] = value
        moot = {each.code for each in self.is_of.steps} - {each.code for each in self.asked()}
        self.given = {code: given for code, given in self.given.items() if code not in moot}
        self.pending = None
        self.touch()


def _has(value: Any) -> bool:
    return value is not None and value != "" and value != []


async def load(state: FSMContext) -> Wizard | None:
    """The form that is being filled here, if there is one."""
    data = (await state.get_data()).get(IN)
    return Wizard(**data) if data and data["form"] in _FORMS else None


async def keep(state: FSMContext, wizard: Wizard) -> None:
    await state.set_data(await state.get_data() | {IN: dataclasses.asdict(wizard)})
    await state.set_state(Talk.filling)


async def drop(state: FSMContext) -> None:
    """It is sent or given up: nothing of it stays."""
    await state.set_data({key: value for key, value in (await state.get_data()).items() if key != IN})
    await state.set_state(None)


async def begin(state: FSMContext, desk: Desk, name: str, given: Given | None = None, *, at: str | None = None) -> Reply:
    """Open a form (one that is open is asked about first). `given`: what is known already; `at`: the one step to be
    changed, when the rest is known."""
    if (open_one := await load(state)) is not None and open_one.given:
        if open_one.is_elsewhere(desk.profile.slug):
            return waits(open_one, desk.profile.slug)
        await keep(state, open_one)
        return show(open_one, desk, "finish_first")
    made = _FORMS[name]
    wizard = Wizard(name, uuid.uuid4().hex[:SHORT], None, given=dict(given or {}), facts=dict(desk.facts), conference=desk.profile.slug)
    first = at or next((step.code for step in wizard.asked() if not _has(wizard.given.get(step.code))), made.steps[0].code)
    wizard.go(first, editing=at is not None)
    shown = show(wizard, desk)
    await keep(state, wizard)
    return shown


def waits(wizard: Wizard, conference: str) -> FormWaits:
    """What becomes of an open form: go on with it, in its own conference, or give it up."""
    return FormWaits(wizard.form, wizard.id, wizard.version, wizard.conference if wizard.is_elsewhere(conference) else "")


async def resume(state: FSMContext, conference: str) -> FormWaits | None:
    """A form of this conference that is still open, with the next words again its own; None if there is none."""
    wizard = await load(state)
    if wizard is None or wizard.is_elsewhere(conference):
        return None
    await state.set_state(Talk.filling)
    return waits(wizard, conference)


# -- what is shown -----------------------------------------------------------------------------------------------------


def show(wizard: Wizard, desk: Desk, note: str = "", **facts: Any) -> WizardAsked | WizardPreview:
    """The step at which it stands, or the last screen, with a note on top. Notes the options it offers in the wizard."""
    step, desk = wizard.step, dataclasses.replace(desk, facts=wizard.facts)
    about = str(wizard.facts.get("number", ""))
    if step is None:
        codes, shown = [each.code for each in wizard.asked()], wizard.is_of.preview(desk, dict(wizard.given))
        return WizardPreview(wizard.form, wizard.id, wizard.version, _plain(wizard), codes, shown, note, facts, about)
    wizard.offered = [list(pair) for pair in _offered(step, desk, wizard.given)]
    asked = [each.code for each in wizard.asked()]
    return WizardAsked(
        form=wizard.form,
        draft=wizard.id,
        version=wizard.version,
        step=step.code,
        kind=str(step.kind),
        number=asked.index(step.code) + 1 if step.code in asked else 0,
        of=len(asked),
        required=step.required,
        limit=step.limit,
        answer=_plain(wizard).get(step.code),
        pending=wizard.pending,
        offered=wizard.offered,
        page=wizard.page,
        editing=wizard.editing,
        note=note,
        facts=facts,
        about=about,
    )


def _plain(wizard: Wizard) -> Given:
    """What was given, without the channel's facts about files: names only."""
    kinds = {step.code: step.kind for step in wizard.is_of.steps}
    return {
        code: [file.get("name", "") for file in value] if kinds[code] is Kind.FILES else value
        for code, value in wizard.given.items()
        if code in kinds
    }


def _offered(step: Step, desk: Desk, given: Given) -> list[tuple[str, str]]:
    if callable(step.options):
        return list(step.options(desk, given))
    if step.kind is Kind.UNITS and not step.options:
        return [(slug, "") for slug in desk.profile.units]
    return [(code, "") for code in step.options]


# -- what is said ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Heard:
    """What was made of a message: a note (with facts) above what is shown next; `taken`: it answered the step."""

    note: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    taken: bool = False


def hear(wizard: Wizard, desk: Desk, text: str, labels: Mapping[str, str]) -> Heard:
    """Take a text as the answer to the step shown. `labels`: folded label to code, in every language."""
    step = wizard.step
    if step is None:
        return Heard("choose_button")
    said = text.strip()
    match step.kind:
        case Kind.TEXT | Kind.WORDS:
            return _hear_text(wizard, step, desk, said)
        case Kind.DATE | Kind.MOMENT:
            return _hear_day(wizard, step, desk, said)
        case Kind.NUMBER:
            return _hear_number(wizard, step, desk, said)
        case Kind.CHOICE | Kind.UNITS:
            return choose(wizard, desk, _matched(wizard, said, labels))
    return Heard("expects_files")


def _hear_text(wizard: Wizard, step: Step, desk: Desk, said: str) -> Heard:
    before = wizard.given.get(step.code, []) if step.kind is Kind.WORDS else []
    length = sum(map(len, before)) + len(said)
    if step.limit and length > step.limit:
        wizard.pending = {"cut": desk.now.at.isoformat()}
        return Heard("too_long", {"count": length, "limit": step.limit})
    if _may_be_a_rest(wizard, desk):
        wizard.pending = {"value": [*before, said] if step.kind is Kind.WORDS else said}
        return Heard("rest_of_long")
    return _offer(wizard, step, desk, [*before, said] if step.kind is Kind.WORDS else said)


def _may_be_a_rest(wizard: Wizard, desk: Desk) -> bool:
    """Whether something too long came just now: apps send it in pieces, and the last one would pass for the whole."""
    cut = wizard.pending.get("cut") if isinstance(wizard.pending, dict) else None
    return cut is not None and desk.now.at - datetime.fromisoformat(cut) < PIECES


def _hear_number(wizard: Wizard, step: Step, desk: Desk, said: str) -> Heard:
    figure = unicodedata.normalize("NFKC", said).rstrip("%").strip()
    if not (figure.isdecimal() and len(figure) < 10 and step.least <= int(figure) <= (step.limit or int(figure))):
        return Heard("expects_number", {"least": step.least, "limit": step.limit})
    return _offer(wizard, step, desk, int(figure))


def _hear_day(wizard: Wizard, step: Step, desk: Desk, said: str) -> Heard:
    """A day, or a day and a time; if one of them is missing the other is kept until it comes."""
    now = desk.now.local
    day, clock = dates.ahead(said, now) if len(said) <= dates.LONGEST else (None, None)
    if step.kind is Kind.DATE:
        return _offer_day(wizard, step, desk, day, day.isoformat()) if day else Heard("expects_date")
    waiting = wizard.pending if isinstance(wizard.pending, dict) else {}
    day = day or (date.fromisoformat(waiting["day"]) if "day" in waiting else None)
    clock = clock or (time.fromisoformat(waiting["time"]) if "time" in waiting and day else None)
    if day is None and clock is None:
        return Heard("expects_moment")
    if clock is None:
        assert day is not None
        wizard.pending = {"day": day.isoformat()}
        return Heard("time_missing", {"day": day.isoformat()})
    if day is None:
        wizard.pending = {"time": clock.isoformat()}
        return Heard("day_missing", {"time": f"{clock:%H:%M}"})
    return _offer_day(wizard, step, desk, day, datetime.combine(day, clock, desk.now.zone).isoformat())


def _offer_day(wizard: Wizard, step: Step, desk: Desk, day: date, value: str) -> Heard:
    now = desk.now.local
    has_passed = datetime.fromisoformat(value) <= now if step.kind is Kind.MOMENT else day < now.date()
    if has_passed and not step.past:
        wizard.pending = None
        return Heard("has_passed", {"value": value})
    if day - now.date() > FURTHEST:
        wizard.pending = None
        return Heard("too_far", {"value": value})
    if not step.past and not desk.now.calendar.is_workday(day):
        firm = _doubt(wizard, step, desk, value)
        if firm is None or not firm.firm:
            wizard.pending = {"value": value}
            return Heard("day_off", {"value": value})
    return _offer(wizard, step, desk, value)


def _offer(wizard: Wizard, step: Step, desk: Desk, value: Any) -> Heard:
    """Take it, unless the form doubts it."""
    doubt = _doubt(wizard, step, desk, value)
    if doubt is not None:
        wizard.pending = None if doubt.firm else {"value": value}
        return Heard(doubt.note, doubt.facts)
    return _taken(wizard, step, value)


def _doubt(wizard: Wizard, step: Step, desk: Desk, value: Any) -> Doubt | None:
    return wizard.is_of.check(dataclasses.replace(desk, facts=wizard.facts), wizard.given, step.code, value)


def _taken(wizard: Wizard, step: Step, value: Any) -> Heard:
    wizard.take(step, value)
    if step.kind in GATHERS:
        return Heard("kept" if step.kind is not Kind.UNITS else "", {}, taken=True)
    wizard.proceed()
    return Heard(taken=True)


def confirm(wizard: Wizard) -> Heard:
    """Yes, it stays at what was asked back."""
    step = wizard.step
    if step is None or not isinstance(wizard.pending, dict) or "value" not in wizard.pending:
        return Heard("step_passed")
    return _taken(wizard, step, wizard.pending["value"])


def choose(wizard: Wizard, desk: Desk, code: str | None) -> Heard:
    """One of the options; of units as often as one likes, and again to take one back."""
    step = wizard.step
    if step is None or code is None or code not in [offered for offered, _ in wizard.offered]:
        return Heard("expects_choice")
    if step.kind is not Kind.UNITS:
        return _offer(wizard, step, desk, code)
    chosen = wizard.given.get(step.code, [])
    if code not in chosen and step.limit and len(chosen) >= step.limit:
        return Heard("too_many", {"limit": step.limit})
    left = [each for each in chosen if each != code] if code in chosen else [*chosen, code]
    return _offer(wizard, step, desk, [each for each, _ in wizard.offered if each in left])


def choose_all(wizard: Wizard, desk: Desk, *, every: bool) -> Heard:
    """All units, or none."""
    step = wizard.step
    if step is None or step.kind is not Kind.UNITS:
        return Heard("step_passed")
    codes = [code for code, _ in wizard.offered] if every else []
    if step.limit and len(codes) > step.limit:
        return Heard("too_many", {"limit": step.limit})
    return _offer(wizard, step, desk, codes)


def attach(wizard: Wizard, desk: Desk, file: Mapping[str, Any]) -> Heard:
    """A file: kept where files are asked for (also at the last screen, if the form takes any), else said what is expected."""
    step = wizard.step or next((each for each in wizard.asked() if each.kind is Kind.FILES), None)
    if step is None or step.kind is not Kind.FILES:
        return Heard(f"expects_{step.kind}" if step is not None else "choose_button")
    files = wizard.given.get(step.code, [])
    if file.get("size", 0) > LARGEST:
        return Heard("file_too_large", {"size": -(-file["size"] // MEGABYTE), "limit": LARGEST // MEGABYTE})
    if any(each["unique_id"] == file["unique_id"] for each in files):
        return Heard("file_known")
    if step.limit and len(files) >= step.limit:
        return Heard("too_many_files", {"limit": step.limit})
    wizard.take(step, [*files, dict(file)])
    return Heard("kept", taken=True)


def clear(wizard: Wizard) -> None:
    """Take back what this step has, so that it can be given anew."""
    if wizard.step is not None:
        wizard.given.pop(wizard.step.code, None)
        wizard.pending = None
        wizard.touch()


def skip(wizard: Wizard) -> Heard:
    """Go on: with what there is, or without if it need not be."""
    step = wizard.step
    if step is not None and step.required and not _has(wizard.given.get(step.code)):
        return Heard(f"expects_{step.kind}")
    wizard.proceed()
    return Heard(taken=True)


def last_look(wizard: Wizard, desk: Desk) -> Heard | None:
    """Just before it is sent: something required that is missing, a day that has passed meanwhile, or what the form doubts now."""
    desk = dataclasses.replace(desk, facts=wizard.facts)
    for step in wizard.asked():
        value = wizard.given.get(step.code)
        if not _has(value):
            if step.required:
                wizard.go(step.code, editing=True)
                return Heard(f"expects_{step.kind}")
            continue
        if step.kind in (Kind.DATE, Kind.MOMENT) and not step.past:
            now, given = desk.now.local, str(value)
            if datetime.fromisoformat(given) <= now if step.kind is Kind.MOMENT else date.fromisoformat(given) < now.date():
                wizard.go(step.code, editing=True)
                return Heard("again_passed", {"title": step.code})
        if (doubt := wizard.is_of.check(desk, wizard.given, step.code, value)) is not None and doubt.firm:
            wizard.go(step.code, editing=True)
            return Heard(doubt.note, doubt.facts)
    return None


def _matched(wizard: Wizard, said: str, labels: Mapping[str, str]) -> str | None:
    """The option that was typed instead of pressed: its label, or its number from 1."""
    folded = fold(said)
    if folded.isdecimal() and 1 <= int(folded[:4]) <= len(wizard.offered):
        return wizard.offered[int(folded[:4]) - 1][0]
    own = {fold(label): code for code, label in wizard.offered if label}
    return own.get(folded) or labels.get(folded)


def fold(text: str) -> str:
    """Letters and digits only: how somebody punctuates or spaces a label does not matter."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())
