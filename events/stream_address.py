"""Where the stream of events leads, from one setting: `redis://…/0/NAME`, `kafka://…/TOPIC`, or nowhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Literal
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

OWN_REDIS = "redis"
"""The word for the installation's own Redis."""
OWN_NAME = "parking-events"
_FORMS = "redis, redis://host:6379/0/name or kafka://host:9092/topic"


@dataclass(frozen=True, slots=True)
class StreamAddress:
    """A Redis stream or a Kafka topic; `label` names it without its password, and is the key of its progress."""

    kind: Literal["redis", "kafka"]
    server: str = field(repr=False)
    name: str
    label: str
    options: Mapping[str, str] = field(default_factory=dict, repr=False)


def stream_address(setting: str, *, own_redis: str) -> StreamAddress | None:
    """Return where `EVENTS_STREAM` leads; None for nowhere. Raises ImproperlyConfigured."""
    if not setting:
        return None
    if setting == OWN_REDIS:
        return StreamAddress("redis", own_redis, OWN_NAME, f"{OWN_REDIS}/{OWN_NAME}")
    try:
        parts = urlsplit(setting)
    except ValueError:
        parts = urlsplit("")
    path, _, name = parts.path.rpartition("/")
    name, hosts = unquote(name), parts.netloc.rpartition("@")[2]
    label = f"{parts.scheme}://{hosts}{parts.path}"
    if name and hosts and parts.scheme in {"redis", "rediss"} and path.removeprefix("/").isdecimal():
        return StreamAddress("redis", parts._replace(path=path).geturl(), name, label)
    if name and hosts and parts.scheme == "kafka" and not path:
        return _kafka(parts, hosts, name, label)
    # The setting itself may have a password in it.
    raise ImproperlyConfigured(f"EVENTS_STREAM is not understood; it is one of {_FORMS}.")


def _kafka(parts: SplitResult, hosts: str, name: str, label: str) -> StreamAddress:
    if find_spec("confluent_kafka") is None:
        raise ImproperlyConfigured("EVENTS_STREAM leads to Kafka, which needs the package confluent-kafka.")
    options = dict(parse_qsl(parts.query))
    user, _, password = parts.netloc.rpartition("@")[0].partition(":")
    if user:
        options |= {"sasl.username": unquote(user), "sasl.password": unquote(password)}
        options = {"security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN"} | options
    return StreamAddress("kafka", hosts, name, label, options)
