"""The whole table of rights, written down a second time by hand, and held against every way in which somebody can come.

What stands in EXPECTED is read from the documents and from the threat model, not from `conference/model/permissions.py`: a
change of the table is made in both places, by somebody who means it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest
from aiogram import Dispatcher, Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.storage.base import StorageKey
from aiogram.fsm.storage.memory import MemoryStorage
from aiogram.types import CallbackQuery, Message, Update
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.__main__ import main
from bot.conversing import Conversing, feed
from bot.rights_page import COLUMNS
from bot.rights_page import page as rights_page
from conference.model.approvals import Approval, ApprovalState
from conference.model.errors import Misconfigured, NotAllowed, RuleBroken
from conference.model.people import Actor, HeldPost, Role
from conference.model.permissions import TWO_PERSONS, Action, Concern, Relation, authorize, in_any_form, may
from handlers.buttons import _FIELDS, Press, Signer, kinds
from handlers.filters import Pressed, Said
from handlers.records.everybody import Refused
from handlers.replies import Answer
from handlers.telegram.index import index, register_on
from tests.test_handlers_law import ROOT
from tests.test_texts import Packaged
from tests.town import MORNING, TOKEN

# z citizen, K chief convener, k convener, m member, l liaison, D director of the office, o clerk of the office, d duty desk,
# t township, v village, r mandatory reporter, c custodian, g guest, x operator. Relations: - nothing yet, O own, U unit, C conference.
LETTERS: dict[str, Role | None] = {
    "z": None,
    "K": Role.CHIEF_CONVENER,
    "k": Role.CONVENER,
    "m": Role.MEMBER,
    "l": Role.LIAISON,
    "D": Role.OFFICE_DIRECTOR,
    "o": Role.OFFICE,
    "d": Role.DUTY_DESK,
    "t": Role.TOWNSHIP,
    "v": Role.VILLAGE,
    "r": Role.REPORTER,
    "c": Role.CUSTODIAN,
    "g": Role.GUEST,
    "x": Role.OPERATOR,
}
EXPECTED = """
ask_for_help         zKkmlDodtvrcgx:-O
report               zKkmlDodtvrcgx:-O
follow_own_report    zKkmlDodtvrcgx:O
reclaim_report       zKkmlDodtvrcgx:-
accept_report        d:U
read_report          d:U
list_reports         Dod:C
answer_invitation    zKkmlDodtvrcgx:-O
choose_hat           KkmlDodtvrcgx:O
choose_conference    zKkmlDodtvrcgx:-O
see_roster           KkmlDodtvrc:C
see_names            Do:C ml:U
invite               Do:C
invite_outsider      Do:C
confirm_invitation   Do:C
end_tenure           Do:C
end_bindings         Do:C
start_handover       Kkdtvrcx:O ml:OU Do:C
answer_handover      zKkdtvrcgx:O ml:OU Do:OC
confirm_handover     Do:C
answer_roster_check  ml:U
see_roster_gaps      KkDo:C
record_mechanism     Do:C
see_duty             KkDo:C d:UC
set_duty             d:OU
export_roster        Do:C
approve_export       Do:C
ask_identity         c:C
approve_identity     Dc:C
convene_meeting      KkDo:C
record_meeting       Do:C
entrust_convener     K:C
see_meetings         KkmlDo:C
see_tally            KkDo:C
answer_convocation   kml:U
invite_guest         Do:C
answer_as_guest      zKkmlDodtvrcgx:-O
assign               Do:C
reassign             KDo:C
see_assignments      KkDo:C ml:U
work_assignment      kml:U
see_owed             KkmlDodtvrc:C
send_notice          Do:C
approve_notice       KkDo:C
see_notices          KkmlDodtvrc:C
sign_notice          KkmlDodtvrc:U
see_receipts         KkDo:C
see_duties           KkDo:C mltv:U
report_duty          mltv:U Do:C
run_duties           Do:C
fill_form            KkmlDodtvrcgx:-O
hand_over_updates
watch_machine
"""
IN_ANY_FORM = {"ask_for_help", "report", "follow_own_report", "reclaim_report", "choose_conference"}
TWO = {"confirm_invitation", "confirm_handover", "approve_export", "approve_identity", "approve_notice"}
SIGNS = {"-": Relation.NONE, "O": Relation.OWN, "U": Relation.UNIT, "C": Relation.CONFERENCE}
HERE, THERE, UNIT, OTHER_UNIT, ME, MY_PERSON = "badong", "gansu", "public_security", "education", 7, 70

Table = dict[tuple[str, Role | None], frozenset[Relation]]


def read(table: str) -> Table:
    found: Table = {}
    for line in table.split("\n"):
        action, *groups = line.split() or [""]
        for group in groups:
            letters, _, signs = group.partition(":")
            for letter in letters:
                assert (action, LETTERS[letter]) not in found, line
                found[action, LETTERS[letter]] = frozenset(SIGNS[sign] for sign in signs)
    return found


BY_HAND = read(EXPECTED)
ROLES = list(LETTERS.values())


def actor(*roles: Role | None, conference: str = HERE, unit: str = UNIT) -> Actor:
    held = tuple(HeldPost(number, conference, unit, role, "x") for number, role in enumerate(roles, start=1) if role)
    return Actor(ME, MY_PERSON if held else None, held, conference=conference)


CONCERNS: dict[Relation, tuple[Concern, ...]] = {
    Relation.NONE: (Concern(),),
    Relation.OWN: (Concern(account=ME), Concern(person=MY_PERSON)),
    Relation.UNIT: (Concern(conference=HERE, unit=UNIT),),
    Relation.CONFERENCE: (Concern(conference=HERE), Concern(conference=HERE, unit=OTHER_UNIT)),
    Relation.ELSEWHERE: (Concern(conference=THERE), Concern(conference=THERE, unit=UNIT)),
}
IMPLIED = {Relation.UNIT: {Relation.UNIT, Relation.CONFERENCE}}  # what belongs to my unit belongs to my conference


def granted_by_hand(action: Action, role: Role | None, relation: Relation) -> frozenset[Relation]:
    return BY_HAND.get((action, role), frozenset()) & IMPLIED.get(relation, {relation})


def test_the_table_by_hand_names_every_act_and_every_role() -> None:
    named = [line.split()[0] for line in EXPECTED.strip().splitlines()]
    assert named == [str(action) for action in Action], "an act was added or moved: say by hand who may do it"
    assert set(ROLES) == {None, *Role}


@pytest.mark.parametrize("action", list(Action))
def test_the_matrix_of_role_act_and_relation(action: Action) -> None:
    """Every role, every relation: what is granted is what was written down by hand, and nothing else."""
    for role in ROLES:
        for relation, concerns in CONCERNS.items():
            right = granted_by_hand(action, role, relation)
            for concern in concerns:
                if role is None and concern.person is not None:
                    continue  # a citizen is no person of the roster
                assert may(actor(role), action, concern) == bool(right), (role, action, relation, concern)


@pytest.mark.parametrize("action", list(Action))
def test_ones_own_in_another_conference_is_a_citizens_own_at_most(action: Action) -> None:
    """A post held here does nothing there, not even with what is one's own: first one acts in that conference."""
    concern = Concern(conference=THERE, unit=UNIT, account=ME, person=MY_PERSON)
    for role in ROLES:
        assert may(actor(role), action, concern) == (Relation.OWN in BY_HAND.get((action, None), frozenset())), role


@pytest.mark.parametrize("action", list(Action))
def test_without_an_object_it_is_only_asked_whether_it_can_be_theirs_at_all(action: Action) -> None:
    for role in ROLES:
        assert may(actor(role), action) == bool(BY_HAND.get((action, role)) or BY_HAND.get((action, None))), (role, action)


def test_what_may_be_done_in_any_form_is_written_down_too() -> None:
    assert {str(action) for action in Action if in_any_form(action)} == IN_ANY_FORM


def test_what_takes_two_persons_is_written_down_too() -> None:
    assert set(map(str, TWO_PERSONS)) == TWO


conferences = st.sampled_from([HERE, THERE, "neimenggu"])
posts = st.builds(
    HeldPost,
    st.integers(1, 9),
    conferences,
    st.sampled_from([UNIT, OTHER_UNIT]),
    st.sampled_from(list(Role)),
    st.just("x"),
)
actors = st.builds(
    Actor,
    st.sampled_from([ME, 8]),
    st.sampled_from([None, MY_PERSON, 80]),
    st.lists(posts, max_size=4).map(tuple),
    conference=conferences,
)
concerns = st.builds(
    Concern,
    st.sampled_from([None, HERE, THERE, "neimenggu"]),
    st.sampled_from([None, UNIT, OTHER_UNIT]),
    st.sampled_from([None, ME, 8, 9]),
    st.sampled_from([None, MY_PERSON, 80, 90]),
)


@settings(max_examples=1500)
@given(actors, st.sampled_from(list(Action)), concerns)
def test_nobody_is_granted_more_than_what_is_written_down(who: Actor, action: Action, concern: Concern) -> None:
    try:
        post = authorize(who, action, concern)
    except NotAllowed:
        return
    right = BY_HAND[action, post.role if post else None]
    own = concern.account == who.account_id or (concern.person is not None and concern.person == who.person_id)
    grounds = {
        Relation.NONE: concern == Concern(),
        Relation.OWN: own,
        Relation.CONFERENCE: post is not None and concern.conference == post.conference,
        Relation.UNIT: post is not None and concern.conference == post.conference and concern.unit == post.unit,
    }
    assert any(grounds[relation] for relation in right), (who, action, concern)
    assert post is None or post in who.posts
    assert post is None or concern.conference in (None, post.conference), "a post of one conference did something in another"


# -- the same by every way in which somebody can come ------------------------------------------------------------------

PRIVATE, CHATS = "private", ("private", "group", "supergroup", "channel")
FORMS = ("plain", "forwarded", "through a bot", "edited")
PERSON = {"id": 500_001, "is_bot": False, "first_name": "p"}
SENDERS: dict[str, dict[str, Any]] = {
    "person": {"from": PERSON},
    "bot": {"from": {"id": 500_002, "is_bot": True, "first_name": "b"}},
    "anonymous admin": {"from": {"id": 1087968824, "is_bot": True, "first_name": "Group"}, "sender_chat": {"id": -5, "type": "group"}},
    "anonymous admin, no bot": {"from": {"id": 1087968824, "is_bot": False, "first_name": "Group"}},
    "channel": {"from": {"id": 136817688, "is_bot": True, "first_name": "Channel"}, "sender_chat": {"id": -6, "type": "channel"}},
    "channel, no bot": {"from": {"id": 136817688, "is_bot": False, "first_name": "Channel"}},
    "linked post": {"from": {"id": 777000, "is_bot": False, "first_name": "Telegram"}},
    "in the name of a chat": {"from": PERSON, "sender_chat": {"id": -7, "type": "supergroup"}},
    "nobody": {},
}


class Log:
    """Of a unit of work what the index uses: what is noted."""

    def __init__(self) -> None:
        self.noted: list[tuple[str, str, str]] = []

    def note(self, actor: Actor, action: str, subject: str, *, form: str, account: int) -> None:
        self.noted.append((action, subject, form))


class Rig:
    """The real parser, the real index and the real middleware around probes that only say that they ran."""

    def __init__(self) -> None:
        self.signer = Signer([b"k" * 32])
        self.conversing = Conversing(TOKEN, Packaged(), ZoneInfo("Asia/Shanghai"), self.signer, None, full_disclosure=False)  # type: ignore[arg-type]  # neither is asked here
        self.log = Log()
        self.granted: dict[Concern, bool] = {}
        self.state = FSMContext(MemoryStorage(), StorageKey(1, 1, 1))
        self.dispatcher = Dispatcher()
        router = Router(name="probes")
        for action in Action:
            router.message.register(self.ran, Said(str(action)), flags={"action": action})
            if action in IN_ANY_FORM:
                router.edited_message.register(self.ran_by_edit, Said(str(action)), flags={"action": action})
        router.callback_query.register(self.pressed, Pressed(*kinds().values()))
        register_on(self.dispatcher, index([router]))

    async def ran(self, message: Message, actor: Actor) -> str:
        """Whoever gets so far asks for the act itself, about everything it could be about: each answer is a cell of the product."""
        action = Action((message.text or "").removeprefix("/"))
        self.granted = {concern: may(actor, action, concern) for concerns in CONCERNS.values() for concern in concerns}
        return "ran"

    async def ran_by_edit(self, message: Message, actor: Actor) -> str:
        return await self.ran(message, actor)

    async def pressed(self, callback: CallbackQuery) -> str:
        return "ran"

    def arrives(self, update: dict[str, Any]) -> Update | None:
        """What the worker would handle, if there is anybody to handle it for."""
        parsed, sender, _ = self.conversing.parse(orjson.dumps(update))
        return parsed if sender is not None else None

    async def does(self, update: Update, who: Actor) -> str:
        self.granted = {}
        try:
            said = await feed(self.dispatcher, self.signer, update, actor=who, uow=self.log, state=self.state, raw_state=None)
        except NotAllowed:
            return "not allowed"
        if isinstance(said, Refused):
            return said.reason
        return "stale" if isinstance(said, Answer) else said if isinstance(said, str) else "nothing"


@pytest.fixture(scope="module")
def rig() -> Rig:
    return Rig()


def chat_of(kind: str) -> dict[str, Any]:
    return (
        {"id": PERSON["id"], "type": kind, "first_name": "p"} if kind == PRIVATE else {"id": -1_000_000_000_005, "type": kind, "title": "g"}
    )


def said(action: Action, chat: str, form: str, sender: str) -> dict[str, Any]:
    message: dict[str, Any] = {"message_id": 1, "date": 1_790_000_000, "chat": chat_of(chat), "text": f"/{action}", **SENDERS[sender]}
    if form == "forwarded":
        message["forward_origin"] = {"type": "user", "date": 1_790_000_000, "sender_user": PERSON}
    if form == "through a bot":
        message["via_bot"] = {"id": 500_003, "is_bot": True, "first_name": "inline"}
    if chat == "channel" and sender == "nobody":
        return {"update_id": 1, "edited_channel_post" if form == "edited" else "channel_post": message}
    if form == "edited":
        return {"update_id": 1, "edited_message": message | {"edit_date": 1_790_000_001}}
    return {"update_id": 1, "message": message}


async def test_the_matrix_of_every_way_to_say_it(rig: Rig) -> None:
    """Role x act x relation x chat x form x sender: only a person in a private chat does anything, only in their own words, and only
    to what they stand to as it is written down."""
    counted = ran = 0
    cells = [(relation, concern) for relation, concerns in CONCERNS.items() for concern in concerns]
    for action in Action:
        for chat in CHATS:
            for form in FORMS:
                for sender in SENDERS:
                    update = rig.arrives(said(action, chat, form, sender))
                    heard = chat == PRIVATE and sender == "person"
                    assert (update is not None) == heard, (chat, form, sender)
                    for role in ROLES:
                        counted += len(cells)
                        if update is None:
                            continue  # nobody is there who could do anything to anything
                        right = bool(BY_HAND.get((action, role)) or BY_HAND.get((action, None)))
                        by_hand = "ran" if right and (form == "plain" or action in IN_ANY_FORM) else ""
                        done = await rig.does(update, actor(role))
                        ran += done == "ran"
                        assert (done if done == "ran" else "") == by_hand, (role, action, chat, form, sender, done)
                        for relation, concern in cells:
                            if role is None and concern.person is not None:
                                continue  # a citizen is no person of the roster
                            allowed = done == "ran" and bool(granted_by_hand(action, role, relation))
                            assert rig.granted.get(concern, False) == allowed, (role, action, relation, chat, form, sender, concern)
    assert counted == len(Action) * len(CHATS) * len(FORMS) * len(SENDERS) * len(ROLES) * len(cells)
    assert ran > 0


async def test_a_message_of_somebody_elses_words_is_answered_with_a_sentence_and_noted(rig: Rig) -> None:
    for form, noted in (("forwarded", "forwarded"), ("through a bot", "through_bot")):
        update = rig.arrives(said(Action.LIST_REPORTS, PRIVATE, form, "person"))
        assert update is not None
        assert await rig.does(update, actor(Role.OFFICE)) == "forwarded"
        assert rig.log.noted[-1] == ("form.refused", "act:list_reports", noted)
        assert await rig.does(update, actor(None)) == "not allowed", "who has no right learns nothing more"


def press_of(kind: type[Press]) -> Press:
    values: list[Any] = [1 if hint is int else "x" for _, hint in _FIELDS[kind.kind]]
    return kind(*values)


async def test_the_matrix_of_every_button(rig: Rig) -> None:
    """Role x button x where its message stands x who presses. Rights are asked at the press, whatever the button once was."""
    counted = 0
    for kind in kinds().values():
        data = rig.signer.pack(press_of(kind), ME)
        for where in (*CHATS, "inline", "another private chat"):
            for sender in ("person", "bot", "anonymous admin", "channel"):
                query: dict[str, Any] = {"id": "1", "chat_instance": "1", "data": data, "from": SENDERS[sender]["from"]}
                if where == "inline":
                    query["inline_message_id"] = "1"
                else:
                    chat = {"id": 9, "type": PRIVATE} if where == "another private chat" else chat_of(where)
                    query["message"] = {"message_id": 1, "date": 1_790_000_000, "chat": chat, "text": "x"}
                update = rig.arrives({"update_id": 1, "callback_query": query})
                heard = sender == "person" and where in (PRIVATE, "inline", "another private chat")
                assert (update is not None) == heard, (where, sender)
                for role in ROLES:
                    counted += 1
                    if update is None:
                        continue
                    action = str(kind.action)
                    right = bool(BY_HAND.get((action, role)) or BY_HAND.get((action, None)))
                    by_hand = right and (where == PRIVATE or action in IN_ANY_FORM)
                    assert (await rig.does(update, actor(role)) == "ran") == by_hand, (role, kind, where, sender)
                    other = actor(role)
                    stranger = Actor(8, other.person_id, other.posts, conference=HERE)
                    assert await rig.does(update, stranger) == "stale", "a button was made for one account"
    assert counted == len(kinds()) * 6 * 4 * len(ROLES)


def test_an_edited_message_reaches_no_right_of_a_post() -> None:
    router = Router(name="careless")

    async def by_edit(message: Message) -> None: ...

    router.edited_message.register(by_edit, Said("x"), flags={"action": Action.LIST_REPORTS})
    with pytest.raises(Misconfigured, match="by_edit: an edited message"):
        index([router])


# -- two persons -------------------------------------------------------------------------------------------------------

steps = st.lists(
    st.tuples(st.sampled_from(["decide", "refuse", "use", "expire"]), st.sampled_from([1, 2, 3]), st.integers(0, 30)), max_size=8
)


@given(steps)
def test_no_sequence_of_acts_by_one_person_reaches_its_end(acts: list[tuple[str, int, int]]) -> None:
    approval = Approval(
        id=1,
        conference=HERE,
        action="ask_identity",
        subject="report:1",
        asked_by=1,
        asked_post=1,
        asked_at=MORNING,
        expires_at=datetime(2026, 11, 27, 1, 0, tzinfo=UTC),
    )
    used = 0
    for verb, person, hours in acts:
        at = datetime(2026, 11, 26 + (1 + hours) // 24, (1 + hours) % 24, tzinfo=UTC)
        try:
            if verb == "use":
                approval.use(person_id=person, at=at)
                used += 1
                assert person == 1
                assert at < approval.expires_at
            elif verb == "expire":
                approval.expire()
            else:
                approval.decide(granted=verb == "decide", person_id=person, post_id=person, at=at)
                assert person != 1
        except RuleBroken:
            continue
    assert used <= 1
    if used:
        assert approval.decided_by in (2, 3)
        assert approval.state is ApprovalState.USED


# -- the page ----------------------------------------------------------------------------------------------------------


def test_the_page_is_fresh(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["permissions"]) == 0
    assert capsys.readouterr().out == rights_page()
    assert (ROOT / "docs/permissions.md").read_text("utf-8") == rights_page(), "run: lianxi permissions > docs/permissions.md"


def test_the_page_shows_every_role_and_what_is_written_down_by_hand() -> None:
    assert set(COLUMNS) == set(ROLES)
    for line in rights_page().splitlines():
        if not line.startswith("| `"):
            continue
        name, *cells = [cell.strip() for cell in line.strip("|").split("|")]
        action = name.partition("`")[2].partition("`")[0]
        for role, cell in zip(COLUMNS, cells, strict=True):
            shown = {SIGNS["-" if sign == "–" else sign] for sign in cell.split()}
            assert shown == BY_HAND.get((action, role), frozenset()), (action, role)
