"""From the first word to the number: a citizen reports, question by question."""

from __future__ import annotations

from typing import Any

from conference.model.questionnaire import MAX_FILE_BYTES, Draft, questionnaire
from conference.model.reports import Receipt, StatementKind
from conference.services.reports import file_report
from handlers.telegram.texts.everybody import NATIVE
from handlers.telegram.texts.everybody import NOTES as START_NOTES
from handlers.telegram.texts.forms import NOTES, QUESTIONS
from handlers.words import OPTIONS
from storage.tables import audit, outbox, reporters, reports
from storage.unit_of_work import Unit
from tests.engine import all_of
from tests.talking import ALONE, KINDS_OF_FILES, Speaker, as_seen_by, begins, conversation, draft_of, files, kept_reports, only_report
from tests.town import Town, actor_of

WHERE = (31.0423, 110.3404)
NAMELESS = ("匿名", "anonym", "Anonym", "不会有人知道", "不會有人知道")
WHOM = "<b>Whom is it about?</b>"
SENT = "<b>Your report has been sent.</b>\nNumber: <b>{number}</b>"
CALL_FIRST = "🚨 <b>If somebody is in danger now, call 110 first.</b> If somebody is hurt or ill, call 120."
CALL_NOW = (
    "🚨 <b>Please call 110 now.</b> If somebody is hurt or ill, call 120.\nGet to a safe place first. What you wrote is kept; "
    "come back when you can, and the report goes on below."
)


# -- the first screen


async def test_the_first_screen_puts_110_before_all_and_is_honest_about_confidentiality(citizen: Speaker) -> None:
    await citizen.sends("/start")
    citizen.sees(CALL_FIRST, WHOM)
    citizen.reads("110", "120", "Telegram")
    confidential, question = citizen.screen.index("🔒"), citizen.screen.index(citizen.words(WHOM))
    assert citizen.screen.index("110") < confidential < question
    assert not any(promise in citizen.screen for promise in NAMELESS)
    profile = citizen.town.application.conversing.conferences.head("badong")
    citizen.reads(profile.name_en if citizen.language == "en" else profile.name_zh)
    citizen.is_offered(*OPTIONS["subject"].values(), "How it works", "My reports", "Come back with a receipt")
    assert set(NATIVE.values()) <= set(citizen.buttons)


async def test_how_it_works_is_one_tap_away_and_promises_no_namelessness(citizen: Speaker) -> None:
    await citizen.sends("/start")
    await citizen.taps("How it works")
    citizen.sees("<b>How it works</b>", CALL_FIRST, "<b>Your privacy</b>")
    citizen.sees("We never ask for passwords, codes or money. Whoever asks you for them is not us.")
    assert not any(promise in citizen.screen for promise in NAMELESS)
    await citizen.taps("Main menu")
    citizen.sees(WHOM)


# -- the shortest way, and the whole way


async def test_the_shortest_way_to_the_number_takes_seven_acts(citizen: Speaker) -> None:
    await citizen.sends("/start")
    await citizen.taps("A child")
    citizen.is_asked("situation")
    await citizen.taps(ALONE)
    citizen.is_asked("danger")
    await citizen.taps("Skip")
    citizen.is_asked("place")
    citizen.is_not_offered("Skip", "✅ Send now")
    await citizen.taps_written("信陵镇")
    citizen.is_asked("since")
    citizen.is_not_offered("Skip", "✅ Send now")
    await citizen.taps("Today")
    citizen.is_asked("words")
    await citizen.taps("✅ Send now")
    kept = await only_report(citizen.town)
    assert citizen.acts <= 7
    citizen.has_seen(SENT, number=kept.number)
    assert (kept.subject, kept.situation, kept.danger, kept.place, kept.reporter) == ("child", "alone", None, "422823100", "citizen")
    assert kept.one(StatementKind.SINCE) == {"code": "today"}
    assert not kept.mandatory


async def test_every_question_is_asked_and_every_answer_kept(citizen: Speaker) -> None:
    await citizen.sends("/start")
    await citizen.taps("An elderly person")
    await citizen.taps("Beaten or abused at home")
    await citizen.taps("Not right now")
    await citizen.taps_written("溪丘湾乡")
    await citizen.taps("These last weeks")
    citizen.is_asked("words")
    await citizen.sends("他儿子喝了酒就打他。")
    citizen.is_asked("words", "words_kept")
    citizen.sees("Messages so far: {count}", count=1)
    await citizen.sends("上个月也打过。")
    await citizen.taps("Next")
    citizen.is_asked("evidence")
    await citizen.sends_file("photo")
    citizen.is_asked("evidence", "file_kept")
    citizen.sees("Files so far: {count}", count=1)
    await citizen.taps("Next")
    citizen.is_asked("reporter")
    await citizen.taps("A neighbour or friend")
    citizen.is_asked("contact")
    await citizen.taps("Yes, contact me here")
    citizen.sees("<b>Please look it over.</b>")
    citizen.sees("An elderly person", "Beaten or abused at home", "Not right now", "These last weeks", "A neighbour or friend")
    citizen.reads("溪丘湾乡", "他儿子喝了酒就打他。\n上个月也打过。")
    citizen.sees("{count} received", count=1)
    assert await kept_reports(citizen.town) == []
    await citizen.taps("✅ Send")
    kept = await only_report(citizen.town)
    assert (kept.subject, kept.situation, kept.danger, kept.place, kept.reporter) == ("elder", "violence", False, "422823200", "neighbour")
    assert kept.words() == ["他儿子喝了酒就打他。", "上个月也打过。"]
    assert kept.kinds_of_files() == ["photo"]
    assert kept.one(StatementKind.SINCE) == {"code": "weeks"}
    assert kept.particulars == {"contact": {"code": "here"}}


async def test_after_filing_comes_the_number_the_receipt_and_what_happens_next(citizen: Speaker) -> None:
    kept = await files(citizen)
    citizen.has_seen(SENT, number=kept.number)
    assert len(citizen.receipt.split()) == 8
    citizen.sees("<b>What happens next</b>", "· When they accept it, we tell you here.")
    citizen.sees("· The office of the joint conference sees it too; it cannot hold it back.")
    citizen.is_offered("Add something", "My reports")
    citizen.has_seen("✅ Sent. The number is <b>{number}</b>.", number=kept.number)
    assert (await conversation(citizen)).get("draft") is None


async def test_every_situation_can_be_reported_something_else_is_never_refused(reader: Speaker) -> None:
    options = questionnaire()["situation"].options
    for code in options:
        await reader.sends("/start")
        await reader.taps("Somebody else")
        await reader.taps(OPTIONS["situation"][code])
        await reader.taps("I am not sure")
        await reader.taps_written("金果坪乡")
        await reader.taps("I do not know")
        await reader.taps("✅ Send now")
    kept = await kept_reports(reader.town)
    assert [(each.subject, each.situation, each.danger) for each in kept] == [("someone", code, None) for code in options]


# -- danger


async def test_danger_shows_110_first_and_the_report_goes_on(citizen: Speaker) -> None:
    await begins(citizen, "danger")
    await citizen.taps("Yes, in danger now")
    citizen.is_asked("place")
    assert citizen.screen.startswith(citizen.words(CALL_NOW))
    await citizen.taps_written("信陵镇")
    citizen.sees_not(CALL_NOW)
    await citizen.taps("Happening right now")
    await citizen.taps("✅ Send now")
    assert (await only_report(citizen.town)).danger is True
    citizen.reads("110")


async def test_danger_that_is_typed_shows_110_as_well(reader: Speaker) -> None:
    await begins(reader, "danger")
    for said in ("1", "有，现在就有危险", "Yes, in danger now!"):
        await reader.sends(said)
        assert reader.screen.startswith(reader.words(CALL_NOW))
        assert (await draft_of(reader))["answers"]["danger"] == {"code": "yes"}
        await reader.taps("← Back")


async def test_danger_that_is_only_said_in_the_review_shows_110_before_it(citizen: Speaker) -> None:
    await begins(citizen, "review")
    for typed in (False, True):
        await citizen.taps("Change: {title}", title=citizen.words("Danger now"))
        await (citizen.sends("1") if typed else citizen.taps("Yes, in danger now"))
        citizen.sees("<b>Please look it over.</b>")
        assert citizen.screen.startswith(citizen.words(CALL_NOW))


# -- a report may simply begin


async def test_the_first_words_begin_a_report_with_them_inside(citizen: Speaker) -> None:
    await citizen.sends("隔壁的孩子三天没吃饭了")
    citizen.sees(NOTES["begun"], QUESTIONS["subject"])
    await citizen.taps("A child")
    await citizen.taps("Nobody looks after this person")
    await citizen.taps("Not right now")
    await citizen.taps_written("信陵镇")
    await citizen.taps("These last days")
    await citizen.taps("✅ Send now")
    kept = await only_report(citizen.town)
    assert kept.words() == ["隔壁的孩子三天没吃饭了"]
    assert citizen.acts <= 7


async def test_any_file_begins_a_report_with_it_inside(town: Town, citizen: Speaker) -> None:
    for kind in KINDS_OF_FILES:
        sender = as_seen_by(f"sender of a {kind}", town, citizen.language)
        bare = kind in ("voice", "video_note")  # they bear no caption
        await sender.sends_file(kind, **({} if bare else {"caption": "你们看"}))
        sender.sees(NOTES["begun"], QUESTIONS["subject"])
        await finishes(sender)
        kept = (await kept_reports(town))[-1]
        assert kept.kinds_of_files() == [kind]
        assert kept.words() == ([] if bare else ["你们看"])


async def test_an_album_begins_one_report_and_is_kept_together(citizen: Speaker) -> None:
    await citizen.sends_album(3)
    citizen.has_seen(NOTES["begun"])
    assert len(citizen.history) == 1
    await finishes(citizen)
    pieces = (await only_report(citizen.town)).bodies(StatementKind.EVIDENCE)
    assert len(pieces) == 3
    assert len({piece["album"] for piece in pieces}) == 1
    assert len({piece["unique_id"] for piece in pieces}) == 3


async def test_a_location_begins_a_report_and_answers_where(citizen: Speaker) -> None:
    await citizen.sends_location(*WHERE)
    citizen.sees(NOTES["begun"], QUESTIONS["subject"])
    await citizen.taps("A woman")
    await citizen.taps("Harmed or bullied by somebody")
    await citizen.taps("Not right now")
    citizen.is_asked("since")
    await citizen.taps("Today")
    await citizen.taps("✅ Send now")
    kept = await only_report(citizen.town)
    assert kept.one(StatementKind.LOCATION) == {"latitude": WHERE[0], "longitude": WHERE[1]}
    assert kept.place is None


async def test_a_cry_for_help_behind_a_command_is_kept(reader: Speaker) -> None:
    for said in ("/help 他在打我", "/start 救救孩子", "/报告 有人受伤"):
        await reader.sends(said)
    draft = await draft_of(reader)
    assert draft["answers"]["words"] == ["/help 他在打我", "/start 救救孩子", "/报告 有人受伤"]


async def finishes(speaker: Speaker) -> None:
    """From the first question to the number."""
    await speaker.taps("A child")
    await speaker.taps("Nobody looks after this person")
    await speaker.taps("Not right now")
    await speaker.taps_written("信陵镇")
    await speaker.taps("Today")
    await speaker.taps("✅ Send now")


# -- typed answers


async def test_an_option_may_be_typed_by_its_name_or_number(citizen: Speaker) -> None:
    await citizen.sends("/start")
    await citizen.taps("A child")
    await citizen.sends(citizen.words("Missing, cannot be found"))
    citizen.is_asked("danger")
    await citizen.sends("2")
    citizen.is_asked("place")
    await citizen.sends("野三关镇")
    citizen.is_asked("since")
    await citizen.sends(" ２ ")  # a full-width digit, as a Chinese keyboard gives it
    citizen.is_asked("words")
    await citizen.taps("✅ Send now")
    kept = await only_report(citizen.town)
    assert (kept.situation, kept.danger, kept.place) == ("missing", False, "422823107")
    assert kept.one(StatementKind.SINCE) == {"code": "today"}
    assert kept.words() == []


async def test_other_words_at_a_choice_are_kept_as_the_account(citizen: Speaker) -> None:
    await begins(citizen, "situation")
    await citizen.sends("那个孩子天天在村口坐着，没人管他吃饭，也没人管他上学")
    citizen.is_asked("situation", "words_kept")
    await citizen.taps("Nobody looks after this person")
    await citizen.taps("Skip")
    await citizen.taps_written("信陵镇")
    await citizen.taps("Today")
    citizen.sees("Messages so far: {count}", count=1)
    await citizen.taps("✅ Send now")
    assert (await only_report(citizen.town)).words() == ["那个孩子天天在村口坐着，没人管他吃饭，也没人管他上学"]


async def test_a_place_outside_the_list_is_taken_as_said(citizen: Speaker) -> None:
    await begins(citizen, "place")
    await citizen.sends("王家湾小学后面第二家")
    citizen.is_asked("since", "place_as_said")
    await citizen.taps("Today")
    await citizen.taps("✅ Send now")
    kept = await only_report(citizen.town)
    assert kept.place is None
    assert kept.one(StatementKind.PLACE) == {"text": "王家湾小学后面第二家"}


async def test_a_township_within_words_is_recognised_and_the_words_are_kept(reader: Speaker) -> None:
    await begins(reader, "place")
    await reader.sends("绿葱坡镇北界村3组")
    reader.is_asked("since")
    reader.sees_not(NOTES["place_as_said"])
    await reader.taps("Today")
    await reader.taps("✅ Send now")
    kept = await only_report(reader.town)
    assert (kept.place, kept.one(StatementKind.PLACE)) == ("422823105", {"text": "绿葱坡镇北界村3组"})


async def test_a_story_at_the_place_is_kept_and_the_place_asked_again(citizen: Speaker) -> None:
    await begins(citizen, "place")
    story = "我昨天路过那里，" * 40
    await citizen.sends(story)
    citizen.is_asked("place", "words_instead")
    assert (await draft_of(citizen))["answers"]["words"] == [story.strip()]


async def test_a_day_may_be_named(citizen: Speaker) -> None:
    await begins(citizen, "since")
    await citizen.sends("last Wednesday" if citizen.language == "en" else "上周三")
    citizen.is_asked("words")
    await citizen.taps("✅ Send now")
    since = (await only_report(citizen.town)).one(StatementKind.SINCE)
    assert since["date"] in ("2026-11-18", "2026-11-25")  # 26 November 2026 is a Thursday


async def test_a_day_to_come_is_asked_again_and_nothing_is_lost(citizen: Speaker) -> None:
    await begins(citizen, "since")
    before = (await draft_of(citizen))["answers"]
    await citizen.sends("tomorrow" if citizen.language == "en" else "明天")
    citizen.is_asked("since", "future_date")
    assert (await draft_of(citizen))["answers"] == before


async def test_a_time_that_is_no_date_is_taken_as_said(citizen: Speaker) -> None:
    await begins(citizen, "since")
    await citizen.sends("他爸走了以后")
    citizen.is_asked("words", "since_as_said")
    await citizen.taps("✅ Send now")
    assert (await only_report(citizen.town)).one(StatementKind.SINCE) == {"text": "他爸走了以后"}


# -- what does not fit


ODD: dict[str, Any] = {
    "contact": {"contact": {"phone_number": "+8613900000000", "first_name": "x"}},
    "dice": {"dice": {"emoji": "🎲", "value": 3}},
    "poll": {
        "poll": {
            "id": "1", "question": "?", "options": [], "total_voter_count": 0, "is_closed": False,
            "is_anonymous": True, "type": "regular", "allows_multiple_answers": False, "allows_revoting": False, "members_only": False,
        }
    },
}  # fmt: skip


async def test_what_cannot_be_taken_in_gets_a_sentence_and_loses_nothing(citizen: Speaker) -> None:
    await begins(citizen, "situation")
    for goes_on in ("Missing, cannot be found", "Skip", "", "Today", "Skip", "Skip", "Skip", "Skip", ""):
        before = await draft_of(citizen)
        for kind in ("sticker", "animation", *ODD):
            count = len(citizen.history)
            await (citizen.sends_other(**ODD[kind]) if kind in ODD else citizen.sends_file(kind))
            assert len(citizen.history) == count + 1, f"a {kind} is answered by silence at {before['at']}"
            citizen.sees(NOTES["unexpected"])
            citizen.is_offered("Cancel")
        assert await draft_of(citizen) == before
        if before["at"] == "place":
            await citizen.taps_written("信陵镇")
        elif goes_on:
            await citizen.taps(goes_on)
    citizen.sees("<b>Please look it over.</b>")


async def test_a_sticker_before_anything_shows_the_first_screen_with_a_sentence(citizen: Speaker) -> None:
    await citizen.sends_file("sticker")
    citizen.sees(START_NOTES["unexpected"], CALL_FIRST, WHOM)
    assert await draft_of(citizen) == {}


async def test_a_file_of_30_mb_is_refused_with_the_bound_and_nothing_is_lost(citizen: Speaker) -> None:
    await begins(citizen, "evidence")
    before = await draft_of(citizen)
    await citizen.sends_file("video", size=30 * 1024 * 1024)
    citizen.sees(NOTES["too_much_file_size"], size=20)
    citizen.reads("20 MB")
    assert await draft_of(citizen) == before
    await citizen.sends_file("video", size=MAX_FILE_BYTES)
    citizen.sees(NOTES["file_kept"])


async def test_a_file_of_30_mb_as_the_first_thing_still_keeps_its_caption(reader: Speaker) -> None:
    await reader.sends_file("video", size=30 * 1024 * 1024, caption="有人在打孩子")
    reader.sees(NOTES["too_much_file_size"], QUESTIONS["subject"], size=20)
    assert (await draft_of(reader))["answers"] == {"words": ["有人在打孩子"]}


async def test_a_voice_at_a_choice_is_kept_and_the_question_stays(citizen: Speaker) -> None:
    await begins(citizen, "situation")
    await citizen.sends_file("voice", duration=20)
    citizen.is_asked("situation", "file_kept")
    assert [file["kind"] for file in (await draft_of(citizen))["answers"]["evidence"]] == ["voice"]


async def test_words_have_a_bound_that_is_said_and_what_was_there_stays(citizen: Speaker) -> None:
    await begins(citizen, "words")
    for letter in "甲乙丙":
        await citizen.sends(letter * 4000)
    await citizen.sends("丁" * 10)
    citizen.sees(NOTES["too_much_words"], figure=12_000)
    citizen.is_asked("words")
    await citizen.taps("Next")
    await citizen.taps("✅ Send now")
    assert (await only_report(citizen.town)).words() == [letter * 4000 for letter in "甲乙丙"]


async def test_an_answer_of_one_line_that_is_a_page_becomes_words(reader: Speaker) -> None:
    await begins(reader, "contact")
    await reader.sends("请" * 500)
    reader.is_asked("contact", "words_instead")
    assert (await draft_of(reader))["answers"]["words"] == ["请" * 500]


# -- back, skip, review, change


async def test_one_can_go_back_and_answer_again(citizen: Speaker) -> None:
    await begins(citizen, "place")
    await citizen.taps("← Back")
    citizen.is_asked("danger")
    await citizen.taps("← Back")
    citizen.is_asked("situation")
    assert f"✓ {citizen.words(ALONE)}" in citizen.buttons
    await citizen.taps("Something else")
    citizen.is_asked("danger")
    await citizen.taps("← Back")
    await citizen.taps("← Back")
    citizen.is_asked("subject")
    citizen.is_not_offered("← Back")
    await citizen.taps("An elderly person")
    await citizen.taps("Something else")
    await citizen.taps("Next")
    await citizen.taps_written("信陵镇")
    await citizen.taps("Today")
    await citizen.taps("✅ Send now")
    kept = await only_report(citizen.town)
    assert (kept.subject, kept.situation, kept.danger) == ("elder", "other", False)


async def test_all_that_is_not_required_can_be_skipped(citizen: Speaker) -> None:
    await citizen.sends("一个老人没人管")
    await citizen.taps("Skip")
    await citizen.taps("Nobody looks after this person")
    await citizen.taps("Skip")
    await citizen.taps_written("信陵镇")
    await citizen.taps("Today")
    await citizen.taps("Next")  # the words are there already
    await citizen.taps("Skip")
    await citizen.taps("Skip")
    citizen.is_asked("contact")
    await citizen.taps("Skip")
    citizen.sees("<b>Please look it over.</b>", "not given")
    await citizen.taps("✅ Send")
    kept = await only_report(citizen.town)
    assert (kept.subject, kept.danger, kept.reporter) == (None, None, "citizen")
    assert kept.particulars == {}


async def test_the_review_lets_one_answer_be_changed_and_comes_back(citizen: Speaker) -> None:
    await begins(citizen, "review")
    await citizen.taps("Change: {title}", title=citizen.words("Where"))
    citizen.is_asked("place")
    citizen.sees("Your answer so far: {answer}", answer="信陵镇")
    await citizen.sends("沿渡河镇")
    citizen.sees("<b>Please look it over.</b>")
    citizen.reads("沿渡河镇")
    assert "信陵镇" not in citizen.screen
    await citizen.taps("Change: {title}", title=citizen.words("What is happening"))
    await citizen.taps("Leave it as it is")
    citizen.sees("<b>Please look it over.</b>", ALONE)
    await citizen.taps("Change: {title}", title=citizen.words("In your words"))
    await citizen.sends("补一句")
    await citizen.taps("Leave it as it is")
    citizen.reads("补一句")
    await citizen.taps("✅ Send")
    kept = await only_report(citizen.town)
    assert (kept.place, kept.situation, kept.words()) == ("422823102", "alone", ["补一句"])


async def test_in_the_review_words_and_files_may_still_be_sent(citizen: Speaker) -> None:
    await begins(citizen, "review")
    await citizen.sends("还有一件事")
    citizen.sees(NOTES["words_kept"], "<b>Please look it over.</b>")
    citizen.reads("还有一件事")
    await citizen.sends_album(2)
    await citizen.taps("✅ Send")
    kept = await only_report(citizen.town)
    assert (kept.words(), kept.kinds_of_files()) == (["还有一件事"], ["photo", "photo"])


async def test_one_can_go_back_from_the_review(reader: Speaker) -> None:
    await begins(reader, "review")
    await reader.taps("← Back")
    reader.is_asked("contact")


async def test_a_long_account_is_shown_in_part_and_filed_whole(reader: Speaker) -> None:
    await begins(reader, "review")
    for letter in "甲乙":
        await reader.sends(letter * 4000)
    reader.sees("{count} characters", count=8001)
    await reader.taps("✅ Send")
    assert "".join((await only_report(reader.town)).words()) == "甲" * 4000 + "乙" * 4000


# -- once


async def test_sending_twice_files_once(citizen: Speaker) -> None:
    await begins(citizen)
    await citizen.taps_twice("✅ Send now")
    kept = await only_report(citizen.town)
    citizen.has_seen(SENT, number=kept.number)
    citizen.has_seen("This report was sent already. Its number is <b>{number}</b>.", number=kept.number)


async def test_a_button_pressed_twice_answers_one_question_only(citizen: Speaker) -> None:
    await begins(citizen, "danger")
    await citizen.taps_twice("Not right now")
    citizen.is_asked("place")
    assert citizen.toast == citizen.words("This step is done already. Here is where you are now.")
    answers = (await draft_of(citizen))["answers"]
    assert (answers["danger"], "place" in answers) == ({"code": "no"}, False)


async def test_a_button_of_a_step_long_gone_changes_nothing_and_shows_where_one_is(citizen: Speaker) -> None:
    await begins(citizen, "situation")
    old = citizen.remembers("Something else")
    back = citizen.remembers("← Back")
    await citizen.taps("Hurt in an accident")
    await citizen.taps("Skip")
    citizen.is_asked("place")
    before = await draft_of(citizen)
    for button in (old, back):
        await citizen.taps_remembered(button)
        assert citizen.toast == citizen.words("This step is done already. Here is where you are now.")
        citizen.is_asked("place")
    assert await draft_of(citizen) == before


async def test_a_button_of_a_filed_report_says_its_number_and_files_nothing(citizen: Speaker) -> None:
    await begins(citizen)
    submit, back = citizen.remembers("✅ Send now"), citizen.remembers("← Back")
    await citizen.taps("✅ Send now")
    kept = await only_report(citizen.town)
    for button in (submit, back):
        await citizen.taps_remembered(button)
        citizen.has_seen("This report was sent already. Its number is <b>{number}</b>.", number=kept.number)
    assert len(await kept_reports(citizen.town)) == 1
    assert await draft_of(citizen) == {}


async def test_beginning_twice_keeps_one_draft(reader: Speaker) -> None:
    await reader.sends("/start")
    await reader.taps_twice("A child")
    first = await draft_of(reader)
    reader.sees("You have a report here that is not sent yet. Do you want to go on with it? If you begin anew, the old one is erased.")
    await reader.taps("Go on")
    reader.is_asked("situation")
    assert (await draft_of(reader))["id"] == first["id"]


# -- in what role


async def test_those_with_a_duty_to_report_get_their_path_and_their_unit(citizen: Speaker) -> None:
    await citizen.sends("/start")
    await citizen.taps("I work at a school, hospital, village committee …")
    citizen.is_asked("reporter")
    await citizen.taps("School or kindergarten staff")
    citizen.is_asked("unit")
    await citizen.sends("信陵镇中心小学")
    citizen.is_asked("subject")
    await citizen.taps("A child")
    await citizen.taps("Beaten or abused at home")
    await citizen.taps("Not right now")
    await citizen.taps_written("信陵镇")
    await citizen.taps("Today")
    await citizen.taps("Skip")
    await citizen.taps("Skip")
    citizen.is_asked("contact")
    await citizen.taps("Please do not contact me")
    await citizen.taps("✅ Send")
    kept = await only_report(citizen.town)
    assert (kept.mandatory, kept.reporter) == (True, "school")
    assert kept.particulars == {"unit": {"text": "信陵镇中心小学"}, "contact": {"code": "no"}}
    citizen.has_seen("Thank you for doing your duty to report. The time of your report is kept as proof of it.")


async def test_every_body_with_a_duty_is_marked_as_such_and_nobody_else(reader: Speaker) -> None:
    marked = {}
    for code, label in OPTIONS["reporter"].items():
        await begins(reader, "reporter")
        await reader.taps(label)
        await reader.taps("✅ Send now")
        marked[code] = (await kept_reports(reader.town))[-1].mandatory
    assert {code for code, duty in marked.items() if duty} == {"school", "hospital", "village", "social_work", "rescue", "other_duty"}


async def test_a_private_person_is_not_asked_for_a_unit(reader: Speaker) -> None:
    await begins(reader, "contact")
    assert (await draft_of(reader))["answers"]["reporter"] == {"code": "neighbour"}
    reader.is_asked("contact")


async def test_who_turns_out_to_be_a_private_person_leaves_no_unit_behind(reader: Speaker) -> None:
    await begins(reader, "reporter")
    await reader.taps("Hospital or clinic staff")
    await reader.sends("县医院")
    await reader.taps("← Back")
    await reader.taps("← Back")
    reader.is_asked("reporter")
    await reader.taps("A relative")
    reader.is_asked("contact")
    await reader.taps("✅ Send now")
    kept = await only_report(reader.town)
    assert (kept.mandatory, kept.reporter, kept.particulars) == (False, "relative", {})


# -- contact


async def test_a_phone_number_is_kept_apart_as_the_contact(citizen: Speaker) -> None:
    await begins(citizen, "contact")
    await citizen.sends("13912345678 晚上七点以后")
    citizen.sees("<b>Please look it over.</b>")
    await citizen.taps("✅ Send")
    kept = await only_report(citizen.town)
    assert kept.particulars == {"contact": {"text": "13912345678 晚上七点以后"}}
    assert "13912345678" not in repr(kept.statements)


async def test_two_people_report_at_once_and_do_not_meet(town: Town, reader: Speaker) -> None:
    other = as_seen_by("another", town, "en")
    await begins(reader, "place")
    await begins(other, "place")
    await reader.taps_written("信陵镇")
    await other.taps_written("溪丘湾乡")
    await reader.taps("Today")
    await other.taps("A month or longer")
    await other.taps("✅ Send now")
    await reader.taps("✅ Send now")
    first, second = await kept_reports(town)
    assert (first.place, second.place) == ("422823200", "422823100")
    assert first.number != second.number


async def test_a_draft_is_filed_once_and_the_second_time_tells_nobody(town: Town) -> None:
    """In the chat a second tap comes too late; what two processes do at once ends here."""
    draft = Draft.begin("one draft")
    draft.choose("subject", "child")
    draft.choose("situation", "alone")
    draft.place(text="信陵镇")
    draft.since("昨天")
    found = []
    for word in (1, 2):
        receipt = Receipt([word] * 8, bytes([word] * 32))

        def file(unit: Unit, receipt: Receipt = receipt) -> tuple[int | None, str]:
            report = file_report(unit, actor_of(unit, town, "ann"), draft, receipt, unit.conferences.profile("badong"), at=unit.at)
            return report.id, report.number

        found.append(await town.application.desk.act(file))
    assert found[0] == found[1]
    assert len(await town.look(all_of(reports))) == len(await town.look(all_of(reporters))) == 1
    assert len(await town.look(all_of(audit, action="report.filed"))) == 1
    assert len(await town.look(all_of(outbox, record="ReportFiled"))) == 1
