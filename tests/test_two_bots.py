"""One installation, two conferences, each with a bot of its own: whoever speaks to one is answered by that one."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from pydantic import SecretStr
from sqlalchemy import select, text

from bot.leadership import Leadership
from storage.engine import Database, plain_engine
from storage.sealed import Sealer
from storage.tables import accounts, inbox, outbox, reports
from tests.engine import eventually, second_process
from tests.town import TOKEN, MakeDatabase, open_town

OTHER = "42002:TEST-token_of_the_other_bot_012345"


async def test_each_bot_takes_in_and_answers_for_its_own_conference(make_database: MakeDatabase, key: str) -> None:
    async with open_town(make_database("postgresql", "badong"), key) as town:
        town.sandbox.world.register_bot(OTHER, username="lianxi_other_bot", name="联席·甘肃")
        async with second_process(town, telegram_token=SecretStr(OTHER), profile="gansu") as other:
            citizen = town.someone("citizen").person
            citizen.send_text(TOKEN, "/start")
            citizen.send_text(OTHER, "/start")
            await eventually(lambda: citizen.last(TOKEN) is not None and citizen.last(OTHER) is not None)
            assert "巴东县" in (citizen.last(TOKEN).text or "")  # type: ignore[union-attr]  # waited for above
            assert "甘肃省" in (citizen.last(OTHER).text or "")  # type: ignore[union-attr]
            citizen.send_text(OTHER, "隔壁的孩子自己在家")
            await eventually(lambda: len(citizen.from_bot(OTHER)) > 1)
            assert other.conversing.door.conference == "gansu"
        rows = await town.look(
            lambda c: c.execute(
                select(accounts.c.bot, outbox.c.conference).join(outbox, outbox.c.account_id == accounts.c.id).distinct()
            ).all()
        )
        assert {tuple(row) for row in rows} == {(42001, "badong"), (42002, "gansu")}
        taken = await town.look(lambda c: c.execute(select(inbox.c.bot, inbox.c.state).distinct()).all())
        assert {row.bot for row in taken} == {42001, 42002}
        assert len(citizen.from_bot(TOKEN)) == 1, "nothing of the one was said by the other"
        assert await town.look(lambda c: c.execute(select(reports.c.id)).all()) == []


def test_a_desk_that_stops_while_it_tries_to_lead_leaves_no_connection(make_database: MakeDatabase, key: str) -> None:
    url = make_database("postgresql")
    database = Database(url, Sealer(key))
    leadership = Leadership(database, 42001)

    async def tries_and_stops() -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(0):
                await leadership.win()
        leadership.close()

    asyncio.run(tries_and_stops())  # ends when the thread of the try has ended
    database.close()
    others = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
    with plain_engine(url) as engine, engine.connect() as connection:
        assert connection.execute(others).scalar_one() == 0
