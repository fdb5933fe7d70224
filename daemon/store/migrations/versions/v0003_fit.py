"""Fit: decay models fitted to the owner's own past, and how good each was."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table of fits; what is stored stays."""
    op.create_table(
        "fits",
        sa.Column("fitted_at", sa.BigInteger(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("made_from", sa.String(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("model", sa.JSON(), nullable=False),
        sa.Column("scores", sa.JSON(), nullable=False),
        sa.Column("is_kept", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("fitted_at"),
    )
    # What is derived is derived anew, and these filled, at the next reading.
    op.add_column("ties", sa.Column("recent", sa.Float(), nullable=False, server_default="1"))
    op.add_column("ties", sa.Column("seen_on", sa.Date()))
    op.add_column("sightings", sa.Column("at", sa.BigInteger()))
    op.create_index("sightings_by_email", "sightings", ["email", "at"])


def downgrade() -> None:
    """Take the fits away: without them the model is the shipped one."""
    op.drop_index("sightings_by_email", "sightings")
    with op.batch_alter_table("sightings") as sightings:
        sightings.drop_column("at")
    with op.batch_alter_table("ties") as ties:
        ties.drop_column("seen_on")
        ties.drop_column("recent")
    op.drop_table("fits")
