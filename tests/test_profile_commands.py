"""`lianxi profile …` as an operator meets it: what is printed, what is asked, and the exit code."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from sqlalchemy import create_engine, select

from bot.__main__ import main
from conference import profiles
from conference.profiles.reference import reference
from storage.tables import audit, conferences, posts, profile_versions
from tests.profile_files import edited

DOCS = Path(__file__).parents[1] / "docs" / "profiles.md"
Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line: status and all that was said."""
    monkeypatch.chdir(tmp_path)

    def it(*arguments: str, answer: str = "") -> tuple[int, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(answer))
        status = main(["profile", *arguments])
        said = capsys.readouterr()
        assert all(cell_len(line) <= 100 for line in said.out.split("\n")) or "keys" in arguments or "check" in arguments, said.out
        return status, said.out + said.err

    return it


@pytest.fixture
def configured(database_url: str, key: str, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in (("TELEGRAM_TOKEN", "42001:TEST-token_of_the_town_0123456789"), ("KEY", key), ("DATABASE_URL", database_url)):
        monkeypatch.setenv(f"LIANXI_{name}", value)
    return database_url


def file(tmp_path: Path, text: str | bytes, name: str = "badong.toml") -> str:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return str(path)


def test_list_names_the_five(run: Run) -> None:
    status, said = run("list")
    assert status == 0
    for slug in profiles.available():
        assert slug in said
    assert "巴东县" in said
    assert "liaison_meeting" in said


@pytest.mark.parametrize("slug", profiles.available())
def test_show_tells_what_a_conference_has_and_lacks(run: Run, slug: str) -> None:
    profile = profiles.load(slug)
    status, said = run("show", slug, "--duties")
    assert status == 0
    for unit in profile.units.values():
        assert unit.slug in said
    assert all(duty.id in said for duty in profile.duties)
    assert "Gaps in the document itself" in said
    assert "(the text is silent)" in said


def test_show_names_the_gaps_of_badong(run: Run) -> None:
    _, said = run("show", "badong")
    assert "an entry in the list of duties, and no seat: ageing_office, care_next_generation" in said
    assert "a seat, and no entry in the list of duties: veteran_cadres, government_office" in said


@pytest.mark.parametrize("slug", profiles.available())
def test_check_finds_the_five_good(run: Run, slug: str) -> None:
    status, said = run("check", slug)
    assert status == 0
    assert f"{slug}.toml: good." in said


def test_check_lists_every_problem_and_counts_them(run: Run, tmp_path: Path) -> None:
    broken = edited("badong", ("year = 2018", "year = 0"), ('role = "lead"', 'role = "boss"'))
    status, said = run("check", file(tmp_path, broken))
    assert status == 1
    assert "badong.toml:17: conference.year = 0; allowed: a whole number from 1949 to 2100" in said
    assert '.role = "boss"; allowed: lead, member' in said
    assert "badong.toml: 2 problems." in said
    status, said = run("check", file(tmp_path, profiles.source("badong").encode("gbk", "replace")))
    assert status == 1
    assert "it looks like GBK: save it again as UTF-8" in said


@pytest.mark.parametrize("verb", [["show"], ["check"], ["diff", "badong"], ["load", "--yes"]])
def test_what_is_not_there_is_said_with_what_is(run: Run, verb: list[str]) -> None:
    status, said = run(*verb, "mars")
    assert status == 2
    assert "no profile is named 'mars', and no file; there are: badong, gansu, jieyang, national, neimenggu" in said
    status, said = run(*verb, "nowhere.toml")
    assert status == 2
    assert "nowhere.toml: No such file" in said


def test_diff_is_0_for_the_same_1_for_others_and_2_for_what_cannot_be_read(run: Run, tmp_path: Path) -> None:
    assert run("diff", "badong", "badong") == (0, "No difference.\n")
    changed = file(tmp_path, edited("badong", ('name_zh = "县卫计局"', 'name_zh = "县卫健局"'), ("rsvp_days = 5", "rsvp_days = 3")))
    status, said = run("diff", "badong", changed)
    assert status == 1
    assert "unit renamed" in said
    assert "县卫健局" in said
    assert said.endswith("2 differences.\n")
    assert run("diff", "badong", "gansu")[0] == 1
    assert run("diff", "badong", file(tmp_path, "x = ", "x.toml"))[0] == 2


# -- load ----------------------------------------------------------------------------------------------------------------


def rows(url: str, table: Any) -> list[Any]:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = list(connection.execute(select(table)).all())
    engine.dispose()
    return found


def test_load_shows_asks_and_does_nothing_without_a_yes(run: Run, configured: str) -> None:
    for answer in ("", "n\n", "maybe\n", "\n"):
        status, said = run("load", "gansu", answer=answer)
        assert status == 1
        assert "gansu is new here: 甘肃省" in said
        assert "It brings 27 units, 29 seats and 114 duties." in said
        assert "Load gansu as version 1? [y/N]" in said
        assert "Not loaded; nothing was changed." in said
    assert not any(rows(configured, table) for table in (conferences, profile_versions, posts, audit))


def test_load_and_load_again(run: Run, configured: str, tmp_path: Path) -> None:
    status, said = run("load", "badong", answer="y\n")
    assert (status, said.endswith("badong: version 1 is loaded.\n")) == (0, True)
    assert "a seat, and no entry in the list of duties: veteran_cadres" in said
    assert run("load", "badong") == (0, "badong: version 1 is this very file; nothing to do.\n")
    changed = file(tmp_path, edited("badong", ('name_zh = "县卫计局"', 'name_zh = "县卫健局"'), ("seat = false", "seat = true")))
    status, said = run("load", changed, "--yes")
    assert status == 0
    assert "unit renamed" in said
    assert "县卫健局联络员" in said
    assert "县老龄办联络员" in said
    assert "badong: version 2 is loaded." in said
    assert len(rows(configured, profile_versions)) == 2


def test_a_load_that_was_agreed_to_is_not_made_over_another_version(
    run: Run, configured: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("load", "badong", "--yes")[0] == 0
    first, second = (edited("badong", ('name_zh = "县卫计局"', f'name_zh = "{name}"')) for name in ("县卫健局", "县卫生局"))

    def somebody_else_was_faster(question: str) -> str:
        assert run("load", file(tmp_path, second), "--yes")[0] == 0
        return "y"

    monkeypatch.setattr("builtins.input", somebody_else_was_faster)
    wanted = tmp_path / "wanted.toml"
    wanted.write_text(first, "utf-8")
    status, said = run("load", str(wanted))
    assert status == 2
    assert "changed meanwhile" in said
    assert len(rows(configured, profile_versions)) == 2


def test_load_refuses_a_broken_file_and_a_parent_that_cannot_be_one(run: Run, configured: str, tmp_path: Path) -> None:
    status, said = run("load", file(tmp_path, edited("badong", ("year = 2018", "year = 0"))), "--yes")
    assert status == 2
    assert "badong.toml:17: conference.year = 0" in said
    for parent, words in (
        ("mars", "parent mars: no such conference is loaded; there are: none"),
        ("badong", "parent badong: no conference is above itself"),
    ):
        status, said = run("load", "badong", "--yes", "--parent", parent)
        assert status == 2
        assert words in said
    assert run("load", "badong", "--yes")[0] == 0
    status, said = run("load", "gansu", "--yes", "--parent", "badong")
    assert status == 2
    assert "a conference of level county cannot be above one of level province" in said
    assert [row.slug for row in rows(configured, conferences)] == ["badong"]


def test_load_sets_the_conference_above(run: Run, configured: str) -> None:
    for slug in ("national", "gansu", "jieyang"):
        assert run("load", slug, "--yes")[0] == 0
    status, said = run("load", "jieyang", "--parent", "national", "--yes")
    assert status == 0
    assert "jieyang stays at version 1 and comes under national" in said
    above = {row.slug: row.parent for row in rows(configured, conferences)}
    assert above == {"national": None, "gansu": "national", "jieyang": "national"}


def test_load_without_configuration_says_what_is_missing(run: Run) -> None:
    status, said = run("load", "badong", "--yes")
    assert status == 2
    assert "LIANXI_TELEGRAM_TOKEN" in said


def test_the_page_lists_every_key_as_the_reader_knows_it(run: Run) -> None:
    status, said = run("keys")
    assert status == 0
    page = DOCS.read_text("utf-8")
    assert reference().strip() in page, "run `lianxi profile keys` and put it under 'Every key' in docs/profiles.md"
    assert said.strip() == reference().strip()
