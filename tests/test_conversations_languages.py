"""Three languages: the first one is the client's, and changing it in the middle of a report loses nothing."""

from __future__ import annotations

import pytest

from handlers.telegram.texts.everybody import NATIVE
from handlers.telegram.texts.everybody import NOTES as START_NOTES
from handlers.telegram.texts.forms import QUESTIONS
from locales import LANGUAGES
from tests.talking import ALONE, Speaker, as_seen_by, begins, conversation, draft_of, files, only_report
from tests.town import Someone, Town

CHOSEN = "From now on we write to you in English."
WHOM = "<b>Whom is it about?</b>"


@pytest.mark.parametrize(
    ("client", "language"),
    [
        ("zh-hans", "zh_Hans"),
        ("zh-CN", "zh_Hans"),
        ("zh-TW", "zh_Hant"),
        ("zh-HK", "zh_Hant"),
        ("en-GB", "en"),
        ("ug", "zh_Hans"),
        (None, "zh_Hans"),
    ],
)
async def test_one_is_spoken_to_in_the_language_of_the_client_or_in_simplified_chinese(
    town: Town, client: str | None, language: str
) -> None:
    person = town.sandbox.world.create_person("newcomer", language=client)
    someone = town.people["newcomer"] = Someone(town, person)
    speaker = Speaker(someone, language)
    await speaker.sends("/start")
    speaker.sees(WHOM)


async def test_the_language_is_chosen_on_the_first_screen(citizen: Speaker) -> None:
    await citizen.sends("/start")
    for language in LANGUAGES:
        await citizen.taps_written(NATIVE[language])
        citizen.language = language
        citizen.sees(WHOM)
    assert len(citizen.history) == 1  # one screen that changes, not three


async def test_the_command_offers_all_three_and_keeps_the_choice(citizen: Speaker) -> None:
    await citizen.sends("/language")
    assert citizen.buttons == list(NATIVE.values())
    other = next(language for language in LANGUAGES if language != citizen.language)
    await citizen.taps_written(NATIVE[other])
    citizen.language = other
    citizen.sees(CHOSEN)
    await citizen.town.restart()
    await citizen.sends("/start")
    citizen.sees(WHOM)


async def test_changing_the_language_in_the_middle_keeps_everything(citizen: Speaker) -> None:
    await begins(citizen, "words")
    await citizen.sends("他打人")
    await citizen.sends_file("photo")
    for language in [each for each in LANGUAGES if each != citizen.language] + [citizen.language]:
        before = await draft_of(citizen)
        await citizen.sends("/language")
        await citizen.taps_written(NATIVE[language])
        citizen.language = language
        citizen.has_seen(CHOSEN)
        citizen.is_asked("words")
        assert await draft_of(citizen) == before
    await citizen.taps("Next")
    await citizen.taps("Next")
    await citizen.taps("Skip")
    await citizen.taps("Skip")
    citizen.sees("<b>Please look it over.</b>", ALONE, "Not right now", "Today")
    await citizen.taps("✅ Send")
    kept = await only_report(citizen.town)
    assert (kept.situation, kept.danger, kept.words(), kept.kinds_of_files()) == ("alone", False, ["他打人"], ["photo"])


async def test_what_was_asked_in_one_language_may_be_answered_in_another(reader: Speaker) -> None:
    await begins(reader, "situation")
    await reader.sends("Missing, cannot be found")
    reader.is_asked("danger")
    await reader.sends("現在沒有")
    reader.is_asked("place")
    assert (await draft_of(reader))["answers"]["danger"] == {"code": "no"}


async def test_the_old_question_in_the_old_language_still_answers(citizen: Speaker) -> None:
    await begins(citizen, "danger")
    old = citizen.remembers("Not right now")
    await citizen.sends("/language")
    other = next(language for language in LANGUAGES if language != citizen.language)
    await citizen.taps_written(NATIVE[other])
    citizen.language = other
    await citizen.taps_remembered(old)
    assert (await draft_of(citizen))["answers"]["danger"] == {"code": "no"}


async def test_the_language_chosen_while_adding_or_coming_back_leaves_one_there(citizen: Speaker) -> None:
    kept = await files(citizen)
    await citizen.taps("Add something")
    await citizen.sends("他又来了")
    await citizen.sends("/language")
    await citizen.taps_written(NATIVE[citizen.language])
    citizen.sees("<b>Adding to report {number}</b>", number=kept.number)
    await citizen.taps("✅ Done, send it")
    await citizen.sends("/reclaim")
    await citizen.sends("/language")
    await citizen.taps_written(NATIVE[citizen.language])
    citizen.sees("Please write the eight words of your receipt in one message. We never ask for passwords or money.")


async def test_a_notice_comes_in_the_language_chosen_since(citizen: Speaker) -> None:
    kept = await files(citizen)
    other = next(language for language in LANGUAGES if language != citizen.language)
    await citizen.sends("/language")
    await citizen.taps_written(NATIVE[other])
    citizen.language = other
    await as_seen_by("desk", citizen.town).taps("Accept")
    beginning = citizen.words("Your report <b>{number}</b> was accepted by public security on {at}. If you learn more, you can add it.",
                              number=kept.number, at="|").partition("|")[0]  # fmt: skip
    assert citizen.screen.startswith(beginning)


async def test_a_command_we_do_not_have_is_answered_with_what_one_can_do(citizen: Speaker) -> None:
    await citizen.sends("/foo")
    citizen.sees(START_NOTES["command"], WHOM)
    await begins(citizen, "since")
    before = await conversation(citizen)
    await citizen.sends("/foo")
    citizen.is_asked("since", "command")
    for known in ("/help", "/whoami", "/my"):
        await citizen.sends(known)
    assert await conversation(citizen) == before
    await citizen.taps("Today")  # the question further up in the chat goes on where it stands
    citizen.has_seen(QUESTIONS["words"])


async def test_help_in_the_middle_of_a_report_does_not_take_its_place(citizen: Speaker) -> None:
    await begins(citizen, "since")
    await citizen.sends("/help")
    citizen.sees("<b>How it works</b>")
    await citizen.taps("Main menu")
    citizen.sees("You have a report here that is not sent yet. Do you want to go on with it? If you begin anew, the old one is erased.")
    await citizen.taps("Go on")
    citizen.is_asked("since")
