"""The mechanism to set up: until when, whether it is, and what the office is reminded of."""

from __future__ import annotations

from conference.model.told import MechanismDue
from handlers.messages import Message, Reader
from handlers.presses.duty import ShowMechanism
from handlers.records.mechanisms import MechanismShown
from locales import Translator, later

from .everybody import conference_name, home
from .moments import day, moment
from .officials import lacking
from .registry import button, lines, says

MECHANISM_NOTES = {
    "kept": later("✅ Recorded. Nobody is reminded of it any more."),
    "too_short": later("That is too short for a number: please write at least {figure} characters."),
    "too_long": later("That is too long for a number: please write at most {figure} characters."),
}
MECHANISM_STEPS = {
    "20": later("Working days left: {number}."),
    "5": later("Working days left: {number}."),
    "day": later("Today is the last day."),
    "overdue": later("The day has passed, and nothing has been recorded."),
}
HOW_RECORDED = later("When it is set up, please write /mechanism and the number of the document that does it, all in one message.")


@says(MechanismShown)
def mechanism_shown(record: MechanismShown, reader: Reader, t: Translator) -> Message:
    if not record.term:
        return Message(lines(lacking({"mechanism"}, t)), [home(t)])
    no_day = t("The document does not say the year, and the operator has not named it yet: nobody is reminded.")
    until = t("Last day: {day}", day=day(record.last_day, t)) if record.last_day else no_day
    text = lines(
        t(MECHANISM_NOTES[record.note], figure=record.figure) if record.note in MECHANISM_NOTES else None,
        t("🏛 <b>Setting up the mechanism</b>"),
        t("The document says: {term}", term=record.term),
        None if record.act_number and not record.last_day else until,
        "",
        t("Set up by: <b>{number}</b>", number=record.act_number) if record.act_number else t("Nothing has been recorded yet."),
        t("Recorded: {at}", at=moment(record.at, reader, t)) if record.at else None,
        t("If the number is wrong, please send the right one in the same way.") if record.act_number else t(HOW_RECORDED),
    )
    return Message(text, [home(t)])


@says(MechanismDue)
def mechanism_due(record: MechanismDue, reader: Reader, t: Translator) -> Message:
    text = lines(
        t("🏛 <b>The mechanism is to be set up.</b>"),
        conference_name(reader, record.conference),
        t("Last day: {day}", day=day(record.last_day, t)),
        t(MECHANISM_STEPS[record.step], number=record.days),
        "",
        t(HOW_RECORDED) if record.office else t("The office has been told too."),
    )
    return Message(text, [[button(t("Set up the mechanism"), ShowMechanism())]] if record.office else [])
