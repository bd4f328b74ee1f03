"""One conference as data: everything in which two conferences differ.

Facts come from the document the profile names; numbers that no document has are the operator's and stand in `targets`,
`settings`, `ladders` and `reminders`. Where the document is silent a value is "" (or None), never a guess.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from .days import fixed_day
from .gates import Gate, Signer
from .handovers import Succession
from .people import CONVENERS, OF_A_UNIT, Role


class Level(StrEnum):
    """Of a conference, from the highest down."""

    NATIONAL = "national"
    PROVINCE = "province"
    AUTONOMOUS_REGION = "autonomous_region"
    PREFECTURE_CITY = "prefecture_city"
    COUNTY = "county"

    def above(self, other: Level) -> bool:
        """Whether a conference of this level may be the parent of one of the other."""
        return _HEIGHT[self] > _HEIGHT[other]


_HEIGHT = {Level.NATIONAL: 3, Level.PROVINCE: 2, Level.AUTONOMOUS_REGION: 2, Level.PREFECTURE_CITY: 1, Level.COUNTY: 0}


class DutyKind(StrEnum):
    STANDING = "standing"  # always; never overdue, attested before a plenary
    RECURRING = "recurring"  # again and again, by its cadence
    ON_EVENT = "on_event"  # whenever something happens


class Cadence(StrEnum):
    YEARLY = "yearly"
    HALF_YEARLY = "half_yearly"
    QUARTERLY = "quarterly"
    REGULAR = "regular"  # 定期: the text gives no interval, the office says how often
    HOLIDAY = "holiday"
    BEFORE_PLENARY = "before_plenary"


class Clock(StrEnum):
    """Words of time, kept as words."""

    AT_ONCE = "at_once"  # 第一时间, 立即
    PROMPTLY = "promptly"  # 及时


class SeatRole(StrEnum):
    CHIEF_CONVENER = "chief_convener"
    CONVENER = "convener"
    DEPUTY_CONVENER = "deputy_convener"  # 副召集人: acts as a convener
    OFFICE_DIRECTOR = "office_director"
    MEMBER = "member"

    @property
    def post(self) -> Role:
        return Role.CONVENER if self is SeatRole.DEPUTY_CONVENER else Role(str(self))


# Owners of duties besides units and bodies.
RESERVED = ("office", "all_members", "chief_convener", "conference")

# What happens here that opens a duty, or shows that it was done.
EVENTS = (
    "report_filed",
    "report_accepted",
    "meeting_convened",  # of any kind
    "meeting_held",
    "meeting_attended",  # by one unit
    "plenary_convened",
    "plenary_held",
    "extra_convened",
    "extra_held",
    "liaison_convened",
    "liaison_held",
    "post_vacated",  # of one unit
    "post_filled",
    "mechanism_recorded",
    "item_assigned",  # to the unit that leads it
    "help_asked",  # of a unit that helps with it
    "item_struck_off",
)

# Units that sit in the conference and do not answer to it: they are informed, never chased.
NOT_SUPERVISED = frozenset({"court", "procuratorate", "peoples_congress"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A member unit. `slug` stays through reforms, names change with a date. `aliases`: what others call it, also slugs of
    other conferences. `merged`: slugs of this conference that went up in it. `duty_entry`: where its duties stand."""

    slug: str
    name_zh: str
    name_en: str
    role: str = "member"
    seat: bool = False
    duty_entry: str = ""
    aliases: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()
    supervised: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """Somebody named by the text who is no member: townships, schools, the public. `kind`: territory, institution, group."""

    slug: str
    name_zh: str
    name_en: str
    kind: str
    mandatory_reporter: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A seat is defined by a unit and a post, never by a person."""

    unit: str
    role: SeatRole
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """What the text asks of a unit, paraphrased. `unit` is a unit, a body or one of RESERVED; `clock` is "" or words of time.

    `event`: one of EVENTS that opens it, if this program hears of it; `ends`: one that shows it was done.
    """

    id: str
    unit: str
    co_units: tuple[str, ...] = ()
    kind: DutyKind
    cadence: Cadence | None = None
    clock: str = ""
    event: str = ""
    ends: str = ""
    zh: str
    en: str
    source: str

    @property
    def fixed_day(self) -> str:
        """A day as the text writes it ("6月底前"): without a year no date can be computed from it."""
        return self.clock.removeprefix("date:") if self.clock.startswith("date:") else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How the conference works, as its document says. "" and None: it does not say."""

    plenary_cadence: Cadence | None = None
    plenary_in_principle: bool = False
    extra_meeting: str = ""
    convened_by: str = ""
    may_delegate_to: str = ""
    presided_by: str = ""
    liaison_meeting: str = ""
    liaison_meeting_output: str = ""
    agenda_proposers: str = ""
    agenda_gate: Gate | None = None
    agenda_gate_alt: Gate | None = None
    agenda_gate_logic: str = ""
    agenda_gate_source: str = ""
    minutes_required: bool = False
    minutes_to: tuple[str, ...] = ()
    minutes_copy_to: tuple[str, ...] = ()
    minutes_source: str = ""
    major_matters: str = ""
    major_matters_source: str = ""
    succession_mode: str = ""
    succession_source: str = ""
    invitation_mode: str = ""
    invitation_source: str = ""
    progress_circulation: str = ""
    progress_clock: str = ""
    progress_source: str = ""
    supervision_by: str = ""
    supervision_source: str = ""
    lead_and_co_units: bool = False
    lead_and_co_source: str = ""
    reassign_lead_allowed: bool = False
    yearly_work_plan: bool = False
    ledger_one_person_one_file: bool = False
    ledger_check: Cadence | None = None
    ledger_source: str = ""
    revocation_neglect_months: int | None = None
    revocation_source: str = ""
    mechanism_deadline: str = ""
    mechanism_deadline_source: str = ""

    @property
    def succession(self) -> Succession:
        """How a hand-over comes into force. Source: 000 二(末段), 001 一(末段)."""
        modes = {"automatic": Succession.AUTOMATIC, "report_then_replace": Succession.CONFIRM}
        return modes.get(self.succession_mode, Succession.MANUAL)

    def succession_of(self, role: Role) -> Succession:
        """The same for one post: automatic is what the document says of the conference's members, of no desk and no office post."""
        automatic = self.succession is Succession.AUTOMATIC
        return Succession.CONFIRM if automatic and role not in OF_A_UNIT | CONVENERS else self.succession


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What every document leaves open: the operator's choices, with these to begin with. Days are working days unless said
    otherwise. Source: domain §5, §5.1."""

    plenary_window: str = "calendar"  # the half year or year of the calendar, or counted from the last plenary ("rolling")
    plenary_warn_days: int = 45  # calendar days before the window ends
    extra_meeting_counts: bool = False  # whether an extra meeting fulfils the window
    rsvp_days: int = 5  # to answer a convocation
    regular_days: int = 90  # calendar days that "regularly" means; 0: never overdue
    agenda_reading: str = "text"  # which gate holds: agenda_gate ("text") or agenda_gate_alt ("alternative")
    separation_of_duties: str = "warn"  # when one person reviews and approves: allow, warn or forbid
    notice_approval_from: int = 30  # recipients from which on a notice needs a second person
    recall_minutes: int = 10  # in which a notice can be taken back
    attestation_days: int = 20  # before a plenary, standing duties are attested
    holidays: tuple[str, ...] = ("01-20/02-20", "07-10/08-31")  # of the schools: no text says when; month-day/month-day
    light_colours: tuple[str, str, str] = ("green", "yellow", "red")  # in time, soon due, overdue
    light_yellow_days: int = 7  # before the due day
    light_red_days: int = 0  # after the due day
    escalate_days: int = 3  # after the due day, a reminder goes to the unit's seat too
    fill_days: int = 10  # in which a unit should fill a vacant post
    vacancy_convener_days: int = 20  # after which a vacancy is shown to the convener
    handover_days: int = 5  # in which both sides should confirm a hand-over
    roster_check_every: Cadence = Cadence.QUARTERLY
    roster_check_days: int = 10  # to answer it
    circular_every: str = ""  # besides on change: "", monthly, quarterly
    digest_at: str = "08:30"  # on working days: what is not urgent comes in one message
    working_hours: tuple[str, ...] = ("08:30-12:00", "14:30-17:30")
    mechanism_year: int = 0  # of rules.mechanism_deadline, which has no year of its own; 0: not said
    quiet_hours: str = "21:30-07:30"  # nothing but emergencies is sent; "": no such hours


TARGETS: Mapping[str, int] = {  # minutes
    "ack_reporter": 1,
    "police_alert": 0,
    "police_accept": 10,
    "dispatch": 30,
    "notify_township": 1440,
    "assess_start": 2880,
    "assistance_start": 4320,
    "breach_alarm": 60,
    "draft_kept": 10080,
    "draft_warning": 1440,
}


MOST_RUNGS = 12  # steps of one ladder


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a ladder: so many minutes after the start, ring these."""

    after: int
    whom: str

    @property
    def rank(self) -> int | None:
        """Of the desk that is rung; None: the office."""
        kind, _, rank = self.whom.partition(":")
        return int(rank) if kind == "desk" else None


@dataclass(frozen=True, slots=True)
class Reminder:
    """One reminder: so many working days from the due day (before it: negative), to whom of the unit or above it."""

    days: int
    whom: str


REMINDED = ("liaison", "deputy", "member", "holder", "office", "office_director", "convener", "chief_convener")

_OVERDUE = (Reminder(1, "liaison"), Reminder(3, "member"), Reminder(5, "office"), Reminder(10, "convener"))

REMINDERS: Mapping[str, tuple[Reminder, ...]] = {
    "convocation": (Reminder(-5, "liaison"), Reminder(-2, "liaison"), Reminder(-1, "liaison"), Reminder(0, "member")),
    "assignment": (Reminder(-5, "liaison"), Reminder(0, "liaison"), *_OVERDUE),
    "duty": (Reminder(-5, "liaison"), *_OVERDUE),
    "notice": (Reminder(-1, "liaison"), Reminder(1, "deputy"), Reminder(2, "member"), Reminder(5, "office"), Reminder(10, "convener")),
    "attestation": (Reminder(-5, "liaison"), Reminder(1, "liaison"), Reminder(3, "member"), Reminder(5, "office")),
    "vacancy": (Reminder(-5, "liaison"), Reminder(0, "liaison"), Reminder(10, "convener")),
    "roster_check": (Reminder(-3, "liaison"), Reminder(1, "liaison"), Reminder(3, "office")),
    "handover": (Reminder(-2, "holder"), Reminder(1, "office")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What the territory's levels are called here: 乡镇 or 苏木, 村 or 嘎查."""

    township_zh: str = "乡镇（街道）"
    township_en: str = "township or subdistrict"
    village_zh: str = "村（居）"
    village_en: str = "village or residents' committee"
    county_zh: str = "县（市、区）"
    county_en: str = "county"


@dataclass(frozen=True, slots=True, kw_only=True)
class Titles:
    """What the posts are called that no document names; {unit} is the unit's name."""

    liaison_zh: str = "{unit}联络员"
    office_zh: str = "联席会议办公室"
    duty_desk_zh: str = "{unit}值班台"
    custodian_zh: str = "报告人身份保管员"

    @staticmethod
    def of(title: str, unit: Unit) -> str:
        return title.replace("{unit}", unit.name_zh)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One conference. `slug` names it everywhere; `parent` is the slug of the one above it, "" if it has none here."""

    slug: str
    level: Level
    name_zh: str
    name_en: str
    parent: str = ""
    region_zh: str = ""
    region_code: str = ""
    year: int = 0
    doc_no: str = ""
    issuer: str = ""
    source_file: str = ""
    people_covered: tuple[str, ...] = ()
    age_limit: int | None = None
    lead_unit: str = ""
    office_host: str = ""
    office_host_stated: bool = False
    has_conference: bool = True
    has_roster: bool = True
    reserved: tuple[str, ...] = RESERVED
    chief_convener_post: str = ""
    convener_posts: tuple[str, ...] = ()
    office_director_post: str = ""
    member_rank: str = ""
    liaison_rank: str = ""
    rules: Rules = field(default_factory=Rules)
    settings: Settings = field(default_factory=Settings)
    targets: Mapping[str, int] = field(default_factory=lambda: TARGETS)
    ladders: Mapping[str, tuple[Rung, ...]] = field(default_factory=dict)
    reminders: Mapping[str, tuple[Reminder, ...]] = field(default_factory=lambda: REMINDERS)
    units: Mapping[str, Unit] = field(default_factory=dict)
    actors: Mapping[str, Body] = field(default_factory=dict)
    seats: tuple[Seat, ...] = ()
    duties: tuple[Duty, ...] = ()
    words: Words = field(default_factory=Words)
    titles: Titles = field(default_factory=Titles)
    situations: tuple[str, ...] = ()
    notices_to: tuple[str, ...] = ()

    # -- what the document has

    @property
    def has_office(self) -> bool:
        """Whether the document knows an office of the conference."""
        return "office" in self.reserved

    @property
    def desk_of_the_office(self) -> str:
        """The unit where the daily work is done: the office's host, or the lead unit where no host is named."""
        return self.office_host or self.lead_unit

    @property
    def lacks(self) -> frozenset[str]:
        """What the document is silent about: said in one sentence, never an empty menu."""
        rules = self.rules
        there = {
            "conference": self.has_conference,
            "roster": self.has_roster,
            "office": self.has_office,
            "office_host": bool(self.office_host),
            "plenary": rules.plenary_cadence is not None,
            "liaison_meeting": bool(rules.liaison_meeting),
            "gate": rules.agenda_gate is not None,
            "proposers": bool(rules.agenda_proposers),
            "minutes": rules.minutes_required,
            "major_matters": bool(rules.major_matters),
            "succession": bool(rules.succession_mode),
            "guests": bool(rules.invitation_mode),
            "circulation": bool(rules.progress_circulation),
            "co_units": rules.lead_and_co_units,
            "work_plan": rules.yearly_work_plan,
            "mechanism": bool(rules.mechanism_deadline),
        }
        return frozenset(name for name, has in there.items() if not has)

    @property
    def gate(self) -> Gate | None:
        """The gate that holds: the text's, or its other reading if the operator chose that. None: the document has none."""
        alternative = self.settings.agenda_reading == "alternative" and self.rules.agenda_gate_alt is not None
        return self.rules.agenda_gate_alt if alternative else self.rules.agenda_gate

    @property
    def mechanism_term(self) -> str:
        """Until when the mechanism is to be set up, as the text writes it ("6月底前"); "" where it says nothing of it."""
        return self.rules.mechanism_deadline.removeprefix("date:")

    @property
    def mechanism_day(self) -> date | None:
        """The same as a day. None: the operator has not said of which year, or the words name no day. Source: 003 六(一)."""
        return fixed_day(self.mechanism_term, self.settings.mechanism_year)

    @property
    def signers(self) -> frozenset[Signer]:
        """Whom a gate of this conference can name."""
        roles = {seat.role.post for seat in self.seats}
        named = {
            Signer.OFFICE_REVIEW: self.has_office,
            Signer.CHIEF_CONVENER: Role.CHIEF_CONVENER in roles,
            Signer.CONVENERS: Role.CONVENER in roles,
            Signer.ANY_CONVENER: Role.CONVENER in roles,
            Signer.LIAISON_MEETING: bool(self.rules.liaison_meeting),
        }
        return frozenset(signer for signer, there in named.items() if there)

    # -- looking things up

    def unit_called(self, slug: str) -> Unit | None:
        """The unit of this slug, or the one that bears it as an alias or took it in."""
        return self.units.get(slug) or next((unit for unit in self.units.values() if slug in (*unit.aliases, *unit.merged)), None)

    def chases(self, unit: str) -> bool:
        """Courts, procuratorates and congresses are informed, never chased; whoever has joined since is. Source: domain §5 A20."""
        known = self.unit_called(unit)
        return known is None or known.supervised

    def called(self, slug: str) -> Unit | Body | None:
        """Under which a post may stand: a unit, as `unit_called` finds it, or a body that the text names besides."""
        return self.unit_called(slug) or self.actors.get(slug)

    @property
    def mandatory_reporter_kinds(self) -> tuple[str, ...]:
        """Bodies whose work obliges them to report, as the text names them."""
        return tuple(body.slug for body in self.actors.values() if body.mandatory_reporter and body.kind != "group")
