"""Every key of a profile: where it stands, what it may be, what it means. The reader knows no other, and docs/profiles.md
is checked against this list.

A key that comes later has a default: profiles are kept in the database as they were loaded, and must still be readable.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from conference.model.gates import LONGEST
from conference.model.profile import (
    EVENTS,
    REMINDED,
    REMINDERS,
    RESERVED,
    TARGETS,
    Cadence,
    DutyKind,
    Level,
    SeatRole,
    Settings,
    Titles,
    Words,
)

from .checks import (
    AS_CLOCK,
    AS_DUTY,
    AS_HOURS,
    AS_QUIET,
    AS_REGION,
    AS_RUNG,
    AS_SLUG,
    AS_SLUG_OR_NONE,
    AS_STRETCH,
    AS_TIME,
    AS_YEAR_OR_NONE,
    Check,
    Day,
    Flag,
    Free,
    ListOf,
    Number,
    OneOf,
    Text,
)


class Need(Enum):
    REQUIRED = "required"


REQUIRED = Need.REQUIRED


@dataclass(frozen=True, slots=True)
class Key:
    """`default` is what holds where the key is absent; REQUIRED: it must be there."""

    name: str
    check: Check
    means: str
    default: Any = REQUIRED


def _keys(*keys: Key) -> Mapping[str, Key]:
    return {key.name: key for key in keys}


_UNSTATED = "unstated"
_CADENCES = [str(cadence) for cadence in Cadence]
_NOTE = Text(empty=True)
SITUATIONS = ("alone", "unattended", "missing", "guardian_unfit", "guardian_neglect", "violence", "accident", "unlawful_harm", "other")
PEOPLE = ("left_behind_children", "left_behind_elderly", "left_behind_women", "people_with_disabilities", "children_in_difficulty")
SURVEYED = (*PEOPLE, "minors_in_difficulty")
REMINDER_KINDS = tuple(REMINDERS)
LADDERS = ("police_accept",)

CONFERENCE = _keys(
    Key("slug", AS_SLUG, "the conference's name in this program; the file is called the same"),
    Key("name_zh", Text(160), "its name, as the document writes it"),
    Key("name_en", Text(200), "its name in English"),
    Key("level", OneOf([str(level) for level in Level]), "whose conference it is"),
    Key("parent", AS_SLUG_OR_NONE, "slug of the conference above it, if it has one", ""),
    Key("region_zh", Text(80), "the region, as the document writes it"),
    Key("region_code", AS_REGION, "official division code of the region; the territory begins there", ""),
    Key("year", Number(1949, 2100), "of the document"),
    Key("doc_no", Text(80, empty=True), "number of the document, as written; empty if it bears none"),
    Key("issued", Day(), "day of the document", ""),
    Key("posted", Day(), "day on which it was published", ""),
    Key("first_plenary", Day(), "day of the first plenary", ""),
    Key("issuer_zh", Text(120), "who issued it"),
    Key("source_file", Text(80), "the file the facts are from; sources of duties begin with its number"),
    Key("has_conference", Flag(), "false: the document founds no conference"),
    Key("has_roster", Flag(), "false: the document names no seats"),
    Key("text_is_news_report", Flag(), "the source is a report about the document", False),
    Key("text_reprint_lost_years", Flag(), "the source lost its years: days in it cannot be computed", False),
    Key("seal_by_substitute", Flag(), "the document bears another body's seal (代章)", False),
    Key("former_names_zh", ListOf(Text(160)), "what the conference was called before", ()),
    Key("copied_to_zh", ListOf(Text(160)), "to whom the document was copied", ()),
    Key("people_covered", ListOf(OneOf(PEOPLE), low=1), "whom the conference protects"),
    Key("survey_also_covers", ListOf(OneOf(SURVEYED)), "whom its survey counts besides", ()),
    Key("age_limit", Number(1, 100), "a child is below this age, if the text says so", None),
    Key("child_definition", _NOTE, "who is a left-behind child, in the text's terms", ""),
    Key("child_definition_source", _NOTE, "where that stands", ""),
    Key("lead_unit", AS_SLUG, "the unit that leads the work"),
    Key("office_host", AS_SLUG_OR_NONE, "the unit where the office sits; empty if the text names none"),
    Key("office_host_stated", Flag(), "whether the text says so itself, or it follows from the director's post"),
    Key("office_director_post_zh", Text(120, empty=True), "post of the office's director"),
    Key("chief_convener_post_zh", Text(120, empty=True), "post of the one who calls the conference"),
    Key("convener_posts_zh", ListOf(Text(120)), "posts of the conveners, or deputy conveners"),
    Key("convener_title_zh", Text(40), "what the chief convener is called here", "总召集人"),
    Key("deputy_convener_title_zh", Text(40), "what the conveners are called here", "召集人"),
    Key("member_rank_zh", Text(120, empty=True), "rank of the members: a label, not a check"),
    Key("liaison_rank_zh", Text(120, empty=True), "rank of the liaisons: a label, not a check"),
    Key("liaisons_exist", Flag(), "the text speaks of liaisons without saying who they are", False),
    Key("reserved_units", ListOf(OneOf(RESERVED)), "owners of duties besides units and actors; office: the document has one"),
)

RULES = _keys(
    Key("plenary_cadence", OneOf(["yearly", "half_yearly", "quarterly", _UNSTATED]), "how often the conference meets"),
    Key("plenary_in_principle", Flag(), "the text says 'in principle': the duty is soft"),
    Key(
        "extra_meeting",
        OneOf(["any_time_when_necessary", "any_time_for_important_matters", "on_leader_instruction_or_work_need", _UNSTATED]),
        "when it meets besides",
    ),
    Key("convened_by", OneOf(["chief_convener", ""]), "who calls it"),
    Key("may_delegate_to", OneOf(["convener", "any_person_named_by_convener", ""]), "whom the caller may entrust"),
    Key("presided_by", OneOf(["convener_or_delegate", "chief_convener", ""]), "who chairs it"),
    Key("liaison_meeting", OneOf(["on_convener_request", "before_every_conference", "regular", _UNSTATED]), "when the liaisons meet"),
    Key(
        "liaison_meeting_output",
        OneOf(["first_review_opinion_to_conference", "agenda_and_matters_to_decide", ""]),
        "what the liaisons' meeting yields",
    ),
    Key("agenda_proposers", OneOf(["all_members", _UNSTATED]), "who may propose matters"),
    Key("agenda_gate", Text(LONGEST, empty=True), "whose consent a matter needs: names joined by & and |, with brackets"),
    Key("agenda_gate_logic", OneOf(["and", "or", "liaison_only", _UNSTATED]), "how the text's words were read"),
    Key("agenda_gate_alt", Text(LONGEST, empty=True), "the other reading, chosen by settings.agenda_reading"),
    Key("agenda_gate_source", _NOTE, "where the gate stands"),
    Key("minutes_required", Flag(), "whether decisions are fixed in minutes"),
    Key("minutes_to", ListOf(OneOf(["units_concerned", "all_members"])), "who gets the minutes"),
    Key("minutes_copy_to", ListOf(AS_SLUG), "who gets a copy of them"),
    Key("minutes_source", _NOTE, "where that stands", ""),
    Key("major_matters", OneOf(["report_for_approval_by_procedure", _UNSTATED]), "what happens with major matters"),
    Key("major_matters_source", _NOTE, "where that stands", ""),
    Key("succession_mode", OneOf(["automatic", "report_then_replace", _UNSTATED]), "how a seat passes to a successor"),
    Key("succession_source", _NOTE, "where that stands"),
    Key(
        "invitation_mode",
        OneOf(["invite_other_departments", "add_as_member", "observed_practice", _UNSTATED]),
        "how others take part",
    ),
    Key("invitation_source", _NOTE, "where that stands"),
    Key(
        "progress_circulation",
        OneOf(["office_reports_or_circulates", "office_to_all_members", "conference_circulates", _UNSTATED]),
        "who circulates progress",
    ),
    Key("progress_clock", OneOf(["at_once", "promptly", ""]), "word of time for it"),
    Key("progress_source", _NOTE, "where that stands"),
    Key("supervision_by", OneOf(["office", "conference", "autonomous_region", _UNSTATED]), "who presses for what was decided"),
    Key("supervision_source", _NOTE, "where that stands"),
    Key("lead_and_co_units", Flag(), "a matter has a lead unit and co-responsible units"),
    Key("lead_and_co_source", _NOTE, "where that stands"),
    Key("reassign_lead_allowed", Flag(), "the conference may change the lead unit"),
    Key("yearly_work_plan", Flag(), "there is a yearly work plan", False),
    Key("ledger_one_person_one_file", Flag(), "one file for each person", False),
    Key("ledger_check", OneOf(_CADENCES), "how often the ledger is checked", ""),
    Key("ledger_source", _NOTE, "where that stands", ""),
    Key("revocation_neglect_months", Number(1, 60), "months of neglect after which guardianship may be revoked", None),
    Key("revocation_source", _NOTE, "where that stands", ""),
    Key("mechanism_deadline", AS_CLOCK, "until when regions set up their mechanism", ""),
    Key("mechanism_deadline_source", _NOTE, "where that stands", ""),
)

REPORTS = _keys(
    Key("situations", ListOf(OneOf(SITUATIONS)), "situations that the text names itself; the others are taken all the same", ()),
    Key("notices_to", ListOf(AS_SLUG), "units and actors that the police tell once an emergency is handled", ()),
)

_WORDS = Words()
TERRITORY = _keys(
    *(
        Key(f"{level}_{language}", Text(60), f"what a {level} is called here, in {name}", getattr(_WORDS, f"{level}_{language}"))
        for level in ("county", "township", "village")
        for language, name in (("zh", "Chinese"), ("en", "English"))
    )
)

_NAMES = Titles()
TITLES = _keys(
    Key("liaison_zh", Text(40), "title of a unit's liaison; {unit} is its name", _NAMES.liaison_zh),
    Key("office_zh", Text(40), "title of the office's clerk", _NAMES.office_zh),
    Key("duty_desk_zh", Text(40), "title of public security's first duty desk", _NAMES.duty_desk_zh),
    Key("custodian_zh", Text(40), "title of the one who guards who reported", _NAMES.custodian_zh),
)

_TARGETS = {
    "ack_reporter": "the desk's own receipt to the reporter",
    "police_alert": "until public security's desk is alerted; nobody stands before it",
    "police_accept": "until a desk accepts; then the ladder climbs",
    "dispatch": "until somebody goes out",
    "notify_township": "until the township is told of an emergency that was handled",
    "assess_start": "until the assessment begins",
    "assistance_start": "until help begins",
    "breach_alarm": "until a breach of an order is passed on",
    "draft_kept": "how long an unfinished report is kept",
    "draft_warning": "how long before its end the reporter is told",
}
TARGET_KEYS = _keys(*(Key(name, Number(0, 525_600), f"{_TARGETS[name]} (minutes)", minutes) for name, minutes in TARGETS.items()))

_CHOICES = Settings()
_DAYS = Number(0, 365)
_SETTINGS: list[tuple[str, Check, str]] = [
    ("plenary_window", OneOf(["calendar", "rolling"]), "the year or half year of the calendar, or counted from the last plenary"),
    ("plenary_warn_days", _DAYS, "calendar days before the window ends, to warn that no plenary was called"),
    ("extra_meeting_counts", Flag(), "whether an extra meeting fulfils the window"),
    ("rsvp_days", _DAYS, "to answer a convocation"),
    ("regular_days", Number(0, 3650), "calendar days that the word 'regularly' means; 0: never overdue"),
    ("agenda_reading", OneOf(["text", "alternative"]), "which gate holds: agenda_gate or agenda_gate_alt"),
    ("separation_of_duties", OneOf(["allow", "warn", "forbid"]), "when one person both reviews and approves a matter"),
    ("notice_approval_from", Number(1, 100_000), "recipients from which on a notice needs a second person"),
    ("recall_minutes", Number(0, 2880), "minutes in which a notice can be taken back"),
    ("attestation_days", _DAYS, "before a plenary, to attest standing duties"),
    ("holidays", ListOf(AS_STRETCH, 0, 6), "the schools' holidays, in which holiday duties are owed, one after the other"),
    ("light_colours", ListOf(OneOf(["green", "blue", "yellow", "orange", "red"]), 3, 3), "of in time, soon due, overdue"),
    ("light_yellow_days", _DAYS, "before the due day, from when the second light shows"),
    ("light_red_days", _DAYS, "after the due day, from when the third light shows"),
    ("escalate_days", _DAYS, "after the due day, from when the unit's seat is reminded too"),
    ("fill_days", _DAYS, "in which a unit should fill a vacant post"),
    ("vacancy_convener_days", _DAYS, "after which a vacancy is shown to the convener"),
    ("handover_days", _DAYS, "in which both sides should confirm a hand-over"),
    ("roster_check_every", OneOf(["quarterly", "half_yearly", "yearly"]), "how often units confirm their people"),
    ("roster_check_days", _DAYS, "to answer a roster check"),
    ("circular_every", OneOf(["", "monthly", "quarterly"]), "how often progress is circulated besides when something changes"),
    ("mechanism_year", AS_YEAR_OR_NONE, "year of rules.mechanism_deadline, whose text has none; 0: not said, nobody is reminded"),
    ("digest_at", AS_TIME, "when on a working day people get what is not urgent, in one message"),
    ("working_hours", ListOf(AS_HOURS, 1, 4), "hours of a working day"),
    ("quiet_hours", AS_QUIET, "hours in which nothing but emergencies is sent; empty: none"),
]
SETTINGS = _keys(*(Key(name, check, means, getattr(_CHOICES, name)) for name, check, means in _SETTINGS))

RUNG = _keys(
    Key("after", Number(0, 10_080), "minutes after the start"),
    Key("whom", AS_RUNG, "who is rung"),
)
REMINDER = _keys(
    Key("days", Number(-90, 365), "working days from the due day; before it: negative"),
    Key("whom", OneOf(REMINDED), "who is reminded: of the unit, or above it"),
)
UNIT = _keys(
    Key("slug", AS_SLUG, "the unit's name in this program; it stays when the unit is renamed"),
    Key("name_zh", Text(80), "its name, as the document writes it"),
    Key("name_en", Text(160), "its name in English"),
    Key("role", OneOf(["lead", "member"]), "lead: the unit that leads the work"),
    Key("seat", Flag(), "whether it sits in the conference"),
    Key("duty_entry", Text(60, empty=True), "where the document lists its duties; empty if it does not"),
    Key("aliases", ListOf(AS_SLUG), "slugs under which others know it, or its predecessors", ()),
    Key("merged", ListOf(AS_SLUG), "slugs of units of this conference that went up in it", ()),
    Key("supervised", Flag(), "false: informed, never chased (court, procuratorate, people's congress)", True),
)
ACTOR = _keys(
    Key("slug", AS_SLUG, "its name in this program"),
    Key("name_zh", Text(120), "its name, as the document writes it"),
    Key("name_en", Text(160), "its name in English"),
    Key("kind", OneOf(["territory", "institution", "group"]), "what it is"),
    Key("mandatory_reporter", Flag(), "whether its work obliges it to report"),
)
SEAT = _keys(
    Key("unit", AS_SLUG, "the unit it belongs to"),
    Key("role", OneOf([str(role) for role in SeatRole]), "what it is in the conference"),
    Key("post_zh", Text(120), "the post whose holder takes it; never a person's name"),
)
DUTY = _keys(
    Key("id", AS_DUTY, "its name in this program; it stays when the words change"),
    Key("unit", AS_SLUG, "who owes it: a unit, an actor, or one of conference.reserved_units"),
    Key("co_units", ListOf(AS_SLUG), "who helps", ()),
    Key("kind", OneOf([str(kind) for kind in DutyKind]), "always, again and again, or when something happens"),
    Key("cadence", OneOf([*_CADENCES, ""]), "how often, for recurring ones; else empty"),
    Key("clock", AS_CLOCK, "word of time, for those on an event", ""),
    Key("event", OneOf([*EVENTS, ""]), "what opens one on an event, where this program hears of it", ""),
    Key("ends", OneOf([*EVENTS, ""]), "what shows that it was done, so that nobody need report it", ""),
    Key("zh", Text(60), "the duty in a line, paraphrased"),
    Key("en", Text(200), "the same in English"),
    Key("source", Text(80), "number of the source file and section"),
)

# Single tables, lists of tables by name, and tables of lists of tables.
TABLES: Mapping[str, Mapping[str, Key]] = {
    "conference": CONFERENCE,
    "rules": RULES,
    "reports": REPORTS,
    "territory": TERRITORY,
    "titles": TITLES,
    "targets": TARGET_KEYS,
    "settings": SETTINGS,
}
LISTS: Mapping[str, Mapping[str, Key]] = {"units": UNIT, "actors": ACTOR, "seats": SEAT, "duties": DUTY}
FAMILIES: Mapping[str, tuple[tuple[str, ...], Mapping[str, Key]]] = {"ladders": (LADDERS, RUNG), "reminders": (REMINDER_KINDS, REMINDER)}
NOTES = "external"  # facts from elsewhere, for people
ANYTHING = Free()
NEEDED = ("conference", "rules", "ladders", "units", "actors", "duties")
