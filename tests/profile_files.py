"""What the tests of profiles share: files with one thing changed."""

from __future__ import annotations

from conference import profiles


def edited(slug: str, *changes: tuple[str, str]) -> str:
    """The file of a conference with each first piece replaced; a piece that is not there fails the test."""
    text = profiles.source(slug)
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def without(slug: str, table: str, *words: str) -> str:
    """The file without the tables of this name that contain all the words."""
    blocks = profiles.source(slug).split("\n\n")
    kept = [block for block in blocks if not (f"[[{table}]]" in block and all(word in block for word in words))]
    assert len(kept) < len(blocks), words
    return "\n\n".join(kept)


def line(text: str, piece: str) -> int:
    """In which line, from 1, this piece stands first."""
    return text[: text.index(piece)].count("\n") + 1
