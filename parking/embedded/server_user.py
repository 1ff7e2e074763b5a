"""Decides which user runs the servers, and makes their files accessible to that user.

PostgreSQL refuses to run as root. Started by root, both servers run as the user `parking`, which is created the first
time, or as `nobody` (which other services may use too) where users can't be created. When that user can't reach the
data folder or the programs (as below /root), they are kept in a folder below /var/lib.

Folders are accessible to their owner only, except that the servers' user may pass through those of root above its own.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from parking.embedded import binaries, locks
from parking.embedded.errors import EmbeddedServerError
from parking.embedded.layout import Layout

OUTSIDE = Path("/var/lib")
OWN_USER = "parking"
STAND_IN = "nobody"
NEW_USER = ("--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent")
PRIVATE = 0o700
PRIVATE_FILE = 0o600
PASSED_THROUGH = 0o710


@dataclass(frozen=True, slots=True)
class Owner:
    """The user that runs the servers. `drops` is true when the starting process is another user (root)."""

    name: str
    uid: int
    gid: int
    drops: bool

    @property
    def switch_uid(self) -> int | None:
        """Return the `user` argument for `subprocess`: none when no change of user is needed (or allowed)."""
        return self.uid if self.drops else None

    @property
    def switch_gid(self) -> int | None:
        return self.gid if self.drops else None

    @property
    def switch_groups(self) -> list[int] | None:
        return [] if self.drops else None


def server_owner() -> Owner:
    """Return who runs the servers: the current user, or their own user instead of root."""
    drops = os.geteuid() == 0
    try:
        entry = _own_user() if drops else pwd.getpwuid(os.geteuid())
    except KeyError:
        raise EmbeddedServerError(
            "The embedded PostgreSQL needs a user with an entry in /etc/passwd to run as, and there is none "
            f"({OWN_USER if drops else f'uid {os.geteuid()}'}). Add one, or set DATABASE_URL and REDIS_URL."
        ) from None
    return Owner(entry.pw_name, entry.pw_uid, entry.pw_gid, drops)


def prepare_folders(layout: Layout, owner: Owner) -> None:
    """Create the layout's folders with private modes, and correct existing ones."""
    prepare_data_folder(layout.data, owner)
    layout.logs.mkdir(mode=PRIVATE, exist_ok=True)
    layout.logs.chmod(PRIVATE)
    _close_files(layout.logs)
    if not layout.servers.exists():
        _make_servers_folder(layout, owner)
    _close(layout.servers, owner)
    programs = [folder for folder in (layout.servers / "programs",) if folder.exists()]
    with locks.opened(layout.data / "servers.lock") as running:
        # While servers run, their files keep their owner.
        is_free = running.try_exclusive()
        for folder in (layout.postgres, layout.redis, layout.sockets, *programs):
            _make_private(folder, owner, take_over=is_free)


def prepare_data_folder(data: Path, owner: Owner) -> None:
    """Create the data folder, or correct its modes."""
    _make_root_folder(data)
    _close(data, owner)
    _close_files(data)


def reachable_copy(layout: Layout, owner: Owner, program: Path, root: Path, parts: tuple[str, ...]) -> Path:
    """Return `program`, or its counterpart in a copy of `parts` of `root` when the owner can't reach the original.

    `program` is below one of the parts. The copy is renewed when the original changes.
    """
    if not owner.drops or can_reach(program, owner):
        return program
    stamp = f"{program.name}-{int(program.stat().st_mtime)}-{program.stat().st_size}"
    copy = layout.servers / "programs" / stamp
    if not copy.exists():
        unfinished = copy.with_name(f"{stamp}.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        for part in parts:
            source, target = root / part, unfinished / part
            (shutil.copytree if source.is_dir() else shutil.copy2)(source, target)
        for path in (unfinished.parent, unfinished, *unfinished.rglob("*")):
            os.chown(path, owner.uid, owner.gid)
        unfinished.rename(copy)
    return copy.resolve() / program.relative_to(root)


def postgres_programs(layout: Layout, owner: Owner) -> Path:
    """Return the folder with `initdb` and `postgres` that the owner can run."""
    package = binaries.postgres_package()
    program = package / binaries.POSTGRES_TREE / "bin" / "postgres"
    parts = (f"{package.name}/{binaries.POSTGRES_TREE}", binaries.POSTGRES_LIBRARIES)
    return reachable_copy(layout, owner, program, package.parent, parts).parent


def redis_program(layout: Layout, owner: Owner) -> Path:
    """Return the Redis server that the owner can run."""
    program = binaries.redis_program()
    return reachable_copy(layout, owner, program, program.parent, (program.name,))


def can_reach(path: Path, owner: Owner) -> bool:
    """Return whether the owner may enter every folder above `path`, by the mode bits."""
    return all(_may_enter(folder, owner) for folder in path.resolve().parents)


def _own_user() -> pwd.struct_passwd:
    """Return the servers' user and create it if needed. Raises KeyError when there is no fallback either."""
    try:
        return pwd.getpwnam(OWN_USER)
    except KeyError:
        program = shutil.which("useradd")
    if program:
        # Of two concurrent starts, one fails because the user exists, which is fine.
        line = [program, *NEW_USER, "--shell", "/usr/sbin/nologin", OWN_USER]
        subprocess.run(line, capture_output=True, check=False)
        try:
            return pwd.getpwnam(OWN_USER)
        except KeyError:
            pass
    return pwd.getpwnam(STAND_IN)


def _close(folder: Path, owner: Owner) -> None:
    """Make a folder private to the starting user, except that the servers' user may pass through."""
    if folder.stat().st_uid != os.geteuid():
        return
    if owner.drops and can_reach(folder, owner):
        os.chown(folder, -1, owner.gid)
        folder.chmod(PASSED_THROUGH)
    else:
        folder.chmod(PRIVATE)


def _close_files(folder: Path) -> None:
    for file in folder.iterdir():
        if file.is_file() and not file.is_symlink() and file.stat().st_uid == os.geteuid():
            file.chmod(PRIVATE_FILE)


def _may_enter(folder: Path, owner: Owner) -> bool:
    status = folder.stat()
    if status.st_uid == owner.uid:
        return bool(status.st_mode & 0o100)
    if status.st_gid == owner.gid:
        return bool(status.st_mode & 0o010)
    return bool(status.st_mode & 0o001)


def _make_root_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    except OSError as error:
        raise EmbeddedServerError(f"The data folder {folder} can't be made: {error.strerror}.") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise EmbeddedServerError(f"The data folder {folder} is not writable for this user (made by root, perhaps?).")


def _make_servers_folder(layout: Layout, owner: Owner) -> None:
    if not owner.drops or can_reach(layout.servers, owner):
        layout.servers.mkdir(mode=PRIVATE)
        return
    # The link dangles when the outside folder was deleted by hand.
    layout.servers.unlink(missing_ok=True)
    outside = Path(tempfile.mkdtemp(prefix="parking-", dir=OUTSIDE))
    layout.servers.symlink_to(outside)


def _make_private(folder: Path, owner: Owner, *, take_over: bool) -> None:
    folder.mkdir(mode=PRIVATE, exist_ok=True)
    status = folder.lstat()
    if folder.is_symlink() or status.st_uid not in {owner.uid, os.geteuid(), *_former_owners(owner)}:
        raise EmbeddedServerError(f"{folder} belongs to another user; remove it or choose another data folder.")
    if owner.drops and status.st_uid != owner.uid and (take_over or status.st_uid == os.geteuid()):
        for path in (folder, *folder.rglob("*")):
            os.chown(path, owner.uid, owner.gid, follow_symlinks=False)
    folder.chmod(PRIVATE)


def _former_owners(owner: Owner) -> set[int]:
    """Return whose folders may be taken over: those of the fallback user, once the servers' own user exists."""
    try:
        return {pwd.getpwnam(STAND_IN).pw_uid} if owner.drops else set()
    except KeyError:
        return set()
