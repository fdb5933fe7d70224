"""Tables. The schema is data; all behaviour lives beside it.

Primary: ``sources``, ``observations``, ``said``, ``cues``, ``offerings``, ``links``,
``quarantine``, ``decisions``, ``replies``, ``offers``, ``outbox``, ``forgotten``, ``leases``,
``fits``.
Derived, and so rebuildable:
``letters``, ``thread_ids``, ``threads``, ``sightings``, ``interactions``, ``people``,
``identities``, ``ties``, ``stale``, ``progress``. Instants are whole seconds since 1970 in
UTC; days are dates in the owner's zone.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)

metadata = MetaData()

sources = Table(
    "sources",
    metadata,
    Column("source", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("place", String, nullable=False),
    Column("reading", String, nullable=False),
    Column("cursor", String),
    Column("read_at", BigInteger),
    Column("needs", String, nullable=False, server_default=""),
    Column("is_stopped", Boolean, nullable=False, server_default=text("0")),
    Column("n_failures", Integer, nullable=False, server_default=text("0")),
    Column("failing_since", BigInteger),
    Column("next_at", BigInteger),
    Column("n_done", BigInteger),
    Column("n_expected", BigInteger),
    Column("addresses", JSON),
    Column("asked_at", BigInteger),
)

observations = Table(
    "observations",
    metadata,
    Column("source", String, primary_key=True),
    Column("uid", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("known_at", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("payload", Text, nullable=False),
    Index("observations_by_seq", "seq"),
    Index("observations_by_kind", "kind", "known_at"),
)

said = Table(
    "said",
    metadata,
    Column("source", String, primary_key=True),
    Column("uid", String, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("terms", JSON, nullable=False),
)

cues = Table(
    "cues",
    metadata,
    Column("source", String, primary_key=True),
    Column("uid", String, primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("kind", String, nullable=False),
    Column("sentence", String, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("due_on", Date),
)

offerings = Table(
    "offerings",
    metadata,
    Column("source", String, primary_key=True),
    Column("uid", String, primary_key=True),
    Column("url", String, primary_key=True),
    Column("title", String, nullable=False),
    Column("terms", JSON, nullable=False),
    Column("origin", String, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Index("offerings_by_date", "received_at"),
)

links = Table(
    "links",
    metadata,
    Column("source", String, primary_key=True),
    Column("uid", String, primary_key=True),
    Column("url_hash", String, primary_key=True),
    Index("links_by_hash", "url_hash"),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("source", String, primary_key=True),
    Column("uid", String, primary_key=True),
    Column("reason", String, nullable=False),
    Column("version", String, nullable=False),
    Column("attempts", Integer, nullable=False),
)

letters = Table(
    "letters",
    metadata,
    Column("source", String, primary_key=True),
    Column("uid", String, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("thread", String, nullable=False),
    Column("message_id", String, nullable=False),
    Column("parent", String),
    Column("author", String, nullable=False),
    Column("by_ego", Boolean, nullable=False),
    Column("n_recipients", Integer, nullable=False),
    Column("is_to_ego", Boolean, nullable=False),
    Index("letters_by_thread", "thread", "at"),
    Index("letters_by_message_id", "message_id"),
    Index("letters_by_date", "at"),
)

thread_ids = Table(
    "thread_ids",
    metadata,
    Column("message_id", String, primary_key=True),
    Column("thread", String, nullable=False),
    Index("thread_ids_by_thread", "thread"),
)

threads = Table(
    "threads",
    metadata,
    Column("thread", String, primary_key=True),
)

sightings = Table(
    "sightings",
    metadata,
    Column("source", String, primary_key=True),
    Column("uid", String, primary_key=True),
    Column("email", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("n_seen", Integer, nullable=False),
    Column("n_own", Integer, nullable=False),
    Column("n_list", Integer, nullable=False),
    Column("n_from_others", Integer, nullable=False),
    Column("at", BigInteger),
    Index("sightings_by_email", "email", "at"),
)

interactions = Table(
    "interactions",
    metadata,
    Column("source", String, primary_key=True),
    Column("uid", String, primary_key=True),
    Column("alter", String, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("channel", String, nullable=False),
    Column("direction", String, nullable=False),
    Column("is_direct", Boolean, nullable=False),
    Column("claim", String, nullable=False),
    Column("thread", String, nullable=False),
    Index("interactions_by_alter", "alter", "at"),
    Index("interactions_by_thread", "thread"),
    Index("interactions_by_date", "at"),
)

people = Table(
    "people",
    metadata,
    Column("person", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("names", JSON, nullable=False),
)

identities = Table(
    "identities",
    metadata,
    Column("email", String, primary_key=True),
    Column("person", String, nullable=False),
    Index("identities_by_person", "person"),
)

ties = Table(
    "ties",
    metadata,
    Column("person", String, primary_key=True),
    Column("first_on", Date, nullable=False),
    Column("last_on", Date, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    Column("n_days", Integer, nullable=False),
    Column("n_out", Integer, nullable=False),
    Column("n_in", Integer, nullable=False),
    Column("weight", Float, nullable=False),
    Column("mean", Float, nullable=False),
    Column("scatter", Float, nullable=False),
    Column("recent", Float, nullable=False, server_default=text("1")),
    Column("seen_on", Date),
)

stale = Table(
    "stale",
    metadata,
    Column("email", String, primary_key=True),
)

progress = Table(
    "progress",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", String, nullable=False),
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("origin", String, nullable=False, unique=True),
    Column("decided_at", BigInteger, nullable=False),
    Column("payload", JSON, nullable=False),
)

offers = Table(
    "offers",
    metadata,
    Column("on", Date, primary_key=True),
    Column("ref", Integer, primary_key=True),
    Column("remembered_at", BigInteger, nullable=False),
    Column("key", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("identities", JSON, nullable=False),
    Column("url_hash", String),
    Column("who", String, nullable=False, server_default=""),
    Column("why", String, nullable=False, server_default=""),
)

forgotten = Table(
    "forgotten",
    metadata,
    Column("email_hash", String, primary_key=True),
)

outbox = Table(
    "outbox",
    metadata,
    Column("message_id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("on", Date, unique=True),
    Column("message", LargeBinary, nullable=False),
    Column("state", String, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("n_attempts", Integer, nullable=False, server_default=text("0")),
    Column("next_at", BigInteger),
    Column("problem", String, nullable=False, server_default=""),
)

replies = Table(
    "replies",
    metadata,
    Column("message_id", String, primary_key=True),
    Column("on", Date),
    Column("received_at", BigInteger, nullable=False),
    Column("words", Text, nullable=False),
    Column("state", String, nullable=False),
    Column("reason", String, nullable=False, server_default=""),
    Column("fingerprint", String, unique=True),
)

leases = Table(
    "leases",
    metadata,
    Column("name", String, primary_key=True),
    Column("holder", String, nullable=False),
    Column("until", BigInteger, nullable=False),
)

fits = Table(
    "fits",
    metadata,
    Column("fitted_at", BigInteger, primary_key=True),
    Column("until_on", Date, nullable=False),
    Column("made_from", String, nullable=False),
    Column("n", Integer, nullable=False),
    Column("model", JSON, nullable=False),
    Column("scores", JSON, nullable=False),
    Column("is_kept", Boolean, nullable=False),
)

DERIVED = (
    letters,
    thread_ids,
    threads,
    sightings,
    interactions,
    people,
    identities,
    ties,
    stale,
    progress,
)
"""What ``rebuild`` empties and recomputes from the rest."""
