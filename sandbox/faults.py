"""Bad days on purpose: a seeded plan of what goes wrong with which call.

`refuse` closes the connection without doing anything, `lose_answer` does the work and then closes it, `delay` waits first,
`status` answers a code (502 …), `too_many` answers 429 with `retry_after`. The same seed and calls give the same bad day.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

KINDS = ("refuse", "delay", "status", "too_many", "lose_answer")


@dataclass(slots=True)
class Rule:
    kind: str
    method: str | None = None  # any method, except getUpdates and the like, when left out: see SPARED
    chat: int | None = None
    probability: float = 1.0
    times: int | None = None
    seconds: float = 1.0
    code: int = 502
    description: str = "Bad Gateway"
    happened: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown kind of fault {self.kind!r}: one of {', '.join(KINDS)}")

    def concerns(self, method: str, chat: int | None) -> bool:
        if self.times is not None and self.happened >= self.times:
            return False
        if self.method is None:
            if method in SPARED:
                return False
        elif self.method.lower() != method:
            return False
        return self.chat is None or self.chat == chat


# A rule without a method is about the bot's words, not about its ears: otherwise most dice would fall on idle long polls.
SPARED = frozenset({"getupdates", "setwebhook", "deletewebhook", "getwebhookinfo", "getme"})


class Faults:
    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self._dice = random.Random(0)

    def plan(self, rules: Iterable[Rule | dict[str, Any]], *, seed: int = 0) -> None:
        """Replace the plan. The first rule that concerns a call and whose die falls so decides."""
        self.rules = [rule if isinstance(rule, Rule) else Rule(**rule) for rule in rules]
        self._dice = random.Random(seed)

    def add(self, kind: str, **what: Any) -> Rule:
        rule = Rule(kind, **what)
        self.rules.append(rule)
        return rule

    def clear(self) -> None:
        self.rules = []

    def strike(self, method: str, chat: int | None) -> Rule | None:
        """The fault that hits this call, if any; `method` in small letters."""
        for rule in self.rules:
            if rule.concerns(method, chat) and (rule.probability >= 1 or self._dice.random() < rule.probability):
                rule.happened += 1
                return rule
        return None
