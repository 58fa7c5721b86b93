"""Errors that a person can act on, in both languages. Each face turns them into its own form in one place: a page,
problem+json or an exit code. A message says what happened, where, and what to do next."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shirushi.metadata.fields import Text2


class DomainError(Exception):
    """``code`` is stable and for programs, ``message`` for people, ``pointer`` the JSON Pointer of the value at fault."""

    status = 400
    code = "error"
    retry_after = 0  # seconds after which it makes sense to try again; 0: nobody knows

    def __init__(self, message: Text2, *, code: str | None = None, pointer: str = "") -> None:
        super().__init__(message.en)
        self.message = message
        self.code = code or type(self).code
        self.pointer = pointer

    def in_(self, lang: str) -> str:
        return self.message.in_(lang)

    def details(self) -> dict[str, Any]:
        """What a program needs besides code and message."""
        return {"pointer": self.pointer} if self.pointer else {}


class NotAllowed(DomainError):
    status = 403
    code = "not-allowed"


class NotFound(DomainError):
    status = 404
    code = "not-found"


class Conflict(DomainError):
    """Somebody was faster, or the thing is in a state that does not allow it. Nothing was changed. ``version`` is the
    draft's current version (None when there is no such thing)."""

    status = 409
    code = "conflict"

    def __init__(
        self, message: Text2, *, version: int | None = None, code: str | None = None, pointer: str = ""
    ) -> None:
        super().__init__(message, code=code, pointer=pointer)
        self.version = version

    def details(self) -> dict[str, Any]:
        return super().details() | ({} if self.version is None else {"version": self.version})


class Gone(DomainError):
    """It was here and was taken back. ``instead`` is the address of what stands in its place, where something does."""

    status = 410
    code = "gone"

    def __init__(self, message: Text2, *, code: str | None = None, pointer: str = "", instead: str = "") -> None:
        super().__init__(message, code=code, pointer=pointer)
        self.instead = instead

    def details(self) -> dict[str, Any]:
        return super().details() | ({"instead": self.instead} if self.instead else {})


class TooLarge(DomainError):
    status = 413
    code = "too-large"


class Locked(DomainError):
    """Somebody else is at it just now."""

    status = 423
    code = "in-use"


class TooMany(DomainError):
    """More at once than one person may have."""

    status = 429
    code = "too-many"


class Busy(DomainError):
    """Too much is asked for at once, of anybody: what is asked for takes long, and others are waiting for it."""

    status = 503
    code = "busy"
    retry_after = 5


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one value. ``pointer`` is a JSON Pointer into the metadata, e.g. ``/creators/0/orcid``."""

    pointer: str
    message: Text2

    def in_(self, lang: str) -> str:
        return self.message.in_(lang)


class Invalid(DomainError):
    """One or more values cannot be taken as they are. Nothing was changed."""

    status = 422
    code = "invalid"

    def __init__(self, message: Text2, *, errors: Sequence[FieldError] = (), code: str | None = None) -> None:
        super().__init__(message, code=code, pointer=errors[0].pointer if errors else "")
        self.errors = tuple(errors)

    def details(self) -> dict[str, Any]:
        return {
            "errors": [
                {"pointer": error.pointer, "message": error.message.en, "message_ja": error.message.ja}
                for error in self.errors
            ]
        }
