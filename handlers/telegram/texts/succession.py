"""Vacant posts, hand-overs and the roster check: what units, both sides and the office are told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from conference.model.invitations import VALID
from conference.model.roster_checks import QUIET
from conference.model.told import (
    HandoverCancelled,
    HandoverDone,
    HandoverShown,
    PostVacant,
    RosterChangeSaid,
    RosterCheckClosed,
    RosterCheckShown,
)
from handlers.lengths import units
from handlers.links import link_of
from handlers.messages import Button, Message, Reader
from handlers.presses.succession import (
    AnswerRosterCheck,
    AskHandover,
    BeginHandover,
    CancelHandover,
    ChoosePost,
    ChooseUnit,
    ConfirmByOffice,
    ConfirmHandover,
    InviteAgain,
    ShowHandover,
    ShowHandovers,
)
from handlers.records.succession import (
    HandoverAsked,
    HandoverEndAsked,
    HandoversListed,
    HolderToChoose,
    NothingToCheck,
    PostsToChoose,
    SuccessorInvited,
    UnitsToChoose,
)
from locales import Markup, Translator, later, safe

from .duty import who
from .everybody import conference_name
from .joining import CAN, known_otherwise, post_lines, unit_name
from .moments import hours, moment
from .registry import button, lines, listed, pager, pairs, plain, says

ITEMS: dict[str, str] = {
    "reports_accepted": later("Reports accepted by this post: {number}"),
    "reports_waiting": later("Reports waiting at this desk: {number}"),
    "drafts": later("Reports begun and not sent (they stay with who began them): {number}"),
    "messages": later("Messages that have not arrived (they do not go over): {number}"),
    "invitations": later("Open invitations issued under this post: {number}"),
    "approvals": later("Requests for a second person's word, not yet used (they end with the hand-over; ask again if needed): {number}"),
    "shifts": later("Shifts on the rota: {number}"),
    "meetings": later("Meetings to come (what was answered stands): {number}"),
    "assignments": later("Assigned items that are open: {number}"),
    "notices": later("Notices to sign for: {number}"),
    "duties": later("Duties to report on: {number}"),
    "roster_checks": later("Roster checks to answer: {number}"),
}
HANDOVER_STATES = {
    "started": later("waiting for the successor to open the link"),
    "joined": later("waiting for both sides to confirm"),
    "agreed": later("waiting for the office to confirm"),
    "done": later("done"),
    "cancelled": later("cancelled"),
}
RULES = {
    "automatic": later(
        "In this conference the successor takes the post as soon as both sides have confirmed; the office is told. "
        "If somebody confirms instead of the holder, the office has to confirm as well."
    ),
    "confirm": later("The change is reported to the office; the post changes hands when the office confirms it."),
    "manual": later("In this conference the office starts a hand-over, and another person of the office confirms it."),
}
WHY_NOT_START = {
    "office_starts": later("The office starts hand-overs in this conference. If you leave your post, please tell the office."),
    "no_post": later("You hold no post here that could be handed over."),
}
WHY = {
    "vacant": later("nobody holds it"),
    "unreachable": later("messages no longer reach the holder"),
    "quiet": later("nothing done for {days} days"),
}
ROOM = 3000  # UTF-16 units for a list in one message
MOST_UNITS = 40  # named in one line


def fitting(rows: Iterable[Markup], t: Translator, room: int = ROOM) -> list[Markup]:
    """As many lines as fit, and how many are left."""
    every, used = list(rows), 0
    found: list[Markup] = []
    for row in every:
        used += units(plain(row)) + 1
        if used > room:
            return [*found, t("… and {number} more", number=len(every) - len(found))]
        found.append(row)
    return found


def inventory(items: dict[str, Any], t: Translator) -> Markup:
    """What goes over with the post, a line each."""
    if not items:
        return t("Nothing is open here.")
    rows = []
    for noun, (number, labels) in items.items():
        line = t(ITEMS[noun], number=number) if noun in ITEMS else safe(f"{noun}: {number}")
        more = "…" if number > len(labels) else ""
        rows.append(Markup(f"· {line}" + (f" ({listed(labels, t)}{more})" if labels else "")))
    return lines(*rows)


# -- vacant


@says(PostVacant)
def post_vacant(record: PostVacant, reader: Reader, t: Translator) -> Message:
    if record.others:
        return posts_vacant(record, reader, t)
    what = post_lines(reader, t, record.conference, record.unit, record.title)
    since = t("Nobody has held it since {at}.", at=moment(record.since, reader, t))
    if record.whom == "unit":
        ask = t("Please name somebody for it: choose the post under /handover, or tell the office.")
    elif record.alone:
        ask = t("The unit has nobody else who could be reminded. Please ask the unit and invite somebody.")
    else:
        ask = t("The unit has been reminded and nobody has been named yet.")
    return Message(lines(t("🪑 <b>A post is vacant.</b>"), what, since, "", ask), [[button(t("Hand-overs"), ShowHandovers())]])


def posts_vacant(record: PostVacant, reader: Reader, t: Translator) -> Message:
    """Several since the same moment: one message, so that nobody hears of each."""
    posts = [[record.unit, record.title], *record.others]
    if record.whom == "unit":
        ask = t("Please name somebody for them: choose the post under /handover, or tell the office.")
    elif record.alone:
        ask = t("Their units have nobody else who could be reminded. Please ask the units and invite somebody.")
    else:
        ask = t("Their units have been reminded and nobody has been named yet.")
    text = lines(
        t("🪑 <b>Vacant posts: {number}.</b>", number=len(posts)),
        t("Conference: <b>{name}</b>", name=conference_name(reader, record.conference)),
        t("Nobody has held them since {at}.", at=moment(record.since, reader, t)),
        *fitting((t("· {unit} · {post}", unit=unit_name(reader, record.conference, unit), post=title) for unit, title in posts), t),
        "",
        ask,
    )
    return Message(text, [[button(t("Hand-overs"), ShowHandovers())]])


# -- hand-overs


@says(HandoversListed)
def handovers_listed(record: HandoversListed, reader: Reader, t: Translator) -> Message:
    rows = [[button(t("{post}: {state}", post=title, state=t(HANDOVER_STATES[state])), ShowHandover(number))]
            for number, title, state in record.open]  # fmt: skip
    text = lines(
        t("<b>Hand-overs</b>"),
        t("Under way: {number}", number=len(record.open)) if record.open else t("None is under way."),
        t(WHY_NOT_START[record.why_not]) if record.why_not else None,
    )
    if not record.why_not:
        rows.append([button(t("Hand over a post of mine or of my unit"), ChoosePost(0, 0))])
    if record.any_unit:
        rows.append([button(t("Hand over a post of any unit"), ChooseUnit(0))])
    return Message(text, rows)


@says(UnitsToChoose)
def units_to_choose(record: UnitsToChoose, reader: Reader, t: Translator) -> Message:
    rows = [[button(safe(unit_name(reader, reader.conference, unit)), ChoosePost(post, 0))] for post, unit in record.units]
    rows += pager(record.page, record.pages, ChooseUnit, t)
    return Message(t("<b>Of which unit?</b>"), [*rows, [button(t("Back"), ShowHandovers())]])


@says(PostsToChoose)
def posts_to_choose(record: PostsToChoose, reader: Reader, t: Translator) -> Message:
    rows = []
    for post, title, names, others in record.posts:
        more = [t("others: {number}", number=others)] if others else []
        holders = listed([*(who(name, t) for name in names), *more], t) or t("vacant")
        rows.append([button(t("{post} · {holders}", post=title, holders=holders), AskHandover(post, 0))])
    rows += pager(record.page, record.pages, lambda page: ChoosePost(record.of, page), t)
    text = t("<b>Which post is handed over?</b>") if record.posts else t("There is no post here that you could hand over.")
    return Message(text, [*rows, [button(t("Back"), ShowHandovers())]])


@says(HolderToChoose)
def holder_to_choose(record: HolderToChoose, reader: Reader, t: Translator) -> Message:
    choices = [button(who(name, t), AskHandover(record.post, person)) for person, name in record.people[:50]]
    return Message(
        t("<b>{post}</b>: several people hold it. Who leaves?", post=record.title), [*pairs(choices), [button(t("Back"), ShowHandovers())]]
    )


@says(HandoverAsked)
def handover_asked(record: HandoverAsked, reader: Reader, t: Translator) -> Message:
    text = lines(
        t("<b>Hand over: {post}</b>", post=record.title),
        t("Holder: {name}", name=who(record.name, t)) if record.person else t("Nobody holds it now."),
        "",
        t("What goes over with the post:"),
        inventory(record.items, t),
        "",
        t(RULES[record.mode]),
        t("You get a link for the successor, valid for {hours} hours. Until all have confirmed nothing changes.", hours=hours(VALID)),
    )
    return Message(text, [[button(t("Begin"), BeginHandover(record.post, record.person))], [button(t("Back"), ShowHandovers())]])


@says(HandoverShown)
def handover_shown(record: HandoverShown, reader: Reader, t: Translator) -> Message:
    text = lines(
        t("⏳ <b>This hand-over has been open for a while. Please bring it to an end.</b>") if record.note == "stale" else None,
        t("🔁 <b>Hand-over</b>: {state}", state=t(HANDOVER_STATES[record.state])),
        post_lines(reader, t, record.conference, record.unit, record.title),
        t("From: {name}", name=who(record.outgoing, t)) if record.outgoing or not record.gone else t("From: nobody who can be asked"),
        t("To: {name}", name=who(record.incoming, t)) if record.state != "started" else None,
        known_otherwise(record.was, t),
        *_confirmed(record, reader, t),
        "",
        t("What goes over with the post:"),
        inventory(record.items, t),
        "",
        _next(record, t),
    )
    return Message(text, _acts(record, t), protect=True)


def _confirmed(record: HandoverShown, reader: Reader, t: Translator) -> list[Markup]:
    found = []
    if record.outgoing_at:
        at = moment(record.outgoing_at, reader, t)
        found.append(t("✔️ Confirmed instead of the holder, {at}", at=at) if record.instead else t("✔️ Handed over, {at}", at=at))
    if record.incoming_at:
        found.append(t("✔️ Taken over, {at}", at=moment(record.incoming_at, reader, t)))
    return found


def _next(record: HandoverShown, t: Translator) -> Markup:
    """What the reader does now, or who is waited for."""
    if record.state in ("done", "cancelled"):
        return t("This hand-over is over.")
    if record.nobody:
        return t("Nobody of the office can confirm this now: whoever started it or confirmed for a side may not. "
                 "It waits until the office registers another person (/invite). You can also call it off.")  # fmt: skip
    if "outgoing" in record.can and record.side != "outgoing":
        return t("The holder cannot be asked. If you know the successor, please confirm instead of the holder; "
                 "that is noted, and another person of the office has to confirm.")  # fmt: skip
    if {"outgoing", "incoming"} & set(record.can):
        return t("Please look at the names and the list, and confirm. Deadlines go on as they are.")
    if "office" in record.can:
        return t("Both sides have confirmed. Please confirm for the office, if you know of the change.")
    if record.state == "started":
        return t("Give the successor the link. It can be made anew here.")
    return t("You need not do anything now.")


def _acts(record: HandoverShown, t: Translator) -> list[list[Button]]:
    number = record.handover_id
    instead = record.side != "outgoing"
    acts = {
        "outgoing": button(t("Confirm instead of the holder") if instead else t("I hand it over"), ConfirmHandover(number, "outgoing")),
        "incoming": button(t("I take it over"), ConfirmHandover(number, "incoming")),
        "office": button(t("The office confirms"), ConfirmByOffice(number)),
        "link": button(t("Make a new link"), InviteAgain(number)),
        "cancel": button(t("Call it off"), CancelHandover(number, 0)),
    }
    return [[acts[name]] for name in record.can]


@says(SuccessorInvited)
def successor_invited(record: SuccessorInvited, reader: Reader, t: Translator) -> Message:
    whole = link_of(reader.bot, record.token)
    text = lines(
        t("✉️ <b>For the successor of {post}</b>", post=record.title),
        t("Valid until {at}", at=moment(record.expires_at, reader, t)),
        "",
        t("Link, to be sent to the one who is meant:\n{link}", link=whole) if whole else None,
        t("Code for paper, to be typed to @{bot}: <code>{code}</code>", bot=reader.bot, code=record.code)
        if reader.bot
        else t("Code for paper, to be typed here: <code>{code}</code>", code=record.code),
        "",
        t("It works once, for whoever opens it first. You see the name before anything changes."),
    )
    return Message(text, [[button(t("Where it stands"), ShowHandover(record.handover_id))]])


@says(HandoverEndAsked)
def handover_end_asked(record: HandoverEndAsked, reader: Reader, t: Translator) -> Message:
    text = t("Really call off the hand-over of <b>{post}</b>? The post stays as it is.", post=record.title)
    sure = [button(t("Yes, call it off"), CancelHandover(record.handover, 1)), button(t("No, go on"), ShowHandover(record.handover))]
    return Message(text, [sure])


@says(HandoverCancelled)
def handover_cancelled(record: HandoverCancelled, reader: Reader, t: Translator) -> Message:
    text = t("The hand-over has been called off; the post stays as it is.")
    return Message(lines(text, post_lines(reader, t, record.conference, record.unit, record.title)))


@says(HandoverDone)
def handover_done(record: HandoverDone, reader: Reader, t: Translator) -> Message:
    at = moment(record.at, reader, t)
    post = post_lines(reader, t, record.conference, record.unit, record.title)
    if record.side == "roster":
        line = t("📋 Roster: {unit} · {post} is held by {name} since {at}.", unit=unit_name(reader, record.conference, record.unit),
                 post=record.title, name=who(record.name, t), at=at)  # fmt: skip
        return Message(lines(line, t("Confirmed instead of the former holder, who could not be asked.") if record.instead else None))
    if record.side == "outgoing":
        return Message(
            lines(t("<b>You have handed over this post</b>, {at}. Thank you.", at=at), post, "", t("You can no longer act under it here."))
        )
    text = lines(
        t("🤝 <b>Welcome. This post is yours</b>, since {at}.", at=at),
        post,
        "",
        t("What came with it; deadlines go on as they were:"),
        inventory(record.items, t),
        "",
        t(CAN[record.role]) if record.role in CAN else None,
        t("/whoami – posts you hold\n/help – how it works"),
    )
    return Message(text, protect=True)


# -- the roster check


def term(code: str, t: Translator) -> Markup:
    """2027Q1 in words."""
    year, kind, number = code[:4], code[4:5], code[5:]
    if kind == "Q":
        return t("{year}, quarter {number}", year=year, number=number)
    if kind == "H":
        return t("{year}, first half", year=year) if number == "1" else t("{year}, second half", year=year)
    return safe(year)


@says(RosterCheckShown)
def roster_check_shown(record: RosterCheckShown, reader: Reader, t: Translator) -> Message:
    given = {"unchanged": t("✔️ Your answer: no changes."), "changed": t("✔️ Your answer: there are changes.")}
    rows = [
        t("· {post}: {names}", post=title, names=listed([who(name, t) for name in names], t) or t("vacant"))
        for title, names in record.people
    ]
    hint = t("Under /handover you hand a post over to a successor; anything else please tell the office.")
    text = lines(
        t("⏰ <b>A reminder.</b>") if record.again else None,
        t(
            "📋 <b>Roster check {quarter}: {unit}</b>",
            quarter=term(record.quarter, t),
            unit=unit_name(reader, record.conference, record.unit),
        ),
        t("Are these still your people?"),
        "",
        *fitting(rows, t),
        "",
        given.get(record.answer or ""),
        hint if record.answer == "changed" else None,
        t("You can change your answer until {at}.", at=moment(record.closes_at, reader, t))
        if record.answer
        else t("Please answer by {at}.", at=moment(record.closes_at, reader, t)),
    )
    buttons = [
        button(t("No changes"), AnswerRosterCheck(record.check_id, "unchanged")),
        button(t("There are changes"), AnswerRosterCheck(record.check_id, "changed")),
    ]
    return Message(text, [buttons], protect=True)


@says(NothingToCheck)
def nothing_to_check(record: NothingToCheck, reader: Reader, t: Translator) -> Message:
    return Message(t("No roster check of your unit waits for an answer. The next one comes at the beginning of a quarter."))


@says(RosterChangeSaid)
def roster_change_said(record: RosterChangeSaid, reader: Reader, t: Translator) -> Message:
    unit = unit_name(reader, record.conference, record.unit)
    text = t(
        "📋 Roster check {quarter}: <b>{unit}</b> says that its people have changed. Please ask.",
        quarter=term(record.quarter, t),
        unit=unit,
    )
    return Message(text, [[button(t("Hand-overs"), ShowHandovers())]])


@says(RosterCheckClosed)
def roster_check_closed(record: RosterCheckClosed, reader: Reader, t: Translator) -> Message:
    def named(slugs: list[str]) -> Markup:
        names = [unit_name(reader, record.conference, slug) for slug in slugs]
        return Markup(listed(names[:MOST_UNITS], t) + ("…" if len(names) > MOST_UNITS else "")) if names else t("none")

    unread = [
        t("· {unit} · {post}: {why}", unit=unit_name(reader, record.conference, unit), post=title, why=t(WHY[why], days=QUIET.days))
        for unit, title, why in record.unread
    ]
    text = lines(
        t("📋 <b>Roster check {quarter} is closed.</b>", quarter=term(record.quarter, t)),
        t("No changes ({number}): {units}", number=len(record.unchanged), units=named(record.unchanged)),
        t("Changes ({number}): {units}", number=len(record.changed), units=named(record.changed)),
        t("No answer ({number}): {units}", number=len(record.silent), units=named(record.silent)),
        "",
        t("Posts whose messages nobody seems to read ({number}):", number=len(unread)) if unread else t("Every post is read by somebody."),
        *fitting(unread, t, ROOM // 2),
    )
    return Message(text, protect=True)
