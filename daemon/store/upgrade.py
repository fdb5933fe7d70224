"""A database at any revision -> the same at the newest, or left as it was."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from daemon.errors import UserError
from daemon.store.database import revision_of, writing


def upgrade(engine: Engine) -> None:
    """Run the migrations that are missing, all in one transaction.

    Raises:
        UserError: The database was written by a newer kithd.
    """
    config = alembic_config()
    found = revision_of(engine)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise UserError(
            "This database was written by a newer kithd.",
            f"{engine.url.database}: its schema is {found}",
            "Install the newer kithd, or name another folder with --keep",
        )
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def alembic_config() -> Config:
    """Return the configuration that finds the migrations beside this file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
