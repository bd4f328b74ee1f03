"""Where something happened: the lists that are offered, and the place that somebody's words mean."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from conference.model.errors import NotFound
from conference.model.territory import Level, Page, Place, folded, meant, say_nothing
from conference.ports import UnitOfWork

PAGE = 12  # places on one page: Badong's townships fit on one
MOST_FOUND = 40  # places looked at for one text; a list to choose from is far shorter


def region(uow: UnitOfWork) -> str | None:
    """Code of the region of the conference at hand; "" for the whole nation, None where no region is known."""
    head = uow.conferences.head(uow.conference)
    if head.region_code is None and head.level == "national":
        return ""
    return head.region_code or uow.conferences.profile(uow.conference).region_code or None


def offered(uow: UnitOfWork, under: str = "", number: int = 0, size: int = PAGE) -> Page:
    """A page of the places beneath `under`, or beneath the region. Empty where nothing was imported."""
    here = under or region(uow)
    if here is None:
        return Page((), 0, 1)
    top = uow.places.children(here, number, size)
    if not here and top.places and top.places[0].level is Level.NATION:
        return uow.places.children(top.places[0].code, number, size)
    return top


def named(uow: UnitOfWork, text: str) -> Sequence[Place]:
    """The places of the region that these words mean: none, exactly one, or several to choose from.

    The names of the list that was just offered cost no further query: that is what people write most.
    """
    here, words = region(uow), folded(text)
    if here is None or say_nothing(words):
        return ()
    first = offered(uow, size=MOST_FOUND).places
    if whole := [place for place in first if place.name == words]:
        return whole
    narrow = bool(first) and first[0].level.depth >= Level.TOWNSHIP.depth  # wider regions have tens of thousands of villages
    return meant(uow.places.search(here, words, MOST_FOUND, narrowest=narrow), words)


def standing(uow: UnitOfWork, code: str) -> Place:
    """The place of this code. Raises NotFound for one that never was or has ended."""
    place = uow.places.get(code)
    if place is None or place.ended:
        raise NotFound("place", code)
    return place


def familiar(uow: UnitOfWork, codes: Sequence[str]) -> Sequence[Place]:
    """Those of these places that can still be chosen, in their order."""
    known = uow.places.known(codes) if codes else {}
    return [place for code in codes if (place := known.get(code)) is not None and not place.ended]


def names_of(uow: UnitOfWork, codes: Collection[str]) -> dict[str, str]:
    """code -> its own name, of those that are known, ended ones too."""
    return {code: place.name for code, place in uow.places.known(codes).items()} if codes else {}


def label(uow: UnitOfWork, place: Place) -> str:
    """As people read it, seen from the region of the conference."""
    return place.label(region(uow) or "")


def name_of(uow: UnitOfWork, code: str | None) -> str:
    """Names from the region down to the place, ended or not; "" for no place."""
    place = uow.places.get(code) if code else None
    if code is None or place is None or place.parent in ("", region(uow)):
        return place.name if place else ""
    return " ".join(each.name for each in uow.places.path(code, region(uow)))
