"""``shirushi instrument``: one export of an instrument in; what it says, or its Allotrope Simple Model, out."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from shirushi.cli import CommandError

if TYPE_CHECKING:
    from shirushi.describe.evidence import JSON

CONVERT = "shirushi.describe.readers.instruments:standard"
READ = "shirushi.describe.readers.instruments:read_facts"
SECONDS, MIB = 60.0, 768


def instrument(arguments: argparse.Namespace) -> int:
    """Print what a file says, read in a process of its own with bounded time and memory."""
    from shirushi.cli.describing import deliver
    from shirushi.describe.identify import identify
    from shirushi.describe.isolate import MIB as BYTES
    from shirushi.describe.isolate import Failure, Limits, Pool
    from shirushi.describe.readers import allotrope

    path = Path(arguments.file)
    if not arguments.file or not path.is_file():
        raise CommandError(f"{arguments.file!r}: there is no such file. Check the spelling, or give the full path.")
    if arguments.to == "asm" and not allotrope.is_installed():
        raise CommandError(
            "The parsers of instrument exports are not installed. Add them: pip install 'shirushi[lab]'."
        )
    path = path.resolve()
    what = identify(path, path.name)
    given: dict[str, JSON] = {
        "path": str(path),
        "name": path.name,
        "size": path.stat().st_size,
        "media_type": what.media_type,
        "format": what.format,
    }
    with Pool(1, limits=Limits(seconds=SECONDS, memory=MIB * BYTES, answer=256 * BYTES)) as pool:
        try:
            answer = pool.call(CONVERT if arguments.to == "asm" else READ, **given)
        except Failure as failure:
            raise CommandError(f"{arguments.file}: {_reason(failure.code, failure.message)}") from failure
    if arguments.to == "facts" and not answer:
        raise CommandError(f"{arguments.file}: nothing in it speaks of an instrument or a measurement.")
    deliver(
        (json.dumps(answer, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "surrogatepass"), arguments.output
    )
    return 0


def _reason(code: str, message: str) -> str:
    match code:
        case "not-recognised":
            return (
                "no parser knows this kind of export, so there is no standard form of it. "
                "See what its own words say: shirushi instrument FILE"
            )
        case "malformed":
            return f"it looks like an export that is known, but it was refused ({message}). Export it again, with its header."
        case "timeout" | "out-of-memory" | "crash" | "too-large":
            return f"it could not be read within the limits ({message}). Export a smaller part of it."
        case _:
            return f"it could not be read ({code}: {message})."
