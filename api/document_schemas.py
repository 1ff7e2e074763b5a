"""Schemas of the endpoints for documents."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from ninja import Field, Schema

from api.bodies import PlainText
from api.booking_schemas import Slug
from api.page_numbers import DEFAULT_SIZE, PageNumber, PageSize


class DocumentKindName(StrEnum):
    """The kinds of documents."""

    RECEIPT = "receipt"
    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


class DocumentsQuery(Schema):
    """Filters of the list of documents; `from` and `to` (RFC 3339 with an offset) limit when they were issued."""

    number: Annotated[PlainText, Field(max_length=24)] = ""
    kind: DocumentKindName | None = None
    lot: Slug = ""
    plate: Annotated[str, Field(max_length=64)] = ""
    since: str = Field("", alias="from", json_schema_extra={"format": "date-time"})
    until: str = Field("", alias="to", json_schema_extra={"format": "date-time"})
    page: PageNumber = 1
    page_size: PageSize = DEFAULT_SIZE


class ListedDocumentOut(Schema):
    """A receipt, invoice or credit note; `total` and the `tax` in it are in minor units of `currency`.

    `about` is the number of the document that a credit note corrects. The `link` opens the document without a log-in.
    """

    id: int
    number: str
    kind: DocumentKindName
    lot: str
    issued_at: datetime
    currency: str
    total: int
    tax: int
    about: str | None
    link: str


class IssuerOut(Schema):
    """Whose document it is."""

    name: str
    address: str
    tax_id: str
    country: str


class DocumentItemOut(Schema):
    """What a document is for: a stay, a booking, a pass, or another thing."""

    label: str
    lot: str
    lot_address: str
    reference: str
    plate: str
    entry: str
    until: str


class DocumentLineOut(Schema):
    """A line, with its tax inside; `item` is the place of what it is for in `items`, from 0."""

    label: str
    amount: int
    tax_percent: str
    item: int


class DocumentTaxOut(Schema):
    """What is taxed at one rate."""

    percent: str
    net: int
    tax: int
    total: int


class DocumentPaymentOut(Schema):
    """A payment on a receipt, with what was handed over in cash and the change."""

    method: str
    amount: int
    at: datetime
    tendered: int | None
    change: int


class DocumentOut(ListedDocumentOut):
    """A document as it was issued. `recipient` is null where nobody is named; `corrections` are numbers of others."""

    operator: str
    issuer: IssuerOut
    recipient: dict[str, str] | None
    reason: str
    items: list[DocumentItemOut]
    lines: list[DocumentLineOut]
    taxes: list[DocumentTaxOut]
    payments: list[DocumentPaymentOut]
    corrections: list[str]
    signature: str


class DocumentsOut(Schema):
    """A page of documents."""

    items: list[ListedDocumentOut]
    total: int
    page: int
    page_size: int
