"""Thirty conferences of a thousand people, everybody with a duty that is not reported: a province on the morning of a deadline."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, insert, text

from conference import profiles
from conference.model.duties import OccurrenceState
from conference.model.people import Reach, Role
from storage.tables import accounts, conferences, occurrences, persons, posts, profile_versions, tenures

BOT = 42001
CONFERENCES = 30
PEOPLE = 1_000  # in each
BEFORE = datetime(2026, 1, 1, tzinfo=UTC)

# Each in one statement inside the database: a million rows are a matter of seconds, and no program has to hold them.
_PENDING = """
INSERT INTO due (key, kind, subject, data, due_at, state, attempts)
WITH RECURSIVE numbers (n) AS (SELECT CAST(:first AS BIGINT) UNION ALL SELECT n + 1 FROM numbers WHERE n < :last)
SELECT 'later:' || n, 'nudge', 'duty:' || (n % {everybody} + 1),
       '{{"conference": "c0", "unit": "unit0", "mark": 0, "step": "-5 liaison", "whom": "liaison"}}', {due_at} + n, 0, 0
FROM numbers
"""
_AT_ONCE = """
INSERT INTO due (key, kind, subject, data, due_at, state, attempts)
SELECT 'duty:' || id || ':' || unit || :step || :burst, 'nudge', 'duty:' || id,
       CAST(:before || conference || :between || unit || :after AS {json}), :due_at, 0, 0
FROM occurrences WHERE id <= :number ORDER BY id
"""
_DATA = ('{"conference": "', '", "unit": "', '", "mark": 0, "step": "-5 liaison", "whom": "liaison"}')


def slug(conference: int) -> str:
    return f"c{conference}"


def fill(connection: Connection) -> None:
    profile = profiles.load("badong")
    slugs = [slug(n) for n in range(CONFERENCES)]
    facts = {"level": "county", "parent": None, "name_zh": profile.name_zh, "name_en": profile.name_en, "lacks": ["minutes"]}
    connection.execute(insert(conferences), [{"slug": each, **facts, "version": 1, "created_at": BEFORE} for each in slugs])
    written = {"version": 1, "digest": b"d" * 32, "source": profiles.source("badong").encode(), "loaded_at": BEFORE}
    connection.execute(insert(profile_versions), [{"conference": each, **written} for each in slugs])
    for each in range(CONFERENCES):
        owned = [(f"unit{n}", each * PEOPLE + n + 1) for n in range(PEOPLE)]  # each unit of one liaison, and what it owes
        _fill_conference(connection, slug(each), profile.duties[0].id, owned)


def _fill_conference(connection: Connection, conference: str, duty: str, owned: Sequence[tuple[str, int]]) -> None:
    connection.execute(insert(persons), [{"id": number, "created_at": BEFORE} for _, number in owned])
    post = {"conference": conference, "role": Role.LIAISON, "title": "联络员", "rank": 1}
    connection.execute(insert(posts), [{"id": number, "unit": unit, **post} for unit, number in owned])
    account: dict[str, Any] = {"channel": "telegram", "bot": BOT, "language": "zh_Hans", "reach": Reach.OPEN, "created_at": BEFORE}
    account |= {"address_sealed": b""}  # nobody sends here
    connection.execute(insert(accounts), [{"id": n, "person_id": n, "address_index": n.to_bytes(16, "big"), **account} for _, n in owned])
    connection.execute(insert(tenures), [{"post_id": n, "person_id": n, "alone": False, "begins_at": BEFORE} for _, n in owned])
    thing = {"conference": conference, "duty": duty, "cause": "2026", "state": OccurrenceState.OPEN, "chased": True, "mark": 0}
    thing |= {"opens": date(2026, 1, 1), "due": date(2026, 12, 3)}
    connection.execute(insert(occurrences), [{"id": number, "unit": unit, **thing} for unit, number in owned])


def add_pending(connection: Connection, first: int, last: int) -> None:
    """Reminders of a later day, numbered like this."""
    due_at = _stored(datetime(2027, 1, 1, tzinfo=UTC))
    connection.execute(text(_PENDING.format(everybody=CONFERENCES * PEOPLE, due_at=due_at)), {"first": first, "last": last})


def add_at_once(connection: Connection, burst: int, number: int, due_at: datetime) -> None:
    """Reminders of the first so many people, all due at this moment; `burst` makes their keys others than before."""
    said = dict(zip(("before", "between", "after"), _DATA, strict=True))
    said |= {"step": ":0:-5 liaison:", "burst": str(burst)}
    json = "JSON" if connection.dialect.name == "postgresql" else "TEXT"  # what SQLite calls JSON would be a number
    connection.execute(text(_AT_ONCE.format(json=json)), {**said, "number": number, "due_at": _stored(due_at)})


def _stored(at: datetime) -> int:
    return int(at.timestamp() * 1_000_000)
