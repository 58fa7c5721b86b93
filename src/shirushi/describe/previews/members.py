"""What is in an archive, as a list. Nothing is unpacked."""

import lzma
import tarfile
import zipfile
import zlib
from datetime import UTC, datetime
from itertools import islice

from shirushi.describe.evidence import JSON
from shirushi.describe.previews.registry import Shape, Wanted
from shirushi.describe.readers.archives import MOST_UNPACKED, inner_name, leads_out
from shirushi.describe.readers.base import File, Unreadable
from shirushi.describe.readers.zips import DAMAGED

MOST_ENTRIES = 100_000
_TAR_DAMAGE = (tarfile.TarError, EOFError, OSError, zlib.error, lzma.LZMAError, ValueError)


def show_zip(file: File, wanted: Wanted) -> Shape | None:
    """``{"type": "members", ...}`` from the directory at the end of the file.

    Raises:
        Unreadable: that directory is damaged or cut off.
    """
    try:
        with zipfile.ZipFile(file.path) as archive:
            infos = archive.infolist()
    except DAMAGED as error:
        raise Unreadable("truncated" if "not a zip file" in str(error) else "malformed", str(error)) from error
    start = max(1, wanted.offset or 1)
    chosen = [
        _member(
            inner_name(info),
            None if info.is_dir() else info.file_size,
            packed=info.compress_size,
            when="{:04}-{:02}-{:02} {:02}:{:02}".format(*info.date_time[:5]) if info.date_time[0] > 1980 else "",
            encrypted=bool(info.flag_bits & 1),
        )
        for info in infos[start - 1 : start - 1 + wanted.limit]
    ]
    return _shape(chosen, start, total=len(infos), size=sum(info.file_size for info in infos))


def show_tar(file: File, wanted: Wanted) -> Shape | None:
    """The same of a tar, packed or not; None for what is packed and no tar. A packed one has to be run through to list it, so only
    its beginning is looked at: then ``total`` is None."""
    start = max(1, wanted.offset or 1)
    chosen: list[JSON] = []
    count = size = 0
    whole = True
    try:
        with tarfile.open(file.path, "r:*") as archive:
            for member in islice(archive, MOST_ENTRIES + 1):
                count, size = count + 1, size + member.size
                if start <= count < start + wanted.limit:
                    chosen.append(
                        _member(
                            member.name,
                            None if member.isdir() else member.size,
                            when=_moment(member.mtime),
                            link=member.linkname if member.issym() or member.islnk() else "",
                        )
                    )
                if count > MOST_ENTRIES or (file.media_type != "application/x-tar" and size > MOST_UNPACKED):
                    whole = False
                    break
    except _TAR_DAMAGE as error:
        if not count:
            if file.media_type == "application/x-tar":
                raise Unreadable("truncated", str(error)) from error
            return None
        whole = False
    return _shape(chosen, start, total=count if whole else None, size=size if whole else None)


def _member(
    name: str, size: int | None, *, packed: int | None = None, when: str = "", link: str = "", encrypted: bool = False
) -> dict[str, JSON]:
    """``size`` in bytes when unpacked, None of a folder."""
    return {
        "name": name[:1_000],
        "size": size,
        "packed": packed,
        "when": when,
        "link": link[:1_000],
        "encrypted": encrypted,
        "leads_out": leads_out(name),
    }


def _moment(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M") if seconds > 0 else ""
    except (OverflowError, ValueError, OSError):
        return ""


def _shape(chosen: list[JSON], start: int, *, total: int | None, size: int | None) -> Shape:
    return {"type": "members", "members": chosen, "start": start, "total": total, "unpacked": size}
