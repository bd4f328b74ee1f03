"""Where test databases stand: in memory, where there is room. On a disk that others write to as well, a copy takes fifty times as long."""

import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM = 4 * 1024**3  # bytes; a container may have no more than 64 MB there


def home() -> Path:
    """The folder in which others are made."""
    try:
        roomy = shutil.disk_usage(MEMORY).free >= ROOM
    except OSError:
        roomy = False
    return MEMORY if roomy else Path(tempfile.gettempdir()).resolve()
