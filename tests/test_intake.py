"""The way in: 200 only for what is kept; everything else gets the answer that makes the channel do the right thing."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot import intake
from bot.bootstrap import build
from bot.intake import MAX_BODY, Conflict, as_arrival
from bot.settings import Mode
from storage.tables import DONE, PENDING, inbox
from tests.engine import (
    SECRET,
    all_of,
    becomes,
    english,
    eventually,
    impatient,
    message_update,
    states,
    webhook_town,
)
from tests.town import TOKEN, MakeDatabase, Town, open_town

HEADER = "X-Telegram-Bot-Api-Secret-Token"
PATH = "/hook/of-the-town"


@pytest.fixture
async def hooked(database_url: str, key: str) -> AsyncIterator[Town]:
    """The desk called by a webhook, on both databases."""
    async with webhook_town(database_url, key) as town:
        yield town


async def posts(town: Town, body: Any, secret: str | None = SECRET, **headers: str) -> tuple[int, dict[str, str]]:
    """Status and headers of the answer to a POST of this body (bytes as they are, anything else as JSON)."""
    data = body if isinstance(body, bytes) else orjson.dumps(body)
    sent = {"Content-Type": "application/json", **headers} | ({HEADER: secret} if secret is not None else {})
    url = f"http://127.0.0.1:{town.application.port}{PATH}"
    async with aiohttp.ClientSession() as session, session.post(url, data=data, headers=sent) as answer:
        assert await answer.read() == b"", "an answer to the channel carries nothing"
        return answer.status, dict(answer.headers)


async def says(town: Town, raw: bytes, patience: float = 1.0) -> bytes:
    """The first line of the answer to these bytes on the wire; empty if none came, or the rest of the request was waited for."""
    reader, writer = await asyncio.open_connection("127.0.0.1", town.application.port)
    try:
        writer.write(raw)
        await writer.drain()
        async with asyncio.timeout(patience):
            while (line := await reader.readline()).startswith(b"HTTP/1.1 1") or line == b"\r\n":  # "go on"
                pass
            return line
    except (ConnectionError, TimeoutError):
        return b""
    finally:
        writer.close()


def raw_post(body: bytes, *headers: bytes, secret: bytes | None = SECRET.encode(), length: int | None = None) -> bytes:
    lines = [b"POST " + PATH.encode() + b" HTTP/1.1", b"Host: h", b"Connection: close", *headers]
    if secret is not None:
        lines.append(HEADER.encode() + b": " + secret)
    if length != -1:
        lines.append(b"Content-Length: %d" % (len(body) if length is None else length))
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def kept(connection: Any) -> list[int]:
    return list(connection.execute(select(inbox.c.update_id).order_by(inbox.c.id)).scalars())


# -- what is taken


async def test_an_update_is_committed_when_its_200_comes(hooked: Town) -> None:
    for number in range(1, 6):
        assert (await posts(hooked, message_update(number, 900 + number)))[0] == 200
        with hooked.application.database.reader.connect() as other:
            assert number in kept(other)


async def test_an_update_that_comes_again_gets_200_and_no_second_effect(hooked: Town) -> None:
    for _ in range(3):
        assert (await posts(hooked, message_update(1, 901)))[0] == 200
    await hooked.settled()
    assert await hooked.look(kept) == [1]


async def test_many_at_once_are_all_kept(hooked: Town) -> None:
    answers = await asyncio.gather(*[posts(hooked, message_update(number, 900 + number % 7)) for number in range(1, 60)])
    assert {status for status, _ in answers} == {200}
    assert sorted(await hooked.look(kept)) == list(range(1, 60))


# -- what is not Telegram's


@pytest.mark.parametrize(
    "secret",
    [
        None,
        b"",
        b"wrong",
        SECRET.encode()[:-1],
        SECRET.encode() + b"x",
        SECRET.upper().encode(),
        "密钥".encode(),
        b"\xff\xfe\xe9",
        SECRET.encode() + "é".encode(),
        SECRET.encode() + "é".encode("latin-1"),
        b"\x80" * 300,
    ],
)
async def test_a_wrong_secret_is_401_whatever_its_bytes(make_database: MakeDatabase, key: str, secret: bytes | None) -> None:
    async with webhook_town(make_database("sqlite"), key) as town:
        assert b" 401 " in await says(town, raw_post(orjson.dumps(message_update(1, 901)), secret=secret))
        assert await town.look(kept) == []


async def test_a_request_that_says_its_secret_twice_is_judged_by_the_first(hooked: Town) -> None:
    body = orjson.dumps(message_update(1, 901))
    first_wrong = raw_post(body, HEADER.encode() + b": wrong")
    assert b" 401 " in await says(hooked, first_wrong)


async def test_a_forged_address_changes_nothing(hooked: Town) -> None:
    forged = {"X-Forwarded-For": "149.154.160.9", "X-Real-IP": "149.154.160.9", "Forwarded": "for=149.154.160.9"}
    assert (await posts(hooked, message_update(1, 901), secret="wrong", **forged))[0] == 401
    for nonsense in ("garbage", "::1", "149.154.160.9, x", "\\"):
        assert (await posts(hooked, message_update(2, 901), **{"X-Forwarded-For": nonsense}))[0] == 200
    assert await hooked.look(kept) == [2]


async def test_a_body_that_is_too_large_is_413_before_it_is_read(hooked: Town) -> None:
    head = raw_post(b"", length=MAX_BODY + 1)  # nothing of the body is ever sent
    reader, writer = await asyncio.open_connection("127.0.0.1", hooked.application.port)
    writer.write(head)
    async with asyncio.timeout(5):
        assert b" 413 " in await reader.readline()
    writer.close()


async def test_a_body_that_grows_too_large_is_413(hooked: Town) -> None:
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    head = raw_post(b"", b"Transfer-Encoding: chunked", length=-1)
    reader, writer = await asyncio.open_connection("127.0.0.1", hooked.application.port)
    writer.write(head)
    for _ in range(MAX_BODY // 0x10000 + 1):
        writer.write(chunk)
    async with asyncio.timeout(5):
        assert b" 413 " in await reader.readline()
    writer.close()


async def test_a_large_update_within_the_limit_is_taken(hooked: Town) -> None:
    update = message_update(1, 901, "x" * (MAX_BODY - 1000))
    assert (await posts(hooked, update))[0] == 200


NO_UPDATES = [
    b"",
    b"{",
    b"null",
    b"[]",
    b"1",
    b'"x"',
    b"\xff\xfe",
    b"[" * 100_000,
    b'{"update_id":' * 2000,
    b"{}",
    b'{"update_id": null}',
    b'{"update_id": "1"}',
    b'{"update_id": true}',
    b'{"update_id": 1.5}',
    b'{"update_id": -1}',
    b'{"update_id": 9223372036854775808}',
    b'{"update_id": 18446744073709551616}',
    b'{"update_id": 1e400}',
    b'{"update_id": 1, "message": {"text": "\\ud800"}}',
]


async def test_what_is_no_update_is_400(hooked: Town) -> None:
    for body in NO_UPDATES:
        assert (await posts(hooked, body))[0] == 400, body[:60]
    assert await hooked.look(kept) == []


@pytest.mark.parametrize(
    "update",
    [
        {"update_id": 2**63 - 1, "message": {"from": {"id": 10**30}}},
        {"update_id": 0},
        {"update_id": 1, "message": None, "x": []},
        {"update_id": 1, "message": {"from": {"id": "x"}, "chat": {"id": True}}},
    ],
)
async def test_a_strange_update_with_an_id_is_kept(hooked: Town, update: dict[str, Any]) -> None:
    assert (await posts(hooked, __import__("json").dumps(update).encode()))[0] == 200
    await hooked.settled()
    assert await hooked.look(kept) == [update["update_id"]]


def test_the_sender_is_the_person_then_the_chat() -> None:
    def sender(**event: Any) -> int:
        return as_arrival(1, orjson.dumps({"update_id": 1, **event})).sender

    assert sender(message={"from": {"id": 5}, "chat": {"id": 6}}) == 5
    assert sender(callback_query={"from": {"id": 5}, "message": {"chat": {"id": 6}}}) == 5
    assert sender(channel_post={"chat": {"id": -6}}) == -6
    assert sender(message_reaction={"user": {"id": 5}, "chat": {"id": -6}}) in (5, -6)
    assert sender(poll={"id": "x"}) == 0


BAD_WIRE = [
    raw_post(b"zz\r\nx\r\n", b"Transfer-Encoding: chunked", length=-1),
    raw_post(b"5\r\nab", b"Transfer-Encoding: chunked", length=-1),
    raw_post(b"-1\r\n\r\n", b"Transfer-Encoding: chunked", length=-1),
    raw_post(b"not gzip", b"Content-Encoding: gzip"),
    raw_post(b"not deflate", b"Content-Encoding: deflate"),
    raw_post(b"not brotli", b"Content-Encoding: br"),
    raw_post(b"not zstd", b"Content-Encoding: zstd"),
    raw_post(b"x", b"Content-Encoding: unheard-of"),
    raw_post(b"{}", length=500),
    raw_post(b"{}", b"Expect: 100-continue"),
    raw_post(b"{}", b"Expect: the-unexpected"),
    raw_post(b"{}", b"Content-Type: \xff\xff"),
    raw_post(b"{}", b"Content-Type: application/json; charset=unheard-of"),
    raw_post(b"{}", b"Content-Length: 2"),
    raw_post(b"{}", b"Transfer-Encoding: gzip, chunked", length=-1),
    raw_post(b"{}", b"Cookie: \xff=;;;="),
    raw_post(b"{}", b"Upgrade: websocket", b"Connection: upgrade"),
    b"POST " + PATH.encode() + b"\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"GET / HTTP/9.9\r\n\r\n",
    b"POST http://[::1 HTTP/1.1\r\nHost: h\r\n\r\n",
    b"PUT " + PATH.encode() + b" HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n",
    b"GET " + b"/x" * 5000 + b" HTTP/1.1\r\nHost: h\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n",
    b"CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n",
    b"GET /%00%ff%zz HTTP/1.1\r\nHost: h\r\n\r\n",
]


async def test_nothing_on_the_wire_is_answered_with_500(make_database: MakeDatabase, key: str) -> None:
    async with webhook_town(make_database("sqlite"), key) as town:
        for raw in BAD_WIRE:
            first = await says(town, raw)
            assert first == b"" or first.split()[1].startswith(b"4"), (raw[:120], first)
        assert await town.look(kept) == []
        assert (await posts(town, message_update(1, 901)))[0] == 200


_token = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=12)
_value = st.binary(max_size=40).map(lambda b: b.replace(b"\r", b"").replace(b"\n", b"").replace(b"\0", b""))
_known = st.sampled_from(
    ["Content-Type", "Content-Encoding", "Transfer-Encoding", "X-Forwarded-For", "Expect", "Cookie", "Range", "Host", "Accept", HEADER]
)
_headers = st.lists(st.tuples(_known | _token, _value | st.sampled_from([b"gzip", b"chunked", b"", b"100-continue"])), max_size=4)
_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8) | st.just("update_id"), inner, max_size=3),
    max_leaves=8,
)
_body = st.binary(max_size=80) | _json.map(lambda v: __import__("json").dumps(v).encode()) | st.sampled_from(NO_UPDATES[:16])
_method = st.sampled_from([b"POST", b"GET", b"PUT", b"HEAD", b"DELETE", b"PATCH", b"X"])
_path = st.sampled_from([PATH.encode(), b"/", b"/metrics/", b"/hook", b"*"]) | _value.map(lambda v: b"/" + v.replace(b" ", b""))


async def test_thousands_of_bad_requests_get_4xx_only(make_database: MakeDatabase, key: str) -> None:
    """A tenth of the goal G6, made by Hypothesis and sent on plain sockets."""
    seen: dict[int, int] = {}
    async with webhook_town(make_database("sqlite"), key) as town:
        requests: list[bytes] = []

        @settings(max_examples=1500, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
        @given(method=_method, path=_path, headers=_headers, body=_body, secret=st.booleans())
        def gather(method: bytes, path: bytes, headers: list[tuple[str, bytes]], body: bytes, secret: bool) -> None:
            lines = [method + b" " + path + b" HTTP/1.1", b"Host: h", b"Connection: close"]
            lines += [name.encode() + b": " + value for name, value in headers]
            if secret:
                lines.append(f"{HEADER}: {SECRET}".encode())
            requests.append(b"\r\n".join([*lines, b"Content-Length: %d" % len(body)]) + b"\r\n\r\n" + body)

        gather()

        async def one(raw: bytes) -> None:
            first = await says(town, raw, patience=0.25)
            status = int(first.split()[1]) if first else 0  # 0: the rest of the request was waited for
            seen[status] = seen.get(status, 0) + 1
            assert status == 200 or status == 0 or 400 <= status < 500, (raw, first)

        waiting = iter(requests)

        async def some() -> None:
            for raw in waiting:
                await one(raw)

        await asyncio.gather(*[some() for _ in range(16)])
        assert sum(seen.values()) == len(requests) > 1200
        assert {400, 401, 404} <= seen.keys(), seen
        await town.settled()
        assert not town.application.nursery.failed.is_set()
        assert (await posts(town, message_update(7, 901)))[0] == 200


# -- the database is away


@asynccontextmanager
async def sqlite_held(path: str) -> AsyncIterator[None]:
    """Another program holds the whole file."""
    held = sqlite3.connect(path, isolation_level=None)
    held.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        held.execute("ROLLBACK")
        held.close()


async def test_while_sqlite_is_locked_the_channel_is_asked_to_come_again(make_database: MakeDatabase, key: str) -> None:
    url = make_database("sqlite")
    async with webhook_town(url, key) as town:
        await town.application.stop()
        town.application = build(town.settings, town.clock)
        impatient(town.application)
        await town.application.start()
        await town.settled()
        update = message_update(1, 901)
        async with sqlite_held(url.partition(":///")[2]):
            status, headers = await posts(town, update)
            assert status == 503
            assert int(headers["Retry-After"]) > 0
            await eventually(lambda: town.application.desk.away)
            assert (await posts(town, update))[0] == 503
        await eventually(lambda: not town.application.desk.away, within=15)
        assert (await posts(town, update))[0] == 200
        assert (await posts(town, update))[0] == 200
        await becomes(town, states(inbox), [DONE])


async def test_a_broken_connection_to_postgresql_costs_at_most_a_503(make_database: MakeDatabase, key: str, postgres: Any) -> None:
    url = make_database("postgresql")
    async with webhook_town(url, key) as town:
        name = url.rpartition("?")[0].rpartition("/")[2]

        def cut() -> None:
            import psycopg

            with psycopg.connect(host=str(postgres.socket_dir), user="postgres", dbname="postgres", autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND query ~ 'inbox'", (name,))

        for number in range(1, 6):
            await asyncio.to_thread(cut)
            update = message_update(number, 901, "he is hungry")
            for _ in range(200):
                status, headers = await posts(town, update)
                if status == 200:
                    break
                assert status == 503
                assert int(headers["Retry-After"]) > 0
                await eventually(lambda: not town.application.desk.away)
            assert status == 200
        await becomes(town, states(inbox), [DONE] * 5)
        assert await town.look(kept) == [1, 2, 3, 4, 5]


async def test_while_postgresql_refuses_connections_the_channel_is_asked_to_come_again(
    make_database: MakeDatabase, key: str, postgres: Any
) -> None:
    import psycopg

    url = make_database("postgresql")
    async with webhook_town(url, key) as town:
        name = url.rpartition("?")[0].rpartition("/")[2]

        def administer(allow: bool) -> None:
            with psycopg.connect(host=str(postgres.socket_dir), user="postgres", dbname="postgres", autocommit=True) as other:
                other.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS {allow}")
                if not allow:
                    # All but the leader's lock: losing that one ends the process, as it should.
                    other.execute(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid NOT IN"
                        " (SELECT pid FROM pg_locks WHERE locktype = 'advisory')",
                        (name,),
                    )

        await town.settled()
        await asyncio.to_thread(administer, False)
        update = message_update(1, 901)
        statuses = [(await posts(town, update))[0] for _ in range(3)]
        assert statuses == [503] * 3
        await asyncio.to_thread(administer, True)
        await eventually(lambda: not town.application.desk.away, within=15)
        assert (await posts(town, update))[0] == 200
        await becomes(town, states(inbox), [DONE])
        assert not town.application.nursery.failed.is_set()


# -- the webhook itself


async def test_the_webhook_is_set_with_its_secret_and_stays_when_we_stop(hooked: Town) -> None:
    bot = hooked.sandbox.world.bot(TOKEN)
    assert (bot.webhook.url, bot.webhook.secret) == (hooked.settings.webhook_url, SECRET)
    assert bot.allowed == frozenset(hooked.application.conversing.allowed_updates)
    ann = english(hooked, "ann")
    await ann.sends("/start")
    assert len(ann.history) == 1
    await hooked.application.stop()
    assert bot.webhook.url == hooked.settings.webhook_url, "another process may serve it"
    ann.person.send_text(TOKEN, "/help")  # while nobody listens
    await eventually(lambda: bot.webhook.last_error)
    await hooked.restart()
    await hooked.settled()
    assert len(ann.history) == 2


async def test_a_webhook_that_could_not_be_set_at_the_start_is_set_later(
    make_database: MakeDatabase, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.bootstrap.SET_UP_PAUSE", 0.05)
    async with webhook_town(make_database("sqlite"), key) as town:
        await town.application.stop()
        bot = town.sandbox.world.bot(TOKEN)
        town.sandbox.faults.plan([{"kind": "status", "method": "setWebhook", "times": 2}])
        bot.webhook = type(bot.webhook)()
        town.application = build(town.settings, town.clock)
        await town.application.start()
        await eventually(lambda: bot.webhook.url == town.settings.webhook_url)


async def test_what_could_not_be_shown_to_everybody_at_the_start_is_shown_later(
    make_database: MakeDatabase, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.bootstrap.SET_UP_PAUSE", 0.05)
    async with open_town(make_database("sqlite", "badong"), key) as town:
        await town.application.stop()
        bot = town.sandbox.world.bot(TOKEN)
        bot.commands.clear()
        town.sandbox.faults.plan([{"kind": "status", "method": "setMyCommands", "times": 2}])
        town.application = build(town.settings, town.clock)
        await town.application.start()
        await eventually(lambda: bot.commands)


async def test_one_persons_way_over_the_webhook(hooked: Town) -> None:
    people = [english(hooked, name) for name in ("ann", "ben", "cho")]
    for number in range(4):
        for someone in people:
            someone.person.send_text(TOKEN, f"no. {number}")
    await hooked.settled()
    assert await hooked.look(states(inbox, state=PENDING)) == []
    assert len(await hooked.look(all_of(inbox))) == 12
    for someone in people:
        assert someone.history


# -- polling


async def test_the_offset_moves_only_after_the_commit(town: Town) -> None:
    bot = town.sandbox.world.bot(TOKEN)
    desk = town.application.desk
    real = desk.store
    gate = asyncio.Event()
    asked: list[int] = []

    async def slow(arrivals: Any) -> None:
        asked.extend(a.update_id for a in arrivals)
        await gate.wait()
        await real(arrivals)

    desk.store = slow  # type: ignore[method-assign]  # the same, later
    ann = english(town, "ann")
    update = ann.person.send_text(TOKEN, "/start").update_id
    assert update is not None
    await eventually(lambda: asked)
    assert update in bot.updates, "the channel was told before the update was kept"
    with town.application.database.reader.connect() as other:
        assert update not in kept(other)
    gate.set()
    await eventually(lambda: update not in bot.updates)
    with town.application.database.reader.connect() as other:
        assert update in kept(other)


async def test_updates_that_were_stored_but_not_confirmed_come_again_and_act_once(town: Town) -> None:
    ann = english(town, "ann")
    bot = town.sandbox.world.bot(TOKEN)
    await ann.sends("/start")
    confirmed = bot.confirm
    bot.confirm = lambda before: None  # type: ignore[method-assign]  # the process dies before its next poll
    ann.person.send_text(TOKEN, "/help")
    await eventually(lambda: len(ann.history) == 2)
    bot.confirm = confirmed  # type: ignore[method-assign]
    assert bot.updates
    await town.restart()
    assert len(ann.history) == 2
    assert not bot.updates


async def test_a_second_poller_stops_the_process_loudly(make_database: MakeDatabase, key: str) -> None:
    async with open_town(make_database("sqlite", "badong"), key) as town:
        async with aiohttp.ClientSession() as session:
            url = f"{town.sandbox.url}/bot{TOKEN}/getUpdates"
            async with session.post(url, json={"timeout": 0}) as answer:
                await answer.read()
        async with asyncio.timeout(5):
            await town.application.nursery.failed.wait()
        assert isinstance(town.application.nursery.error, Conflict)


async def test_a_channel_that_fails_is_asked_again_after_pauses(
    make_database: MakeDatabase, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []

    async def at_once(self: Any, error: Exception, pause: float) -> float:
        pauses.append(pause)
        return min(60.0, pause * 2)

    monkeypatch.setattr(intake.Polling, "_rest", at_once)
    async with open_town(make_database("sqlite", "badong"), key) as town:
        ann = english(town, "ann")
        plan = [{"kind": kind, "method": "getUpdates", "times": 3} for kind in ("status", "refuse")]
        town.sandbox.faults.plan([*plan, {"kind": "too_many", "method": "getUpdates", "times": 1, "seconds": 7}])
        await ann.sends("/start")
        await eventually(lambda: len(pauses) == 7)
        ann.person.send_text(TOKEN, "/help")
        await eventually(lambda: len(ann.history) == 2)
        assert pauses[:4] == [0.5, 1, 2, 4]
        assert 7 in pauses, "the pause that the channel asked for"
        assert max(pauses) <= 60
        assert not town.application.nursery.failed.is_set()


async def test_a_channel_that_is_away_at_the_start_is_polled_when_it_is_back(make_database: MakeDatabase, key: str) -> None:
    async with open_town(make_database("sqlite", "badong"), key) as town:
        await town.application.stop()
        await town.sandbox.stop()
        town.application = build(town.settings, town.clock)
        await town.application.start()
        await town.sandbox.start()
        ann = english(town, "ann")
        ann.person.send_text(TOKEN, "/start")
        await eventually(lambda: ann.history)


async def test_polling_takes_away_a_webhook_that_was_left(make_database: MakeDatabase, key: str) -> None:
    url = make_database("sqlite")
    async with webhook_town(url, key) as town:
        bot = town.sandbox.world.bot(TOKEN)
        assert bot.webhook.url
        await town.application.stop()
        ann = english(town, "ann")
        ann.person.send_text(TOKEN, "/start")
        town.settings = town.settings.model_copy(update={"mode": Mode.POLLING, "port": 0})
        await town.restart()
        assert not bot.webhook.url
        await eventually(lambda: ann.history)
