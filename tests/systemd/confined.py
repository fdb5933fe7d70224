"""A command -> the same command under a unit's filter of system calls, as systemd would set it.

Run as ``python confined.py CALLS FAMILIES COMMAND ...``, both being words joined by commas. What
is not allowed answers "not permitted". It needs no root and no systemd, only libseccomp.

Source: systemd.exec(5), SystemCallFilter=, RestrictAddressFamilies=, MemoryDenyWriteExecute=;
seccomp_rule_add(3).
"""

import ctypes
import errno
import os
import socket
import sys

LIBRARY = "libseccomp.so.2"
_ALLOW = 0x7FFF0000
_REFUSE = 0x00050000 | errno.EPERM
_EQUAL, _MASKED = 4, 7
_WRITE, _EXECUTE = 2, 4


class _Comparison(ctypes.Structure):
    _fields_ = (
        ("argument", ctypes.c_uint),
        ("how", ctypes.c_int),
        ("one", ctypes.c_uint64),
        ("other", ctypes.c_uint64),
    )


def confine(calls: list[str], families: list[str]) -> None:
    """Allow this process, and all it becomes and starts, nothing but ``calls``."""
    seccomp = ctypes.CDLL(LIBRARY)
    seccomp.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(seccomp.seccomp_init(_REFUSE))
    for name in calls:
        number = seccomp.seccomp_syscall_resolve_name(name.encode())
        for rule in _rules(name, families):
            seccomp.seccomp_rule_add_array(context, _ALLOW, number, len(rule), _array(rule))
    if seccomp.seccomp_load(context):
        sys.exit("the filter was not accepted")


def _rules(name: str, families: list[str]) -> list[list[_Comparison]]:
    """When a call is allowed: if all comparisons of one of these hold."""
    if name == "socket":
        return [[_Comparison(0, _EQUAL, getattr(socket, family), 0)] for family in families]
    if name == "mmap":
        both = _WRITE | _EXECUTE
        return [[_Comparison(2, _MASKED, both, bits)] for bits in (0, _WRITE, _EXECUTE)]
    if name in ("mprotect", "pkey_mprotect"):
        return [[_Comparison(2, _MASKED, _EXECUTE, 0)]]
    return [[]]


def _array(rule: list[_Comparison]) -> ctypes.Array[_Comparison]:
    return (_Comparison * max(1, len(rule)))(*rule)


if __name__ == "__main__":
    confine(sys.argv[1].split(","), sys.argv[2].split(","))
    os.execvp(sys.argv[3], sys.argv[3:])  # noqa: S606 -- the test's own command
