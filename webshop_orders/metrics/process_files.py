"""The files in which the processes of a machine count, so that any of them can answer with the sums of all.

This is the multiprocess mode of prometheus_client (https://prometheus.github.io/client_python/multiprocess/). The
folder is named in the environment before the client is imported, since the client reads it then; processes that are
started later inherit it.
"""

import os
import socket
from contextlib import suppress
from pathlib import Path
from time import time

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
FOLDER = "metrics"  # in the instance folder
# Machines may share the instance folder, and have processes with the same ids.
MACHINE = socket.gethostname().replace("/", "-")
# More than the counts of every route take, and than those of every job. The client would extend a file, but sparsely.
BYTES_OF_SERVER = {"counter": 1 << 18, "histogram": 1 << 20}
BYTES_OF_WORKER = {"counter": 1 << 16, "histogram": 1 << 16}
OWNER_ONLY = 0o600
FORGET_SECONDS = 24 * 3600

_bytes = BYTES_OF_SERVER
_prepared_for: int | None = None


def use(instance: Path, *, in_worker: bool = False) -> None:
    """Let this process and those that it starts count in files; one that cannot write there counts for itself alone.

    The server begins with what its former processes counted removed. A worker may be started again beside a server that
    runs on, whose sums must not fall: it removes only what is older than a day.
    """
    global _bytes
    folder = Path(os.environ.get(FOLDER_VARIABLE) or instance / FOLDER)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _remove_dead(folder, older_than=FORGET_SECONDS if in_worker else 0)
    except OSError:
        os.environ.pop(FOLDER_VARIABLE, None)
        return
    os.environ[FOLDER_VARIABLE] = str(folder)
    _bytes = BYTES_OF_WORKER if in_worker else BYTES_OF_SERVER


def folder() -> Path | None:
    """The folder of the files; None where this process counts for itself alone."""
    name = os.environ.get(FOLDER_VARIABLE)
    return Path(name) if name else None


def own_name() -> str:
    """What the names of this process's files end with; called with each count, since a process may have been forked.

    The files are allocated in full first: a write to a page of a sparse file kills the process where the disk is full.
    Raises OSError where they cannot be made.
    """
    global _prepared_for
    process = os.getpid()
    name = f"{MACHINE}-{process}"
    if process != _prepared_for:
        for kind, size in _bytes.items():
            _allocate(Path(os.environ[FOLDER_VARIABLE]) / f"{kind}_{name}.db", size)
        _prepared_for = process
    return name


def _allocate(path: Path, size: int) -> None:
    """Make a file of zeros; it gets its name when it is whole, as another process may read it at once."""
    if path.exists():  # a process had the same id before, and its counts go on
        return
    unfinished = path.with_suffix(".new")
    try:
        with os.fdopen(os.open(unfinished, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, OWNER_ONLY), "wb") as file:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file.fileno(), 0, size)
            else:
                file.write(bytes(size))
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise
    unfinished.rename(path)


def _remove_dead(folder: Path, *, older_than: float) -> None:
    """Remove the files of processes that are gone; of those of other machines, what nobody counts in any more."""
    for path in folder.glob("*.db"):
        machine, _hyphen, process = path.stem.partition("_")[2].rpartition("-")
        with suppress(OSError):  # removed by another process meanwhile, or open in one on Windows
            age = time() - path.stat().st_mtime
            is_gone = machine == MACHINE and not _is_other_process(int(process))
            if age > FORGET_SECONDS if not is_gone else age >= older_than:
                path.unlink()


def _is_other_process(process: int) -> bool:
    """Whether another process than this one has this id; where that cannot be told, it is taken to be gone."""
    if os.name != "posix" or process == os.getpid():
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
