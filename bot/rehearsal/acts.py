"""What everybody in a rehearsal does alike: at which hour, by which forms and buttons."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Awaitable, Callable, Iterator
from datetime import date, datetime, time, timedelta, tzinfo
from random import Random

from conference.model.calendar import WorkCalendar
from conference.model.people import Role
from conference.model.profile import Profile
from handlers.presses.wizards import WizardChoose, WizardPage, WizardSend, WizardStep
from sandbox.messages import Message

from .cast import Part
from .journal import Happened, Journal
from .stage import CannotDo, Player, Stage, button_of, minutes, number_in

Act = Callable[[], Awaitable[None]]
TRIES = 3  # to do over again what the death of the desk came between
PAGES = 9  # of a list of units
OPENS, CLOSES = time(9, 0), time(17, 30)


class Acts:
    """Time, forms, and what the journal keeps."""

    def __init__(
        self,
        stage: Stage,
        profile: Profile,
        parts: list[Part],
        calendar: WorkCalendar,
        random: Random,
        starts: date,
        days: int,
        zone: tzinfo,
        *,
        outages: bool = False,
        kills: int = 0,
    ) -> None:
        self.stage, self.profile, self.calendar, self.random = stage, profile, calendar, random
        self.parts = {part.name: part for part in parts}
        self.zone = zone
        self.starts, self.ends = starts, starts + timedelta(days=days)
        self.has_outages, self.kills = outages, kills
        self.journal = Journal()
        self._acts: list[tuple[datetime, int, str, Act, int]] = []
        self._order = itertools.count()
        self._leads = self._in_turn()
        self._to_die, self._plan_of_death = 0, ""  # after how many deaths the prepared one is over, and where it is to be
        self._minded: set[tuple[str, str, str]] = set()  # (person, noun and number): what somebody has in hand or has done
        self._returned: set[str] = set()  # items, by number
        self._handed_in: dict[str, str] = {}  # by whom
        self._helpers: dict[str, list[str]] = {}  # of an item, by its number
        self._fills_after: dict[str, int | None] = {}  # who left: after how many working days somebody comes
        self._taken_up = 0  # items that leads have answered: some are disputed, for some more time is asked
        self._places: list[str] = []  # where somebody holds a post
        self._disputed: dict[str, str] = {}  # items, by number: who said that it is not theirs
        self._asked: dict[tuple[str, str], Callable[[], None]] = {}  # (person, number): what somebody late does when reminded

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

    def plans(self, at: datetime, who: str, act: Act, tries: int = TRIES) -> None:
        heapq.heappush(self._acts, (at, next(self._order), who, act, tries))

    def _in_turn(self) -> Iterator[str]:
        units = [part.unit for part in self.parts.values() if part.role is Role.LIAISON]
        return itertools.cycle(self.random.sample(units, len(units)))

    @property
    def office(self) -> Player:
        name = next(part.name for part in self.parts.values() if part.role is Role.OFFICE)
        return self.stage.players[name]

    def chased(self, units: list[str]) -> list[str]:
        return [unit for unit in units if self.profile.chases(unit)]

    def _next_lead(self) -> str:
        """The next unit for which somebody holds a post."""
        return next(unit for unit in self._leads if unit in self._spoken_for())

    def _spoken_for(self) -> set[str]:
        """The desk gives nothing to a unit that nobody speaks for, and says so to the office before it is sent."""
        now = self.stage.clock.now()
        return {seat.unit for seat in self.journal.seats if seat.role in ("liaison", "member", "convener") and seat.holds(now)}

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

    def _happened(self, name: str, day: date, owner: str | None = None) -> None:
        self.journal.happened.append(Happened(name, self.stage.clock.now(), day, owner))

    def _is_away(self, part: Part) -> bool:
        """Who has left the post, or blocked the bot, does nothing any more."""
        left = any(seat.person == part.name and seat.until is not None for seat in self.journal.seats)
        return left or part.name in self.journal.blocked

    def _reads(self, player: Player, message: Message) -> None:
        """What somebody makes of a message."""
        raise NotImplementedError


def has(message: Message, *wanted: str) -> bool:
    return not message.deleted and button_of(message, *wanted) is not None
