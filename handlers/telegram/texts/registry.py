"""Which function puts which record into words."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from typing import Any, TypeVar

from conference.model.errors import Misconfigured
from conference.model.told import Told
from handlers.buttons import Press
from handlers.lengths import split, units
from handlers.messages import Button, Message, Reader
from locales import Markup, Translator, safe

Saying = Callable[[Any, Reader, Translator], Message]
S = TypeVar("S", bound=Saying)

_SAYINGS: dict[type[Told], Saying] = {}
LONGEST_LABEL = 64  # UTF-16 units; clients show less
_TAG = re.compile(r"<[^>]*>")


def says(*kinds: type[Told]) -> Callable[[S], S]:
    """Decorator: this function puts records of these classes into words."""

    def register(saying: S) -> S:
        for kind in kinds:
            if kind in _SAYINGS:
                raise Misconfigured(f"two functions say {kind.__name__}")
            _SAYINGS[kind] = saying
        return saying

    return register


def saying_of(kind: type[Told]) -> Saying:
    if kind not in _SAYINGS:
        raise Misconfigured(f"no function says {kind.__name__}")
    return _SAYINGS[kind]


def plain(markup: str) -> str:
    """HTML as bare text: for labels of buttons and for what pops up beside them."""
    return html.unescape(_TAG.sub("", markup)) if "<" in markup or "&" in markup else str(markup)


def button(label: str, press: Press) -> Button:
    """`label` is HTML; what is longer than a label should be (names of posts, units, conferences) is cut."""
    return Button(short(plain(label)), press)


def short(words: str, most: int = LONGEST_LABEL) -> str:
    """Bare words, at most so many UTF-16 units of them; that something is cut off shows as …"""
    return words if 2 * len(words) <= most or units(words) <= most else f"{split(words, most - 1)[0]}…"


def pager(page: int, pages: int, to: Callable[[int], Press], t: Translator) -> list[list[Button]]:
    """Buttons to the page before and the page after, where there are such."""
    row = [button(t("◀ Previous page"), to(page - 1))] if page > 0 else []
    row += [button(t("Next page ▶"), to(page + 1))] if page + 1 < pages else []
    return [row] if row else []


def pairs(buttons: Sequence[Button], widest: int = 2) -> list[list[Button]]:
    """Rows of two where the labels are short enough for a narrow screen, else one to a row."""
    wide = max((sum(2 if ord(c) > 0x2E7F else 1 for c in b.label) for b in buttons), default=0)
    per_row = widest if wide <= 18 else 1
    return [list(buttons[at : at + per_row]) for at in range(0, len(buttons), per_row)]


def listed(parts: Iterable[object], t: Translator) -> Markup:
    """One after the other in a sentence; "" for none."""
    found = [safe(part) for part in parts]
    return reduce(lambda one, other: t("{one}, {other}", one=one, other=other), found) if found else Markup()


def lines(*parts: str | None) -> Markup:
    """Lines of HTML; None is left out, "" is an empty line."""
    return Markup("\n".join(part for part in parts if part is not None))
