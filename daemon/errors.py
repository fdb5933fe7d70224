"""Errors that the owner can mend, told in three lines, and the exit codes that go with them."""

from enum import IntEnum


class ExitCode(IntEnum):
    """How the command ended.

    Source: sysexits(3), the BSD conventions for exit statuses.
    """

    OK = 0
    USAGE = 64
    UNAVAILABLE = 69
    TEMPORARY = 75
    NO_PERMISSION = 77
    CONFIG = 78


class UserError(Exception):
    """Something the owner can put right.

    Attributes:
        problem: What happened, in a sentence; one line for each where there are several.
        where: The file and line, the source or the option it happened in.
        remedy: What to type or to change.
        exit_code: What the command should end with.
    """

    def __init__(
        self, problem: str, where: str, remedy: str, *, exit_code: ExitCode = ExitCode.USAGE
    ) -> None:
        super().__init__(problem, where, remedy)
        self.problem = problem
        self.where = where
        self.remedy = remedy
        self.exit_code = exit_code

    def __str__(self) -> str:
        return f"{self.problem}\nWhere: {self.where}\nTry: {self.remedy}"
