"""A real little DNS server on loopback, over UDP, that answers from a zone given as text."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rdataclass
import dns.zone
from dns.resolver import Resolver


class NameServer:
    """Answers from ``zone``; ``asked`` says what was asked, in order."""

    def __init__(self, origin: str, zone: str) -> None:
        self._zone = dns.zone.from_text(zone, origin=origin, relativize=False, check_origin=False)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.asked: list[str] = []

    @property
    def resolver(self) -> Resolver:
        """A resolver that asks this server alone."""
        resolver = Resolver(configure=False)
        resolver.nameservers = ["127.0.0.1"]
        resolver.port = self._socket.getsockname()[1]
        return resolver

    def serve(self) -> None:
        """Answer until an empty datagram comes."""
        while True:
            query, client = self._socket.recvfrom(4096)
            if not query:
                return
            self._socket.sendto(self._answer(query), client)

    def end(self) -> None:
        """Make ``serve`` return."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", self._socket.getsockname())

    def close(self) -> None:
        """Free the port."""
        self._socket.close()

    def _answer(self, query: bytes) -> bytes:
        asked = dns.message.from_wire(query)
        question = asked.question[0]
        self.asked.append(f"{question.name} {question.rdtype.name}")
        answer = dns.message.make_response(asked)
        answer.flags |= dns.flags.AA
        found = self._zone.get_rdataset(question.name, question.rdtype)
        if found is None:
            known = self._zone.get_node(question.name)
            answer.set_rcode(dns.rcode.NOERROR if known else dns.rcode.NXDOMAIN)
        else:
            answer.answer.append(dns.rrset.from_rdata_list(question.name, found.ttl, list(found)))
        return answer.to_wire()


@contextmanager
def name_server(origin: str, zone: str) -> Iterator[NameServer]:
    """Run a server for the zone ``origin`` until the context ends."""
    server = NameServer(origin, zone)
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        yield server
    finally:
        server.end()
        thread.join()
        server.close()


@contextmanager
def silent_resolver() -> Iterator[Resolver]:
    """A resolver whose server is there and never answers."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute:
        mute.bind(("127.0.0.1", 0))
        resolver = Resolver(configure=False)
        resolver.nameservers = ["127.0.0.1"]
        resolver.port = mute.getsockname()[1]
        yield resolver
