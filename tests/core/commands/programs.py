"""The owner's replies as mail programs write them."""

from tests.core.commands.mails import (
    DIGEST,
    ON,
    QUOTE,
    TOKEN,
    Mail,
    as_subject,
    forge,
    in_sent,
    pass_for,
)

_PAGE = """\
<html><head><style>p {{ margin: 0 }}</style></head><body>{}</body></html>
"""
_OUTLOOK_QUOTE = """\
From: kithd <mara@example.org>
Sent: Saturday, 21 November 2026 07:00
To: Mara Stein <mara@example.org>
Subject: Sana and Marek: two things you could give

Two things you could give today

1. Sana Iqbal

done all
"""
_HTML_QUOTE = (
    '<blockquote class="gmail_quote"><p>Two things you could give today</p>'
    "<p>1. Sana Iqbal</p><p>done all</p></blockquote>"
)


def _alternative(plain: str, page: str) -> tuple[str, str]:
    """The body and the field of a mail in two forms."""
    body = (
        f"--=_cut\nContent-Type: text/plain; charset=UTF-8\n\n{plain}\n"
        f"--=_cut\nContent-Type: text/html; charset=UTF-8\n\n{_PAGE.format(page)}\n--=_cut--\n"
    )
    return body, 'Content-Type: multipart/alternative; boundary="=_cut"'


GENUINE: dict[str, Mail] = {
    "Gmail": in_sent(
        *_alternative(
            "done 1\nsnooze 2 2w\n\nOn Sat, Nov 21, 2026 at 7:00\u202fAM kithd "
            "<mara@example.org> wrote:\n\n> Two things you could give today\n> done all\n",
            '<div dir="ltr">done 1<div>snooze 2 2w</div></div><br><div class="gmail_quote">'
            f"On Sat wrote:<br>{_HTML_QUOTE}</div>",
        )
    ),
    "Gmail on Android, a link": in_sent(
        "done 1; snooze 2 2w", "Content-Type: text/plain; charset=UTF-8", **as_subject(TOKEN)
    ),
    "Outlook": in_sent(
        *_alternative(
            f"done 1\n\nsnooze 2 2w\n\n \n\n{_OUTLOOK_QUOTE}",
            "<p>done 1</p><p>snooze 2 2w</p><div>From: kithd</div>",
        )
    ),
    "Outlook, HTML alone": in_sent(
        _PAGE.format(
            '<div class="WordSection1"><p class="MsoNormal">done 1<o:p></o:p></p>'
            '<p class="MsoNormal">snooze 2 2w<o:p></o:p></p><p class="MsoNormal"><o:p>&nbsp;</o:p>'
            '</p><div style="border-top:solid"><p><b>From:</b> kithd &lt;mara@example.org&gt;<br>'
            "<b>Sent:</b> Saturday<br><b>To:</b> Mara<br><b>Subject:</b> Sana</p></div>"
            "<p>done all</p></div>"
        ),
        "Content-Type: text/html; charset=UTF-8",
    ),
    "Outlook on iOS": in_sent(
        "done 1\nsnooze 2 2w\n\nGet Outlook for iOS<https://aka.ms/o0ukef>\n"
        f"________________________________\n{_OUTLOOK_QUOTE}"
    ),
    "Apple Mail": in_sent(
        "done 1\nsnooze 2 2w\n\n> On 21. Nov 2026, at 07:00, kithd <mara@example.org> wrote:\n> \n"
        "> Two things you could give today\n> done all\n",
        "Mime-Version: 1.0 (Mac OS X Mail 16.0)",
        "Content-Type: text/plain; charset=us-ascii",
    ),
    "iPhone": in_sent(
        "Done 1.\nSnooze 2 2w\n\nSent from my iPhone\n\n> On 21 Nov 2026, at 07:00, kithd "
        "<mara@example.org> wrote:\n> \n> \ufeffdone all\n"
    ),
    "iPhone, capitals and curly quotes, a link": in_sent(
        "Done 1; Snooze 2 2W\n\nSent from my iPhone", **as_subject(TOKEN)
    ),
    "Thunderbird": in_sent(
        "done 1\nsnooze 2 2w\n\nAm 21.11.2026 um 07:00 schrieb kithd:\n> Two things you could \n"
        "> give today\n> done all\n\n-- \nMara Stein\n",
        "Content-Type: text/plain; charset=UTF-8; format=flowed",
    ),
    "Thunderbird, no gap above the quote": in_sent(
        "done 1\nsnooze 2 2w\nOn 21/11/2026 07:00, kithd wrote:\n> done all\n"
    ),
    "K-9": in_sent(
        "done 1\nsnooze 2 2w\n-- \nSent from my Android device with K-9 Mail. Please excuse my "
        "brevity.\n\nOn 21 November 2026 07:00:00 CET, kithd <mara@example.org> wrote:\n>done all\n"
    ),
    "mutt": in_sent(
        "done 1\nsnooze 2 2w\n\nOn Sat, Nov 21, 2026 at 07:00:00AM +0100, kithd wrote:\n"
        "| done all\n> done all\n"
    ),
    "Yahoo": in_sent(
        "done 1\nsnooze 2 2w\n\n    On Saturday, 21 November 2026 at 07:00:00 CET, kithd\n"
        " <mara@example.org> wrote:  \n \n Two things you could give today\n\ndone all\n"
    ),
    "base64": in_sent(
        "ZG9uZSAxDQpzbm9vemUgMiAydw0KDQo+IGRvbmUgYWxsDQo=\n",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: base64",
    ),
    "signed by name": in_sent(f"done 1\nsnooze 2 2w\nThanks, Mara\n{QUOTE}"),
    "received, DMARC passed": forge(f"done 1\nsnooze 2 2w\n{QUOTE}"),
    "received, signed by the domain": forge(
        f"done 1\nsnooze 2 2w\n{QUOTE}",
        Authentication_Results="MX.example.org 1; spf=pass (of x) smtp.mailfrom=a=b@example.org; "
        'dkim=pass (2048-bit key) header.d=example.org header.b="AbC="',
    ),
    "from another address of the owner's": forge(
        f"done 1\nsnooze 2 2w\n{QUOTE}",
        From="mara.stein@example.net",
        Authentication_Results=pass_for("example.net"),
    ),
    "to the address with a tag": in_sent(
        f"done 1\nsnooze 2 2w\n{QUOTE}", To="mara+kithd@example.org"
    ),
    "an answer to an answer": in_sent(
        f"done 1\nsnooze 2 2w\n{QUOTE}",
        Subject="Re: kithd, Saturday 21 November 2026",
        In_Reply_To="<kithd.answer.0123456789abcdef@example.org>",
        References=f"{DIGEST} <reply-0@example.org> <kithd.answer.0123456789abcdef@example.org>",
    ),
    "an encoded subject, which is all there is": in_sent(
        "done 1\nsnooze 2 2w\n",
        Subject=f"=?utf-8?Q?kithd_{ON}_{TOKEN}?=",
        In_Reply_To="",
        References="",
    ),
}
"""The owner's replies as mail programs write them: each says done 1, and snooze 2 by two weeks."""
