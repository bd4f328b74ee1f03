"""The commands that the channel shows beside the field of writing: by role, language and conference."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from conference.model.people import Actor
from conference.ports import Conferences
from handlers import menus
from locales import language_of, later, translator

from .registry import plain

DESCRIPTIONS = {
    "start": later("main menu"),
    "reports": later("latest reports"),
    "duty": later("who is on duty"),
    "owe": later("what you owe now"),
    "assign": later("assign an item to a unit"),
    "assignments": later("assigned items that are open"),
    "trace": later("history of an assigned item, by its number"),
    "meetings": later("meetings to come and your answers"),
    "duties": later("duties of your unit and when they are due"),
    "convene": later("call a meeting"),
    "entrust": later("entrust conveners with calling meetings"),
    "notices": later("notices for your posts"),
    "notify": later("write a notice"),
    "roster": later("roster by unit"),
    "gaps": later("posts that are vacant or cannot be reached"),
    "export": later("take the roster out as a file"),
    "invite": later("invite somebody into a post"),
    "invitations": later("invitations that wait"),
    "outsiders": later("units from outside"),
    "handover": later("hand a post over"),
    "check": later("confirm your unit's people"),
    "mechanism": later("record the document that sets the mechanism up"),
    "identity": later("ask who made a report"),
    "whoami": later("posts you hold"),
    "my": later("my reports"),
    "reclaim": later("come back with a receipt"),
    "area": later("turn to another area"),
    "cancel": later("give up what is unfinished"),
    "language": later("语言 · 語言 · Language"),
    "help": later("how it works"),
}
DESCRIPTION = later(
    "Report a child, an elderly person, a woman or a person with a disability who is left alone, neglected, bullied or hurt. "
    "If somebody is in danger now, call 110 first."
)
SHORT_DESCRIPTION = later("Report who is left alone, neglected or hurt. In danger now: call 110.")

# The channel knows languages by two letters: it cannot tell the two scripts of Chinese apart.
DEFAULTS = {"": "zh_Hans", "en": "en"}


@dataclass(frozen=True)
class Shown:
    """A list of commands in one language."""

    names: tuple[str, ...]
    language: str

    def as_parameters(self) -> list[dict[str, str]]:
        t = translator(self.language)
        return [{"command": name, "description": plain(t(DESCRIPTIONS[name]))} for name in self.names]

    @cached_property
    def digest(self) -> str:
        """32 hexadecimal digits; other words make another digest."""
        return hashlib.sha256(json.dumps(self.as_parameters()).encode()).hexdigest()[:32]


@lru_cache(maxsize=4096)
def _shown(names: tuple[str, ...], language: str) -> Shown:
    return Shown(names, language)


def default_language(client: str | None) -> str:
    """The language in which the channel shows the commands of everybody to this client."""
    return "en" if language_of(client) == "en" else "zh_Hans"


def fitting(actor: Actor, conferences: Conferences, default: str) -> Shown | None:
    """What this actor's chat should show; None: what it shows to everybody, `default` being its language, is right."""
    if not actor.posts and not actor.elsewhere and actor.language == default:
        return None
    return _shown(tuple(menus.offered(actor, conferences)), actor.language)


def for_everybody(conferences: Conferences) -> Sequence[tuple[str, Shown]]:
    """What those see who hold no post, by the channel's code of the language."""
    stranger = Actor(0, conference=conferences.first)
    names = tuple(menus.offered(stranger, conferences))
    return [(code, _shown(names, language)) for code, language in DEFAULTS.items()]


def introduction(language: str) -> dict[str, dict[str, Any]]:
    """What the channel shows of the desk before anybody has written: parameters by method."""
    t = translator(language)
    return {
        "setMyDescription": {"description": plain(t(DESCRIPTION))},
        "setMyShortDescription": {"short_description": plain(t(SHORT_DESCRIPTION))},
    }
