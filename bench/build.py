"""The small C programs of the benchmark: compiled when their source has changed. Knows no server."""

import subprocess
from hashlib import sha256
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
BUILD: Final = HERE / ".build"

_FLAGS: Final = {
    "load": ("-lssl", "-lcrypto"),
    "limit": ("-lssl", "-lcrypto"),
    "slow_disk": ("-shared", "-fPIC", "-ldl"),
}


def build(name: str) -> Path:
    """Return the compiled program (or library) of that name.

    Raises:
        SystemExit: there is no compiler, or no OpenSSL to compile against.
    """
    source = HERE / f"{name}.c"
    target = BUILD / f"{name}-{sha256(source.read_bytes() + (HERE / 'messages.h').read_bytes()).hexdigest()[:12]}"
    if not target.exists():
        BUILD.mkdir(exist_ok=True)
        command = ["gcc", "-O2", "-Wall", "-Wextra", "-o", str(target), str(source), *_FLAGS[name]]
        try:
            subprocess.run(command, check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise SystemExit(f"{source.name} does not compile ({error}): apt-get install -y gcc libssl-dev") from error
    return target
