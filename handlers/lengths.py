"""Lengths as the channel counts them: UTF-16 units."""

from __future__ import annotations


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def split(text: str, limit: int) -> list[str]:
    """Parts of at most `limit` units, cut at a line end or a space where there is one in the last third."""
    parts = []
    while units(text) > limit:
        end = len(text.encode("utf-16-le")[: 2 * limit].decode("utf-16-le", "ignore"))
        cut = max(text.rfind("\n", end - end // 3, end), text.rfind(" ", end - end // 3, end)) + 1 or end
        parts.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [part for part in [*parts, text] if part]
