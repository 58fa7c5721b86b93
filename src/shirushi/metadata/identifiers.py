"""Arithmetic of identifiers, apart from the models so that using it costs nothing to import."""


def orcid_checksum(digits: str) -> str:
    """Check character of an ORCID iD from its first 15 digits (hyphens ignored). ISO/IEC 7064:2003 MOD 11-2."""
    total = 0
    for digit in digits.replace("-", ""):
        total = (total + int(digit)) * 2
    rest = (12 - total % 11) % 11
    return "X" if rest == 10 else str(rest)
