"""Working days: against a counter that does nothing but count, in the table, on the command line, and when the table ends."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.__main__ import main
from bot.bootstrap import set_up_conferences
from bot.calendar_commands import read_days
from bot.clock import SystemClock
from conference import profiles
from conference.model.calendar import WorkCalendar
from conference.model.days import CHINA
from conference.model.duties import STANDING
from conference.model.errors import Misconfigured
from conference.model.meetings import MeetingKind
from conference.model.people import Post, Role
from conference.services import meetings
from conference.services.calendar import change_calendar, plan_calendar
from conference.services.handovers import start_handover
from conference.services.reminders import Shift
from conference.services.roster_checks import open_roster_check
from conference.services.vacancies import watch_vacancy
from storage import calendar
from storage.engine import Database
from storage.tables import PENDING, due
from storage.unit_of_work import Unit
from tests.engine import all_of
from tests.officials import OFFICE, conference_town, seat
from tests.test_meetings import AT, SAID, acting, actor
from tests.test_meetings import database as database
from tests.town import DOOR

FIRST = date(2026, 9, 1)
DAYS = st.integers(0, 60).map(lambda number: FIRST + timedelta(days=number))
TABLES = st.dictionaries(DAYS, st.booleans(), max_size=40)
MONDAY = date(2026, 12, 7)
OFF = {MONDAY: (False, "停电")}
Run = Callable[..., tuple[int, str]]


def announced(year: int) -> dict[date, bool]:
    """The days off of a year, as one notice names them."""
    days = [(1, 1), (2, 16), (2, 17), (2, 18), (2, 19), (4, 5), (5, 1), (6, 19), (9, 25), (10, 1), (10, 2), (10, 3)]
    return {date(year, *day): False for day in days}


# -- counting


def works(table: dict[date, bool], day: date) -> bool:
    return table[day] if day in table else day.weekday() not in (5, 6)


@given(TABLES, DAYS, DAYS)
def test_days_between_are_counted_one_by_one(table: dict[date, bool], first: date, last: date) -> None:
    counted = WorkCalendar.of(table).between(first, last)
    low, high = sorted((first, last))
    expected = sum(works(table, low + timedelta(days=n)) for n in range(1, (high - low).days + 1))
    assert counted == (expected if first <= last else -expected)


@given(TABLES, DAYS, st.integers(-15, 15))
def test_so_many_working_days_away(table: dict[date, bool], day: date, days: int) -> None:
    """The day that is reached is a working day, and exactly so many lie on the way to it."""
    reached = WorkCalendar.of(table).shift(day, days)
    step = 1 if days > 0 else -1
    on_the_way = [day + timedelta(days=step * n) for n in range(1, abs((reached - day).days) + 1)]
    assert sum(works(table, each) for each in on_the_way) == abs(days)
    assert not days or works(table, reached)


@given(TABLES, TABLES, DAYS)
def test_a_changed_calendar_says_what_was_said_last(before: dict[date, bool], said: dict[date, bool], day: date) -> None:
    assert WorkCalendar.of(before).changed(said).is_workday(day) == works({**before, **said}, day)


def test_a_year_is_known_to_its_end_and_beyond_it_weekdays_count() -> None:
    known = WorkCalendar.of(announced(2026))
    assert known.known_until == date(2026, 12, 31)
    assert known.is_certain(date(2026, 12, 31))
    assert not known.is_certain(date(2027, 1, 1))
    assert known.is_workday(date(2027, 1, 1)), "a Friday; nobody has said that it is off"
    assert WorkCalendar().known_until is None


def test_a_day_of_a_year_does_not_make_the_year_known() -> None:
    known = WorkCalendar.of(announced(2026))
    for some in ({date(2027, 10, 1): False}, {date(2027, 1, day): False for day in range(1, 15)}, dict.fromkeys(announced(2027), True)):
        assert known.changed(some).known_until == date(2026, 12, 31)
    assert known.changed(announced(2028)).known_until == date(2026, 12, 31), "nobody has said anything of 2027"
    assert known.changed(announced(2028)).changed(announced(2027)).known_until == date(2028, 12, 31)


# -- the table


def test_a_new_database_knows_the_announced_days(database: Database) -> None:
    known = database.conferences.calendar
    assert known.known_until is not None
    assert known.known_until >= date(2026, 12, 31)
    assert [known.is_workday(date(2026, 10, day)) for day in (1, 7, 8, 10, 11)] == [False, False, True, True, False]
    with database.reader.connect() as connection:
        assert calendar.names(connection, 2026)[date(2026, 10, 1)] == "国庆节"


def test_what_was_changed_by_hand_stays_when_the_desk_starts_again(database: Database) -> None:
    with acting(database, AT) as uow:
        change_calendar(uow, {date(2026, 10, 1): (True, "")}, at=AT)
    set_up_conferences(database, DOOR.bot, at=AT)
    assert database.conferences.calendar.is_workday(date(2026, 10, 1))


def test_another_process_reads_the_table_anew(database: Database) -> None:
    assert database.conferences.calendar.is_workday(MONDAY)
    with acting(database, AT) as uow:
        uow.change_calendar(OFF)
    with database.reader.connect() as connection:
        database.conferences.refresh(connection)
    assert not database.conferences.calendar.is_workday(MONDAY)


# -- what a change moves


def moved(shifts: list[Shift] | tuple[Shift, ...], step: str) -> set[tuple[str, str]]:
    found = [shift for shift in shifts if shift.key.endswith(step)]
    return {(f"{shift.before:%m-%d}", f"{shift.after:%m-%d}") for shift in found}


def until(database: Database, at: datetime, answer_by: datetime) -> datetime:
    """A meeting is called that can be answered until then; returns that moment as the conference's clock shows it."""
    with acting(database, at) as uow:
        starts = answer_by + timedelta(days=6)
        meetings.convene_meeting(uow, actor(uow, "office"), MeetingKind.PLENARY, SAID, starts, answer_by, at=at)
        return answer_by.astimezone(uow.hours.zone)


def until_december_10(database: Database) -> int:
    """Thursday 10 December: asked after on the 3rd, 8th, 9th and 10th."""
    until(database, AT, datetime(2026, 12, 10, 14, tzinfo=UTC))
    with acting(database, AT) as uow:
        return uow.meetings.upcoming("badong", AT)[0].id or 0


def test_reminders_move_with_the_calendar_and_only_they_that_have_to(database: Database) -> None:
    key = until_december_10(database)
    with acting(database, AT) as uow:
        planned = plan_calendar(uow, OFF, at=AT)
        before = uow.schedule.pending(f"meeting:{key}:")
        assert moved(list(planned), "-5 liaison") == {("12-03", "12-02")}
        assert {shift.key.rpartition(":")[2] for shift in planned if shift.key in before} == {"-5 liaison"}, (
            "the others lie after that Monday"
        )
        assert uow.schedule.pending(f"meeting:{key}:") == before, "looking changes nothing"
        assert list(change_calendar(uow, OFF, at=AT)) == list(planned)
        after = uow.schedule.pending(f"meeting:{key}:")
    assert after == {**before, **{shift.key: shift.after for shift in planned if shift.key in before}}


def test_the_other_clocks_that_count_working_days_move_too(database: Database) -> None:
    """A vacant post, a hand-over that nobody finishes, a check of the roster: each ends a day later if a day on its way is off."""
    with acting(database, AT) as uow:
        post = Post(conference="badong", unit="justice", role=Role.LIAISON, title="司法", rank=2, vacant_since=AT)
        uow.people.add_post(post)
        watch_vacancy(uow, post, at=AT)
        open_roster_check(uow, "2026Q4", at=AT)
        leaves = actor(uow, "health liaison")
        start_handover(uow, leaves, leaves.posts[0].post_id, profiles.load("badong"), at=AT)
    tuesday = {date(2026, 12, 1): (False, "停电")}
    with acting(database, AT) as uow:
        before = uow.schedule.pending("")
        planned = change_calendar(uow, tuesday, at=AT)
        clocks = {shift.key.partition(":")[0] for shift in planned}
        assert {"vacancy", "roster", "handover"} <= clocks
        after = uow.schedule.pending("")
        assert {key: after[key] for key in before} == {**before, **{shift.key: shift.after for shift in planned if shift.key in before}}
        assert not [shift for shift in planned if shift.key.endswith(":open")], "the next quarter begins as before"
    with acting(database, AT) as uow:
        database.conferences.refresh(uow.connection)
        for shift in planned:
            if not shift.key.startswith(("duty", "meeting")):
                local = (shift.before.astimezone(CHINA), shift.after.astimezone(CHINA))
                assert uow.calendar.shift(local[0].date(), 1) == local[1].date(), shift.key
                assert local[0].time() == local[1].time()


def test_what_is_owed_before_a_plenary_is_due_on_another_day(database: Database) -> None:
    """The plenary is on Wednesday 16 December, the attestation due on the last working day before it."""
    until_december_10(database)
    eve = {date(2026, 12, 15): (False, "停电")}
    with acting(database, AT) as uow:
        planned = plan_calendar(uow, eve, at=AT)
        assert moved(list(planned), ":due") == {("12-16", "12-15")}, "to the end of the 14th instead of that of the 15th"
        assert attested(uow) == {date(2026, 12, 15)}, "looking changes nothing"
        change_calendar(uow, eve, at=AT)
        assert attested(uow) == {date(2026, 12, 14)}
        waiting = uow.schedule.pending("duty:")
        assert all(waiting[shift.key] == shift.after for shift in planned if shift.key in waiting)
        assert moved(list(planned), "+0 liaison") <= {("12-15", "12-14")}


def attested(uow: Unit) -> set[date | None]:
    return {each.due for each in uow.duties.owed("badong") if each.duty == STANDING}


def test_what_the_calendar_puts_into_the_past_comes_with_the_next_digest(database: Database) -> None:
    key = until_december_10(database)
    late = datetime(2026, 12, 2, 10, tzinfo=UTC)  # Wednesday, 10:00: that day's digest is out
    with acting(database, late) as uow:
        database.conferences.refresh(uow.connection)
        shifts = change_calendar(uow, OFF | {date(2026, 12, 4): (False, "")}, at=late)
        assert moved(list(shifts), "-5 liaison") == set(), "the 3rd it was, and the 3rd is the next digest"
        assert all(at > late for at in uow.schedule.pending(f"meeting:{key}:").values())


def test_a_cancelled_meeting_moves_no_more(database: Database) -> None:
    key = until_december_10(database)
    with acting(database, AT) as uow:
        meetings.cancel_meeting(uow, actor(uow, "office"), key, "因故", at=AT)
        assert not [shift for shift in plan_calendar(uow, OFF, at=AT) if shift.key.startswith(f"meeting:{key}:")]


# -- the command line


@pytest.fixture
def run(database_url: str, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    for name, value in (("TELEGRAM_TOKEN", f"{DOOR.bot}:TEST-token_of_the_town_0123456789"), ("KEY", key), ("DATABASE_URL", database_url)):
        monkeypatch.setenv(f"LIANXI_{name}", value)
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.chdir(tmp_path)

    def it(*arguments: str, answer: str = "") -> tuple[int, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(answer))
        status = main(["calendar", *arguments])
        said = capsys.readouterr()
        return status, said.out + said.err

    return it


def csv_of(tmp_path: Path, text: str | bytes) -> str:
    path = tmp_path / "days.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return str(path)


def test_shown_looked_at_and_brought_in(run: Run, database: Database, tmp_path: Path) -> None:
    """An import shows what moves, before and after, and asks; only a yes writes."""
    answer_by = max(AT, SystemClock().now()) + timedelta(days=59)
    due_day = until(database, AT, answer_by).date()
    with acting(database, AT) as uow:
        moving = uow.calendar.shift(due_day, -3)
    database.close()  # on SQLite nobody else works on it meanwhile

    status, said = run("show", "2026")
    assert status == 0, said
    assert "2026-10-01 │ Thu │ day off │ 国庆节" in said
    assert "known until 2026-12-31" in said

    file = csv_of(tmp_path, f"日期,班休,名称\n{moving},休,停电\n")
    status, said = run("import", file, answer="n\n")
    assert status == 1
    assert f"{moving} │" in said
    assert "-5 liaison" in said
    assert "running deadlines and reminders that move" in said
    assert "Nothing was applied." in said
    assert run("import", file) == (1, said), "no answer is none, and nothing had changed"

    status, said = run("import", file, answer="是\n")
    assert (status, said.endswith("Applied.\n")) == (0, True)
    assert run("import", file, "--yes") == (0, "Nothing differs from what is there.\n")
    assert str(moving) in run("show", str(moving.year))[1]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("2027-02-30,休,", "line 1"),
        ("2027-01-01,maybe,", "line 1"),
        ("2027-01-01,休,元旦\n2027-01-01,班,", "line 2: 2027-01-01 stands in the file twice"),
        ("2027-01-01,休," + "长" * 41, "up to 40 characters"),
        ("date,kind,name\n", "no day in it"),
        ("", "no day in it"),
        ("2027-01-01,休,元旦".encode("gbk"), "no UTF-8"),
        ("\n".join(["2027-01-01,休,"] * 4001), "4001 lines"),
    ],
    ids=["no such day", "neither", "twice", "long name", "heading only", "empty", "gbk", "too long"],
)
def test_a_file_with_a_mistake_is_refused_whole(tmp_path: Path, text: str | bytes, says: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        read_days(Path(csv_of(tmp_path, text)))
    assert says in " ".join(refused.value.problems)


def test_a_file_is_read_in_both_languages(tmp_path: Path) -> None:
    text = "\ufeffdate,kind,name\n2027-01-01,holiday,元旦\n\n2027-02-20, 班 ,\n"
    assert read_days(Path(csv_of(tmp_path, text))) == {date(2027, 1, 1): (False, "元旦"), date(2027, 2, 20): (True, "")}


# -- the table ends


async def test_the_office_is_told_each_month_until_the_next_year_is_known(database_url: str, key: str) -> None:
    async with conference_town(database_url, key, "badong") as town:
        office = (await seat(town, OFFICE))["office"]
        await town.passes(days=5)
        office.has_seen("📆 The table of working days ends with {day}.", day="2026年12月31日（周四）")
        rows = await town.look(all_of(due, kind="calendar_ends", state=PENDING))
        assert [row.key for row in rows] == ["calendar_ends:badong:2027-01"]

        def know_the_next_year(uow: Unit) -> None:
            uow.conference = "badong"
            change_calendar(uow, {day: (works, "") for day, works in announced(2027).items()}, at=uow.at)

        await town.application.desk.act(know_the_next_year)
        before = len(office.history)
        await town.passes(days=31)
        assert not [text for text in office.history[before:] if "📆" in text]


def test_convening_counts_with_the_table(database: Database) -> None:
    """The default day to answer is so many working days away, whatever the weekends of the table are."""
    with acting(database, AT) as uow:
        plain = convene_default(uow)
        uow.change_calendar({date(2026, 11, 28): (True, "")})
        database.conferences.refresh(uow.connection)
        assert convene_default(uow) < plain


def convene_default(uow: Unit) -> datetime:
    return meetings.default_answer_by(uow, profiles.load("badong"), AT + timedelta(days=60), at=AT)
