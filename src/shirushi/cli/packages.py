"""``shirushi export``: a published record as a bag or an RO-Crate, as a ZIP or a folder."""

import argparse
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from shirushi.cli import CommandError
from shirushi.cli.records import actor, spoken

if TYPE_CHECKING:
    from shirushi.core.packaging import Package


@spoken
def export(arguments: argparse.Namespace) -> int:
    """Write the package beside its place and give it its name when it is whole: whoever finds it finds all of it."""
    from shirushi.core import rules
    from shirushi.core.models import Identifier, Record
    from shirushi.core.packaging import Package
    from shirushi.storage import StorageError

    wanted = arguments.record
    known = Record.objects.filter(pk=wanted).first()
    if known is None and (named := Identifier.objects.filter(value__iexact=wanted, record__isnull=False).first()):
        known = named.record
    if known is None:
        raise CommandError(f"there is no record {wanted}. Give its id or its DOI; `shirushi search` finds it.")
    if known.is_withdrawn:
        raise CommandError(f"{wanted}: was withdrawn, and its files with it. Nothing was written.")
    allowed = rules.can_read_files(actor(arguments.by), known)
    package = Package(known, arguments.format, with_files=allowed)
    to = Path(arguments.to)
    if to.is_dir():
        to = to / (package.name if arguments.zip else package.name.removesuffix(".zip"))
    as_zip = arguments.zip or to.suffix == ".zip"
    if to.exists():
        raise CommandError(f"{to}: is there already. Choose another place with --to, or move it away.")
    unfinished = to.with_name(f".{to.name}.{os.getpid()}.unfinished")
    try:
        if as_zip:
            _zip(package, unfinished)
        else:
            _folder(package, unfinished)
        unfinished.rename(to)
    except StorageError as error:
        raise CommandError(f"{error} Nothing was written.") from error
    except OSError as error:
        raise CommandError(f"{to}: cannot be written ({error.strerror}). Nothing was written.") from error
    finally:
        if unfinished.is_dir():
            shutil.rmtree(unfinished)
        else:
            unfinished.unlink(missing_ok=True)
    print(f"{to}: {known.files.count() if allowed else 0} files")
    if not allowed:
        print("! its files are not open to whom this was made for: the package names them and says where they lie")
    return 0


def _zip(package: "Package", to: Path) -> None:
    from shirushi.core.packaging import opened
    from shirushi.storage.zipping import in_turn

    with to.open("xb") as file:
        for piece in package.archive().stream(in_turn(opened)):
            file.write(piece)
        os.fsync(file.fileno())


def _folder(package: "Package", to: Path) -> None:
    to.mkdir()
    for part in package.parts():
        path = to / part.path
        path.parent.mkdir(parents=True, exist_ok=True)
        if part.path.endswith("/"):  # the payload of a bag without files
            path.mkdir()
            continue
        with part.open() as source, path.open("xb") as file:
            while chunk := source.read(1 << 20):
                file.write(chunk)
            os.fsync(file.fileno())
