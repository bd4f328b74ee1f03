"""Lists that do not fit one message, or one screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

ROWS = 8  # of buttons, that a small screen shows


def cut(items: Sequence[T], page: int, size: int = ROWS) -> tuple[list[T], int, int]:
    """The items of the page (the last one if there are fewer), its number from 0, and how many pages there are (at least 1)."""
    page, pages = turned(len(items), page, size)
    return list(items[page * size : (page + 1) * size]), page, pages


def turned(count: int, page: int, size: int) -> tuple[int, int]:
    """The page (the last one if there are fewer), and how many there are of so many items."""
    pages = max(1, -(-count // size))
    return min(max(0, page), pages - 1), pages
