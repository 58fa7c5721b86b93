"""What goes over the wire, as types: the OpenAPI document is made from these."""

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import ConfigDict, Field, create_model, model_validator

from shirushi.metadata.published import DerivedFile
from shirushi.systems.repository.api_schemas_access import AccessOut

JSON = Any
Version = Annotated[
    int | None, Field(ge=1, le=2_147_483_647, description="the draft's version that was seen; or send If-Match")
]


class Body(Schema):
    """A body that is one JSON object. Ninja reads attributes, and so takes anything for an object without values."""

    @model_validator(mode="before")
    @classmethod
    def _is_object(cls, value: Any) -> Any:
        if not isinstance(getattr(value, "_obj", value), dict):
            raise ValueError("has to be a JSON object")
        return value


class Strict(Body):
    """A body: unknown keys are refused, so that a misspelt one is named, not lost."""

    model_config = ConfigDict(extra="forbid")


FieldProblem = create_model(  # "in" is no name that a class body can hold
    "FieldProblem",
    __base__=Schema,
    pointer=(str, Field(description="JSON Pointer of the value at fault")),
    detail=(str, ...),
    **{"in": (str | None, Field(None, description="part of the request that it came in: body, query, path or header"))},
)


class Problem(Schema):
    """RFC 9457. ``code`` is stable, ``detail`` is for people in the language of Accept-Language (ja or en)."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    pointer: str | None = None
    version: int | None = Field(None, description="the draft's current version, for conflicts")
    errors: list[FieldProblem] | None = None  # type: ignore[valid-type]


class Names(Schema):
    en: str
    ja: str


class SpaceOut(Schema):
    slug: str
    kind: str
    name: Names
    roles: list[str] = Field(description="roles that you hold in it")


class SpacesOut(Schema):
    items: list[SpaceOut]


class DraftIn(Strict):
    space: str = Field(max_length=100, description="slug of the space")
    name: str = Field("", max_length=500, description="what you call it until it has a title")


class ReservedOut(Schema):
    identifier: str = Field(
        description="of the version; of the shape of a DOI, not registered with an agency before publishing"
    )
    concept_identifier: str = Field(description="of all versions")
    url: str = Field(description="where it will be found")


class DraftOut(Schema):
    id: str
    space: str
    name: str
    title: str
    state: str
    version: int = Field(description="counts every change; its ETag")
    metadata: dict[str, JSON] = Field(description="a Work; absent fields hold nothing")
    record: str | None = Field(description="id of the record it was published as")
    reserved: ReservedOut | None = Field(description="identifiers set aside for it")
    file_count: int
    url: str = Field(description="its review page")
    created_at: datetime
    updated_at: datetime


class DraftLine(Schema):
    id: str
    space: str
    title: str
    state: str
    version: int
    updated_at: datetime


class DraftsOut(Schema):
    total: int
    items: list[DraftLine]
    next: str | None = Field(None, description="address of the next page")


class FileOut(Schema):
    path: str
    size: int = Field(description="bytes")
    media_type: str
    puid: str | None = Field(None, description="PRONOM's identifier of the format, once it has been looked up")
    pronom_format: str | None = Field(None, description="what PRONOM calls the format")
    pronom_version: str | None = Field(None, description="the format's version in PRONOM")
    sha256: str | None = Field(None, description="null, like sha512 and url: you may not have the file")
    sha512: str | None = None
    url: str | None = None


class LeftOut(Schema):
    """A file that nothing was made from, and why."""

    path: str
    code: str
    message: str


class FilesOut(Schema):
    total: int
    items: list[FileOut]
    next: str | None = None


class DerivedOut(Schema):
    total: int
    items: list[DerivedFile]
    state: Literal["none", "queued", "running", "done", "failed"]
    left: list[LeftOut]
    next: str | None = None


class UploadOut(Schema):
    """A file that is sent in pieces (tus)."""

    id: str
    draft: str
    path: str
    size: int
    offset: int = Field(description="bytes that are safe here; go on from there")
    state: str = Field(description="open, or done: it is a file of the draft")
    changed: str = Field(
        description="what its sender said of when it was changed last (lastModified of Upload-Metadata)"
    )
    created_at: datetime
    expires_at: datetime = Field(description="when it is given up unless more of it comes")
    url: str


class UploadsOut(Schema):
    total: int
    items: list[UploadOut]


class FetchIn(Strict):
    url: str = Field(
        min_length=1, max_length=2000, description="where the file is: http or https, for everybody to read"
    )
    path: str = Field("", max_length=4000, description="where it goes; without it, it is called as its server calls it")


class FetchOut(Schema):
    """A file that is fetched from the web."""

    id: str
    url: str
    path: str = Field(description="empty until its name is known")
    state: str = Field(description="queued, running, done, failed or cancelled")
    done: int = Field(description="bytes that have come")
    total: int | None = Field(description="bytes that there are, when the other server says so")
    sha256: str
    code: str = Field(description="why it failed, for programs")
    message: str = Field(description="and for people, in the language of Accept-Language")
    created_at: datetime
    finished_at: datetime | None


class FetchesOut(Schema):
    total: int
    items: list[FetchOut]
    next: str | None = None


class UnpackingIn(Schema):
    path: str = Field(description="of the archive in the draft", max_length=4_000)


class NoteOut(Schema):
    """What was seen of one file of a package."""

    code: str
    file: str = Field(description="its name in the package; empty for the package itself")
    message: str
    wrong: bool = Field(description="whether it keeps the package from being taken")


class UnpackingOut(Schema):
    """A bag or an RO-Crate that is unpacked."""

    id: str
    path: str
    kind: str = Field(description="bagit or ro-crate, once that is known")
    state: str = Field(description="queued, running, done or failed")
    done: int = Field(description="files that have been looked at")
    total: int
    notes: list[NoteOut]
    code: str = Field(description="why it failed, for programs")
    message: str = Field(description="and for people, in the language of Accept-Language")
    created_at: datetime
    finished_at: datetime | None


class ExactOut(Schema):
    """The exact numbers of large tables, which follow a reading that sampled them."""

    state: str = Field(description="queued, running, done, failed, or outdated by a later reading")
    done: int = Field(description="tables counted")
    total: int
    renewed: int = Field(description="suggestions that have got exact numbers")
    message: str


class RunOut(Schema):
    """One reading of a draft's files."""

    id: int
    state: str
    stage: str
    done: int
    total: int
    current_file: str
    message: str
    problems: list[JSON]
    seen: dict[str, JSON] = Field(
        description="while it is under way: ``facts`` found so far, and in ``files`` what the files read last hold"
    )
    exact: ExactOut | None = Field(None, description="absent where no table was sampled")


class SuggestionOut(Schema):
    id: int
    target: str
    field: str
    value: JSON
    confidence: float
    evidence: list[JSON] = Field(description="where it was seen: kind, value, place, reader")
    method: str
    method_version: str
    alternative: bool
    state: str


class SuggestionsOut(Schema):
    version: int = Field(description="version of the draft")
    total: int
    items: list[SuggestionOut]
    next: str | None = None


class DecideIn(Strict):
    action: Literal["accept", "edit", "reject"]
    value: JSON = Field(None, description="the value to take instead, for edit")
    at_version: Version = None


class AcceptAboveIn(Strict):
    threshold: float = Field(ge=0, le=1)
    at_version: Version = None


class VersionIn(Strict):
    at_version: Version = None


class FieldIn(Strict):
    value: JSON = Field(description="the whole value of the field; null or [] empties it")
    at_version: Version = None


class DecisionOut(Schema):
    id: int
    field: str
    action: str
    suggestion: int | None
    value: JSON = Field(None, description="the one value decided about; null where a list was typed")
    position: int = Field(description="where in the field's values it changed something, from 0")
    removed: list[JSON] = Field(description="the values taken out there")
    added: list[JSON] = Field(description="the values put in their place")
    undoes: int | None = Field(None, description="id of the decision that this one takes back")
    group: str = Field(description="decisions of one group are undone together; empty for one by itself")
    at: datetime


class DecidedOut(Schema):
    version: int = Field(description="the draft's version after it")
    metadata: dict[str, JSON]
    count: int = Field(description="how many decisions were made")
    decisions: list[DecisionOut] = Field(description="the first 100 of them")
    next: str | None = Field(None, description="where the others are")


class DecisionsOut(Schema):
    total: int
    items: list[DecisionOut]
    next: str | None = None


class AnswerIn(Strict):
    answer: Literal["not-personal", "consented", "remove", "restrict"] = Field(
        description="nothing to protect; with consent or anonymised; the file will be taken out; only some people may see it. "
        "The last two do not let it be published while the file is there"
    )


class QuestionItemOut(Schema):
    """What was seen in one file. Values are masked."""

    path: str
    sha256: str
    place: JSON = Field(description="where in the file")
    count: int = Field(description="values or places")
    examples: list[str] = Field(description="a few of them, masked")


class QuestionOut(Schema):
    """Data that must not be published by mistake, about which somebody has to say whether it may be."""

    id: str = Field(description="changes with the files that it is about")
    category: str
    question: str
    items: list[QuestionItemOut]
    alike: int = Field(description="files of the same kind beside these that were not looked into")
    answers: list[str] = Field(description="what may be answered")
    answer: str | None = Field(None, description="the last answer")
    answered_at: datetime | None = None
    settled: bool = Field(description="whether it no longer stands in the way of publishing")


class QuestionsOut(Schema):
    items: list[QuestionOut]


class MissingOut(Schema):
    field: str
    label: str
    level: Literal["required", "recommended", "optional"]
    why: str
    suggested: int = Field(description="open suggestions that would fill it")


class FairScoreOut(Schema):
    earned: float
    total: float
    percent: float
    maturity: int = Field(description="0 incomplete, 1 initial, 2 moderate, 3 advanced")


class FairTestOut(Schema):
    id: str = Field(description="as in F-UJI, like FsF-F2-01M-3")
    name: str
    score: float = Field(description="what it is worth; 0 for tests that F-UJI lists without a point")
    maturity: int
    met: bool
    seen: str = Field(description="what was found, or what is missing")
    fields: list[str] = Field(description="where it can be mended: fields of the draft, or ``files``")
    mended_by: Literal["depositor", "operator", "shirushi"] | None


class FairMetricOut(Schema):
    id: str
    principle: str = Field(description="F1 to R1.3")
    name: str
    earned: float = Field(description="the tests met, together at most ``total``")
    total: float
    maturity: int
    tests: list[FairTestOut]


class FairOut(Schema):
    """The FAIRsFAIR metrics as F-UJI asks them: earned and total points, by category and metric."""

    metrics_version: str
    score: FairScoreOut
    categories: dict[str, FairScoreOut] = Field(description="F, A, I and R")
    metrics: list[FairMetricOut]


class AdviceOut(Schema):
    field: str
    label: str
    why: str


class JpcoarFindingOut(Schema):
    field: str = Field(description="where it is mended: a field of the draft, or ``files``")
    code: str
    level: Literal["error", "warn"] = Field(description="error: a harvester does not take it as it is meant")
    path: str = Field(description="the element of the JPCOAR record")
    message: str


class ReadinessOut(Schema):
    ready: bool = Field(
        description="nothing that is required is missing, every question is settled, and a new version differs from the last"
    )
    filled: int = Field(description="of ``total`` fields that matter")
    total: int
    undecided: int = Field(description="suggestions that wait for a decision")
    missing: list[MissingOut]
    fair: FairOut
    advice: list[AdviceOut] = Field(description="worth doing, without points")
    jpcoar: list[JpcoarFindingOut] = Field(description="what harvesters of JPCOAR will refuse or miss")
    unread_files: int = Field(
        description="files added or changed after the last reading began; POST …/describe reads them"
    )
    astray: list[str] = Field(description="files that variables name and the draft does not hold")
    unchanged: bool = Field(description="a new version that is the same as the one before; it cannot be published")
    questions: int = Field(description="questions that stand in the way of publishing; GET …/questions lists them")


class IdentifierOut(Schema):
    scheme: str
    value: str
    state: str


class RecordOut(Schema):
    id: str
    number: int = Field(description="1 for the first version")
    concept: str
    space: str
    title: str
    url: str
    identifiers: list[IdentifierOut]
    metadata: dict[str, JSON]
    file_count: int
    total_size: int = Field(description="bytes")
    published_at: datetime
    access: AccessOut
    ask_url: str | None = Field(None, description="where to ask for the files; null: you may have them")
    provenance: list[JSON] = Field(description="how each value came to be, by JSON Pointer")
    exports: dict[str, str] = Field(description="addresses of the record in every format")


class RecordLine(Schema):
    id: str
    score: float
    title: str
    document: dict[str, JSON]
    highlights: dict[str, JSON]


class FacetOut(Schema):
    value: str
    count: int


class HitsOut(Schema):
    total: int
    items: list[RecordLine]
    facets: dict[str, list[FacetOut]]
    next: str | None = None


class VersionOut(Schema):
    id: str
    number: int
    title: str
    published_at: datetime
    withdrawn: bool
    url: str


class VersionsOut(Schema):
    items: list[VersionOut]


class WithdrawIn(Strict):
    reason: str = Field(min_length=1, max_length=5_000, description="shown on the tombstone")


class TombstoneOut(Schema):
    id: str
    title: str
    identifiers: list[IdentifierOut]
    reason: str
    withdrawn_at: datetime
    disposed_at: datetime | None = Field(None, description="when the files of all versions were disposed of")


class GoneOut(Problem):
    """A withdrawn record: what it was and why it is gone."""

    tombstone: TombstoneOut


class EventOut(Schema):
    id: int
    type: str
    record: str
    draft: str
    at: datetime
    payload: dict[str, JSON]


class EventsOut(Schema):
    items: list[EventOut]
    next: str | None = Field(None, description="address of what follows; ask it again later when there is nothing yet")
