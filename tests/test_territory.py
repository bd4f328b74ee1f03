"""The territory: read from a file line by line, compared, applied as a whole or not at all; and what somebody's words mean."""

from __future__ import annotations

import argparse
import io
import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select

from bot import territory as command
from bot.__main__ import main
from bot.bootstrap import set_up_conferences
from conference.model.errors import Misconfigured
from conference.model.territory import LEVELS, MAX_NAME, UNDER, Level, Place, bare, canonical, folded, meant, page
from conference.services import places as finding
from conference.services.territory import Difference, Problem, difference, fit_territory, import_territory, read_territory
from storage.engine import Database
from storage.mapping import map_entities
from storage.sealed import Sealer
from storage.tables import audit, places
from storage.unit_of_work import Transaction, Unit
from tests.conftest import KEY
from tests.engine import badong
from tests.town import DOOR, TOKEN, MakeDatabase

AT = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
LATER = datetime(2026, 11, 27, 1, 0, tzinfo=UTC)
HEAD = "code,name,level,parent\n"
BADONG = [row.place for row in badong()]
TOWNSHIPS = [place for place in BADONG if place.level is Level.TOWNSHIP]
STANDING = select(places.c.code, places.c.name, places.c.level, places.c.parent).where(places.c.ends_at.is_(None))
PROVINCE = "77,某省,province,\n7701,某市,city,77\n770101,某县,county,7701\n"
_numbers = itertools.count()


def letters(name: str) -> str:
    return "x" * len(name)


def read(text: str) -> tuple[tuple[Place, ...], tuple[Problem, ...]]:
    reading = read_territory(text.encode(), letters)
    return tuple(row.place for row in reading.rows), reading.problems


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    map_entities()
    opened = Database(database_url, Sealer(KEY))
    opened.check()
    set_up_conferences(opened, DOOR.bot, at=AT)
    yield opened
    opened.close()


@contextmanager
def acting(database: Database, at: datetime = AT) -> Iterator[Unit]:
    with database.writer.begin() as connection:
        transaction = Transaction(connection, database.sealer, at, database.conferences)
        unit = Unit(transaction, f"t{next(_numbers)}")
        yield unit
        unit.succeed()
        transaction.flush()


def brings(database: Database, text: str, at: datetime = AT) -> Difference:
    with acting(database, at) as unit:
        reading = fit_territory(unit, read_territory(text.encode(), letters))
        assert reading.problems == ()
        return import_territory(unit, reading.rows, at=at)


def problems_of(database: Database, text: str) -> list[tuple[int, str]]:
    with acting(database) as unit:
        return [(problem.line, problem.kind) for problem in fit_territory(unit, read_territory(text.encode(), letters)).problems]


# -- the file that comes with the program


def test_badong_comes_with_its_townships_and_invented_villages(database: Database) -> None:
    assert len(TOWNSHIPS) == 12
    assert all(place.initials.isalpha() for place in BADONG)
    with acting(database) as unit:
        assert [p.code for p in finding.offered(unit).places] == [p.code for p in TOWNSHIPS]
        assert unit.places.counts("422823") == {Level.TOWNSHIP: 12, Level.VILLAGE: 19}
        assert [p.name for p in unit.places.path("422823100901")] == ["巴东县", "信陵镇", "晴溪村"]
        assert finding.name_of(unit, "422823100901") == "信陵镇 晴溪村"


def test_the_packaged_territory_is_brought_in_once_and_changes_stay(database: Database) -> None:
    with acting(database) as unit:
        unit.places.end(["422823201"], AT)
    set_up_conferences(database, DOOR.bot, at=LATER)
    with acting(database) as unit:
        assert len(finding.offered(unit).places) == 11
        assert unit.places.get("422823201") is not None


# -- reading


def test_a_file_may_have_a_mark_remarks_chinese_columns_and_filled_up_codes() -> None:
    text = "\ufeff# 说明\n级别,代码,上级,名称\n省,620000,,甘肃省\n\n地级市,620700000000,62,张 掖 市\n"
    assert read(text) == (
        (Place("62", "甘肃省", Level.PROVINCE, "", "xxx"), Place("6207", "张 掖 市", Level.CITY, "62", "xxxxx")),
        (),
    )


@pytest.mark.parametrize(
    ("text", "line", "kind"),
    [
        ("", 1, "empty"),
        ("# only a remark\n", 1, "empty"),
        (HEAD, 1, "empty"),
        ("code,name,level\n42,x,county\n", 1, "column_missing"),
        ("code,name,level,parent,population\n", 1, "column_unknown"),
        ("code,name,level,parent,code\n", 1, "column_twice"),
        (HEAD + "42,x,province,\n4228,y,city,42,and more\n", 3, "cells"),
        (HEAD + "42,x,province\n", 2, "cells"),
        (HEAD + "4.22E+11,x,county,\n", 2, "code_bad"),
        (HEAD + "4,x,county,\n", 2, "code_bad"),
        (HEAD + "1234567890123,x,county,\n", 2, "code_bad"),
        (HEAD + ",x,county,\n", 2, "code_bad"),
        (HEAD + "422823,x,county,Hubei\n", 2, "parent_bad"),
        (HEAD + "422823,x,county,\n422823,y,county,\n", 3, "code_twice"),
        (HEAD + "422823,,county,\n", 2, "name_bad"),
        (HEAD + "422823,a\x07b,county,\n", 2, "name_bad"),
        (HEAD + f"422823,{'长' * (MAX_NAME + 1)},county,\n", 2, "name_long"),
        (HEAD + "422823,x,shire,\n", 2, "level_unknown"),
        ("code,name,level,parent,initials\n422823,x,county,,一二\n", 2, "initials_bad"),
        (HEAD + '422822,x,county,\n422823,"x,county,\n', 3, "csv"),
    ],
)
def test_each_error_is_named_with_its_line_and_what_is_allowed(text: str, line: int, kind: str) -> None:
    problems = read(text)[1]
    assert (line, kind) in [(problem.line, problem.kind) for problem in problems]
    for problem in problems:
        assert command.said(problem).startswith(f"line {problem.line}: ")


def test_every_line_that_is_wrong_is_named_not_only_the_first() -> None:
    assert [problem.line for problem in read(HEAD + "4,x,county,\n422823,y,county,\n5,z,county,\n")[1]] == [2, 4]


def test_gbk_is_called_gbk() -> None:
    text = HEAD + "422823,巴东县,county,\n"
    (problem,) = read_territory(text.encode("gbk"), letters).problems
    assert (problem.line, problem.kind) == (2, "gbk")
    assert "UTF-8" in command.said(problem)
    (other,) = read_territory(HEAD.encode() + b"\xff\xff\xff", letters).problems
    assert other.kind == "encoding"


def test_a_parent_must_be_there_and_of_a_fitting_level(database: Database) -> None:
    assert problems_of(database, HEAD + "422824100,某镇,township,422824\n") == [(2, "parent_unknown")]
    assert problems_of(database, HEAD + "422823900,某村,village,422823\n") == [(2, "level_under")]
    assert problems_of(database, HEAD + "422823900,某镇,township,422823\n422823900901,某县,county,422823900\n") == [(3, "level_under")]
    assert problems_of(database, HEAD + "422823900,某镇,township,422823\n") == []
    moved_under_what_ends = HEAD + "422823,巴东县,county,\n422823100901,晴溪村,village,422823100\n"
    assert problems_of(database, moved_under_what_ends) == [(3, "parent_ends")]


@settings(max_examples=60)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_with_a_line(raw: bytes) -> None:
    reading = read_territory(raw, letters)
    assert reading.rows or reading.problems
    assert all(command.said(problem) for problem in reading.problems)


# -- comparing and applying


def test_importing_again_is_a_difference(database: Database) -> None:
    city = "4453,某市,city,\n445302,乙县,county,4453\n"
    first = city + "445301,甲县,county,4453\n445301100,丙镇,township,445301\n445301101,丁镇,township,445301\n"
    found = brings(database, HEAD + first)
    assert len(found.added) == 5
    assert brings(database, HEAD + first).is_empty
    second = city + "445301,甲区,county,4453\n445301100,丙镇,township,445302\n445302101,戊镇,township,445302\n"
    found = brings(database, HEAD + second, LATER)
    assert [(a.name, b.name) for a, b in found.renamed] == [("甲县", "甲区")]
    assert [(a.parent, b.parent) for a, b in found.moved] == [("445301", "445302")]
    assert [p.name for p in found.added] == ["戊镇"]
    assert [p.name for p in found.ended] == ["丁镇"]
    with acting(database) as unit:
        assert [p.name for p in unit.places.children("445302", 0, 12).places] == ["丙镇", "戊镇"]
        assert unit.places.children("445301", 0, 12).places == ()
        gone = unit.places.get("445301101")
        assert gone is not None
        assert gone.ended
        assert len(finding.offered(unit).places) == 12, "what lies elsewhere is not touched"
    found = brings(database, HEAD + first, LATER)
    assert [p.name for p in found.returned] == ["丁镇"]
    assert _audited(database)[-1] == "territory:4453"


def _audited(database: Database) -> list[str]:
    with database.reader.connect() as connection:
        query = select(audit.c.subject).where(audit.c.action == "territory.imported").order_by(audit.c.id)
        return list(connection.execute(query).scalars())


def test_nothing_is_applied_of_rows_that_do_not_fit(database: Database) -> None:
    rows = read_territory((HEAD + "422823,巴东,county,\n422823999,某镇,township,99\n").encode(), letters).rows
    with acting(database) as unit, pytest.raises(Misconfigured, match="line 3: parent_unknown"):
        import_territory(unit, rows, at=AT)
    assert _stands(database, "422823") == {p.code: (p.name, p.level, p.parent) for p in BADONG}


def test_an_import_that_fails_half_way_leaves_nothing(database: Database) -> None:
    rows = read_territory((HEAD + "422823,巴东,county,\n422823999,某镇,township,422823\n").encode(), letters).rows
    with database.writer.begin() as connection:
        transaction = Transaction(connection, database.sealer, AT, database.conferences)
        unit = Unit(transaction, "failing")
        import_territory(unit, rows, at=AT)
        unit.fail()
        after = Unit(transaction, "after")
        assert len(after.places.children("422823", 0, 50).places) == 12, "what was read is forgotten with what was written"
    assert _stands(database, "422823") == {p.code: (p.name, p.level, p.parent) for p in BADONG}


def _stands(database: Database, root: str) -> dict[str, tuple[str, str, str]]:
    with acting(database) as unit:
        codes = {root} | unit.places.codes_below([root])
        return {p.code: (p.name, str(p.level), p.parent) for p in unit.places.known(sorted(codes)).values()}


@st.composite
def territories(draw: st.DrawFn) -> list[tuple[str, str, str, str]]:
    """A province with some of eleven places beneath it, each under some other that may bear it."""
    rows = [("98", "某省", "province", "")]
    for number in draw(st.lists(st.integers(0, 10), unique=True, max_size=8)):
        level = draw(st.sampled_from(LEVELS[2:]))
        bearers = [code for code, _, other, _ in rows if Level(other) in UNDER[level]]
        if bearers:
            rows.append((f"98{number + 11}", draw(st.sampled_from("甲乙丙丁")) + "地", str(level), draw(st.sampled_from(bearers))))
    return rows


@pytest.fixture(scope="module")
def lasting(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    map_entities()
    copy = shutil.copy(sqlite_template, tmp_path_factory.mktemp("lasting"))
    opened = Database(f"sqlite:///{copy}", Sealer(KEY))
    yield opened
    opened.close()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(territories(), min_size=1, max_size=4))
def test_after_any_imports_exactly_the_last_file_stands(lasting: Database, files: list[list[tuple[str, str, str, str]]]) -> None:
    with lasting.writer.connect() as connection:
        transaction = Transaction(connection, lasting.sealer, AT, lasting.conferences)
        for number, rows in enumerate(files):
            text = HEAD + "".join(f"{','.join(row)}\n" for row in rows)
            unit = Unit(transaction, f"import {number}")
            import_territory(unit, read_territory(text.encode(), letters).rows, at=AT)
            assert difference(unit, read_territory(text.encode(), letters).rows).is_empty
            stands = connection.execute(STANDING)
            assert sorted(map(tuple, stands)) == sorted(rows)
        connection.rollback()


# -- what words mean


@pytest.mark.parametrize("place", TOWNSHIPS, ids=lambda place: place.code)
def test_every_township_is_understood_by_its_name(place: Place, badong_read: Callable[[str], list[str]]) -> None:
    assert bare(place.name) != place.name
    for words in (
        place.name,
        bare(place.name),
        f" {place.name}\n",
        f"我家在{place.name}某村三组",
        " ".join(place.name),
        "　".join(place.name),
    ):
        assert badong_read(words) == [place.name], words


@pytest.fixture(scope="module")
def badong_read(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], list[str]]]:
    target = tmp_path_factory.mktemp("badong") / "badong.sqlite"
    target.write_bytes(sqlite_template.read_bytes())
    map_entities()
    opened = Database(f"sqlite:///{target}", Sealer(KEY))
    opened.check()
    set_up_conferences(opened, DOOR.bot, at=AT)

    def named(words: str) -> list[str]:
        with acting(opened) as unit:
            return [finding.label(unit, place) for place in finding.named(unit, words)]

    yield named
    opened.close()


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("信陵鎮", ["信陵镇"]),
        ("xlz", ["信陵镇"]),
        ("XLZ", ["信陵镇"]),
        ("ｘｌｚ", ["信陵镇"]),
        ("xl", ["信陵镇", "信陵镇 杏林村"]),
        ("葱坡", ["绿葱坡镇"]),
        ("青禾", ["信陵镇 青禾村", "野三关镇 青禾村"]),
        ("qhc", ["信陵镇 青禾村", "野三关镇 青禾村"]),
        ("野三关镇青禾村二组", ["野三关镇 青禾村"]),
        ("绿葱坡镇青禾村", ["绿葱坡镇"]),
        ("花田村老屋", ["野三关镇 花田村"]),
        ("信陵镇或绿葱坡镇", ["信陵镇", "绿葱坡镇"]),
        *((words, []) for words in ("", " ", "镇", "村", "乡", "社区", "街道", "北京市", "home", "a", "%%", "__", "'", "王家湾小学后面")),
    ],
)
def test_words_mean_no_place_or_one_or_several(badong_read: Callable[[str], list[str]], words: str, names: list[str]) -> None:
    assert badong_read(words) == names


@given(st.lists(st.sampled_from(BADONG), unique=True), st.text(max_size=30))
def test_what_is_meant_is_among_what_was_found(found: list[Place], words: str) -> None:
    assert set(meant(found, folded(words))) <= set(found)


@given(st.integers(-3, 30), st.integers(0, 40))
def test_every_place_is_on_exactly_one_page(number: int, count: int) -> None:
    listed = [Place(str(n), "x", Level.VILLAGE) for n in range(count)]
    pages = page(listed, 0, 12).pages
    assert [place for n in range(pages) for place in page(listed, n, 12).places] == listed
    assert 0 <= page(listed, number, 12).number < pages


@pytest.mark.parametrize(
    ("code", "short"),
    [
        ("620000", "62"),
        ("445200", "4452"),
        ("422823000000", "422823"),
        ("422823100000", "422823100"),
        ("422823100001", "422823100001"),
        ("1", "1"),
    ],
)
def test_a_code_is_known_without_the_zeros_that_fill_it_up(code: str, short: str) -> None:
    assert canonical(code) == short


def test_a_province_is_searched_down_to_its_townships(database: Database) -> None:
    brings(
        database,
        HEAD + PROVINCE + "770101100,柳镇,township,770101\n770101100200,柳村,village,770101100\n",
    )
    with acting(database) as unit:
        assert [p.name for p in unit.places.search("77", "柳某", 40, narrowest=False)] == []
        found = unit.places.search("77", "某省某市某县柳镇柳村", 40, narrowest=False)
        assert [p.name for p in found] == ["某市", "某县", "柳镇"]
        assert [p.name for p in unit.places.search("77", "某省某市某县柳镇柳村", 40)][-1] == "柳村"
        assert unit.places.get("770101100") == Place("770101100", "柳镇", Level.TOWNSHIP, "770101", "xx", within="某县", finer="village")


# -- what it costs


def test_the_place_question_costs_one_query_a_commit(database: Database) -> None:
    said: list[str] = []
    with database.writer.begin() as connection:
        transaction = Transaction(connection, database.sealer, AT, database.conferences)
        event.listen(connection, "before_cursor_execute", lambda c, cursor, statement, *_: said.append(statement))
        for number in range(20):
            unit = Unit(transaction, f"act {number}")
            assert len(finding.offered(unit).places) == 12
            assert [p.name for p in finding.named(unit, TOWNSHIPS[number % 12].name)] == [TOWNSHIPS[number % 12].name]
            assert finding.standing(unit, TOWNSHIPS[number % 12].code).finer in ("", "village")
            assert finding.name_of(unit, TOWNSHIPS[number % 12].code)
            unit.succeed()
    assert len([statement for statement in said if "SELECT" in statement]) == 1
    assert len(said) == 1, f"reading opens no savepoint: {said}"


# -- the command


@pytest.fixture
def configured(make_database: MakeDatabase, monkeypatch: pytest.MonkeyPatch) -> str:
    url = make_database("sqlite")
    for name, value in {"TELEGRAM_TOKEN": TOKEN, "DATABASE_URL": url, "KEY": KEY}.items():
        monkeypatch.setenv(f"LIANXI_{name}", value)
    monkeypatch.setenv("COLUMNS", "200")
    return url


def imports(file: Path, answer: str = "", *, yes: bool = False) -> int:
    """The command, with this answer typed (none: the keyboard is gone)."""
    with pytest.MonkeyPatch.context() as at_the_keyboard:
        at_the_keyboard.setattr("sys.stdin", io.StringIO(f"{answer}\n" if answer else ""))
        return command.import_file(argparse.Namespace(file=file, yes=yes))


def test_the_command_shows_asks_and_applies(configured: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "new.csv"
    file.write_text(HEAD + "4453,重庆某市,city,\n445301,甲县,county,4453\n", "utf-8")
    assert imports(file) == 1
    assert imports(file, "n") == 1
    assert "Nothing was applied." in capsys.readouterr().out
    assert main(["territory", "show", "4453"]) == 2
    assert imports(file, "y") == 0
    shown = capsys.readouterr()
    assert "added: 2" in shown.out
    assert "no place has this code" in shown.err
    assert imports(file, yes=True) == 0
    assert "Nothing differs" in capsys.readouterr().out
    assert main(["territory", "show", "4453"]) == 0
    shown = capsys.readouterr()
    assert "重庆某市" in shown.out
    assert "county: 1" in shown.out
    file.write_text(HEAD + "4453,重庆某市,city,\n", "utf-8")
    assert main(["territory", "import", str(file), "--yes"]) == 0
    assert "ended: 1" in capsys.readouterr().out


def test_what_was_agreed_to_is_not_applied_to_another_territory(
    configured: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file, other = tmp_path / "new.csv", tmp_path / "other.csv"
    file.write_text(HEAD + "4453,重庆某市,city,\n445301,甲县,county,4453\n", "utf-8")
    other.write_text(HEAD + "4453,重庆某市,city,\n", "utf-8")

    def somebody_else_was_faster(question: str) -> str:
        assert imports(other, yes=True) == 0
        return "y"

    monkeypatch.setattr("builtins.input", somebody_else_was_faster)
    with pytest.raises(Misconfigured, match="changed meanwhile"):
        command.import_file(argparse.Namespace(file=file, yes=False))
    assert main(["territory", "show", "445301"]) == 2


def test_the_command_refuses_a_wrong_file_with_every_line(configured: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "wrong.csv"
    file.write_text(HEAD + "4,x,county,\n4453,[bold]市,city,\n445301,甲县,county,9999\n", "utf-8")
    assert imports(file, yes=True) == 1
    out = capsys.readouterr().out
    assert "line 2: code '4'; allowed: 2 to 12 digits" in out
    assert main(["territory", "show", "4453"]) == 2
    file.write_text(HEAD + "445301,甲县,county,9999\n", "utf-8")
    assert imports(file, yes=True) == 1
    assert "line 2: parent 9999" in capsys.readouterr().out
    with pytest.raises(Misconfigured, match="cannot be read"):
        imports(tmp_path / "none.csv", yes=True)


def test_initials_are_read_as_the_name_is_spoken() -> None:
    assert [command.initials_of(name) for name in ("信陵镇", "重庆市", "六安市", "乐亭县", "A区")] == ["xlz", "cqs", "las", "ltx", "q"]


def test_the_running_desk_never_imports_pinyin() -> None:
    import subprocess
    import sys

    code = "import bot.bootstrap, bot.commands, bot.territory, sys; sys.exit('pypinyin' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
