"""The wizard itself, without the channel: whatever is said, nothing given is lost, and only what fits is taken."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, date, datetime, time
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.model.calendar import WorkCalendar
from conference.model.people import Actor
from conference.profiles import load
from handlers import dates, wizard
from handlers.records.wizards import WizardAsked, WizardPreview
from handlers.wizard import LARGEST, Desk, Now, Wizard
from tests.forms import EVERY_KIND

ZONE = ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)  # Thursday, 9:00 in China
DESK = Desk(cast(Any, SimpleNamespace()), Actor(1), load("badong"), Now(AT, ZONE, WorkCalendar({date(2026, 12, 1): False})))
LABELS = {"yes": "yes", "no": "no"}
PAPER = {"kind": "document", "file_id": "f", "unique_id": "u", "size": 1000, "name": "a.pdf"}


def opened(at: str | None = "choice", **given: Any) -> Wizard:
    made = Wizard(EVERY_KIND.name, "abcdef", at, given=given)
    wizard.show(made, DESK)
    return made


def hear(made: Wizard, text: str) -> str:
    note = wizard.hear(made, DESK, text, LABELS).note
    wizard.show(made, DESK, note)
    return note


def filled() -> Wizard:
    made = opened()
    for said in ("yes", "a text", "some words"):
        hear(made, said)
    wizard.skip(made)
    for said in ("11月27日", "明天下午3点", "50"):
        assert hear(made, said) == "", said
    wizard.skip(made)
    wizard.show(made, DESK)
    hear(made, "1")
    wizard.skip(made)
    return made


def test_from_the_first_step_to_the_last_screen() -> None:
    made = filled()
    assert made.at is None
    assert made.given["moment"] == "2026-11-27T15:00:00+08:00"
    assert isinstance(wizard.show(made, DESK), WizardPreview)
    assert wizard.last_look(made, DESK) is None


@pytest.mark.parametrize(
    ("step", "said", "note"),
    [
        ("choice", "perhaps", "expects_choice"),
        ("text", "x" * 9000, "too_long"),
        ("date", "some day", "expects_date"),
        ("date", "11月3日", "has_passed"),
        ("date", "2031-01-06", "too_far"),
        ("date", "12月1日", "day_off"),
        ("date", "周六", "day_off"),
        ("moment", "soon", "expects_moment"),
        ("moment", "11月26日8:59", "has_passed"),
        ("moment", "11月27日", "time_missing"),
        ("moment", "14:30", "day_missing"),
        ("moment", "周日 9:00", "day_off"),
        ("number", "many", "expects_number"),
        ("number", "101", "expects_number"),
        ("number", "13", "too_many"),
        ("files", "here it is", "expects_files"),
        ("units", "the ministry of silly walks", "expects_units"),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_is_taken_or_lost(step: str, said: str, note: str) -> None:
    made = opened(step, text="kept")
    heard = hear(made, said)
    assert heard in (note, "expects_choice") if step == "units" else heard == note
    assert made.at == step
    assert made.given == {"text": "kept"}


def test_a_day_off_may_stay_if_that_is_meant() -> None:
    made = opened("date")
    assert hear(made, "12月1日") == "day_off"
    assert wizard.confirm(made).taken
    assert made.given["date"] == "2026-12-01"
    assert made.at == "moment"


def test_a_day_and_its_time_may_come_one_after_the_other() -> None:
    for first, second in (("11月27日", "14:30"), ("下午两点半", "明天")):
        made = opened("moment")
        hear(made, first)
        assert hear(made, second) == ""
        assert made.given["moment"] == "2026-11-27T14:30:00+08:00"


def test_files_and_their_bounds() -> None:
    made = opened("files")
    assert wizard.attach(made, DESK, PAPER | {"size": 60 * wizard.MEGABYTE}).note == "file_too_large"
    assert wizard.attach(made, DESK, PAPER).taken
    assert wizard.attach(made, DESK, PAPER).note == "file_known"
    assert wizard.attach(made, DESK, PAPER | {"unique_id": "v", "size": LARGEST}).taken
    assert wizard.attach(made, DESK, PAPER | {"unique_id": "w"}).note == "too_many_files"
    assert len(made.given["files"]) == 2
    assert wizard.attach(opened("text"), DESK, PAPER).note == "expects_text"


def test_units_are_chosen_taken_back_and_bounded() -> None:
    made, units = opened("units"), list(DESK.profile.units)
    for slug in (units[2], units[0], units[1]):
        wizard.choose(made, DESK, slug)
    assert made.given["units"] == units[:3], "in the order of the profile"
    assert wizard.choose(made, DESK, units[5]).note == "too_many"
    wizard.choose(made, DESK, units[0])
    assert made.given["units"] == units[1:3]


def test_a_change_comes_back_to_the_last_screen_and_takes_along_what_is_no_longer_asked() -> None:
    made = filled()
    assert made.given["words"] == ["some words"]
    made.go("choice", editing=True)
    wizard.show(made, DESK)
    hear(made, "no")
    assert made.at is None
    assert "words" not in made.given


def test_what_has_passed_meanwhile_is_asked_again_before_it_is_sent() -> None:
    made = filled()
    later = dataclasses.replace(DESK, now=dataclasses.replace(DESK.now, at=datetime(2026, 12, 1, tzinfo=UTC)))
    heard = wizard.last_look(made, later)
    assert heard is not None
    assert (heard.note, made.at) == ("again_passed", "date")


texts = st.one_of(
    st.text(max_size=200), st.sampled_from(["yes", "no", "11月27日", "明天下午3点", "周六", "50", "13", "99", "1", "3", "x" * 9000])
)
acts = st.one_of(
    st.tuples(st.just("hear"), texts),
    st.tuples(st.sampled_from(["skip", "back", "confirm", "clear", "attach", "restart"]), st.none()),
    st.tuples(st.just("change"), st.sampled_from([step.code for step in EVERY_KIND.steps])),
)


@given(st.lists(acts, max_size=25))
def test_whatever_is_done_it_stands_somewhere_and_can_be_shown(done: list[tuple[str, Any]]) -> None:
    made = opened()
    for act, what in done:
        before = dict(made.given)
        match act:
            case "hear":
                heard = wizard.hear(made, DESK, what, LABELS)
                assert heard.taken or made.given == before
                assert heard.taken or heard.note
            case "skip":
                wizard.skip(made)
            case "back":
                made.back()
            case "confirm":
                wizard.confirm(made)
            case "clear":
                wizard.clear(made)
            case "attach":
                wizard.attach(made, DESK, PAPER)
            case "change":
                if what in [step.code for step in made.asked()]:
                    made.go(what, editing=True)
            case "restart":
                made = Wizard(**json.loads(json.dumps(dataclasses.asdict(made))))
        shown = wizard.show(made, DESK)
        assert isinstance(shown, WizardAsked) or not made.missing, "the last screen comes when nothing required is missing"
        assert set(made.given) <= {step.code for step in EVERY_KIND.steps}


@pytest.mark.parametrize(
    ("said", "day", "clock"),
    [
        ("11月26日14:30", date(2026, 11, 26), time(14, 30)),
        ("11-26 14:30", date(2026, 11, 26), time(14, 30)),
        ("明天下午3点", date(2026, 11, 27), time(15)),
        ("下周三 9:00", date(2026, 12, 2), time(9)),
        ("26 Nov 14:30", date(2026, 11, 26), time(14, 30)),
        ("Dec 3 2:30 pm", date(2026, 12, 3), time(14, 30)),
        ("next Wednesday 9am", date(2026, 12, 2), time(9)),
        ("tomorrow at noon", date(2026, 11, 27), time(12)),
        ("週五下午兩點", date(2026, 11, 27), time(14)),
        ("十二月三日下午三点一刻", date(2026, 12, 3), time(15, 15)),
        ("下下周一9时30分", date(2026, 12, 7), time(9, 30)),
        ("12月3日（周四）14：30", date(2026, 12, 3), time(14, 30)),
        ("1月5日 9点", date(2027, 1, 5), time(9)),
        ("11月3日 9:00", date(2026, 11, 3), time(9)),
        ("30日 9:00", date(2026, 11, 30), time(9)),
        ("3天后", date(2026, 11, 29), None),
        ("今晚8点", date(2026, 11, 26), time(20)),
        ("2026-12-01 08:05", date(2026, 12, 1), time(8, 5)),
        ("14:30", None, time(14, 30)),
        ("25:99", None, None),
        ("天气不错", None, None),
    ],
)
def test_days_to_come(said: str, day: date | None, clock: time | None) -> None:
    assert dates.ahead(said, AT.astimezone(ZONE)) == (day, clock)


@given(st.text(max_size=60))
def test_any_words_are_read_or_not_and_nothing_breaks(said: str) -> None:
    dates.ahead(said, AT.astimezone(ZONE))
