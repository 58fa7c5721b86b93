"""A record that DataCite knows as it is imported: its DataCite XML, with the DOI it has."""

import re

from shirushi.exchange.datacite_reading import read_xml
from shirushi.exchange.errors import NotReadable
from shirushi.exchange.imported import Imported, Untaken, known, with_plain_titles
from shirushi.exchange.xmltools import parse
from shirushi.metadata.fields import Text2


def from_datacite(data: bytes) -> Imported:
    """One record. A DOI that it says to be a version of stands for all versions.

    Raises:
        NotReadable: it is not a safe, well-formed DataCite document, or it has no DOI.
    """
    work, problems = read_xml(data)
    element = next(parse(data).iter("{*}identifier"), None)
    own = known((element.text or "") if element is not None else "")
    if own is None:
        raise NotReadable("there is no DOI in <identifier>, so the record could not be told apart from others")
    above = next(
        (known(each.identifier) for each in work.related if each.relation == "IsVersionOf" and each.scheme == "DOI"),
        None,
    )
    untaken = [Untaken(problem.element, _why(problem.message)) for problem in problems]
    number = re.search(r"\.v(\d{1,6})$", own.value)
    return Imported(
        "datacite", own.value.lower(), with_plain_titles(work), own, above.value.lower() if above else "", above,
        int(number[1]) if number else None, f"https://doi.org/{own.value}", untaken=tuple(untaken),
    )  # fmt: skip


def _why(message: str) -> Text2:
    return Text2(f"It does not have the form asked for here: {message}.", f"ここで求める形に合いません（{message}）。")
