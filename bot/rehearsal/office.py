"""What the office does in a rehearsal: convene, move, assign, notify, look at what came in."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from conference.model.meetings import MeetingKind
from conference.model.people import Role
from conference.services import audiences, meetings
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

    async def convenes_extra(self, n: int) -> None:
        """It does not fill the window of the plenaries, and opens no duty of theirs."""
        starts, answer_by = self.at(self.workday(n + 7), time(10, 0)), self.workday(n + 4)
        kind = meetings.kinds_of(self.profile).index(MeetingKind.EXTRA)
        await self.says(self.office, "/convene", f"*{kind}", "*0", f"{starts:%Y-%m-%d %H:%M}", "县政府二楼会议室", "", "专题研究", "", "")
        await self.says(self.office, f"{answer_by:%Y-%m-%d}")
        now = self.stage.clock.now()
        number = await self.sends(self.office)
        units = self.chased([unit.slug for unit in self.profile.units.values() if unit.seat])
        self.journal.things["meeting", number] = Thing("meeting", number, "convocation", units, [Turn(now, answer_by)])
        self.journal.counts["extra meetings convened"] += 1
        self._happened("meeting_convened", now.astimezone(self.zone).date())
        self._plans_for_office(starts.date(), time(17, 20), lambda: self.holds(number))

    async def cancels(self, number: str) -> None:
        """Nobody is reminded of it any more; what stood before a plenary is not owed."""
        self.office.presses(RunMeeting.kind, "*", "cancel", message=self._of_meeting(number, "cancel"))
        await self.stage.settled()
        await self.says(self.office, "与上级会议冲突")
        now = self.stage.clock.now()
        self.office.presses(WizardSend.kind)
        await self.stage.settled()
        self.journal.things["meeting", number].end(now)
        self.journal.plenaries[number][-1].until = now
        self.journal.counts["meetings cancelled"] += 1

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
        self._plans_for_office(self.workday(n + 10), time(11, 20), lambda: self.cancels(number))
        self._plans_for_office(starts.date(), time(17, 10), lambda: self.holds(number))

    def _of_meeting(self, number: str, way: str) -> Message:
        """The office's one message that says who comes to it."""
        for message in self.office.person.from_bot(TOKEN):
            if number_in(message) == number and has(message, RunMeeting.kind, "*", way):
                return message
        raise CannotDo(f"the office finds no way to {way} meeting {number}")

    async def holds(self, number: str) -> None:
        today = self.stage.clock.now().astimezone(self.zone).date()
        plenary = self.journal.plenaries[number][-1] if number in self.journal.plenaries else None
        if plenary is not None and (plenary.day != today or plenary.until is not None):
            return  # it was moved, or cancelled
        self.office.presses(RunMeeting.kind, "*", "held", message=self._of_meeting(number, "held"))
        self.journal.counts["meetings held"] += 1
        if (thing := self.journal.thing("meeting", number)) is not None:
            thing.end(self.stage.clock.now())
            for unit in thing.done:
                self._happened("meeting_attended", today, unit)
        for name in ("meeting_held", "plenary_held") if plenary is not None else ("meeting_held",):
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

    async def rules(self, player: Player, message: Message, number: str) -> None:
        """On a dispute: every other item goes to another unit, which owes it from now on."""
        player.presses(RunAssignment.kind, "*", "rule", message=message)
        await self.stage.settled()
        before = self._disputed[number]
        lead = before if int(number.partition("-")[2]) % 2 else self._next_lead()
        await self.picks(player, lead)
        await self.says(player, "按职责分工办理")
        now = self.stage.clock.now()
        player.presses(WizardSend.kind)
        await self.stage.settled()
        helpers = [unit for unit in self._helpers[number] if unit != lead]
        self._helpers[number] = helpers
        self._put_anew(number, now, self.journal.things["assignment", number].turns[-1].due, self.chased([lead, *helpers]))
        self.journal.counts["disputes ruled on"] += 1

    async def gives_time(self, player: Player, message: Message, number: str) -> None:
        """Every other one is refused: then the day stays."""
        due = self.journal.things["assignment", number].turns[-1].due
        now, granted = self.stage.clock.now(), int(number.partition("-")[2]) % 2 == 1
        player.presses(RunAssignment.kind, "*", "grant" if granted else "refuse", message=message)
        await self.stage.settled()
        if granted:
            ended = self.journal.things["assignment", number].turns[-1].ended
            self._put_anew(number, now, self.calendar.shift(due, 3), None)
            if ended is not None:  # handed in meanwhile
                self.journal.things["assignment", number].end(ended)
            self.journal.counts["extensions given"] += 1
            return
        await self.says(player, "请按期办结")
        player.presses(WizardSend.kind)
        self.journal.counts["extensions refused"] += 1

    def _put_anew(self, number: str, now: datetime, due: date, units: list[str] | None) -> None:
        """What is put anew when its day has passed counts from today."""
        self.journal.anew("assignment", number, now, max(due, now.astimezone(self.zone).date()), keeps=True, units=units)

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
        self._put_anew(number, now, thing.turns[-1].due, None)
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
