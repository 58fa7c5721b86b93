"""Writes docs/reference from the code, so that it cannot say anything else than the code does.

usage: python scripts/make_reference.py docs/reference        (make docs)
A test compares the result with what is committed.
"""

import argparse
import os
import sys
from pathlib import Path

from shirushi.cli import build_parser
from shirushi.describe.kinds import KINDS
from shirushi.metadata import vocabularies
from shirushi.metadata.fields import FIELDS

NOTE = "<!-- written by `make docs`; change the code instead -->\n\n"


def commands() -> str:
    parts = ["# Commands\n", NOTE, "```\n" + plain(build_parser()) + "```\n"]
    for name, parser in subparsers(build_parser()):
        parts.append(f"\n## shirushi {name}\n\n```\n{plain(parser)}```\n")
    return "".join(parts)


def plain(parser: argparse.ArgumentParser) -> str:
    os.environ["COLUMNS"] = "110"
    return parser.format_help()


def subparsers(parser: argparse.ArgumentParser, before: str = "") -> list[tuple[str, argparse.ArgumentParser]]:
    found = []
    for action in parser._actions:  # noqa: SLF001 - argparse has no public way to list its commands
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            for name, child in action.choices.items():
                found.append((f"{before}{name}", child))
                found += subparsers(child, f"{before}{name} ")
    return found


def fields() -> str:
    rows = [
        "# Fields of a record\n",
        NOTE,
        "| field | label | 日本語 | one or many | needed | why it is asked for | example |\n",
    ]
    rows.append("| --- | --- | --- | --- | --- | --- | --- |\n")
    for spec in FIELDS:
        many = "many" if spec.many else "one"
        rows.append(
            f"| `{spec.name}` | {spec.label.en} | {spec.label.ja} | {many} | {spec.level} | {spec.why.en} | {spec.example} |\n"
        )
    rows.append("\nShapes of the values: `shirushi.metadata.work`. Controlled lists are DataCite 4.7's:\n\n")
    lists = ("ResourceTypeGeneral", "TitleType", "ContributorRole", "DateType", "DescriptionType", "RelationType")
    rows += [f"* **{name}**: {', '.join(vocabularies.terms(getattr(vocabularies, name)))}\n" for name in lists]
    return "".join(rows)


def evidence() -> str:
    rows = ["# Kinds of evidence\n", NOTE, "| kind | value |\n| --- | --- |\n"]
    for kind, value in KINDS.items():
        rows.append(f"| `{kind}` | {value.replace('|', chr(92) + '|')} |\n")
    return "".join(rows)


def formats() -> str:
    from shirushi.exchange.formats import FORMATS

    rows = ["# Formats\n", NOTE, "| name | what | media type | file |\n| --- | --- | --- | --- |\n"]
    for name, item in FORMATS.items():
        rows.append(f"| `{name}` | {item.label.en} | `{item.media_type}` | `.{item.extension.lstrip('.')}` |\n")
    return "".join(rows)


def rest() -> str:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shirushi.web.settings_test")
    import django

    django.setup()
    from shirushi.systems.repository.api import api

    rows = [
        "# REST\n",
        NOTE,
        "The OpenAPI document is at `/api/openapi.json`. Errors are `application/problem+json` (RFC 9457).\n",
        "What clients of InvenioRDM are answered is in [inveniordm.md](../how-to/inveniordm.md).\n\n",
    ]
    rows.append("| method and path | what | answers |\n| --- | --- | --- |\n")
    for path, methods in api.get_openapi_schema(path_prefix="/api/")["paths"].items():
        for method, operation in methods.items():
            answers = ", ".join(sorted(str(code) for code in operation["responses"]))
            rows.append(f"| `{method.upper()} {path}` | {operation.get('summary', '')} | {answers} |\n")
    return "".join(rows)


INDEX = """# Reference

| page | what |
| --- | --- |
| [commands.md](commands.md) | the command line |
| [fields.md](fields.md) | the fields of a record and their controlled lists |
| [evidence.md](evidence.md) | the kinds of evidence that readers give |
| [formats.md](formats.md) | the formats records are written in |
| [rest.md](rest.md) | the REST interface |
| [settings.md](settings.md) | environment variables |
"""

PAGES = {"commands": commands, "fields": fields, "evidence": evidence, "formats": formats, "rest": rest}


def main(target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    (target / "README.md").write_text(INDEX, encoding="utf-8")
    for name, page in PAGES.items():
        (target / f"{name}.md").write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
