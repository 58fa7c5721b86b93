"""What was set aside, taken away for good: only where somebody decided that an object's bytes must go."""

import hashlib
import json
from collections.abc import Mapping

from shirushi.storage.files import CHUNK, Files


def forget(files: Files, object_id: str, digests: Mapping[str, int]) -> int:
    """Delete what was set aside of an object, and of what nobody knows whose it was the files with these ``digests`` (SHA-512, with
    their sizes). Returns how many trees and files went. Nothing else that was set aside is touched."""
    gone, sizes = 0, set(digests.values())
    for tree, reason in list(files.aside_trees()):
        whose = _object_of(reason)
        if whose == object_id:
            files.remove_aside(tree)
            gone += 1
        elif not whose:
            for path, size in list(files.aside_files(tree)):
                if size in sizes and _sum(files, path) in digests:
                    files.remove_aside(path)
                    gone += 1
    return gone


def _sum(files: Files, path: str) -> str:
    digest = hashlib.sha512()
    with files.open_aside(path) as content:
        while chunk := content.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _object_of(reason: bytes) -> str:
    try:
        return str(json.loads(reason).get("object_id") or "")
    except (ValueError, AttributeError):
        return ""
