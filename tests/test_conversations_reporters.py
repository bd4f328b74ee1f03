"""After the filing: one's own reports, what is added, and the way back with eight words."""

from __future__ import annotations

import pytest

from handlers import receipts
from handlers.telegram.texts.everybody import REASONS
from handlers.telegram.texts.forms import NOTES
from handlers.telegram.texts.reporters import RECEIPT_NOTES
from tests.talking import CLIENTS, Speaker, as_seen_by, audited, begins, conversation, draft_of, files, kept_reports, only_report
from tests.town import Town

ASKED = "Please write the eight words of your receipt in one message. We never ask for passwords or money."
BACK = "<b>Welcome back.</b> From now on we write about this report to this account; the old chat gets nothing more."
BELONGS = "Does it belong to a report you sent before, or is it something new?"
LAST_PLACE = {"places": [["badong", "422823100"]]}  # what is remembered of a report that was filed
NONE = "No report was sent from this account. If you reported from another one, come back with your receipt."


async def accepted_by_the_desk(town: Town) -> None:
    desk = as_seen_by("desk", town)
    await desk.taps("Accept")


# -- my reports


async def test_my_reports_lists_them_with_their_state(citizen: Speaker) -> None:
    await citizen.sends("/my")
    citizen.sees(NONE)
    citizen.is_offered("Come back with a receipt")
    first = await files(citizen)
    second = await files(citizen)
    desk = as_seen_by("desk", citizen.town)
    await desk.taps("Accept")  # the newest
    await citizen.sends("/start")
    await citizen.taps("My reports")
    citizen.sees("<b>Your reports</b>")
    assert citizen.words("{number}: {state}", number=first.number, state=citizen.words("received")) in citizen.buttons
    await citizen.taps("{number}: {state}", number=second.number, state=citizen.words("accepted"))
    citizen.sees("Report <b>{number}</b>", number=second.number)
    citizen.sees("State: {state}", state=citizen.words("accepted by public security"))
    citizen.is_offered("Add something", "Main menu")


async def test_nobody_sees_anothers_report(town: Town, reader: Speaker) -> None:
    kept = await files(reader)
    stranger = as_seen_by("stranger", town, "en")
    await stranger.sends("/my")
    stranger.sees(NONE)
    await reader.taps("My reports")
    copied, _ = reader.remembers("{number}: {state}", number=kept.number, state=reader.words("received"))
    await stranger.someone.forges(copied)
    assert stranger.toast == stranger.words("This button no longer works. Send /start to go on.")
    assert all(kept.number not in text for text in stranger.history)


async def test_the_reporter_is_told_at_each_step(citizen: Speaker) -> None:
    kept = await files(citizen)
    before = len(citizen.history)
    await accepted_by_the_desk(citizen.town)
    assert len(citizen.history) == before + 1
    citizen.reads(kept.number)
    citizen.is_offered("My reports")
    beginning = citizen.words("Your report <b>{number}</b> was accepted by public security on {at}. If you learn more, you can add it.",
                              number=kept.number, at="|").partition("|")[0]  # fmt: skip
    assert citizen.screen.startswith(beginning)


async def test_the_receipt_stays_in_the_chat_whatever_is_pressed_under_it(citizen: Speaker) -> None:
    await files(citizen)
    receipt = citizen.receipt
    add, mine = citizen.remembers("Add something"), citizen.remembers("My reports")
    for button in (add, mine):
        await citizen.taps_remembered(button)
        assert citizen.receipt == receipt
        assert button[1] != citizen.someone.last.id if citizen.someone.last else False


# -- adding


async def test_more_can_be_added_and_the_desk_is_told(citizen: Speaker) -> None:
    kept = await files(citizen)
    await accepted_by_the_desk(citizen.town)
    desk = as_seen_by("desk", citizen.town)
    await citizen.taps("Add something")
    citizen.sees("<b>Adding to report {number}</b>", number=kept.number)
    await citizen.sends("他又来了")
    citizen.sees("✓ Received.")
    await citizen.sends_album(2)
    await citizen.sends_file("voice")
    await citizen.sends_location(31.0, 110.3)
    citizen.sees("Ready to send: messages {words}, files {files}, locations {places}", words=1, files=3, places=1)
    await citizen.taps("✅ Done, send it")
    citizen.sees("✅ Added to report <b>{number}</b>. Those who handle it have been told.", number=kept.number)
    desk.sees("The reporter has added to report <b>{number}</b> (files: {files}).", number=kept.number, files=3)
    assert "他又来了" not in desk.screen
    added = await only_report(citizen.town)
    assert (added.words(added=True), added.kinds_of_files(added=True)) == (["他又来了"], ["photo", "photo", "voice"])
    await desk.taps("Open the report")
    assert any("他又来了" in text for text in desk.history)


async def test_before_acceptance_all_of_the_first_desks_hear_of_an_addition(town: Town, reader: Speaker) -> None:
    kept = await files(reader)
    await reader.taps("Add something")
    await reader.sends("快一点")
    await reader.taps("✅ Done, send it")
    for name in ("desk", "colleague"):
        as_seen_by(name, town).has_seen("The reporter has added to report <b>{number}</b> (files: {files}).", number=kept.number, files=0)
    assert not any(kept.number in text for text in as_seen_by("operator", town).history)


async def test_nothing_is_added_from_an_empty_hand_or_a_cancelled_one(citizen: Speaker) -> None:
    await files(citizen)
    await citizen.taps("Add something")
    await citizen.taps("✅ Done, send it")
    citizen.sees(NOTES["nothing_yet"])
    await citizen.sends("我再想想")
    await citizen.taps("Cancel")
    citizen.sees("Really erase what you wanted to add? It has not been sent.")
    await citizen.taps("No, go on")
    citizen.sees("Ready to send: messages {words}, files {files}, locations {places}", words=1, files=0, places=0)
    await citizen.taps("Cancel")
    await citizen.taps("Yes, erase it")
    citizen.sees("Nothing was added. Your report stays as it was.")
    assert (await only_report(citizen.town)).words(added=True) == []
    assert await conversation(citizen) == LAST_PLACE


async def test_sending_an_addition_twice_adds_it_once(citizen: Speaker) -> None:
    await files(citizen)
    await citizen.taps("Add something")
    await citizen.sends("他又来了")
    await citizen.taps_twice("✅ Done, send it")
    assert (await only_report(citizen.town)).words(added=True) == ["他又来了"]
    desk = as_seen_by("desk", citizen.town)
    assert sum("（文件 0 个）" in text for text in desk.history) == 1


async def test_an_addition_and_an_unfinished_report_do_not_lose_each_other(reader: Speaker) -> None:
    await files(reader)
    add = reader.remembers("Add something")
    await begins(reader, "place")
    await reader.taps_remembered(add)
    await reader.sends("这是补充的")
    await reader.sends("/start")
    reader.sees(NOTES["finish_first"])
    await reader.taps("✅ Done, send it")
    reader.is_asked("place")  # and the unfinished one is in front again
    await reader.taps_written("溪丘湾乡")
    await reader.taps("Today")
    await reader.taps("✅ Send now")
    first, second = await kept_reports(reader.town)
    assert (first.words(added=True), second.words(), second.place) == (["这是补充的"], [], "422823200")


# -- words after the filing


async def test_what_comes_after_the_filing_may_be_an_addition(citizen: Speaker) -> None:
    kept = await files(citizen)
    await citizen.sends("忘了说，他喝酒")
    citizen.sees("We have received what you sent and kept it.", BELONGS)
    citizen.reads("110")
    await citizen.sends_file("photo")
    await citizen.taps("Add it to report {number}", number=kept.number)
    citizen.sees("Ready to send: messages {words}, files {files}, locations {places}", words=1, files=1, places=0)
    await citizen.taps("✅ Done, send it")
    (only,) = await kept_reports(citizen.town)
    assert (only.words(added=True), only.kinds_of_files(added=True)) == (["忘了说，他喝酒"], ["photo"])


async def test_what_comes_after_the_filing_may_be_something_new(citizen: Speaker) -> None:
    await files(citizen)
    await citizen.sends("另一家的老人也没人管")
    await citizen.taps("It is a new report")
    citizen.is_asked("subject", "begun")
    await citizen.taps("An elderly person")
    await citizen.taps("Nobody looks after this person")
    await citizen.taps("Skip")
    await citizen.taps_written("信陵镇")
    await citizen.taps("Today")
    await citizen.taps("✅ Send now")
    first, second = await kept_reports(citizen.town)
    assert (first.words(added=True), second.words()) == ([], ["另一家的老人也没人管"])


async def test_what_comes_after_the_filing_may_be_neither(citizen: Speaker) -> None:
    await files(citizen)
    await citizen.sends("谢谢")
    await citizen.taps("Neither, erase it")
    citizen.sees("Erased; nothing of it is kept. You can come back at any time.")
    assert await conversation(citizen) == LAST_PLACE
    assert len(await kept_reports(citizen.town)) == 1


async def test_an_addition_opened_and_left_empty_does_not_stand_in_the_way(citizen: Speaker) -> None:
    kept = await files(citizen)
    await citizen.taps("Add something")
    await citizen.sends("/start")
    await citizen.sends("忘了说，他喝酒")
    await citizen.taps("Add it to report {number}", number=kept.number)
    await citizen.taps("✅ Done, send it")
    assert (await only_report(citizen.town)).words(added=True) == ["忘了说，他喝酒"]


async def test_keeping_what_was_held_after_all_asks_again_where_it_belongs(reader: Speaker) -> None:
    await files(reader)
    await reader.sends("忘了说，他喝酒")
    await reader.sends("/cancel")
    await reader.taps("No, go on")
    reader.sees(BELONGS)


async def test_long_after_the_filing_words_begin_something_new(citizen: Speaker) -> None:
    await files(citizen)
    await citizen.town.passes(days=8)
    await citizen.sends("又有一件事")
    citizen.is_asked("subject", "begun")


async def test_an_addition_that_waits_is_finished_before_another_begins(reader: Speaker) -> None:
    kept = await files(reader)
    again = reader.remembers("Add something")
    await reader.taps("Add something")
    await reader.sends("第一句")
    await reader.taps_remembered(again)
    reader.sees("Ready to send: messages {words}, files {files}, locations {places}", words=1, files=0, places=0)
    await reader.taps("✅ Done, send it")
    assert (await only_report(reader.town)).words(added=True) == ["第一句"]
    assert kept.words() == []


# -- the way back


async def test_the_receipt_brings_the_report_to_another_account_and_the_old_one_hears_no_more(citizen: Speaker) -> None:
    town = citizen.town
    kept = await files(citizen)
    receipt = citizen.receipt
    other = as_seen_by("another account", town, citizen.language)
    await other.sends("/start")
    await other.taps("Come back with a receipt")
    other.sees(ASKED)
    await other.sends(receipt)
    other.sees(BACK, "Report <b>{number}</b>", number=kept.number)
    old, new = len(citizen.history), len(other.history)
    await accepted_by_the_desk(town)
    assert (len(citizen.history), len(other.history)) == (old, new + 1)
    await citizen.sends("/my")
    citizen.sees(NONE)
    await other.taps("My reports")
    assert any(kept.number in label for label in other.buttons)
    assert len(await audited(town, "report.reclaimed")) == 1


async def test_the_old_accounts_buttons_reach_the_report_no_more(reader: Speaker) -> None:
    await files(reader)
    add = reader.remembers("Add something")
    other = as_seen_by("another account", reader.town, "en")
    await other.sends(reader.receipt)
    other.sees(BACK)
    await reader.taps_remembered(add)
    reader.sees(REASONS["not_found"])
    await other.taps("Add something")
    await other.sends("我换了手机")
    await other.taps("✅ Done, send it")
    assert (await only_report(reader.town)).words(added=True) == ["我换了手机"]


async def test_a_reader_of_another_language_may_come_back_with_the_same_words(reader: Speaker) -> None:
    await files(reader)
    numbers = receipts.parse(reader.receipt)
    assert numbers is not None
    for language in CLIENTS:
        other = as_seen_by(f"{language} account", reader.town, language)
        await other.sends(f"/reclaim {' '.join(receipts.words(language, numbers))}")
        other.sees(BACK)


@pytest.mark.parametrize("between", [" ", "", "，", "\n"])
async def test_the_words_are_read_however_they_are_set_apart(reader: Speaker, between: str) -> None:
    await files(reader)
    other = as_seen_by("another account", reader.town)
    await other.sends("/reclaim")
    await other.sends(between.join(reader.receipt.split()))
    other.sees(BACK)


async def test_a_receipt_is_never_kept_as_part_of_a_report(citizen: Speaker) -> None:
    await files(citizen)
    receipt = citizen.receipt
    await begins(citizen, "words")
    await citizen.sends(receipt)
    citizen.has_seen(BACK)
    assert "words" not in (await draft_of(citizen))["answers"]
    await citizen.sends_file("sticker")
    citizen.is_asked("words")  # the unfinished one is still there
    await citizen.taps("✅ Send now")
    assert all(receipt not in "".join(kept.words()) for kept in await kept_reports(citizen.town))


async def test_a_mistyped_receipt_is_asked_for_again_and_never_kept(citizen: Speaker) -> None:
    await files(citizen)
    eight = citizen.receipt.split()
    await citizen.sends("/reclaim")
    await citizen.sends(" ".join(eight[:7]))
    citizen.sees(RECEIPT_NOTES["unreadable"], ASKED)
    await citizen.edits(citizen.last_own(), " ".join(eight[:6]))
    citizen.sees(RECEIPT_NOTES["unreadable"])
    assert await draft_of(citizen) == {}


@pytest.mark.parametrize("language", list(CLIENTS))
async def test_a_mistyped_receipt_is_no_part_of_a_report_even_where_nobody_asked_for_one(town: Town, language: str) -> None:
    one = as_seen_by("citizen", town, language)
    await files(one)
    eight = one.receipt.split()
    await begins(one, "words")
    for mistyped in ([*eight[:7], "错字"], eight[:7], [*eight, "完"], ["错字", *eight[1:7], "又错"]):
        await one.sends(" ".join(mistyped))
        one.sees(RECEIPT_NOTES["unreadable"], ASKED)
        assert "words" not in (await draft_of(one))["answers"]
    await one.sends(" ".join(eight))
    one.sees(BACK)
    await one.sends("他又打人了")
    one.is_asked("words", "words_kept")
    assert (await draft_of(one))["answers"]["words"] == ["他又打人了"]


async def test_a_wrong_receipt_is_said_to_fit_nothing(citizen: Speaker) -> None:
    kept = await files(citizen)
    eight = citizen.receipt.split()
    other = as_seen_by("another account", citizen.town, citizen.language)
    await other.sends("/reclaim")
    await other.sends(" ".join([*eight[1:], eight[0]]) if len(set(eight)) > 1 else " ".join(eight[:7]))
    other.sees(RECEIPT_NOTES["unknown"], ASKED, tries=5)
    await other.sends("/my")
    other.sees(NONE)
    assert kept.number not in "".join(other.history)


async def test_after_five_tries_there_is_an_hours_pause_even_for_the_right_words(citizen: Speaker) -> None:
    await files(citizen)
    receipt = citizen.receipt
    wrong = " ".join(reversed(receipt.split()))
    other = as_seen_by("another account", citizen.town, citizen.language)
    await other.sends("/reclaim")
    for _ in range(5):
        await other.sends(wrong)
        other.sees(RECEIPT_NOTES["unknown"], tries=5)
    await other.sends(receipt)
    other.sees(REASONS["try_later"], figure=5)
    other.reads("110")
    await citizen.town.passes(minutes=61)
    await other.sends(receipt)
    other.sees(BACK)


async def test_words_while_a_receipt_is_asked_for_are_heard_as_words(citizen: Speaker) -> None:
    await citizen.sends("/reclaim")
    await citizen.sends("我不记得了，可是孩子还在挨打")
    citizen.is_asked("subject", "begun")
    assert (await draft_of(citizen))["answers"]["words"] == ["我不记得了，可是孩子还在挨打"]


@pytest.mark.parametrize("what", ["words", "voice", "location"])
async def test_who_asks_for_the_way_back_and_goes_on_telling_loses_nothing(reader: Speaker, what: str) -> None:
    await begins(reader, "words")
    await reader.sends("他打人")
    before = await draft_of(reader)
    await reader.sends("/reclaim")
    if what == "words":
        await reader.sends("我不记得那些词了")
    else:
        await (reader.sends_file("voice") if what == "voice" else reader.sends_location(31.0, 110.3))
    reader.is_asked("words")
    after = await draft_of(reader)
    assert after["id"] == before["id"]
    assert after["answers"]["words"][0] == "他打人"
    assert after["answers"] != before["answers"]


async def test_asking_for_the_way_back_leaves_an_unfinished_report_where_it_was(reader: Speaker) -> None:
    await begins(reader, "since")
    before = await draft_of(reader)
    await reader.sends("/reclaim")
    await reader.sends("/start")
    await reader.taps("Go on")
    reader.is_asked("since")
    assert await draft_of(reader) == before
