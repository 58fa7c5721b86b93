"""``shirushi deposit``, ``publish``, ``answer``, ``search``, ``check``, ``rebuild``, ``user``: the kernel's services on the command line."""

import argparse
import getpass
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from shirushi.cli import ANSWERS, CommandError
from shirushi.cli.instance import database_in_words, open_instance
from shirushi.describe.evidence import LIKELY, SURE

if TYPE_CHECKING:
    from shirushi.accounts.actors import Actor
    from shirushi.accounts.models import Space
    from shirushi.core.disclosure import Question
    from shirushi.core.models import DescribeRun, Draft
    from shirushi.describe.description import Problem
    from shirushi.describe.progress import Progress
    from shirushi.describe.sources import Found

THRESHOLDS = {"sure": SURE, "likely": LIKELY, "perhaps": 0.0}


def spoken(
    command: Callable[[argparse.Namespace], int],
    *,
    even_if_old: Callable[[argparse.Namespace], bool] = lambda _: False,
) -> Callable[[argparse.Namespace], int]:
    """Opens the installation, and turns an error of the kernel into the words it carries. ``even_if_old``: whether the command may
    see a database that is older than the store."""

    def run(arguments: argparse.Namespace) -> int:
        open_instance(even_if_old=even_if_old(arguments))
        from shirushi.core.errors import DomainError, Invalid

        try:
            with database_in_words():
                return command(arguments)
        except Invalid as error:
            raise CommandError(
                "\n  ".join([str(error), *(f"{e.pointer}: {e.in_('en')}" for e in error.errors)])
            ) from error
        except DomainError as error:
            raise CommandError(str(error)) from error

    return run


@spoken
def deposit(arguments: argparse.Namespace) -> int:
    """Keep a folder as a draft, describe it, and say what is still missing."""
    from shirushi.cli.describing import shown_progress
    from shirushi.core import services
    from shirushi.describe.description import Problem
    from shirushi.describe.sources import walk
    from shirushi.metadata.fields import missing

    folder = Path(arguments.folder)
    if not folder.is_dir():
        raise CommandError(f"{folder}: not a folder. Give the folder that holds the files of one record.")
    found = walk(folder)
    tell_problems(found.problems)
    if not found.files:
        raise CommandError(f"{folder}: there are no files to keep in it. Nothing was made.")
    by = actor(arguments.by)
    draft = services.create_draft(space=space_named(arguments.space), by=by, name=folder.resolve().name)
    with shown_progress(quiet=arguments.quiet) as progress:
        put_walked(draft, found.files, by=by, progress=progress)
        if not draft.files.exists():
            services.discard_draft(draft=draft, by=by)
            raise CommandError(
                f"{folder}: none of its files could be kept, for the reasons above. The draft was discarded."
            )
        run = describe_draft(draft, by=by, progress=progress)
    draft.refresh_from_db()
    tell_problems([Problem(**item) for item in run.problems])
    suggested = set(draft.suggestions.filter(state="open").values_list("field", flat=True))
    print(f"draft {draft.pk}: files: {draft.files.count()}, suggestions: {draft.suggestions.count()}")
    for spec in missing(draft.work):
        if spec.name not in suggested:
            print(f"  nothing found for {spec.label.en} ({spec.level}): {spec.why.en}")
    tell_questions(draft, file=sys.stdout)
    print(f"review it at /drafts/{draft.pk}, or: shirushi publish {draft.pk} --accept likely")
    return 0


def put_folder(draft: "Draft", folder: Path, *, by: "Actor") -> None:
    """Put every file of the folder into the draft. What cannot be kept is named on stderr, and the rest goes on."""
    from shirushi.describe.progress import QUIET
    from shirushi.describe.sources import walk

    found = walk(folder)
    tell_problems(found.problems)
    put_walked(draft, found.files, by=by, progress=QUIET)


def put_walked(
    draft: "Draft", files: "Sequence[Found]", *, by: "Actor", progress: "Callable[[Progress], None]"
) -> None:
    """Put what walking found into the draft, a group at a time; what cannot be kept is named on stderr."""
    from shirushi.core import services
    from shirushi.core.errors import DomainError
    from shirushi.core.paths import name_twice, twins
    from shirushi.describe.problems import problem
    from shirushi.describe.progress import Progress

    done = 0
    unclear = {name for names in twins(file.name for file in files).values() for name in names}
    for name in sorted(unclear):
        print(f"! {name_twice(name)}", file=sys.stderr)
    files = [file for file in files if file.name not in unclear]
    while done < len(files):
        group = files[done : done + GROUP]
        wrong = services.put_files(draft=draft, sources={file.name: file.path for file in group}, by=by)
        for name, error in wrong.items():
            code = "vanished" if isinstance(error, FileNotFoundError) else "unreadable"
            words = str(error) if isinstance(error, DomainError) else problem(code, name).message
            print(f"! {name}: {words}", file=sys.stderr)
        done += len(group)
        progress(Progress("keeping", done, len(files), group[-1].name))


GROUP = 200  # files put together: each is open meanwhile


def tell_problems(problems: "Sequence[Problem]") -> None:
    """Name on stderr what walking or reading found wrong, at most as many as ``describe`` does."""
    from shirushi.cli.describing import MOST_ROWS, printable

    for item in problems[:MOST_ROWS]:
        where = f"{printable(item.file)}: " if item.file else ""
        print(f"! {where}{printable(item.message)}", file=sys.stderr)
    if len(problems) > MOST_ROWS:
        print(f"! {len(problems) - MOST_ROWS} more; the draft's page names them", file=sys.stderr)


def describe_draft(
    draft: "Draft", *, by: "Actor", progress: "Callable[[Progress], None] | None" = None
) -> "DescribeRun":
    """Have the draft's files read now, in this process, as the worker would."""
    from shirushi.core import jobs, services
    from shirushi.describe.progress import QUIET

    run = services.start_describing(draft=draft, by=by)
    jobs.run_description(run.pk, progress or QUIET)
    run.refresh_from_db()
    return run


@spoken
def publish(arguments: argparse.Namespace) -> int:
    """Publish a draft, after accepting what was asked for."""
    from shirushi.core import services
    from shirushi.core.errors import Invalid

    by = actor(arguments.by)
    draft = draft_of(arguments.draft)
    if arguments.accept in THRESHOLDS:
        services.accept_above(draft=draft, threshold=THRESHOLDS[arguments.accept], by=by, at_version=draft.version)
        draft.refresh_from_db()
    try:
        record = services.publish(draft=draft, by=by, at_version=draft.version)
    except Invalid as refused:
        if refused.code == "unanswered":
            tell_questions(draft, file=sys.stderr)
        raise
    identifier = record.document["publication"]["identifier"]
    print(f"published {record.pk} version {record.number}: {identifier['scheme']} {identifier['value']}")
    return 0


@spoken
def answer(arguments: argparse.Namespace) -> int:
    """List what is asked about a draft's data, or answer one question; exit 1 while one stands in the way of publishing."""
    from shirushi.core import services
    from shirushi.core.disclosure import questions, unsettled

    draft = draft_of(arguments.draft)
    if arguments.question:
        if not arguments.choice:
            raise CommandError(f"say what the answer to {arguments.question} is: {', '.join(ANSWERS)}")
        services.answer(draft=draft, question=arguments.question, choice=arguments.choice, by=actor(arguments.by))
    left = unsettled(questions(draft))
    if arguments.json:
        print(json.dumps([_question_json(one) for one in questions(draft)], ensure_ascii=False, indent=1))
    elif left:
        tell_questions(draft, file=sys.stdout)
    else:
        print("nothing is left to answer")
    return 1 if left else 0


def _question_json(one: "Question") -> dict[str, Any]:
    items = [{"path": i.file, "place": i.place, "count": i.count, "examples": i.examples} for i in one.items]
    answer = one.answer.answer if one.answer else None
    return {
        "id": one.id,
        "category": one.category,
        "question": one.words.en,
        "items": items,
        "answers": one.choices,
        "answer": answer,
        "settled": one.settled,
    }


def tell_questions(draft: "Draft", *, file: TextIO) -> None:
    """What stands in the way of publishing, and how to answer it."""
    from shirushi.cli.describing import printable
    from shirushi.core.disclosure import CHOICE_WORDS, questions, unsettled

    left = unsettled(questions(draft))
    for one in left:
        print(f"? {one.id}  {printable(one.words.en)}", file=file)
        if one.alike:
            print(f"    {one.alike:,} files like it were not looked into", file=file)
        if (still := one.why_unsettled) is not None:
            print(f"    {still.en}", file=file)
    if left:
        print(f"answer each with: shirushi answer {draft.pk} QUESTION ANSWER, where ANSWER is", file=file)
        for choice, words in CHOICE_WORDS.items():
            print(f"    {choice:<14}{words.en}", file=file)


def draft_of(draft_id: str) -> "Draft":
    from shirushi.core.models import Draft

    draft = Draft.objects.filter(pk=draft_id).first()
    if draft is None:
        raise CommandError(
            f"there is no draft {draft_id}. `shirushi deposit FOLDER` prints the id of the draft it makes."
        )
    return draft


@spoken
def search(arguments: argparse.Namespace) -> int:
    """Print what the index finds, best first."""
    from shirushi.cli.describing import one_line
    from shirushi.core.home import engine
    from shirushi.search.query import Query

    hits = engine().search(Query(text=" ".join(arguments.words), limit=arguments.limit))
    if arguments.json:
        found = [{"id": hit.id, "score": hit.score, **hit.document} for hit in hits.items]
        print(json.dumps({"total": hits.total, "items": found}, ensure_ascii=False, indent=1))
        return 0
    for hit in hits.items:
        print(f"{hit.id}  {one_line(' / '.join(title['text'] for title in hit.document['titles']))}")
    print(f"{hits.total} found" if hits.items else "Nothing found. Try fewer or other words.")
    return 0


@partial(spoken, even_if_old=lambda arguments: not arguments.repair)
def check(arguments: argparse.Namespace) -> int:
    """Compare store, database and index; exit 1 when something is wrong."""
    from shirushi.cli.keeping import to_json, words
    from shirushi.cli.references import schema_faults
    from shirushi.core.check import check as run
    from shirushi.core.scrubbing import last

    findings = [*run(repair=arguments.repair)]
    errors = [finding for finding in findings if finding.severity == "error"]
    faults = schema_faults()
    if arguments.json:
        rows: list[dict[str, Any]] = [finding.to_json() for finding in findings]
        print(
            json.dumps(
                {"sound": not errors and not faults, "findings": rows, "exports": faults, "scrub": to_json(last())},
                ensure_ascii=False,
                indent=1,
            )
        )
    else:
        for finding in findings:
            print(f"{finding.severity}: {finding}")
        for fault in faults:
            print(f"error: {fault}")
        print(words(last()))
        print("sound" if not errors and not faults else f"{len(errors) + len(faults)} wrong")
    return 1 if errors or faults else 0


@spoken
def derive(arguments: argparse.Namespace) -> int:
    """Make the derived files of records anew where they were not made in the same way already. 1 when a file gave an error."""
    from shirushi.core.models import Record
    from shirushi.core.services import deriving

    standing = Record.objects.filter(withdrawn_at=None).order_by("pk")
    records = standing.filter(pk__in=arguments.record) if arguments.record else standing
    if unknown := sorted(set(arguments.record) - set(records.values_list("pk", flat=True))):
        raise CommandError(f"{', '.join(unknown)}: there is no such record, or it was withdrawn.")
    told, wrong = [], False
    for record in records.iterator(chunk_size=100):
        derivation = deriving.derive_record(record)
        left = [{name: one[name] for name in ("path", "code", "message")} for one in derivation.left]
        told.append({"record": record.pk, "made": record.derived.count(), "left": left})
        wrong = wrong or derivation.state != "done"
        if not arguments.json:
            print(f"{record.pk}: {told[-1]['made']} derived files")
            for one in left:
                print(f"  nothing from {one['path']}: {one['message']}")
    if arguments.json:
        print(json.dumps(told, ensure_ascii=False, indent=1))
    return int(wrong)


@partial(spoken, even_if_old=lambda arguments: arguments.what == "records")
def rebuild(arguments: argparse.Namespace) -> int:
    """Make records again from the object store, or let one follower of the event log start again from zero."""
    if arguments.what == "records":
        return _rebuild_records(arguments)
    from shirushi.core.followers import rebuild as start_again

    start_again(arguments.what)
    print(json.dumps({"rebuilt": arguments.what}) if arguments.json else f"{arguments.what}: made again")
    return 0


def _rebuild_records(arguments: argparse.Namespace) -> int:
    """1 when an object could not be read, or a version was left alone because nobody was promised it."""
    from shirushi.core import setup
    from shirushi.core.rebuilding import rebuild as make_again

    def tell(name: str) -> None:
        if sys.stderr.isatty():
            print(f"\r{name}", end="", file=sys.stderr)

    found = make_again(tell=tell)
    setup.prepare()  # what waited until the database was as new as the store
    if arguments.json:
        print(json.dumps(asdict(found), ensure_ascii=False, indent=1))
    else:
        print(f"{found.records:,} records made again, {found.known:,} were there; {found.tombstones:,} tombstones.")
        if found.records:
            print(
                "Parquet and Zarr are made again by a worker, or now: shirushi derive. Exports that list them are as before then."
            )
        for slug in found.spaces:
            print(f"space {slug}: made anew; give people their roles in it, or restore the backup first")
        for name, number in found.unconfirmed:
            print(
                f"{name} v{number}: its transaction was never committed; left alone (shirushi check --repair sets it aside)"
            )
        for name, why in found.unreadable:
            print(f"{name}: {why}")
    return 1 if found.unconfirmed or found.unreadable else 0


@spoken
def add_user(arguments: argparse.Namespace) -> int:
    """Add a person with a role; the password is asked for, or read from stdin when that is not a terminal."""
    from django.core.exceptions import ValidationError
    from django.core.validators import validate_email

    from shirushi.accounts.models import Membership, User

    try:
        validate_email(arguments.email.strip())
    except ValidationError as error:
        raise CommandError(f"{arguments.email}: not an e-mail address. Write one like name@example.org.") from error
    if User.objects.filter(email=arguments.email.strip().lower()).exists():
        raise CommandError(f"{arguments.email}: already has an account.")
    password = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    if len(password) < MIN_PASSWORD:
        raise CommandError(f"the password must have {MIN_PASSWORD} characters or more. Nothing was changed.")
    space = space_named(arguments.space)
    user = User.objects.create_user(arguments.email, password, name=arguments.name or arguments.email)
    Membership.objects.create(space=space, user=user, role=arguments.role)
    print(f"{user.email} is {arguments.role} in {space.slug}")
    return 0


MIN_PASSWORD = 10


def actor(email: str | None) -> "Actor":
    """The person in whose name a command works: ``--by``, SHIRUSHI_USER, else the first operator. Who may write into
    SHIRUSHI_HOME is the operator of this machine, so a new installation gets an account for them, without a password."""
    from shirushi.accounts.actors import person
    from shirushi.accounts.models import Membership, Role, User

    wanted = email or os.environ.get("SHIRUSHI_USER")
    if wanted:
        user = User.objects.filter(email=wanted.strip().lower(), is_active=True).first()
        if user is None:
            raise CommandError(f"{wanted}: no such account. Add one with: shirushi user {wanted}")
        return person(user)
    operator = Membership.objects.filter(role=Role.OPERATOR, user__is_active=True).order_by("pk").first()
    if operator is not None:
        return person(operator.user)
    name = getpass.getuser()
    user = User.objects.create_user(f"{name}@localhost.localdomain", None, name=name)
    Membership.objects.create(space=space_named(None), user=user, role=Role.OPERATOR)
    return person(user)


def space_named(slug: str | None) -> "Space":
    """The space called ``slug``; without one the first, which a new installation gets by itself."""
    from shirushi.accounts.models import Space

    if slug:
        space = Space.objects.filter(slug=slug).first()
        if space is None:
            known = ", ".join(Space.objects.values_list("slug", flat=True)[:20])
            raise CommandError(f"there is no space {slug}. There are: {known or 'none yet'}")
        return space
    first = Space.objects.order_by("pk").first()
    return first or Space.objects.create(slug="home", name_en="Our institution", name_ja="わたしたちの機関")
