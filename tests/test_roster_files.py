"""The roster as a file: cells that are never computed, files refused whole with every line that is wrong, and a round trip."""

from __future__ import annotations

import argparse
import csv
import io
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import roster as command
from bot.spreadsheets import as_xlsx, from_xlsx
from conference.model.errors import Misconfigured
from conference.model.people import Role
from conference.model.profile import Titles
from conference.model.seating import posts_of
from conference.model.sheets import Formula, as_csv, from_csv, guarded, unguarded
from conference.model.territory import Level, Place
from conference.profiles import available, load
from conference.services import people
from conference.services.roster_files import Plan, Row, apply_import, export_lines, plan_import, read_csv, read_lines
from storage.engine import Database
from storage.mapping import map_entities
from storage.people import Sender, recognise
from storage.sealed import Sealer
from storage.tables import audit, invitations, posts
from storage.unit_of_work import Transaction, Unit
from tests.town import DOOR, MORNING

HEAD = "单位,岗位,职务,姓名,地区\r\n"
LIAISON = "县民政局,联络员,县民政局联络员,测试甲,\r\n"
FUZZED = 10_000
OPENED = len(posts_of(load("badong")))  # posts there are as soon as the conference is

# What a spreadsheet reads as the beginning of a formula, written out: no helper of ours has a part in it.
DANGER = re.compile(r"^[\s\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202f\u2060-\u206f\u3000\ufeff]*[=+\-@＝＋－＠﹦﹢﹣﹫]|^[\t\r\n]")


# -- cells


def fuzzed() -> list[str]:
    """Cells that somebody with bad intentions might write, the same in every run."""
    draw = random.Random("roster cells")
    starts = [
        "",
        "=",
        "+",
        "-",
        "@",
        "＝",
        "＋",
        "－",
        "＠",
        "﹦",
        "﹢",
        "\t",
        "\r",
        "\n",
        "\r\n",
        "'",
        "''",
        "\u200b",
        "\ufeff",
        "\u3000",
        "\xa0",
        "\0",
    ]
    middles = [
        "1+1",
        "cmd|'/c calc'!A1",
        'HYPERLINK("http://x","y")',
        "SUM(A1:A9)",
        "张三",
        "a,b",
        'a"b',
        "a\r\n=1+1",
        ";=1",
        "%0A=1",
        "",
        " ",
    ]
    return ["".join(draw.choice(starts) for _ in range(draw.randint(0, 4))) + draw.choice(middles) for _ in range(FUZZED)]


def test_no_fuzzed_cell_of_a_csv_is_a_formula() -> None:
    cells = fuzzed()
    assert sum(bool(DANGER.match(cell)) for cell in cells) > FUZZED // 3  # the fuzz is worth its name
    raw = as_csv([cells[at : at + 5] for at in range(0, FUZZED, 5)])
    lines = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    written = [cell for line in lines for cell in line]
    assert len(written) == FUZZED
    assert [cell for cell in written if DANGER.match(cell)] == []
    assert [cell for _, line in from_csv(raw.decode("utf-8-sig")) for cell in line] == cells


def test_no_fuzzed_cell_of_a_workbook_is_a_formula() -> None:
    from openpyxl import load_workbook

    cells = fuzzed()
    raw = as_xlsx([cells[at : at + 5] for at in range(0, FUZZED, 5)])
    kinds = {cell.data_type for line in load_workbook(io.BytesIO(raw)).worksheets[0].iter_rows() for cell in line if cell.value is not None}
    assert kinds == {"s"}
    assert not any(isinstance(cell, Formula) for _, line in from_xlsx(raw, "x.xlsx") for cell in line)


@given(st.text())
def test_a_guarded_cell_is_harmless_and_comes_back_as_it_was(text: str) -> None:
    assert not DANGER.match(guarded(text))
    assert unguarded(guarded(text)) == text


def test_what_somebody_else_wrote_as_a_formula_is_known_for_one() -> None:
    (_, line), *_ = from_csv('"=1+1","\'=1+1","＝1","plain","\t1"\r\n')
    assert [isinstance(cell, Formula) for cell in line] == [True, False, True, False, True]
    assert line[1] == "=1+1"


# -- files


def kinds(problems: Sequence[Any]) -> list[tuple[int, str]]:
    return [(problem.line, problem.kind) for problem in problems]


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        (b"", [(1, "empty")]),
        (HEAD.encode(), [(1, "empty")]),
        ((HEAD + LIAISON).encode("gbk"), [(1, "gbk")]),
        ((HEAD + LIAISON).encode() + b"\xff\xfe\xff,\x81\r\n", [(3, "encoding")]),
        ("单位,岗位,工资\r\n".encode(), [(1, "column_unknown")]),
        ("单位,单位,岗位\r\n".encode(), [(1, "column_twice")]),
        ("单位,姓名\r\nx,y\r\n".encode(), [(1, "column_missing")]),
        ((HEAD + "县民政局,联络员,,=1+1,\r\n县民政局,联络员,,＋86,\r\n" + LIAISON).encode(), [(2, "formula"), (3, "formula")]),
        ((HEAD + "县民政局,联络员,,甲,,多\r\n").encode(), [(2, "cells")]),
        ((HEAD + '县民政局,"联络员').encode(), [(2, "csv")]),
        ((HEAD + '县民政局,联络员,,=1+1,\r\n县民政局,联络员,"两\n行",,\r\n县民政局,"联络员\r\n').encode(), [(2, "formula"), (5, "csv")]),
        ('"单位'.encode(), [(1, "csv")]),
        (b"x" * 2_000_001, [(1, "too_large")]),
        ((HEAD + LIAISON * 5_001).encode(), [(5_002, "too_many")]),
    ],
)
def test_an_unreadable_file_is_refused_with_the_line(raw: bytes, wanted: list[tuple[int, str]]) -> None:
    _, problems = read_csv(raw)
    assert kinds(problems) == wanted
    assert all("line" in command.said(problem) for problem in problems)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_byte_order_mark_english_headers_and_empty_lines_are_welcome(encoding: str) -> None:
    rows, problems = read_csv("unit,role,title,name,place\r\n\r\n,,,,\r\n 县民政局 ,liaison,, 测试　甲 ,\r\n".encode(encoding))
    assert problems == []
    assert rows == [Row(4, "县民政局", "liaison", "", "测试 甲", "")]


def test_a_line_with_fewer_cells_has_empty_ones() -> None:
    rows, problems = read_csv("姓名,单位,岗位\r\n测试甲\r\n测试乙,县民政局,联络员,,\r\n".encode())
    assert problems == []
    assert rows == [Row(2, "", "", name="测试甲"), Row(3, "县民政局", "联络员", name="测试乙")]


def test_a_workbook_reads_like_a_csv_and_its_formulas_are_found() -> None:
    from openpyxl import Workbook

    book = Workbook()
    for line in (
        ["单位", "岗位", "职务", "姓名", "地区"],
        ["县民政局", "乡镇", "信陵镇民政办", "测试甲", 422823100],
        ["县民政局", "联络员", None, "=A1"],
    ):
        book.active.append(line)
    written = io.BytesIO()
    book.save(written)
    rows, problems = read_lines(from_xlsx(written.getvalue(), "x.xlsx"))
    assert [row.place for row in rows] == ["422823100"]
    assert kinds(problems) == [(3, "formula")]
    with pytest.raises(Misconfigured, match="cannot be read as XLSX"):
        list(from_xlsx(b"no workbook", "x.xlsx"))


# -- against the conference


@pytest.fixture
def conference() -> str:
    return "badong"


@pytest.fixture
def act(database_url: str, key: str, conference: str) -> Iterator[Unit]:
    """One act on a migrated database that knows the conference; nothing of it stays."""
    map_entities()
    database = Database(database_url, Sealer(key), (conference,))
    from bot.bootstrap import set_up_conferences

    set_up_conferences(database, DOOR.bot, at=MORNING)
    with database.writer.connect() as connection:
        transaction = Transaction(connection, database.sealer, MORNING, database.conferences)
        yield Unit(transaction, "test")
        transaction.session.close()
        connection.rollback()
    database.close()


def planned(act: Unit, *lines: str) -> Plan:
    rows, problems = read_csv((HEAD + "\r\n".join(lines)).encode())
    assert problems == []
    return plan_import(act, rows, at=act.at)


ROLE_NAMES = {Role.CHIEF_CONVENER: "总召集人", Role.CONVENER: "召集人", Role.MEMBER: "成员", Role.OFFICE_DIRECTOR: "办公室主任"}


@pytest.mark.parametrize("conference", available())
def test_a_full_roster_is_taken_and_nobody_holds_a_post_by_it(act: Unit) -> None:
    profile = act.conferences.profile(act.conference)
    seats = [f"{profile.units[s.unit].name_zh},{ROLE_NAMES[s.role.post]},{s.title},测试甲{n}," for n, s in enumerate(profile.seats)]
    liaisons = [f"{unit.name_zh},liaison,,测试乙{n}," for n, unit in enumerate(profile.units.values())]
    contact = (
        ["中小学校,报告联系人,信陵镇一小,测试丙,422823100", "县民政局,乡镇,信陵镇民政办,测试丁,信陵镇"]
        if act.places.children(profile.region_code, 0, 1).places
        else []
    )
    plan = planned(act, *seats, *liaisons, *contact)
    assert plan.problems == ()
    assert len(plan.invited) == len(seats) + len(liaisons) + len(contact)
    assert plan.new_posts == sum(not unit.seat for unit in profile.units.values()) + len(contact), "the profile opened the others"
    tickets = apply_import(act, plan, at=act.at)
    assert len({ticket.token for _, ticket in tickets}) == len({ticket.code for _, ticket in tickets}) == len(tickets)
    assert all(line.vacant for line in act.roster.lines(act.conference, act.at))
    again = planned(act, *seats, *liaisons, *contact)
    assert (again.problems, again.new_posts, len(again.invited)) == ((), 0, len(tickets))


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        (["县气象局,联络员,,测试甲,"], [(2, "unit_unknown")]),
        (["县民政局,局长,,测试甲,"], [(2, "role_unknown")]),
        (
            ["县民政局,值班台,新值班台,测试甲,", "县公安局,身份保管员,,测试乙,", "县民政局,系统运维,,测试丙,"],
            [(n, "post_unknown") for n in (2, 3, 4)],
        ),
        (["县公安局,成员,没有的席位,测试甲,"], [(2, "post_unknown")]),
        (["县民政局,联络员,," + "长" * 41 + ","], [(2, "name_long")]),
        (["县民政局,联络员," + "长" * 121 + ",测试甲,"], [(2, "title_long")]),
        (["县民政局,联络员,,12345,", "县公安局,联络员,,甲\u200b乙,"], [(2, "name_bad"), (3, "name_bad")]),
        (["县民政局,联络员,,测试甲,", "县民政局,联络员,,测试甲,"], [(3, "line_twice")]),
        (["县民政局,联络员,,测试甲,", "民政局x,联络员,,测试甲,", "县民政局,联络员,,测试乙,"], [(3, "unit_unknown"), (4, "one_holder")]),
        (["县民政局,乡镇,信陵镇民政办,测试甲,"], [(2, "place_missing")]),
        (["县民政局,乡镇,信陵镇民政办,测试甲,火星镇"], [(2, "place_unknown")]),
        (["县民政局,乡镇,,测试甲,信陵镇"], [(2, "title_missing")]),
    ],
)
def test_each_wrong_line_is_named_and_nothing_is_half_applied(act: Unit, lines: list[str], wanted: list[tuple[int, str]]) -> None:
    plan = planned(act, *lines)
    assert kinds(plan.problems) == wanted
    assert plan.lines == ()
    assert all(command.said(problem).startswith(f"line {problem.line}: ") for problem in plan.problems)


def test_a_new_post_stands_in_a_place_of_the_region_that_has_not_ended(act: Unit) -> None:
    act.places.put(
        [Place("430000", "湖南省", Level.PROVINCE), *(Place(f"42282399{n}", f"旧{n}镇", Level.TOWNSHIP, "422823") for n in (8, 9))]
    )
    foreign, bare = "县民政局,乡镇,外省民政办,,430000", "县民政局,乡镇,旧9镇民政办,,422823999"
    manned = "县民政局,乡镇,旧8镇民政办,测试甲,422823998"
    assert kinds(planned(act, manned, bare, foreign).problems) == [(4, "place_unknown")]
    apply_import(act, planned(act, manned), at=act.at)
    act.places.end(["422823998", "422823999"], act.at)
    assert kinds(planned(act, manned, bare).problems) == [(3, "place_unknown")], "in the first a post stands already"


def test_a_new_liaison_is_called_as_the_profile_says(act: Unit, monkeypatch: pytest.MonkeyPatch) -> None:
    profile = replace(load("badong"), titles=Titles(liaison_zh="{unit}联系人"))
    unit = next(unit for unit in profile.units.values() if not unit.seat)
    monkeypatch.setattr(act.conferences, "profile", lambda slug: profile)
    (line,) = planned(act, f"{unit.name_zh},联络员,,测试甲,").lines
    assert line.title == f"{unit.name_zh}联系人"


def test_who_holds_the_post_is_left_alone_and_another_needs_a_handover(act: Unit) -> None:
    holder = recognise(act.connection, act.sealer, DOOR, [Sender(7, "zh_Hans")], act.at)[7]
    tenure = people.appoint(
        act, holder.account_id, conference="badong", unit="civil_affairs", role=Role.LIAISON, title="县民政局联络员", at=act.at
    )
    act.people.set_name(tenure.person_id, "测试甲")
    plan = planned(act, LIAISON.strip())
    assert ([p.how for p in plan.lines], plan.new_posts) == (["held"], 0)
    assert kinds(planned(act, "县民政局,联络员,,测试乙,").problems) == [(2, "held_by_another")]
    written = list(export_lines(act, act.conference, at=act.at))
    assert [line for line in written[1:] if line[3]] == [["县民政局", "联络员", "县民政局联络员", "测试甲", ""]]
    assert len(written) == 1 + OPENED, "vacant posts are lines to fill in"


def test_a_roster_written_out_comes_back_as_nothing_to_do(act: Unit) -> None:
    apply_import(act, planned(act, LIAISON.strip(), "县民政局,乡镇,=信陵镇民政办".replace("=", "") + ",测试乙,信陵镇"), at=act.at)
    act.connection.execute(posts.update().where(posts.c.role == Role.TOWNSHIP).values(title="-=危险的职务"))
    lines = export_lines(act, act.conference, at=act.at)
    for rows, problems in (read_csv(as_csv(lines)), read_lines(from_xlsx(as_xlsx(lines), "x.xlsx"))):
        assert problems == []
        plan = plan_import(act, rows, at=act.at)
        assert plan.problems == ()
        assert [(p.how, p.post_id is None) for p in plan.lines] == [("post", False)] * (OPENED + 1)
        assert [p.title for p in plan.lines if p.role is Role.TOWNSHIP] == ["-=危险的职务"]


# -- the commands


@pytest.fixture
def at_home(database_url: str, key: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., int]:
    """Run `lianxi …` on the database; what it would call is nowhere."""
    monkeypatch.chdir(tmp_path)
    for name, value in {"TELEGRAM_TOKEN": "42001:TEST-token_of_the_town_0123456789", "KEY": key, "DATABASE_URL": database_url}.items():
        monkeypatch.setenv(f"LIANXI_{name}", value)
    monkeypatch.setenv("LIANXI_TELEGRAM_API", "http://127.0.0.1:9")

    def run(*words: str) -> int:
        from bot.__main__ import parser

        arguments: argparse.Namespace = parser().parse_args(words)
        return int(arguments.do(arguments))

    return run


def count(url: str, key: str, table: Any) -> int:
    database = Database(url, Sealer(key), ("badong",))
    try:
        with database.reader.connect() as connection:
            return len(connection.execute(table.select()).all())
    finally:
        database.close()


def test_a_file_is_looked_at_asked_about_and_only_then_applied(
    at_home: Callable[..., int], database_url: str, key: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("r.csv").write_text(HEAD + LIAISON + "县民政局,乡镇,信陵镇民政办,测试乙,信陵镇\r\n", "utf-8-sig")
    monkeypatch.setattr("builtins.input", lambda _: "n")
    assert at_home("roster", "import", "r.csv") == 1
    assert "Nothing was applied" in capsys.readouterr().out
    assert (count(database_url, key, posts), count(database_url, key, invitations)) == (OPENED, 0)
    assert at_home("roster", "import", "r.csv", "--yes") == 0
    said = capsys.readouterr().out
    assert "测试甲" in said
    assert len(re.findall(r"code  [0-9A-Z]{4}(-[0-9A-Z]{4}){3}", said)) == 2
    assert (count(database_url, key, posts), count(database_url, key, invitations)) == (OPENED + 1, 2)
    assert at_home("roster", "export", "out.xlsx") == 0
    assert at_home("roster", "export", "out.csv") == 0
    assert "信陵镇民政办" in Path("out.csv").read_text("utf-8-sig")
    assert at_home("roster", "import", "out.xlsx") == 0  # nothing to do: nothing is asked
    assert count(database_url, key, audit) >= 3


def test_a_wrong_file_changes_nothing_and_says_every_line(
    at_home: Callable[..., int], database_url: str, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("r.csv").write_text(HEAD + LIAISON + "没有的单位,联络员,,测试乙,\r\n县民政局,没有的岗位,,测试丙,\r\n", "utf-8")
    assert at_home("roster", "import", "r.csv", "--yes") == 1
    said = capsys.readouterr().out
    assert "line 3" in said
    assert "line 4" in said
    assert (count(database_url, key, posts), count(database_url, key, invitations)) == (OPENED, 0)
    Path("g.csv").write_bytes((HEAD + LIAISON).encode("gbk"))
    assert at_home("roster", "import", "g.csv", "--yes") == 1
    assert "GBK" in capsys.readouterr().out
    for wrong in ("r.txt", "nowhere.csv"):
        with pytest.raises(Misconfigured):
            at_home("roster", "import", wrong)
    with pytest.raises(Misconfigured, match="nowhere"):
        at_home("roster", "export", "x.csv", "--conference", "nowhere")
