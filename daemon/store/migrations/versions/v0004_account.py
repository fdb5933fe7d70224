"""Account: the addresses that the account behind a source says are its own."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room beside each source; no account was asked yet."""
    op.add_column("sources", sa.Column("addresses", sa.JSON()))
    op.add_column("sources", sa.Column("asked_at", sa.BigInteger()))


def downgrade() -> None:
    """Take the addresses away; people and ties are derived anew without them."""
    with op.batch_alter_table("sources") as sources:
        sources.drop_column("asked_at")
        sources.drop_column("addresses")
