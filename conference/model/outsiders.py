"""Bodies that are not in the document: asked to attend, or taken in as members. Source: Badong and Gansu, on other departments."""

from __future__ import annotations

import unicodedata
from enum import StrEnum

from .errors import AnswerUnfit

OUTSIDERS = "outsiders"  # the unit under which guests stand: no profile has it
JOINED = "joined_"  # how the slug of a unit begins that joined without being in the document
SHORTEST_NAME, LONGEST_NAME = 2, 40  # characters


class Inviting(StrEnum):
    """How other bodies take part, where the document says it."""

    AS_GUESTS = "invite_other_departments"
    AS_MEMBERS = "add_as_member"


def has_joined(slug: str) -> bool:
    """Whether this unit was taken in by the office, so that a changed profile says nothing about it."""
    return slug.startswith(JOINED)


def body_named(text: str) -> str:
    """A body's name as it is kept: 2 to 40 characters on one line, some of them letters. Raises AnswerUnfit."""
    name = unicodedata.normalize("NFC", " ".join(text.split()))
    fits = SHORTEST_NAME <= len(name) <= LONGEST_NAME and any(c.isalpha() for c in name)
    if not fits or any(unicodedata.category(c)[0] == "C" for c in name):
        raise AnswerUnfit("outsider", "name")
    return name


def alike(name: str) -> str:
    """Equal for two spellings of one name."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
