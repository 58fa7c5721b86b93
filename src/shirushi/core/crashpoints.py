"""Places at which a test may end the process. In production :func:`reach` does nothing: no hook is ever installed.

Every name is listed, so that a test can go through all of them and notices when one is no longer reached.
"""

from collections.abc import Callable
from typing import Literal, get_args

Point = Literal[
    "put_file: bytes stored",
    "put_file: row written",
    "put_file: committed",
    "upload: bytes kept",
    "upload: blob stored",
    "upload: committed",
    "describe: claimed",
    "describe: read",
    "describe: description stored",
    "describe: suggestions written",
    "describe: committed",
    "exact: counted",
    "exact: written",
    "exact: committed",
    "decide: written",
    "decide: committed",
    "publish: claimed",
    "publish: object committed",
    "publish: record written",
    "publish: committed",
    "withdraw: object committed",
    "withdraw: written",
    "withdraw: committed",
    "access: object committed",
    "access: written",
    "dispose: object committed",
    "dispose: written",
    "dispose: committed",
    "dispose: object removed",
    "dispose: blobs removed",
    "follow: applied",
    "follow: position written",
    "usage: counted",
]
POINTS: tuple[str, ...] = get_args(Point)

hook: Callable[[str], None] | None = None


def reach(name: Point) -> None:
    if hook is not None:
        hook(name)
