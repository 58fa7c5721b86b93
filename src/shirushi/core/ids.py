"""Ids made here. Both kinds use Crockford's base32 in lower case: no ``i``, ``l``, ``o`` or ``u`` to misread.

Source: Douglas Crockford, "Base 32" (https://www.crockford.com/base32.html), its check symbols included.
"""

import secrets
import threading
import time

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_CHECK = ALPHABET + "*~$=u"
_EPOCH_MS = 1_577_836_800_000  # 2020-01-01T00:00:00Z
_TIME_CHARACTERS = 9  # 45 bits of milliseconds: until the year 3134
_RANDOM_CHARACTERS = 5
_SUFFIX_CHARACTERS = 8


def encode(number: int, length: int) -> str:
    """``number`` in base 32, padded with 0 to ``length`` characters. Raises ValueError when it does not fit."""
    if number < 0 or number >= 32**length:
        raise ValueError(f"{number} does not fit in {length} base32 characters")
    return "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(length)))


_making = threading.Lock()
_last = (0, 0)  # milliseconds and random number of the last id of this process


def new_id() -> str:
    """A short id (14 characters) that sorts by the time it was made, with 25 random bits against guessing twice.

    Within a process the order is strict: where the clock has not moved on, or went back, the number after the last is taken.
    """
    global _last
    with _making:
        elapsed, random = time.time_ns() // 1_000_000 - _EPOCH_MS, secrets.randbits(5 * _RANDOM_CHARACTERS)
        if elapsed <= _last[0]:
            over, random = divmod(_last[1] + 1, 32**_RANDOM_CHARACTERS)
            elapsed = _last[0] + over
        _last = (elapsed, random)
    return encode(elapsed, _TIME_CHARACTERS) + encode(random, _RANDOM_CHARACTERS)


def check_character(text: str) -> str:
    """The check character of a base32 text: its number modulo 37, as Crockford defines it.

    Raises:
        ValueError: for a character outside the alphabet.
    """
    number = 0
    for character in text:
        number = number * 32 + ALPHABET.index(character)
    return _CHECK[number % 37]


def new_suffix() -> str:
    """A random suffix for an identifier, e.g. ``4h7k-2m9qx``: eight characters (40 bits), then their check character.

    A draw whose check character is one of ``* ~ $ =`` or the letter ``u`` is drawn again: those would be awkward in an address.
    """
    while True:
        text = encode(secrets.randbits(5 * _SUFFIX_CHARACTERS), _SUFFIX_CHARACTERS)
        check = check_character(text)
        if check in ALPHABET:
            return f"{text[:4]}-{text[4:]}{check}"


def suffix_is_sound(suffix: str) -> bool:
    """Whether the last character is the check character of the others: finds every single mistyped character."""
    text = suffix.lower().replace("-", "")
    if len(text) != _SUFFIX_CHARACTERS + 1 or any(character not in ALPHABET for character in text):
        return False
    return check_character(text[:-1]) == text[-1]
