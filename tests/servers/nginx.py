"""A real nginx that serves a folder as it is, compressed, after a redirect and behind a password."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from tests.servers.asking import READER, ask
from tests.servers.processes import located, running, wait_until

LOG_FIELDS = {
    "method": "$request_method",
    "uri": "$request_uri",
    "status": "$status",
    "authorization": "$http_authorization",
    "if_none_match": "$http_if_none_match",
    "range": "$http_range",
}


class Logged(NamedTuple):
    """One request in the access log; a header that was not sent is empty."""

    method: str
    uri: str
    status: int
    authorization: str
    if_none_match: str
    range: str


@contextmanager
def nginx(root: Path, folder: Path, extra: str = "", elsewhere: str = "") -> Iterator[str]:
    """Serves `root` and yields the URL of the server, which keeps all its own files in `folder`.

    Args:
        extra: more lines for the `server` block.
        elsewhere: the URL that `/elsewhere/...` redirects to; without it there is no such location.
    """
    program, log = located("nginx"), folder / "output.log"
    folder.mkdir(parents=True, exist_ok=True)
    # nginx takes over a listening socket that this variable names: no port can be lost to another test.
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        conf = write_conf(root, folder, url, _elsewhere(elsewhere) + extra)
        command = [program, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(conf)]
        number = listener.fileno()
        environment = {**os.environ, "NGINX": f"{number};"}
        with running(command, log, env=environment, pass_fds=[number]) as process:
            listener.close()
            wait_until(lambda: _ready(url), process, log)
            yield url


def requests(folder: Path) -> list[Logged]:
    """The requests so far, in the order of the access log."""
    # A line is written after its answer, but before nginx looks at the next request: ask one more.
    with suppress(OSError):
        _ready((folder / "url").read_text())
    lines = (folder / "access.log").read_text().splitlines()
    return [Logged(**{**fields, "status": int(fields["status"])}) for fields in map(json.loads, lines)]


def write_conf(root: Path, folder: Path, url: str, extra: str) -> Path:
    """Write the configuration and the files that it names."""
    (folder / "url").write_text(url)
    (folder / "passwords").write_text("{}:{{PLAIN}}{}\n".format(*READER))
    conf = folder / "nginx.conf"
    conf.write_text(
        f"{_main(folder)}http {{\n{_http(folder)}server {{\n{_server(root, url)}{extra}\n}}\n}}\n"
    )
    return conf


def _ready(url: str) -> bool | None:
    with suppress(ConnectionError):
        return ask(f"{url}/ready").status == 204
    return None


def _main(folder: Path) -> str:
    # Root's workers would otherwise become a user who cannot read the folders of the tests.
    user = "user root;\n" if os.geteuid() == 0 else ""
    return f"""\
{user}daemon off;
worker_processes 1;
pid "{folder}/pid";
lock_file "{folder}/lock";
events {{ worker_connections 128; }}
"""


def _http(folder: Path) -> str:
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "\n".join(f'{kind}_temp_path "{folder}/{kind}";' for kind in kinds)
    fields = json.dumps(LOG_FIELDS)
    return f"""\
{temporary}
log_format fields escape=json '{fields}';
access_log "{folder}/access.log" fields;
types {{ application/json json; text/html html; }}
default_type application/octet-stream;
auth_basic_user_file "{folder}/passwords";
"""


def _server(root: Path, url: str) -> str:
    return f"""\
listen {url.removeprefix("http://")};
etag on;
location = /ready {{ access_log off; return 204; }}
location /plain/ {{ alias "{root}/"; }}
location /gzip/ {{
  alias "{root}/";
  gzip on;
  gzip_min_length 0;
  gzip_types application/json application/octet-stream;
}}
location /moved/ {{ rewrite ^/moved/(.*)$ /plain/$1 redirect; }}
location /private/ {{ alias "{root}/"; auth_basic private; }}
"""


def _elsewhere(url: str) -> str:
    return f"location /elsewhere/ {{ rewrite ^/elsewhere/(.*)$ {url}/$1 redirect; }}\n" if url else ""
