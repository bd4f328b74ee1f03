"""The agenda gate: an expression that says whose consent is missing, and that nobody can be fooled with."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference import profiles
from conference.model.gates import GateUnfit, Signer, SignOffs, parse_gate

OFFICE, CHIEF, ALL, ANY, LIAISONS = Signer
TWO = (11, 12)  # convener posts


def left(text: str, **given: object) -> set[frozenset[Signer]]:
    return set(parse_gate(text).still_missing(SignOffs(conveners=TWO, **given)))  # type: ignore[arg-type]  # what a test gives


def test_badong_asks_everybody() -> None:
    gate = "office_review & chief_convener & conveners"
    assert left(gate) == {frozenset({OFFICE, CHIEF, ALL})}
    assert left(gate, office_review=True, chief_convener=True) == {frozenset({ALL})}
    assert left(gate, office_review=True, chief_convener=True, signed=(11,)) == {frozenset({ALL})}, "one convener of two is not all"
    assert left(gate, office_review=True, signed=TWO) == {frozenset({CHIEF})}
    assert left(gate, office_review=True, chief_convener=True, signed=TWO) == set()


def test_gansu_takes_any_one_of_them() -> None:
    gate = "office_review | chief_convener | any_convener"
    assert left(gate) == {frozenset({OFFICE}), frozenset({CHIEF}), frozenset({ANY})}
    for consent in ({"office_review": True}, {"chief_convener": True}, {"signed": (12,)}):
        assert left(gate, **consent) == set()


def test_the_other_reading_joins_the_office_and_one_above() -> None:
    gate = "office_review & (chief_convener | any_convener)"
    assert left(gate) == {frozenset({OFFICE, CHIEF}), frozenset({OFFICE, ANY})}
    assert left(gate, signed=(12,)) == {frozenset({OFFICE})}, "no detour over somebody who is not needed"
    assert left(gate, office_review=True, signed=(12,)) == set()


def test_jieyang_leaves_it_to_the_liaison_meeting() -> None:
    assert left("liaison_meeting") == {frozenset({LIAISONS})}
    assert left("liaison_meeting", liaison_meeting=True) == set()


def test_somebody_who_is_no_convener_signs_for_nobody() -> None:
    assert left("any_convener", signed=(99,)) == {frozenset({ANY})}
    nobody = SignOffs(conveners=(), signed=())
    assert parse_gate("conveners").still_missing(nobody), "all of no conveners is nobody's consent"
    assert parse_gate("any_convener").still_missing(nobody)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "it names nobody"),
        ("   ", "it names nobody"),
        ("()", "somebody is missing before ')'"),
        ("mayor", "'mayor' is nobody"),
        ("office_review &", "it ends too early"),
        ("office_review & | chief_convener", "somebody is missing before '|'"),
        ("& office_review", "somebody is missing before '&'"),
        ("(office_review", "a bracket is not closed"),
        ("office_review)", "a bracket is closed that was never opened"),
        ("office_review chief_convener", "'chief_convener' after the end"),
        ("office_review and chief_convener", "'and' after the end"),
        ("办公室", "'办' is nobody"),
        ("office_review" + " & office_review" * 20, "characters; a gate has at most 200"),
    ],
)
def test_what_is_no_gate_says_why(text: str, says: str) -> None:
    with pytest.raises(GateUnfit) as caught:
        parse_gate(text)
    assert says in str(caught.value)


@given(st.text(alphabet="office_review chief_convener&|() any", max_size=60))
def test_any_words_are_a_gate_or_refused(text: str) -> None:
    try:
        gate = parse_gate(text)
    except GateUnfit:
        return
    assert gate.names
    assert gate.still_missing(SignOffs()), "without consent nothing passes"


GATES = st.recursive(
    st.sampled_from([str(s) for s in Signer]),
    lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from("&|"), inner),
    max_leaves=6,
)
CONSENT = [
    SignOffs(office_review=o, chief_convener=c, liaison_meeting=m, conveners=TWO, signed=s)
    for o, c, m, s in product((False, True), (False, True), (False, True), ((), (11,), TWO))
]


@given(GATES)
def test_a_gate_opens_as_its_expression_says(text: str) -> None:
    """Against Python's own reading of the same words."""
    if len(text) > 200:
        return
    gate = parse_gate(text)
    for consent in CONSENT:
        names = {str(signer): consent.has(signer) for signer in Signer}
        assert (not gate.still_missing(consent)) == bool(eval(text, {"__builtins__": {}}, names)), (text, consent)


@given(GATES)
def test_what_is_said_to_be_missing_is_enough(text: str) -> None:
    if len(text) > 200:
        return
    gate = parse_gate(text)
    for consent in CONSENT:
        for way in gate.still_missing(consent):
            assert not any(consent.has(signer) for signer in way), "what is given is not asked for again"
            enough = SignOffs(
                office_review=consent.office_review or OFFICE in way,
                chief_convener=consent.chief_convener or CHIEF in way,
                liaison_meeting=consent.liaison_meeting or LIAISONS in way,
                conveners=TWO,
                signed=TWO if ALL in way else consent.signed or ((11,) if ANY in way else ()),
            )
            assert not gate.still_missing(enough)


def test_the_five_conferences_have_the_gates_of_their_documents() -> None:
    texts = {slug: profile.gate.text if (profile := profiles.load(slug)).gate else None for slug in profiles.available()}
    assert texts == {
        "badong": "office_review & chief_convener & conveners",
        "gansu": "office_review | chief_convener | any_convener",
        "jieyang": "liaison_meeting",
        "national": None,
        "neimenggu": None,
    }
