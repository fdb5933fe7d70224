"""Articles -> feed files, RSS 2.0 and Atom, as publishers write them."""

from datetime import UTC
from email.utils import format_datetime
from pathlib import Path
from xml.sax.saxutils import escape

from daemon.demo.supply import Channel, Piece

_XML = '<?xml version="1.0" encoding="utf-8"?>\n'


def write_feed(folder: Path, channel: Channel) -> Path:
    """Write the feed into ``folder`` and return its file.

    Source: RSS 2.0 specification; RFC 4287 (Atom).
    """
    path = folder / channel.file
    text = _atom(channel) if channel.kind == "atom" else _rss(channel)
    path.write_bytes((_XML + text).encode())
    return path


def _rss(channel: Channel) -> str:
    items = "\n".join(map(_item, channel.pieces))
    return (
        f'<rss version="2.0"><channel><title>{escape(channel.name)}</title>'
        f"<link>{escape(channel.site)}</link><description>{escape(channel.name)}</description>\n"
        f"{items}\n</channel></rss>\n"
    )


def _item(piece: Piece) -> str:
    return (
        f"<item><title>{escape(piece.title)}</title><link>{escape(piece.url)}</link>"
        f"<guid>{escape(piece.url)}</guid><description>{escape(piece.sentence)}</description>"
        f"<pubDate>{format_datetime(piece.at)}</pubDate></item>"
    )


def _atom(channel: Channel) -> str:
    entries = "\n".join(map(_entry, channel.pieces))
    newest = max(piece.at for piece in channel.pieces).astimezone(UTC)
    return (
        f'<feed xmlns="http://www.w3.org/2005/Atom"><title>{escape(channel.name)}</title>'
        f"<id>{escape(channel.site)}/</id><updated>{newest:%Y-%m-%dT%H:%M:%SZ}</updated>"
        f'<link href="{escape(channel.site)}/"/>\n{entries}\n</feed>\n'
    )


def _entry(piece: Piece) -> str:
    at = f"{piece.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return (
        f"<entry><title>{escape(piece.title)}</title><id>{escape(piece.url)}</id>"
        f'<link href="{escape(piece.url)}"/><updated>{at}</updated><published>{at}</published>'
        f"<summary>{escape(piece.sentence)}</summary></entry>"
    )
