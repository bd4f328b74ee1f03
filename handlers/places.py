"""Choosing a place: the page that is offered, what was found by typing, and the places this person chose last."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import Any

from conference.model.questionnaire import Draft, QuestionKind
from conference.model.territory import Place
from conference.ports import UnitOfWork
from conference.services import places

from .records.drafts import PlacesOffered

KEPT_IN = "places"  # the part of the conversation's data with what was chosen last: [conference, code] each, newest first
FAMILIAR = 3
FOUND = 8  # places to choose from on a narrow screen

Facts = dict[str, str]
Find = Callable[[str], Sequence[Facts] | None]


def finder(uow: UnitOfWork) -> Find:
    """Which places some words mean, as a draft keeps them; None where there is no territory to look in."""

    def find(text: str) -> Sequence[Facts] | None:
        return [facts(uow, place) for place in places.named(uow, text)] if places.offered(uow).places else None

    return find


def facts(uow: UnitOfWork, place: Place) -> Facts:
    """What a draft keeps of the place chosen, so that nobody has to look it up to show it."""
    return {"code": place.code, "name": places.label(uow, place), "sorted": place.sorting, "finer": place.finer}


def offer(uow: UnitOfWork, draft: Draft, kept: Sequence[Sequence[str]], under: str, page: int) -> dict[str, Any]:
    """What the place question offers: what was found, if the person has to choose; else a page, with the familiar ones first."""
    answer = draft.answers.get("place") or {}
    if "among" in answer and not under:
        return asdict(_found(uow, answer["among"]))
    familiar = [] if under else places.familiar(uow, [code for conference, code in kept if conference == uow.conference])
    return asdict(
        replace(
            page_of(uow, under, page),
            familiar=[[place.code, places.label(uow, place)] for place in familiar],
            finer=[] if under else _finer(answer),
        )
    )


def page_of(uow: UnitOfWork, under: str = "", page: int = 0) -> PlacesOffered:
    """The places beneath `under` ("": beneath the region), and what leads out of them."""
    around = places.standing(uow, under) if under else None
    listed = places.offered(uow, under, page)
    return PlacesOffered(
        level=str(listed.places[0].level) if listed.places else "",
        listed=[[place.code, place.name] for place in listed.places],
        page=listed.number,
        pages=listed.pages,
        under=[around.code, places.label(uow, around)] if around else [],
        above=around.parent if around and around.parent != (places.region(uow) or "") else "",
    )


def _found(uow: UnitOfWork, codes: Sequence[str]) -> PlacesOffered:
    found = places.familiar(uow, codes[: FOUND + 1])
    shown = [[place.code, _told_apart(place, places.region(uow) or "")] for place in found[:FOUND]]
    return PlacesOffered(found=shown, more_found=len(codes) > FOUND)


def _told_apart(place: Place, region: str) -> str:
    """Several villages bear one name: what lies around them is said behind it."""
    return f"{place.name}（{place.within}）" if place.within and place.parent != region else place.name


def _finer(answer: dict[str, Any]) -> list[str]:
    return [answer["code"], answer["name"], answer["finer"]] if answer.get("finer") else []


def finer_after(draft: Draft) -> list[str]:
    """On the question after the place: code, name and level of what could be added to it."""
    before = draft.previous()
    given = before is not None and before.kind is QuestionKind.PLACE and not draft.editing
    return _finer(draft.answers.get("place") or {}) if given else []


def remembered(kept: Sequence[Sequence[str]], draft: Draft, conference: str) -> list[list[str]]:
    """What was chosen last, with the place of this draft in front."""
    code = (draft.answers.get("place") or {}).get("code")
    now = [[conference, code]] if code else []
    return [*now, *(list(each) for each in kept if list(each) not in now)][:FAMILIAR]
