"""Croissant's vocabulary for responsible AI: only what the record, its evidence and the decisions about it say; nothing is made up.

What is not known has no field: neither biases nor use cases follow from files. Source: Croissant RAI specification 1.0.
"""

from typing import Any

from shirushi.exchange.common import access_label, access_of, instrument_words, software_words
from shirushi.metadata.published import Publication

Node = dict[str, Any]

CONFORMS_TO = "http://mlcommons.org/croissant/RAI/1.0"
_ANSWERS = {
    "not-personal": "whoever published it answered that it tells of no person",
    "consented": "whoever published it answered that those whom it tells of consented, or that it may be published",
    "restrict": "whoever published it answered that only some may have the files",
    "remove": "whoever published it answered that it was to be removed",
}
_MOST_NAMED = 200  # columns in one sentence


def fields(publication: Publication) -> Node:
    """The properties with a value, each under its name in the vocabulary."""
    found = {
        "rai:dataCollection": _collection(publication),
        "rai:dataCollectionTimeFrame": _time_frame(publication),
        "rai:dataCollectionMissingData": _missing(publication),
        "rai:dataPreprocessingProtocol": _preprocessing(publication),
        "rai:dataLimitations": _limitations(publication),
        "rai:personalSensitiveInformation": _sensitive(publication),
    }
    return {name: value for name, value in found.items() if value}


def _collection(publication: Publication) -> str:
    work = publication.work
    methods = [text.text for text in work.descriptions if text.type == "Methods"]
    return "\n\n".join([*methods, "\n".join(instrument_words(tool) for tool in work.instruments)]).strip()


def _time_frame(publication: Publication) -> list[str]:
    """Days of the period in which data were collected; parts of it that name a month or a year alone are no days."""
    days = [
        end
        for entry in publication.work.dates
        if entry.type in ("Collected", "Coverage")
        for end in entry.date.split("/")
        if len(end) == len("2026-11-23")
    ]
    return [min(days), max(days)] if days else []


def _missing(publication: Publication) -> str:
    told = [
        f"{variable.name}{f' ({variable.file})' if variable.file else ''}: {variable.missing} of {variable.count}"
        for variable in publication.work.variables
        if variable.missing and variable.count
    ]
    marks = sorted({mark for made in publication.derived for column in made.columns for mark in column.marks})
    more = f"; and {len(told) - _MOST_NAMED} more columns" if len(told) > _MOST_NAMED else ""
    parts = [
        f"Missing values by column: {'; '.join(told[:_MOST_NAMED])}{more}." if told else "",
        f"In the files they are marked {', '.join(f'“{mark}”' for mark in marks)}." if marks else "",
    ]
    return " ".join(part for part in parts if part)


def _preprocessing(publication: Publication) -> list[str]:
    return [software_words(program) for program in publication.work.software]


def _limitations(publication: Publication) -> list[str]:
    access = access_of(publication)
    found = []
    if access.rights != "open":
        until = f" until {access.until}" if access.until else ""
        found.append(f"{access_label(publication)}{until}. {access.note or ''}".strip())
    if any(variable.sampled for variable in publication.work.variables):
        found.append("Some of the statistics are those of a sample of the rows.")
    return found


def _sensitive(publication: Publication) -> list[str]:
    return [
        f"{answer.file}: {answer.category}; {_ANSWERS.get(answer.answer, answer.answer)}."
        for answer in publication.answers
    ]
