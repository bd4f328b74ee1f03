"""What the people of the benchmarks say: data, the only file to touch when the bot's questions change.

A person goes through PROLOGUE once and then through LOOP again and again. The first step of LOOP must be one that the bot
understands from anywhere (a command), because a person whose step went wrong begins LOOP anew.
"""

from dataclasses import dataclass, replace
from typing import Literal


@dataclass(frozen=True)
class Step:
    """One update from a person, and what shows that the bot has dealt with it."""

    kind: Literal["text", "press"]
    payload: str | int
    """text: what the person writes, `{n}` in it becomes a number never used before.
    press: the button of the newest keyboard in the chat, by its index (row after row) or by a part of its text."""
    expect: str | None = None
    """A part of a message that must come; None: any message will do."""
    messages: int = 1
    """How many messages (sent or edited) the bot answers with at least. With fewer than it really sends, the surplus would be
    taken for an answer to the next step, unless that one expects a text. 0: the step ends with the webhook's 200."""


@dataclass(frozen=True)
class Script:
    prologue: tuple[Step, ...]
    loop: tuple[Step, ...]


def text(words: str, expect: str | None = None, messages: int = 1) -> Step:
    return Step("text", words, expect, messages)


def press(button: str | int, expect: str | None = None, messages: int = 1) -> Step:
    return Step("press", button, expect, messages)


PROLOGUE: tuple[Step, ...] = ()

# The shortest whole report, from the first screen to the number: seven acts. Choices are typed by their number where that
# is possible, so that bots with and without buttons get the same kind of update; buttons go by place, as words differ by language.
CHILD, SEND_NOW = 0, 1

LOOP = (
    text("/start"),
    press(CHILD),
    text("1"),  # what: lives alone
    text("2"),  # nobody is in danger now
    text("信陵镇"),
    text("2"),  # since today
    press(SEND_NOW, messages=2),  # the number with the receipt, and the button's own message
)

OURS = Script(PROLOGUE, LOOP)


def for_a_conversation_of_a_peer() -> Script:
    """The same kinds of steps in the same order, for a peer that has a conversation but other words.

    A peer's buttons are told apart by their place only, and a peer answers each step with exactly one message.
    """
    return Script((), tuple(replace(step, payload=0 if step.kind == "press" else step.payload, expect=None, messages=1) for step in LOOP))


def for_an_echo() -> Script:
    """The same number of steps, for a bot that has no buttons: where one would be pressed, its name is written."""
    return Script((), tuple(Step("text", str(step.payload)) for step in LOOP))
