#!/usr/bin/env python3
"""Make ``src/shirushi/describe/data/licences.xz`` from the SPDX licence texts.

Source: npm package ``spdx-license-list`` 6.12.0 (CC0-1.0), which holds the texts of the SPDX License List. The package is
fetched with ``npm pack`` and refused when its digest is another. Only 24-bit hashes of word trigrams are kept, not
the texts. The layout of the file is told in ``shirushi.describe.readers.licence_match``.

    python scripts/licences.py            # needs npm and the registry; writes the data file
    python scripts/licences.py FILE.tgz   # from an already fetched package
"""

import base64
import hashlib
import io
import json
import lzma
import subprocess
import sys
import tarfile
import tempfile
from array import array
from collections.abc import Iterator
from pathlib import Path

from shirushi.describe.readers.licence_match import DATA, features, words

PACKAGE = "spdx-license-list@6.12.0"
SHA512 = "+nUYqm3aZMSHbjsthK+i/HHI2okTElCvqwUd4k8QcSk+FTGgjq+fsdFj2wZOaX6XmR2JdWhf/NeflNnvKOjcnQ=="

GNU = ("GPL-", "LGPL-", "AGPL-", "GFDL-")


def main() -> None:
    package = Path(sys.argv[1]).read_bytes() if len(sys.argv) > 1 else fetch()
    if base64.b64encode(hashlib.sha512(package).digest()).decode() != SHA512:
        sys.exit(f"{PACKAGE}: the digest is not the pinned one; nothing written")
    data = pack(told_apart({spdx: (name, features(words(text))) for spdx, name, text in texts(package)}))
    DATA.parent.mkdir(parents=True, exist_ok=True)
    DATA.write_bytes(data)
    print(f"{DATA.name}: {len(data):,} bytes")


def fetch() -> bytes:
    """The package as the npm registry gives it."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            ["npm", "pack", "--silent", PACKAGE], cwd=folder, check=True, capture_output=True, text=True
        )
        return (Path(folder) / done.stdout.strip().splitlines()[-1]).read_bytes()


def texts(package: bytes) -> Iterator[tuple[str, str, str]]:
    """(SPDX id, name, text) of every licence under its current id, in the order of the ids."""
    with tarfile.open(fileobj=io.BytesIO(package), mode="r:gz") as archive:
        for member in sorted(archive.getmembers(), key=lambda m: m.name):
            spdx = Path(member.name).stem
            if not member.name.startswith("package/licenses/") or not wanted(spdx):
                continue
            stream = archive.extractfile(member)
            assert stream is not None
            entry = json.load(stream)
            yield spdx, entry["name"], entry["licenseText"]


def wanted(spdx: str) -> bool:
    """One id for one text: of the GNU licences the ``-only`` one; which of the two it is, a notice tells."""
    return spdx.endswith("-only") or not spdx.startswith(GNU)


def told_apart(licences: dict[str, tuple[str, set[int]]]) -> dict[str, tuple[str, set[int]]]:
    """One id for one text, the shortest; and the LGPL 3 without the GPL 3 that the list prints beneath it."""
    lesser, gnu = licences["LGPL-3.0-only"], licences["GPL-3.0-only"]
    licences = licences | {"LGPL-3.0-only": (lesser[0], lesser[1] - gnu[1])}
    chosen: dict[frozenset[int], str] = {}
    for spdx in sorted(licences, key=lambda name: (len(name), name)):
        chosen.setdefault(frozenset(licences[spdx][1]), spdx)
    return {spdx: licences[spdx] for spdx in sorted(chosen.values())}


def pack(licences: dict[str, tuple[str, set[int]]]) -> bytes:
    """The data file: an inverted index from hash to the set of licences that have it."""
    owners: dict[int, list[int]] = {}
    for number, (_, hashes) in enumerate(licences.values()):
        for value in hashes:
            owners.setdefault(value, []).append(number)
    hashes = sorted(owners)
    sets: dict[tuple[int, ...], int] = {}
    ids = array("H", (sets.setdefault(tuple(owners[value]), len(sets)) for value in hashes))
    if sys.byteorder == "big":
        ids.byteswap()
    gaps = array("I", (after - before for before, after in zip([0, *hashes], hashes, strict=False)))
    header = {
        "source": f"npm {PACKAGE}",
        "licences": [[spdx, name.replace(" only", ""), len(found)] for spdx, (name, found) in licences.items()],
        "sets": list(sets),
        "count": len(hashes),
    }
    # the bytes of all gaps by place value: equal bytes stand together, which compresses best
    raw = gaps.tobytes()
    planes = b"".join(raw[place::4] for place in range(4))
    return lzma.compress(json.dumps(header, separators=(",", ":")).encode() + b"\n" + planes + ids.tobytes(), preset=9)


if __name__ == "__main__":
    main()
