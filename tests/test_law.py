"""Laws that no linter holds: who imports what when the program starts, and that aiogram built lazily is aiogram."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def runs(code: str, **environment: str) -> str:
    """What a fresh interpreter prints for this code, run from the project's folder."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LIANXI_")}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT,
        env=clean | {"PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


LOADED = "import sys; print(sorted({name.partition('.')[0] for name in sys.modules}))"


def loaded_after(code: str) -> set[str]:
    found = runs(f"{code}\n{LOADED}").splitlines()[-1]
    return set(json.loads(found.replace("'", '"')))


EVERYTHING_BELOW = """
import importlib, pkgutil
import {package}
for module in pkgutil.walk_packages({package}.__path__, "{package}."):
    if ".migrations" not in module.name and not module.name.endswith("__main__"):
        importlib.import_module(module.name)
"""


def test_the_conference_imports_nothing_that_has_to_be_installed() -> None:
    installed = {"aiogram", "aiohttp", "sqlalchemy", "pydantic", "babel", "structlog", "cryptography", "argon2", "orjson", "apscheduler"}
    assert loaded_after(EVERYTHING_BELOW.format(package="conference")).isdisjoint(installed | {"storage", "handlers", "bot", "sandbox"})


def test_the_storage_imports_no_channel() -> None:
    assert loaded_after("import storage.unit_of_work, storage.engine, storage.mapping").isdisjoint(
        {"aiogram", "aiohttp", "handlers", "alembic"}
    )


def test_the_sandbox_imports_nothing_of_the_bot() -> None:
    modules = loaded_after(EVERYTHING_BELOW.format(package="sandbox"))
    assert modules.isdisjoint({"aiogram", "sqlalchemy", "bot", "handlers", "storage", "conference"})


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["appoint", "--help"], ["key"]])
def test_a_quick_command_does_not_load_aiogram(arguments: list[str]) -> None:
    code = f"""
from bot.__main__ import main
try:
    main({arguments!r})
except SystemExit as ended:
    assert not ended.code
"""
    assert loaded_after(code).isdisjoint({"aiogram", "sqlalchemy", "alembic", "matplotlib", "docx", "openpyxl", "sandbox"})


def test_the_running_bot_loads_nothing_it_does_not_need() -> None:
    code = """
from bot.aiogram_start import start_aiogram
start_aiogram()
import bot.bootstrap
"""
    assert loaded_after(code).isdisjoint({"alembic", "sandbox", "matplotlib", "docx", "openpyxl", "playwright"})


def test_nothing_is_made_at_import() -> None:
    """No engine, bot, dispatcher, scheduler or loop exists before somebody builds one."""
    code = """
import gc
from bot.aiogram_start import start_aiogram
start_aiogram()
import bot.bootstrap, bot.commands
from aiogram import Bot, Dispatcher, Router
from apscheduler.schedulers.base import BaseScheduler
from sqlalchemy import Engine
made = [type(o).__name__ for o in gc.get_objects() if isinstance(o, (Bot, Dispatcher, Router, BaseScheduler, Engine))]
assert not made, made
import threading
assert threading.active_count() == 1, threading.enumerate()
"""
    runs(code)


MODELS = """
import inspect, json, re, sys
from bot.aiogram_start import start_aiogram
start_aiogram()
import aiogram.methods, aiogram.types
from pydantic import BaseModel
built = {}
for package in (aiogram.types, aiogram.methods):
    for name in package.__all__:
        model = getattr(package, name)
        if inspect.isclass(model) and issubclass(model, BaseModel) and not inspect.isabstract(model):
            model.model_rebuild()
            assert model.__pydantic_complete__, name
            fields = {
                key: (re.sub(" at 0x[0-9a-f]+", "", repr(field.annotation)), repr(field.default), field.alias)
                for key, field in model.model_fields.items()
            }
            built[package.__name__ + "." + name] = fields
print(json.dumps([sys.argv[0] != "", built], sort_keys=True, default=str))
"""


def test_every_model_of_aiogram_can_be_built_lazily_and_is_what_aiogram_would_have_built() -> None:
    lazy, eager = runs(MODELS), runs(MODELS, LIANXI_LAZY_MODELS="0")
    built = json.loads(lazy)[1]
    assert len(built) > 400, "too few models were looked at"
    assert "aiogram.types.Update" in built
    assert "aiogram.methods.SendMessage" in built
    assert built == json.loads(eager)[1]


PARSED = """
import json
from bot.aiogram_start import start_aiogram
start_aiogram()
from aiogram.types import Update
from aiogram.methods import SendMessage
chat = {"id": 5, "type": "private", "first_name": "a"}
person = {"id": 5, "is_bot": False, "first_name": "a"}
message = {"message_id": 1, "date": 1790000000, "chat": chat, "from": person, "text": "x",
           "entities": [{"type": "bold", "offset": 0, "length": 1}],
           "reply_to_message": {"message_id": 2, "date": 0, "chat": chat},
           "photo": [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}],
           "reply_markup": {"inline_keyboard": [[{"text": "t", "callback_data": "d"}]]}}
press = {"id": "1", "from": person, "chat_instance": "1", "data": "d", "message": message}
print(Update.model_validate({"update_id": 1, "message": message}).model_dump_json(exclude_none=True))
print(Update.model_validate({"update_id": 2, "callback_query": press}).model_dump_json(exclude_none=True))
print(SendMessage(chat_id=1, text="x").model_dump(exclude_none=True, warnings=False)["text"])
try:
    Update.model_validate({"update_id": 1, "message": {"message_id": "x"}})
except ValueError as error:
    print(error.error_count(), "errors")
"""


def test_updates_are_read_alike_with_and_without_lazy_models() -> None:
    lazy = runs(PARSED)
    assert lazy == runs(PARSED, LIANXI_LAZY_MODELS="0")
    assert lazy.count('"text":"x"') == 2


def test_the_lazy_start_is_lazy_and_can_be_switched_off() -> None:
    code = """
from bot.aiogram_start import start_aiogram
start_aiogram()
from aiogram.types import StickerSet
print(StickerSet.__pydantic_complete__)
"""
    assert runs(code) == "False\n"
    assert runs(code, LIANXI_LAZY_MODELS="0") == "True\n"


def test_a_start_after_aiogram_was_imported_leaves_it_alone() -> None:
    code = """
import aiogram.types
before = aiogram.types.TelegramObject.__dict__.get("model_rebuild")
from bot.aiogram_start import start_aiogram
start_aiogram()
assert aiogram.types.TelegramObject.__dict__.get("model_rebuild") is before
print(aiogram.types.StickerSet.__pydantic_complete__)
"""
    assert runs(code) == "True\n"


def test_pydantic_is_left_as_it_was() -> None:
    """The import is made quick by a parameter of pydantic's base class, which others use too."""
    code = """
from pydantic import BaseModel
before = BaseModel.__dict__["model_rebuild"]
from bot.aiogram_start import start_aiogram
start_aiogram()
assert BaseModel.__dict__["model_rebuild"] is before
class Inner(BaseModel):
    x: int
class Outer(BaseModel):
    inner: "Inner"
assert Outer(inner={"x": 1}).inner.x == 1
"""
    runs(code)


def test_a_filter_that_is_not_async_would_be_found() -> None:
    """The law of tests/test_handlers_law.py can fail: a sync filter runs in a thread, 37 times slower."""
    from aiogram import F, Router

    async def handler(message: object) -> None:
        """Never called."""

    router = Router()
    router.message.register(handler, F.text)
    [registered] = router.message.handlers
    assert registered.filters
    assert not all(one.awaitable for one in registered.filters)


def test_no_router_of_ours_has_a_filter_that_is_not_async() -> None:
    from aiogram import Router

    from handlers.telegram import citizens, common, register_on, reporters, responders

    top = Router()
    register_on(top)
    every = [top, common.router(), responders.router(), reporters.router(), citizens.router()]
    handlers = [
        handler for one in every for router in one.chain_tail for observer in router.observers.values() for handler in observer.handlers
    ]
    assert handlers
    for handler in handlers:
        assert handler.awaitable, f"{handler.callback!r} is not async: it would run in a thread, outside the writer"
        for one in handler.filters or ():
            assert one.awaitable, f"{one.callback!r} before {handler.callback!r} is not async"


# What somebody does who wears no post: the way into one.
WITHOUT_A_POST = {"invitation.not_opened", "invitation.opened", "invitation.not_answered", "invitation.answered"}
WITHOUT_A_POST |= {"meeting.guest_opened", "f'meeting.guest_{answer}'"}  # a guest by link holds none


def test_what_somebody_does_is_noted_with_the_post_they_wore() -> None:
    """Or the log could not say by which right it was done. Nobody acts where the actor is None."""
    bare = set()
    for path in (ROOT / "conference").rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and ast.unparse(call.func) == "uow.note"):
                continue
            nobody = isinstance(call.args[0], ast.Constant) and call.args[0].value is None
            if not nobody and not any(given.arg == "post" for given in call.keywords):
                bare.add(call.args[1].value if isinstance(call.args[1], ast.Constant) else ast.unparse(call.args[1]))
    assert bare == WITHOUT_A_POST
