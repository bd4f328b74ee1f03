"""What happens in a rehearsal: the office convenes, assigns and notifies; units answer as their people are; citizens report.

Everything is done in a chat, by writing and by pressing what is there. Whoever cannot do what is wanted has stumbled, and that is told.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Awaitable, Callable, Iterator
from datetime import date, datetime, time, timedelta
from random import Random

from conference.model.calendar import WorkCalendar
from conference.model.people import Role
from conference.model.profile import Profile
from conference.services import audiences
from handlers.presses import (
    AcceptReport,
    AnswerMeeting,
    Begin,
    Choose,
    OpenNotice,
    PickPlace,
    ReportDuty,
    RunAssignment,
    RunDuty,
    RunMeeting,
    ShowOccurrence,
    SignNotice,
    Step,
    Submit,
    WizardChange,
    WizardChoose,
    WizardPage,
    WizardSend,
    WizardStep,
    WorkAssignment,
)
from sandbox.messages import Message

from .cast import CITIZENS, Part, Temper
from .journal import Happened, Journal, Plenary, Seated, Thing, Turn
from .reading import duty_number, read
from .stage import TOKEN, CannotDo, Player, Stage, button_of, minutes, number_in

Act = Callable[[], Awaitable[None]]
MOST_DUTIES = 12  # that the office looks at in a day
ANSWER_BY = 3  # the step of the form that moves a meeting
PAGES = 9  # of a list of units
OPENS, CLOSES = time(9, 0), time(17, 30)


class Play:
    def __init__(
        self,
        stage: Stage,
        profile: Profile,
        parts: list[Part],
        calendar: WorkCalendar,
        random: Random,
        starts: date,
        days: int,
        outages: bool,
    ) -> None:
        self.stage, self.profile, self.calendar, self.random = stage, profile, calendar, random
        self.parts = {part.name: part for part in parts}
        self.zone = stage.application.settings.zone
        self.starts, self.ends = starts, starts + timedelta(days=days)
        self.has_outages = outages
        self.journal = Journal()
        self._acts: list[tuple[datetime, int, str, Act]] = []
        self._order = itertools.count()
        self._leads = self._in_turn()
        self._minded: set[tuple[str, str, str]] = set()  # (person, noun and number): what somebody has in hand or has done
        self._returned: set[str] = set()  # items, by number
        self._handed_in: dict[str, str] = {}  # by whom
        self._helpers: dict[str, list[str]] = {}  # of an item, by its number
        self._asked: dict[tuple[str, str], Callable[[], None]] = {}  # (person, number): what somebody late does when reminded

    # -- time

    def at(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, self.zone)

    def workday(self, number: int) -> date:
        """The working day that comes so many after the first one."""
        return self.calendar.shift(self.calendar.workday_from(self.starts), number)

    def at_work(self, after: datetime) -> datetime:
        """A moment in the hours of work, some hours after this one."""
        moment = (after + minutes(self.random.randint(20, 300))).astimezone(self.zone)
        day = moment.date()
        if not self.calendar.is_workday(day) or moment.time() > CLOSES:
            day = self.calendar.workday_from(day + timedelta(days=1))
        elif moment.time() >= OPENS:
            return moment
        return self.at(day, OPENS) + minutes(self.random.randint(1, 400))

    def plans(self, at: datetime, who: str, act: Act) -> None:
        heapq.heappush(self._acts, (at, next(self._order), who, act))

    # -- the whole

    async def plays(self, shown: Callable[[datetime], None]) -> Journal:
        """To the end of the last day; what is due at the desk is done at its own moment."""
        now = self.journal.opened = self.stage.clock.now()
        self.journal.seats = [Seated(part.name, part.unit, str(part.role), part.rank, now) for part in self.parts.values()]
        self._plan()
        end = self.at(self.ends, time(0))
        while True:
            due = await self.stage.next_due()
            act = self._acts[0][0] if self._acts else None
            moment = min((each for each in (due, act) if each is not None), default=end)
            if moment >= end:
                break
            await self.stage.moves_to(moment)
            if act is not None and act <= moment:
                _, _, who, does = heapq.heappop(self._acts)
                await self._does(who, does)
            self._read_all()
            shown(moment)
        await self.stage.moves_to(end)
        self._read_all()
        return self.journal

    async def _does(self, who: str, act: Act) -> None:
        try:
            await act()
        except CannotDo as stumble:
            self.journal.stumbles.append(f"{self.stage.clock.now().astimezone(self.zone):%m-%d %H:%M} {stumble}")
            if (player := self.stage.players.get(who)) is not None and player.sees(WizardStep.kind, "*", "*", "cancel"):
                player.presses(WizardStep.kind, "*", "*", "cancel")  # a form left open would be in the way of the next one
                await self.stage.settled()
                player.presses(WizardStep.kind, "*", "*", "drop")
        await self.stage.settled()

    def _read_all(self) -> None:
        for player in self.stage.players.values():
            for message in player.news():
                self._reads(player, message)

    # -- the plan

    def _plan(self) -> None:
        days = (self.ends - self.starts).days
        liaisons = [part for part in self.parts.values() if part.role is Role.LIAISON]
        workdays = [self.workday(n) for n in range(days) if self.workday(n) < self.ends]
        for n, day in enumerate(workdays):
            if self.has_outages and n % 20 == 4 and self.calendar.is_workday(day + timedelta(days=1)):
                self.plans(self.at(day, time(8, 0)), "the desk", self.goes_down)
            if n % 20 == 1 and self.profile.has_conference:
                self._plans_for_office(day, time(9, 40), lambda n=n: self.convenes(n))  # type: ignore[misc]
            if n % 3 == 2:
                self._plans_for_office(day, time(10, 5), lambda n=n: self.assigns(n))  # type: ignore[misc]
            if n % 5 == 3:
                self._plans_for_office(day, time(10, 50), lambda n=n: self.notifies(n))  # type: ignore[misc]
            self._plans_for_office(day, time(16, 20), self.accepts_duties)
            for part in self.random.sample(liaisons, k=3):
                if part.temper is not Temper.SILENT:
                    moment = self.at(day, OPENS) + minutes(self.random.randint(1, 400))
                    self.plans(moment, part.name, lambda part=part: self.reports_duty(part))  # type: ignore[misc]
        for n in range(days // 2):
            day = self.starts + timedelta(days=self.random.randrange(days))
            moment = self.at(day, time(self.random.randrange(24), self.random.randrange(60)))
            name = f"citizen {n % CITIZENS}"
            self.plans(moment, name, lambda name=name: self.reports(name))  # type: ignore[misc]
        for part in self.parts.values():
            if part.temper in (Temper.LEAVING, Temper.BLOCKING):
                day = workdays[self.random.randrange(len(workdays) // 4, max(len(workdays) // 4 + 1, len(workdays) // 2))]
                does = self.leaves if part.temper is Temper.LEAVING else self.blocks
                self.plans(self.at(day, time(11, 30)), part.name, lambda does=does, name=part.name: does(name))  # type: ignore[misc]

    async def goes_down(self) -> None:
        """For 25 hours: the morning's reminders of two days come together when it is back."""
        down = self.stage.clock.now()
        back = down + timedelta(hours=25)
        self.journal.outages.append((down, back))
        await self.stage.goes_down(back)
        self.journal.counts["outages"] += 1

    def _plans_for_office(self, day: date, clock: time, act: Act) -> None:
        self.plans(self.at(day, clock), self.office.name, act)

    def _in_turn(self) -> Iterator[str]:
        units = [part.unit for part in self.parts.values() if part.role is Role.LIAISON]
        return itertools.cycle(self.random.sample(units, len(units)))

    @property
    def office(self) -> Player:
        name = next(part.name for part in self.parts.values() if part.role is Role.OFFICE)
        return self.stage.players[name]

    def chased(self, units: list[str]) -> list[str]:
        return [unit for unit in units if self.profile.units[unit].supervised]

    # -- the office

    async def says(self, player: Player, *answers: str) -> None:
        """The steps of a form, one after the other: "*3" presses the fourth choice, "" skips, anything else is written."""
        for answer in answers:
            if answer.startswith("*"):
                player.presses(WizardChoose.kind, "*", "*", answer[1:])
            elif answer:
                player.writes(answer)
            else:
                player.presses(WizardStep.kind, "*", "*", "next")
            await self.stage.settled()

    async def picks(self, player: Player, unit: str) -> None:
        """A unit in the list, on whichever of its pages."""
        label = self.profile.units[unit].name_zh
        for page in (*reversed(range(PAGES)), *range(1, PAGES)):  # back to the first, then forward
            if player.chooses(label):
                await self.stage.settled()
                if player.sees(WizardStep.kind, "*", "*", "yes"):  # asked back: no liaison there, so it goes to the seat
                    player.presses(WizardStep.kind, "*", "*", "yes")
                    await self.stage.settled()
                return
            if player.sees(WizardPage.kind, "*", "*", str(page)):
                player.presses(WizardPage.kind, "*", "*", str(page))
                await self.stage.settled()
        raise CannotDo(f"{player.name} finds no unit {unit}")

    async def sends(self, player: Player) -> str:
        """Send the form; the number of what was made, as the answer says it."""
        list(self._taken(player))
        player.presses(WizardSend.kind)
        await self.stage.settled()
        for message in self._taken(player):
            if (number := number_in(message)) is not None:
                return number
        raise CannotDo(f"{player.name} sent a form and read no number")

    def _taken(self, player: Player) -> Iterator[Message]:
        """What is new, read as everything is."""
        for message in player.news():
            self._reads(player, message)
            yield message

    async def convenes(self, n: int) -> None:
        starts, answer_by = self.at(self.workday(n + 12), time(14, 30)), self.workday(n + 8)
        await self.says(self.office, "/convene", "*0", "*0", f"{starts:%Y-%m-%d %H:%M}", "县政府三楼会议室", "", "近期工作部署", "", "")
        await self.says(self.office, f"{answer_by:%Y-%m-%d}")
        now = self.stage.clock.now()
        number = await self.sends(self.office)
        units = self.chased([unit.slug for unit in self.profile.units.values() if unit.seat])
        self.journal.things["meeting", number] = Thing("meeting", number, "convocation", units, [Turn(now, answer_by)])
        self.journal.counts["meetings convened"] += 1
        self.journal.plenaries[number] = [Plenary(now, starts.date())]
        for name in ("meeting_convened", "plenary_convened"):
            self._happened(name, now.astimezone(self.zone).date())
        self._plans_for_office(starts.date(), time(17, 10), lambda: self.holds(number))
        if n % 40 == 1:
            self._plans_for_office(self.workday(n + 6), time(11, 15), lambda: self.moves(number, n))

    async def moves(self, number: str, n: int) -> None:
        """Three working days later; who had answered is asked again."""
        starts, answer_by = self.at(self.workday(n + 15), time(9, 0)), self.workday(n + 13)
        self.office.presses(RunMeeting.kind, "*", "move", message=self._of_meeting(number, "move"))
        await self.stage.settled()
        await self.says(self.office, f"{starts:%Y-%m-%d %H:%M}")
        self.office.presses(WizardChange.kind, "*", "*", str(ANSWER_BY))
        await self.stage.settled()
        await self.says(self.office, f"{answer_by:%Y-%m-%d}")
        now = self.stage.clock.now()
        await self.sends(self.office)
        self.journal.anew("meeting", number, now, answer_by, keeps=False)
        (before,) = self.journal.plenaries[number]
        before.until = now
        self.journal.plenaries[number].append(Plenary(now, starts.date(), before=before.day))
        self.journal.counts["meetings moved"] += 1
        self._plans_for_office(starts.date(), time(17, 10), lambda: self.holds(number))

    def _of_meeting(self, number: str, way: str) -> Message:
        """The office's one message that says who comes to it."""
        for message in self.office.person.from_bot(TOKEN):
            if number_in(message) == number and _has(message, RunMeeting.kind, "*", way):
                return message
        raise CannotDo(f"the office finds no way to {way} meeting {number}")

    async def holds(self, number: str) -> None:
        today = self.stage.clock.now().astimezone(self.zone).date()
        if self.journal.plenaries[number][-1].day != today:
            return  # it was moved
        self.office.presses(RunMeeting.kind, "*", "held", message=self._of_meeting(number, "held"))
        self.journal.counts["meetings held"] += 1
        if (thing := self.journal.thing("meeting", number)) is not None:
            thing.end(self.stage.clock.now())
            for unit in thing.done:
                self._happened("meeting_attended", today, unit)
        for name in ("meeting_held", "plenary_held"):
            self._happened(name, today)

    def _happened(self, name: str, day: date, owner: str | None = None) -> None:
        self.journal.happened.append(Happened(name, self.stage.clock.now(), day, owner))

    async def assigns(self, n: int) -> None:
        lead, due = self._next_lead(), self.workday(n + 6)
        helpers = [self._next_lead()] if self.profile.rules.lead_and_co_units and n % 2 else []
        await self.says(self.office, "/assign", "核实在册人员底数", "全体会议议定事项")
        await self.picks(self.office, lead)
        if self.profile.rules.lead_and_co_units:
            for helper in helpers:
                await self.picks(self.office, helper)
            await self.says(self.office, "")
        await self.says(self.office, "汇总表", f"{due:%Y-%m-%d}", "")
        now = self.stage.clock.now()
        number = await self.sends(self.office)
        self.journal.things["assignment", number] = Thing(
            "assignment", number, "assignment", self.chased([lead, *helpers]), [Turn(now, due)]
        )
        self._helpers[number] = helpers
        self.journal.counts["items assigned"] += 1

    def _next_lead(self) -> str:
        """The next unit for which somebody holds a post."""
        return next(unit for unit in self._leads if unit in self._spoken_for())

    def _spoken_for(self) -> set[str]:
        """The desk gives nothing to a unit that nobody speaks for, and says so to the office before it is sent."""
        now = self.stage.clock.now()
        return {seat.unit for seat in self.journal.seats if seat.role in ("liaison", "member", "convener") and seat.holds(now)}

    async def notifies(self, n: int) -> None:
        """To some units, each by whoever stands for it."""
        sign_by = self.workday(n + 4)
        liaisons = {part.unit for part in self.parts.values() if part.role is Role.LIAISON}
        units = self.random.sample(sorted(liaisons & self._spoken_for()), k=6)
        kinds = [kind for kind in audiences.KINDS if kind != "territory"]
        await self.says(self.office, "/notify", "关于报送工作台账的通知", "", "请按期报送本单位工作台账。", "", f"*{kinds.index('units')}")
        await self.says(self.office, *(self.profile.units[unit].name_zh for unit in units), "", f"{sign_by:%Y-%m-%d}")
        now = self.stage.clock.now()
        number = await self.sends(self.office)
        self.journal.things["notice", number] = Thing("notice", number, "notice", self.chased(units), [Turn(now, sign_by)])
        self.journal.counts["notices sent"] += 1

    # -- what somebody reads, and does about it

    def _reads(self, player: Player, message: Message) -> None:
        part = self.parts.get(player.name)
        found = read(message.text or "", player.name, message.at, self.profile)
        if found is not None:
            self.journal.digests.append(found)
            for line in found.lines:
                if (act := self._asked.pop((player.name, f"{line.noun} {line.number}"), None)) is not None:
                    act()
            return
        if part is not None:
            self._is_asked(player, part, message)

    def _is_asked(self, player: Player, part: Part, message: Message) -> None:
        number = number_in(message) or ""
        if _has(message, AcceptReport.kind, "*", "0") and part.role is Role.DUTY_DESK and part.rank == 1:
            wait = self.random.choice((2, 5, 8, 15, 35))
            self.plans(message.at + minutes(wait), player.name, lambda: self.accepts(player, message))
        elif part.role is Role.LIAISON and _has(message, AnswerMeeting.kind):
            self._answers(part, player, "meeting", number, lambda: self.attends(player, part, message, number), again=_sequence(message))
        elif part.role is Role.LIAISON and _has(message, WorkAssignment.kind, "*", "accept"):
            self._answers(part, player, "assignment", number, lambda: self.works(player, part, message, number))
        elif part.role is Role.LIAISON and _has(message, WorkAssignment.kind, "*", "helped"):
            self._answers(part, player, "assignment", number, lambda: self.helps(player, part, message, number))
        elif part.role is Role.LIAISON and _has(message, OpenNotice.kind):
            self._answers(part, player, "notice", number, lambda: self.signs(player, part, message, number))
        elif part.role is Role.OFFICE and _has(message, RunAssignment.kind, "*", "strike_off"):
            self.plans(self.at_work(message.at), player.name, lambda: self.strikes_off(player, message, number))

    def _answers(self, part: Part, player: Player, noun: str, number: str, act: Act, again: str = "") -> None:
        """Once, at the time that is this person's way; the same item is told anew whenever it moves."""
        key = (player.name, f"{noun} {number}")
        if part.temper is Temper.SILENT or (*key, again) in self._minded:
            return
        self._minded.add((*key, again))
        if part.temper is Temper.LATE:
            self._asked[key] = lambda: self.plans(self.at_work(self.stage.clock.now()), player.name, act)
        else:
            self.plans(self.at_work(self.stage.clock.now()), player.name, act)

    def _is_away(self, part: Part) -> bool:
        """Who has left the post, or blocked the bot, does nothing any more."""
        left = any(seat.person == part.name and seat.until is not None for seat in self.journal.seats)
        return left or part.name in self.journal.blocked

    async def attends(self, player: Player, part: Part, message: Message, number: str) -> None:
        if not self._is_away(part):
            pressed = player.presses(AnswerMeeting.kind, "*", "*", "a", message=message)
            await self.stage.settled()
            if pressed.answer is not None and pressed.answer.get("text"):
                self.journal.counts["convocations answered too late"] += 1
                return
            self.journal.done("meeting", number, part.unit, self.stage.clock.now())
            self.journal.counts["convocations answered"] += 1

    async def works(self, player: Player, part: Part, message: Message, number: str) -> None:
        """Accept, and hand it in the next day."""
        if self._is_away(part):
            return
        player.presses(WorkAssignment.kind, "*", "accept", message=message)
        self.plans(self.at_work(self.stage.clock.now()), player.name, lambda: self.submits(player, part, number))

    async def submits(self, player: Player, part: Part, number: str) -> None:
        thing = self.journal.thing("assignment", number)
        if self._is_away(part) or thing is None:
            return
        if any(unit not in thing.done for unit in self._helpers[number]):  # a co-responsible unit has not said its word
            later = self.calendar.shift(self.stage.clock.now().astimezone(self.zone).date(), 1)
            self.plans(self.at(later, time(15, 20)), player.name, lambda: self.submits(player, part, number))
            return
        message = next(
            m for m in reversed(player.person.from_bot(TOKEN)) if number_in(m) == number and _has(m, WorkAssignment.kind, "*", "submit")
        )
        player.presses(WorkAssignment.kind, "*", "submit", message=message)
        await self.stage.settled()
        await self.says(player, "已核实", "")
        player.presses(WizardSend.kind)
        await self.stage.settled()
        thing.end(self.stage.clock.now())
        self._handed_in[number] = part.name
        self.journal.counts["items submitted"] += 1

    async def helps(self, player: Player, part: Part, message: Message, number: str) -> None:
        if not self._is_away(part):
            player.presses(WorkAssignment.kind, "*", "helped", message=message)
            self.journal.done("assignment", number, part.unit, self.stage.clock.now())

    async def strikes_off(self, player: Player, message: Message, number: str) -> None:
        """Or, of every fourth item, return it the first time: it is owed anew, and the lead hands it in again."""
        if int(number.partition("-")[2]) % 4 == 1 and number not in self._returned:
            await self.returns(player, message, number)
            return
        player.presses(RunAssignment.kind, "*", "strike_off", message=message)
        await self.stage.settled()
        await self.says(player, "")
        player.presses(WizardSend.kind)
        self.journal.counts["items struck off"] += 1

    async def returns(self, player: Player, message: Message, number: str) -> None:
        self._returned.add(number)
        player.presses(RunAssignment.kind, "*", "give_back", message=message)
        await self.stage.settled()
        await self.says(player, "请补盖公章")
        player.presses(WizardSend.kind)
        await self.stage.settled()
        now, thing = self.stage.clock.now(), self.journal.things["assignment", number]
        self.journal.anew("assignment", number, now, thing.turns[-1].due, keeps=True)
        self.journal.counts["items returned"] += 1
        part = next(part for part in self.parts.values() if part.name == self._handed_in[number])
        again = now + timedelta(days=self.random.choice((1, 12)))  # some only when it is overdue
        self.plans(self.at_work(again), part.name, lambda: self.submits(self.stage.players[part.name], part, number))

    async def signs(self, player: Player, part: Part, message: Message, number: str) -> None:
        if self._is_away(part):
            return
        player.presses(OpenNotice.kind, message=message)
        await self.stage.settled()
        player.presses(SignNotice.kind)
        self.journal.done("notice", number, part.unit, self.stage.clock.now())
        self.journal.counts["receipts signed"] += 1

    async def leaves(self, name: str) -> None:
        now = self.stage.clock.now()
        await self.stage.leaves(name)
        for seat in self.journal.seats:
            if seat.person == name:
                seat.until = now
        self.journal.counts["posts left"] += 1

    async def blocks(self, name: str) -> None:
        self.stage.players[name].person.block(TOKEN)
        self.journal.blocked[name] = self.stage.clock.now()
        self.journal.counts["bots blocked"] += 1

    # -- duties

    async def reports_duty(self, part: Part) -> None:
        """The first in the list that has a day, in a line."""
        player = self.stage.players[part.name]
        if self._is_away(part):
            return
        player.writes("/duties")
        await self.stage.settled()
        if not player.sees(ShowOccurrence.kind):
            return  # nothing is to be reported
        player.presses(ShowOccurrence.kind)
        await self.stage.settled()
        title, _, about = (shown.text or "" if (shown := player.person.last(TOKEN)) is not None else "").partition("\n")
        number = duty_number(title, "\n".join(about.split("\n")[:3]), self.profile)
        if not player.sees(ReportDuty.kind):
            return
        player.presses(ReportDuty.kind)
        await self.stage.settled()
        await self.says(player, "已完成，见台账", "")
        player.presses(WizardSend.kind)
        await self.stage.settled()
        self.journal.counts["duties reported"] += 1
        if number is not None:
            self.journal.reported.setdefault((number, part.unit), self.stage.clock.now())

    async def accepts_duties(self) -> None:
        """What waits for the office's word, one after the other."""
        for _ in range(MOST_DUTIES):
            self.office.writes("/duties")
            await self.stage.settled()
            if not self.office.sees(ShowOccurrence.kind):
                return
            self.office.presses(ShowOccurrence.kind)
            await self.stage.settled()
            if not self.office.sees(RunDuty.kind, "*", "accept"):
                return
            self.office.presses(RunDuty.kind, "*", "accept")
            await self.stage.settled()
            self.journal.counts["duties accepted"] += 1

    # -- reports

    async def reports(self, name: str) -> None:
        """From the first screen to the number, by the shortest way."""
        player = self.stage.players.get(name) or self.stage.enters(name)
        player.writes("/start")
        await self.stage.settled()
        player.presses(Begin.kind, "child")
        for _ in range(12):
            await self.stage.settled()
            if player.sees(Submit.kind):
                player.presses(Submit.kind)
                self.journal.counts["reports filed"] += 1
                self._happened("report_filed", self.stage.clock.now().astimezone(self.zone).date())
                return
            if player.sees(Step.kind, "*", "*", "next"):
                player.presses(Step.kind, "*", "*", "next")
            elif player.sees(PickPlace.kind):
                player.presses(PickPlace.kind)
            elif player.sees(Choose.kind):
                player.presses(Choose.kind)
            else:
                player.writes("村口第三家")
        raise CannotDo(f"{name} does not come to the end of a report")

    async def accepts(self, player: Player, message: Message) -> None:
        if _has(message, AcceptReport.kind):
            player.presses(AcceptReport.kind, message=message)
            self.journal.counts["reports accepted"] += 1
            self._happened("report_accepted", self.stage.clock.now().astimezone(self.zone).date())


def _sequence(message: Message) -> str:
    """Which date of the meeting is asked about: it rises when it is moved."""
    return (button_of(message, AnswerMeeting.kind) or "").split(":")[2]


def _has(message: Message, *wanted: str) -> bool:
    return not message.deleted and button_of(message, *wanted) is not None
