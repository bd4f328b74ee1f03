"""What is unfinished: left and taken up again, given up, expired, carried over a restart."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from handlers.telegram.texts.forms import QUESTIONS
from storage.tables import DONE, due, reports
from tests.talking import Speaker, as_seen_by, begins, conversation, draft_of, files, kept_reports, only_report
from tests.town import Town, start

WAITS = "You have a report here that is not sent yet. Do you want to go on with it? If you begin anew, the old one is erased."
REALLY = "Really erase this report? It has not been sent yet, and nothing of it will be kept."
ERASED = "What you had begun and not sent has been erased, as announced. You can begin anew at any time."
WARNED = (
    "Something you began to write here is not sent yet. To protect you it will "
    "be erased on {at}. To keep it, send /start and choose “Go on”."
)
WHOM = "<b>Whom is it about?</b>"


def warnings(speaker: Speaker) -> list[str]:
    beginning = speaker.words(WARNED, at="|").partition("|")[0]
    return [text for text in speaker.history if text.startswith(beginning)]


# -- giving up


async def test_giving_up_asks_first_and_leaves_nothing(citizen: Speaker) -> None:
    await begins(citizen, "since")
    await citizen.taps("Cancel")
    citizen.sees(REALLY)
    await citizen.taps("No, go on")
    citizen.is_asked("since")
    await citizen.taps("Cancel")
    await citizen.taps("Yes, erase it")
    citizen.sees("Erased; nothing of it is kept. You can come back at any time.")
    citizen.reads("110")
    assert await conversation(citizen) == {}
    assert await kept_reports(citizen.town) == []
    await citizen.sends("/start")
    citizen.sees(WHOM)


async def test_the_command_gives_up_what_is_unfinished_and_only_that(citizen: Speaker) -> None:
    await citizen.sends("/cancel")
    citizen.sees("There is nothing unfinished here. Reports that were sent stay with public security.")
    await begins(citizen, "place")
    await citizen.sends("/cancel")
    citizen.sees(REALLY)
    await citizen.taps("Yes, erase it")
    assert await draft_of(citizen) == {}


async def test_the_button_that_erases_does_not_erase_what_came_after_it(reader: Speaker) -> None:
    await begins(reader, "place")
    await reader.taps("Cancel")
    erase = reader.remembers("Yes, erase it")
    await reader.taps("No, go on")
    await reader.taps_written("信陵镇")
    before = await draft_of(reader)
    await reader.taps_remembered(erase)
    assert await draft_of(reader) == before
    reader.is_asked("since")


# -- coming back


async def test_after_days_the_report_goes_on_where_it_stood(citizen: Speaker) -> None:
    await begins(citizen, "since")
    before = await draft_of(citizen)
    await citizen.town.passes(days=5)
    await citizen.sends("/start")
    citizen.sees(WAITS)
    citizen.reads("110")
    await citizen.taps("Go on")
    citizen.is_asked("since")
    assert await draft_of(citizen) == before
    await citizen.taps("Today")
    await citizen.taps("✅ Send now")
    assert (await only_report(citizen.town)).situation == "alone"


async def test_the_old_screen_still_answers_after_days(reader: Speaker) -> None:
    await begins(reader, "since")
    await reader.town.passes(days=4)
    await reader.taps("Today")
    reader.is_asked("words")


async def test_one_can_erase_the_old_one_and_begin_anew(citizen: Speaker) -> None:
    await begins(citizen, "since")
    await citizen.sends("/start")
    await citizen.taps("Erase it and begin anew")
    citizen.sees(WHOM)
    assert await draft_of(citizen) == {}
    await citizen.taps("A woman")
    citizen.is_asked("situation")
    assert (await draft_of(citizen))["answers"] == {"subject": {"code": "woman"}}


async def test_the_first_screens_buttons_do_not_overwrite_an_unfinished_report(citizen: Speaker) -> None:
    await citizen.sends("/start")
    again = citizen.remembers("A woman")
    await citizen.taps("A child")
    await citizen.taps("Something else")
    before = await draft_of(citizen)
    await citizen.taps_remembered(again)
    citizen.sees(WAITS)
    assert await draft_of(citizen) == before


@pytest.mark.parametrize("question", ["situation", "place", "words", "contact", "review"])
async def test_a_restart_is_not_noticed(reader: Speaker, question: str) -> None:
    await begins(reader, question)
    before = await draft_of(reader)
    await reader.town.restart()
    assert await draft_of(reader) == before
    await reader.sends_file("sticker")
    reader.sees(*([QUESTIONS[question]] if question != "review" else ["<b>Please look it over.</b>"]), size=20)
    await reader.taps("Cancel" if question == "situation" else "← Back")
    assert (await draft_of(reader))["at"] == {"situation": "situation", "place": "danger", "words": "since"}.get(
        question, "reporter" if question == "contact" else "contact"
    )


# -- running out


async def test_an_unfinished_report_is_erased_after_a_word_beforehand(citizen: Speaker) -> None:
    await begins(citizen, "since")
    await citizen.town.passes(days=5, hours=23)
    assert warnings(citizen) == []
    await citizen.town.passes(hours=2)
    assert len(warnings(citizen)) == 1
    assert "3" in warnings(citizen)[0].replace("23", "")  # erased on 3 December, a day after the warning
    assert await draft_of(citizen) != {}
    await citizen.town.passes(days=1)
    citizen.has_seen(ERASED)
    assert await conversation(citizen) == {}
    await citizen.town.passes(days=30)
    assert len(warnings(citizen)) == 1
    citizen.has_seen(ERASED)
    await citizen.sends("/start")
    citizen.sees(WHOM)


async def test_the_word_beforehand_tells_nothing_of_what_was_written(citizen: Speaker) -> None:
    await begins(citizen, "words")
    await citizen.sends("爸爸打我")
    await citizen.town.passes(days=6, hours=1)
    (warning,) = warnings(citizen)
    assert "爸爸" not in warning
    assert citizen.words("Lives alone, with no family nearby") not in warning


async def test_who_goes_on_after_the_word_keeps_all_and_is_warned_anew(citizen: Speaker) -> None:
    await begins(citizen, "since")
    await citizen.town.passes(days=6, hours=1)
    assert len(warnings(citizen)) == 1
    await citizen.sends("/start")
    await citizen.taps("Go on")
    await citizen.town.passes(days=2)
    assert await draft_of(citizen) != {}
    citizen.is_asked("since")
    await citizen.town.passes(days=4)
    assert len(warnings(citizen)) == 2
    await citizen.town.passes(days=1, hours=1)
    citizen.has_seen(ERASED)


async def test_every_touch_moves_the_end(reader: Speaker) -> None:
    await begins(reader, "words")
    for _ in range(3):
        await reader.town.passes(days=5)
        await reader.sends("今天又打了")
    assert warnings(reader) == []
    assert len((await draft_of(reader))["answers"]["words"]) == 3


async def test_a_sent_or_erased_report_is_not_warned_of(town: Town, reader: Speaker) -> None:
    other = as_seen_by("another", town, "en")
    await files(reader)
    await begins(other, "place")
    await other.sends("/cancel")
    await other.taps("Yes, erase it")
    await town.passes(days=20)
    assert warnings(reader) == warnings(other) == []
    left = await town.look(lambda c: c.execute(select(due).where(due.c.kind.like("draft%"))).all())
    assert left == []
    assert [row.state for row in await town.look(lambda c: c.execute(select(reports)).all())] == ["submitted"]


async def test_an_addition_that_is_never_sent_is_erased_as_well(citizen: Speaker) -> None:
    await files(citizen)
    await citizen.taps("Add something")
    await citizen.sends("还有一件事没说完")
    await citizen.town.passes(days=6, hours=1)
    assert len(warnings(citizen)) == 1
    await citizen.town.passes(days=1, hours=1)
    citizen.has_seen(ERASED)
    assert await conversation(citizen) == {}
    assert (await only_report(citizen.town)).words(added=True) == []


async def test_a_stop_over_the_hour_of_the_warning_delays_it_but_does_not_lose_it(reader: Speaker) -> None:
    await begins(reader, "since")
    town = reader.town
    await town.application.stop()
    town.clock.move(timedelta(days=10))
    town.application = await start(town.settings, town.clock)
    await town.settled()
    assert len(warnings(reader)) == 1
    assert await draft_of(reader) != {}
    await town.passes(days=1, hours=1)
    reader.has_seen(ERASED)
    fired = await town.look(lambda c: c.execute(select(due).where(due.c.kind == "draft_end")).all())
    assert [row.state for row in fired] in ([DONE], [])
