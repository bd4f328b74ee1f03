"""What happens in a rehearsal: the office convenes, assigns and notifies; units answer as their people are; citizens report.

Everything is done in a chat, by writing and by pressing what is there. Whoever cannot do what is wanted has stumbled, and that is told."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from conference.model.meetings import MeetingKind
from conference.model.people import OF_A_UNIT, Role
from conference.services import meetings
from handlers.presses.assignments import RunAssignment, WorkAssignment
from handlers.presses.meetings import AnswerMeeting
from handlers.presses.notices import OpenNotice
from handlers.presses.responders import AcceptReport
from handlers.presses.succession import AnswerRosterCheck
from handlers.presses.wizards import WizardStep
from sandbox.messages import Message

from .acts import OPENS, Act, has
from .cast import CITIZENS, Part, Temper
from .journal import Journal, Seated, Told
from .office import OfficeActs
from .reading import read, told, unmarked
from .stage import CannotDo, Player, button_of, minutes, number_in

WAITS = (2, 35, 8, 15, 5)  # minutes until a desk accepts
FILLED: tuple[int | None, ...] = (14, None, 3)  # after so many working days who left has a successor
PLACES = ("before_store", "in_handler", "before_commit", "after_commit", "before_offset", "claimed", "before_call", "after_call")
OVER_DUE = ("before_commit", "after_commit", "claimed", "before_call", "after_call")  # passed without anybody's saying anything


class Play(OfficeActs):
    """The whole of it: the plan of the seed, and how each person minds what is read."""

    async def plays(self, shown: Callable[[datetime], None]) -> Journal:
        """To the end of the last day; what is due at the desk is done at its own moment."""
        now = self.journal.opened = self.stage.clock.now()
        self.journal.seats = [
            Seated(part.name, part.unit, str(part.role), part.rank, now, title=part.title) for part in self.parts.values()
        ]
        self._plan()
        end = self.at(self.ends, time(0))
        while True:
            due = self.stage.next_due
            act = self._acts[0][0] if self._acts else None
            moment = min((each for each in (due, act) if each is not None), default=end)
            if moment >= end:
                break
            await self.stage.moves_to(moment)
            if act is not None and act <= moment:
                _, _, who, does, tries = heapq.heappop(self._acts)
                await self._does(who, does, tries)
            self._read_all()
            shown(moment)
        await self.stage.moves_to(end)
        self._read_all()
        if kills := self.stage.deaths - len(self.journal.outages):
            self.journal.counts["kills"] = kills
        if kills < self.kills:
            self.journal.stumbles.append(f"the desk was to be killed {self.kills} times, and was {kills} times")
        return self.journal

    async def _does(self, who: str, act: Act, tries: int) -> None:
        deaths = self.stage.deaths
        try:
            await act()
        except CannotDo as stumble:
            if self.stage.deaths > deaths and tries:  # a menu on its way when the desk died is not sent again: one asks for it again
                self.journal.counts["acts begun again"] += 1
                self.plans(self.stage.clock.now() + minutes(1), who, act, tries - 1)
            else:
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

    def _plan(self) -> None:
        days = (self.ends - self.starts).days
        liaisons = [part for part in self.parts.values() if part.role is Role.LIAISON]
        workdays = [self.workday(n) for n in range(days) if self.workday(n) < self.ends]
        for n, day in enumerate(workdays):
            if self.has_outages and n % 20 == 4 and self.calendar.is_workday(day + timedelta(days=1)):
                self.plans(self.at(day, time(8, 0)), "the desk", self.goes_down)
            if n % 20 == 1 and self.profile.has_conference:
                self._plans_for_office(day, time(9, 40), lambda n=n: self.convenes(n))  # type: ignore[misc]
            if n % 20 == 8 and MeetingKind.EXTRA in meetings.kinds_of(self.profile):
                self._plans_for_office(day, time(9, 55), lambda n=n: self.convenes_extra(n))  # type: ignore[misc]
            if n == 2:
                self._plans_for_office(day, time(9, 20), self.takes_in_a_township)
            if n == 12:
                punctual = [part for part in liaisons if part.temper is Temper.PUNCTUAL]
                part = punctual[len(punctual) // 2]
                self.plans(self.at(day, time(15, 10)), part.name, lambda part=part: self.hands_over(part))  # type: ignore[misc]
            if n == 25:
                self._plans_for_office(day, time(11, 50), self.township_leaves)
            if n % 3 == 2:
                self._plans_for_office(day, time(10, 5), lambda n=n: self.assigns(n))  # type: ignore[misc]
            if n % 5 == 3:
                self._plans_for_office(day, time(10, 50), lambda n=n: self.notifies(n))  # type: ignore[misc]
            self._plans_for_office(day, time(16, 20), self.accepts_duties)
            for part in self.random.sample(liaisons, k=2):
                if part.temper is not Temper.SILENT:
                    moment = self.at(day, OPENS) + minutes(self.random.randint(1, 400))
                    self.plans(moment, part.name, lambda part=part: self.reports_duty(part))  # type: ignore[misc]
        for n in range(days // 3):
            day = self.starts + timedelta(days=self.random.randrange(days))
            moment = self.at(day, time(self.random.randrange(24), self.random.randrange(60)))
            name = f"citizen {n % CITIZENS}"
            self.plans(moment, name, lambda name=name: self.reports(name))  # type: ignore[misc]
        self._plan_kills(workdays)
        going = [part for part in self.parts.values() if part.temper in (Temper.LEAVING, Temper.BLOCKING)]
        for n, part in enumerate(going):
            day = workdays[self.random.randrange(len(workdays) // 4, max(len(workdays) // 4 + 1, len(workdays) // 2))]
            does = self.leaves if part.temper is Temper.LEAVING else self.blocks
            self.plans(self.at(day, time(11, 30 + n)), part.name, lambda does=does, name=part.name: does(name))  # type: ignore[misc]
        for n, part in enumerate(part for part in going if part.temper is Temper.LEAVING):
            self._fills_after[part.name] = FILLED[n % len(FILLED)]

    def _plan_kills(self, workdays: list[date]) -> None:
        """One after the other at the places where a desk can die, every other time over the morning's reminders."""
        for n in range(self.kills):
            day = workdays[len(workdays) * n // (self.kills + 1)]
            clock = time(8, 29) if n % 2 else time(self.random.randint(9, 16), self.random.randint(0, 59))
            places = OVER_DUE if n % 2 else PLACES
            plan = f"{places[n // 2 % len(places)]}:{1 if n % 2 else self.random.randint(1, 3)}"
            self.plans(self.at(day, clock), "the desk", lambda plan=plan: self.is_killed(plan))  # type: ignore[misc]

    async def township_leaves(self) -> None:
        if "township" in self.parts:
            await self.leaves("township")

    async def is_killed(self, plan: str) -> None:
        """Soon, at this place; the last one first, if it still lives."""
        if self.stage.deaths < self._to_die:
            self.plans(self.stage.clock.now() + timedelta(hours=1), "the desk", lambda: self.is_killed(plan))
            return
        self._to_die, self._plan_of_death = self.stage.deaths + 1, plan
        await self.stage.dies_at(plan)

    async def goes_down(self) -> None:
        """For 25 hours: the morning's reminders of two days come together when it is back."""
        down = self.stage.clock.now()
        back = down + timedelta(hours=25)
        self.journal.outages.append((down, back))
        if self.stage.deaths < self._to_die:  # it was to die otherwise: the next one will
            self.plans(back + timedelta(hours=1), "the desk", lambda: self.is_killed(self._plan_of_death))
        await self.stage.goes_down(back)
        self.journal.counts["outages"] += 1

    def _reads(self, player: Player, message: Message) -> None:
        part = self.parts.get(player.name)
        text, repeated = unmarked(message.text or "")
        if (said := told(text, player.name, message.at, self.profile)) is not None:
            if repeated and said in self.journal.told:
                self.journal.counts["repeats, marked as such"] += 1
                return
            self.journal.told.append(said)
        found = read(message.text or "", player.name, message.at, self.profile)
        if found is not None:
            if found.repeated and replace(found, repeated=False) in self.journal.digests:
                self.journal.counts["repeats, marked as such"] += 1
                return
            self.journal.digests.append(replace(found, repeated=False))
            for line in found.lines:
                if (act := self._asked.pop((player.name, f"{line.noun} {line.number}"), None)) is not None:
                    act()
            return
        if part is not None:
            self._is_asked(player, part, message, said)

    def _is_asked(self, player: Player, part: Part, message: Message, said: Told | None) -> None:
        number = number_in(message) or ""
        if has(message, AcceptReport.kind, "*", "0") and part.role is Role.DUTY_DESK and part.rank == 1:
            wait = WAITS[len(self.journal.reports) % len(WAITS)]
            self.plans(message.at + minutes(wait), player.name, lambda: self.accepts(player, message))
        elif part.role in OF_A_UNIT and has(message, AnswerRosterCheck.kind):
            if said is not None and part.temper is not Temper.SILENT and (part.temper is not Temper.LATE or said.what.endswith("again")):
                self.plans(self.at_work(message.at), player.name, lambda: self.confirms_roster(player, part, message))
        elif part.role is Role.LIAISON and has(message, AnswerMeeting.kind):
            self._answers(part, player, "meeting", number, lambda: self.attends(player, part, message, number), again=_sequence(message))
        elif part.role is Role.LIAISON and has(message, WorkAssignment.kind, "*", "accept"):
            self._answers(part, player, "assignment", number, lambda: self.works(player, part, message, number), again=_round(message))
        elif part.role is Role.LIAISON and has(message, WorkAssignment.kind, "*", "helped"):
            self._answers(part, player, "assignment", number, lambda: self.helps(player, part, message, number))
        elif part.role in (Role.LIAISON, Role.TOWNSHIP) and has(message, OpenNotice.kind):
            self._answers(part, player, "notice", number, lambda: self.signs(player, part, message, number))
        elif part.role is Role.OFFICE and has(message, RunAssignment.kind, "*", "rule"):
            self._once(player, f"rule {number}", message, lambda: self.rules(player, message, number))
        elif part.role is Role.OFFICE and has(message, RunAssignment.kind, "*", "grant"):
            self._once(player, f"longer {number}", message, lambda: self.gives_time(player, message, number))
        elif part.role is Role.OFFICE and has(message, RunAssignment.kind, "*", "strike_off"):
            self.plans(self.at_work(message.at), player.name, lambda: self.strikes_off(player, message, number))

    def _once(self, player: Player, what: str, message: Message, act: Act) -> None:
        if (player.name, what, "") not in self._minded:
            self._minded.add((player.name, what, ""))
            self.plans(self.at_work(message.at), player.name, act)

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


def _round(message: Message) -> str:
    """What was ruled on cannot be disputed again."""
    return "" if has(message, WorkAssignment.kind, "*", "dispute") else "ruled"


def _sequence(message: Message) -> str:
    """Which date of the meeting is asked about: it rises when it is moved."""
    return (button_of(message, AnswerMeeting.kind) or "").split(":")[2]
