"""The eight words of a receipt: numbers of the word lists in `conference/receipts`, line by line."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib import resources

WORDS = 8
LIST_SIZE = 1024
_LONGEST = 200  # characters: no receipt takes more
_BETWEEN = re.compile(r"[\s,，、。.;；:：·・/|\-–—]+")
_CHINESE = 2  # characters of each word in the Chinese lists
SHORTEST = WORDS * _CHINESE  # characters of a receipt


@cache
def word_list(language: str) -> tuple[str, ...]:
    """The 1024 words of a language."""
    return tuple(resources.files("conference").joinpath(f"receipts/{language}.txt").read_text("utf-8").split())


@cache
def _numbers(chinese: bool) -> dict[str, int]:
    lists = ("zh_Hant", "zh_Hans") if chinese else ("en",)
    return {word: number for language in lists for number, word in enumerate(word_list(language))}


def words(language: str, numbers: Sequence[int]) -> list[str]:
    """The words to be learnt by heart."""
    return [word_list(language)[number] for number in numbers]


def parse(text: str) -> list[int] | None:
    """The numbers of exactly eight words, however they are separated (Chinese words: not at all, if one likes)."""
    for chinese in (True, False):
        found = [_numbers(chinese).get(token) for token in _tokens(text, chinese)]
        numbers = [number for number in found if number is not None]
        if len(found) == len(numbers) == WORDS:
            return numbers
    return None


def nearly(text: str) -> bool:
    """Whether this can only be a receipt that was mistyped: as many words, set apart, and all but two of them known."""
    parts = _tokens(text, chinese=False)
    if abs(len(parts) - WORDS) > 1:
        return False
    return any(sum(part in _numbers(chinese) for part in parts) >= WORDS - 2 for chinese in (True, False))


def resembles(text: str) -> bool:
    """Whether somebody seems to have tried: at least three words of a list among a few."""
    return any(
        sum(token in _numbers(chinese) for token in tokens) >= 3 and len(tokens) <= 2 * WORDS
        for chinese in (True, False)
        for tokens in (_tokens(text, chinese),)
    )


def _tokens(text: str, chinese: bool) -> list[str]:
    if len(text) > _LONGEST:
        return []
    parts = [part for part in _BETWEEN.split(unicodedata.normalize("NFKC", text).casefold()) if part]
    if not chinese:
        return parts
    joined = "".join(parts)
    return [joined[at : at + _CHINESE] for at in range(0, len(joined), _CHINESE)]
