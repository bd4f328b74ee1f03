"""What the office does in a rehearsal: convene, move, assign, notify, look at what came in."""

from __future__ import annotations

from datetime import date, time, timedelta

from conference.model.people import Role
from conference.services import audiences
from handlers.presses import (
    RunAssignment,
    RunDuty,
    RunMeeting,
    ShowOccurrence,
    WizardChange,
    WizardSend,
)
from sandbox.messages import Message

from .acts import Act, has
from .journal import Plenary, Thing, Turn
from .stage import TOKEN, CannotDo, Player, number_in
from .units import UnitActs

MOST_DUTIES = 12  # that the office looks at in a day
ANSWER_BY = 3  # the step of the form that moves a meeting


class OfficeActs(UnitActs):
    """The office, by its own forms."""

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
            if number_in(message) == number and has(message, RunMeeting.kind, "*", way):
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

    def _plans_for_office(self, day: date, clock: time, act: Act) -> None:
        self.plans(self.at(day, clock), self.office.name, act)
