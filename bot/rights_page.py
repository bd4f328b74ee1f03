"""`lianxi permissions`: the table of rights as a page to read. docs/permissions.md is its output, and a test holds it fresh."""

from __future__ import annotations

from conference.model.people import Role
from conference.model.permissions import ALLOWED, TWO_PERSONS, Action, Relation, in_any_form

COLUMNS: dict[Role | None, tuple[str, str]] = {
    None: ("citizen", "群众"),
    Role.CHIEF_CONVENER: ("chief convener", "总召集人"),
    Role.CONVENER: ("convener", "召集人"),
    Role.MEMBER: ("member", "成员"),
    Role.LIAISON: ("liaison", "联络员"),
    Role.OFFICE_DIRECTOR: ("office director", "联席办主任"),
    Role.OFFICE: ("office clerk", "联席办工作人员"),
    Role.DUTY_DESK: ("duty desk", "值班台"),
    Role.TOWNSHIP: ("township", "乡镇（街道）"),
    Role.VILLAGE: ("village", "村（社区）"),
    Role.REPORTER: ("mandatory reporter", "强制报告单位联系人"),
    Role.CUSTODIAN: ("custodian", "身份保管员"),
    Role.GUEST: ("guest", "特邀列席"),
    Role.OPERATOR: ("operator", "运维"),
}
LETTERS = {Relation.NONE: "–", Relation.OWN: "O", Relation.UNIT: "U", Relation.CONFERENCE: "C"}
HEAD = """\
# Who may do what

Printed by `lianxi permissions` from `conference/model/permissions.py`; a test holds this page against it. What is not in the table is
nobody's. Rights come from a tenure that runs at the moment of the act, and are asked at each message and each press.

| sign | how the one who acts stands to what the act is about |
|---|---|
| – | it is about nothing that exists yet |
| O | it is their own: a report they made, a post they hold, an invitation they received |
| U | it belongs to the unit of the post under which they act |
| C | it belongs to the conference in which they act |

What belongs to another conference is nobody's business, whatever post somebody holds here. **Two persons**: whoever asked is never
the one who decides. What takes a post, or may end in one, is done in a private chat, in one's own words: a forwarded message, an edited
one, one sent through another bot, a group, a channel, an anonymous administrator and a bot do none of it.
"""


def page() -> str:
    """The whole page, in Markdown."""
    heads = [f"{english}<br>{chinese}" for english, chinese in COLUMNS.values()]
    table = [f"| act | {' | '.join(heads)} |", "|---|" + "---|" * len(heads)]
    table += [_row(action) for action in Action if ALLOWED[action]]
    doors = [f"- `{action}`" for action in Action if not ALLOWED[action]]
    any_form = ", ".join(f"`{action}`" for action in Action if in_any_form(action))
    return "\n".join(
        [
            HEAD,
            *table,
            "",
            f"In whatever form, and everybody's: {any_form}.",
            "",
            "No person's, but of web routes, each of which names one:",
            "",
            *doors,
            "",
        ]
    )


def _row(action: Action) -> str:
    two = " **two persons**" if action in TWO_PERSONS else ""
    cells = [" ".join(LETTERS[r] for r in LETTERS if r in ALLOWED[action].get(role, ())) for role in COLUMNS]
    return f"| `{action}`{two} | {' | '.join(cells)} |"
