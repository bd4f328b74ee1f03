"""Joining, as verbs: who may, in which order, and what is never there before a second person has confirmed."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from bot.sending import Verdict, as_call, judge
from bot.telegram import Refused
from conference.model.errors import NotAllowed, PostHeld, RuleBroken, SecondNeeded
from conference.model.invitations import LINK, InvitationState, Ticket, code_in, fits_paper, token_in
from conference.model.people import Post, Role
from conference.model.told import Blanked, Shape
from conference.services import bindings, invitations
from handlers.buttons import Signer
from handlers.messages import Message
from storage.outbox import Claimed
from storage.tables import UNDELIVERABLE, metadata, tenures
from storage.unit_of_work import Unit
from tests.bench import Bench
from tests.town import MORNING, MakeDatabase, Town, actor_of

LINK_TEXT = "https://t.me/lianxi_test_bot?start="


async def act(town: Town, verb: Any) -> Any:
    return await town.application.desk.act(verb)


async def as_(town: Town, name: str, verb: Any, *args: Any, **more: Any) -> Any:
    return await act(town, lambda uow: verb(uow, actor_of(uow, town, name), *args, at=uow.at, **more))


async def a_post(town: Town, role: Role, title: str) -> int:
    def make(uow: Unit) -> int:
        post = Post(conference="badong", unit="civil_affairs", role=role, title=title)
        uow.people.add_post(post)
        assert post.id is not None
        return post.id

    post_id: int = await act(town, make)
    return post_id


@pytest.fixture
async def offices(town: Town) -> Town:
    await town.appoint("second office", Role.OFFICE, "civil_affairs", "联席会议办公室")
    return town


async def test_nobody_holds_a_post_before_a_second_person_of_the_office_has_confirmed(offices: Town) -> None:
    town = offices
    post = await a_post(town, Role.LIAISON, "县民政局联络员")

    async def holders() -> int:
        return int(await town.look(lambda c: c.execute(select(func.count()).where(tenures.c.post_id == post)).scalar_one()))

    invitation, ticket = await as_(town, "office", invitations.issue_invitation, post)
    assert await holders() == 0
    opened, where = await as_(town, "citizen", invitations.open_invitation, LINK_TEXT + LINK + ticket.token)
    assert (opened.id, where.id, await holders()) == (invitation.id, post, 0)
    await as_(town, "citizen", invitations.answer_invitation, invitation.id, " 测 试 ")
    assert await holders() == 0
    for name, refused in (("office", SecondNeeded), ("citizen", NotAllowed), ("desk", NotAllowed)):
        with pytest.raises(refused):
            await as_(town, name, invitations.confirm_invitation, invitation.id)
    assert await holders() == 0
    tenure = await as_(town, "second office", invitations.confirm_invitation, invitation.id)
    assert await holders() == 1
    assert tenure.alone
    assert await act(town, lambda uow: uow.people.name_of(tenure.person_id)) == "测 试"
    actor = await act(town, lambda uow: actor_of(uow, town, "citizen"))
    assert [post.role for post in actor.posts] == [Role.LIAISON]


@pytest.mark.parametrize("rebind", [False, True])
async def test_a_known_name_is_changed_by_the_office_alone_and_only_for_who_comes_back(offices: Town, rebind: bool) -> None:
    first, second = await a_post(offices, Role.LIAISON, "县民政局联络员"), await a_post(offices, Role.MEMBER, "县民政局局长")

    async def joins(post: int, name: str, **more: Any) -> int:
        invitation, ticket = await as_(offices, "office", invitations.issue_invitation, post, **more)
        await as_(offices, "citizen", invitations.open_invitation, LINK + ticket.token)
        await as_(offices, "citizen", invitations.answer_invitation, invitation.id, name)
        return int(invitation.id)

    number = await joins(first, "旧名")
    person = (await as_(offices, "second office", invitations.confirm_invitation, number)).person_id
    if rebind:
        await as_(offices, "office", bindings.end_bindings, person)
        number = await joins(first, "新名", person_id=person)
    else:
        number = await joins(second, "新名")
    assert await act(offices, lambda uow: uow.people.name_of(person)) == "旧名"
    await offices.settled()
    assert any("新名" in text and "旧名" in text for text in offices.people["second office"].history), "both names are shown"
    await as_(offices, "second office", invitations.confirm_invitation, number)
    assert await act(offices, lambda uow: uow.people.name_of(person)) == ("新名" if rebind else "旧名")


# -- secrets


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("7K3M-Q2XR-9V4T-HB6D", "7K3MQ2XR9V4THB6D"),
        (" 7k3m q2xr 9v4t hb6d ", "7K3MQ2XR9V4THB6D"),
        ("oIl1-Q2XR-9V4T-HB6D", "0111Q2XR9V4THB6D"),
        ("help this girl fast", None),
        ("1234567890123456", None),
        ("7K3M-Q2XR-9V4T-HB6", None),
        ("7K3M-Q2XR-9V4T-HBUD", None),
        ("7K3M-Q2XR-9V4T-HB6D 在哪里", None),
    ],
)
def test_a_code_is_read_in_any_spelling_and_words_are_none(text: str, code: str | None) -> None:
    assert code_in(text) == code


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("i-" + "x" * 22, True),
        ("https://t.me/bot?start=i-" + "x" * 22, True),
        ("tg://resolve?domain=bot&start=i-" + "x" * 22, False),
        ("i-" + "x" * 21, False),
        ("x" * 24, False),
        ("see i-" + "x" * 22, False),
    ],
)
def test_a_token_is_read_from_a_link_and_from_nothing_else(text: str, found: bool) -> None:
    assert (token_in(text) is not None) == found


async def test_tickets_are_long_enough_fit_the_channel_and_are_kept_nowhere(offices: Town) -> None:
    post = await a_post(offices, Role.OFFICE, "联席会议办公室")
    tickets: list[Ticket] = [(await as_(offices, "office", invitations.issue_invitation, post))[1] for _ in range(20)]
    assert len({ticket.token for ticket in tickets}) == len({ticket.code for ticket in tickets}) == 20
    for ticket in tickets:
        assert token_in(LINK + ticket.token) == ticket.token
        assert len(LINK + ticket.token) <= 64
        plain = code_in(ticket.code)
        assert plain is not None
        assert fits_paper(plain)
    kept = repr(await offices.look(lambda c: [c.execute(select(table)).all() for table in metadata.tables.values()]))
    for ticket in tickets:
        assert ticket.token not in kept
        assert ticket.code not in kept
        assert repr(ticket.token_index) not in repr(ticket)


# -- blanking


@pytest.mark.parametrize(
    ("shape", "method", "words"),
    [(Shape.TEXT, "editMessageText", "text"), (Shape.FILE, "editMessageCaption", "caption"), (Shape.BARE, "deleteMessage", None)],
)
def test_a_message_is_blanked_by_its_shape_and_loses_its_buttons(shape: Shape, method: str, words: str | None) -> None:
    called, params = as_call(Message("gone"), blanking(shape), Signer([b"k" * 32]))
    assert (called, params["chat_id"], params["message_id"]) == (method, 5, 77)
    assert "reply_markup" not in params
    assert words is None or params[words] == "gone"


@pytest.mark.parametrize("why", ["message to edit not found", "message can't be deleted for everyone", "message can't be edited"])
def test_one_that_cannot_be_blanked_is_counted_and_never_comes_as_a_new_message(why: str) -> None:
    outcome, verdict = judge(blanking(Shape.TEXT), Refused("x", 400, f"Bad Request: {why}"), MORNING, chat_was_full=False)
    assert (outcome.state, verdict) == (UNDELIVERABLE, Verdict.NOTHING)


def blanking(shape: Shape) -> Claimed:
    return Claimed(1, 3, 1, 5, "en", "badong", Blanked(str(shape)), 77, 1, 0)


# -- whoever does whatever, in whichever order


class Joining(RuleBasedStateMachine):
    """Offices, invited and time, against what must never be: a right without a confirmed tenure, two holders of one post."""

    def __init__(self, bench: Bench) -> None:
        super().__init__()
        self.desk = bench
        self.issued: list[tuple[int, str]] = []
        self.confirmed: dict[int, tuple[int, int]] = {}

    people = st.sampled_from(range(6))
    which = st.integers(0, 8)

    def _try(self, who: int, verb: Any, *args: Any, **more: Any) -> Any:
        with contextlib.suppress(RuleBroken):
            return self.desk.act(who, verb, *args, **more)
        return None

    @rule(who=st.sampled_from((0, 0, 1, 2)), post=st.integers(0, 2), known=st.none() | which)
    def issue(self, who: int, post: int, known: int | None) -> None:
        """For anybody, or for one of those who hold or held a post."""
        persons = sorted({row.person_id for row in self.desk.tenures()})
        more = {} if known is None else {"person_id": persons[known % len(persons)]}
        if made := self._try(who, invitations.issue_invitation, self.desk.posts[post], **more):
            assert who in self.desk.office()
            self.issued.append((made[0].id, made[1].token))

    @rule(who=st.sampled_from((0, 1)), whom=people, post=st.integers(0, 2), known=st.none() | which)
    def all_but_the_last_step(self, who: int, whom: int, post: int, known: int | None) -> None:
        self.issue(who, post, known)
        self.open(whom, 0)
        self.answer(whom, 0)

    @rule(who=people, which=which)
    def open(self, who: int, which: int) -> None:
        if self.issued:
            self._try(who, invitations.open_invitation, LINK + self.issued[-1 - which % len(self.issued)][1])

    @rule(who=people, which=which)
    def answer(self, who: int, which: int) -> None:
        if self.issued:
            self._try(who, invitations.answer_invitation, self.issued[-1 - which % len(self.issued)][0], "测试")

    @rule(who=people, which=which, verb=st.sampled_from(("decline", "refuse", "revoke")))
    def close(self, who: int, which: int, verb: str) -> None:
        if self.issued:
            self._try(who, getattr(invitations, f"{verb}_invitation"), self.issued[-1 - which % len(self.issued)][0])

    @rule(who=people, which=which)
    def confirm(self, who: int, which: int) -> None:
        if not self.issued:
            return
        number = self.issued[-1 - which % len(self.issued)][0]
        person, office = self.desk.person(who), self.desk.office()
        if (tenure := self._try(who, invitations.confirm_invitation, number)) is not None:
            (row,) = (each for each in self.desk.invitations() if each.id == number)
            assert who in office
            assert person not in (row.issued_by, tenure.person_id)
            assert row.state is InvitationState.CONFIRMED
            self.confirmed[tenure.id] = (number, tenure.person_id)

    @rule(who=people, post=st.integers(0, 2), whom=people)
    def end(self, who: int, post: int, whom: int) -> None:
        self._try(who, invitations.end_tenure, self.desk.posts[post], self.desk.person(whom) or 0, "left")

    @rule(who=people, whom=st.sampled_from((3, 4, 5)))
    def lose(self, who: int, whom: int) -> None:
        self._try(who, bindings.end_bindings, self.desk.person(whom) or 0)

    @rule(hours=st.integers(1, 80))
    def pass_(self, hours: int) -> None:
        self.desk.passes(hours)

    @rule()
    def restart(self) -> None:
        self.desk.restart()

    @invariant()
    def no_right_without_a_confirmed_tenure(self) -> None:
        kept = self.desk.tenures()
        for row in kept:
            assert row.id in self.desk.first or row.id in self.confirmed, "a tenure that nobody confirmed"
        for actor in self.desk.actors():
            held = {row.post_id for row in kept if row.ends_at is None and row.person_id == actor.person_id}
            assert {post.post_id for post in actor.posts} == (held if actor.person_id else set())

    @invariant()
    def one_holder_of_a_post_for_one_and_vacancies_are_right(self) -> None:
        kept = self.desk.tenures()
        open_ = [row.post_id for row in kept if row.ends_at is None]
        for post in self.desk.posts[:2]:
            assert open_.count(post) <= 1
        for post in self.desk.posts:
            ever = any(row.post_id == post for row in kept)
            assert (self.desk.vacant_since(post) is not None) == (ever and post not in open_)

    @invariant()
    def an_open_invitation_has_its_expiry(self) -> None:
        for row in self.desk.invitations():
            if row.state in (InvitationState.ISSUED, InvitationState.ANSWERED):
                assert row.expires_at > self.desk.at
                assert self.desk.is_due(f"invitation:{row.id}:")

    def teardown(self) -> None:
        self.desk.close()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_in_any_order_nobody_gets_in_without_a_second_person(kind: str, make_database: MakeDatabase, key: str) -> None:
    class On(Joining):
        def __init__(self) -> None:
            super().__init__(Bench(make_database(kind), key))

    examples = 15 if kind == "sqlite" else 4
    run_state_machine_as_test(
        On,
        settings=settings(max_examples=examples, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)),
    )


def test_the_machine_gets_somebody_in(make_database: MakeDatabase, key: str) -> None:
    """Otherwise it would prove nothing."""
    machine = Joining(Bench(make_database("sqlite"), key))
    machine.issue(0, 0, None)
    machine.open(3, 0)
    machine.answer(3, 0)
    for who in (0, 3, 4):
        machine.confirm(who, 0)
        assert not machine.confirmed
    machine.restart()
    machine.confirm(1, 0)
    assert len(machine.confirmed) == 1
    with pytest.raises(PostHeld):
        machine.desk.act(0, invitations.issue_invitation, machine.desk.posts[0])
    machine.lose(0, 3)
    assert machine.desk.actors()[3].posts == ()
    machine.all_but_the_last_step(0, 4, 0, 2)  # the third person of all, from another account
    machine.confirm(1, 0)
    assert len(machine.confirmed) == 1  # the tenure is the one there was
    assert [post.role for post in machine.desk.actors()[4].posts] == [Role.LIAISON]
    machine.teardown()
