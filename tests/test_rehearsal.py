"""The rehearsal: eight days of each conference without a finding; and a check that finds what is put wrong on purpose."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import cache
from random import Random

import pytest

from bot.__main__ import main
from bot.rehearsal import check
from bot.rehearsal.cast import Temper, parts_of
from bot.rehearsal.command import STARTS, rehearse
from bot.rehearsal.days import ZONE, step_day
from bot.rehearsal.journal import Journal, Line, Read
from bot.rehearsal.page import Outcome, as_json
from conference.model.people import Role
from conference.profiles import available, load
from conference.services import reminders

DAYS = 8
DOWN = "jieyang"  # whose desk is killed, and down for 25 hours meanwhile
KILLS = 8
END = datetime.combine(STARTS + timedelta(days=DAYS), time(0), ZONE)


@cache
def played(conference: str) -> Outcome:
    return rehearse(conference, DAYS, 1, outages=conference == DOWN, kills=KILLS if conference == DOWN else 0)


@pytest.mark.parametrize("conference", available())
def test_eight_days_pass_without_a_finding(conference: str) -> None:
    outcome = played(conference)
    assert outcome.findings == []
    done = outcome.journal.counts
    assert {"reports filed", "reports accepted", "items assigned", "notices sent", "receipts signed", "duties reported"} <= done.keys()
    assert ("meetings convened" in done) is load(conference).has_conference
    assert outcome.judged.counts["lines"] == sum(len(digest.lines) for digest in outcome.journal.digests)
    assert json.loads(as_json(outcome))["findings"] == []


def test_what_fell_due_while_the_desk_was_down_comes_once_when_it_is_back() -> None:
    journal = played(DOWN).journal
    assert journal.counts["kills"] == KILLS
    ((down, back),) = journal.outages
    assert not [digest for digest in journal.digests if down <= digest.at < back]
    assert [line for digest in journal.digests if digest.at == back for line in digest.lines if line.noun == "meeting"]


def test_who_answers_in_time_hears_nothing_and_who_is_silent_does() -> None:
    tempers = {part.unit: part.temper for part in parts_of(load("badong"), Random("badong 1")) if part.role is Role.LIAISON}
    lines = [line for digest in played("badong").journal.digests for line in digest.lines if line.noun in ("meeting", "notice")]
    reminded = {tempers[line.unit] for line in lines if line.unit in tempers}
    assert Temper.PUNCTUAL not in reminded
    assert {Temper.SILENT, Temper.LATE} <= reminded


# -- what the check finds


def lose_a_line(journal: Journal, found: Read) -> None:
    journal.digests[journal.digests.index(found)] = replace(found, says=found.says - 1, lines=found.lines[1:])


def lose_a_digest(journal: Journal, found: Read) -> None:
    journal.digests.remove(found)


def come_twice(journal: Journal, found: Read) -> None:
    journal.digests.append(found)


def come_a_day_early(journal: Journal, found: Read) -> None:
    _moved(journal, found, at=found.at - timedelta(days=1))


def come_an_hour_late(journal: Journal, found: Read) -> None:
    _moved(journal, found, at=found.at + timedelta(hours=1))


def reach_somebody_else(journal: Journal, found: Read) -> None:
    _moved(journal, found, person=next(seat.person for seat in journal.seats if seat.person != found.person))


def name_another_unit(journal: Journal, found: Read) -> None:
    first, *rest = found.lines
    journal.digests[journal.digests.index(found)] = replace(found, lines=(replace(first, unit="nobody"), *rest))


def remind_of_what_is_done(journal: Journal, found: Read) -> None:
    line = found.lines[0]
    for thing in (*journal.past, *journal.things.values()):
        if (thing.noun, thing.number) == (line.noun, line.number):
            thing.done[line.unit] = line.at - timedelta(hours=1)


def count_too_many(journal: Journal, found: Read) -> None:
    journal.digests[journal.digests.index(found)] = replace(found, says=found.says + 1)


def _moved(journal: Journal, found: Read, *, at: datetime | None = None, person: str | None = None) -> None:
    def other(line: Line) -> Line:
        return replace(line, at=at or line.at, person=person or line.person)

    moved = Read(at or found.at, person or found.person, found.says, tuple(map(other, found.lines)))
    journal.digests[journal.digests.index(found)] = moved


@pytest.mark.parametrize(
    "wrong",
    [
        lose_a_line,
        lose_a_digest,
        come_twice,
        come_a_day_early,
        come_an_hour_late,
        reach_somebody_else,
        name_another_unit,
        remind_of_what_is_done,
        count_too_many,
    ],
)
def test_what_is_wrong_is_found(wrong: Callable[[Journal, Read], None]) -> None:
    journal = copy.deepcopy(played("badong").journal)
    wrong(journal, next(digest for digest in journal.digests if digest.lines[0].noun != "duty"))
    assert check.judge(journal, load("badong"), until=END).findings


def test_a_desk_that_reminds_the_wrong_people_ends_with_status_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    right = reminders.recipients
    monkeypatch.setattr(reminders, "recipients", lambda roster, unit, whom: right(roster, "finance", whom))
    assert main(["rehearse", "--days", "7"]) == 1
    said = capsys.readouterr().out
    assert "came and was not due" in said
    assert "was due and did not come" in said


@pytest.mark.parametrize(
    ("due", "days", "moment"),
    [
        (date(2026, 10, 12), -1, date(2026, 10, 10)),  # a Saturday that is worked
        (date(2026, 10, 9), -2, date(2026, 9, 30)),  # over the National Day
        (date(2026, 10, 3), 0, date(2026, 9, 30)),  # due on a day off
        (date(2026, 12, 31), 3, date(2027, 1, 5)),  # past what is known: weekdays
    ],
)
def test_the_check_counts_days_by_itself(due: date, days: int, moment: date) -> None:
    assert step_day(due, days) == moment


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--profile", "nowhere"], "--profile nowhere: there are: badong"),
        (["--days", "0"], "--days 0: a rehearsal takes 1 to 366 days"),
        (["--days", "367"], "--days 367: a rehearsal takes 1 to 366 days"),
    ],
)
def test_what_cannot_be_rehearsed_is_said(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rehearse", *arguments]) == 2
    assert said in capsys.readouterr().err
