"""What units, desks and citizens do in a rehearsal, each in the own chat."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

from handlers.presses.assignments import WorkAssignment
from handlers.presses.drafts import Begin, Choose, PickPlace, Step, Submit
from handlers.presses.duties import ReportDuty, ShowOccurrence
from handlers.presses.meetings import AnswerMeeting
from handlers.presses.notices import OpenNotice, SignNotice
from handlers.presses.responders import AcceptReport
from handlers.presses.succession import AnswerRosterCheck
from handlers.presses.wizards import WizardSend
from sandbox.messages import Message

from .acts import Acts, has
from .cast import Part, Temper
from .clocks import term
from .journal import Filed, Seated
from .reading import duty_number
from .stage import TOKEN, CannotDo, Player, minutes, number_in


class UnitActs(Acts):
    """Answering, signing, handing in, reporting, accepting; leaving and blocking."""

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
        self._taken_up += 1
        if self._taken_up % 5 == 1 and number not in self._disputed and has(message, WorkAssignment.kind, "*", "dispute"):
            await self.disputes(player, part, message, number)
            return
        player.presses(WorkAssignment.kind, "*", "accept", message=message)
        wait = 0
        if self._taken_up % 5 in (2, 4):
            await self.stage.settled()
            await self.asks_for_time(player, number)
            wait = 26 * 60  # the office's answer first
        self.plans(self.at_work(self.stage.clock.now() + minutes(wait)), player.name, lambda: self.submits(player, part, number))

    async def submits(self, player: Player, part: Part, number: str) -> None:
        thing = self.journal.thing("assignment", number)
        if self._is_away(part) or thing is None:
            return
        if any(unit not in thing.done for unit in self._helpers[number]):  # a co-responsible unit has not said its word
            later = self.calendar.shift(self.stage.clock.now().astimezone(self.zone).date(), 1)
            self.plans(self.at(later, time(15, 20)), player.name, lambda: self.submits(player, part, number))
            return
        player.presses(WorkAssignment.kind, "*", "submit", message=self._of_item(player, number, "submit"))
        await self.stage.settled()
        await self.says(player, "已核实", "", "汇总表已交办公室")
        player.presses(WizardSend.kind)
        await self.stage.settled()
        thing.end(self.stage.clock.now())
        self._handed_in[number] = part.name
        self.journal.counts["items submitted"] += 1

    async def disputes(self, player: Player, part: Part, message: Message, number: str) -> None:
        """Not ours, once. Nobody is reminded until the office has ruled."""
        player.presses(WorkAssignment.kind, "*", "dispute", message=message)
        await self.stage.settled()
        await self.says(player, "不属于本单位职责")
        player.presses(WizardSend.kind)
        await self.stage.settled()
        self._disputed[number] = part.unit
        self.journal.things["assignment", number].end(self.stage.clock.now())
        self.journal.counts["items disputed"] += 1

    async def asks_for_time(self, player: Player, number: str) -> None:
        """Three working days more, while the day has not passed."""
        due = self.journal.things["assignment", number].turns[-1].due
        if self.stage.clock.now().astimezone(self.zone).date() > due:
            return
        player.presses(WorkAssignment.kind, "*", "longer", message=self._of_item(player, number, "longer"))
        await self.stage.settled()
        await self.says(player, f"{self.calendar.shift(due, 3):%Y-%m-%d}", "数据尚在核对")
        player.presses(WizardSend.kind)
        await self.stage.settled()
        self.journal.counts["extensions asked for"] += 1

    async def confirms_roster(self, player: Player, part: Part, message: Message) -> None:
        if self._is_away(part):
            return
        pressed = player.presses(AnswerRosterCheck.kind, "*", "unchanged", message=message)
        await self.stage.settled()
        if pressed.answer is not None and pressed.answer.get("text"):
            return  # it is closed
        now = self.stage.clock.now()
        self.journal.checked.setdefault((term(now.astimezone(self.zone).date(), self.profile), part.unit), now)
        self.journal.counts["roster checks answered"] += 1

    def _of_item(self, player: Player, number: str, way: str, kind: str = WorkAssignment.kind) -> Message:
        for message in reversed(player.person.from_bot(TOKEN)):
            if number_in(message) == number and has(message, kind, "*", way):
                return message
        raise CannotDo(f"{player.name} finds no way to {way} item {number}")

    async def helps(self, player: Player, part: Part, message: Message, number: str) -> None:
        if not self._is_away(part):
            player.presses(WorkAssignment.kind, "*", "helped", message=message)
            self.journal.done("assignment", number, part.unit, self.stage.clock.now())

    async def signs(self, player: Player, part: Part, message: Message, number: str) -> None:
        if self._is_away(part) or not has(message, OpenNotice.kind):  # it was recalled
            return
        player.presses(OpenNotice.kind, message=message)
        await self.stage.settled()
        player.presses(SignNotice.kind)
        self.journal.done("notice", number, part.unit, self.stage.clock.now())
        self.journal.counts["receipts signed"] += 1

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

    async def leaves(self, name: str) -> None:
        now = self.stage.clock.now()
        await self.stage.leaves(name)
        for seat in self.journal.seats:
            if seat.person == name:
                seat.until = now
        self.journal.counts["posts left"] += 1
        if (days := self._fills_after[name]) is not None:
            day = self.calendar.shift(now.astimezone(self.zone).date(), days)
            self.plans(self.at(day, time(10, 20)), name, lambda: self.is_succeeded(name))

    async def is_succeeded(self, name: str) -> None:
        """Somebody else has the post from now on, and does what is asked in time."""
        part = replace(self.parts[name], name=f"{name} (successor)", temper=Temper.PUNCTUAL)
        await self.stage.seats([part])
        self.parts[part.name] = part
        now = self.stage.clock.now()
        self.journal.seats.append(Seated(part.name, part.unit, str(part.role), part.rank, now, title=part.title))
        self.journal.counts["successors came"] += 1

    async def blocks(self, name: str) -> None:
        self.stage.players[name].person.block(TOKEN)
        self.journal.blocked[name] = self.stage.clock.now()
        self.journal.counts["bots blocked"] += 1

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
                await self.stage.settled()
                self._has_filed(player)
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

    def _has_filed(self, player: Player) -> None:
        numbers = [number for each in self._taken(player) if (number := number_in(each)) is not None]
        if not numbers:
            raise CannotDo(f"{player.name} sent a report and read no number")
        self.journal.reports.setdefault(numbers[0], Filed(self.stage.clock.now()))

    async def accepts(self, player: Player, message: Message) -> None:
        if has(message, AcceptReport.kind):
            self.journal.reports[number_in(message) or ""].accepted = self.stage.clock.now()
            player.presses(AcceptReport.kind, message=message)
            self.journal.counts["reports accepted"] += 1
            self._happened("report_accepted", self.stage.clock.now().astimezone(self.zone).date())
