"""``shirushi fair``: the FAIR score of a draft or record, with what would raise it."""

import argparse
import json
from typing import TYPE_CHECKING

from shirushi.cli import CommandError
from shirushi.cli.describing import lang, printable
from shirushi.cli.records import spoken

if TYPE_CHECKING:
    from shirushi.core.fair import Fair


@spoken
def fair(arguments: argparse.Namespace) -> int:
    """Print the points of each metric, then what the depositor can mend and where."""
    from shirushi.systems.repository.fair_views import as_json

    language = lang(arguments.lang)
    found = _score(arguments.id)
    if arguments.json:
        print(json.dumps(as_json(found, language), ensure_ascii=False, indent=1))
        return 0
    for metric in found.metrics:
        print(printable(f"{metric.earned:g}/{metric.total:g}  {metric.id:<14} {metric.name.in_(language)}"))
        for answer in metric.wanted:
            where = ", ".join(answer.fields) or answer.mender
            print(printable(f"      - {answer.seen.in_(language)} [{where}]"))
    whole = found.whole
    print(f"FAIR {whole.percent:g} % ({whole.earned:g}/{whole.total:g})")
    return 0


def _score(of: str) -> "Fair":
    from shirushi.core.documents import publication_of
    from shirushi.core.fair import fair as score
    from shirushi.core.models import Draft, Record
    from shirushi.core.services import readiness

    record = Record.objects.filter(pk=of, withdrawn_at=None).first()
    if record is not None:
        return score(publication_of(record, all_files=False))
    draft = Draft.objects.filter(pk=of, record=None).first()
    if draft is None:
        raise CommandError(f"there is no draft or record {of}. `shirushi search` lists records with their ids.")
    return readiness(draft).fair
