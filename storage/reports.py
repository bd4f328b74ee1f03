"""Reports, their sealed statements, and, apart from both, who reported."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from conference.model.reports import Identity, Report, ReportState, Statement

from .act import Act
from .sealed import Purpose
from .tables import accounts, counters, report_history, reporters, reports, statements

_BODY = "statements.body_sealed"
_ACCOUNT = "reporters.account_sealed"
_PARTICULARS = "reporters.particulars_sealed"
_ADDRESS = "accounts.address_sealed"


# Statements are built once: building one costs more than running it.
_COLUMNS = tuple(column.key for column in reports.c if column.key != "id")
_MOVE = ("before", "after", "at", "person_id", "post_id")
_add = {
    name: insert(reports).on_conflict_do_nothing(index_elements=["draft"]).returning(reports.c.id)
    for name, insert in (("sqlite", sqlite_insert), ("postgresql", pg_insert))
}
_add_moves, _add_statements, _add_reporter = report_history.insert(), statements.insert(), reporters.insert()
_filed_from = select(reports.c.id).where(reports.c.draft == bindparam("draft"))
_count_up = {
    name: insert(counters).on_conflict_do_update(index_elements=["name"], set_={"value": counters.c.value + 1}).returning(counters.c.value)
    for name, insert in (("sqlite", sqlite_insert), ("postgresql", pg_insert))
}
_last_statement = select(func.max(statements.c.seq)).where(statements.c.report_id == bindparam("report"))
_opened = select(reporters.c.account_index, reporters.c.account_sealed).where(reporters.c.report_id == bindparam("report"))


class ReportRepository:
    """Fulfils conference.ports.Reports."""

    def __init__(self, act: Act) -> None:
        self._act = act

    def add(self, report: Report) -> bool:
        """See conference.ports.Reports."""
        connection = self._act.connection
        report.id = connection.execute(_add[connection.dialect.name], {name: getattr(report, name) for name in _COLUMNS}).scalar()
        if report.id is None:
            return False
        moves = [{"report_id": report.id, **{name: getattr(move, name) for name in _MOVE}} for move in report.history]
        if moves:
            connection.execute(_add_moves, moves)
        return True

    def next_number(self, conference: str, year: int) -> str:
        """Year and running number, one series a conference and year: 2026-00017. Gaps are possible, repeats are not."""
        connection = self._act.connection
        value = connection.execute(_count_up[connection.dialect.name], {"name": f"report:{conference}:{year}", "value": 1}).scalar_one()
        return f"{year}-{value:05d}"

    def get(self, report_id: int) -> Report | None:
        return self._act.session.get(Report, report_id)

    def get_to_change(self, report_id: int) -> Report | None:
        # Of two desks that accept it at once in two processes, one comes second and finds it accepted.
        return self._act.session.get(Report, report_id, with_for_update=True, populate_existing=True)

    def filed_from(self, draft: str) -> Report | None:
        found = self._act.connection.execute(_filed_from, {"draft": draft}).scalar()
        return None if found is None else self._act.session.get(Report, found)

    def numbered(self, conference: str, number: str) -> Report | None:
        query = select(Report).where(reports.c.conference == conference, reports.c.number == number)
        return self._act.session.scalars(query).first()

    def of_reporter(self, account_id: int) -> Sequence[Report]:
        index = self._act.sealer.index("reporter", account_id)
        query = select(Report).join(reporters, reporters.c.report_id == reports.c.id).where(reporters.c.account_index == index)
        return self._act.session.scalars(query.order_by(reports.c.id.desc()).limit(20)).all()

    def waiting(self, conference: str) -> Sequence[Report]:
        query = select(Report).where(reports.c.conference == conference, reports.c.state == ReportState.SUBMITTED)
        return self._act.session.scalars(query.order_by(reports.c.id)).all()

    def recent(self, conference: str, limit: int) -> Sequence[Report]:
        query = select(Report).where(reports.c.conference == conference).order_by(reports.c.id.desc()).limit(limit)
        return self._act.session.scalars(query).all()

    def accepted_by(self, post_id: int) -> Sequence[Report]:
        query = select(Report).where(reports.c.accepted_post == post_id, reports.c.state == ReportState.ACCEPTED)
        return self._act.session.scalars(query.order_by(reports.c.id)).all()


class StatementRepository:
    """Fulfils conference.ports.Statements: sealed on the way in, opened on the way out."""

    def __init__(self, act: Act) -> None:
        self._act = act

    def add(self, report_id: int, given: Sequence[Statement], *, first: bool = False) -> None:
        """See conference.ports.Statements."""
        if not given:
            return
        connection = self._act.connection
        last = 0 if first else connection.execute(_last_statement, {"report": report_id}).scalar() or 0
        connection.execute(_add_statements, [self._row(report_id, last + n, statement) for n, statement in enumerate(given, start=1)])

    def _row(self, report_id: int, seq: int, statement: Statement) -> dict[str, Any]:
        row = uuid.uuid4().hex
        return {
            "id": row,
            "report_id": report_id,
            "seq": seq,
            "kind": statement.kind,
            "body_sealed": self._act.sealer.seal_json(Purpose.NARRATIVE, _BODY, row, statement.body),
            "at": statement.at,
            "added": statement.added,
        }

    def of(self, report_id: int) -> Sequence[Statement]:
        rows = self._act.connection.execute(select(statements).where(statements.c.report_id == report_id).order_by(statements.c.seq))
        return [
            Statement(
                row.kind,
                self._act.sealer.open_json(Purpose.NARRATIVE, _BODY, row.id, row.body_sealed),
                row.at,
                row.added,
            )
            for row in rows
        ]


class ReporterRepository:
    """Fulfils conference.ports.Reporters: the only place that says who reported, under the identity key."""

    def __init__(self, act: Act) -> None:
        self._act = act

    def _sealed(self, report_id: int, account_id: int) -> dict[str, bytes]:
        return {
            "account_index": self._act.sealer.index("reporter", account_id),
            "account_sealed": self._act.sealer.seal(Purpose.IDENTITY, _ACCOUNT, report_id, str(account_id).encode()),
        }

    def bind(
        self, report_id: int, account_id: int, receipt_digest: bytes, particulars: Mapping[str, Any] | None = None, *, at: datetime
    ) -> None:
        told = self._act.sealer.seal_json(Purpose.IDENTITY, _PARTICULARS, report_id, particulars) if particulars else None
        row = {
            "report_id": report_id,
            "receipt_digest": receipt_digest,
            "particulars_sealed": told,
            "bound_at": at,
            **self._sealed(report_id, account_id),
        }
        self._act.connection.execute(_add_reporter, row)

    def account_of(self, report_id: int) -> int | None:
        account_id, speaks = self._reporter(report_id)
        return account_id if speaks else None

    def _reporter(self, report_id: int) -> tuple[int | None, bool]:
        """The account that reported or came back, and whether the report still talks to it."""
        row = self._act.connection.execute(_opened, {"report": report_id}).first()
        if row is None:
            return None, False
        account_id = int(self._act.sealer.open(Purpose.IDENTITY, _ACCOUNT, report_id, row.account_sealed))
        return account_id, bytes(row.account_index) == self._act.sealer.index("reporter", account_id)

    def identity_of(self, report_id: int) -> Identity | None:
        """Opened whole. Whoever calls this has asked for the right and written it down."""
        (account_id, _), sealer, connection = self._reporter(report_id), self._act.sealer, self._act.connection
        if account_id is None:
            return None
        query = select(accounts.c.address_index, accounts.c.address_sealed).where(accounts.c.id == account_id)
        account = connection.execute(query).one()
        address = int(sealer.open(Purpose.IDENTITY, _ADDRESS, bytes(account.address_index).hex(), account.address_sealed))
        told = connection.execute(select(reporters.c.particulars_sealed).where(reporters.c.report_id == report_id)).scalar()
        return Identity(address, sealer.open_json(Purpose.IDENTITY, _PARTICULARS, report_id, told) if told else {})

    def report_with_receipt(self, receipt_digest: bytes) -> int | None:
        return self._act.connection.execute(select(reporters.c.report_id).where(reporters.c.receipt_digest == receipt_digest)).scalar()

    def detach(self, account_id: int) -> None:
        """Each gets an index that no account has, so that nothing leads from the account to its reports, and from none to another."""
        connection, index = self._act.connection, self._act.sealer.index("reporter", account_id)
        found = connection.execute(select(reporters.c.report_id).where(reporters.c.account_index == index)).scalars().all()
        for report_id in found:
            alone = update(reporters).where(reporters.c.report_id == report_id).values(account_index=secrets.token_bytes(len(index)))
            connection.execute(alone)

    def rebind(self, report_id: int, account_id: int, *, at: datetime) -> None:
        statement = update(reporters).where(reporters.c.report_id == report_id)
        self._act.connection.execute(statement.values(bound_at=at, **self._sealed(report_id, account_id)))
