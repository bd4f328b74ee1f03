"""Photos, voices, albums, places and corrections on their way into a report."""

from __future__ import annotations

from conference.model.questionnaire import MAX_FILES, MAX_PIECES
from conference.model.reports import StatementKind
from handlers.forms import CORRECTION
from handlers.telegram.texts.forms import NOTES
from tests.talking import KINDS_OF_FILES, Speaker, begins, draft_of, files, only_report
from tests.town import TOKEN

HOME, SCHOOL = (31.0423, 110.3404), (31.05, 110.35)


async def test_every_kind_of_file_is_taken_at_the_question_for_it(citizen: Speaker) -> None:
    await begins(citizen, "evidence")
    for number, kind in enumerate(KINDS_OF_FILES, start=1):
        await citizen.sends_file(kind)
        citizen.is_asked("evidence", "file_kept")
        citizen.sees("Files so far: {count}", count=number)
    await citizen.taps("✅ Send now")
    assert (await only_report(citizen.town)).kinds_of_files() == list(KINDS_OF_FILES)


async def test_an_album_is_answered_once_and_all_its_pieces_are_kept(citizen: Speaker) -> None:
    await begins(citizen, "evidence")
    before = len(citizen.history)
    await citizen.sends_album(5, caption="都是今天拍的")
    assert len(citizen.history) == before + 1
    citizen.is_asked("evidence", "album_kept")
    assert citizen.words("Files so far: {count}", count=1) not in citizen.screen  # five were sent
    await citizen.sends_album(2)
    assert len(citizen.history) == before + 2
    await citizen.taps("✅ Send now")
    pieces = (await only_report(citizen.town)).bodies(StatementKind.EVIDENCE)
    assert len(pieces) == 7
    assert len({piece["album"] for piece in pieces}) == 2


async def test_a_caption_is_part_of_the_account(reader: Speaker) -> None:
    await begins(reader, "evidence")
    await reader.sends_file("photo", caption="这是他的手臂")
    await reader.taps("✅ Send now")
    kept = await only_report(reader.town)
    assert (kept.words(), kept.kinds_of_files()) == (["这是他的手臂"], ["photo"])


async def test_the_same_file_twice_is_kept_once(reader: Speaker) -> None:
    await begins(reader, "evidence")
    await reader.sends_file("photo", content=b"one and the same")
    last = reader.last_own()
    assert last.media is not None
    reader.someone.person._send(TOKEN, None, media=last.media)
    await reader.town.settled()
    assert len((await draft_of(reader))["answers"]["evidence"]) == 1


async def test_files_have_a_bound_that_is_said_even_within_an_album(citizen: Speaker) -> None:
    await begins(citizen, "evidence")
    for _ in range(MAX_FILES // 10):
        await citizen.sends_album(10)
    await citizen.sends_album(2)
    citizen.sees(NOTES["too_much_files"], figure=MAX_FILES)
    await citizen.taps("✅ Send now")
    assert len((await only_report(citizen.town)).kinds_of_files()) == MAX_FILES


async def test_messages_have_a_bound_that_is_said(reader: Speaker) -> None:
    await begins(reader, "words")
    for number in range(MAX_PIECES + 1):
        reader.someone.person.send_text(TOKEN, f"第{number}句话")
    await reader.town.settled()
    reader.sees(NOTES["too_much_pieces"], figure=MAX_PIECES)
    assert len((await draft_of(reader))["answers"]["words"]) == MAX_PIECES


async def test_a_location_joins_the_words_of_the_place(citizen: Speaker) -> None:
    await begins(citizen, "place")
    await citizen.sends("信陵镇大桥边")
    citizen.is_asked("since")
    await citizen.sends_location(*HOME)
    citizen.is_asked("since", "position_kept")
    await citizen.taps("Today")
    await citizen.taps("✅ Send now")
    kept = await only_report(citizen.town)
    assert kept.place == "422823100"
    assert kept.one(StatementKind.PLACE) == {"text": "信陵镇大桥边"}
    assert kept.one(StatementKind.LOCATION) == {"latitude": HOME[0], "longitude": HOME[1]}


async def test_a_location_alone_answers_where(citizen: Speaker) -> None:
    await begins(citizen, "place")
    await citizen.sends_location(*HOME)
    citizen.is_asked("since", "position_kept")


async def test_a_venue_brings_its_name(reader: Speaker) -> None:
    await begins(reader, "place")
    where = {"latitude": SCHOOL[0], "longitude": SCHOOL[1]}
    await reader.sends_other(location=where, venue={"location": where, "title": "县一小", "address": "解放路"})
    reader.is_asked("since", "position_kept")
    assert (await draft_of(reader))["answers"]["place"] == {"text": "县一小 解放路", "location": list(SCHOOL)}


async def test_a_later_location_replaces_the_earlier_one(reader: Speaker) -> None:
    await begins(reader, "place")
    await reader.sends_location(*HOME)
    await reader.sends_location(*SCHOOL)
    await reader.taps("Today")
    await reader.taps("✅ Send now")
    assert (await only_report(reader.town)).one(StatementKind.LOCATION) == {"latitude": SCHOOL[0], "longitude": SCHOOL[1]}


# -- corrections


async def test_an_edited_message_becomes_a_correction_and_the_first_words_stay(citizen: Speaker) -> None:
    await begins(citizen, "words")
    await citizen.sends("他打了孩子三下")
    said = citizen.last_own()
    await citizen.edits(said, "他打了孩子五下")
    citizen.is_asked("words", "correction_kept")
    await citizen.taps("✅ Send now")
    assert (await only_report(citizen.town)).words() == ["他打了孩子三下", f"{CORRECTION}他打了孩子五下"]


async def test_a_correction_is_called_one_in_the_review(citizen: Speaker) -> None:
    await begins(citizen, "review")
    await citizen.sends("三下")
    await citizen.edits(citizen.last_own(), "五下")
    citizen.sees("<b>Please look it over.</b>", "Correction: {text}", text="五下")


async def test_an_edit_that_changes_nothing_is_none(reader: Speaker) -> None:
    await begins(reader, "words")
    await reader.sends("原话")
    before = len(reader.history)
    await reader.edits(reader.last_own(), "原话")
    assert len(reader.history) == before
    assert (await draft_of(reader))["answers"]["words"] == ["原话"]


async def test_an_edited_caption_is_a_correction_and_the_file_is_not_doubled(reader: Speaker) -> None:
    await begins(reader, "evidence")
    await reader.sends_file("photo", caption="左手")
    await reader.edits(reader.last_own(), "右手")
    answers = (await draft_of(reader))["answers"]
    assert answers["words"] == ["左手", f"{CORRECTION}右手"]
    assert len(answers["evidence"]) == 1
    reader.is_asked("evidence", "correction_kept")


async def test_an_edit_after_filing_is_asked_about_and_can_be_added(citizen: Speaker) -> None:
    await begins(citizen, "words")
    await citizen.sends("三下")
    said = citizen.last_own()
    await citizen.taps("✅ Send now")
    kept = await only_report(citizen.town)
    await citizen.edits(said, "五下")
    citizen.sees("Does it belong to a report you sent before, or is it something new?")
    await citizen.taps("Add it to report {number}", number=kept.number)
    await citizen.taps("✅ Done, send it")
    assert [words.removeprefix(CORRECTION) for words in (await only_report(citizen.town)).words(added=True)] == ["五下"]


async def test_an_edit_while_adding_is_a_correction_too(reader: Speaker) -> None:
    await files(reader)
    await reader.taps("Add something")
    await reader.sends("明天他要来")
    await reader.edits(reader.last_own(), "后天他要来")
    reader.sees(NOTES["correction_kept"])
    await reader.taps("✅ Done, send it")
    assert (await only_report(reader.town)).words(added=True) == ["明天他要来", f"{CORRECTION}后天他要来"]


async def test_a_receipt_word_for_word_in_an_edit_is_not_kept(reader: Speaker) -> None:
    await files(reader)
    receipt = reader.receipt
    await reader.sends("我写点别的")
    await reader.edits(reader.last_own(), receipt)
    assert receipt not in repr(await draft_of(reader))
    reader.has_seen("<b>Welcome back.</b> From now on we write about this report to this account; the old chat gets nothing more.")


async def test_a_live_location_moves_silently(reader: Speaker) -> None:
    await begins(reader, "place")
    await reader.sends_location(*HOME)
    said = reader.last_own()
    before = len(reader.history)
    said.other["location"] = {"latitude": SCHOOL[0], "longitude": SCHOOL[1]}
    reader.town.sandbox.world.spread("edited_message", said)
    await reader.town.settled()
    assert len(reader.history) == before
    assert (await draft_of(reader))["answers"]["place"]["location"] == list(SCHOOL)
