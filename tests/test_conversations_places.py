"""Where it happens: lists in pages, names half written, the village as something that may be added, and what was chosen last."""

from __future__ import annotations

import pytest

from bot.territory import initials_of
from conference.model.reports import StatementKind
from conference.services.territory import import_territory, read_territory
from handlers.telegram.texts import places as said
from handlers.telegram.texts.forms import NOTES
from storage import conversations
from storage.tables import conversations as talks
from storage.unit_of_work import Unit
from tests.engine import all_of, find_buttons
from tests.talking import Kept, Speaker, as_seen_by, begins, conversation, draft_of, files, kept_reports, only_report
from tests.town import Town, open_town

HEAD = "code,name,level,parent\n"
MANY = "".join(f"4228239{number:02},第{name}镇,township,422823\n" for number, name in enumerate("一二三四五六七八九十", 1))
PASSED = "That question is answered already; here is where you stand."


async def bring(town: Town, text: str) -> None:
    """Import these lines as an operator does."""

    def verb(uow: Unit) -> None:
        import_territory(uow, read_territory((HEAD + text).encode(), initials_of).rows, at=uow.at)

    await town.application.desk.act(verb)


async def more_townships(town: Town) -> None:
    """Badong with ten more, so that the list takes two pages; its villages are gone with that file."""
    townships = [p for p in BADONG.split() if p]
    await bring(
        town, "422823,巴东县,county,\n" + "".join(f"4228231{n:02},{name},township,422823\n" for n, name in enumerate(townships)) + MANY
    )


BADONG = "信陵镇 东瀼口镇 沿渡河镇 官渡口镇 茶店子镇 绿葱坡镇 大支坪镇 野三关镇 水布垭镇 清太坪镇"


async def sends_it(speaker: Speaker) -> Kept:
    await speaker.taps("Today")
    await speaker.taps("✅ Send now")
    return (await kept_reports(speaker.town))[-1]


# -- pages


async def test_a_long_list_is_turned_page_by_page(citizen: Speaker) -> None:
    await more_townships(citizen.town)
    await begins(citizen, "place")
    citizen.is_asked("place")
    assert "第十镇" not in citizen.buttons
    citizen.is_offered("Next page ▶")
    citizen.is_not_offered("◀ Previous page")
    before = len(citizen.history)
    await citizen.taps("Next page ▶")
    assert len(citizen.history) == before, "a page takes the place of the other"
    citizen.is_offered("◀ Previous page")
    citizen.is_not_offered("Next page ▶")
    assert "信陵镇" not in citizen.buttons
    await citizen.taps("◀ Previous page")
    assert "信陵镇" in citizen.buttons
    await citizen.taps("Next page ▶")
    await citizen.taps_written("第十镇")
    assert (await sends_it(citizen)).place == "422823910"


async def test_rows_are_narrow(citizen: Speaker) -> None:
    await begins(citizen, "place")
    rows = (citizen.someone.last.markup or {})["inline_keyboard"] if citizen.someone.last else []
    assert rows
    assert all(len(row) <= 2 for row in rows)


async def test_buttons_of_a_page_that_is_over_change_nothing(citizen: Speaker) -> None:
    await more_townships(citizen.town)
    await begins(citizen, "place")
    page, township = citizen.remembers("Next page ▶"), citizen.remembers_written("野三关镇")
    await citizen.taps_written("信陵镇")
    for stale in (page, township):
        await citizen.taps_remembered(stale)
        citizen.is_asked("since")
        assert citizen.toast
    assert (await draft_of(citizen))["answers"]["place"]["name"] == "信陵镇"


async def test_a_place_that_ended_meanwhile_is_refused_gently(citizen: Speaker) -> None:
    await begins(citizen, "place")
    await citizen.town.application.desk.act(lambda uow: uow.places.end(["422823201", "422823100"], uow.at))
    await citizen.taps_written("金果坪乡")
    citizen.is_asked("place", "place_gone")
    assert "金果坪乡" not in citizen.buttons
    assert "place" not in (await draft_of(citizen))["answers"]
    await citizen.taps_written("野三关镇")
    await citizen.town.application.desk.act(lambda uow: uow.places.end(["422823107"], uow.at))
    await citizen.taps("➕ {place}: add the {level}", place="野三关镇", level=village(citizen))
    citizen.is_asked("place", "place_gone")
    await citizen.taps("Next")
    assert (await sends_it(citizen)).place == "422823107", "what was said stays said"


def village(speaker: Speaker) -> str:
    words = speaker.town.application.conversing.conferences.profile("badong").words
    return words.village_en if speaker.language == "en" else words.village_zh


# -- typing


async def test_the_first_letters_of_its_pinyin_find_a_place(citizen: Speaker) -> None:
    await begins(citizen, "place")
    await citizen.sends("xlz")
    citizen.is_asked("since")
    citizen.sees_not(NOTES["place_as_said"])
    kept = await sends_it(citizen)
    assert (kept.place, kept.one(StatementKind.PLACE)) == ("422823100", {"text": "xlz"})
    assert citizen.acts <= 7


async def test_a_part_of_a_name_that_fits_several_is_a_list_to_choose_from(citizen: Speaker) -> None:
    await begins(citizen, "place")
    await citizen.sends("青禾")
    citizen.sees(said.SEVERAL)
    assert {"青禾村（信陵镇）", "青禾村（野三关镇）"} <= set(citizen.buttons)
    citizen.is_offered("Keep it as I wrote it")
    await citizen.taps_written("青禾村（野三关镇）")
    citizen.is_asked("since")
    kept = await sends_it(citizen)
    assert kept.place == "422823107", "in clear stands the township, never the village"
    assert kept.one(StatementKind.PLACE) == {"text": "青禾", "code": "422823107901", "name": "野三关镇 青禾村"}


async def test_several_hits_may_be_kept_as_they_were_written(citizen: Speaker) -> None:
    await begins(citizen, "place")
    await citizen.sends("信陵镇或者绿葱坡镇")
    citizen.sees(said.SEVERAL)
    stale = citizen.remembers_written("绿葱坡镇")
    await citizen.sends_file("sticker")
    citizen.sees(said.SEVERAL)
    await citizen.taps("Keep it as I wrote it")
    await citizen.taps_remembered(stale)
    citizen.is_asked("since")
    kept = await sends_it(citizen)
    assert (kept.place, kept.one(StatementKind.PLACE)) == (None, {"text": "信陵镇或者绿葱坡镇"})


async def test_words_in_place_of_a_choice_are_a_new_search(reader: Speaker) -> None:
    await begins(reader, "place")
    await reader.sends("青禾")
    await reader.sends("ysg")
    reader.is_asked("since")
    kept = await sends_it(reader)
    assert (kept.place, kept.one(StatementKind.PLACE)) == ("422823107", {"text": "ysg"})


async def test_more_hits_than_fit_a_screen_say_so(reader: Speaker) -> None:
    await bring(reader.town, "4228239,石镇,township,422823\n".replace("4228239", "422823900") + "".join(
        f"422823900{number:03},石{name}湾村,village,422823900\n" for number, name in enumerate("一二三四五六七八九十", 1)
    ))  # fmt: skip
    await begins(reader, "place")
    await reader.sends("湾村")
    reader.sees("More places fit than are shown: write more of the name.")
    assert len(find_buttons(reader.someone.last, "p")) == 8


# -- the village, offered and never asked


async def test_the_village_is_offered_on_the_next_screen_in_pages(citizen: Speaker) -> None:
    await begins(citizen, "place")
    await citizen.taps_written("信陵镇")
    citizen.is_asked("since")
    await citizen.taps("➕ {place}: add the {level}", place="信陵镇", level=village(citizen))
    citizen.sees("<b>Which {level} of {place}?</b>\nChoose it, or write it. If you do not know, {place} is enough.",
                 level=village(citizen), place="信陵镇")  # fmt: skip
    assert "听涛社区" not in citizen.buttons
    await citizen.taps("Next page ▶")
    await citizen.taps_written("听涛社区")
    citizen.is_asked("since")
    kept = await sends_it(citizen)
    assert (kept.place, kept.one(StatementKind.PLACE)) == ("422823100", {"code": "422823100914", "name": "信陵镇 听涛社区"})


async def test_the_township_is_enough(citizen: Speaker) -> None:
    await begins(citizen, "place")
    await citizen.taps_written("信陵镇")
    await citizen.taps("➕ {place}: add the {level}", place="信陵镇", level=village(citizen))
    await citizen.taps("{place} is enough", place="信陵镇")
    citizen.is_asked("since")
    await citizen.taps("➕ {place}: add the {level}", place="信陵镇", level=village(citizen))
    await citizen.taps("← Back to the whole list")
    citizen.is_asked("place")
    assert "✓ 信陵镇" in citizen.buttons
    await citizen.taps("Next")
    citizen.is_asked("since")
    kept = await sends_it(citizen)
    assert (kept.place, kept.bodies(StatementKind.PLACE)) == ("422823100", [])


async def test_the_village_may_be_typed_or_added_from_the_review(citizen: Speaker) -> None:
    await begins(citizen, "review")
    await citizen.taps("Change: {title}", title=citizen.words("Where"))
    await citizen.taps("➕ {place}: add the {level}", place="信陵镇", level=village(citizen))
    await citizen.sends("信陵镇石榴坡村")
    citizen.sees("<b>Please look it over.</b>")
    citizen.reads("信陵镇石榴坡村")
    await citizen.taps("✅ Send")
    kept = await only_report(citizen.town)
    assert kept.one(StatementKind.PLACE) == {"text": "信陵镇石榴坡村", "code": "422823100908", "name": "信陵镇 石榴坡村"}


async def test_a_township_without_villages_offers_none(reader: Speaker) -> None:
    await begins(reader, "place")
    await reader.taps_written("绿葱坡镇")
    reader.is_asked("since")
    assert not find_buttons(reader.someone.last, "pp")


async def test_who_handles_the_report_reads_the_village_once_they_open_it(citizen: Speaker) -> None:
    town = citizen.town
    await begins(citizen, "place")
    await citizen.sends("花田村")
    kept = await sends_it(citizen)
    desk = as_seen_by("desk", town)
    assert not any("花田" in text or "野三关" in text for text in desk.history)
    await desk.taps("Open the report")
    assert any("野三关镇 花田村" in text for text in desk.history)
    assert kept.place == "422823107"


# -- what was chosen last


async def test_the_last_three_places_are_offered_first(citizen: Speaker) -> None:
    await files(citizen)
    for name in ("野三关镇", "溪丘湾乡", "大支坪镇", "野三关镇"):
        await begins(citizen, "place")
        await citizen.taps_written(name)
        await sends_it(citizen)
    await begins(citizen, "place")
    stars = [label for label in citizen.buttons if label.startswith("★")]
    assert stars == ["★ 野三关镇", "★ 大支坪镇", "★ 溪丘湾乡"]
    await citizen.taps_written("★ 溪丘湾乡")
    assert (await sends_it(citizen)).place == "422823200"


async def test_what_was_chosen_last_is_sealed_and_goes_with_the_conversation(reader: Speaker) -> None:
    town = reader.town
    await begins(reader, "place")
    await reader.taps_written("野三关镇")
    await reader.sends("/cancel")
    await reader.taps("Yes, erase it")
    assert await conversation(reader) == {}, "a report that was given up leaves nothing"
    await files(reader)
    assert await conversation(reader) == {"places": [["badong", "422823100"]]}
    rows = await town.look(all_of(talks))
    assert all(b"422823100" not in bytes(row.data_sealed or b"") for row in rows)
    later = town.clock.now()
    await town.application.desk.write(lambda t: conversations.purge(t.connection, later.replace(year=2027)))
    assert await conversation(reader) == {}


async def test_a_familiar_place_that_ended_is_no_longer_offered(reader: Speaker) -> None:
    await files(reader)
    await reader.town.application.desk.act(lambda uow: uow.places.end(["422823100"], uow.at))
    await begins(reader, "place")
    assert not [label for label in reader.buttons if "信陵镇" in label]


# -- other regions


@pytest.mark.parametrize("imported", [True, False])
async def test_a_province_begins_with_its_cities_and_none_is_asked_for_in_words(database_url: str, key: str, imported: bool) -> None:
    async with open_town(database_url, key, profile="gansu") as town:
        citizen = as_seen_by("citizen", town, "en")
        if imported:
            await bring(
                town,
                "620000,甘肃省,province,\n6207,张掖市,city,62\n620702,甘州区,county,6207\n"
                "620702100,柳镇,township,620702\n620702100900,柳村,village,620702100\n",
            )
        await citizen.sends("/start")
        await citizen.taps("A child")
        await citizen.sends("1")
        await citizen.taps("Skip")
        if imported:
            citizen.sees(said.WIDER, level="city or prefecture")
            await citizen.taps_written("张掖市")
            for level, name in (("county", "甘州区"), ("township", "柳镇"), ("village", "柳村")):
                await citizen.someone.taps(next(label for label in citizen.buttons if label.startswith("➕")))
                assert name in citizen.buttons, level
                await citizen.taps_written(name)
        else:
            citizen.sees(said.NO_LIST)
            assert not find_buttons(citizen.someone.last, "p")
            await citizen.sends("张掖市甘州区柳镇")
            citizen.is_asked("since")
            citizen.sees_not(NOTES["place_as_said"])
        kept = await sends_it(citizen)
        assert kept.place == ("620702100" if imported else None)
        assert kept.one(StatementKind.PLACE) == (
            {"code": "620702100900", "name": "柳镇 柳村"} if imported else {"text": "张掖市甘州区柳镇"}
        )


@pytest.mark.parametrize("nation", ["", "10,中国,nation,\n"], ids=["provinces", "a nation around them"])
async def test_the_whole_nation_begins_with_its_provinces(database_url: str, key: str, nation: str) -> None:
    async with open_town(database_url, key, profile="national") as town:
        citizen = as_seen_by("citizen", town, "zh_Hant")
        await bring(
            town, nation + "".join(f"{code},{name},province,{nation[:2]}\n" for code, name in ((15, "内蒙古自治区"), (62, "甘肃省")))
        )
        await citizen.sends("/start")
        await citizen.taps("A child")
        await citizen.sends("1")
        await citizen.taps("Skip")
        citizen.sees(said.WIDER, level=citizen.words("province"))
        await citizen.sends("gs")
        assert (await sends_it(citizen)).place == "62"
