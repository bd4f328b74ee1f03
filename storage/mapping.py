"""The domain's plain dataclasses, tied to their tables. Call `map_entities` once at start."""

from __future__ import annotations

from functools import cache

from sqlalchemy.orm import configure_mappers, registry, relationship

from conference.model.approvals import Approval
from conference.model.handovers import Handover
from conference.model.invitations import Invitation
from conference.model.people import Person, Post, Tenure
from conference.model.reports import Move, Report
from conference.model.roster_checks import RosterCheck

from . import tables


@cache
def map_entities() -> None:
    mapper = registry(metadata=tables.metadata)
    mapper.map_imperatively(Person, tables.persons, exclude_properties=["name_sealed"])
    mapper.map_imperatively(Post, tables.posts)
    mapper.map_imperatively(Tenure, tables.tenures)
    mapper.map_imperatively(Invitation, tables.invitations, exclude_properties=["name_sealed"])
    mapper.map_imperatively(Approval, tables.approvals, exclude_properties=["reason_sealed"])
    mapper.map_imperatively(Handover, tables.handovers)
    mapper.map_imperatively(RosterCheck, tables.roster_checks)
    mapper.map_imperatively(Move, tables.report_history)
    mapper.map_imperatively(
        Report,
        tables.reports,
        properties={"history": relationship(Move, order_by=tables.report_history.c.id, lazy="select", cascade="all")},
    )
    configure_mappers()
