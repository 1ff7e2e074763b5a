"""How programs ask for a page of a list."""

from typing import Annotated

from pydantic import Field

DEFAULT_SIZE = 50
PageNumber = Annotated[int, Field(ge=1, le=100_000)]
PageSize = Annotated[int, Field(ge=1, le=200)]
