"""Where files lie: in a folder, or in an S3-compatible storage."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import storages
from django.utils.timezone import now

from exports.file_store import store
from exports.models import Export
from exports.services import cancel_export
from parking.export_storage import export_storage, unfinished_folder
from tests.exports.orders import content, rows, written
from tests.factories import make_lot, make_ticket, make_user


def test_a_folder_is_private(tmp_path):
    entry = export_storage(str(tmp_path / "files"))

    assert entry["OPTIONS"]["location"] == str(tmp_path / "files")
    assert (entry["OPTIONS"]["file_permissions_mode"], entry["OPTIONS"]["directory_permissions_mode"]) == (0o600, 0o700)
    assert unfinished_folder(str(tmp_path / "files"), tmp_path) == tmp_path / "files" / "unfinished"


def test_a_bucket_is_named_with_its_folder(tmp_path):
    entry = export_storage("s3://bucket/some/folder/")

    assert (entry["OPTIONS"]["bucket_name"], entry["OPTIONS"]["location"]) == ("bucket", "some/folder")
    assert unfinished_folder("s3://bucket", tmp_path) == tmp_path / "exports" / "unfinished"


@pytest.mark.parametrize("where", ["ftp://bucket", "s3://", "http://x/y"])
def test_other_addresses_are_refused(where):
    with pytest.raises(ImproperlyConfigured, match="EXPORTS_STORAGE"):
        export_storage(where)


class Bucket(BaseHTTPRequestHandler):
    """As much of S3 as a file needs."""

    files: dict[str, bytes]

    def do_PUT(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if "chunked" in self.headers.get("Content-Encoding", ""):
            size, _, rest = body.partition(b"\r\n")
            body = rest[: int(size.partition(b";")[0], 16)]
        self.files[self.path] = body
        self._answer(200)

    def do_GET(self):
        body = self.files.get(self.path.partition("?")[0])
        self._answer(404 if body is None else 200, body or b"")

    do_HEAD = do_GET  # noqa: N815 - the names of the server

    def do_DELETE(self):
        self.files.pop(self.path, None)
        self._answer(204)

    def _answer(self, status, body=b""):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Last-Modified", "Sun, 29 Nov 2026 12:00:00 GMT")
        self.send_header("ETag", '"x"')
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def bucket(settings, monkeypatch, export_folder):
    pytest.importorskip("storages.backends.s3", reason="needs django-storages[s3]")
    files: dict[str, bytes] = {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Ours", (Bucket,), {"files": files}))
    Thread(target=server.serve_forever, daemon=True).start()
    for name, value in {
        "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    settings.STORAGES = settings.STORAGES | {"exports": export_storage("s3://bucket/folder")}
    storages._storages.clear()
    storages.__dict__.pop("backends", None)
    yield files
    server.shutdown()
    server.server_close()


@pytest.mark.django_db(transaction=True)
def test_files_lie_in_a_bucket_until_they_are_removed(bucket):
    lot = make_lot()
    make_ticket(lot, "ZH 1")
    export = written(make_user("admin", lot.operator))

    assert export.state == "ready", export.failure
    assert list(bucket) == [f"/bucket/folder/{export.file}"]
    assert content(export) == bucket[f"/bucket/folder/{export.file}"]
    assert len(rows(export)) == 1
    cancel_export(export=export, at=now())
    assert bucket == {}
    assert not store().exists(Export.objects.get().file)
