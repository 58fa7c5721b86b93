"""``shirushi describe``: a folder in; a table, JSON or an exchange format out. No server, no database."""

import argparse
import json
import locale
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shirushi.cli import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from rich.table import Table

    from shirushi.describe.cache import Cache
    from shirushi.describe.description import Description
    from shirushi.describe.evidence import Place, Suggestion
    from shirushi.describe.forms import Form
    from shirushi.describe.progress import Progress
    from shirushi.describe.rank import Model
    from shirushi.describe.seen import Context


def ranking(arguments: argparse.Namespace) -> "Model":
    """The model of a file that was given, else that of this installation, without what was withdrawn here.

    Raises:
        CommandError: the file holds no model.
    """
    from dataclasses import replace

    from shirushi.cli.instance import home_path
    from shirushi.describe.installed import model_in, model_of, withdrawn_in

    folder = home_path() / "models"
    if not arguments.model:
        return model_in(folder)
    try:
        return replace(model_of(Path(arguments.model)), withdrawn=withdrawn_in(folder))
    except (OSError, ValueError) as error:
        raise CommandError(f"{error}. Give a file that `shirushi train` wrote.") from error


def describe(arguments: argparse.Namespace) -> int:
    """Describe a folder or files and print the result."""
    from shirushi.describe import describe as run

    paths = [Path(name) for name in arguments.folder]
    for name in arguments.folder:
        if not (name and Path(name).exists()):  # Path("") would be the folder one is in
            raise CommandError(f"{name!r}: there is no such file or folder. Check the spelling, or give the full path.")
    form = form_in(arguments.form) if arguments.form else None
    if form and arguments.format:
        raise CommandError("--form fills a form and --as writes a record: give one of the two.")
    with shown_progress(quiet=arguments.quiet) as progress, kept(arguments) as cache:
        description = run(
            paths[0] if len(paths) == 1 else paths,
            target=form,
            context=context(lang(arguments.lang)),
            progress=progress,
            digests=bool(arguments.format) or arguments.json,
            exact=arguments.exact,
            cache=cache,
            pronom=arguments.pronom,
            model=ranking(arguments),
        )
    code = 0
    if arguments.llm_show or arguments.llm or arguments.llm_consent:
        from shirushi.cli import modelling

        if arguments.llm_show:
            return modelling.show(description)
        code = modelling.ask(description, context(lang(arguments.lang)), consent=arguments.llm_consent)
        if form:
            filled_again(description, form)
    if description.filled is not None:
        from shirushi.cli.filling import show_filled

        show_filled(
            description, lang(arguments.lang), arguments.output, as_json=arguments.json, evidence=arguments.evidence
        )
    elif arguments.json:
        text = json.dumps(description.to_json(evidence=arguments.evidence), ensure_ascii=False, indent=1) + "\n"
        deliver(text.encode("utf-8", "surrogatepass"), arguments.output)
    elif arguments.format:
        data = exported(description, arguments.format, arguments.above)
        deliver(data, arguments.output)
        if arguments.format == "jpcoar" and not arguments.quiet:
            tell_findings(data, lang(arguments.lang))
    else:
        show(description, lang(arguments.lang), arguments.output)
    return code


def tell_findings(data: bytes, language: str) -> None:
    """What harvesters of JPCOAR will refuse or miss in a record, beside the output: the XSD takes nearly everything."""
    from shirushi.exchange import jpcoar_rules

    for found in jpcoar_rules.judge(data):
        if found.path == "/jpcoar/identifier":  # which it gets when it is published
            continue
        words = found.what.in_(language)
        print(printable(f"JPCOAR {found.level} {found.code}: {found.path} – {words}"), file=sys.stderr)


def filled_again(description: "Description", form: "Form") -> None:
    """The form filled anew, with what a language model has pointed at since."""
    from shirushi.describe.forms.fill import fill
    from shirushi.describe.seen import EvidenceSet

    description.filled = fill(form, EvidenceSet(description.evidence, description.name), description.suggestions)


def form_in(name: str) -> "Form":
    """The form in a file that the command line names."""
    from shirushi.describe.forms import BadForm, read_form

    try:
        return read_form(name)
    except BadForm as error:
        raise CommandError(printable(str(error))) from error


def kept(arguments: argparse.Namespace) -> "AbstractContextManager[Cache | None]":
    """The cache that the command line asks for: this installation's own when it names none."""
    if arguments.no_cache:
        return nullcontext()
    from shirushi.cli.instance import home_path
    from shirushi.describe.cache import Cache

    return Cache(Path(arguments.cache) if arguments.cache else home_path() / "cache")


def context(language: str) -> "Context":
    """The language to compose in, today's date, and the organisations, where somebody imported them."""
    from shirushi.cli.references import vocabulary_file
    from shirushi.describe.seen import Context

    organisations = vocabulary_file("ror")
    return Context(
        language=language,
        today=datetime.now().astimezone().date(),
        ror=organisations if organisations.is_file() else None,
        classifier=organisations.parent.parent / "models" / "subjects.json",
        vocabularies=organisations.parent if organisations.parent.is_dir() else None,
    )


def lang(chosen: str | None) -> str:
    return chosen or ("ja" if (locale.getlocale()[0] or "").lower().startswith("ja") else "en")


def exported(description: "Description", name: str, above: float) -> bytes:
    """The description in an exchange format, made of suggestions with at least ``above`` confidence."""
    from shirushi.exchange.errors import NotExportable
    from shirushi.exchange.formats import export
    from shirushi.metadata.published import FileEntry, Publication

    tables = description.tables()
    files = [
        FileEntry(
            path=file.path,
            size=file.size,
            media_type=file.media_type,
            sha256=file.sha256,
            table=tables.get(file.path),
            puid=file.puid,
            pronom_format=file.pronom_format,
            pronom_version=file.pronom_version,
        )
        for file in description.files
        if file.sha256
    ]
    publication = Publication(
        work=description.work(above=above),
        files=files,
        file_count=description.file_count,
        total_size=description.total_size,
    )
    try:
        return export(name, publication)
    except NotExportable as error:
        raise CommandError(f"this folder cannot be written as {name}: {error}") from error


def deliver(data: bytes, output: str | None) -> None:
    """To the file, completely or not at all; otherwise to the screen."""
    if output is None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    target = Path(output)
    if not target.name:
        raise CommandError(f"{output!r} is no name of a file. Write -o and a name, or leave -o out.")
    unfinished = target.with_name(target.name + ".part")
    try:
        unfinished.write_bytes(data)
        unfinished.replace(target)
    except OSError as error:
        raise CommandError(f"{output}: cannot be written ({error.strerror}). Choose another place with -o.") from error


@contextmanager
def shown_progress(*, quiet: bool) -> "Iterator[Callable[[Progress], None]]":
    """A progress bar on a terminal; a line every thousand files elsewhere; nothing when quiet."""
    if quiet:
        yield lambda _: None
        return
    if not sys.stderr.isatty():
        yield _log_line
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[file]}", markup=False),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("walking", total=None, file="")

        def update(step: "Progress") -> None:
            bar.update(
                task, description=step.stage, completed=step.done, total=step.total, file=printable(step.file)[-40:]
            )

        yield update  # type: ignore[misc]


def _log_line(step: "Progress") -> None:
    if step.done and step.done % 1000 == 0:
        print(f"{step.stage}: {step.done} of {step.total or '?'}", file=sys.stderr)


def show(description: "Description", language: str, output: str | None) -> None:
    """Print the table: field, proposed value, confidence, where it was seen."""
    from rich.console import Console

    stream = sys.stdout if output is None else StringIO()
    console = Console(file=stream, width=None if stream.isatty() else WIDTH, highlight=False, markup=False)
    console.print(suggestion_table(description, language))
    for line in summary(description, language):
        console.print(line)
    for file, categories in description.concerns().items():
        console.print(concern(file, categories, language))
    if isinstance(stream, StringIO):
        deliver(stream.getvalue().encode(), output)


_CATEGORIES = {
    "personal-name": "氏名", "e-mail": "メールアドレス", "phone": "電話番号", "postal-address": "住所", "precise-location": "詳しい位置",
    "patient": "患者の情報", "national-id": "個人番号", "payment-card": "カード番号", "credential": "パスワードや鍵",
}  # fmt: skip


def concern(file: str, categories: list[str], language: str) -> str:
    """What should not be published by mistake, in a line."""
    if language == "ja":
        return f"! 公開の前に確認してください：{printable(file)} に {'、'.join(_CATEGORIES.get(c, c) for c in categories)} があるようです。"
    return f"! Look before you publish: {printable(file)} seems to hold {', '.join(c.replace('-', ' ') for c in categories)}."


WIDTH = 140  # of a table that nobody watches being printed


def suggestion_table(description: "Description", language: str) -> "Table":
    from rich.table import Table
    from rich.text import Text

    from shirushi.describe.evidence import confidence_word
    from shirushi.metadata.fields import FIELDS

    heads = (
        ("項目", "提案", "確かさ", "見た場所")
        if language == "ja"
        else ("Field", "Proposed value", "Confidence", "Seen in")
    )
    words = {"sure": "確実", "likely": "おそらく", "perhaps": "もしかすると"} if language == "ja" else {}
    table = Table(show_lines=False, pad_edge=False)
    for head, ratio in zip(heads, (2, 7, 2, 4), strict=True):
        table.add_column(head, ratio=ratio, overflow="fold")
    for spec in FIELDS:
        suggestions = description.for_field(spec.name)
        shown = suggestions[:MOST_ROWS]
        for position, suggestion in enumerate(shown):
            word = confidence_word(suggestion.confidence)
            table.add_row(
                Text(spec.label.in_(language) if position == 0 else ""),
                Text(("≠ " if suggestion.alternative else "") + shorten(value_in_words(suggestion))),
                Text(f"{words.get(word, word)} {suggestion.confidence:.2f}"),
                Text(seen_in(suggestion)),
            )
        if len(suggestions) > len(shown):
            more = len(suggestions) - len(shown)
            table.add_row("", Text(f"… ほか {more} 件" if language == "ja" else f"… and {more} more"), "", "")
    return table


MOST_ROWS = 12


def shorten(text: str, length: int = 300) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


def summary(description: "Description", language: str) -> list[str]:
    """Closing lines: how much was read, and what could not be."""
    from shirushi.describe.problems import say

    size = f"{description.total_size / 1e6:.1f} MB"
    if language == "ja":
        lines = [f"{description.file_count} ファイル（{size}）を {description.seconds:.1f} 秒で読みました。"]
    else:
        files = "1 file" if description.file_count == 1 else f"{description.file_count} files"
        lines = [f"Read {files} ({size}) in {description.seconds:.1f} s."]
    for problem in description.problems[:MOST_ROWS]:
        message = printable(say(problem, language))
        lines.append(f"! {printable(problem.file)}: {message}" if problem.file else f"! {message}")
    if len(description.problems) > MOST_ROWS:
        lines.append(f"! +{len(description.problems) - MOST_ROWS} (--json)")
    return lines


def value_in_words(suggestion: "Suggestion") -> str:
    """One line for a value of any field; ``shirushi describe --json`` has all of it."""
    value: Any = suggestion.value
    if not isinstance(value, dict):
        return one_line(str(value))
    match suggestion.target.split("/")[1]:
        case "creators" | "contributors":
            parts = [
                value["name"],
                value.get("role"),
                value.get("orcid"),
                *(a["name"] for a in value.get("affiliations", [])),
            ]
        case "dates":
            parts = [value["date"], value["type"]]
        case "locations":
            box = value.get("box")
            parts = [value.get("place"), box and f"{box['west']:g} {box['south']:g} {box['east']:g} {box['north']:g}"]
        case "funding":
            parts = [value["funder"], value.get("award")]
        case "instruments":
            parts = [value["name"], value.get("manufacturer"), value.get("model"), value.get("serial_number")]
        case "software":
            parts = [value["name"], value.get("version"), value.get("purpose")]
        case "related":
            parts = [value["identifier"], value["relation"]]
        case "variables":
            parts = [
                value["name"],
                value.get("type"),
                value.get("unit") and f"[{value['unit']}]",
                value.get("description"),
            ]
        case "rights":
            parts = [value.get("id") or value.get("text") or value.get("uri")]
        case "resource_type":
            parts = [value["general"], value.get("text")]
        case "alternate_identifiers":
            parts = [value["identifier"], value["type"]]
        case _:
            parts = [value.get("text") or value.get("name")]
    return one_line(" · ".join(str(part) for part in parts if part))


def seen_in(suggestion: "Suggestion") -> str:
    rest = len(suggestion.evidence) - 1
    return place_in_words(suggestion.evidence[0].place) + (f" (+{rest})" if rest else "")


def place_in_words(place: "Place") -> str:
    """``README.md:3``, ``data.csv column 2``, ``sea.nc /sst@units``, ``report.pdf p. 4``."""
    from shirushi.describe import evidence as kinds

    file = printable(place.file)
    match place:
        case kinds.LinePlace():
            return f"{file}:{place.start}"
        case kinds.CellPlace():
            sheet = f" [{place.sheet}]" if place.sheet else ""
            return f"{file}{sheet} " + (
                f"row {place.row}, column {place.column}" if place.row else f"column {place.column}"
            )
        case kinds.AttributePlace():
            return f"{file}{f':{place.line}' if place.line else ''} {printable(place.path)}"
        case kinds.PagePlace():
            return f"{file} p. {place.page}"
        case kinds.BytesPlace():
            return f"{file} byte {place.offset}"
    return file


def one_line(text: str) -> str:
    """The text without line breaks and runs of space, safe to print."""
    return printable(" ".join(text.split()))


def printable(text: str) -> str:
    """Control characters, line breaks and direction marks made visible, so that a file's name cannot draw on the terminal."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" if ord(c) > 0x7F else f"\\x{ord(c):02x}" for c in text)
