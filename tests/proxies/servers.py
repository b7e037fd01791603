"""A site on loopback, and a caching proxy before it, configured as the guide says.

Each proxy is a process of its own in a folder of its own, on a free port, and ends with its block.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from starlette.applications import Starlette
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from browser.site import serve_asgi
from cookieconsent import Config, consent_of
from cookieconsent.middleware.asgi import CookieConsentMiddleware

if TYPE_CHECKING:
    from starlette.requests import Request

PATIENCE_SECONDS: Final = 30.0
PUBLIC: Final = {"cache-control": "public, max-age=600"}


async def page(request: Request) -> Response:
    """Answer with a page that is the same for everybody."""
    text = f"<!DOCTYPE html><title>{request.url.path}</title><body><p>Hello</p></body>"
    return HTMLResponse(text, headers=PUBLIC)


async def personal(request: Request) -> Response:
    """Answer with a page that depends on the answer."""
    counted = consent_of(request).allows("analytics")
    return HTMLResponse(f"<title>t</title><body><p>counted: {counted}</p></body>", headers=PUBLIC)


async def count(request: Request) -> Response:
    """Set what needs consent, in a page that caches may keep."""
    return HTMLResponse("<title>t</title><body>", headers=PUBLIC | {"set-cookie": "_ga=1; Path=/"})


async def picture(request: Request) -> Response:
    return Response(b"GIF89a", media_type="image/gif", headers=PUBLIC)


def site() -> Starlette:
    routes: dict[str, Any] = {
        "/": page,
        "/tea": page,
        "/personal": personal,
        "/count": count,
        "/dot.gif": picture,
    }
    return Starlette(routes=[Route(path, endpoint) for path, endpoint in routes.items()])


def serve(config: Config) -> AbstractContextManager[int]:
    """Serve the site behind the middleware and give its port."""
    return serve_asgi(CookieConsentMiddleware(site(), config=config))


def program(name: str) -> str | None:
    """Return the path of a server program; they live where only root looks."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


@contextmanager
def running(command: list[str], port: int) -> Iterator[None]:
    """Run a server in the foreground until the block ends."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        try:
            _wait_for(port, process)
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=PATIENCE_SECONDS)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while process.poll() is None and time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    process.kill()
    said = process.communicate()[0].decode()
    message = f"{process.args!r} does not listen:\n{said}"
    raise RuntimeError(message)


@contextmanager
def nginx(configuration: str, origin: int, folder: Path) -> Iterator[int]:
    """Run nginx with the server of the guide, on another port and in this folder."""
    port = free_port()
    changes = {
        "/var/cache/nginx/pages": str(folder / "pages"),
        "127.0.0.1:8000": f"127.0.0.1:{origin}",
        "listen 80;": f"listen 127.0.0.1:{port};",
    }
    for written, here in changes.items():
        assert configuration.count(written) == 1, written
        configuration = configuration.replace(written, here)
    paths = "".join(
        f"{kind}_temp_path {folder / kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    file = folder / "nginx.conf"
    file.write_text(
        f"daemon off;\nmaster_process off;\npid {folder / 'nginx.pid'};\nerror_log stderr;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{paths}{configuration}\n}}\n",
        encoding="utf-8",
    )
    command = [str(program("nginx")), "-p", str(folder), "-e", "stderr", "-c", str(file)]
    with running(command, port):
        yield port


@contextmanager
def varnish(configuration: str, origin: int, folder: Path) -> Iterator[int]:
    """Run Varnish with the configuration of the guide, on another port and in this folder."""
    port = free_port()
    assert configuration.count('.port = "8000"') == 1
    file = folder / "default.vcl"
    text = configuration.replace('.port = "8000"', f'.port = "{origin}"')
    file.write_text(text, encoding="utf-8")
    command = [str(program("varnishd")), "-F", "-a", f"127.0.0.1:{port}", "-f", str(file)]
    command += ["-n", str(folder / "work"), "-j", "none", "-s", "malloc,8M"]
    with running(command, port):
        yield port
