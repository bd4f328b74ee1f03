"""The obligations of the source documents, shown at work by conversation (docs/obligations.toml, `make obligations`).

The town is Badong. What only Inner Mongolia's or Gansu's text asks for (REP-01 … REP-11) is in the questionnaire of every
conference, so it is shown here under Badong's profile; the table says so with "(✓)".
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from conference.model.people import Role
from storage.tables import report_history, reports
from tests.engine import all_of, incidents_of
from tests.obligations import Obligation, Shown, obligation, obligations, problems, shown_by
from tests.tools.obligations import bearing_files, missing_verbs, sign
from tests.town import Someone, Town

ON_DUTY = "我是学校、医院、村（居）委会等单位人员"
SCHOOL, HOSPITAL = "学校、幼儿园人员", "医院、诊所人员"

# What the questionnaire calls each situation of 003 四(一) and 001 四(九).
SITUATIONS = [
    pytest.param("alone", "一个人住，家人不在身边", marks=obligation("REP-02"), id="REP-02"),
    pytest.param("missing", "人不见了，找不到", marks=obligation("REP-03"), id="REP-03"),
    pytest.param("guardian_unfit", "照看的人年老、生病，照看不了", marks=obligation("REP-04"), id="REP-04"),
    pytest.param("guardian_neglect", "该照看的人不管", marks=obligation("REP-05"), id="REP-05"),
    pytest.param("violence", "在家里被打、被虐待", marks=obligation("REP-06"), id="REP-06"),
    pytest.param("accident", "意外受伤", marks=obligation("REP-07"), id="REP-07"),
    pytest.param("unlawful_harm", "被人伤害、被人欺负", marks=obligation("REP-08"), id="REP-08"),
    pytest.param("other", "其他情况", marks=obligation("REP-09"), id="REP-09"),
]
AT_WORK = {"violence": "在家里被打、被虐待", "accident": "意外受伤", "unlawful_harm": "被人伤害、被人欺负"}
UNSAFE = {"unattended": "没有人照看", "unlawful_harm": "被人伤害、被人欺负"}
COVERED = {"child": "孩子", "elder": "老人", "woman": "妇女", "disabled": "残疾人"}


async def reported(who: Someone, situation: str, *, about: str = "孩子", at_work: str = "", words: str = "") -> str:
    """The person reports this, from /start to the number; `at_work` is what the person is by profession."""
    await who.sends("/start")
    if at_work:
        await who.taps(ON_DUTY)
        await who.taps(at_work)
        await who.taps("跳过")  # which school or hospital: asked at once, and not required
    for label in (about, situation, "现在没有", "信陵镇", "这几天"):
        await who.taps(label)
    if words:
        await who.sends(words)
    await who.taps("✅ 现在提交")
    number = (await kept(who.town)).number
    who.has_seen(f"编号：{number}")
    return str(number)


async def kept(town: Town) -> Any:
    """The newest report as it is stored."""
    return (await town.look(all_of(reports)))[-1]


async def opened_by_the_desk(town: Town, number: str) -> str:
    """The desk was alerted by number alone; it opens the report and reads this."""
    town.desk.sees(f"新报告 {number}", "请受理")
    before = len(town.desk.history)
    await town.desk.taps("查看详情")
    return "\n".join(town.desk.history[before:])


# -- reporting: those who have to


@obligation("REP-01")
async def test_a_teacher_who_has_to_report_reaches_the_police_desk_and_has_proof_of_it(town: Town) -> None:
    teacher = town.someone("teacher")
    await teacher.sends("/start")
    teacher.sees("请先打 110")
    number = await reported(teacher, "一个人住，家人不在身边", at_work=SCHOOL)
    teacher.sees("感谢您履行报告职责", "报告时间已留存")
    details = await opened_by_the_desk(town, number)
    assert "负有报告义务：是" in details
    assert "报告人类别：学校、幼儿园人员" in details
    await town.desk.taps("受理")
    teacher.sees(f"您的报告 {number}，公安已于", "09:00 受理")


@pytest.mark.parametrize(("code", "label"), SITUATIONS)
async def test_each_situation_that_has_to_be_reported_reaches_the_desk_s_details(town: Town, code: str, label: str) -> None:
    number = await reported(town.someone("teacher"), label, at_work=SCHOOL, words="是我班上的孩子。")
    assert (await kept(town)).situation == code
    details = await opened_by_the_desk(town, number)
    assert f"情形：{label}" in details
    assert "是我班上的孩子。" in details


@obligation("REP-09")
async def test_what_fits_no_heading_is_never_refused(town: Town) -> None:
    teacher = town.someone("teacher")
    await teacher.sends("说不清楚，就是觉得这个孩子不太对劲")
    await teacher.taps("孩子")
    await teacher.sends("说不上来是哪一种")
    await teacher.taps("其他情况")
    for label in ("说不准", "信陵镇", "不清楚", "✅ 现在提交"):
        await teacher.taps(label)
    report = await kept(town)
    details = await opened_by_the_desk(town, report.number)
    assert report.situation == "other"
    assert "说不清楚，就是觉得这个孩子不太对劲" in details
    assert "说不上来是哪一种" in details


@obligation("REP-10")
@pytest.mark.parametrize("code", AT_WORK)
async def test_a_hospital_reports_what_it_sees(town: Town, code: str) -> None:
    number = await reported(town.someone("doctor"), AT_WORK[code], at_work=HOSPITAL)
    report = await kept(town)
    assert (report.situation, report.reporter_kind, report.mandatory) == (code, "hospital", True)
    details = await opened_by_the_desk(town, number)
    assert "报告人类别：医院、诊所人员" in details
    assert "负有报告义务：是" in details


# -- reporting: everybody


@obligation("REP-11")
@pytest.mark.parametrize("code", UNSAFE)
async def test_a_minor_unattended_or_being_harmed_is_reported_and_taken_up(town: Town, code: str) -> None:
    number = await reported(town.citizen, UNSAFE[code])
    assert (await kept(town)).situation == code
    assert f"情形：{UNSAFE[code]}" in await opened_by_the_desk(town, number)
    await town.desk.taps("受理")
    town.citizen.sees(f"您的报告 {number}，公安已于")


@obligation("REP-12")
@pytest.mark.parametrize("code", COVERED)
async def test_harm_to_any_of_the_people_covered_is_reported(town: Town, code: str) -> None:
    number = await reported(town.citizen, "被人伤害、被人欺负", about=COVERED[code])
    assert (await kept(town)).subject == code
    assert f"对象：{COVERED[code]}" in await opened_by_the_desk(town, number)


@obligation("REP-13")
async def test_anybody_may_report_without_a_name_and_gets_a_number(town: Town) -> None:
    stranger = town.someone("somebody")
    number = await reported(stranger, "没有人照看", about="老人")
    stranger.has_seen("您的凭证，八个词")
    assert not any("姓名" in text for text in stranger.history)
    report = await kept(town)
    assert (report.reporter_kind, report.mandatory) == ("citizen", False)
    read = await opened_by_the_desk(town, number)
    assert "报告人身份已密封" in read
    for official in ("desk", "colleague", "office"):
        seen = "\n".join(town.people[official].history)
        assert "somebody" not in seen
        assert str(stranger.person.id) not in seen


# -- the police take it up


@obligation("EMG-01")
async def test_acceptance_stamps_person_and_time_and_tells_the_reporter(town: Town) -> None:
    number = await reported(town.citizen, "在家里被打、被虐待")
    await town.passes(minutes=4)
    await town.desk.taps("受理")
    town.citizen.sees(f"您的报告 {number}，公安已于", "11月26日（周四）09:04 受理")
    town.people["colleague"].sees(f"报告 {number}：县公安局值班台已于", "09:04 受理")
    report = await kept(town)
    assert report.state == "accepted"
    assert report.accepted_at == town.clock.now()
    assert None not in (report.accepted_by, report.accepted_post)
    moves = await town.look(lambda c: c.execute(select(report_history.c.after).order_by(report_history.c.id)).scalars().all())
    assert moves == ["submitted", "accepted"]
    await town.people["colleague"].taps("查看详情")
    assert "受理" not in town.people["colleague"].buttons, "it is taken once"
    await town.passes(hours=2)
    assert not any("提醒" in text for text in town.desk.history), "an accepted report rings no more"


@obligation("EMG-01")
async def test_a_report_nobody_accepts_rings_the_desk_again_then_the_next_then_the_office(town: Town) -> None:
    number = await reported(town.citizen, "在家里被打、被虐待")
    await town.passes(minutes=9)
    town.desk.sees(f"新报告 {number}")
    await town.passes(minutes=1)
    town.desk.sees(f"第1次提醒：报告 {number}")
    town.people["colleague"].sees(f"第1次提醒：报告 {number}")
    await town.passes(minutes=10)
    town.people["second desk"].sees(f"第2次提醒：报告 {number}")
    await town.passes(minutes=10)
    town.office.sees(f"报告 {number} 已 30 分钟未受理", "电话联系值班台")
    await town.people["second desk"].taps("受理")
    town.citizen.sees(f"您的报告 {number}，公安已于", "09:30 受理")
    assert await incidents_of(town, "due_set_aside") == []


@obligation("EMG-01")
async def test_only_the_police_accept(town: Town) -> None:
    await town.appoint("township", Role.TOWNSHIP, "civil_affairs", "信陵镇人民政府", place="422823100")
    number = await reported(town.citizen, "在家里被打、被虐待")
    town.office.sees(f"备案：报告 {number}")
    for looker in (town.office, town.people["township"], town.people["operator"]):
        assert "受理" not in looker.buttons
    assert (await kept(town)).accepted_at is None


# -- the tool itself


def test_the_list_holds_all_of_them() -> None:
    known = obligations()
    assert len(known) == 147
    assert all(one.systems and one.line.endswith(".") for one in known.values())
    assert missing_verbs(known.values()) == []
    assert {name for name, one in known.items() if one.done and not one.verbs} == set()


def test_what_is_wrong_with_marks_is_said() -> None:
    known = {
        "REP-01": Obligation("REP-01", ("badong",), "a -> b", "event", "Told.", ("reports.file_report",), done=True),
        "REP-02": Obligation("REP-02", ("gansu",), "a -> b", "event", "Told.", ("reports.no_such_verb",)),
    }
    right = Shown("REP-01", "t.py::test_one")
    assert problems(known, [right]) == []
    assert problems(known, []) == ["REP-01 is claimed as done, and no test shows it"]
    assert problems(known, [right, Shown("REP-99", "t.py::test_two")]) == ["t.py::test_two: no obligation is named REP-99"]
    assert problems(known, [Shown("REP-01", "t.py::test_one", "atlantis")]) == ["t.py::test_one: no conference is named atlantis"]
    assert problems(known, [right, Shown("REP-02", "t.py::test_two")]) == ["REP-02 is shown by a test, and not claimed as done"]
    assert missing_verbs(known.values()) == ["REP-02: conference.services has no verb reports.no_such_verb"]
    assert [sign(known["REP-01"], one, [right]) for one in ("badong", "gansu")] == ["✓", ""]
    assert [sign(known["REP-02"], "gansu", shown) for shown in ([], [right])] == ["·", "(✓)"]


class _Item:
    """As much of a collected test as is looked at."""

    def __init__(self, nodeid: str, *marks: pytest.MarkDecorator | pytest.Mark) -> None:
        self.nodeid = nodeid
        self._marks = marks

    def iter_markers(self, name: str) -> list[pytest.Mark]:
        return [mark.mark if isinstance(mark, pytest.MarkDecorator) else mark for mark in self._marks if mark.name == name]


def _written(function: Any) -> list[pytest.Mark]:
    """The marks of a test and of its parameters."""
    found = list(getattr(function, "pytestmark", ()))
    return found + [mark for one in found if one.name == "parametrize" for each in one.args[1] for mark in getattr(each, "marks", ())]


def test_what_the_tests_bear_and_what_the_list_claims_agree() -> None:
    modules = [import_module(f"tests.{Path(file).stem}") for file in bearing_files()]
    items: list[Any] = [
        _Item(f"{module.__name__}::{name}", *_written(test))
        for module in modules
        for name, test in vars(module).items()
        if name.startswith("test_")
    ]
    shown = shown_by(items)
    assert problems(obligations(), shown) == []


def test_marks_are_read_once_a_test_whatever_its_parameters() -> None:
    items: list[Any] = [
        _Item("t.py::test_one[sqlite-a]", obligation("REP-02")),
        _Item("t.py::test_one[postgresql-a]", obligation("REP-02")),
        _Item("t.py::test_one[sqlite-b]", obligation("REP-03", profile="gansu")),
        _Item("t.py::test_two", pytest.mark.browser),
    ]
    assert shown_by(items) == {Shown("REP-02", "t.py::test_one", "badong"), Shown("REP-03", "t.py::test_one", "gansu")}
