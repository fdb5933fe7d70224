"""A web address and its title -> whether it could be given to somebody, and its clean form."""

import re
from itertools import pairwise
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

MAX_URL_LENGTH = 500  # characters; longer ones carry somebody's state
_TRACKING_KEYS = frozenset(
    "fbclid gclid dclid gbraid wbraid msclkid yclid igshid igsh mc_cid mc_eid mkt_tok _hsenc _hsmi "
    "ref ref_src ref_url referrer spm cmpid ncid vero_id oly_enc_id oly_anon_id s_cid trk "
    "trackingid share feature".split()
)
_TRACKING_PREFIXES = ("utm_", "pk_", "mtm_", "hsa_", "at_", "sc_")
_SECRET_KEYS = frozenset(
    "token key apikey api_key sig signature auth authkey session sid sessionid uid user userid "
    "email mail e hash code ticket otp nonce secret password pwd invite invitation u access_token "
    "subscriber recipient r_id contact cid eid mid".split()
)
_MACHINE_HOSTS = re.compile(
    r"^(?:click|clicks|links?|track|tracking|trk|email|emails|mail|mailer|em|e|t|go|url\d*|ct|cl"
    r"|ablink\w*|r\d*|img|image|images|cdn|static|unsubscribe|manage|preferences|accounts?|login"
    r"|auth|sso|id|my|secure|pay|billing)\.[^.]+\..+|(?:^|\.)(?:list-manage\d*\.com|sendgrid\.net"
    r"|mailchi\.mp|mandrillapp\.com|mailgun\.org|hubspotemail\.net|cmail\d*\.com|createsend\d*\.com"
    r"|exct\.net|rs6\.net|awstrack\.me|doubleclick\.net|zoom\.us|meet\.google\.com"
    r"|teams\.microsoft\.com|webex\.com|whereby\.com|wetransfer\.com|we\.tl|localhost|local"
    r"|internal"
    r"|lan|home|corp|intranet)$"
)
_MACHINE_PATH = re.compile(
    r"unsubscribe|opt-?out|opt_out|preferences|subscription|/subscribe|view-?in-?browser|webview"
    r"|viewonline|log-?in\b|sign-?in\b|sign-?up\b|logout|/auth|oauth|password|/reset|verify|/verif"
    r"|/confirm|/activat|/account|/settings|/checkout|/cart\b|/basket|/invoice|/invit|/track|/click"
    r"|/open\b|/pixel|/beacon|/wf/|/ls/|/sharer|/intent/|/share\b|sharearticle|/cdn-cgi/|mailto"
    r"|/privacy|/terms|/legal|/imprint|/impressum|/contact-us|/rsvp",
    re.IGNORECASE,
)
_MACHINE_TITLE = re.compile(
    r"unsubscribe|opt[ -]?out|preferences|view (?:this |it )?(?:e-?mail )?(?:in|on) (?:your |a "
    r"|the )?"
    r"(?:browser|web)|view online|web version|log ?in\b|sign ?in\b|sign ?up\b|password|verify"
    r"|confirm"
    r"|manage (?:your|my)|my account|privacy|terms (?:of|and|&)|update (?:your|my)|forward to a"
    r" friend"
    r"|add (?:us|me) to|follow us|contact us|imprint|impressum|download the app|rsvp|^\W*$",
    re.IGNORECASE,
)
_FILE = re.compile(r"\.(?:png|jpe?g|gif|svg|webp|ico|bmp|css|js|woff2?|exe|dmg|ics|vcf)$", re.I)
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.I)
_PIECES = re.compile(r"[/\-_.~,+!:;@()%&= ]+")
_COMMIT = re.compile(r"/(?:commit|tree|blob|changeset)/[0-9a-f]{7,64}(?=/|$)")
_NUMERIC_HOST = re.compile(r"[\d.:\[\]a-f]+$")
_RANDOM_LENGTH = 16  # characters; shorter runs of letters and digits name articles and videos
_LONG_WORD = 40  # letters; no word of a title is longer


def is_offerable(url: str, title: str) -> bool:
    """Whether a link could be given to somebody else: public, and about something.

    Never offered are links to unsubscribe, to sign in, to settings or to the mail itself,
    links that count clicks, pictures, mail addresses, hosts of a private network, anything
    with a token in its address (it may let the bearer in as the owner), and a home page
    that no title speaks for.

    Source: shared design, suggestions: "Never offered".
    """
    parts = _split(url)
    if parts is None or _is_private_host(parts) or _MACHINE_HOSTS.search(parts.hostname or ""):
        return False
    if _MACHINE_PATH.search(parts.path) or _FILE.search(parts.path):
        return False
    if title and _MACHINE_TITLE.search(title[:200]):
        return False
    if _holds_token(parts):
        return False
    is_home = len(parts.path.strip("/")) < 2 and not parts.query
    return bool(title.strip()) if is_home else True


def clean_url(url: str) -> str:
    """Return ``url`` without its fragment and without parameters that only track a reader.

    Scheme and host are in lower case. What is no web address is returned as it is.
    """
    parts = _split(url)
    if parts is None:
        return url
    query = parts.query
    if query:
        pairs = parse_qsl(query, keep_blank_values=True)
        kept = [(key, value) for key, value in pairs if not _is_tracking(key)]
        query = query if len(kept) == len(pairs) else urlencode(kept)
    host = parts.netloc.lower()
    return SplitResult(parts.scheme.lower(), host, parts.path or "/", query, "").geturl()


def _split(url: str) -> SplitResult | None:
    if not url or len(url) > MAX_URL_LENGTH or not url.isprintable():
        return None
    try:
        parts = urlsplit(url.strip())
        is_web = parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
        return parts if is_web and (parts.port is None or parts.port > 0) else None
    except ValueError:  # an IPv6 address or a port that is none
        return None


def _is_private_host(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    return "@" in parts.netloc or "." not in host or _NUMERIC_HOST.match(host) is not None


def _is_tracking(key: str) -> bool:
    lowered = key.lower()
    return lowered in _TRACKING_KEYS or lowered.startswith(_TRACKING_PREFIXES)


def _holds_token(parts: SplitResult) -> bool:
    """Whether the address carries something random or personal, as a link that lets one in does."""
    path = _COMMIT.sub("/", parts.path)
    if _UUID.search(parts.path) or _UUID.search(parts.query) or "@" in parts.query:
        return True
    pairs = [
        (key.lower(), value)
        for key, value in parse_qsl(parts.query, keep_blank_values=True)
        if not _is_tracking(key)
    ]
    if any(key in _SECRET_KEYS or "%40" in value for key, value in pairs):
        return True
    pieces = [
        *_PIECES.split(path),
        *(piece for _, value in pairs for piece in _PIECES.split(value)),
    ]
    return any(map(_is_random, pieces))


def _is_random(piece: str) -> bool:
    if len(piece) < _RANDOM_LENGTH or piece.isdigit():
        return False
    if len(piece) > _LONG_WORD:
        return True
    has_digits = any(map(str.isdigit, piece))
    n_switches = sum(1 for left, right in pairwise(piece) if left.islower() and right.isupper())
    return (has_digits and not piece.rstrip("0123456789").isalpha()) or n_switches > 3
