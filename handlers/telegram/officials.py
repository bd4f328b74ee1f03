"""Those who hold a post: their hats, and the roster of their conference."""

from __future__ import annotations

from datetime import datetime

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from conference.model.approvals import ApprovalState
from conference.model.errors import AnswerUnfit, NotPossibleNow, SecondNeeded, TooMuch
from conference.model.pages import cut
from conference.model.people import Actor
from conference.model.permissions import Action, may
from conference.model.rosters import RosterLine
from conference.model.told import ApprovalDecided
from conference.ports import UnitOfWork
from conference.services import approvals, hats, places, roster_exports, rosters
from handlers.filters import Pressed, Said
from handlers.menus import is_several
from handlers.presses.everybody import ShowPosts, ShowReporting, WearHat
from handlers.presses.roster import AskExport, ShowGaps, ShowRoster, ShowUnit, TakeExport
from handlers.records.approvals import ApprovalWaits
from handlers.records.everybody import PostsHeld, Refused, StartScreen
from handlers.records.roster import ExportAsked, GapsShown, RosterShown, UnitShown
from handlers.replies import Answer, Reply

POSTS_A_PAGE = 12


def router() -> Router:
    router = Router(name="officials")
    press, say = router.callback_query.register, router.message.register

    say(posts_wanted, Said("whoami"), flags={"action": Action.ASK_FOR_HELP})
    say(roster_wanted, Said("roster"), flags={"action": Action.SEE_ROSTER})
    say(gaps_wanted, Said("gaps"), flags={"action": Action.SEE_ROSTER_GAPS})
    say(export_wanted, Said("export", rest=r"(?s:.*)"), flags={"action": Action.EXPORT_ROSTER})
    press(export_pressed, Pressed(AskExport))
    press(export_taken, Pressed(TakeExport))
    press(reporting_wanted, Pressed(ShowReporting))
    press(posts_pressed, Pressed(ShowPosts))
    press(hat_chosen, Pressed(WearHat))
    press(roster_pressed, Pressed(ShowRoster))
    press(unit_pressed, Pressed(ShowUnit))
    press(gaps_pressed, Pressed(ShowGaps))
    return router


async def reporting_wanted(callback: CallbackQuery) -> Reply:
    return StartScreen(reporting=True)


# -- hats


async def posts_wanted(message: Message, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    return _posts(actor, uow, at)


async def posts_pressed(callback: CallbackQuery, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    return _posts(actor, uow, at)


async def hat_chosen(callback: CallbackQuery, press: WearHat, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    hats.choose_hat(uow, actor, press.post)
    return _posts(actor, uow, at, press.post)


def _posts(actor: Actor, uow: UnitOfWork, at: datetime, worn: int | None = None) -> PostsHeld:
    standing = hats.posts_held(uow, actor, at=at)
    posts = [[post.post_id, post.title, since.isoformat()] for post, since in standing.posts]
    posts.sort(key=lambda row: row[0] != worn)  # stable: without a choice made just now the order stays
    several = is_several(actor, uow.conferences)
    return PostsHeld(name=standing.name, posts=posts, elsewhere=list(actor.elsewhere), several=several)


# -- the roster


async def roster_wanted(message: Message, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    return _roster(actor, uow, 0, at)


async def roster_pressed(callback: CallbackQuery, press: ShowRoster, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    return _roster(actor, uow, press.page, at)


def _roster(actor: Actor, uow: UnitOfWork, page: int, at: datetime) -> RosterShown:
    units = [[u.slug, u.posts[0].post_id if u.posts else 0, len(u.posts), u.vacant] for u in rosters.units(uow, actor, at=at)]
    return RosterShown(*cut(units, page), gaps=may(actor, Action.SEE_ROSTER_GAPS))


async def unit_pressed(callback: CallbackQuery, press: ShowUnit, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    unit, lines, names = rosters.unit_of(uow, actor, press.post, at=at)
    named = places.names_of(uow, {line.place for line in lines if line.place})
    shown = [_line(line, names, named.get(line.place or "", "")) for line in lines]
    posts, page, pages = cut(shown, press.page, POSTS_A_PAGE)
    return UnitShown(press.post, unit, posts, page, pages, press.back)


def _line(line: RosterLine, names: rosters.Names, place: str) -> list[object]:
    holders = [[names.get(holder.person_id), holder.since.isoformat(), holder.reachable] for holder in line.holders]
    return [line.title, str(line.role), place, holders, line.vacant_since.isoformat() if line.vacant_since else None]


async def gaps_wanted(message: Message, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    return _gaps(actor, uow, 0, at)


async def gaps_pressed(callback: CallbackQuery, press: ShowGaps, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    return _gaps(actor, uow, press.page, at)


def _gaps(actor: Actor, uow: UnitOfWork, page: int, at: datetime) -> GapsShown:
    found = rosters.gaps(uow, actor, at=at)
    gaps = [[gap.kind, gap.unit, gap.title, gap.since.isoformat() if gap.since else None] for gap in found]
    return GapsShown(*cut(gaps, page, POSTS_A_PAGE), total=len(gaps))


# -- taking it out


async def export_pressed(callback: CallbackQuery) -> Reply:
    return ExportAsked()


async def export_wanted(message: Message, rest: str, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    if not rest:
        return ExportAsked()
    try:
        asked = roster_exports.ask_export(uow, actor, rest, at=at)
    except AnswerUnfit:
        return ExportAsked("too_short", approvals.SHORTEST)
    except TooMuch as full:
        return ExportAsked("too_long", full.limit)
    except SecondNeeded:
        return Refused("nobody_else")
    until = asked.expires_at.isoformat()
    if asked.state is ApprovalState.GRANTED:
        return ApprovalDecided(asked.id or 0, asked.action, actor.conference, asked.state, "", until)
    return ApprovalWaits(asked.action, actor.conference, until)


async def export_taken(callback: CallbackQuery, press: TakeExport, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    try:
        return roster_exports.take_export(uow, actor, press.approval, at=at)
    except NotPossibleNow:
        return Answer(toast=Refused("export_over"), alert=True)
