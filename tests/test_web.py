"""What we serve over HTTP, besides the webhook: who lives, who is ready, and the figures the operator watches."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import aiohttp

from bot.bootstrap import build
from bot.doors import serves
from conference.model.permissions import Action
from storage.unit_of_work import Unit
from tests.engine import english, eventually, files_a_report, impatient, poison_update, store, webhook_town
from tests.test_intake import sqlite_held
from tests.town import MakeDatabase, Town, open_town


async def fetch(town: Town, path: str, method: str = "GET") -> tuple[int, str]:
    url = f"http://127.0.0.1:{town.application.port}{path}"
    async with aiohttp.ClientSession() as session, session.request(method, url) as answer:
        return answer.status, await answer.text()


async def figures(town: Town) -> dict[str, float]:
    status, text = await fetch(town, "/metrics")
    assert status == 200
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in text.splitlines() if line and line[0] != "#")}


async def test_a_desk_that_runs_is_alive_and_ready(town: Town) -> None:
    assert await fetch(town, "/healthz") == (200, '{"ok": true}')
    assert await fetch(town, "/readyz") == (200, '{"ok": true}')


async def test_a_desk_that_is_starting_is_alive_and_not_ready(make_database: MakeDatabase, key: str) -> None:
    async with open_town(make_database("sqlite", "badong"), key) as town:
        await town.application.stop()
        application = build(town.settings, town.clock)
        seen: list[tuple[int, str]] = []
        real = application.telegram.call

        async def looks(method: str, **params: Any) -> Any:
            """The channel is set up while the desk starts: a good moment to look."""
            if method == "deleteWebhook":
                seen.append(await fetch(town, "/healthz"))
                seen.append(await fetch(town, "/readyz"))
            return await real(method, **params)

        application.telegram.call = looks  # type: ignore[method-assign]  # watched, not replaced
        town.application = application
        await application.start()
        assert [status for status, _ in seen] == [200, 503]
        assert "starting" in seen[1][1]
        assert (await fetch(town, "/readyz"))[0] == 200


async def test_a_desk_without_its_database_is_not_ready_and_still_counts(make_database: MakeDatabase, key: str) -> None:
    url = make_database("sqlite")
    async with open_town(url, key) as town:
        await town.application.stop()
        town.application = build(town.settings, town.clock)
        impatient(town.application)
        await town.application.start()
        await town.settled()
        async with sqlite_held(url.partition(":///")[2]):
            town.application.desk.look()
            await eventually(lambda: town.application.desk.away)
            status, text = await fetch(town, "/readyz")
            assert (status, "database" in text) == (503, True)
            assert (await fetch(town, "/healthz"))[0] == 200
            assert "lianxi_commits_total" in await figures(town)
        await eventually(lambda: not town.application.desk.away, within=15)
        assert (await fetch(town, "/readyz"))[0] == 200


async def test_figures_of_a_database_that_is_gone_are_not_numbers(make_database: MakeDatabase, key: str) -> None:
    async with open_town(make_database("postgresql", "badong"), key) as town:
        assert (await figures(town))["lianxi_inbox_pending"] == 0
        from sqlalchemy import create_engine

        town.application.database.reader = create_engine("postgresql+psycopg://nobody@/nothing?host=/nowhere")
        found = await figures(town)
        assert found["lianxi_inbox_pending"] != found["lianxi_inbox_pending"], "a figure that nobody counted"
        assert found["lianxi_commits_total"] > 0


async def test_the_figures_say_what_happened(town: Town) -> None:
    before = await figures(town)
    ann = english(town, "ann")
    await files_a_report(ann)
    await ann.sends("/help")
    after = await figures(town)
    handled = 'lianxi_updates_total{result="handled"}'
    assert after[handled] - before[handled] == 8
    assert after['lianxi_outbox_rows{state="sent"}'] > before['lianxi_outbox_rows{state="sent"}']
    assert {after[f'lianxi_outbox_rows{{state="{state}"}}'] for state in ("new", "sending", "undeliverable")} == {0}
    assert after["lianxi_inbox_pending"] == 0
    # From the first day on: the roster check, the clock of posts that nobody holds yet, the window of the plenary, what recurs.
    assert before["lianxi_due_pending"] > 1
    assert after["lianxi_due_pending"] - before["lianxi_due_pending"] == 3
    assert after["lianxi_oldest_due_seconds"] == 0
    assert after['lianxi_deliveries_total{result="sent"}'] > 0
    assert after["lianxi_update_lag_seconds_count"] - before["lianxi_update_lag_seconds_count"] == 8


async def test_the_figures_show_what_went_wrong(town: Town) -> None:
    ann = english(town, "ann")
    await ann.sends("/start")
    await store(town, (poison_update(1, ann.person.id), ann.person.id))
    await town.settled()
    found = await figures(town)
    assert (found["lianxi_inbox_pending"], found["lianxi_inbox_set_aside"]) == (1, 0)
    assert found['lianxi_updates_total{result="retried"}'] == 1
    for _ in range(5):
        town.clock.move(timedelta(minutes=1))
        town.application.desk.look()
        await town.settled()
    found = await figures(town)
    assert (found["lianxi_inbox_pending"], found["lianxi_inbox_set_aside"]) == (0, 1)
    ann.person.block()
    await town.settled()

    def late(unit: Unit) -> None:
        unit.schedule.add("late", "nobody_knows", "1", unit.at + timedelta(minutes=5))

    await town.application.desk.act(late)
    town.application.ticker.wake = lambda: None  # type: ignore[method-assign]  # the ticker sleeps a second: time to look
    town.clock._listeners.clear()
    town.clock.move(timedelta(minutes=7))
    late_by = (await figures(town))["lianxi_oldest_due_seconds"]
    assert late_by in (120, 0)  # 0: its own look came in between


async def test_a_wrong_door_says_404_and_nothing_else(town: Town) -> None:
    for path in ("/", "/index.html", "/metrics/", "/hook/of-the-town", "/healthz/x", "/%2e%2e/etc/passwd", "/" + "x" * 3000):
        assert await fetch(town, path) == (404, "")
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert await fetch(town, "/metrics", method) == (404, "")


async def test_the_webhook_is_a_door_only_where_there_is_one(make_database: MakeDatabase, key: str) -> None:
    async with webhook_town(make_database("sqlite"), key) as town:
        assert await fetch(town, "/hook/of-the-town", "POST") == (401, "")
        assert await fetch(town, "/hook/of-the-town") == (404, "")


async def test_a_page_that_breaks_says_500_and_nothing_else(make_database: MakeDatabase, key: str) -> None:
    from aiohttp import web

    @serves(Action.WATCH_MACHINE)
    async def breaks(request: web.Request) -> web.Response:
        raise ZeroDivisionError("a secret of the house")

    async with open_town(make_database("sqlite", "badong"), key) as town:
        await town.application.stop()
        town.application = build(town.settings, town.clock)
        town.application.routes.append(web.get("/breaks", breaks))
        await town.application.start()
        assert await fetch(town, "/breaks") == (500, "")


async def test_many_look_at_the_figures_at_once(town: Town) -> None:
    answers = await asyncio.gather(*[fetch(town, "/metrics") for _ in range(20)])
    assert {status for status, _ in answers} == {200}
