"""What all tests share: both databases for real, each test on a fresh copy of a migrated one."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import settings
from sqlalchemy.engine import make_url

from bot.aiogram_start import start_aiogram

start_aiogram()
settings.register_profile("lianxi", deadline=None)  # a busy machine is no bug
settings.load_profile("lianxi")

from storage.schema import migrate  # noqa: E402 -- nothing may import aiogram before start_aiogram
from storage.sealed import new_key  # noqa: E402
from tests.postgres import Cluster, PostgresMissing, cluster  # noqa: E402
from tests.talking import CLIENTS, Speaker, as_seen_by, holds_for_all  # noqa: E402
from tests.town import Town, open_town  # noqa: E402

# structlog's own default prints the locals of every frame, thousands of lines for one traceback.
structlog.configure(
    processors=[structlog.stdlib.add_log_level, structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
)

KEY = new_key()
_numbers = itertools.count()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--screenshots", type=Path, metavar="DIR", help="where test_page.py writes its pictures (make screenshot)")


def missing(what: str) -> None:
    """A part of the machine is missing: a failure in CI, elsewhere a skip that says what to install."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("LIANXI_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.sqlite"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    try:
        with cluster() as running:
            url = running.create_database("template_lianxi")
            migrate(url)
            yield running
    except PostgresMissing as error:
        missing(str(error))


DATABASES = ["sqlite", "postgresql"]


@pytest.fixture
def make_database(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], str]:
    """A fresh migrated database of the kind; its URL."""

    def make(kind: str) -> str:
        number = next(_numbers)
        if kind == "sqlite":
            target = tmp_path / f"{number}.sqlite"
            shutil.copy(request.getfixturevalue("sqlite_template"), target)
            return f"sqlite:///{target}"
        running: Cluster = request.getfixturevalue("postgres")
        name = f"t{number}"
        request.addfinalizer(lambda: running.drop_database(name))
        return running.create_database(name, template="template_lianxi")

    return make


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, make_database: Callable[[str], str]) -> str:
    return make_database(request.param)


@pytest.fixture
def key() -> str:
    return KEY


@pytest.fixture
async def town(database_url: str, key: str) -> AsyncIterator[Town]:
    """The desk with its cast, on both databases, fetching its updates."""
    async with open_town(database_url, key) as running:
        await running.cast()
        yield running


def database_kind(url: str) -> str:
    return make_url(url).get_backend_name()


@pytest.fixture(params=list(CLIENTS))
async def citizen(request: pytest.FixtureRequest, town: Town) -> AsyncIterator[Speaker]:
    """Somebody who talks with the desk, in each language; afterwards what must hold after any conversation is looked at."""
    yield as_seen_by("citizen", town, request.param)
    await holds_for_all(town)


@pytest.fixture
async def reader(town: Town) -> AsyncIterator[Speaker]:
    """The same in simplified Chinese only, for what does not depend on the language."""
    yield as_seen_by("citizen", town)
    await holds_for_all(town)
