"""The roster in chat: units, the posts of a unit, what is missing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from conference.model.told import RosterFile, RosterWithheld
from conference.services.approvals import LONGEST, SHORTEST
from handlers.messages import Message, Reader, Upload
from handlers.presses.roster import ShowGaps, ShowRoster, ShowUnit
from handlers.records.roster import ExportAsked, GapsShown, RosterShown, UnitShown
from locales import Markup, Translator, later

from .custodians import REASON_NOTES
from .everybody import home
from .joining import unit_name
from .moments import day_of
from .officials import lacking
from .registry import button, lines, listed, pager, says

GAPS = {
    "vacant": later("· <b>{unit}</b>, {post}: vacant"),
    "unreachable": later("· <b>{unit}</b>, {post}: cannot be reached here"),
    "no_post": later("· <b>{unit}</b>: no post is registered"),
    "closed": later("· <b>{unit}</b>, {post}: not in the document any more, held still. The office ends the tenure with /invite."),
}


@says(RosterShown)
def roster_shown(record: RosterShown, reader: Reader, t: Translator) -> Message:
    rows = [
        t("· {unit}: posts {posts}, vacant {vacant}", unit=unit_name(reader, reader.conference, slug), posts=posts, vacant=vacant)
        if vacant
        else t("· {unit}: posts {posts}", unit=unit_name(reader, reader.conference, slug), posts=posts)
        for slug, _, posts, vacant in record.units
    ]
    text = lines(
        t("<b>Roster</b> ({page}/{pages})", page=record.page + 1, pages=record.pages),
        lacking({"roster"} & reader.head.lacks, t),
        *rows,
        None if rows else t("No post is registered yet."),
    )
    units = [
        [button(unit_name(reader, reader.conference, slug), ShowUnit(post, 0, record.page))] for slug, post, *_ in record.units if post
    ]
    gaps = [[button(t("Gaps in the roster"), ShowGaps(0))]] if record.gaps else []
    return Message(text, [*units, *pager(record.page, record.pages, ShowRoster, t), *gaps, home(t)], protect=True)


@says(UnitShown)
def unit_shown(record: UnitShown, reader: Reader, t: Translator) -> Message:
    text = lines(
        t(
            "<b>{unit}</b> ({page}/{pages})",
            unit=unit_name(reader, reader.conference, record.unit),
            page=record.page + 1,
            pages=record.pages,
        ),
        *(_post(*post, reader=reader, t=t) for post in record.posts),
    )
    pages = pager(record.page, record.pages, lambda page: ShowUnit(record.post, page, record.back), t)
    return Message(text, [*pages, [button(t("All units"), ShowRoster(record.back))], home(t)], protect=True)


def _post(
    title: str, role: str, place: str, holders: list[list[Any]], vacant_since: str | None, *, reader: Reader, t: Translator
) -> Markup:
    post = t("· <b>{post}</b> ({place})", post=title, place=place) if place and place not in title else t("· <b>{post}</b>", post=title)
    if not holders:
        vacant = t("vacant since {day}", day=day_of(vacant_since, reader, t)) if vacant_since else t("vacant")
        return t("{post}: {held}", post=post, held=vacant)
    return t("{post}: {held}", post=post, held=listed([_holder(*holder, reader=reader, t=t) for holder in holders], t))


def _holder(name: str | None, since: str, reachable: bool, *, reader: Reader, t: Translator) -> Markup:
    day = day_of(since, reader, t)
    held = t("{name} (since {day})", name=name, day=day) if name else t("held since {day}", day=day)
    return held if reachable else t("{held} ⚠️ cannot be reached here", held=held)


@says(GapsShown)
def gaps_shown(record: GapsShown, reader: Reader, t: Translator) -> Message:
    if not record.total:
        return Message(t("The roster has no gaps: every post is held, and everybody can be reached."), [home(t)], protect=True)
    rows = []
    for kind, unit, title, since in record.gaps:
        row = t(GAPS[kind], unit=unit_name(reader, reader.conference, unit), **({"post": title} if title else {}))
        rows.append(t("{gap} since {day}", gap=row, day=day_of(since, reader, t)) if since else row)
    head = t("<b>Gaps in the roster: {total}</b> ({page}/{pages})", total=record.total, page=record.page + 1, pages=record.pages)
    return Message(
        lines(head, *rows), [*pager(record.page, record.pages, ShowGaps, t), [button(t("All units"), ShowRoster(0))], home(t)], protect=True
    )


@says(ExportAsked)
def export_asked(record: ExportAsked, reader: Reader, t: Translator) -> Message:
    note = REASON_NOTES.get(record.note)
    text = lines(
        t(note, figure=record.figure) if note else None,
        t("<b>Take the roster out as a file</b>"),
        t(
            "It takes a second person of the office. Write /export and the reason in {least} to {most} "
            "characters; they read it and decide.",
            least=SHORTEST,
            most=LONGEST,
        ),
    )
    return Message(text, [home(t)])


@says(RosterFile)
def roster_file(record: RosterFile, reader: Reader, t: Translator) -> Message:
    name = f"roster-{record.conference}-{datetime.fromisoformat(record.at).astimezone(reader.zone):%Y%m%d}.csv"
    text = t("The roster, lines: {lines}. It holds names: keep it safe, and delete it when it is no longer needed.", lines=record.lines)
    return Message(text, upload=Upload("document", name, record.content.encode()), protect=True)


@says(RosterWithheld)
def roster_withheld(record: RosterWithheld, reader: Reader, t: Translator) -> Message:
    return Message(t("Only the office takes the roster out, and your post there has ended."), [home(t)])
