"""What REST takes and gives about who may have the files of a record."""

from datetime import datetime
from typing import Literal

from ninja import Schema
from pydantic import Field

from shirushi.metadata.work import Access


class AccessIn(Schema):
    """Who may have the files from now on."""

    rights: Literal["open", "embargoed", "restricted"]
    until: str | None = Field(None, description="of an embargo: the day on which the files become open")
    note: str | None = Field(None, description="why, and what is asked of whoever wants them")
    knowingly: bool = Field(False, description="open files although it was answered that only some people may see them")
    seen: Access | None = Field(None, description="what held when you looked: 409 when it is something else by now")


class AccessOut(Schema):
    rights: Literal["open", "embargoed", "restricted"]
    until: str | None = None
    note: str | None = None
    may_read: bool = Field(description="whether you may have the files")


class LinkIn(Schema):
    kind: Literal["files", "review"] = "files"
    days: int = Field(30, ge=1, le=366)
    label: str = Field("", max_length=200)


class ReviewLinkIn(Schema):
    days: int = Field(30, ge=1, le=366)
    label: str = Field("", max_length=200, description="whom it is for; only those who keep the draft see it")


class LinkOut(Schema):
    id: str
    kind: Literal["files", "review"]
    label: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None


class LinkMade(LinkOut):
    url: str = Field(description="the address with its secret, told this once; programs add ?key=<secret> to files")


class LinksOut(Schema):
    total: int
    items: list[LinkOut]
    next: str | None = None


class AskIn(Schema):
    message: str = Field(max_length=5_000)
    name: str = Field("", max_length=200)
    email: str = Field("", max_length=254)


class AskedOut(Schema):
    id: str
    state: Literal["open", "granted", "refused", "withdrawn"]
    url: str = Field(description="the page with the answer; whoever has this address may read it")


class RequestOut(Schema):
    id: str
    state: Literal["open", "granted", "refused", "withdrawn"]
    by: str = Field(description="name of who asks")
    email: str
    message: str
    answer: str
    created_at: datetime
    decided_at: datetime | None
    expires_at: datetime | None


class RequestsOut(Schema):
    total: int
    items: list[RequestOut]
    next: str | None = None


class AnswerRequestIn(Schema):
    grant: bool
    days: int = Field(30, ge=1, le=366)
    answer: str = Field("", max_length=5_000)
