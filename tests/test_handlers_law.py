"""Laws of the handlers that no type checker sees: filters, rights, no words, nothing awaited but the conversation."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiogram import Dispatcher, F, Router
from aiogram.dispatcher.event.handler import FilterObject, HandlerObject
from aiogram.filters import Filter
from aiogram.types import Message
from aiohttp import web

from bot.doors import action_of, is_wall
from bot.intake import Webhook
from bot.panel import Panel
from bot.web import Pages, web_application
from conference import services
from conference.model.errors import Misconfigured
from conference.model.permissions import ALLOWED, Action
from handlers.buttons import kinds
from handlers.filters import Glance, Has, Pressed
from handlers.telegram import ROLES, allowed_updates, register_on
from handlers.telegram.index import index

ROOT = Path(__file__).resolve().parents[1]
ROUTER_FILES = [
    path for path in sorted((ROOT / "handlers/telegram").glob("*.py")) if path.stem in {role.__name__.rpartition(".")[2] for role in ROLES}
]


def handlers(found: list[Router]) -> Iterator[tuple[str, HandlerObject]]:
    for router in found:
        for event, observer in router.observers.items():
            for handler in observer.handlers:
                yield event, handler
        yield from handlers(router.sub_routers)


ALL = list(handlers([role.router() for role in ROLES]))  # as they are written, before buttons are indexed by class
NAMES = [f"{event}:{handler.callback.__name__}" for event, handler in ALL]


# -- each law as a function that names what breaks it


def sync_filters(found: list[tuple[str, HandlerObject]]) -> list[str]:
    """aiogram runs any filter that is not a coroutine in a thread."""
    return [
        handler.callback.__name__
        for _, handler in found
        for each in handler.filters or []
        if each.magic is not None or not isinstance(each.callback, Filter) or not inspect.iscoroutinefunction(type(each.callback).__call__)
    ]


def without_right(found: list[tuple[str, HandlerObject]]) -> list[str]:
    """A message handler names its action in its flags, a button in its class."""
    missing = []
    for event, handler in found:
        if event == "callback_query":
            pressed = [kind for each in handler.filters or [] if isinstance(each.callback, Pressed) for kind in each.callback.kinds]
            if not pressed or not all(isinstance(kind.action, Action) for kind in pressed):
                missing.append(handler.callback.__name__)
        elif not isinstance(handler.flags.get("action"), Action):
            missing.append(handler.callback.__name__)
    return missing


def awaits_of(function: Callable[..., Any]) -> set[str]:
    """What a function awaits: the first name of each call."""
    found = set()
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function)))):
        if isinstance(node, ast.Await):
            assert isinstance(node.value, ast.Call), ast.dump(node)
            target: ast.expr = node.value.func
            while isinstance(target, ast.Attribute):
                target = target.value
            if isinstance(target, ast.Await):
                continue
            found.add(ast.unparse(target).removeprefix("(").partition(" ")[0])
    return found


def sentences_in(source: str) -> list[str]:
    """String literals that look like something said to a person."""
    tree = ast.parse(source)
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    literals = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in docs]
    return [text for text in literals if isinstance(text, str) and re.search(r"[\u3000-\u9fff]|[A-Za-z] [A-Za-z]", text)]


def reads_past_the_verbs(source: str) -> list[str]:
    """Calls of a repository, `uow.people.get_post(…)`: whether the actor may see what it gives is asked by the verbs only."""
    found = [node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    called = [ast.unparse(each) for each in found if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Attribute)]
    return sorted(each for each in called if each.startswith("uow."))


def unauthorized(module: Any) -> list[str]:
    """Public verbs with an actor that never ask whether he may."""
    tree = ast.parse(inspect.getsource(module))
    calls = {
        node.name: {ast.unparse(call.func) for call in ast.walk(node) if isinstance(call, ast.Call)}
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
    }
    asking = {"authorize"}
    while grown := {name for name, called in calls.items() if called & asking} - asking:
        asking |= grown
    with_actor = {
        node.name for node in tree.body if isinstance(node, ast.FunctionDef) and any(argument.arg == "actor" for argument in node.args.args)
    }
    return sorted(name for name in with_actor - asking if not name.startswith(("_", "access_")))


# -- held


def test_there_are_handlers() -> None:
    assert len(ALL) > 30
    assert {event for event, _ in ALL} == {"message", "edited_message", "callback_query"}
    assert {event for event, _ in ALL} <= set(allowed_updates())


def test_no_filter_runs_in_a_thread() -> None:
    assert sync_filters(ALL) == []
    dispatcher = Dispatcher()
    register_on(dispatcher)
    assert sync_filters(list(handlers([dispatcher]))) == []


@pytest.mark.parametrize("handler", [handler for _, handler in ALL], ids=NAMES)
def test_every_handler_is_a_coroutine_and_has_a_filter(handler: HandlerObject) -> None:
    assert handler.awaitable
    assert handler.filters


def test_every_handler_names_its_right() -> None:
    assert without_right(ALL) == []


def test_every_action_is_in_the_table_and_every_button_has_one() -> None:
    assert set(ALLOWED) == set(Action)
    assert all(isinstance(kind.action, Action) for kind in kinds().values())


def test_every_button_is_answered() -> None:
    answered = {
        kind
        for event, handler in ALL
        if event == "callback_query"
        for each in handler.filters or []
        if type(each.callback) is Pressed
        for kind in each.callback.kinds
    }
    assert answered == set(kinds().values()), "a button needs a handler that takes it at any time, also when its step is over"


@pytest.mark.parametrize("handler", [handler for _, handler in ALL], ids=NAMES)
def test_handlers_await_nothing_but_the_conversation(handler: HandlerObject) -> None:
    own = {name for name, found in vars(inspect.getmodule(handler.callback)).items() if inspect.iscoroutinefunction(found)}
    assert awaits_of(handler.callback) <= {"state", "forms", "wizards"} | own
    assert "bot" not in handler.params


@pytest.mark.parametrize("path", ROUTER_FILES, ids=lambda path: path.name)
def test_handlers_hold_no_sentences(path: Path) -> None:
    assert sentences_in(path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", sorted((ROOT / "handlers" / "telegram" / "texts").glob("*.py")), ids=lambda path: path.stem)
def test_a_list_in_a_sentence_is_made_in_one_way(path: Path) -> None:
    assert re.findall(r"""["'][,、] ?["']\)?\.join""", path.read_text("utf-8")) == [], "registry.listed puts the reader's comma between"


def test_handlers_reach_the_repositories_through_verbs_only() -> None:
    found = {path.name: reads_past_the_verbs(path.read_text("utf-8")) for path in sorted((ROOT / "handlers").rglob("*.py"))}
    assert {name: calls for name, calls in found.items() if calls} == {
        "index.py": ["uow.conferences.profile"]  # the profile that every handler gets is kept in memory and is no secret
    }


def test_a_handler_without_a_filter_that_can_be_glanced_at_is_refused() -> None:
    careless = Router(name="careless")

    async def anything(message: Message) -> None: ...

    careless.message.register(anything, flags={"action": Action.REPORT})
    with pytest.raises(Misconfigured, match="anything"):
        index([careless])


def test_a_glance_never_rules_out_what_fits() -> None:
    """Each filter's `could` is only a shortcut: all filters in use have one, or say that anything could fit."""
    used = {type(each.callback) for _, handler in ALL for each in handler.filters or []}
    assert used
    assert all(issubclass(kind, Glance) for kind in used)


def test_several_dispatchers_may_hear_for_all_roles() -> None:
    for dispatcher in (Dispatcher(), Dispatcher()):
        register_on(dispatcher)
        heard = {event: len(observer.handlers) for event, observer in dispatcher.observers.items() if event != "update"}
        assert {event for event, handlers in heard.items() if handlers} == {event for event, _ in ALL}
        assert set(heard.values()) == {0, 1}


def services_of() -> list[Any]:
    folder = Path(next(iter(services.__path__)))
    names = [path.stem for path in sorted(folder.glob("*.py")) if path.stem != "__init__"]
    return [__import__(f"conference.services.{name}", fromlist=[name]) for name in names]


@pytest.mark.parametrize("module", services_of(), ids=lambda module: module.__name__)
def test_every_verb_with_an_actor_asks_whether_he_may(module: Any) -> None:
    assert unauthorized(module) == []


class Nobody:
    """A desk that takes nothing: the doors are only looked at."""

    database = clock = None


def web_routes(more: list[web.RouteDef]) -> list[web.AbstractRoute]:
    pages = Pages(Nobody(), Nobody(), Nobody(), lambda: None)  # type: ignore[arg-type]  # nobody knocks
    webhook = Webhook(Nobody(), 1, "s" * 16, Nobody())  # type: ignore[arg-type]  # as above
    return list(web_application(pages, webhook, "https://example.org/hook", more).router.routes())


def test_every_web_route_names_its_right() -> None:
    routes = web_routes([web.get("/demo/panel", Panel(Nobody()).show)])  # type: ignore[arg-type]  # as below
    named = {str(route.resource and route.resource.canonical): action_of(route.handler) for route in routes if not is_wall(route.handler)}
    assert named == {
        "/healthz": Action.WATCH_MACHINE,
        "/readyz": Action.WATCH_MACHINE,
        "/metrics": Action.WATCH_MACHINE,
        "/demo/panel": Action.WATCH_MACHINE,
        "/hook": Action.HAND_OVER_UPDATES,
    }
    assert [route.resource.canonical for route in routes if is_wall(route.handler) and route.resource] == ["/{path}"]


def test_routes_are_made_in_one_place_only() -> None:
    """Whoever opens a door elsewhere passes by the check: bot/web.py alone adds routes."""
    adding = re.compile(r"(?<!people\.)add_(get|post|put|route|routes|view|static)\(|RouteTableDef")
    found = {
        path.name for folder in ("bot", "handlers") for path in (ROOT / folder).rglob("*.py") if adding.search(path.read_text("utf-8"))
    }
    assert found == {"web.py"}


# -- the laws can be broken


async def _a_page(request: web.Request) -> web.Response:
    return web.Response()


def test_a_web_route_without_a_right_is_not_served() -> None:
    with pytest.raises(Misconfigured, match=r"GET .*careless"):
        web_routes([web.get("/careless", _a_page)])


async def _anything(message: Message) -> None:
    await message.answer("A sentence of its own")


def broken() -> list[tuple[str, HandlerObject]]:
    return [("message", HandlerObject(callback=_anything, filters=[FilterObject(F.text), FilterObject(lambda message: True)]))]


def test_a_sync_filter_would_be_found() -> None:
    assert sync_filters(broken()) == ["_anything", "_anything"]
    assert sync_filters([("message", HandlerObject(callback=_anything, filters=[FilterObject(Has("text"))]))]) == []


def test_a_missing_right_would_be_found() -> None:
    assert without_right(broken()) == ["_anything"]
    assert without_right([("callback_query", HandlerObject(callback=_anything, filters=[FilterObject(Has("text"))]))]) == ["_anything"]


def test_an_await_and_a_sentence_would_be_found() -> None:
    assert awaits_of(_anything) == {"message"}
    assert sentences_in(inspect.getsource(_anything)) == ["A sentence of its own"]
    assert sentences_in('x = "您好"') == ["您好"]


def test_a_read_past_the_verbs_would_be_found() -> None:
    assert reads_past_the_verbs("uow.people.name_of(1)\nuow.note(1)\nverbs.look(uow.conferences)") == ["uow.people.name_of"]


def test_a_verb_that_does_not_ask_would_be_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "careless.py").write_text(
        "def close_report(uow, actor):\n    uow.close()\n\n\ndef open_report(uow, actor):\n    authorize(actor)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert unauthorized(__import__("careless")) == ["close_report"]
