"""A conference is data: the file is read whole, and what is wrong in it is named with what is allowed."""

from __future__ import annotations

import tomllib
from importlib import resources

import pytest

from conference import profiles
from conference.model.errors import Misconfigured
from conference.profiles import Rung

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
