"""Opens Optuna's storage in a PostgreSQL or SQLite database."""

from optuna.storages import BaseStorage, RDBStorage
from sqlalchemy.exc import IntegrityError, ProgrammingError
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_fixed

from mixopt.storage.optuna_private import cached_storage


@retry(
    retry=retry_if_exception_type((IntegrityError, ProgrammingError)),
    stop=stop_after_attempt(5),
    wait=wait_fixed(0.2),
    reraise=True,
)
def open_database(url: str) -> BaseStorage:
    """Open a database and create its tables; tried again where another process creates them at the same moment.

    Args:
        url: as SQLAlchemy reads it.
    """
    return cached_storage(RDBStorage(url, engine_kwargs={"pool_pre_ping": True}))
