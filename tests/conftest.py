"""What all tests share: both databases for real, each test on a fresh copy of a migrated one."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from functools import cache
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
from tests.scratch import home  # noqa: E402
from tests.talking import CLIENTS, Speaker, as_seen_by, holds_for_all  # noqa: E402
from tests.town import MakeDatabase, Town, furnish, open_town  # noqa: E402

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
def scratch() -> Iterator[Path]:
    """The folder of the SQLite databases."""
    folder = Path(tempfile.mkdtemp(prefix="lianxi", dir=home()))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def sqlite_templates(scratch: Path) -> Callable[[str], Path]:
    """The database that is copied for each test that asks for these conferences ("": none)."""

    @cache
    def made(conferences: str) -> Path:
        path = scratch / f"template_{conferences or 'bare'}.sqlite"
        if conferences:
            shutil.copy(made(""), path)
            furnish(f"sqlite:///{path}", KEY, conferences)
        else:
            migrate(f"sqlite:///{path}")
        return path

    return made


@pytest.fixture(scope="session")
def sqlite_template(sqlite_templates: Callable[[str], Path]) -> Path:
    return sqlite_templates("")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    try:
        with cluster() as running:
            yield running
    except PostgresMissing as error:
        missing(str(error))


@pytest.fixture(scope="session")
def postgres_templates(postgres: Cluster) -> Callable[[str], str]:
    """As `sqlite_templates`; the name of the database."""

    @cache
    def made(conferences: str) -> str:
        name = f"template_{conferences or 'bare'}"
        if conferences:
            furnish(postgres.create_database(name, template=made("")), KEY, conferences)
        else:
            migrate(postgres.create_database(name))
        return name

    return made


DATABASES = ["sqlite", "postgresql"]


@pytest.fixture
def make_database(request: pytest.FixtureRequest, scratch: Path) -> MakeDatabase:
    """A fresh migrated database of the kind; its URL. With the profile of a conference, or several as LIANXI_PROFILE names them, these
    are in it already, under `key`."""

    def make(kind: str, conferences: str = "") -> str:
        number = next(_numbers)
        if kind == "sqlite":
            target = scratch / str(number) / "lianxi.sqlite"
            target.parent.mkdir()
            shutil.copy(request.getfixturevalue("sqlite_templates")(conferences), target)
            request.addfinalizer(lambda: shutil.rmtree(target.parent))
            return f"sqlite:///{target}"
        template = request.getfixturevalue("postgres_templates")(conferences)
        running: Cluster = request.getfixturevalue("postgres")
        name = f"t{number}"
        request.addfinalizer(lambda: running.drop_database(name))
        return running.create_database(name, template=template)

    return make


@pytest.fixture(params=DATABASES)
def backend(request: pytest.FixtureRequest) -> str:
    """The kind of database: what asks for it runs on both."""
    found: str = request.param
    return found


@pytest.fixture
def database_url(backend: str, make_database: MakeDatabase) -> str:
    return make_database(backend)


@pytest.fixture
def badong_url(backend: str, make_database: MakeDatabase) -> str:
    """A database in which the conference of most towns is already."""
    return make_database(backend, "badong")


@pytest.fixture
def key() -> str:
    return KEY


@pytest.fixture
async def town(badong_url: str, key: str) -> AsyncIterator[Town]:
    """The desk with its cast, on both databases, fetching its updates."""
    async with open_town(badong_url, key) as running:
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
