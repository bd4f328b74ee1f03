"""Reports, their sealed statements, and, apart from both, who reported."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from conference.model.reports import Report, ReportState, Statement

from .sealed import Purpose, Sealer
from .tables import counters, reporters, reports, statements

_BODY = "statements.body_sealed"
_ACCOUNT = "reporters.account_sealed"


class ReportRepository:
    """Fulfils conference.ports.Reports."""

    def __init__(self, session: Session, sealer: Sealer) -> None:
        self._session = session
        self._sealer = sealer

    def add(self, report: Report) -> None:
        self._session.add(report)
        self._session.flush()

    def next_number(self, conference: str, year: int) -> str:
        """Year and running number, one series a conference and year: 2026-00017. Gaps are possible, repeats are not."""
        connection = self._session.connection()
        insert = sqlite_insert if connection.dialect.name == "sqlite" else pg_insert
        statement = insert(counters).values(name=f"report:{conference}:{year}", value=1)
        statement = statement.on_conflict_do_update(index_elements=["name"], set_={"value": counters.c.value + 1})
        value = connection.execute(statement.returning(counters.c.value)).scalar_one()
        return f"{year}-{value:05d}"

    def get(self, report_id: int) -> Report | None:
        return self._session.get(Report, report_id)

    def by_draft(self, draft: str) -> Report | None:
        return self._session.scalars(select(Report).where(reports.c.draft == draft)).first()

    def of_reporter(self, account_id: int) -> Sequence[Report]:
        index = self._sealer.index("reporter", account_id)
        query = select(Report).join(reporters, reporters.c.report_id == reports.c.id).where(reporters.c.account_index == index)
        return self._session.scalars(query.order_by(reports.c.id.desc()).limit(20)).all()

    def waiting(self, conference: str) -> Sequence[Report]:
        query = select(Report).where(reports.c.conference == conference, reports.c.state == ReportState.SUBMITTED)
        return self._session.scalars(query.order_by(reports.c.id)).all()

    def recent(self, conference: str, limit: int) -> Sequence[Report]:
        query = select(Report).where(reports.c.conference == conference).order_by(reports.c.id.desc()).limit(limit)
        return self._session.scalars(query).all()


class StatementRepository:
    """Fulfils conference.ports.Statements: sealed on the way in, opened on the way out."""

    def __init__(self, session: Session, sealer: Sealer) -> None:
        self._session = session
        self._sealer = sealer

    def add(self, report_id: int, statement: Statement) -> None:
        connection = self._session.connection()
        last = connection.execute(select(func.max(statements.c.seq)).where(statements.c.report_id == report_id)).scalar()
        row = uuid.uuid4().hex
        connection.execute(
            statements.insert().values(
                id=row,
                report_id=report_id,
                seq=(last or 0) + 1,
                kind=statement.kind,
                body_sealed=self._sealer.seal_json(Purpose.NARRATIVE, _BODY, row, statement.body),
                at=statement.at,
                added=statement.added,
            )
        )

    def of(self, report_id: int) -> Sequence[Statement]:
        rows = self._session.connection().execute(select(statements).where(statements.c.report_id == report_id).order_by(statements.c.seq))
        return [
            Statement(
                row.kind,
                self._sealer.open_json(Purpose.NARRATIVE, _BODY, row.id, row.body_sealed),
                row.at,
                row.added,
            )
            for row in rows
        ]


class ReporterRepository:
    """Fulfils conference.ports.Reporters: the only place that says who reported, under the identity key."""

    def __init__(self, session: Session, sealer: Sealer) -> None:
        self._session = session
        self._sealer = sealer

    def _sealed(self, report_id: int, account_id: int) -> dict[str, bytes]:
        return {
            "account_index": self._sealer.index("reporter", account_id),
            "account_sealed": self._sealer.seal(Purpose.IDENTITY, _ACCOUNT, report_id, str(account_id).encode()),
        }

    def bind(self, report_id: int, account_id: int, receipt_digest: bytes, *, at: datetime) -> None:
        row = {"report_id": report_id, "receipt_digest": receipt_digest, "bound_at": at, **self._sealed(report_id, account_id)}
        self._session.connection().execute(reporters.insert().values(row))

    def account_of(self, report_id: int) -> int | None:
        sealed = self._session.connection().execute(select(reporters.c.account_sealed).where(reporters.c.report_id == report_id)).scalar()
        return None if sealed is None else int(self._sealer.open(Purpose.IDENTITY, _ACCOUNT, report_id, sealed))

    def report_with_receipt(self, receipt_digest: bytes) -> int | None:
        return (
            self._session.connection().execute(select(reporters.c.report_id).where(reporters.c.receipt_digest == receipt_digest)).scalar()
        )

    def rebind(self, report_id: int, account_id: int, *, at: datetime) -> None:
        statement = update(reporters).where(reporters.c.report_id == report_id)
        self._session.connection().execute(statement.values(bound_at=at, **self._sealed(report_id, account_id)))
