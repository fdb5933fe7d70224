"""Turns folders of one-message files into batches of messages, by the time each file changed.

The time of the last status change (ctime) orders the files, because unlike the time of
modification no program can set it: whatever is delivered, copied or moved in later is later. A
cursor is a pair of marks in that order, one for sent mail, which is read first, one for the rest.
"""

import os
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import blake2b
from itertools import batched
from pathlib import Path
from typing import NamedTuple, Protocol
