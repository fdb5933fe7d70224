"""Turns the name of a mail folder, in many languages, into what kind of folder it is."""

import re
from base64 import b64decode
from binascii import Error as Undecodable
from functools import lru_cache

from connectors.observations import Folder

# Source: the special folders that Thunderbird, Outlook, Apple Mail, Gmail, Dovecot and Courier
# create in these languages; RFC 6154 for what they are for.
_NAMES = {
    Folder.SENT: (
        "sent|sent items|sent mail|sent messages|sent-mail|sentmail"
        "|gesendet|gesendete|gesendete elemente|gesendete objekte|gesendete nachrichten"
        "|envoyés|éléments envoyés|messages envoyés|courrier envoyé"
        "|enviado|enviados|enviadas|elementos enviados|mensajes enviados|itens enviados"
        "|inviata|inviati|posta inviata|messaggi inviati|elementi inviati"
        "|verzonden|verzonden items|verzonden berichten|skickat|skickade objekt|sendt"
        "|sendte elementer|lähetetyt|wysłane|elementy wysłane|odeslané|odeslaná pošta"
        "|отправленные|отправленная почта|надіслані|送信済み|送信済みメール"
        "|已发送|已发送邮件|보낸 편지함"
    ),
    Folder.DRAFTS: (
        "draft|drafts|entwurf|entwürfe|brouillon|brouillons|borrador|borradores|bozza|bozze"
        "|rascunho|rascunhos|concepten|utkast|kladder|luonnokset|szkice|wersje robocze|koncepty"
        "|черновики|чернетки|下書き|草稿|임시 보관함"
    ),
    Folder.SPAM: (
        "spam|junk|junk mail|junk e-mail|junk email|bulk mail|pourriel|indésirables"
        "|courrier indésirable|correo no deseado|posta indesiderata|lixo eletrônico|ongewenst"
        "|ongewenste e-mail|skräppost|søppelpost|uønsket post|roskaposti|niechciane|спам"
        "|迷惑メール|垃圾邮件|스팸"
    ),
    Folder.TRASH: (
        "trash|deleted|deleted items|deleted messages|bin|papierkorb|gelöscht|gelöschte elemente"
        "|gelöschte objekte|corbeille|éléments supprimés|papelera|eliminados|elementos eliminados"
        "|cestino|posta eliminata|lixeira|itens excluídos|prullenbak|verwijderde items"
        "|papperskorg|papperskorgen|papirkurv|slettet post|roskakori|kosz|koš|корзина|кошик"
        "|ごみ箱|ゴミ箱|已删除|휴지통"
    ),
}
_FOLDERS = {name: folder for folder, names in _NAMES.items() for name in names.split("|")}
_SHIFTED = re.compile(r"&([A-Za-z0-9+,]*)-")


@lru_cache(maxsize=4096)
def folder_named(path: str) -> Folder | None:
    """Return what kind of folder ``path`` is, or None where its name does not say.

    Args:
        path: Names joined by "/" or, as Maildir++ does, by "."; the innermost that says
            something counts, so that what lies in a folder of the trash lies in the trash.
    """
    for name in reversed(re.split(r"[/.]", _decode(path))):
        if folder := _FOLDERS.get(name.strip().casefold()):
            return folder
    return None


def _decode(name: str) -> str:
    """Decode modified UTF-7, and leave as it is what is none. Source: RFC 3501 section 5.1.3."""
    return _SHIFTED.sub(_decode_shifted, name)


def _decode_shifted(found: re.Match[str]) -> str:
    code = found[1].replace(",", "/")
    if not code:
        return "&"
    try:
        return b64decode(code + "=" * (-len(code) % 4)).decode("utf-16-be")
    except (Undecodable, UnicodeDecodeError):
        return found[0]
