"""What a check says about one place in the store."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """``code`` as OCFL names it: E… is an error, W… a warning. ``place`` is relative to the storage root."""

    code: str
    place: str
    message: str

    @property
    def is_error(self) -> bool:
        return self.code.startswith("E")
