"""Begin: observations and what is derived from them."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table."""
    _make_cues()
    _make_decisions()
    _make_forgotten()
    _make_identities()
    _make_interactions()
    _make_letters()
    _make_links()
    _make_observations()
    _make_offerings()
    _make_offers()
    _make_outbox()
    _make_people()
    _make_progress()
    _make_quarantine()
    _make_said()
    _make_sightings()
    _make_sources()
    _make_stale()
    _make_thread_ids()
    _make_threads()
    _make_ties()


def _make_cues() -> None:
    op.create_table(
        "cues",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("sentence", sa.String(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("source", "uid", "ordinal"),
    )


def _make_decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("origin"),
    )


def _make_forgotten() -> None:
    op.create_table(
        "forgotten",
        sa.Column("email_hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("email_hash"),
    )


def _make_identities() -> None:
    op.create_table(
        "identities",
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("email"),
    )
    with op.batch_alter_table("identities", schema=None) as batch_op:
        batch_op.create_index("identities_by_person", ["person"], unique=False)


def _make_interactions() -> None:
    op.create_table(
        "interactions",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("alter", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("is_direct", sa.Boolean(), nullable=False),
        sa.Column("claim", sa.String(), nullable=False),
        sa.Column("thread", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("source", "uid", "alter"),
    )
    with op.batch_alter_table("interactions", schema=None) as batch_op:
        batch_op.create_index("interactions_by_alter", ["alter", "at"], unique=False)
        batch_op.create_index("interactions_by_date", ["at"], unique=False)
        batch_op.create_index("interactions_by_thread", ["thread"], unique=False)


def _make_letters() -> None:
    op.create_table(
        "letters",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("thread", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("parent", sa.String(), nullable=True),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("by_ego", sa.Boolean(), nullable=False),
        sa.Column("n_recipients", sa.Integer(), nullable=False),
        sa.Column("is_to_ego", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("source", "uid"),
    )
    with op.batch_alter_table("letters", schema=None) as batch_op:
        batch_op.create_index("letters_by_date", ["at"], unique=False)
        batch_op.create_index("letters_by_message_id", ["message_id"], unique=False)
        batch_op.create_index("letters_by_thread", ["thread", "at"], unique=False)


def _make_links() -> None:
    op.create_table(
        "links",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("url_hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("source", "uid", "url_hash"),
    )
    with op.batch_alter_table("links", schema=None) as batch_op:
        batch_op.create_index("links_by_hash", ["url_hash"], unique=False)


def _make_observations() -> None:
    op.create_table(
        "observations",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("known_at", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source", "uid"),
    )
    with op.batch_alter_table("observations", schema=None) as batch_op:
        batch_op.create_index("observations_by_kind", ["kind", "known_at"], unique=False)
        batch_op.create_index("observations_by_seq", ["seq"], unique=False)


def _make_offerings() -> None:
    op.create_table(
        "offerings",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", "uid", "url"),
    )
    with op.batch_alter_table("offerings", schema=None) as batch_op:
        batch_op.create_index("offerings_by_date", ["received_at"], unique=False)


def _make_offers() -> None:
    op.create_table(
        "offers",
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("ref", sa.Integer(), nullable=False),
        sa.Column("remembered_at", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("identities", sa.JSON(), nullable=False),
        sa.Column("url_hash", sa.String(), nullable=True),
        sa.Column("who", sa.String(), server_default="", nullable=False),
        sa.Column("why", sa.String(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("on", "ref"),
    )


def _make_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("message", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("on"),
        sa.UniqueConstraint("message_id"),
    )


def _make_people() -> None:
    op.create_table(
        "people",
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("person"),
    )


def _make_progress() -> None:
    op.create_table(
        "progress",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )


def _make_quarantine() -> None:
    op.create_table(
        "quarantine",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("source", "uid"),
    )


def _make_said() -> None:
    op.create_table(
        "said",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("source", "uid"),
    )


def _make_sightings() -> None:
    op.create_table(
        "sightings",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("n_seen", sa.Integer(), nullable=False),
        sa.Column("n_own", sa.Integer(), nullable=False),
        sa.Column("n_list", sa.Integer(), nullable=False),
        sa.Column("n_from_others", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("source", "uid", "email", "name"),
    )


def _make_sources() -> None:
    op.create_table(
        "sources",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("reading", sa.String(), nullable=False),
        sa.Column("cursor", sa.String(), nullable=True),
        sa.Column("read_at", sa.BigInteger(), nullable=True),
        sa.Column("needs", sa.String(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("source"),
    )


def _make_stale() -> None:
    op.create_table(
        "stale", sa.Column("email", sa.String(), nullable=False), sa.PrimaryKeyConstraint("email")
    )


def _make_thread_ids() -> None:
    op.create_table(
        "thread_ids",
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("thread", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("message_id"),
    )
    with op.batch_alter_table("thread_ids", schema=None) as batch_op:
        batch_op.create_index("thread_ids_by_thread", ["thread"], unique=False)


def _make_threads() -> None:
    op.create_table(
        "threads",
        sa.Column("thread", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("thread"),
    )


def _make_ties() -> None:
    op.create_table(
        "ties",
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("n_days", sa.Integer(), nullable=False),
        sa.Column("n_out", sa.Integer(), nullable=False),
        sa.Column("n_in", sa.Integer(), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("mean", sa.Float(), nullable=False),
        sa.Column("scatter", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("person"),
    )
