"""A real Dovecot on a free loopback port, in a folder of its own, ended by its own process id."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from grp import getgrgid
from imaplib import IMAP4
from pathlib import Path
from pwd import getpwnam, getpwuid
from ssl import PROTOCOL_TLS_SERVER, SSLContext

import pytest
import trustme

USER, PASSWORD = "robin@example.org", "s3cret-canary-imap"
READY_SECONDS = 20
_PROGRAMS = ("dovecot", "/usr/sbin/dovecot")
_FOLDERS = """
    mailbox Sent {
      auto = create
      special_use = \\Sent
    }
    mailbox Drafts {
      auto = create
      special_use = \\Drafts
    }
    mailbox Junk {
      auto = create
      special_use = \\Junk
    }
    mailbox Trash {
      auto = create
      special_use = \\Trash
    }
"""
_CONFIGURATION = """
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
protocols = imap
listen = 127.0.0.1
default_internal_user = {account}
default_login_user = {account}
default_internal_group = {group}
first_valid_uid = 1
first_valid_gid = 1
ssl = yes
ssl_cert = <{home}/tls/both.pem
ssl_key = <{home}/tls/both.pem
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
mail_fsync = never
mail_location = maildir:{home}/mail/%u
mail_max_userip_connections = 100
mailbox_list_index = yes
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={account} gid={group} home={home}/mail/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
{folders}
}}
{namespaces}
service anvil {{
  chroot =
  # Whoever gives a wrong password would be kept waiting.
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  process_min_avail = 1
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service stats {{
  chroot =
}}
"""
SHARED = """
namespace shared {{
  type = public
  separator = /
  prefix = shared/
  location = maildir:{home}/mail/public
  list = yes
}}
"""
"""A namespace of folders that do not belong to whoever signs in."""


@dataclass
class Dovecot:
    """A running server. Everybody who knows PASSWORD may sign in, by any name.

    Attributes:
        tls_port: Where it speaks TLS from the first byte.
        port: Where it offers STARTTLS, and takes passwords without it from loopback.
        ca_file: Who vouches for its certificate, which is for ``localhost`` and 127.0.0.1.
    """

    home: Path
    tls_port: int
    port: int
    ca_file: Path
    account: str
    _users: int = field(default=0)

    def new_user(self) -> str:
        """Return the name of somebody whose mailbox is new and empty."""
        self._users += 1
        return f"robin{self._users}@example.org"

    def maildir(self, user: str) -> Path:
        """Return where the mail of ``user`` lies: a Maildir++."""
        return self.home / "mail" / user

    def renumber(self, user: str) -> None:
        """Give all messages of the inbox new UIDs under a new UIDVALIDITY, as a repair does."""
        for pattern in ("dovecot-uidlist", "dovecot.index*"):
            for path in self.maildir(user).glob(pattern):
                path.unlink()

    def adopt(self, user: str) -> None:
        """Give all files below the Maildir of ``user`` to the server."""
        if os.geteuid() == 0:
            for path in [self.maildir(user), *self.maildir(user).rglob("*")]:
                shutil.chown(path, self.account, getpwnam(self.account).pw_gid)

    def signed_in(self, user: str) -> IMAP4:
        """Return another client's connection, signed in; the caller logs out."""
        client = IMAP4("127.0.0.1", self.port, timeout=10)
        client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.login(f'"{user}"', PASSWORD)
        return client


def program() -> str:
    """Return the path of the server, or end the test: skipped, or failed where it must be there."""
    found = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if found is None:
        if os.environ.get("KITHD_ALL") == "1":
            pytest.fail("not run: no dovecot, though KITHD_ALL=1 asks for it")
        pytest.skip("not run: no dovecot")
    return found


@contextmanager
def running(
    *, folders: str = _FOLDERS, namespaces: str = "", certificate_for: str = "localhost"
) -> Iterator[Dovecot]:
    """Run a Dovecot until the context ends.

    Args:
        folders: The mailbox sections of its private namespace.
        namespaces: Other namespaces, such as SHARED.
        certificate_for: The name in its certificate.
    """
    server = program()
    home = Path(tempfile.mkdtemp(prefix="dovecot-"))
    account = "mail" if os.geteuid() == 0 else getpwuid(os.geteuid()).pw_name
    here = _prepare(home, account, certificate_for)
    (home / "dovecot.conf").write_text(_configuration(here, folders, namespaces))
    words = [server, "-F", "-c", str(home / "dovecot.conf")]
    if os.geteuid() == 0:
        words = ["setpriv", f"--reuid={account}", f"--regid={account}", "--clear-groups", *words]
    log = (home / "err").open("w")
    process = subprocess.Popen(words, stdout=log, stderr=log, cwd=home)
    try:
        _wait_until_it_answers(process, here, home)
        yield here
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        if process.poll() is None:
            process.kill()
            process.wait()
        log.close()
        shutil.rmtree(home, ignore_errors=True)


def _prepare(home: Path, account: str, name: str) -> Dovecot:
    home.chmod(0o755)
    for part in ("run", "state", "mail", "tls"):
        (home / part).mkdir()
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(home / "ca.pem"))
    names = (name, "127.0.0.1") if name == "localhost" else (name,)
    authority.issue_cert(*names).private_key_and_cert_chain_pem.write_to_path(
        str(home / "tls" / "both.pem")
    )
    here = Dovecot(home, free_port(), free_port(), home / "ca.pem", account)
    if os.geteuid() == 0:
        for path in [home, *home.rglob("*")]:
            shutil.chown(path, account, getpwnam(account).pw_gid)
    return here


def _configuration(here: Dovecot, folders: str, namespaces: str) -> str:
    return _CONFIGURATION.format(
        home=here.home,
        account=here.account,
        group=getgrgid(getpwnam(here.account).pw_gid).gr_name,
        port=here.port,
        tls_port=here.tls_port,
        password=PASSWORD,
        folders=folders,
        namespaces=namespaces.format(home=here.home),
    )


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_it_answers(process: "subprocess.Popen[bytes]", here: Dovecot, home: Path) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with suppress(OSError, IMAP4.error):
            IMAP4("127.0.0.1", here.port, timeout=2).logout()
            return
        time.sleep(0.05)
    told = [(home / name).read_text() for name in ("err", "log") if (home / name).exists()]
    raise AssertionError("\n".join(["dovecot does not answer", *told]))


def server_context(here: Dovecot) -> SSLContext:
    """Return a TLS context that shows the certificate of ``here``, for servers of our own."""
    context = SSLContext(PROTOCOL_TLS_SERVER)
    context.load_cert_chain(here.home / "tls" / "both.pem")
    return context
