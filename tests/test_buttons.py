"""Buttons: only what we made for this account, unaltered, is read as a press; and it always fits the channel."""

from __future__ import annotations

import dataclasses
from typing import get_type_hints

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from conference.model.errors import Misconfigured
from handlers import presses
from handlers.buttons import LIMIT, Press, Signer, button, kinds
from handlers.telegram.texts.inviting import LONGEST_SLUG

SIGNER = Signer([b"k" * 32])
LONGEST = (
    {"draft": "f" * presses.base.SHORT, "version": 99_999, "question": 99, "option": 99, "sheet": 1, "report": 2**31 - 1}
    | dict.fromkeys(("invitation", "post", "person"), 2**31 - 1)
    | {"page": 99, "listed": 1, "sure": 1, "below": 1, "why": "mistake"}
)
LONGEST |= {"approval": 2**31 - 1, "granted": 1}
LONGEST |= dict.fromkeys(("shift", "handover", "check"), 2**31 - 1) | {
    "day": 20991231,
    "hours": 24,
    "side": "outgoing",
    "answer": "unchanged",
}
accounts = st.integers(1, 2**52)
CODES = st.text("abcdefghijklmnopqrstuvwxyz_0123456789", max_size=9)


def presses_of(kind: type[Press]) -> st.SearchStrategy[Press]:
    hints = get_type_hints(kind)
    fields = {f.name: st.integers(0, LONGEST.get(f.name, 999)) if hints[f.name] is int else CODES for f in dataclasses.fields(kind)}  # type: ignore[arg-type]  # every int has an int bound
    return st.builds(kind, **fields)


any_press = st.sampled_from(sorted(kinds().values(), key=lambda kind: kind.kind)).flatmap(presses_of)


@given(any_press, accounts)
def test_a_button_comes_back_as_it_was_made(press: Press, account: int) -> None:
    assert SIGNER.unpack(SIGNER.pack(press, account), account) == press


@given(any_press, accounts, accounts)
def test_another_accounts_button_is_none(press: Press, mine: int, other: int) -> None:
    assume(mine != other)
    assert SIGNER.unpack(SIGNER.pack(press, mine), other) is None


@given(any_press, accounts, st.data())
def test_an_altered_button_is_none(press: Press, account: int, data: st.DataObject) -> None:
    made = SIGNER.pack(press, account)
    at = data.draw(st.integers(0, len(made) - 1))
    altered = made[:at] + data.draw(st.characters(min_codepoint=32)) + made[at + 1 :]
    assume(altered != made)
    assert SIGNER.unpack(altered, account) is None


@given(st.text(max_size=80), accounts)
def test_invented_data_is_none(invented: str, account: int) -> None:
    assert SIGNER.unpack(invented, account) is None


@given(any_press, accounts)
def test_buttons_outlive_one_rotation_of_the_key_and_not_its_end(press: Press, account: int) -> None:
    old, new = b"o" * 32, b"n" * 32
    made = Signer([old]).pack(press, account)
    assert Signer([new, old]).unpack(made, account) == press
    assert Signer([new]).unpack(made, account) is None


@pytest.mark.parametrize("kind", kinds().values(), ids=lambda kind: kind.__name__)
def test_the_longest_button_of_each_kind_fits(kind: type[Press]) -> None:
    longest = {"place": "422823999", "way": "review", "subject": "disabled", "language": "zh_Hans", "then": "start", "below": 1}
    longest |= {"approval": 2**31 - 1, "granted": 1, "under": "422823999999"}
    longest |= {"slug": "x" * 48, "page": 999, "back": 999, "post": 2**31 - 1}
    longest |= {"body": "x" * LONGEST_SLUG}
    if kind is presses.inviting.ChooseBodyPlace:
        longest |= {"place": "422823999999"}  # a village
    if kind is presses.duty.PlanShift:
        longest |= {"hours": "night"}  # which hours of a day; in TakeDuty it is how many
    longest |= {"assignment": 2**31 - 1, "notice": 2**31 - 1}
    longest |= {"step": 19, "sequence": 999, "calling": 1, "meeting": 2**31 - 1, "guest": 2**31 - 1}
    longest |= {"step": 19, "sequence": 999, "calling": 1, "meeting": 2**31 - 1, "guest": 2**31 - 1, "notice": 2**31 - 1}
    longest |= {"occurrence": 2**53, "view": "overdue"}
    press = kind(**{f.name: (LONGEST | longest)[f.name] for f in dataclasses.fields(kind)})
    assert len(SIGNER.pack(press, 2**52).encode()) <= LIMIT


def test_a_button_that_would_not_fit_is_not_made() -> None:
    with pytest.raises(Misconfigured, match="64 are allowed"):
        SIGNER.pack(presses.drafts.Begin(subject="x" * 64), 1)


def test_two_buttons_of_one_name_are_a_mistake_of_ours() -> None:
    with pytest.raises(Misconfigured, match="two buttons"):
        button(presses.drafts.Begin.kind, presses.drafts.Begin.action)(presses.drafts.Begin)
