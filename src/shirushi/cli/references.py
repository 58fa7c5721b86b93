"""``shirushi vocabulary`` and ``shirushi schema``: official files that are too big or not ours to ship."""

import argparse
import json
import os
import shutil
import sys
from pathlib import Path

from shirushi.cli import CommandError
from shirushi.cli.instance import home, home_path


def vocabulary_file(name: str) -> Path:
    """Where an imported vocabulary is kept, one JSON term a line; it may not be there."""
    return home_path() / "vocabularies" / f"{name}.jsonl"


def schema_folder(name: str) -> Path:
    return home_path() / "schemas" / name


def import_vocabulary(arguments: argparse.Namespace) -> int:
    """Read the official file and put it in the place of what was there, completely or not at all."""
    from shirushi.describe.vocabulary import NotThatVocabulary, read

    source, target = Path(arguments.file), vocabulary_file(arguments.name)
    home()
    target.parent.mkdir(exist_ok=True)
    unfinished = target.with_suffix(".part")
    count = 0
    try:
        with unfinished.open("w", encoding="utf-8") as out:
            for term in read(arguments.name, source):
                out.write(json.dumps(term, ensure_ascii=False) + "\n")
                count += 1
            out.flush()
            os.fsync(out.fileno())
    except (NotThatVocabulary, UnicodeDecodeError) as error:
        unfinished.unlink()
        raise CommandError(f"{source}: not read as {arguments.name}: {error}") from error
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise CommandError(f"{source}: {error.strerror}. Check the path, then try again.") from error
    unfinished.replace(target)
    print(f"{arguments.name}: {count:,} terms")
    return 0


def list_vocabularies(_: argparse.Namespace) -> int:
    """Name and number of terms of each vocabulary that is loaded."""
    from shirushi.describe.vocabulary import READERS

    for name in READERS:
        file = vocabulary_file(name)
        if file.is_file():
            with file.open("rb") as stream:
                print(f"{name}: {sum(1 for _ in stream):,} terms")
        else:
            print(f"{name}: not loaded (shirushi vocabulary import {name} FILE)")
    return 0


def import_schema(arguments: argparse.Namespace) -> int:
    """Check that the files are a working schema set, then keep a copy; `shirushi check` holds exports against it."""
    from shirushi.exchange.xsd import SchemaUnusable, load

    source, target = Path(arguments.folder), schema_folder(arguments.name)
    try:
        load(arguments.name, source)
    except SchemaUnusable as error:
        raise CommandError(str(error)) from error
    home()
    unfinished = target.with_suffix(".part")
    shutil.rmtree(unfinished, ignore_errors=True)
    files = [file for file in source.rglob("*.xsd") if file.is_file() and not file.is_symlink()]
    for file in files:
        copy = unfinished / file.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)
    shutil.rmtree(target, ignore_errors=True)
    unfinished.replace(target)
    print(f"{arguments.name}: {len(files)} schema files", file=sys.stdout)
    return 0


def schema_faults() -> list[str]:
    """What the imported official schemas say against the exports of published records, one line a fault."""
    from shirushi.core.models import Record
    from shirushi.exchange.formats import export
    from shirushi.exchange.xsd import MAIN_FILE, faults, load
    from shirushi.metadata.published import Publication
    from shirushi.metadata.work import STORED

    wrong = []
    for name in MAIN_FILE:
        if not schema_folder(name).is_dir():
            continue
        schema = load(name, schema_folder(name))
        for record in Record.objects.only("id", "document").iterator(chunk_size=100):
            publication = Publication.model_validate(record.document["publication"], context=STORED)
            wrong += [f"{record.pk} as {name}: {fault}" for fault in faults(schema, export(name, publication))]
    return wrong
