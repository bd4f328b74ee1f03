"""A conference is data: the file is read whole, and what is wrong in it is named with what is allowed."""

from __future__ import annotations

import csv
import tomllib
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference import profiles
from conference.model.errors import Misconfigured
from conference.model.profile import Level
from conference.profiles import Place, Profile, Rung

BADONG = profiles.load("badong")


def test_badong_is_there() -> None:
    assert "badong" in profiles.available()
    assert BADONG.slug == "badong"
    assert BADONG.name_zh == "巴东县农村“三留守”人员和残疾人关爱保护工作联席会议"
    assert BADONG.name_en.startswith("Badong County")
    assert profiles.load("badong") is BADONG, "a profile is read once"


def test_the_ladder_of_badong_rings_two_desks_and_then_the_office() -> None:
    assert BADONG.ladders["police_accept"] == (Rung(10, "desk:1"), Rung(20, "desk:2"), Rung(30, "office"))
    assert BADONG.targets["police_accept"] == 10


@pytest.mark.parametrize("slug", profiles.available())
def test_every_profile_holds_together(slug: str) -> None:
    profile = profiles.load(slug)
    assert profile.slug == slug
    assert profile.desk_of_the_office in profile.units
    assert "public_security" in profile.units, "police first: a report needs a desk that takes it"
    for name, rungs in profile.ladders.items():
        assert rungs, name
        assert [rung.after for rung in rungs] == sorted({rung.after for rung in rungs}), f"{name}: steps climb in time"
        assert rungs[-1].whom == "office", f"{name}: in the end somebody is told who can call"
    assert profile.targets["draft_warning"] < profile.targets["draft_kept"]
    raw = tomllib.loads(resources.files("conference.profiles").joinpath(f"{slug}.toml").read_text("utf-8"))
    slugs = [unit["slug"] for unit in raw["units"]]
    assert len(set(slugs)) == len(slugs), "two units of one slug: the second would hide the first"


def test_units_are_named_as_the_document_names_them() -> None:
    assert BADONG.units["civil_affairs"].name_zh == "县民政局"
    assert len(BADONG.units) > 20


def test_another_profile_than_there_is_is_refused_with_those_there_are() -> None:
    with pytest.raises(Misconfigured, match="no profile is named 'mars'; there are: badong, gansu, jieyang, national, neimenggu"):
        profiles.load("mars")


@pytest.mark.parametrize("slug", ["../badong", "badong.toml", "", "Badong"])
def test_a_slug_is_no_path(slug: str) -> None:
    with pytest.raises(Misconfigured, match="no profile is named"):
        profiles.load(slug)


# -- places ------------------------------------------------------------------------------------------------------------


def test_badong_knows_its_twelve_townships() -> None:
    assert len(BADONG.townships) == 12
    assert {place.level for place in BADONG.townships} == {"township"}
    codes = [place.code for place in BADONG.places]
    assert len(set(codes)) == len(codes)
    file = resources.files("conference").joinpath("territory/badong.csv")
    with file.open("r", encoding="utf-8") as lines:
        assert len(list(csv.DictReader(lines))) == len(BADONG.places)


def test_a_place_is_found_by_its_code() -> None:
    for place in BADONG.places:
        assert BADONG.place(place.code) is place
    assert BADONG.place("000000") is None
    assert BADONG.place(None) is None


@pytest.mark.parametrize("place", BADONG.townships, ids=lambda place: place.code)
def test_every_township_is_understood_by_its_name(place: Place) -> None:
    bare = place.name.rstrip("镇乡")
    assert bare != place.name
    for words in (place.name, bare, f" {place.name}\n", f"我家在{place.name}某村三组", " ".join(place.name), "　".join(bare)):
        assert BADONG.place_named(words) is place, words


def test_words_that_name_no_township_or_two_name_none() -> None:
    one, two = BADONG.townships[:2]
    for words in ("", " ", "镇", "乡", "巴东县", "北京市", f"{one.name}或{two.name}"):
        assert BADONG.place_named(words) is None, words


@given(st.text(max_size=30))
def test_any_words_name_a_township_only_if_they_contain_it(words: str) -> None:
    found = BADONG.place_named(words)
    assert found is None or found.name.rstrip("镇乡") in "".join(words.split())


def test_a_profile_without_territory_names_no_place() -> None:
    empty = Profile(slug="x", level=Level.COUNTY, name_zh="x", name_en="x")
    assert empty.townships == ()
    assert empty.place_named("信陵镇") is None
