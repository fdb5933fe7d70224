"""What others would pass off as the owner's reply, and mail that merely quotes a digest."""

from dataclasses import replace
from datetime import date, timedelta

from connectors.observations import Folder
from daemon.digest.references import token_for
from tests.core.commands.mails import (
    AT,
    KEY,
    ON,
    OWNER,
    QUOTE,
    TOKEN,
    TRUST,
    VOUCHED,
    Mail,
    as_parent,
    as_subject,
    forge,
    in_sent,
    pass_for,
)

_NO_PROOF = {"Authentication_Results": ""}
_TO_ANA = {"To": "Ana Diaz <ana@example.net>"}
_REPORT = """\
--cut
Content-Type: text/plain

done 1
--cut
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com
--cut--
"""
_LONG = f"mx.example.org; dmarc=pass header.from=example.org{'x' * 5000}.example.com"
_OLD = ON - timedelta(days=20)

FORGERIES: dict[str, Mail] = {
    # Who wrote it.
    "the owner's address as a display name": forge(
        From='"mara@example.org" <mallory@example.com>',
        Authentication_Results=pass_for("example.com"),
    ),
    "the owner's name and another address": forge(
        From="Mara Stein <mallory@example.com>", Authentication_Results=pass_for("example.com")
    ),
    "an encoded display name": forge(
        From="=?utf-8?q?mara=40example.org?= <mallory@example.com>",
        Authentication_Results=pass_for("example.com"),
    ),
    "the owner's address in a comment": forge(
        From="mallory@example.com (mara@example.org)",
        Authentication_Results=pass_for("example.com"),
    ),
    "a second From field above": forge(
        f"done 1\n{QUOTE}", "From: Mara <mara@example.org>", From="mallory@example.com"
    ),
    "a second From field below": forge(f"done 1\n{QUOTE}", "From: mallory@example.com"),
    "the same From field twice": forge(f"done 1\n{QUOTE}", "From: mara@example.org"),
    "two addresses in one From": forge(From="mara@example.org, mallory@example.com"),
    "two addresses in a group": forge(From="us: mallory@example.com, mara@example.org;"),
    "two addresses over a folded line": forge(From="mara@example.org,\n mallory@example.com"),
    "no From, but a Sender": forge(f"done 1\n{QUOTE}", "Sender: mara@example.org", From=""),
    "a From that is no address, and a Sender": forge(
        f"done 1\n{QUOTE}", "Sender: mara@example.org", From="Mara Stein"
    ),
    "the owner as Sender of another's mail": forge(
        f"done 1\n{QUOTE}",
        "Sender: mara@example.org",
        From="mallory@example.com",
        Authentication_Results=pass_for("example.com"),
    ),
    "the owner in Resent-From": forge(
        f"done 1\n{QUOTE}",
        "Resent-From: mara@example.org",
        "Resent-Sender: mara@example.org",
        From="mallory@example.com",
        Authentication_Results=pass_for("example.com"),
    ),
    "the owner in Reply-To": forge(
        f"done 1\n{QUOTE}",
        "Reply-To: mara@example.org",
        From="mallory@example.com",
        Authentication_Results=pass_for("example.com"),
    ),
    "a list that writes for the owner": forge(
        f"done 1\n{QUOTE}",
        "List-Post: <mailto:talk@example.com>",
        "X-Original-From: mara@example.org",
        From="Mara via talk <talk@example.com>",
        Authentication_Results=pass_for("example.com"),
    ),
    "a sub-domain of the owner's": forge(
        From="mara@mail.example.org", Authentication_Results=pass_for("mail.example.org")
    ),
    "a domain that begins like the owner's": forge(
        From="mara@example.org.example.com",
        Authentication_Results=pass_for("example.org.example.com"),
    ),
    "a look-alike letter in the domain": forge(
        From="mara@ex\u0430mple.org", Authentication_Results=pass_for("xn--exmple-4nf.org")
    ),
    "a look-alike letter in the name": forge(From="m\u0430ra@example.org"),
    "an unseen letter in the name": forge(From="mara\u200b@example.org, mallory@example.com"),
    "a colleague in the owner's domain": forge(From="ben@example.org"),
    # What proves it.
    "no server's word at all": forge(**_NO_PROOF),
    "DMARC failed": forge(
        Authentication_Results="mx.example.org; dmarc=fail header.from=example.org"
    ),
    "DMARC passed for nobody": forge(Authentication_Results="mx.example.org; dmarc=pass"),
    "DMARC passed for another domain": forge(Authentication_Results=pass_for("example.com")),
    "DMARC passed at best guess": forge(
        Authentication_Results="mx.example.org; dmarc=bestguesspass header.from=example.org"
    ),
    "only SPF passed": forge(
        Authentication_Results="mx.example.org; spf=pass smtp.mailfrom=mara@example.org"
    ),
    "another domain's signature": forge(
        Authentication_Results="mx.example.org; dkim=pass header.d=example.com "
        "header.i=@example.com"
    ),
    "the signature of a domain above": forge(
        Authentication_Results="mx.example.org; dkim=pass header.d=org"
    ),
    "nothing was checked": forge(Authentication_Results="mx.example.org; none"),
    "the good word lies below the bad one": forge(
        f"done 1\n{QUOTE}",
        f"Authentication-Results: {VOUCHED}",
        Authentication_Results="mx.example.org; dmarc=fail header.from=example.org",
    ),
    "the good word lies below another server's": forge(
        f"done 1\n{QUOTE}",
        f"Authentication-Results: {VOUCHED}",
        Authentication_Results="relay.example.com; dmarc=pass header.from=example.org",
    ),
    "a server that is called nearly the same": forge(
        Authentication_Results="mx.example.org.example.com; dmarc=pass header.from=example.org"
    ),
    "a server that is called so in a comment": forge(
        Authentication_Results="mx.example.com (mx.example.org); dmarc=pass header.from=example.org"
    ),
    "a server without a name": forge(
        Authentication_Results="dmarc=pass header.from=example.org; spf=pass"
    ),
    "the good word in a comment": forge(
        Authentication_Results="mx.example.org; spf=fail (x; dmarc=pass header.from=example.org)"
    ),
    "the good word in quotes": forge(
        Authentication_Results='mx.example.org; spf=fail reason="; dmarc=pass header.from='
        'example.org"'
    ),
    "a comment that ends too early": forge(
        Authentication_Results="mx.example.org; spf=fail (by x) ; dmarc=pass "
        "header.from=example.org (y); dmarc=fail header.from=example.org"
    ),
    "a signature smuggled in, against DMARC": forge(
        Authentication_Results="mx.example.org; spf=fail (by x) ; dkim=pass "
        "header.d=example.org (y); dmarc=fail header.from=example.org"
    ),
    "a signature smuggled in by a quoted sender in a comment": forge(
        Authentication_Results='mx.example.org; spf=pass (google.com: domain of "a) ; dkim=pass '
        'header.d=example.org ("@example.com designates 192.0.2.1 as permitted sender) '
        "smtp.mailfrom=example.com; dmarc=fail (p=NONE) header.from=example.org"
    ),
    "the same where the server knows no DMARC": forge(
        Authentication_Results='mx.example.org; spf=pass (google.com: domain of "a) ; dkim=pass '
        'header.d=example.org ("@example.com designates 192.0.2.1 as permitted sender) '
        "smtp.mailfrom=example.com"
    ),
    "a signature smuggled in by a sender without quotes": forge(
        Authentication_Results="mx.example.org; spf=pass smtp.mailfrom=a; dkim=pass "
        "header.d=example.org; dmarc=fail header.from=example.org"
    ),
    "a signature where DMARC found no policy": forge(
        Authentication_Results="mx.example.org; dkim=pass header.d=example.org; dmarc=none"
    ),
    "DMARC passed and failed": forge(
        Authentication_Results="mx.example.org; dmarc=pass header.from=example.org; "
        "dmarc=fail header.from=example.org"
    ),
    "DMARC's finding hidden in a comment": forge(
        Authentication_Results="mx.example.org; spf=pass smtp.mailfrom=a; dkim=pass "
        "header.d=example.org (; dmarc=fail header.from=example.org; x=y)"
    ),
    "DMARC's finding hidden in quotes": forge(
        Authentication_Results='mx.example.org; dkim=pass header.d=example.org header.b="a; '
        'dmarc=fail header.from=example.org; dkim=pass header.b="'
    ),
    "a quote in the midst of a value": forge(
        Authentication_Results='mx.example.org; dkim=pass header.d=example.org header.b=a"b"'
    ),
    "a signer who names the owner as its user": forge(
        Authentication_Results="mx.example.org; dkim=pass header.d=example.com "
        "header.i=a@example.org"
    ),
    "the same against DMARC": forge(
        Authentication_Results="mx.example.org; dkim=pass header.d=example.com "
        "header.i=a@example.org; dmarc=fail header.from=example.org"
    ),
    "a domain above that names the owner's": forge(
        Authentication_Results="mx.example.org; dkim=pass header.d=org header.i=@example.org"
    ),
    "a signer whose name is empty": forge(
        Authentication_Results='mx.example.org; dkim=pass header.d="" header.i=@example.org'
    ),
    "two domains in one result": forge(
        Authentication_Results="mx.example.org; dmarc=pass header.from=example.com "
        "header.from=example.org"
    ),
    "a server's word that is too long to be read": forge(Authentication_Results=_LONG),
    "another field with the good word": forge(
        f"done 1\n{QUOTE}",
        f"ARC-Authentication-Results: i=1; {VOUCHED}",
        f"X-Authentication-Results: {VOUCHED}",
        **_NO_PROOF,
    ),
    "a server's word where none is trusted": replace(forge(), trust=replace(TRUST, authserv_id="")),
    "a server without a name where none is trusted": replace(
        forge(Authentication_Results='""; dmarc=pass header.from=example.org'),
        trust=replace(TRUST, authserv_id=""),
    ),
    "a label that says it was sent": forge(f"done 1\n{QUOTE}", "X-Gmail-Labels: Sent", **_NO_PROOF),
    "it lies among spam": replace(forge(), folder=Folder.SPAM),
    # What it answers.
    "replayed a month later": replace(forge(), at=AT + timedelta(days=30)),
    "a digest of twenty days ago": forge(**as_parent(token_for(OWNER, _OLD, key=KEY), _OLD)),
    "a digest of next month": forge(
        **as_subject(token_for(OWNER, date(2026, 12, 24), key=KEY), date(2026, 12, 24))
    ),
    "the token of another day": forge(**as_parent(token_for(OWNER, date(2026, 11, 20), key=KEY))),
    "another owner's token": forge(**as_parent(token_for("ben@example.org", ON, key=KEY))),
    "a token made with another key": forge(**as_subject(token_for(OWNER, ON, key=b"guess"))),
    "a token with one digit changed": forge(**as_subject(f"{int(TOKEN, 16) ^ 1:016x}")),
    "a token of noughts": forge(**as_parent("0" * 16)),
    "a shortened token": forge(**as_subject(TOKEN[:15])),
    "no token": forge(Subject="kithd 2026-11-21", In_Reply_To="", References=""),
    "a token in the text alone": forge(
        f"kithd {ON} {TOKEN}\ndone 1\n", Subject="hello", In_Reply_To="", References=""
    ),
    "a token in a field of its own": forge(
        f"done 1\n{QUOTE}", f"X-Kithd-Token: {TOKEN}", In_Reply_To="", References=""
    ),
    # What it is.
    "nothing but the quoted digest": in_sent(QUOTE),
    "a quoted command": in_sent("> done 1\n> snooze 2 2w\n"),
    "commands below the quote": in_sent(f"{QUOTE}\ndone 1\n"),
    "commands in the signature": in_sent("-- \ndone 1\nsnooze 2 2w\n"),
    "an automatic reply": forge(f"done 1\n{QUOTE}", "Auto-Submitted: auto-replied"),
    "an automatic reply in Sent": in_sent("done 1\n", "Auto-Submitted: auto-replied (vacation)"),
    "Exchange's automatic reply": forge(f"done 1\n{QUOTE}", "X-Auto-Response-Suppress: All"),
    "a vacation notice without a mark": forge(
        "done 1\n", Subject="Automatic reply: Sana and Marek: two things you could give"
    ),
    "an automatic reply of old": forge(f"done 1\n{QUOTE}", "Precedence: auto_reply"),
    "an automatic reply of old in Sent": in_sent("done 1\n", "Precedence: auto_reply"),
    "a vacation notice that answers": in_sent("done 1\n", Subject="Re: Automatic reply: Sana"),
    "a vacation notice, in short": in_sent("done 1\n", Subject="OOO: Sana and Marek"),
    "a vacation notice that answers in short": in_sent("done 1\n", Subject="RE: Re: OOO: Sana"),
    "a vacation notice in German": in_sent("done 1\n", Subject="Automatische Antwort: Sana"),
    "a bounce": forge(
        _REPORT,
        "Return-Path: <>",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="cut"',
        From="Mail Delivery System <mailer-daemon@example.org>",
    ),
    "a bounce in the owner's name": forge(
        _REPORT, 'Content-Type: multipart/report; report-type=delivery-status; boundary="cut"'
    ),
    "an empty return path": forge(f"done 1\n{QUOTE}", "Return-Path: <>"),
    "a copy through a list": forge(
        f"done 1\n{QUOTE}", "List-Id: Talk <talk.example.org>", To="talk@lists.example.org"
    ),
    "a copy to many": forge(f"done 1\n{QUOTE}", "Precedence: bulk"),
    "a digest that returns": forge(f"done 1\n{QUOTE}", "X-Kithd: 1"),
    "a forwarded digest": in_sent("done 1\n", Subject="Fwd: Sana and Marek: two things"),
    "a forwarded digest, in German": in_sent("done 1\n", Subject="WG: Sana and Marek"),
    "an answer to a forwarded digest": in_sent("done 1\n", Subject="Re: Fwd: Sana and Marek"),
    "the owner shows somebody a digest": in_sent("done 1\n", **_TO_ANA),
    "the owner shows it, with a blind copy home": in_sent(
        "done 1\n", "Bcc: mara@example.org", **_TO_ANA
    ),
    "a copy to somebody else": in_sent("done 1\n", Cc="ana@example.net"),
    "somebody to whom a digest was shown": forge(
        From="Ana Diaz <ana@example.net>", Authentication_Results=pass_for("example.net")
    ),
    "a draft": replace(in_sent("done 1\n"), folder=Folder.DRAFTS),
    "the Sent folder of another source": replace(in_sent("done 1\n"), source="archive"),
    "nothing said": in_sent("\n \n"),
}
"""What must never be obeyed. None of the commands in it may act."""
