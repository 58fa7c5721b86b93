"""What goes wrong when metadata cross the border of the house."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Missing:
    """One value without which a format cannot be made: where it belongs (JSON Pointer) and why."""

    pointer: str
    message: str


class NotExportable(ValueError):
    """A format cannot be made from this record; ``missing`` says what it lacks."""

    def __init__(self, missing: list[Missing]) -> None:
        self.missing = missing
        super().__init__("; ".join(f"{entry.pointer}: {entry.message}" for entry in missing))


class NotReadable(ValueError):
    """The bytes are not a document of the format that was asked for, or not a safe one to open."""
