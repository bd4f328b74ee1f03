"""The command line: `lianxi COMMAND`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from conference.model.errors import Misconfigured
from conference.model.people import Role

from . import calendar_commands, commands, profile_commands, roster, territory
from .logs import set_up_logs
from .rehearsal import command as rehearsal


def parser() -> argparse.ArgumentParser:
    root = argparse.ArgumentParser(
        prog="lianxi", description="联席: the messaging desk of a joint conference. Configured by LIANXI_* (README)."
    )
    subs = root.add_subparsers(dest="command", required=True, metavar="COMMAND")

    demo = subs.add_parser("demo", help="the desk with a small cast, on a page of its own; needs nothing else")
    demo.add_argument("--port", type=int, default=8090, help="of the page (default 8090)")
    demo.add_argument("--folder", type=Path, default=Path("demo-data"), help="where its database lives (default demo-data)")
    demo.set_defaults(do=commands.demo)

    run = subs.add_parser("run", help="run the desk")
    run.set_defaults(do=commands.run)

    migrate = subs.add_parser("migrate", help="create the database, or bring it to this program's schema")
    migrate.set_defaults(do=commands.migrate)

    key = subs.add_parser("key", help="print a fresh LIANXI_KEY")
    key.set_defaults(do=commands.key)

    doctor = subs.add_parser("doctor", help="check token, webhook, database, key, clock and languages, and say what to do")
    doctor.set_defaults(do=commands.doctor)

    permissions = subs.add_parser("permissions", help="print who may do what, as a page (docs/permissions.md)")
    permissions.set_defaults(do=commands.permissions)

    appoint = subs.add_parser("appoint", help="put a Telegram account into a post")
    appoint.add_argument("role", choices=[str(role) for role in Role])
    appoint.add_argument("telegram_id", type=int)
    appoint.add_argument("--unit", default="public_security", help="slug of the profile's unit (default public_security)")
    appoint.add_argument("--title", help="as others read it (default: the unit's name)")
    appoint.add_argument("--place", help="territory code, for a township")
    appoint.add_argument("--rank", type=int, default=1, help="order on the ladder (default 1)")
    appoint.set_defaults(do=commands.appoint)

    invite = subs.add_parser("invite", help="invite the first people: prints a link and a code for paper")
    invite.add_argument("role", choices=[str(role) for role in Role])
    invite.add_argument("--unit", required=True, help="slug of the profile's unit")
    invite.add_argument("--title", help="of the post, where it does not exist yet (default: the unit's name)")
    invite.add_argument("--place", help="territory code, for a township or village")
    invite.add_argument("--rank", type=int, default=1, help="order on the ladder (default 1)")
    invite.add_argument("--conference", help="slug (default: the first one this desk serves)")
    invite.set_defaults(do=commands.invite)

    confirm = subs.add_parser("confirm", help="confirm an answered invitation while the office has fewer than two people")
    confirm.add_argument("invitation", type=int, help="its number")
    confirm.set_defaults(do=commands.confirm)
    roster.add_parsers(subs)
    territory.add_parsers(subs)
    profile_commands.register(subs)
    calendar_commands.add_parsers(subs)
    rehearsal.add_parser(subs)

    sandbox = subs.add_parser("sandbox", help="a Bot API server to try any bot against, with a page")
    sandbox.add_argument("--port", type=int, default=8090)
    sandbox.set_defaults(do=commands.sandbox)
    return root


def main(argv: Sequence[str] | None = None) -> int:
    arguments = parser().parse_args(argv)
    set_up_logs(readable=True, lasting=False)  # until the desk sets up its own: stdout belongs to what a command says
    try:
        status: int = arguments.do(arguments)
    except Misconfigured as error:
        for problem in error.problems:
            print(f"lianxi: {problem}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return status


if __name__ == "__main__":
    sys.exit(main())
