"""Markdown as Telegram reads it: MarkdownV2 and the old Markdown, with the error texts of the real server."""

from __future__ import annotations

from sandbox.limits import utf16
from sandbox.markup import Entity, cannot_parse

RESERVED = frozenset("_*[]()~`>#+-=|{}.!")
NAMES = {"bold": "Bold", "italic": "Italic", "underline": "Underline", "strikethrough": "Strikethrough", "spoiler": "Spoiler"}
V2_MARKS = (("```", "pre"), ("`", "code"), ("||", "spoiler"), ("__", "underline"), ("_", "italic"), ("*", "bold"), ("~", "strikethrough"))
V1_MARKS = {"_": "italic", "*": "bold", "`": "code"}


def _offset(source: str, position: int) -> int:
    return len(source[:position].encode())


def parse_markdown_v2(source: str) -> tuple[str, list[Entity]]:
    return _V2(source).read()


class _V2:
    def __init__(self, source: str) -> None:
        self.source = source
        self.out: list[str] = []
        self.length = 0
        self.open: list[tuple[str, int, Entity]] = []
        self.entities: list[Entity] = []
        self.position = 0

    def read(self) -> tuple[str, list[Entity]]:
        while self.position < len(self.source):
            self._step()
        if self.open:
            kind, start, _ = self.open[-1]
            raise cannot_parse(
                f"Can't find end of {NAMES.get(kind, kind.capitalize())} entity at byte offset {_offset(self.source, start)}"
            )
        self.entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
        return "".join(self.out), self.entities

    def _write(self, text: str) -> None:
        self.out.append(text)
        self.length += utf16(text)

    def _step(self) -> None:
        here = self.source[self.position]
        if here == "\\" and self.position + 1 < len(self.source) and ord(self.source[self.position + 1]) < 127:
            self._write(self.source[self.position + 1])
            self.position += 2
        elif here == ">" and (self.position == 0 or self.source[self.position - 1] == "\n"):
            self._quote()
        elif here == "[" or self.source.startswith("![", self.position):
            self._link_begins()
        elif here == "]" and self.open and self.open[-1][0] == "text_link":
            self._link_ends()
        elif (mark := next(((sign, kind) for sign, kind in V2_MARKS if self.source.startswith(sign, self.position)), None)) is not None:
            self._mark(*mark)
        elif here in RESERVED:
            raise cannot_parse(f"Character '{here}' is reserved and must be escaped with the preceding '\\'")
        else:
            if here == "\n":
                self._end_quote()
            self._write(here)
            self.position += 1

    def _mark(self, sign: str, kind: str) -> None:
        start = self.position
        if kind in ("code", "pre"):
            end = self.source.find(sign, start + len(sign))
            if end < 0:
                raise cannot_parse(
                    f"Can't find end of {'PreCode' if kind == 'pre' else 'Code'} entity at byte offset {_offset(self.source, start)}"
                )
            self._verbatim(self.source[start + len(sign) : end], kind)
            self.position = end + len(sign)
            return
        self.position += len(sign)
        if self.open and self.open[-1][0] == kind:
            self._finish(self.open.pop()[2])
        else:
            self.open.append((kind, start, {"type": kind, "offset": self.length}))

    def _verbatim(self, inside: str, kind: str) -> None:
        entity: Entity = {"type": kind, "offset": self.length}
        if kind == "pre":
            first, newline, rest = inside.partition("\n")
            if newline and first and not any(sign.isspace() for sign in first):
                entity["language"], inside = first, rest
            inside = inside.strip("\n")
        self._write(inside.replace("\\`", "`").replace("\\\\", "\\"))
        self._finish(entity)

    def _finish(self, entity: Entity) -> None:
        entity["length"] = self.length - entity["offset"]
        if entity["length"]:
            self.entities.append(entity)

    def _link_begins(self) -> None:
        self.open.append(("text_link", self.position, {"type": "text_link", "offset": self.length}))
        self.position += 2 if self.source[self.position] == "!" else 1

    def _link_ends(self) -> None:
        _, start, entity = self.open.pop()
        self.position += 1
        end = self.source.find(")", self.position)
        if not self.source.startswith("(", self.position):
            return
        if end < 0:
            raise cannot_parse(f"Can't find end of a URL at byte offset {_offset(self.source, start)}")
        entity["url"] = self.source[self.position + 1 : end].replace("\\", "")
        self.position = end + 1
        self._finish(entity)

    def _quote(self) -> None:
        self.open.append(("blockquote", self.position, {"type": "blockquote", "offset": self.length}))
        self.position += 1
        if (end := self.source.find("\n", self.position)) < 0:
            end = len(self.source)
        inner = _V2(self.source[self.position : end])
        text, entities = inner.read()
        self.entities.extend({**entity, "offset": entity["offset"] + self.length} for entity in entities)
        self._write(text)
        self.position = end
        self._end_quote()

    def _end_quote(self) -> None:
        if self.open and self.open[-1][0] == "blockquote":
            self._finish(self.open.pop()[2])


def parse_markdown(source: str) -> tuple[str, list[Entity]]:
    """The old Markdown: no nesting, no escaping inside entities."""
    out: list[str] = []
    entities: list[Entity] = []
    length = position = 0
    while position < len(source):
        here = source[position]
        if here == "\\" and position + 1 < len(source) and source[position + 1] in "_*`[":
            text, position = source[position + 1], position + 2
        elif here in V1_MARKS or here == "[":
            text, entity, position = _v1_entity(source, position)
            if entity and text:
                entities.append({**entity, "offset": length, "length": utf16(text)})
        else:
            text, position = here, position + 1
        out.append(text)
        length += utf16(text)
    return "".join(out), entities


def _v1_entity(source: str, start: int) -> tuple[str, Entity | None, int]:
    """(text, entity, where to go on)"""
    sign = "```" if source.startswith("```", start) else source[start]
    end = source.find("]" if sign == "[" else sign, start + len(sign))
    if end < 0:
        raise cannot_parse(f"Can't find end of the entity starting at byte offset {_offset(source, start)}")
    inside = source[start + len(sign) : end]
    if sign == "[":
        close = source.find(")", end)
        if not source.startswith("(", end + 1) or close < 0:
            return inside, None, end + 1
        return inside, {"type": "text_link", "url": source[end + 2 : close]}, close + 1
    return inside, {"type": "pre" if sign == "```" else V1_MARKS[sign]}, end + len(sign)
