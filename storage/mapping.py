"""The domain's plain dataclasses, tied to their tables. Call `map_entities` once at start."""

from __future__ import annotations

from functools import cache

from sqlalchemy.orm import configure_mappers, registry, relationship

from conference.model.approvals import Approval
from conference.model.assignments import Assignment, Helper
from conference.model.duties import Occurrence
from conference.model.handovers import Handover
from conference.model.invitations import Invitation
from conference.model.meetings import Attendance, Guest, Meeting
from conference.model.notices import Copy, Notice
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
    for entity, table in ((Meeting, tables.meetings), (Notice, tables.notices), (Attendance, tables.attendances)):
        mapper.map_imperatively(entity, table, exclude_properties=["words_sealed"])
    mapper.map_imperatively(Guest, tables.guests, exclude_properties=["name_sealed"])
    mapper.map_imperatively(Copy, tables.copies)
    mapper.map_imperatively(Occurrence, tables.occurrences)
    mapper.map_imperatively(Helper, tables.helpers)
    mapper.map_imperatively(
        Assignment,
        tables.assignments,
        exclude_properties=["words_sealed"],
        properties={"helpers": relationship(Helper, order_by=tables.helpers.c.id, lazy="selectin", cascade="all, delete-orphan")},
    )
    configure_mappers()
