"""A permission, as a service names it -> what it lets kithd do, in plain words."""

_WORDS = {
    "calendar.calendarlist.readonly": "see which calendars you have",
    "calendar.events.readonly": "read the events in your calendars",
    "calendar.events.owned.readonly": "read the events in calendars of your own",
    "contacts.readonly": "read your contacts",
    "gmail.metadata": "read who wrote to whom and when, and no text",
    "gmail.readonly": "read your mail",
    "gmail.send": "send mail in your name: the digest, to you",
    "gmail.settings.basic": "see your other addresses",
    "email": "see the address of your account",
    "openid": "see which account it is",
    "profile": "see your name",
    "userinfo.email": "see the address of your account",
    "calendars.read": "read your calendars",
    "calendars.readbasic": "read when and with whom you meet, and no text",
    "contacts.read": "read your contacts",
    "mail.read": "read your mail",
    "mail.readbasic": "read who wrote to whom and when, and no text",
    "mail.send": "send mail in your name: the digest, to you",
    "mailboxsettings.read": "read your mailbox's settings",
    "offline_access": "stay signed in until you take that back",
    "user.read": "see your name and your addresses",
}
"""By the last part of the name, in lower case.

Source: Google, "OAuth 2.0 Scopes for Google APIs"; Microsoft, "Microsoft Graph permissions
reference".
"""


def explain_permission(name: str) -> str:
    """Return what the permission allows, and what the service calls it."""
    words = _WORDS.get(name.rstrip("/").rpartition("/")[2].lower())
    return f"{words} ({name})" if words else name
