"""Whatever a person does on the way (goes back, presses twice, changes the language) and whatever happens to the desk
(a restart, the same update again), what is filed in the end is what the last answers say."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st
from sqlalchemy import select

from conference.model.questionnaire import REVIEW, questionnaire
from conference.model.territory import Level
from handlers.telegram.texts.everybody import NATIVE
from handlers.words import OPTIONS, TITLES
from locales import LANGUAGES
from sandbox.people import Press
from storage.inbox import Arrival
from storage.sealed import Purpose
from storage.tables import inbox
from tests.engine import BOT, badong
from tests.talking import Kept, Speaker, as_seen_by, draft_of, kept_reports
from tests.town import MakeDatabase, Town, open_town

FORM = questionnaire()
PLACES = [row.place.name for row in badong() if row.place.level is Level.TOWNSHIP]
CHOSEN = ("subject", "situation", "danger", "since", "reporter", "contact")
UNITS = ("县一小", "县医院")
LANGUAGE_OF = {name: language for language, name in NATIVE.items()}  # a button that chooses one acts for ever
ON_DUTY = FORM["unit"].only_if["reporter"]

endings = st.fixed_dictionaries(
    {code: st.sampled_from(FORM[code].options) for code in CHOSEN} | {"place": st.sampled_from(PLACES), "unit": st.just("县一小")}
)
acts = st.one_of(
    st.tuples(st.sampled_from(["answer", "answer", "type", "twice"]), st.integers(0, 40)),
    st.tuples(st.sampled_from(["back", "skip", "change", "leave", "review", "sticker", "stale", "start", "again"]), st.integers(0, 40)),
    st.tuples(st.sampled_from(["words", "photo"]), st.integers(0, 3)),
    st.tuples(st.just("language"), st.integers(0, 2)),
    st.tuples(st.just("restart"), st.just(0)),
)
stories = st.lists(acts, max_size=18)


class Story:
    """One person's report, and what they have told beside the answers."""

    def __init__(self, speaker: Speaker) -> None:
        self.speaker = speaker
        self.given = {"subject": "child"}  # the last answer to each question
        self.place_typed = False
        self.words: list[str] = []
        self.photos = 0
        self.seen: list[tuple[str, int, str]] = []

    @property
    def town(self) -> Town:
        return self.speaker.town

    async def at(self) -> str:
        return str((await draft_of(self.speaker))["at"])

    def remember(self) -> None:
        last = self.speaker.someone.last
        if last is not None:
            buttons = [button for row in (last.markup or {}).get("inline_keyboard", []) for button in row]
            # No memory of what ends the report: those two are allowed to act at any time.
            self.seen += [(b["callback_data"], last.id, b["text"]) for b in buttons if not b["callback_data"].startswith(("f:", "s:"))]

    async def press(self, label: str, *, twice: bool = False) -> None:
        """A button of the newest message, if it is there."""
        last = self.speaker.someone.last
        assert last is not None
        if (button := last.button(label, exactly=True) or last.button(f"✓ {label}", exactly=True)) is None:
            return
        self.remember()
        for _ in range(2 if twice else 1):
            pressed = self.speaker.someone.person.press_data(button["callback_data"], last.id)
            assert isinstance(pressed, Press)
            self.speaker.someone.answers.append(pressed)
        await self.town.settled()

    async def answer(self, at: str, answer: str, *, typed: bool = False, twice: bool = False) -> None:
        """Answer the question `at`, at which the report stands."""
        if at == "unit":
            await self.speaker.sends(answer)
        else:
            label = answer if at == "place" else self.speaker.words(OPTIONS[at][answer])
            await (self.speaker.sends(label) if typed else self.press(label, twice=twice))
        self.given[at] = answer
        if at == "place":
            self.place_typed = typed
        if self.given.get("reporter") not in ON_DUTY:
            self.given.pop("unit", None)

    async def answer_somehow(self, which: int, **how: bool) -> None:
        at = await self.at()
        possible = PLACES if at == "place" else UNITS if at == "unit" else FORM[at].options if at in CHOSEN else ()
        if possible:
            await self.answer(at, possible[which % len(possible)], **how)

    async def do(self, act: str, which: int) -> None:
        speaker = self.speaker
        if act in ("answer", "type", "twice"):
            await self.answer_somehow(which, typed=act == "type", twice=act == "twice")
        elif act == "words":
            if await self.at() not in ("place", "since", "unit", "contact"):  # there it would be an answer
                self.words.append(f"第{len(self.words)}句，{'他打人' * (which + 2)}")
                await speaker.sends(self.words[-1])
        elif act == "photo":
            self.photos += 1
            await speaker.sends_file("photo")
        elif act == "sticker":
            await speaker.sends_file("sticker")
        elif act == "stale" and self.seen:
            data, message, label = self.seen[which % len(self.seen)]
            if not self._is_current(data):
                speaker.language = LANGUAGE_OF.get(label.removeprefix("✓ "), speaker.language)
                speaker.someone.answers.append(speaker.someone.person.press_data(data, message))
                await self.town.settled()
                await speaker.sends_file("sticker")  # brings what holds now back to the end of the chat
        elif act == "language":
            await speaker.sends("/language")
            await self.press(NATIVE[LANGUAGES[which]])
            speaker.language = LANGUAGES[which]
        elif act == "start":
            await speaker.sends("/start")
            await self.press(speaker.words("Go on"))
        elif act == "restart":
            await self.town.restart()
        elif act == "again":
            await repeat_last_update(self.town, which)
        elif act == "change":
            await self.press(speaker.words("Change: {title}", title=speaker.words(list(TITLES.values())[which % len(TITLES)])))
        else:
            await self.press(speaker.words({"back": "← Back", "skip": "Skip", "leave": "Leave it as it is", "review": "Next"}[act]))

    def _is_current(self, data: str) -> bool:
        last = self.speaker.someone.last
        return last is not None and any(
            button["callback_data"] == data for row in (last.markup or {}).get("inline_keyboard", []) for button in row
        )

    async def ends(self, final: dict[str, str]) -> Kept:
        """Answer what has no answer yet, look it over, and send."""
        for _ in range(40):
            at = await self.at()
            if at == REVIEW:
                break
            if at in final and at not in self.given:
                await self.answer(at, final[at])
            else:
                await self.press_one_of("Next", "Skip", "Leave it as it is")
        assert await self.at() == REVIEW
        before = len(await kept_reports(self.town))
        await self.press(self.speaker.words("✅ Send"), twice=True)
        kept = await kept_reports(self.town)
        assert len(kept) == before + 1
        return kept[-1]

    async def press_one_of(self, *labels: str) -> None:
        offered = [label for each in labels if (label := self.speaker.words(each)) in self.speaker.buttons]
        await self.press(offered[0])


async def repeat_last_update(town: Town, which: int) -> None:
    """The channel delivers one of the last updates again, word for word."""
    sealer = town.application.database.sealer

    def query(connection: Any) -> Arrival:
        rows = connection.execute(select(inbox).order_by(inbox.c.id.desc()).limit(4)).all()
        row = rows[which % len(rows)]
        body = sealer.open(Purpose.TRAFFIC, "inbox.payload_sealed", f"{row.bot}:{row.update_id}", row.payload_sealed)
        return Arrival(BOT, row.update_id, 0, body)

    arrival = await town.look(query)
    await town.application.desk.store([arrival])
    await town.settled()


async def tell(town: Town, name: str, language: str, story: list[tuple[str, int]], final: dict[str, str]) -> tuple[Kept, Story]:
    told = Story(as_seen_by(name, town, language))
    await told.speaker.sends("/start")
    await told.press(told.speaker.words("A child"))
    for act, which in story:
        await told.do(act, which)
    return await told.ends(final), told


async def tell_plainly(town: Town, name: str, told: Story) -> Kept:
    """The same report by somebody who never hesitates."""
    plain, given = as_seen_by(name, town), told.given

    async def taps_or_skips(code: str) -> None:
        await plain.taps(OPTIONS[code][given[code]] if code in given else "Skip")

    await plain.sends("/start")
    await taps_or_skips("subject")
    await taps_or_skips("situation")
    await taps_or_skips("danger")
    await (plain.sends(given["place"]) if told.place_typed else plain.taps_written(given["place"]))
    await taps_or_skips("since")
    for each in told.words:
        await plain.sends(each)
    await plain.taps("Next" if told.words else "Skip")
    for _ in range(told.photos):
        await plain.sends_file("photo")
    await plain.taps("Next" if told.photos else "Skip")
    await taps_or_skips("reporter")
    if given.get("reporter") in ON_DUTY:
        await (plain.sends(given["unit"]) if "unit" in given else plain.taps("Skip"))
    await taps_or_skips("contact")
    await plain.taps("✅ Send")
    return (await kept_reports(town))[-1]


@pytest.fixture
def runner() -> Any:
    with asyncio.Runner() as one:
        yield one


def test_any_interleaving_ends_in_the_report_of_the_last_answers(runner: asyncio.Runner, make_database: MakeDatabase, key: str) -> None:
    stack = AsyncExitStack()
    town = runner.run(stack.enter_async_context(open_town(make_database("sqlite", "badong"), key)))
    runner.run(town.cast())
    numbers = iter(range(10_000))

    async def compare(language: str, story: list[tuple[str, int]], final: dict[str, str]) -> None:
        number = next(numbers)
        kept, told = await tell(town, f"wanderer {number}", language, story, final)
        plain = await tell_plainly(town, f"plain {number}", told)
        assert kept.told == plain.told

    @settings(  # not shrunk: a story takes a second to tell again
        max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), database=None, phases=[Phase.generate]
    )
    @given(st.sampled_from(LANGUAGES), stories, endings)
    def holds(language: str, story: list[tuple[str, int]], final: dict[str, str]) -> None:
        note(f"{language}: {story} -> {final}")
        runner.run(compare(language, story, final))

    try:
        holds()
    finally:
        runner.run(stack.aclose())
