"""What the office does in a rehearsal: convene, move, assign, notify, look at what came in."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from conference.model.meetings import MeetingKind
from conference.model.people import OFFICE, Role
from conference.services import audiences, meetings
from handlers.presses.assignments import RunAssignment
from handlers.presses.duties import RunDuty, ShowOccurrence
from handlers.presses.inviting import AnswerInvitation, ChooseBody, ChooseBodyPlace, DecideInvitation, ShowBodies
from handlers.presses.meetings import RunMeeting
from handlers.presses.notices import RunNotice
from handlers.presses.succession import AskHandover, BeginHandover, ChoosePost, ConfirmByOffice, ConfirmHandover
from handlers.presses.wizards import WizardChange, WizardSend
from sandbox.messages import Message

from .acts import Act, has
from .cast import Part, Temper
from .journal import Plenary, Seated, Thing, Turn
from .stage import TOKEN, CannotDo, Player, minutes, number_in
from .units import UnitActs

LINK = re.compile(r"\?start=([\w-]+)")
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
        await self.says(self.office, "/notify", "关于报送工作台账的通知", "", "请按期报送本单位工作台账。", "", self._audience("units"))
        await self.says(self.office, *(self.profile.units[unit].name_zh for unit in units), "", f"{sign_by:%Y-%m-%d}")
        now = self.stage.clock.now()
        number = await self.sends(self.office)
        self.journal.things["notice", number] = Thing("notice", number, "notice", self.chased(units), [Turn(now, sign_by)])
        self.journal.counts["notices sent"] += 1
        if n % 15 == 8:
            self.plans(now + minutes(4), self.office.name, lambda: self.recalls(number))
        elif n % 15 == 13:
            self._plans_for_office(self.workday(n + 1), time(9, 30), lambda: self.corrects(number, n))
        elif any(seat.role == Role.TOWNSHIP and seat.holds(now) for seat in self.journal.seats):
            await self.notifies_places(n)

    def _audience(self, kind: str) -> str:
        """Its place among those that are offered; posts at places only where there are some."""
        offered = [each for each in audiences.KINDS if each != "territory" or self._places]
        return f"*{offered.index(kind)}"

    async def notifies_places(self, n: int) -> None:
        """To the posts at a place, each for itself."""
        sign_by = self.workday(n + 4)
        await self.says(self.office, "/notify", "关于入户走访的通知", "", "请按期完成入户走访。", "", self._audience("territory"))
        await self.says(self.office, *self._places, "", f"{sign_by:%Y-%m-%d}")
        now = self.stage.clock.now()
        number = await self.sends(self.office)
        self.journal.things["notice", number] = Thing("notice", number, "notice", ["township"], [Turn(now, sign_by)])
        self.journal.counts["notices to a place sent"] += 1

    async def recalls(self, number: str) -> None:
        """Within the ten minutes: nobody is reminded of it."""
        self.office.presses(RunNotice.kind, "*", "recall", message=self._of_item(self.office, number, "recall", RunNotice.kind))
        await self.stage.settled()
        await self.says(self.office, "附件有误")
        self.office.presses(WizardSend.kind)
        await self.stage.settled()
        self.journal.things["notice", number].end(self.stage.clock.now())
        self.journal.counts["notices recalled"] += 1

    async def corrects(self, number: str, n: int) -> None:
        """Another notice to the same units takes its place: of the first nobody is reminded any more."""
        sign_by = self.workday(n + 5)
        self.office.presses(RunNotice.kind, "*", "correct", message=self._of_item(self.office, number, "correct", RunNotice.kind))
        await self.stage.settled()
        await self.says(self.office, "请按期报送本单位工作台账（更正）。", "", f"{sign_by:%Y-%m-%d}")
        now = self.stage.clock.now()
        before = self.journal.things["notice", number]
        after = await self.sends(self.office)
        before.end(now)
        self.journal.things["notice", after] = Thing("notice", after, "notice", before.units, [Turn(now, sign_by)])
        self.journal.counts["notices corrected"] += 1

    async def comes_by_link(self, name: str, inviting: Player) -> Player:
        """Somebody new opens the link that stands in this chat, says yes, and gives a name."""
        tokens = [found[1] for each in inviting.person.from_bot(TOKEN) if (found := LINK.search(each.text or "")) is not None]
        if not tokens:
            raise CannotDo(f"{inviting.name} finds no link")
        newcomer = self.stage.enters(name)
        newcomer.writes(f"/start {tokens[-1]}")
        await self.stage.settled()
        newcomer.presses(AnswerInvitation.kind, "*", "yes")
        await self.stage.settled()
        newcomer.writes("钱乙")
        await self.stage.settled()
        return newcomer

    async def hands_over(self, part: Part) -> None:
        """In good order: both say so, and the office where the document asks it; from then on the other one is asked and reminded."""
        holder = self.stage.players[part.name]
        if self._is_away(part) or not self.profile.rules.succession_mode:  # there the office begins
            return
        holder.writes("/handover")
        await self.stage.settled()
        holder.presses(ChoosePost.kind, "0")
        await self.stage.settled()
        holder.presses(AskHandover.kind, called=part.title)
        await self.stage.settled()
        holder.presses(BeginHandover.kind)
        await self.stage.settled()
        after = replace(part, name=f"{part.name} (by hand-over)")
        newcomer = await self.comes_by_link(after.name, holder)
        newcomer.presses(ConfirmHandover.kind, "*", "incoming")
        await self.stage.settled()
        holder.presses(ConfirmHandover.kind, "*", "outgoing")
        await self.stage.settled()
        now = self.stage.clock.now()
        office = (self.stage.players[each.name] for each in self.parts.values() if each.role in OFFICE)
        if (asked := next((player for player in office if player.sees(ConfirmByOffice.kind)), None)) is not None:  # as the document says
            asked.presses(ConfirmByOffice.kind)
            await self.stage.settled()
        for seat in self.journal.seats:
            if seat.person == part.name and seat.until is None:
                seat.until = now
        self.parts[after.name] = after
        self.journal.seats.append(Seated(after.name, part.unit, str(part.role), part.rank, now, title=part.title))
        self.journal.counts["posts handed over"] += 1

    async def takes_in_a_township(self) -> None:
        """A new post at a township, where the document has any: invited with a link, answered, confirmed by another of the office."""
        self.office.writes("/invite")
        await self.stage.settled()
        if not self.office.sees(ShowBodies.kind):
            return
        self.office.presses(ShowBodies.kind)
        await self.stage.settled()
        if not self.office.sees(ChooseBody.kind, "township"):
            return
        self.office.presses(ChooseBody.kind, "township")
        await self.stage.settled()
        if not self.office.sees(ChooseBodyPlace.kind, "township"):
            return
        place = self.office.label(ChooseBodyPlace.kind, "township")
        self.office.presses(ChooseBodyPlace.kind, "township")
        await self.stage.settled()
        await self.comes_by_link("township", self.office)
        second = next(part.name for part in self.parts.values() if part.role is Role.OFFICE_DIRECTOR)
        self.stage.players[second].presses(DecideInvitation.kind, "*", "confirm")
        await self.stage.settled()
        now, title = self.stage.clock.now(), f"{place}联系人"
        self.parts["township"] = Part("township", "township", Role.TOWNSHIP, title, 1, Temper.LATE)
        self.journal.seats.append(Seated("township", "township", str(Role.TOWNSHIP), 1, now, title=title))
        self._places.append(place)
        self._fills_after["township"] = None
        self.journal.counts["townships taken in"] += 1

    async def rules(self, player: Player, message: Message, number: str) -> None:
        """On a dispute: every other item goes to another unit, which owes it from now on."""
        player.presses(RunAssignment.kind, "*", "rule", message=message)
        await self.stage.settled()
        before = self._disputed[number]
        lead = before if self.journal.counts["disputes ruled on"] % 2 else self._next_lead()
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
        now, answered = self.stage.clock.now(), self.journal.counts["extensions given"] + self.journal.counts["extensions refused"]
        granted = answered % 2 == 0
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
