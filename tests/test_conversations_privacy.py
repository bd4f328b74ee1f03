"""Nobody learns who reported; nothing that is sent is answered by silence; nothing of it lies open in the database."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.engine import make_url

from conference.model.people import Role
from storage.tables import metadata
from tests.talking import Speaker, as_seen_by, audited, begins, files, holds_for_all, kept_reports, only_report
from tests.town import TOKEN, Someone, Town

NAME, LAST, USERNAME, PHONE, UNIT = "金丝雀之名", "金丝雀之姓", "canary_of_the_mine", "13900005678", "金丝雀小学"
WORDS, PLACE = "金丝雀说的话", "金丝雀住的地方"
REPORTER = (NAME, LAST, USERNAME, PHONE, UNIT)


async def canary(town: Town) -> Speaker:
    """Somebody whose every trait can be found again."""
    person = town.sandbox.world.create_person(NAME, last_name=LAST, username=USERNAME, phone=PHONE)
    town.people["canary"] = someone = Someone(town, person)
    speaker = Speaker(someone)
    await begins(speaker, "place")
    await speaker.sends(PLACE)
    await speaker.taps("Today")
    await speaker.sends(WORDS)
    await speaker.taps("Next")
    await speaker.sends_file("photo", caption=WORDS)
    await speaker.taps("Next")
    await speaker.taps("Hospital or clinic staff")
    await speaker.sends(UNIT)
    await speaker.sends(f"{PHONE} {NAME}")
    await speaker.taps("✅ Send")
    return speaker


async def everything_happens(town: Town, speaker: Speaker) -> None:
    """The desk reads, the ladder climbs, the desk accepts, more is added, the reporter comes back from elsewhere."""
    desk, office = as_seen_by("desk", town), as_seen_by("office", town)
    await desk.taps("Open the report")
    await office.taps("Latest reports")
    await town.passes(minutes=31)
    await desk.taps("Accept")
    await speaker.taps("Add something")
    await speaker.sends(WORDS)
    await speaker.sends_file("voice")
    await speaker.taps("✅ Done, send it")
    await desk.taps("Open the report")
    await desk.sends("/reports")
    other = as_seen_by("another account", town)
    await other.sends(speaker.receipt)
    await other.sends("/my")
    await begins(speaker, "words")  # and something unfinished is left as well
    await speaker.sends(WORDS)


def seen_by_others(town: Town, speaker: Speaker) -> list[tuple[int | None, str]]:
    """Everything that was sent to anybody else, with all parameters, as one line each."""
    mine = speaker.someone.person.id
    return [
        (entry.chat_id, json.dumps([entry.text, entry.params], ensure_ascii=False, default=str))
        for entry in town.sandbox.ledger
        if entry.chat_id != mine
    ]


async def test_nobody_else_ever_reads_who_reported(town: Town) -> None:
    speaker = await canary(town)
    await everything_happens(town, speaker)
    shown = seen_by_others(town, speaker)
    assert any(WORDS in line for _, line in shown)  # the desk has read the words: the search can find something
    for _, line in shown:
        for trait in (*REPORTER, str(speaker.someone.person.id)):
            assert trait not in line
    await holds_for_all(town)


async def test_the_words_of_a_report_are_shown_to_the_desk_alone(town: Town) -> None:
    speaker = await canary(town)
    await everything_happens(town, speaker)
    readers = {chat for chat, line in seen_by_others(town, speaker) if WORDS in line or PLACE in line}
    assert readers == {as_seen_by("desk", town).someone.person.id}
    assert len(await audited(town, "report.read")) == 2


def files_of(database_url: str) -> dict[str, bytes]:
    """What the database has written to the disk, where that is a file of ours."""
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite":
        return {}
    assert url.database is not None
    return {name or "file": Path(url.database + name).read_bytes() for name in ("", "-wal") if Path(url.database + name).exists()}


async def test_nothing_of_it_lies_open_in_the_database(town: Town) -> None:
    def dump(connection: Any) -> bytes:
        rows = [tuple(row) for table in metadata.sorted_tables for row in connection.execute(select(table)).all()]
        return b"\n".join(value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row)

    public = await town.look(dump)  # a word of a receipt may be a part of a village's name as well
    speaker = await canary(town)
    receipt = speaker.receipt
    await everything_happens(town, speaker)
    words = [word for word in receipt.split() if word.encode() not in public]
    assert len(words) > 3, "hardly anything to look for"
    secrets = [*REPORTER, WORDS, PLACE, str(speaker.someone.person.id), receipt, *words]
    wanted = {trait: (trait.encode(), json.dumps(trait).strip('"').encode(), trait.encode("utf-16-le")) for trait in secrets}

    places = {"tables": await town.look(dump)}
    places |= files_of(town.settings.database_url)
    assert all(b"public_security" in content for content in (places["tables"], b"".join(places.values()))), "nothing to search in"
    for where, content in places.items():
        for trait, forms in wanted.items():
            assert not any(form in content for form in forms), f"{trait} lies open in {where}"


async def test_no_row_beside_an_account_names_a_report(town: Town) -> None:
    await canary(town)
    kept = await only_report(town)
    rows = await town.look(lambda c: {t.name: c.execute(select(t)).all() for t in metadata.sorted_tables if "account_id" in t.c})
    assert rows["outbox"]
    for name, found in rows.items():
        for row in found:
            said = [value for key, value in row._mapping.items() if isinstance(value, str) and key != "only_while"]
            assert not any(kept.number in value or f":{kept.id}" in value for value in said), (name, row)


async def test_the_logs_name_nobody_and_nothing(town: Town, capfd: pytest.CaptureFixture[str]) -> None:
    speaker = await canary(town)
    await everything_happens(town, speaker)
    said = "".join(capfd.readouterr())
    for trait in (*REPORTER, WORDS, PLACE, TOKEN.partition(":")[2], str(speaker.someone.person.id)):
        assert trait not in said


# -- never silent


def oddities(one: Speaker) -> dict[str, Callable[[], Awaitable[None]]]:
    """Anything a person may send, one by one."""
    texts = {
        "one letter": "？", "a space of its own": "\u3000\u3000x", "emoji": "😀" * 50, "markup": "<b>&lt;</b> **x** [a](tg://user?id=1)",
        "the longest": "长" * 4096, "surrogates": "👨‍👩‍👧" * 500,
        "right to left": "مرحبا", "a null": "a\u0000b", "zero width": "\u200b\u200b.",
        "a slash": "/", "two slashes": "//", "a command with the bot's name": "/start@lianxi_test_bot", "a deep link": "/start abc-1",
        "a command in Chinese": "/帮助", "a command with words": "/cancel 我不想报了", "a number": "7", "a big number": "9" * 300,
        "a link": "https://example.org/?a=1&b=2", "braces": "{number} {0} %s", "a date long ago": "1949年10月1日", "no date": "2月30日",
        "eight words that are none": "一 二 三 四 五 六 七 八", "help": "/help", "my": "/my", "whoami": "/whoami", "language": "/language",
        "reports": "/reports", "cancel": "/cancel", "reclaim": "/reclaim", "start": "/start",
    }  # fmt: skip
    others: dict[str, dict[str, Any]] = {
        "contact": {"contact": {"phone_number": "1", "first_name": "x"}},
        "dice": {"dice": {"emoji": "🎲", "value": 3}},
        "location": {"location": {"latitude": -90.0, "longitude": 180.0}},
        "venue": {
            "location": {"latitude": 1.0, "longitude": 2.0},
            "venue": {"location": {"latitude": 1.0, "longitude": 2.0}, "title": "县" * 150, "address": "路" * 150},
        },
        "game": {"game": {"title": "g", "description": "d", "photo": []}},
        "story": {"story": {"chat": {"id": 5, "type": "private"}, "id": 1}},
    }
    kinds = ("photo", "voice", "audio", "video", "video_note", "document", "sticker", "animation")
    acts: dict[str, Callable[[], Awaitable[None]]] = {}
    acts |= {name: (lambda text=text: one.sends(text)) for name, text in texts.items()}  # type: ignore[misc]
    acts |= {name: (lambda other=other: one.sends_other(**other)) for name, other in others.items()}  # type: ignore[misc]
    acts |= {kind: (lambda kind=kind: one.sends_file(kind)) for kind in kinds}  # type: ignore[misc]
    acts |= {f"{kind} of 30 MB": (lambda kind=kind: one.sends_file(kind, size=30 * 2**20)) for kind in kinds}  # type: ignore[misc]
    acts |= {"a photo with a page under it": lambda: one.sends_file("photo", caption="页" * 1024)}
    return acts


async def to_nothing(one: Speaker) -> None:
    """A newcomer has said nothing yet."""


async def to_the_middle(one: Speaker) -> None:
    await begins(one, "since")


async def to_the_review(one: Speaker) -> None:
    await begins(one, "review")


async def to_an_addition(one: Speaker) -> None:
    await files(one)
    await one.taps("Add something")


async def to_the_way_back(one: Speaker) -> None:
    await one.sends("/reclaim")


async def to_after_the_filing(one: Speaker) -> None:
    await files(one)


@pytest.mark.parametrize(
    "where",
    [to_nothing, to_the_middle, to_the_review, to_an_addition, to_the_way_back, to_after_the_filing],
    ids=lambda where: where.__name__,
)
async def test_nothing_anybody_sends_is_answered_by_silence(town: Town, where: Callable[[Speaker], Awaitable[None]]) -> None:
    """Each in the same conversation, wherever the ones before have led it."""
    one = as_seen_by("anybody", town)
    await where(one)
    for name, act in oddities(one).items():
        before = len(one.entries())
        await act()
        assert len(one.entries()) > before, f"{name}: silence"
    await holds_for_all(town)


async def test_every_official_is_answered_as_well(town: Town) -> None:
    await town.appoint("township", Role.TOWNSHIP, "civil_affairs", "信陵镇", place="422823100")
    for name in ("desk", "office", "operator", "township"):
        official = as_seen_by(name, town)
        for what, act in oddities(official).items():
            before = len(official.entries())
            await act()
            assert len(official.entries()) > before, f"{name}, {what}: silence"
    assert await kept_reports(town) == []
    await holds_for_all(town)
