"""What a device sends about one car, checked before anything else sees it."""

import hashlib
import json
from codecs import BOM_UTF8
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from django.utils.translation import gettext as _
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from accounts.vehicles import VehicleType
from common.errors import DomainError, FieldError
from common.plates import MAX_RAW_LENGTH, is_text, normalise_reading, visible
from common.regions import LONGEST_REGION
from common.time import InvalidInstantError, parse_wild_instant
from lots.compatibility import VehicleProfile
from tickets.numbers import InvalidNumberError, parse_reference

LARGEST_SEQ = 2**53 - 1  # the largest whole number that every JSON reader holds exactly
SIMPLE_TYPES = {"car": "regular", "truck": "large", "van": "large", "bike": "motorcycle"}


class MalformedBodyError(DomainError):
    """The body is no JSON object."""

    code = "malformed"
    status = 400


class InvalidReadError(DomainError):
    """Some values of a read do not fit."""

    code = "invalid_read"


def _printable(text: str) -> str:
    if not is_text(text):
        raise ValueError("control characters are not allowed")
    return text


def _instant(value: object) -> datetime | None:
    """Read any instant with an offset, however wild; None for one that UTC has no year for."""
    if not isinstance(value, str):
        raise ValueError("must be text such as 2026-03-02T08:15:04+01:00")  # noqa: TRY004  collected with its path
    try:
        return parse_wild_instant(value, path="")
    except InvalidInstantError as error:
        raise ValueError(error.message) from error


def _scan(value: object) -> object:
    """Drop the spaces and line ends that scanners add."""
    return value.strip() if isinstance(value, str) else value


B = TypeVar("B", bound=BaseModel)

Text = Annotated[str, AfterValidator(_printable)]
Instant = Annotated[datetime | None, BeforeValidator(_instant)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Plate = Annotated[Text, Field(max_length=MAX_RAW_LENGTH)]


LONGEST_LINK = 300
MOST_CANDIDATES = 20
LONGEST_VEHICLE_REF = 64
LONGEST_ADDRESS = 2_048


class Candidate(BaseModel):
    """Another plate the camera thought of."""

    model_config = ConfigDict(strict=True)

    plate: Plate
    confidence: Share | None = None


class ReadBody(BaseModel):
    """The body of `POST /gates/{code}/reads`; unknown fields are ignored.

    `vehicle_ref` is the camera's own id of the car. Extras that can't be used are `dropped`, by their names: no car
    waits because of a picture's address.
    """

    model_config = ConfigDict(strict=True)

    event_id: UUID
    plate: Plate | None = None
    confidence: Share | None = None
    captured_at: Instant = None
    ticket_number: Annotated[Text, BeforeValidator(_scan), Field(max_length=LONGEST_LINK)] | None = None
    vehicle_ref: str | None = None
    candidates: list[Candidate] = Field(default_factory=list)
    vehicle_type: Literal["motorcycle", "compact", "regular", "large"] | None = None
    electric: bool = False
    permit: bool = False
    region: str | None = None
    image_url: str | None = None
    seq: Annotated[int, Field(ge=0, le=LARGEST_SEQ)] | None = None
    offline: bool = False
    dropped: list[str] = Field(default_factory=list)

    @model_validator(mode="before")
    @classmethod
    def _accept_simple_words(cls, data: Any) -> Any:
        if isinstance(data, dict):
            nulls = {name for name, value in data.items() if value is None}
            data = {name: value for name, value in data.items() if name not in nulls}
            word = data.get("vehicle_type")
            if isinstance(word, str):
                data["vehicle_type"] = SIMPLE_TYPES.get(word.lower(), word.lower())
            _drop_unusable(data)
        return data


def _drop_unusable(data: dict[str, Any]) -> None:
    """Leave out extras that can't be used, and note which."""
    data["dropped"] = dropped = []
    for name, is_usable in _EXTRAS.items():
        if name in data and not is_usable(data[name]):
            del data[name]
            dropped.append(name)
    candidates = data.get("candidates")
    if candidates is not None:
        usable = [one for one in candidates if _is_candidate(one)][:MOST_CANDIDATES]
        data["candidates"] = usable
        if len(usable) < len(candidates):
            dropped.append("candidates")


def _is_short_text(longest: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and len(value) <= longest and is_text(value)


def _is_address(value: Any) -> bool:
    return _is_short_text(LONGEST_ADDRESS)(value) and value.lower().startswith(("http://", "https://"))


def _is_candidate(value: Any) -> bool:
    if not isinstance(value, dict) or not _is_short_text(MAX_RAW_LENGTH)(value.get("plate")):
        return False
    share = value.get("confidence")
    return share is None or (isinstance(share, int | float) and not isinstance(share, bool) and 0 <= share <= 1)


_EXTRAS: dict[str, Callable[[Any], bool]] = {
    "vehicle_ref": _is_short_text(LONGEST_VEHICLE_REF),
    "region": _is_short_text(LONGEST_REGION),
    "image_url": _is_address,
    "candidates": lambda value: isinstance(value, list),
}


class GateReadBody(ReadBody):
    """The body of `POST /entry` and `POST /exit`: a read that names its gate."""

    gate: Annotated[Text, Field(max_length=60)]


class PassageBody(BaseModel):
    """The body of `POST /gates/{code}/passages`: what a barrier controller saw after an opening.

    A car that passes while the gate is held open needs no opening.
    """

    model_config = ConfigDict(strict=True)

    event_id: UUID
    of_event: UUID | None = None
    outcome: Literal["passed", "backed_out", "fault"]
    at: Instant | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """A read as it came (`body`), its plates normalised (None: unreadable), and a hash that tells bodies apart."""

    body: ReadBody
    plate: str | None
    candidates: tuple[str, ...]
    fingerprint: bytes

    @property
    def readable_plate(self) -> str | None:
        """Return the plate as it was read; None when that was a word for none, or lettering."""
        return self.body.plate if self.plate else None

    @property
    def scanned(self) -> str | None:
        """Return the scanned ticket number in its one form, or the token as it is."""
        text = self.body.ticket_number
        if not text:
            return None
        try:
            return parse_reference(text)
        except InvalidNumberError:
            return text.strip()


def parse_read(raw: bytes, *, none_words: frozenset[str]) -> Read:
    """Check a read's body; raises MalformedBodyError for what is no JSON object, InvalidReadError for wrong values.

    `none_words` are those of the device that sent it.
    """
    return read_of(_validated(ReadBody, raw), none_words=none_words)


def parse_gate_read(raw: bytes, *, none_words: frozenset[str]) -> tuple[str, Read]:
    """Check a body that names its gate and return both; otherwise as `parse_read`."""
    body = _validated(GateReadBody, raw)
    read = ReadBody.model_construct(**{name: getattr(body, name) for name in ReadBody.model_fields})
    return body.gate, read_of(read, none_words=none_words)


def parse_passage(raw: bytes) -> PassageBody:
    """Check the body of a passage; errors as `parse_read`."""
    return _validated(PassageBody, raw)


def read_of(body: ReadBody, *, none_words: frozenset[str] = frozenset()) -> Read:
    """Normalise the plates of a checked body; `none_words` is what its device sends for a car without a plate.

    What a person typed is a plate, whatever it says.
    """
    candidates = [normalise_reading(candidate.plate, none_words=none_words) for candidate in body.candidates]
    canonical = json.dumps(body.model_dump(mode="json", exclude_defaults=True), sort_keys=True).encode()
    return Read(
        body=body.model_copy(update={"plate": visible(body.plate)}) if body.plate else body,
        plate=normalise_reading(body.plate, none_words=none_words),
        candidates=tuple(candidate for candidate in candidates if candidate),
        fingerprint=hashlib.sha256(canonical).digest(),
    )


def shown_vehicle(read: Read) -> VehicleProfile:
    """Return what decides where the car may stand, as it was read."""
    body = read.body
    return VehicleProfile(VehicleType(body.vehicle_type or "regular"), electric=body.electric, permit=body.permit)


def _validated(model: type[B], raw: bytes) -> B:
    raw = raw.removeprefix(BOM_UTF8)
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        _refuse_malformed(raw)
        raise InvalidReadError(_("Some values do not fit; see errors."), errors=_errors_of(error)) from error


def _refuse_malformed(raw: bytes) -> None:
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise MalformedBodyError(_("The body is not valid JSON.")) from error
    if not isinstance(data, dict):
        raise MalformedBodyError(_("The body must be a JSON object."))


def _errors_of(error: ValidationError) -> list[FieldError]:
    return [FieldError(".".join(map(str, one["loc"])), one["msg"]) for one in error.errors(include_input=False)]
