"""The rehearsal: sixty days of each conference without a finding; and a check that finds what is put wrong on purpose."""

from __future__ import annotations

import copy
import json
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
from bot.rehearsal.journal import Journal, Line, Read, Told
from bot.rehearsal.page import Outcome, as_json
from conference.model.people import Role
from conference.profiles import available, load
from conference.services import reminders

DAYS, SHORT = 60, 15
DOWN = "jieyang"  # whose desk is killed, and down for 25 hours twice
KILLS = 8
END = datetime.combine(STARTS + timedelta(days=SHORT), time(0), ZONE)
ALL = {
    "items assigned", "items disputed", "disputes ruled on", "items returned", "items struck off", "extensions asked for",
    "extensions given", "extensions refused", "notices sent", "notices recalled", "notices corrected", "receipts signed",
    "duties reported", "duties accepted", "reports filed", "reports accepted", "roster checks answered",
    "posts left", "bots blocked", "successors came",
}  # fmt: skip
MEETINGS = {"meetings convened", "meetings moved", "meetings cancelled", "meetings held", "convocations answered"}


@pytest.mark.parametrize("conference", available())
def test_sixty_days_pass_without_a_finding(conference: str) -> None:
    """One of them with a desk that is killed while it works, and is down for 25 hours."""
    is_down = conference == DOWN
    outcome = rehearse(conference, DAYS, 1, outages=is_down, kills=KILLS if is_down else 0)
    assert outcome.findings == []
    done, judged = outcome.journal.counts, outcome.judged
    assert done.keys() >= ALL
    assert (done.keys() >= MEETINGS) is load(conference).has_conference
    assert ("posts handed over" in done) is bool(load(conference).rules.succession_mode)
    assert judged.counts["lines"] == sum(len(digest.lines) for digest in outcome.journal.digests)
    assert judged.alarms.keys() >= {"report", "report again", "report unaccepted", "roster check again", "roster check closed"}
    assert {"vacancy, unit", "vacancy, alone"} & judged.alarms.keys()
    assert json.loads(as_json(outcome))["findings"] == []
    assert done["kills"] == (KILLS if is_down else 0)
    for down, back in outcome.journal.outages:
        assert not [digest for digest in outcome.journal.digests if down <= digest.at < back]
        assert [digest for digest in outcome.journal.digests if digest.at == back], "what fell due comes when it is back"


@cache
def played() -> Outcome:
    return rehearse("badong", SHORT, 1)


def test_who_answers_in_time_hears_nothing_and_who_is_silent_does() -> None:
    tempers = {part.unit: part.temper for part in parts_of(load("badong"), Random("badong 1")) if part.role is Role.LIAISON}
    lines = [line for digest in played().journal.digests for line in digest.lines if line.noun in ("meeting", "notice")]
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


def told_of(journal: Journal, what: str) -> Told:
    return next(each for each in journal.told if each.what == what)


def lose_an_alert(journal: Journal) -> None:
    journal.told.remove(told_of(journal, "report again 1"))


def ring_twice(journal: Journal) -> None:
    journal.told.append(told_of(journal, "report again 2"))


def ring_a_minute_early(journal: Journal) -> None:
    found = told_of(journal, "report again 2")
    journal.told[journal.told.index(found)] = replace(found, at=found.at - timedelta(minutes=1))


def ring_after_it_was_accepted(journal: Journal) -> None:
    report = journal.reports[told_of(journal, "report again 1").about]
    report.accepted = report.at + timedelta(minutes=1)


def warn_somebody_else(journal: Journal) -> None:
    found = told_of(journal, "plenary missing")
    journal.told[journal.told.index(found)] = replace(found, person=told_of(journal, "report").person)


def leave_a_vacancy_unsaid(journal: Journal) -> None:
    seat = next(seat for seat in journal.seats if seat.role == "member" and seat.until is None)
    seat.until = seat.since + timedelta(hours=1)


DIGESTS = [
    lose_a_line,
    lose_a_digest,
    come_twice,
    come_a_day_early,
    come_an_hour_late,
    reach_somebody_else,
    name_another_unit,
    remind_of_what_is_done,
    count_too_many,
]
OTHERS = [lose_an_alert, ring_twice, ring_a_minute_early, ring_after_it_was_accepted, warn_somebody_else, leave_a_vacancy_unsaid]


def test_what_is_wrong_is_found() -> None:
    """In one test: whoever runs it plays those days once."""
    assert check.judge(copy.deepcopy(played().journal), load("badong"), until=END).findings == []
    for wrong in DIGESTS:
        journal = copy.deepcopy(played().journal)
        wrong(journal, next(digest for digest in journal.digests if digest.lines[0].noun != "duty"))
        assert check.judge(journal, load("badong"), until=END).findings, wrong.__name__
    for wrong_too in OTHERS:
        journal = copy.deepcopy(played().journal)
        wrong_too(journal)
        assert check.judge(journal, load("badong"), until=END).findings, wrong_too.__name__


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
