"""What the commands of the command line do. Each imports what it needs when it runs: `lianxi --help` stays quick."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import signal
from collections.abc import Coroutine, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

import structlog

from conference.model.errors import Misconfigured

from .at_the_desk import at_the_desk, bot_name
from .interpreter import settle
from .settings import LogFormat, Settings, read_settings

if TYPE_CHECKING:
    from storage.unit_of_work import Unit

    from .bootstrap import Application

T = TypeVar("T")


def run(arguments: argparse.Namespace) -> int:
    """Run the desk until SIGTERM or SIGINT."""
    from .aiogram_start import start_aiogram
    from .logs import set_up_logs

    gc.disable()  # all that is loaded now stays, and each search for garbage among it would take a tenth of a second
    settings = read_settings()
    set_up_logs(readable=settings.log_format is LogFormat.READABLE)
    start_aiogram()
    from .bootstrap import build

    application = build(settings)

    async def live() -> int:
        await application.start()
        settle(application.desk.thread)
        return await until_stopped(application)

    return run_loop(live())


async def until_stopped(application: Application) -> int:
    """Wait for a signal or for a task that died; stop gracefully in both cases. Returns the exit status."""
    stopping = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stopping.set)
    waits = [application.nursery.start(event.wait(), "until the end") for event in (application.nursery.failed, stopping)]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    await application.stop()
    if application.nursery.failed.is_set():
        structlog.get_logger("lianxi").error("stopped_by_failure", error=str(application.nursery.error))
        return 1
    return 0


def run_loop(main: Coroutine[Any, Any, T]) -> T:
    """On uvloop where there is one."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run(main)
    return uvloop.run(main)


def migrate(arguments: argparse.Namespace) -> int:
    from storage.schema import migrate as bring_up

    settings = read_settings()
    before, after = bring_up(settings.database_url)
    print(f"schema {before or 'none'} -> {after}" if before != after else f"schema {after}: nothing to do")
    return 0


def permissions(arguments: argparse.Namespace) -> int:
    from .rights_page import page

    print(page(), end="")
    return 0


def key(arguments: argparse.Namespace) -> int:
    from storage.sealed import new_key

    print(new_key())
    return 0


def doctor(arguments: argparse.Namespace) -> int:
    from .doctor import examine

    return examine()


def sandbox(arguments: argparse.Namespace) -> int:
    from sandbox.server import run as serve

    serve(port=arguments.port)
    return 0


def demo(arguments: argparse.Namespace) -> int:
    from .demo import run_demo

    return run_demo(port=arguments.port, folder=arguments.folder)


def appoint(arguments: argparse.Namespace) -> int:
    """Put a Telegram account into a post, as long as the office has fewer than two people. On SQLite the desk must not run meanwhile."""
    from conference.model.errors import SecondNeeded
    from conference.model.permissions import Action
    from conference.services import invitations, people
    from storage.people import Door, Sender, recognise

    settings: Settings = read_settings()
    with at_the_desk(settings, settings.conferences[0]) as unit, _said_plainly(arguments):
        wanted = _post_of(unit, arguments)
        try:
            invitations.while_the_office_is_few(unit, unit.conference, Action.INVITE, at=unit.at)
        except SecondNeeded:
            invite = f"lianxi invite {arguments.role} --unit {arguments.unit}"
            raise Misconfigured(f"the office has two people now: one of them confirms whoever comes by /invite or `{invite}`") from None
        door = Door(settings.bot_id, unit.conference)
        sender = Sender(arguments.telegram_id, "zh_Hans")
        actor = recognise(unit.connection, unit.sealer, door, [sender], unit.at)[arguments.telegram_id]
        people.appoint(unit, actor.account_id, **wanted, at=unit.at)
    print(f"{arguments.telegram_id}: {arguments.role} at {wanted['title']}")
    return 0


def invite(arguments: argparse.Namespace) -> int:
    """Invite somebody into a post before there is an office to do it: prints the link and the code, once."""
    from conference.services import invitations, people
    from handlers.links import link_of

    settings: Settings = read_settings()
    name = asyncio.run(bot_name(settings))
    with at_the_desk(settings, arguments.conference or settings.conferences[0]) as unit, _said_plainly(arguments):
        post = people.open_post(unit, **_post_of(unit, arguments), at=unit.at)
        invitation, ticket = invitations.issue_first_invitation(unit, post.id or 0, at=unit.at)
        title, number, until = post.title, invitation.id, invitation.expires_at.astimezone(settings.zone)
    print(f"invitation {number}: {arguments.role} at {title}, once, until {until:%Y-%m-%d %H:%M}")
    print(f"  link   {link_of(name, ticket.token) or 'not known: the channel does not answer'}")
    print(f"  code   {ticket.code}   to be typed to {f'@{name}' if name else 'the bot'}")
    print(f"  then   lianxi confirm {number}   once the name has been given, or the office confirms it in its chat")
    return 0


@contextlib.contextmanager
def _said_plainly(arguments: argparse.Namespace) -> Iterator[None]:
    """What the rules refuse about the post that was named, as a sentence; nothing of the act is kept."""
    from conference.model.errors import NotFound, NotPossibleNow, PostHeld

    what = f"{arguments.role} at {arguments.unit}"
    try:
        yield
    except PostHeld:
        raise Misconfigured(f"{what}: one person holds this post at a time, and somebody does; a hand-over passes it on") from None
    except NotPossibleNow:
        raise Misconfigured(f"{what}: the post is closed") from None
    except NotFound as missing:
        raise Misconfigured(f"--place: there is no place {missing.key!r}; it is a code of the territory") from None


def _post_of(unit: Unit, arguments: argparse.Namespace) -> dict[str, Any]:
    """The post that the arguments name; its title where it does not exist yet."""
    from conference.model.people import Role

    slug, name_zh = _unit_of(unit, arguments.unit)
    return {
        "conference": unit.conference,
        "unit": slug,
        "role": Role(arguments.role),
        "title": arguments.title or name_zh,
        "place": arguments.place,
        "rank": arguments.rank,
    }


def confirm(arguments: argparse.Namespace) -> int:
    """Confirm an answered invitation, as long as the office has fewer than two people."""
    from conference.model.errors import RuleBroken, SecondNeeded
    from conference.services import invitations

    settings: Settings = read_settings()
    with at_the_desk(settings, settings.conferences[0]) as unit:
        invitation = unit.invitations.get(arguments.invitation)
        if invitation is None:
            raise Misconfigured(f"there is no invitation {arguments.invitation}")
        unit.conference = invitation.conference
        name = unit.invitations.name_of(invitation)
        try:
            invitations.confirm_first_invitation(unit, arguments.invitation, at=unit.at)
        except SecondNeeded:
            raise Misconfigured("the office has two people now: one of them confirms it, under /invitations") from None
        except RuleBroken as refused:
            raise Misconfigured(f"invitation {arguments.invitation} cannot be confirmed: it is {invitation.state} ({refused})") from None
    print(f"{name} holds the post now")
    return 0


def _unit_of(unit: Unit, slug: str) -> tuple[str, str]:
    """The slug of a unit (an alias may be given) or of another body of the text, and its name. Raises Misconfigured for one that the
    profile does not have."""
    profile = unit.conferences.profile(unit.conference)
    if (known := profile.called(slug)) is None:
        raise Misconfigured(f"--unit: {profile.slug} has no unit {slug!r}; there are: {', '.join([*profile.units, *profile.actors])}")
    return known.slug, known.name_zh
