"""Where the keys of a Zarr store lie in its ZIP, whose members are stored as they are: each is a range of bytes."""

import zipfile
from typing import BinaryIO

_LOCAL_HEADER = 30  # bytes before the name (APPNOTE.TXT 4.3.7); the lengths of name and extra field are its last four


def index_of(archive: BinaryIO) -> dict[str, tuple[int, int]]:
    """{key: (first byte, length)} of a ZIP that :mod:`.zarr` wrote."""
    found = {}
    with zipfile.ZipFile(archive) as opened:
        for item in opened.infolist():
            archive.seek(item.header_offset + _LOCAL_HEADER - 4)
            lengths = archive.read(4)
            name, extra = int.from_bytes(lengths[:2], "little"), int.from_bytes(lengths[2:], "little")
            found[item.filename] = (item.header_offset + _LOCAL_HEADER + name + extra, item.file_size)
    return found
