"""Schemas of the endpoints for exports."""

from datetime import datetime
from typing import Annotated

from ninja import Field, Schema

from api.bodies import ObjectIn, PlainText
from api.page_numbers import DEFAULT_SIZE, PageNumber, PageSize

Given = PlainText | bool | int


class ExportIn(ObjectIn):
    """The rows and the file that are wanted.

    `from` and `to` are days on the lots' clocks, the last included, or instants. `filters` are those of the list of
    this kind. `whose` is `own` for your own as a driver and `lots` for those of the lots you work for; without
    it, `lots` if you may.
    """

    kind: PlainText = Field(max_length=20)
    format: PlainText = Field("csv", max_length=4)
    since: PlainText | None = Field(None, alias="from", max_length=40)
    until: PlainText | None = Field(None, alias="to", max_length=40)
    lot: PlainText | None = Field(None, max_length=60)
    filters: dict[PlainText, Given | list[Given] | None] = {}
    whose: PlainText | None = Field(None, max_length=4)
    delimiter: PlainText = Field(",", max_length=1)
    bom: Annotated[bool, Field(strict=True)] = False
    words: Annotated[bool, Field(strict=True)] = False
    mail: Annotated[bool, Field(strict=True)] = False
    attach: Annotated[bool, Field(strict=True)] = False


class ExportOut(Schema):
    """An export: `progress` in percent, `rows` written so far of `total`, and the `url` of the file while it is ready.

    The `status` is queued, running, ready, failed (`failure` says why), cancelled or expired.
    """

    id: int
    kind: str
    whose: str
    format: str
    status: str
    rows: int
    total: int | None
    progress: int
    size: int | None
    url: str | None
    failure: str | None
    created_at: datetime
    expires_at: datetime | None


class ExportsOut(Schema):
    """A page of exports."""

    items: list[ExportOut]
    total: int
    page: int
    page_size: int


class ExportsQuery(Schema):
    """Which page of exports."""

    page: PageNumber = 1
    page_size: PageSize = DEFAULT_SIZE
