"""A person of the town as a reader of one language: buttons and sentences are named in English, pressed and read in theirs.

await citizen.taps("A child")
citizen.sees("<b>What is happening?</b>…")
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import select

from conference.model.reports import Statement, StatementKind
from handlers.lengths import units
from handlers.telegram.texts.forms import NOTES, QUESTIONS
from handlers.telegram.texts.registry import plain
from handlers.words import OPTIONS
from locales import LANGUAGES, translator
from sandbox.ledger import REFUSED, Entry
from sandbox.messages import Message
from sandbox.people import Press
from storage.conversations import load
from storage.sealed import Purpose
from storage.tables import audit, incidents, reporters, reports
from storage.unit_of_work import Unit
from tests.engine import account_of, all_of
from tests.tools.locales import read
from tests.town import TOKEN, Someone, Town

CLIENTS = {"zh_Hans": "zh-hans", "zh_Hant": "zh-hant", "en": "en"}  # catalogue: what the person's client says
ALONE = OPTIONS["situation"]["alone"]
LONGEST = 4096  # UTF-16 units, the channel's bound for a message
PARTICULARS = "reporters.particulars_sealed"
KINDS_OF_FILES = ("photo", "voice", "audio", "video", "video_note", "document")


@cache
def _said() -> frozenset[str]:
    return frozenset(str(message.id) for message in read("en") if message.id)


class Speaker:
    """Somebody of the town, and the catalogue they are spoken to from. `acts` counts what they did."""

    def __init__(self, someone: Someone, language: str = "zh_Hans") -> None:
        self.someone = someone
        self.language = language
        self.acts = 0

    @property
    def town(self) -> Town:
        return self.someone.town

    def words(self, english: str, **values: object) -> str:
        """A sentence of ours as this person reads it. One that nobody says is a mistake of the test."""
        assert english in _said(), f"no sentence of the desk reads {english!r}"
        return plain(translator(self.language)(english, **values))

    # -- acting

    async def sends(self, text: str) -> None:
        self.acts += 1
        await self.someone.sends(text)

    async def taps(self, english: str, *, message_id: int | None = None, **values: object) -> None:
        await self.taps_written(self.words(english, **values), message_id=message_id)

    async def taps_written(self, label: str, *, message_id: int | None = None) -> None:
        """Press a button that is called the same in every language: a place, a language, a number."""
        self.acts += 1
        await self.someone.taps(label, message_id=message_id)

    async def turns_to(self, label: str, further: str) -> None:
        """The button whose label begins so, wherever the list's pages have it."""
        while not (found := [each for each in self.buttons if each.startswith(label)]):
            await self.taps(further)
        await self.taps_written(found[0])

    async def taps_twice(self, english: str) -> None:
        """Two presses before the desk has answered the first."""
        label = self.words(english)
        for _ in range(2):
            pressed = self.someone.person.press(label, bot=TOKEN)
            assert isinstance(pressed, Press)
            self.someone.answers.append(pressed)
        await self.town.settled()

    def remembers(self, english: str, **values: object) -> tuple[str, int]:
        """A button as it is now, to be pressed when it is long gone."""
        return self.remembers_written(self.words(english, **values))

    def remembers_written(self, label: str) -> tuple[str, int]:
        for message in reversed(self.someone.person.from_bot(TOKEN)):
            if (button := message.button(label)) is not None:
                return button["callback_data"], message.id
        raise AssertionError(f"no button {label!r}")

    async def taps_remembered(self, remembered: tuple[str, int]) -> None:
        self.someone.answers.append(self.someone.person.press_data(*remembered))
        await self.town.settled()

    async def sends_file(self, kind: str, **what: Any) -> None:
        self.acts += 1
        self.someone.person.send_file(TOKEN, kind, **what)
        await self.town.settled()

    async def sends_album(self, number: int, **what: Any) -> None:
        self.acts += 1
        await self.someone.sends_album(number, **what)

    async def sends_location(self, latitude: float, longitude: float) -> None:
        self.acts += 1
        await self.someone.sends_location(latitude, longitude)

    async def sends_other(self, **other: Any) -> None:
        """Something a client can send that is neither words nor a file: contact, venue, dice, poll …"""
        self.acts += 1
        self.someone.person._send(TOKEN, None, other=other)
        await self.town.settled()

    def last_own(self) -> Message:
        return [message for message in self.someone.person.messages(TOKEN) if not message.by_bot][-1]

    async def edits(self, message: Message, text: str) -> None:
        await self.someone.edits(message.id, text)

    # -- looking

    @property
    def screen(self) -> str:
        return self.someone.screen

    @property
    def history(self) -> list[str]:
        return self.someone.history

    @property
    def buttons(self) -> list[str]:
        return self.someone.buttons

    def sees(self, *english: str, **values: object) -> None:
        """All these sentences of ours stand in the newest message."""
        self.someone.sees(*(self.words(each, **values).strip() for each in english))

    def sees_not(self, *english: str, **values: object) -> None:
        self.someone.sees_not(*(self.words(each, **values).strip() for each in english))

    def reads(self, *written: str) -> None:
        """Words that are nobody's translation stand in the newest message."""
        self.someone.sees(*written)

    def is_asked(self, question: str, note: str = "") -> None:
        """This question is the newest message, with this note above it."""
        self.sees(QUESTIONS[question], *([NOTES[note]] if note and "{" not in NOTES[note] else []), size=20)

    def is_offered(self, *english: str) -> None:
        for each in english:
            assert self.words(each) in self.buttons, f"no button {self.words(each)!r} among {self.buttons}"

    def is_not_offered(self, *english: str) -> None:
        for each in english:
            assert self.words(each) not in self.buttons, f"there is a button {self.words(each)!r}"

    def has_seen(self, english: str, times: int = 1, **values: object) -> None:
        self.someone.has_seen(self.words(english, **values).strip(), times)

    @property
    def toast(self) -> str:
        return self.someone.toast

    @property
    def receipt(self) -> str:
        """The eight words of the newest receipt in the chat."""
        head = self.words("<b>Your receipt, eight words:</b>")
        text = next(text for text in reversed(self.history) if head in text)
        return " ".join(text.partition(head)[2].strip().splitlines()[:2])

    def entries(self, after: int = 0) -> list[Entry]:
        """What was sent to this person, edited for them, or said beside their buttons."""
        return self.town.sandbox.ledger.entries(chat=self.someone.person.id, after=after)


# -- what is kept


@dataclass(frozen=True)
class Kept:
    """A filed report as it is stored, opened."""

    id: int
    number: str
    subject: str | None
    situation: str
    danger: bool | None
    place: str | None
    reporter: str
    mandatory: bool
    state: str
    statements: tuple[Statement, ...]
    particulars: dict[str, Any]  # contact and unit, kept with the identity

    def bodies(self, kind: StatementKind, *, added: bool = False) -> list[dict[str, Any]]:
        return [dict(each.body) for each in self.statements if each.kind is kind and each.added == added]

    def words(self, *, added: bool = False) -> list[str]:
        return [str(body["text"]) for body in self.bodies(StatementKind.WORDS, added=added)]

    def kinds_of_files(self, *, added: bool = False) -> list[str]:
        return [str(body["kind"]) for body in self.bodies(StatementKind.EVIDENCE, added=added)]

    def one(self, kind: StatementKind) -> dict[str, Any]:
        (body,) = self.bodies(kind)
        return body

    @property
    def told(self) -> dict[str, Any]:
        """All that the reporter gave, free of names and moments that differ between two reports."""
        return {
            "facts": (self.subject, self.situation, self.danger, self.place, self.reporter, self.mandatory),
            **{str(kind): self.bodies(kind) for kind in StatementKind if kind is not StatementKind.EVIDENCE},
            "files": self.kinds_of_files(),
            "particulars": self.particulars,
        }


async def kept_reports(town: Town) -> list[Kept]:
    """Every filed report, the oldest first."""

    def verb(uow: Unit) -> list[Kept]:
        everything = select(reports, reporters.c.particulars_sealed).join(reporters, reporters.c.report_id == reports.c.id)
        return [
            Kept(
                id=row.id,
                number=row.number,
                subject=row.subject,
                situation=row.situation,
                danger=row.danger,
                place=row.place,
                reporter=row.reporter_kind,
                mandatory=row.mandatory,
                state=str(row.state),
                statements=tuple(uow.statements.of(row.id)),
                particulars=uow.sealer.open_json(Purpose.IDENTITY, PARTICULARS, row.id, row.particulars_sealed)
                if row.particulars_sealed
                else {},
            )
            for row in uow.connection.execute(everything.order_by(reports.c.id)).all()
        ]

    return await town.application.desk.act(verb)


async def only_report(town: Town) -> Kept:
    (kept,) = await kept_reports(town)
    return kept


async def conversation(speaker: Speaker) -> dict[str, Any]:
    """What the desk remembers of the unfinished talk with this person."""
    town = speaker.town
    account = await account_of(town, speaker.someone)
    sealer = town.application.database.sealer
    data: dict[str, Any] = await town.look(lambda c: load(c, sealer, [account])[account].data)
    return data


async def draft_of(speaker: Speaker) -> dict[str, Any]:
    draft: dict[str, Any] = (await conversation(speaker)).get("draft") or {}
    return draft


async def audited(town: Town, action: str) -> list[Any]:
    found: list[Any] = await town.look(all_of(audit, action=action))
    return found


# -- what holds after every conversation


async def holds_for_all(town: Town) -> None:
    """No message was refused or too long, no button's spinner still turns, and nothing needs a person."""
    for entry in town.sandbox.ledger:
        assert entry.outcome != REFUSED or "not modified" in (entry.error or ""), entry
        assert units(entry.text or "") <= LONGEST, entry
    for someone in town.people.values():
        for pressed in someone.answers:
            assert pressed.answer is not None, f"{someone.person.name} pressed {pressed.data!r}, and its spinner still turns"
    left = await town.look(all_of(incidents))
    assert left == [], left


# -- ways that many tests walk


async def begins(speaker: Speaker, until: str = "", *, danger: str = "Not right now") -> None:
    """From /start, answer question by question until this one is asked (or up to the first that is not required)."""
    await speaker.sends("/start")
    if speaker.words("Report a child or somebody else") in speaker.buttons:  # somebody who holds a post
        await speaker.taps("Report a child or somebody else")
    steps: Iterator[tuple[str, str]] = iter(
        [
            ("situation", "A child"),
            ("danger", ALONE),
            ("place", danger),
            ("since", "信陵镇"),
            ("words", "Today"),
            ("evidence", "Skip"),
            ("reporter", "Skip"),
            ("contact", "A neighbour or friend"),
            ("review", "Please do not contact me"),
        ]
    )
    for question, label in steps:
        await (speaker.taps_written(label) if label == "信陵镇" else speaker.taps(label))
        if question == (until or "words"):
            return


async def files(speaker: Speaker) -> Kept:
    """File a report the shortest way."""
    await begins(speaker)
    await speaker.taps("✅ Send now")
    return (await kept_reports(speaker.town))[-1]


def as_seen_by(name: str, town: Town, language: str = "zh_Hans") -> Speaker:
    """Somebody who is in the town already, or comes into it now."""
    return Speaker(town.someone(name, CLIENTS[language]), language)


assert set(CLIENTS) == set(LANGUAGES)
