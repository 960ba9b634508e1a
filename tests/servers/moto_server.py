"""An S3 server: moto in a process of its own, and functions that put files into it."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from tests.servers.asking import ask
from tests.servers.processes import stop

CHECKOUT = Path(__file__).parents[2]


@contextmanager
def s3_server() -> Iterator[str]:
    """Run an empty S3 server and yield its endpoint URL; it accepts any access key and secret."""
    command = [sys.executable, "-m", __name__]
    with subprocess.Popen(
        command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        try:
            yield _announced(process.stdout.readline())
        finally:
            stop(process)


def make_bucket(endpoint: str, bucket: str, public: bool = False) -> None:
    """Create a bucket; its objects can be read without credentials only if it is public."""
    headers = {"x-amz-acl": "public-read"} if public else {}
    _put(f"{endpoint}/{bucket}", b"", headers)


def put_tree(endpoint: str, bucket: str, prefix: str, root: Path) -> None:
    """Put the files of a folder below a prefix of an existing bucket."""
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        put(endpoint, bucket, f"{prefix.strip('/')}/{path.relative_to(root).as_posix()}", path.read_bytes())


def put(endpoint: str, bucket: str, key: str, data: bytes) -> None:
    """Put one object."""
    _put(f"{endpoint}/{bucket}/{quote(key.lstrip('/'))}", data, {})


def _put(url: str, data: bytes, headers: dict[str, str]) -> None:
    answer = ask(url, "PUT", data, headers)
    assert answer.status == 200, answer


def _announced(line: str) -> str:
    assert line.startswith("http://"), "moto did not start; what it said is on stderr"
    return line.strip()


def serve() -> None:
    """Serve on a free port, print the URL, and stop when stdin is closed."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    print(f"http://{host}:{port}", flush=True)
    sys.stdin.read()
    server.stop()


if __name__ == "__main__":
    serve()
