"""The duty rota: who is on duty now, who in the next days, and what can be done about it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from conference.model.told import DutyEnded, DutyPlanned
from conference.services.duty import HOURS, LONGEST, WEEK
from handlers.messages import Button, Message, Reader
from handlers.presses.approvals import ShowReports
from handlers.presses.duty import EndShift, PlanDay, PlanDuty, PlanHours, PlanShift, ShowDuty, TakeDuty
from handlers.records.duty import DutyPlanning, DutyShown
from locales import Markup, Translator, later, safe

from .moments import day, hours, moment
from .registry import button, lines, pairs, says

DUTY_NOTES = {
    "taken": later("✅ You are on duty now. New reports ring with you first."),
    "ended": later("✅ Ended."),
    "over": later("This shift is over already."),
    "planned": later("✅ Put on the rota."),
    "overlaps": later("They are on the rota for these hours already; nothing has changed. End that shift first if it should be another."),
    "outside": later("These hours are over, or too far ahead; nothing has changed. Choose one of the next {days} days."),
}
SPANS = {
    "day": later("Day, {begin}–{end}"),
    "night": later("Night, {begin}–{end}"),
    "all": later("{hours} hours, from {begin}"),
}
SHORTER = timedelta(hours=12)
MOST = 8  # coming shifts of a desk on one screen


def who(name: str, t: Translator) -> Markup:
    """A person by name; somebody the operator appointed may never have given one."""
    return safe(name) if name else t("(no name given)")


@says(DutyShown)
def duty_shown(record: DutyShown, reader: Reader, t: Translator) -> Message:
    parts: list[str | None] = [t(DUTY_NOTES[record.note], days=WEEK.days) + "\n" if record.note in DUTY_NOTES else None]
    if not record.desks:
        parts.append(t("There is no duty desk here yet."))
    rows: list[list[Button]] = []
    for desk in record.desks:
        parts += [*_desk(desk, reader, t), ""]
        rows += _ways(desk, reader, t)
    if record.waiting:
        parts.append(t("🔴 Reports that nobody has accepted yet: {number}", number=record.waiting))
        rows.append([button(t("Latest reports"), ShowReports(below=1))])
    return Message(Markup(lines(*parts).rstrip()), rows)


def _desk(desk: dict[str, Any], reader: Reader, t: Translator) -> list[Markup]:
    found = [t("<b>{desk}</b>", desk=desk["title"])]
    found += [t("On duty: {name}, until {end}", name=who(name, t), end=moment(end, reader, t)) for _, name, _, end, _ in desk["now"]]
    if desk["everybody"]:
        found.append(
            t("Nobody on duty can be reached, so new reports ring with everybody behind this desk.")
            if desk["now"]
            else t("Nobody is on duty by rota, so new reports ring with everybody behind this desk.")
        )
    for _, name, begins, end, _ in desk["coming"][:MOST]:
        found.append(t("· {begin} – {end}: {name}", begin=moment(begins, reader, t), end=moment(end, reader, t), name=who(name, t)))
    if (more := len(desk["coming"]) - MOST) > 0:
        found.append(t("· and {number} more", number=more))
    return found


def _ways(desk: dict[str, Any], reader: Reader, t: Translator) -> list[list[Button]]:
    if not desk["mine"]:
        return []
    post = desk["post"]
    on = any(own for *_, own in desk["now"])
    takes = [
        button(t("I take over duty, {hours} h", hours=hours(SHORTER)), TakeDuty(post, hours(SHORTER))),
        button(t("{hours} h", hours=hours(LONGEST)), TakeDuty(post, hours(LONGEST))),
    ]
    rows = [] if on else [takes]
    rows += [[button(t("I end my duty"), EndShift(shift))] for shift, *_, own in desk["now"] if own]
    rows += [[button(t("End duty: {name}", name=who(name, t)), EndShift(shift))] for shift, name, _, _, own in desk["now"] if not own]
    rows += [
        [button(t("✖️ {day}: {name}", day=_month_day(begins, reader, t), name=who(name, t)), EndShift(shift))]
        for shift, name, begins, *_ in desk["coming"][:MOST]
    ]
    return [*rows, [button(t("Plan a shift"), PlanDuty(post))]]


def _month_day(iso: str, reader: Reader, t: Translator) -> Markup:
    at = datetime.fromisoformat(iso).astimezone(reader.zone)
    return t("{month}/{day}", month=at.month, day=at.day)


@says(DutyPlanning)
def duty_planning(record: DutyPlanning, reader: Reader, t: Translator) -> Message:
    head = t("<b>Plan a shift: {desk}</b>", desk=record.title)
    back = [button(t("Back to the rota"), ShowDuty())]
    if record.people:
        buttons = [button(who(name, t), PlanDay(record.post, person)) for person, name in record.people]
        return Message(lines(head, t("Who?")), [*pairs(buttons), back])
    whom = t("For {name}", name=who(record.name, t))
    if record.days:
        choices = [button(day(iso, t), PlanHours(record.post, record.person, _number(iso))) for iso in record.days]
        return Message(lines(head, whom, t("On which day?")), [*pairs(choices), back])
    spans = [button(_span(span, t), PlanShift(record.post, record.person, _number(record.day), span)) for span in SPANS]
    return Message(lines(head, whom, day(record.day, t), t("Which hours?")), [*[[span] for span in spans], back])


def _span(name: str, t: Translator) -> Markup:
    begins, ends = HOURS[name]
    return t(SPANS[name], begin=begins, end=ends % 24, hours=ends - begins)


def _number(iso: str) -> int:
    return int(date.fromisoformat(iso).strftime("%Y%m%d"))


@says(DutyPlanned)
def duty_planned(record: DutyPlanned, reader: Reader, t: Translator) -> Message:
    text = t(
        "🗓 You are on duty at <b>{desk}</b>: {begin} – {end}. If that cannot be, tell your colleague or change it here.",
        desk=record.title,
        begin=moment(record.begins_at, reader, t),
        end=moment(record.ends_at, reader, t),
    )
    return Message(text, [[button(t("Duty rota"), ShowDuty())]])


@says(DutyEnded)
def duty_ended(record: DutyEnded, reader: Reader, t: Translator) -> Message:
    text = t(
        "🗓 A colleague has ended your shift at <b>{desk}</b> (from {begin}) or taken it off the rota.",
        desk=record.title,
        begin=moment(record.begins_at, reader, t),
    )
    return Message(text, [[button(t("Duty rota"), ShowDuty())]])
