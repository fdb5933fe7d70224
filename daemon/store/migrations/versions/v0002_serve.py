"""Serve: when sources are due, mail of more than one kind in the outbox, replies, leases."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what the background service keeps; what is stored stays."""
    _schedule_sources()
    _widen_outbox()
    _make_replies()
    _make_leases()


def _schedule_sources() -> None:
    for column in (
        sa.Column("is_stopped", sa.Boolean(), nullable=False, server_default=sa.text("0")),
        sa.Column("n_failures", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("failing_since", sa.BigInteger()),
        sa.Column("next_at", sa.BigInteger()),
        sa.Column("n_done", sa.BigInteger()),
        sa.Column("n_expected", sa.BigInteger()),
    ):
        op.add_column("sources", column)


def _widen_outbox() -> None:
    """Make the Message-ID the key, since not every mail is a day's digest."""
    op.rename_table("outbox", "outbox_before")
    op.create_table(
        "outbox",
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("on", sa.Date(), nullable=True),
        sa.Column("message", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("n_attempts", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("problem", sa.String(), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("message_id"),
        sa.UniqueConstraint("on"),
    )
    op.execute(
        """INSERT INTO outbox (message_id, kind, "on", message, state, changed_at)
        SELECT message_id, 'digest', "on", message, state, changed_at FROM outbox_before"""
    )
    op.drop_table("outbox_before")


def _make_replies() -> None:
    op.create_table(
        "replies",
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("on", sa.Date(), nullable=True),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False, server_default=""),
        sa.Column("fingerprint", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("message_id"),
        sa.UniqueConstraint("fingerprint"),
    )


def _make_leases() -> None:
    op.create_table(
        "leases",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
