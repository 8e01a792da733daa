"""Opens the ledger: SQLite in the warehouse's folder, or a server by its address; migrated when it is older.

One process writes at a time (whoever holds the build lock); any number read beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, NoSuchModuleError, SQLAlchemyError

from orchestration.errors import ExpectedError
from orchestration.settings import Settings

MIGRATIONS = Path(__file__).with_name("migrations")
# The revision that this code reads and writes; a test holds it to the newest one in `migrations`.
REVISION = "0001"
_WAIT_SECONDS = 30


class LedgerError(ExpectedError):
    """The ledger cannot be opened, read or written; the message says what to do."""


@contextmanager
def writing(settings: Settings) -> Iterator[Connection]:
    """Open one transaction of the ledger; it is made or migrated first where it has to be.

    What is written within the ``with`` block is kept whole when the block ends, and not at all if it raises.

    Raises
    ------
    LedgerError
        If it cannot be opened or written, or was written by a newer version of this project.
    """
    with _saying_why(settings):
        engine = _engine(settings.ledger_address)
        _bring_up_to_date(settings, engine)
        with engine.begin() as connection:
            yield connection


@contextmanager
def reading(settings: Settings) -> Iterator[Connection | None]:
    """Open the ledger to read; ``None`` if there is none yet.

    Raises
    ------
    LedgerError
        If it cannot be read, or was written by a newer version of this project.
    """
    if _is_missing(settings):
        yield None
        return
    with _saying_why(settings):
        engine = _engine(settings.ledger_address)
        if _revision(engine) is None:
            yield None
            return
        _bring_up_to_date(settings, engine)
        with engine.connect() as connection:
            yield connection


def _is_missing(settings: Settings) -> bool:
    return settings.ledger_path is not None and not settings.ledger_path.exists()


@cache
def _engine(address: str) -> Engine:
    from sqlalchemy.pool import NullPool

    # Connections are as short as the blocks that open them: a pool would keep the file open.
    engine = create_engine(address, poolclass=NullPool)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def _prepare(connection: Any, _record: Any) -> None:
            # SQLAlchemy begins transactions, below: the driver would leave out statements that make tables.
            connection.isolation_level = None
            connection.execute(f"pragma busy_timeout = {_WAIT_SECONDS * 1000}")
            # A commit has to survive a loss of power: nothing can bring the ledger back.
            connection.execute("pragma synchronous = full")

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            connection.exec_driver_sql("begin")

    return engine


def _bring_up_to_date(settings: Settings, engine: Engine) -> None:
    if settings.ledger_path is not None:
        settings.ledger_path.parent.mkdir(parents=True, exist_ok=True)
    found = _revision(engine)
    if found == REVISION:
        return
    if found is not None and found > REVISION:
        raise LedgerError(
            f"The ledger {settings.ledger_place} was written by a newer version of this project (its "
            f"revision is {found}, this version knows {REVISION}). Use that version, or another ledger "
            "(WAREHOUSE_LEDGER, or WAREHOUSE_DIR)."
        )
    # Imported here: only a ledger that is new or old needs it, and it takes a third of a second.
    from alembic import command
    from alembic.config import Config

    configuration = Config()
    configuration.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with engine.begin() as connection:
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, REVISION)


def _revision(engine: Engine) -> str | None:
    """Return the revision that a ledger was last written by; ``None`` if it is empty."""
    with engine.connect() as connection:
        if not engine.dialect.has_table(connection, "alembic_version"):
            return None
        return connection.execute(text("select version_num from alembic_version")).scalar()


@contextmanager
def _saying_why(settings: Settings) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise LedgerError(f"The ledger {settings.ledger_place} {_reason(str(error.orig))}") from error
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise LedgerError(
            f"WAREHOUSE_LEDGER is {settings.ledger_place}, but its driver is not installed: {error}. Install "
            "it beside this project, or leave the variable empty for a file in the warehouse's folder."
        ) from error
    except (SQLAlchemyError, OSError) as error:
        raise LedgerError(f"The ledger {settings.ledger_place} cannot be used: {error}") from error


def _reason(problem: str) -> str:
    if "readonly" in problem or "read-only" in problem or "permission denied" in problem.lower():
        return f"is read-only ({problem}). Let this user write to it and to its folder, then build again."
    if "full" in problem:
        return f"cannot be written ({problem}). Free some space, then build again: nothing of it is lost."
    if "locked" in problem:
        return f"is in use by another process ({problem}). Wait for it to end, then try again."
    if "not a database" in problem or "malformed" in problem:
        return (
            f"is damaged ({problem}). Put its last backup in its place: it holds what no rebuild can bring "
            "back."
        )
    return f"cannot be used ({problem})."
