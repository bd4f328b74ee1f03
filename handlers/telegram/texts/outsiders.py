"""Bodies from outside: who takes part, and asking for the name of one more."""

from __future__ import annotations

from conference.model.outsiders import LONGEST_NAME, SHORTEST_NAME, Inviting
from conference.model.told import UnitJoined
from handlers.messages import Message, Reader
from handlers.presses.inviting import InviteOutsider, ShowOutsiders, ShowPost, TakeBackOutsider
from handlers.records.inviting import OutsiderAsked, OutsiderDropped, OutsidersShown
from locales import Translator, later

from .everybody import home
from .joining import unit_name
from .officials import lacking
from .registry import button, lines, pager, says

HOW: dict[str, str] = {
    Inviting.AS_GUESTS: later("By its document, this conference invites other departments to attend as guests."),
    Inviting.AS_MEMBERS: later("By its document, this conference takes in other departments as members."),
}
ROWS: dict[tuple[str, bool], str] = {
    ("guest", True): later("· {name}: guest"),
    ("guest", False): later("· {name}: guest, nobody has come in yet"),
    ("member", True): later("· {name}: member"),
    ("member", False): later("· {name}: member, nobody has come in yet"),
}
NAME_NOTES: dict[str, str] = {
    "unfit": later("⚠️ That is no name of a unit: it has {least} to {most} characters on one line."),
    "there": later("⚠️ This unit takes part already; nobody was invited."),
    "anew": later("⚠️ A message that was edited does not count here. Please send the name as a new one."),
    "command": later("⚠️ The name of a unit is still awaited here."),
}


@says(OutsidersShown)
def outsiders_shown(record: OutsidersShown, reader: Reader, t: Translator) -> Message:
    how = t(HOW[record.mode]) if record.mode in HOW else lacking({"guests"}, t)
    rows = [t(ROWS[role, here], name=name) for _, name, role, here in record.rows]
    none = t("Nobody has been invited yet.") if record.mode in HOW and not rows else None
    posts = []
    for post, name, _, here in record.rows:
        posts.append([button(name, ShowPost(post))])
        posts += [] if here else [[button(t("Take back: {name}", name=name), TakeBackOutsider(post))]]
    taken_back = (
        t("Taken back: {name}. It takes part no more, and its link lets nobody in.", name=record.taken_back) if record.taken_back else None
    )
    more = [[button(t("Invite a unit"), InviteOutsider())]] if record.mode in HOW else []
    head = t("<b>Units from outside</b> ({page}/{pages})", page=record.page + 1, pages=record.pages)
    return Message(lines(taken_back, head, how, none, *rows), [*posts, *pager(record.page, record.pages, ShowOutsiders, t), *more, home(t)])


@says(OutsiderAsked)
def outsider_asked(record: OutsiderAsked, reader: Reader, t: Translator) -> Message:
    note = NAME_NOTES.get(record.note)
    kind = unit_name(reader, reader.conference, record.body) if record.body else ""
    return Message(
        lines(
            t(note, least=SHORTEST_NAME, most=LONGEST_NAME) if note else None,
            t("New post: <b>{kind}</b>", kind=kind) if kind else None,
            t(
                "Please write the full name of the unit ({least} to {most} characters). To stop, send /cancel.",
                least=SHORTEST_NAME,
                most=LONGEST_NAME,
            ),
        )
    )


@says(OutsiderDropped)
def outsider_dropped(record: OutsiderDropped, reader: Reader, t: Translator) -> Message:
    return Message(t("Stopped. No unit has been invited."), [home(t)])


@says(UnitJoined)
def unit_joined(record: UnitJoined, reader: Reader, t: Translator) -> Message:
    return Message(t("📋 <b>{name}</b> takes part as a member unit from now on: the first of its people has come in.", name=record.name))
