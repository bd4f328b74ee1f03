"""Collects the sentences of the code into the catalogues (`make locales`), and checks that nothing is missing (`--check`).

A catalogue never carries a date or a line number: it changes only when a sentence does.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from locales import DOMAIN, LANGUAGES

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("handlers", "locales")
KEYWORDS = {"t": None, "later": None}
SOURCE_LANGUAGE = "en"  # the sentences stand in the code in English
HEADER = r"""msgid ""
msgstr ""
"Language: {language}\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"

"""

_PLACEHOLDER = re.compile(r"\{[^}]*\}")
_TAG = re.compile(r"</?[a-z][^>]*>")


def path_of(language: str) -> Path:
    return ROOT / "locales" / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def sentences() -> dict[str, list[str]]:
    """Every sentence of the code with the files it stands in, in the order of the files."""
    found: dict[str, list[str]] = {}
    for folder in SOURCES:
        for file in sorted((ROOT / folder).rglob("*.py")):
            with file.open("rb") as source:
                for _, message, _, _ in extract("python", source, keywords=KEYWORDS):
                    where = found.setdefault(str(message), [])
                    name = file.relative_to(ROOT).as_posix()
                    if name not in where:
                        where.append(name)
    return found


def read(language: str) -> Catalog:
    with path_of(language).open("rb") as source:
        return read_po(source, locale=language)


def refreshed(language: str) -> bytes:
    """The catalogue as it should stand: all sentences of the code, with the translations there are."""
    old = read(language)
    new = Catalog(locale=language)
    for message, where in sentences().items():
        known = old.get(message)
        said = message if language == SOURCE_LANGUAGE else str(known.string) if known else ""
        new.add(message, said, locations=[(file, 0) for file in where], flags=known.flags & {"fuzzy"} if known else ())
    written = BytesIO()
    write_po(written, new, width=120, omit_header=True, include_lineno=False)
    return HEADER.format(language=language).encode() + written.getvalue().strip() + b"\n"


def refresh() -> None:
    for language in LANGUAGES:
        known = {str(message.id): str(message.string) for message in read(language) if message.id}
        for gone in known.keys() - sentences().keys():
            print(f"{language}: no longer said: {gone!r} = {known[gone]!r}")
        path_of(language).write_bytes(refreshed(language))


def problems() -> Iterator[str]:
    """What is wrong with the catalogues, one line each."""
    said = sentences()
    for language in LANGUAGES:
        catalogue = read(language)
        yield from (f"{language}: {trouble}" for trouble in problems_of(catalogue, said))
        if path_of(language).read_bytes() != refreshed(language):
            yield f"{language}: not refreshed; run `make locales`"


def problems_of(catalogue: Catalog, said: dict[str, list[str]]) -> Iterator[str]:
    for message in said:
        entry = catalogue.get(message)
        if entry is None or not entry.string:
            yield f"untranslated: {message!r}"
        elif entry.fuzzy:
            yield f"fuzzy: {message!r}"
        else:
            for kind, pattern in (("placeholders", _PLACEHOLDER), ("tags", _TAG)):
                if sorted(pattern.findall(message)) != sorted(pattern.findall(str(entry.string))):
                    yield f"other {kind}: {message!r} = {entry.string!r}"
    for entry in (*catalogue, *catalogue.obsolete.values()):
        if entry.id and str(entry.id) not in said:
            yield f"obsolete: {entry.id!r}"


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--check"]):
        print("usage: python -m tests.tools.locales [--check]")
        return 2
    if not arguments:
        refresh()
    found = list(problems())
    for line in found:
        print(line)
    print(f"{len(sentences())} sentences, {len(LANGUAGES)} languages, {len(found)} problems")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
