"""`lianxi invite` and `lianxi confirm`: how the first people get in, and when that way closes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.__main__ import main
from conference.model.people import Role
from tests.town import TOKEN, Town, open_town, start

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], database_url: str, key: str) -> Run:
    """A command of the command line: its status and what it wrote. The channel answers nowhere."""

    def command(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setenv("LIANXI_TELEGRAM_TOKEN", TOKEN)
        monkeypatch.setenv("LIANXI_TELEGRAM_API", "http://127.0.0.1:9")
        monkeypatch.setenv("LIANXI_DATABASE_URL", database_url)
        monkeypatch.setenv("LIANXI_KEY", key)
        capsys.readouterr()  # what the desk of the town has logged in the meantime
        status = main(arguments)
        written = capsys.readouterr()
        for name in ("TELEGRAM_TOKEN", "TELEGRAM_API", "DATABASE_URL", "KEY"):
            monkeypatch.delenv(f"LIANXI_{name}")
        return status, written.out, written.err

    return command


async def while_closed(town: Town, run: Run, *arguments: str) -> tuple[int, str, str]:
    """The command, while the desk is stopped: on SQLite the file belongs to one process."""
    await town.application.stop()
    found = await asyncio.to_thread(run, *arguments)
    town.application = await start(town.settings, town.clock)
    await town.settled()
    return found


async def test_the_first_two_of_the_office_come_by_the_command_line_and_the_third_by_them(run: Run, database_url: str, key: str) -> None:
    outcomes: list[str] = []
    async with open_town(database_url, key) as town:
        for number, name in enumerate(("测试员甲", "测试员乙", "测试员丙"), start=1):
            status, said, _ = await while_closed(town, run, "invite", "office", "--unit", "civil_affairs", "--title", "联席会议办公室")
            assert status == 0
            assert said.startswith(f"invitation {number}: office at 县联席会议办公室, once"), "its title stands in the profile"
            code = re.search(r"(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}", said)
            assert code is not None
            invited = town.someone(name)
            await invited.sends(code[0])
            await invited.taps("是，这是我的岗位")
            await invited.sends(name)
            status, said, error = await while_closed(town, run, "confirm", str(number))
            outcomes.append(f"{status} {said}{error}")
        assert outcomes[0].endswith("测试员甲 holds the post now\n")
        assert outcomes[1].endswith("测试员乙 holds the post now\n")
        assert "the office has two people now" in outcomes[2]
        town.someone("测试员乙").has_seen("欢迎您")
        roster = await town.application.desk.act(lambda uow: uow.people.roster("badong", uow.at))
        assert [holder.role for holder in roster] == [Role.OFFICE, Role.OFFICE]


def test_what_a_command_logs_is_not_among_what_it_says(run: Run) -> None:
    """Its first act on a new database loads the profile, which is logged: whoever reads stdout in a script gets the answer alone."""
    status, said, logged = run("invite", "office", "--unit", "civil_affairs")
    assert status == 0
    assert said.startswith("invitation 1: office at 县联席会议办公室, once")
    assert "conference_loaded" in logged
    assert "conference_loaded" not in said


def test_a_post_stands_with_a_body_of_the_text_that_is_no_unit(run: Run) -> None:
    status, said, _ = run("invite", "township", "--unit", "township", "--place", "422823100", "--title", "信陵镇联系人")
    assert (status, said.startswith("invitation 1: township at 信陵镇联系人, once")) == (0, True)
    status, said, _ = run("appoint", "reporter", "1001", "--unit", "schools", "--title", "信陵镇一小联系人")
    assert (status, said) == (0, "1001: reporter at 信陵镇一小联系人\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("invite", "office", "--unit", "moon"), "has no unit 'moon'; there are: "),
        (("invite", "office", "--unit", "civil_affairs", "--conference", "moon"), "'moon' is not in the database; there are: badong"),
        (("invite", "township", "--unit", "civil_affairs", "--place", "1"), "there is no place '1'"),
        (("appoint", "township", "1001", "--unit", "civil_affairs", "--place", "1"), "there is no place '1'"),
        (("appoint", "member", "1001", "--unit", "moon"), "has no unit 'moon'; there are: "),
        (("confirm", "7"), "there is no invitation 7"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(run: Run, arguments: tuple[str, ...], said: str) -> None:
    status, _, error = run(*arguments)
    assert status == 2
    assert said in error


def test_one_that_nobody_answered_is_not_confirmed(run: Run) -> None:
    run("invite", "liaison", "--unit", "civil_affairs")
    status, _, error = run("confirm", "1")
    assert (status, "it is issued" in error) == (2, True)


def test_a_post_for_one_that_is_held_is_nobody_elses(run: Run) -> None:
    status, said, _ = run("appoint", "member", "1001", "--unit", "education")
    assert (status, said) == (0, "1001: member at 县教育局\n")
    assert run("appoint", "member", "1001", "--unit", "education")[0] == 0, "the same once more changes nothing"
    status, _, error = run("appoint", "member", "1002", "--unit", "education")
    assert (status, "one person holds this post at a time, and somebody does" in error) == (2, True)


def test_an_office_of_two_is_not_gone_around(run: Run, tmp_path: Path) -> None:
    """Neither a post nor the roster is one operator's any more; before, both are."""
    file = tmp_path / "roster.csv"
    for number in ("1001", "1002"):
        assert run("roster", "export", str(file))[0] == 0
        assert run("appoint", "office", number, "--unit", "civil_affairs")[0] == 0
    file.unlink()
    for refused, said in (
        (("appoint", "custodian", "1003", "--unit", "civil_affairs"), "`lianxi invite custodian --unit civil_affairs`"),
        (("roster", "export", str(file)), "under /export"),
    ):
        status, _, error = run(*refused)
        assert (status, "the office has two people now" in error, said in error) == (2, True, True)
    assert not file.exists()
