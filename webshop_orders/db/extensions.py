"""The database extensions of Flask, unbound; `create_app` binds them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import BigInteger, Connection, Engine, Integer, MetaData
from sqlalchemy.orm import DeclarativeBase, registry

from webshop_orders.db.columns import UtcDateTime

REPLICA = "replica"
PREVIEWS = "previews"  # key in the session's info while nothing of it is written
WRITES = "writes"  # the execution option of a connection whose transaction may write
LOCK_WAIT = "lock_wait"  # and how many milliseconds it may wait for locks, where not as long as usual
NAMING_CONVENTION = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}


STRICT = {"sqlite_strict": True}


class Base(DeclarativeBase):
    """The base class of every table."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMING_CONVENTION),
        type_annotation_map={
            int: BigInteger().with_variant(Integer(), "sqlite"),  # amounts in öre exceed 32 bits
            datetime: UtcDateTime(),
        },
    )
    __table_args__: Any = STRICT


# For tables whose rows are deleted while something outside may still name their ids: SQLite gives the highest id again
# otherwise (https://sqlite.org/autoinc.html). PostgreSQL's sequences never do.
IDS_USED_ONCE = {**STRICT, "sqlite_autoincrement": True}


class RoutedSession(Session):
    """A session that uses the replica during `replica.read`, and the database itself otherwise.

    During a preview (`transactions.preview`) it writes nothing and cannot commit.
    """

    def get_bind(self, *args: Any, **kwargs: Any) -> Engine | Connection:
        replica: Engine | None = self.info.get(REPLICA)
        return replica if replica is not None else super().get_bind(*args, **kwargs)

    def flush(self, objects: Sequence[Any] | None = None) -> None:
        """Write what changed, but for what is only previewed."""
        if PREVIEWS not in self.info:
            super().flush(objects)

    def commit(self) -> None:
        """Write and commit what changed; raises RuntimeError during a preview, where it is an error of the program."""
        if PREVIEWS in self.info:
            raise RuntimeError("What is only previewed is never committed.")
        super().commit()


db = SQLAlchemy(model_class=Base, session_options={"class_": RoutedSession, "expire_on_commit": False})
