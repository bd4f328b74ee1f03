"""The agenda gate: whose consent a matter needs before it goes to the conference, as an expression.

Badong asks the office's first review *and* the conveners, Gansu any one of them, Jieyang the liaison meeting. The gate is
data, so a third reading is a line in a profile. Source: 000 五(二), 001 五(二), 002 三; domain §5 A1-A3.

    gate   = way { "|" way }        any one of the ways
    way    = step { "&" step }      all of the steps
    step   = NAME | "(" gate ")"
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import product

LONGEST = 200  # characters of a gate: a sentence of a document, no programme


class Signer(StrEnum):
    """Who may be named in a gate."""

    OFFICE_REVIEW = "office_review"
    CHIEF_CONVENER = "chief_convener"
    CONVENERS = "conveners"  # all of them
    ANY_CONVENER = "any_convener"
    LIAISON_MEETING = "liaison_meeting"


class GateUnfit(ValueError):
    """This is no gate; says what was found and where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOffs:
    """What has been given for one matter. `conveners` are all convener posts there are, `signed` those of them that agreed."""

    office_review: bool = False
    chief_convener: bool = False
    liaison_meeting: bool = False
    conveners: Collection[int] = ()
    signed: Collection[int] = ()

    def has(self, signer: Signer) -> bool:
        """Whether this part of a gate is given. All of no conveners is nobody's consent."""
        match signer:
            case Signer.OFFICE_REVIEW:
                return self.office_review
            case Signer.CHIEF_CONVENER:
                return self.chief_convener
            case Signer.LIAISON_MEETING:
                return self.liaison_meeting
            case Signer.ANY_CONVENER:
                return bool(set(self.conveners) & set(self.signed))
            case Signer.CONVENERS:
                return bool(self.conveners) and set(self.conveners) <= set(self.signed)


Way = frozenset[Signer]


@dataclass(frozen=True, slots=True)
class Gate:
    """`ways`: each is a set of signers that is enough. `text` is the expression as the profile writes it."""

    text: str
    ways: tuple[Way, ...]

    @property
    def names(self) -> frozenset[Signer]:
        """Everybody who is named in it."""
        return frozenset(signer for way in self.ways for signer in way)

    def still_missing(self, given: SignOffs) -> tuple[Way, ...]:
        """The ways that are still open, each with what it still needs; empty once the gate is satisfied."""
        left = [frozenset(signer for signer in way if not given.has(signer)) for way in self.ways]
        return () if frozenset() in left else tuple(_smallest(left))


def parse_gate(text: str) -> Gate:
    """The gate of an expression. Raises GateUnfit for one that names nobody, or somebody no gate can name."""
    if len(text) > LONGEST:
        raise GateUnfit(f"{len(text)} characters; a gate has at most {LONGEST}")
    if not text.strip():
        raise GateUnfit("it names nobody")
    words = _words(text)
    ways = _gate(words)
    if words[-1] != "":
        raise GateUnfit(f"{words[-1]!r} after the end" if words[-1] != ")" else "a bracket is closed that was never opened")
    return Gate(text, tuple(_smallest(ways)))


_WORD = re.compile(r"\s*([A-Za-z_]+|[&|()]|\S)")


def _words(text: str) -> list[str]:
    """The words of it in reverse, with "" as the end: the next one is popped."""
    return ["", *reversed([found.group(1) for found in _WORD.finditer(text)])]


def _gate(words: list[str]) -> list[Way]:
    ways = _way(words)
    while words[-1] == "|":
        words.pop()
        ways += _way(words)
    return ways


def _way(words: list[str]) -> list[Way]:
    ways = _step(words)
    while words[-1] == "&":
        words.pop()
        ways = [one | other for one, other in product(ways, _step(words))]
    return ways


def _step(words: list[str]) -> list[Way]:
    word = words[-1]
    if word == "":
        raise GateUnfit("it ends too early")
    words.pop()
    if word == "(":
        ways = _gate(words)
        if words[-1] != ")":
            raise GateUnfit("a bracket is not closed")
        words.pop()
        return ways
    if word not in list(Signer):
        raise GateUnfit(f"{word!r} is nobody" if word not in ("&", "|", ")") else f"somebody is missing before {word!r}")
    return [frozenset({Signer(word)})]


def _smallest(ways: Collection[Way]) -> Iterator[Way]:
    """Without the ways that ask for more than another one does."""
    distinct = list(dict.fromkeys(ways))
    return (way for way in distinct if not any(other < way for other in distinct))
