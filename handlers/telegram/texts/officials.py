"""What those are shown who hold a post: their menu, their hats, and the areas that everybody can choose from."""

from __future__ import annotations

from collections.abc import Collection

from handlers.menus import PRESSES
from handlers.messages import Message, Reader
from handlers.presses.drafts import BeginOnDuty
from handlers.presses.everybody import ChooseConference, ShowConferences, ShowHelp, ShowReporting, WearHat
from handlers.presses.reporters import ShowOwnReports
from handlers.records.everybody import ConferencesListed, DeskMenu, PostsHeld
from locales import Markup, Translator, later, safe

from .everybody import NOTES, conference_name, home, languages
from .moments import day_of
from .registry import button, lines, listed, pager, pairs, says

OFFERS = {
    "reports": later("Latest reports"),
    "duty": later("Who is on duty"),
    "owe": later("What do I owe?"),
    "assign": later("Assign an item"),
    "assignments": later("Assigned items"),
    "meetings": later("Meetings"),
    "duties": later("Duties"),
    "convene": later("Call a meeting"),
    "notices": later("Notices"),
    "notify": later("Write a notice"),
    "roster": later("Roster"),
    "gaps": later("Gaps in the roster"),
    "export": later("Export the roster"),
    "invite": later("Invite somebody"),
    "invitations": later("Invitations that wait"),
    "outsiders": later("Units from outside"),
    "handover": later("Hand-overs"),
    "mechanism": later("Set up the mechanism"),
    "whoami": later("My posts"),
}
# What a document may be silent about, by the names that a head has for it: said where it would have been.
LACKING = {
    "conference": later("a joint conference"),
    "roster": later("a roster of member units and seats"),
    "office": later("an office"),
    "office_host": later("a host of the office"),
    "plenary": later("plenary meetings at fixed intervals"),
    "liaison_meeting": later("meetings of liaisons"),
    "gate": later("a rule on who admits agenda items"),
    "proposers": later("a rule on who proposes agenda items"),
    "minutes": later("minutes"),
    "major_matters": later("a rule on major matters"),
    "succession": later("a rule of succession"),
    "guests": later("guests of meetings"),
    "circulation": later("circulars on progress"),
    "co_units": later("lead and co-responsible units"),
    "work_plan": later("a yearly work plan"),
    "mechanism": later("a day until which a mechanism is set up"),
}
AREA_NOTES = {"area_unknown": later("This link leads to an area that this desk does not stand for. Please choose one of these:")}


def lacking(parts: Collection[str], t: Translator) -> Markup | None:
    """One sentence on what the document does not have; None if it has all of it."""
    named = [t(LACKING[part]) for part in LACKING if part in parts]
    if not named:
        return None
    return t(
        "The document of this conference does not provide for: {parts}. It is therefore not offered here.",
        parts=listed(named, t),
    )


@says(DeskMenu)
def menu(record: DeskMenu, reader: Reader, t: Translator) -> Message:
    text = lines(
        f"{t(NOTES[record.note])}\n" if record.note in NOTES else None,
        f"<b>{safe(conference_name(reader))}</b>",
        t("You act as: <b>{post}</b>", post=record.post),
        t("Other posts you hold here: {number}. Change under “My posts”.", number=record.more) if record.more else None,
        lacking(record.missing, t),
        "",
        t("What you can do now:"),
    )
    offers = [button(t(OFFERS[name]), PRESSES[name]) for name in record.offers if name in OFFERS]
    return Message(
        text,
        [
            *pairs(offers),
            *([[button(t("Report on duty, for my unit"), BeginOnDuty())]] if record.on_duty else []),
            [button(t("Report a child or somebody else"), ShowReporting())],
            [button(t("My reports"), ShowOwnReports()), button(t("How it works"), ShowHelp())],
            languages("start"),
        ],
    )


@says(PostsHeld)
def posts_held(record: PostsHeld, reader: Reader, t: Translator) -> Message:
    area = [[button(t("Another area"), ShowConferences(0))]] if record.several else []
    there = [[button(t("Act in: {name}", name=conference_name(reader, slug)), ChooseConference(slug))] for slug in record.elsewhere]
    here = t("You act in: <b>{name}</b>", name=conference_name(reader))
    if not record.posts and not record.titles:
        none = t("No post is registered for this account. You can report here like everybody.")
        if record.elsewhere:
            none = t("You hold no post here. You can report here like everybody.")
        return Message(lines(none, here if record.several or record.elsewhere else None), [*there, *area, home(t)])
    posts: list[str] = [
        t("{mark} <b>{post}</b>, since {day}", mark="●" if number == 0 else "○", post=title, day=day_of(since, reader, t))
        for number, (_, title, since) in enumerate(record.posts)
    ]
    text = lines(
        t("Name: {name}", name=record.name) if record.name else None,
        here,
        t("You hold these posts now:"),
        *(posts or (f"· {safe(title)}" for title in record.titles)),
        t("● is the post under which you act where several would do.") if len(posts) > 1 else None,
    )
    hats = [[button(t("Act as: {post}", post=title), WearHat(post))] for post, title, _ in record.posts[1:]]
    return Message(text, [*hats, *there, *area, home(t)])


@says(ConferencesListed)
def conferences_listed(record: ConferencesListed, reader: Reader, t: Translator) -> Message:
    text = lines(
        t(AREA_NOTES[record.note]) if record.note in AREA_NOTES else None,
        t("You act in: <b>{name}</b>", name=conference_name(reader)),
        t("<b>Which area is it about?</b> What you report afterwards goes to the conference that you choose."),
    )
    choices = [[button(conference_name(reader, slug), ChooseConference(slug))] for slug in record.conferences]
    return Message(text, [*choices, *pager(record.page, record.pages, ShowConferences, t), home(t)])
