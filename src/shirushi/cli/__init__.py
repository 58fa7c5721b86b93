"""The command ``shirushi``. Each command lives in a module of its own, imported only when it is the one that runs.

Exit codes: 0 done, 1 the work could not be done (the reason stands on stderr), 2 the command line is wrong,
130 stopped with Ctrl-C.
"""

import argparse
import errno
import importlib
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path

from shirushi import __version__

FORMATS = (
    "datacite", "datacite-json", "jpcoar", "schema-org", "ro-crate", "croissant", "datapackage", "bibtex", "csl", "ris",
)  # fmt: skip


ANSWERS = ("not-personal", "consented", "remove", "restrict")
SCOPES = ("read", "deposit", "decide", "publish", "operate")


class CommandError(Exception):
    """What a command tells the person instead of a traceback: what happened, where, what to do next."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. ``argv`` without the program's name; returns the exit code."""
    arguments = build_parser().parse_args(argv)
    if arguments.home:
        os.environ["SHIRUSHI_HOME"] = arguments.home
    _prepare_output()
    module, _, function = arguments.run.partition(":")
    try:
        code = int(getattr(importlib.import_module(f"shirushi.cli.{module}"), function)(arguments) or 0)
        sys.stdout.flush()
    except CommandError as error:
        print(f"shirushi: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("shirushi: stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:
        _let_go_of_output()  # the reader (head, less) went away: that is no error
        return 0
    except OSError as error:
        if isinstance(error, FileNotFoundError) and _stands_nowhere():
            print(
                "shirushi: the folder that you are in was deleted. Go to another one, then run the command again.",
                file=sys.stderr,
            )
            return 1
        reason = _OUR_SURROUNDINGS.get(error.errno or 0)
        if reason is None:
            raise
        _let_go_of_output()
        print(f"shirushi: {reason} ({error.strerror}).", file=sys.stderr)
        return 1
    return code


# What the machine refuses whatever the command does; anything else is a mistake of ours and shows where it was made.
_OUR_SURROUNDINGS = {
    errno.ENOSPC: "there is no space left where the output or the data go; free some, then run the command again",
    errno.EDQUOT: "the quota where the output or the data go is used up; free some space, then run the command again",
    errno.EROFS: "the place where the output or the data go is read-only; choose another with -o or --home",
    errno.EIO: "the disk does not answer as it should; look at its health before you go on",
}


def _prepare_output() -> None:
    """Output that cannot write a character (a Windows code page, say) shows its code; closed output swallows what is said."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123 - for the life of the process
        elif isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _stands_nowhere() -> bool:
    try:
        Path.cwd()
    except FileNotFoundError:
        return True
    return False


def _let_go_of_output() -> None:
    """Python would complain while flushing at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def build_parser() -> argparse.ArgumentParser:
    """The whole command line, without importing what the commands need (``--help`` stays under 0.4 s)."""
    parser = argparse.ArgumentParser(
        prog="shirushi",
        description="Nobody types what the data already says: a folder becomes a described, published, findable record.",
    )
    parser.add_argument("--version", action="version", version=f"shirushi {__version__}")
    parser.add_argument("--home", metavar="DIR", help="where this installation keeps its data (or set SHIRUSHI_HOME)")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    describe = commands.add_parser(
        "describe", help="say what a folder holds, with evidence; needs no server and no database"
    )
    describe.add_argument("folder", nargs="+", help="a folder, or files")
    shape = describe.add_mutually_exclusive_group()
    shape.add_argument("--json", action="store_true", help="print the whole Description as JSON")
    shape.add_argument(
        "--as", dest="format", choices=FORMATS, metavar="FORMAT", help=f"print a format: {', '.join(FORMATS)}"
    )
    describe.add_argument(
        "--form", metavar="FILE", help="fill this form: a JSON Schema, or a registration schema of OSF or GakuNin RDM"
    )
    describe.add_argument(
        "--above", type=confidence, default=0.5, metavar="0..1", help="lowest confidence that --as takes (0.5)"
    )
    describe.add_argument("--evidence", action="store_true", help="with --json: include everything that was seen")
    describe.add_argument(
        "--pronom", action="store_true", help="look up each file's format in PRONOM too (needs shirushi[preserve])"
    )
    describe.add_argument(
        "--model", metavar="FILE", help="rank by this model, which `shirushi train` wrote (that of the installation)"
    )
    describe.add_argument("--exact", action="store_true", help="read every row of large tables, not a sample")
    cache_options(describe)
    describe.add_argument("-o", "--output", "--out", metavar="FILE", help="write there instead of to the screen")
    describe.add_argument("-q", "--quiet", action="store_true", help="no progress")
    describe.add_argument("--lang", choices=("en", "ja"), help="language of the field names (from LANG)")
    describe.add_argument(
        "--llm",
        action="store_true",
        help="also ask the language model at SHIRUSHI_LLM_URL, after showing what would be sent; exit code 3 when it gives no "
        "usable answer (the description is printed all the same)",
    )
    describe.add_argument(
        "--llm-show", action="store_true", help="print what --llm would send and its SHA-256, and send nothing"
    )
    describe.add_argument("--llm-consent", metavar="SHA256", help="send what --llm-show printed, without asking")
    describe.set_defaults(run="describing:describe")

    instrument = commands.add_parser(
        "instrument", help="what an instrument's export says; with --to asm, in the Allotrope Simple Model"
    )
    instrument.add_argument("file", metavar="FILE", help="an export of an instrument's software")
    instrument.add_argument("--to", choices=("facts", "asm"), default="facts", help="what to print, as JSON (facts)")
    instrument.add_argument("-o", "--output", metavar="FILE", help="write there instead of to the screen")
    instrument.set_defaults(run="instruments:instrument")

    many = commands.add_parser(
        "describe-many", help="describe many folders, each into a JSON file; goes on where it ended"
    )
    many.add_argument("folder", nargs="*", help="folders")
    many.add_argument("--list", metavar="FILE", help="a file with one folder a line, or - for standard input")
    many.add_argument("--out", metavar="DIR", required=True, help="where the descriptions go")
    many.add_argument(
        "--again", action="store_true", help="describe also folders whose files and options are as they were"
    )
    many.add_argument("--exact", action="store_true", help="read every row of large tables, not a sample")
    many.add_argument(
        "--pronom", action="store_true", help="look up each file's format in PRONOM too (needs shirushi[preserve])"
    )
    many.add_argument(
        "--model", metavar="FILE", help="rank by this model, which `shirushi train` wrote (that of the installation)"
    )
    many.add_argument("--evidence", action="store_true", help="include everything that was seen")
    where = many.add_mutually_exclusive_group()
    where.add_argument(
        "--workers", type=workers, metavar="N", help="how many folders at a time (one for each processor)"
    )
    where.add_argument(
        "--ray", nargs="?", const="", metavar="ADDRESS", help="on the Ray cluster there, or one started on this machine"
    )
    many.add_argument(
        "--time-limit", type=seconds, default=1800.0, metavar="SECONDS", help="for one folder, which fails then (1800)"
    )
    cache_options(many)
    many.add_argument("-q", "--quiet", action="store_true", help="no progress")
    many.add_argument("--lang", choices=("en", "ja"), help="language of composed texts (from LANG)")
    many.set_defaults(run="many:describe_many")

    deposit = commands.add_parser("deposit", help="keep a folder as a draft of this installation, and describe it")
    deposit.add_argument("folder", help="a folder")
    deposit.add_argument("--space", metavar="SLUG", help="where the draft belongs (the only or first space)")
    deposit.add_argument("-q", "--quiet", action="store_true", help="no progress")
    actor_option(deposit)
    deposit.set_defaults(run="records:deposit")

    publish = commands.add_parser("publish", help="publish a draft")
    publish.add_argument("draft", help="its id, as `shirushi deposit` printed it")
    publish.add_argument(
        "--accept",
        choices=("sure", "likely", "perhaps", "none"),
        default="none",
        help="first accept suggestions this sure or more (none)",
    )
    actor_option(publish)
    publish.set_defaults(run="records:publish")

    answer = commands.add_parser(
        "answer", help="see and answer what is asked about a draft's data before it is published"
    )
    answer.add_argument("draft", help="its id, as `shirushi deposit` printed it")
    answer.add_argument("question", nargs="?", help="the question's id; without one, all are listed")
    answer.add_argument("choice", nargs="?", choices=ANSWERS, metavar="ANSWER", help=f"one of: {', '.join(ANSWERS)}")
    answer.add_argument("--json", action="store_true", help="print JSON")
    actor_option(answer)
    answer.set_defaults(run="records:answer")

    search = commands.add_parser("search", help="find published records")
    search.add_argument("words", nargs="*", help='words, "phrases", -not, field:value')
    search.add_argument("--limit", type=hits, default=10, metavar="N", help="how many at most, up to 100 (10)")
    search.add_argument("--json", action="store_true", help="print JSON")
    search.set_defaults(run="records:search")

    export = commands.add_parser("export", help="write a published record as a bag or an RO-Crate, with its files")
    export.add_argument("record", help="its id or DOI")
    export.add_argument("--as", dest="format", choices=("bagit", "ro-crate"), default="bagit", help="which (bagit)")
    export.add_argument("--to", metavar="PLACE", default=".", help="a folder, or a file whose name ends in .zip (here)")
    export.add_argument("--zip", action="store_true", help="one ZIP in that folder")
    actor_option(export)
    export.set_defaults(run="packages:export")

    take_in = commands.add_parser(
        "import",
        help="a package (bag, RO-Crate) into a draft; with --from, records of another repository, which keep their DOIs",
    )
    take_in.add_argument("path", nargs="+", help="a ZIP, tar or folder; with --from: files, or folders of them")
    take_in.add_argument(
        "--from", dest="source", choices=("inveniordm", "dataverse", "weko3", "datacite"),
        help="what the files are: JSON of InvenioRDM, Zenodo or Dataverse, RO-Crate or TSV of WEKO3, DataCite XML",
    )  # fmt: skip
    take_in.add_argument(
        "--files",
        metavar="DIR",
        help="where the records' files lie, each record's in a folder named like its id or file",
    )
    take_in.add_argument(
        "--fetch", action="store_true", help="have files that are not given fetched from where they lie (by a worker)"
    )
    take_in.add_argument(
        "--publish", action="store_true", help="publish what nothing keeps from it; the others stay drafts"
    )
    take_in.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
    take_in.add_argument("--report", metavar="FILE", help="add what became of each record there, as JSON Lines")
    take_in.add_argument("--json", action="store_true", help="print JSON Lines")
    take_in.add_argument("--space", metavar="SLUG", help="where they belong (the only or first space)")
    take_in.add_argument("-q", "--quiet", action="store_true", help="no progress")
    actor_option(take_in)
    take_in.set_defaults(run="importing:take_in")

    check = commands.add_parser("check", help="compare store, database and index, and say what is wrong")
    check.add_argument(
        "--repair",
        action="store_true",
        help="mend what can be mended; deletes only what was decided to be disposed of, where that was not finished",
    )
    check.add_argument("--json", action="store_true", help="print JSON")
    check.set_defaults(run="records:check")

    scrub = commands.add_parser(
        "scrub", help="read every stored byte against its digest, going on where it ended; the worker does it by itself"
    )
    scrub.add_argument(
        "--rate", type=rate, metavar="BYTES", help="at most so many a second, 0 for no bound (SHIRUSHI_SCRUB_RATE)"
    )
    scrub.add_argument("--json", action="store_true", help="print JSON")
    scrub.set_defaults(run="keeping:scrub")

    fair = commands.add_parser(
        "fair", help="how FAIR a draft or a record is, by the metrics of F-UJI, and what would raise it"
    )
    fair.add_argument("id", help="a draft's or a record's")
    fair.add_argument("--lang", choices=("en", "ja"), help="language of the words (from LANG)")
    fair.add_argument("--json", action="store_true", help="print JSON")
    fair.set_defaults(run="judging:fair")

    backup = commands.add_parser(
        "backup", help="copy everything that cannot be made again into one file, while others work"
    )
    backup.add_argument("file", help="a tar file that is not there yet")
    backup.add_argument("--json", action="store_true", help="print JSON")
    backup.set_defaults(run="keeping:backup")

    restore = commands.add_parser(
        "restore", help="put a copy back into an empty SHIRUSHI_HOME, and look whether it is sound"
    )
    restore.add_argument("file", help="what `shirushi backup` made")
    restore.add_argument("--json", action="store_true", help="print JSON")
    restore.set_defaults(run="keeping:restore")

    rebuild = commands.add_parser("rebuild", help="make records again from the object store, or what follows from them")
    rebuild.add_argument(
        "what",
        nargs="?",
        default="records",
        choices=("records", "index", "statistics", "feeds", "derived"),
        help="records (the default): everything published, from the object store alone, and the others with it; index, statistics or "
        "feeds: this alone, from the records; derived: Parquet and Zarr are made again from the files, in the background",
    )
    rebuild.add_argument("--json", action="store_true", help="print JSON")
    rebuild.set_defaults(run="records:rebuild")

    derive = commands.add_parser("derive", help="make Parquet and Zarr from the files of published records, now")
    derive.add_argument("record", nargs="*", metavar="ID", help="of these records (all that stand)")
    derive.add_argument("--json", action="store_true", help="print JSON")
    derive.set_defaults(run="records:derive")

    run = commands.add_parser("run", help="start the server and its worker on this machine")
    run.add_argument("--port", type=port, default=8000, help="8000")
    run.add_argument("--host", default="127.0.0.1", help="127.0.0.1")
    run.add_argument("--demo", action="store_true", help="first load the sample folders and a demo account")
    run.set_defaults(run="server:run")

    serve = commands.add_parser(
        "serve", help="the server and its worker as a service: no demonstration, a public address"
    )
    serve.add_argument("--port", type=port, default=8000, help="8000")
    serve.add_argument("--host", default="127.0.0.1", help="127.0.0.1, for a proxy on this machine")
    serve.add_argument("--without-worker", action="store_true", help="workers run elsewhere (shirushi worker)")
    serve.set_defaults(run="server:serve_for_good")

    worker = commands.add_parser("worker", help="work on background jobs only (`run` starts one by itself)")
    worker.set_defaults(run="server:worker")

    user = commands.add_parser("user", help="add a person who may sign in")
    user.add_argument("email")
    user.add_argument("--name", default="")
    user.add_argument("--role", choices=("depositor", "curator", "operator"), default="depositor")
    user.add_argument("--space", metavar="SLUG", help="where (the only or first space)")
    user.set_defaults(run="records:add_user")

    token_commands(commands.add_parser("token", help="keys with which people's programs use the REST interface"))

    learning_commands(commands)
    retention_commands(commands.add_parser("retention", help="records whose retention is over, and disposing of one"))

    vocabulary = commands.add_parser("vocabulary", help="load a vocabulary from its official file")
    actions = vocabulary.add_subparsers(metavar="ACTION", required=True)
    load = actions.add_parser("import", help="ror, ndc or kaken-sections, from a file of yours")
    load.add_argument("name", choices=("ror", "ndc", "kaken-sections"))
    load.add_argument("file")
    load.set_defaults(run="references:import_vocabulary")
    listing = actions.add_parser("list", help="what is loaded")
    listing.set_defaults(run="references:list_vocabularies")

    schema = commands.add_parser("schema", help="load official schemas, to check exports against")
    actions = schema.add_subparsers(metavar="ACTION", required=True)
    load = actions.add_parser("import", help="the folder of an XSD set, e.g. DataCite kernel-4")
    load.add_argument("name", choices=("datacite", "jpcoar"))
    load.add_argument("folder")
    load.set_defaults(run="references:import_schema")
    return parser


def learning_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    train = commands.add_parser("train", help="learn from decisions made here how sure each kind of suggestion is")
    train.add_argument(
        "--cases", metavar="DIR", help="learn from folders with typed metadata instead: DIR/*/files and DIR/*/gold.json"
    )
    train.add_argument("--out", metavar="FILE", help="with --cases: write the model there")
    train.add_argument("--json", action="store_true", help="print JSON")
    train.set_defaults(run="learning:train")
    actions = train.add_subparsers(metavar="WHAT")
    subjects = actions.add_parser(
        "subjects", help="learn from published records which classes (NDC, KAKENHI, ...) they get"
    )
    subjects.add_argument("--json", action="store_true", help="print JSON")
    subjects.set_defaults(run="training:subjects")
    method = commands.add_parser("method", help="how right each method of suggesting was, and withdrawing one")
    actions = method.add_subparsers(metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="every method that has proposed something here")
    listing.add_argument("--json", action="store_true", help="print JSON")
    listing.set_defaults(run="learning:methods")
    withdraw = actions.add_parser("withdraw", help="propose nothing by it any more, and find what it led to")
    withdraw.add_argument("method", help="creators.prose, or one version of it: creators.prose/1")
    withdraw.add_argument("--reason", default="", help="kept beside it")
    withdraw.set_defaults(run="learning:withdraw")
    restore = actions.add_parser("restore", help="let it propose again")
    restore.add_argument("method")
    restore.set_defaults(run="learning:restore")


def retention_commands(retention: argparse.ArgumentParser) -> None:
    actions = retention.add_subparsers(metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="those that wait for a decision, the longest first")
    listing.add_argument("--state", choices=("waiting", "coming", "disposed"), default="waiting", help="(waiting)")
    listing.add_argument("--json", action="store_true", help="print JSON, one record a line")
    actor_option(listing)
    listing.set_defaults(run="retaining:listing")
    dispose = actions.add_parser("dispose", help="take away the files of all versions of a record for good, now")
    dispose.add_argument("record", metavar="ID")
    dispose.add_argument("--reason", required=True, help="readers of the tombstone see it")
    dispose.add_argument("--yes", action="store_true", help="it is meant: this cannot be undone")
    actor_option(dispose)
    dispose.set_defaults(run="retaining:dispose")


def cache_options(parser: argparse.ArgumentParser) -> None:
    keeping = parser.add_mutually_exclusive_group()
    keeping.add_argument("--cache", metavar="DIR", help="where to keep what was read, for the next time (in --home)")
    keeping.add_argument("--no-cache", action="store_true", help="read every file again, and keep nothing")


def token_commands(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    issue = actions.add_parser("issue", help="make a token and print its secret, which is shown this once")
    issue.add_argument("email", help="whose it is: it may do what this person may, within its scopes")
    issue.add_argument("name", type=token_name, help="what uses it")
    issue.add_argument(
        "--scope", action="append", choices=SCOPES, help="what it may do; may be given several times (read)"
    )
    lasting = issue.add_mutually_exclusive_group()
    lasting.add_argument("--days", type=days, default=90, metavar="N", help="how long it lasts (90)")
    lasting.add_argument("--forever", action="store_true", help="until it is revoked")
    issue.add_argument(
        "--agent", default="", metavar="NAME", help="it is an AI agent's, which may propose but not decide"
    )
    issue.set_defaults(run="tokens:issue")
    listing = actions.add_parser("list", help="all tokens: number, whose, what for, until when, last use")
    listing.add_argument("email", nargs="?", help="only this person's")
    listing.add_argument("--json", action="store_true", help="print JSON")
    listing.set_defaults(run="tokens:listed")
    revoke = actions.add_parser("revoke", help="make a token useless from now on")
    revoke.add_argument("number", type=int, help="as `shirushi token list` shows it")
    revoke.set_defaults(run="tokens:revoke")


def actor_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--by", metavar="EMAIL", help="on whose behalf (SHIRUSHI_USER, or the operator of this installation)"
    )


def confidence(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError("write a number from 0 to 1")
    return value


def workers(text: str) -> int:
    value = int(text)
    if not 1 <= value <= 1024:
        raise argparse.ArgumentTypeError("write a number from 1 to 1024")
    return value


def seconds(text: str) -> float:
    value = float(text)
    if not 0 < value <= 1e6:
        raise argparse.ArgumentTypeError("write a number of seconds above 0")
    return value


def rate(text: str) -> int:
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError("write a number of bytes, or 0")
    return value


def days(text: str) -> int:
    value = int(text)
    if not 1 <= value <= 3650:
        raise argparse.ArgumentTypeError("write a number of days from 1 to 3650")
    return value


def token_name(text: str) -> str:
    name = text.strip()
    if not 1 <= len(name) <= 200:
        raise argparse.ArgumentTypeError("write a name of 1 to 200 characters")
    return name


def hits(text: str) -> int:
    value = int(text)
    if not 0 <= value <= 100:
        raise argparse.ArgumentTypeError("write a number from 0 to 100")
    return value


def port(text: str) -> int:
    value = int(text)
    if not 1 <= value <= 65535:
        raise argparse.ArgumentTypeError("write a port from 1 to 65535")
    return value
