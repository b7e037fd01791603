"""`cookieconsent demo`: opens the demo shop on this machine.

May not enter: the shop itself; how it is served (`serving.py`).
"""

from __future__ import annotations

import argparse
import errno
import importlib.util
import ipaddress
import logging
import os
import shlex
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

NAME: Final = "demo"
HELP: Final = "open a small shop that shows what happens to its cookies"
MORE: Final = "Ctrl-C closes it. Nothing is sold, and nothing leaves this machine."
DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 8000
_LAST_PORT: Final = 65_535
_TRIED_PORTS: Final = 100
_MAKE: Final = "COOKIECONSENT_MAKE"  # set by the Makefile to the target that runs this
SHAPES: Final = ("top", "bottom", "corner")
_NEEDED: Final = ("starlette", "uvicorn")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--wsgi",
        action="store_true",
        help="through the WSGI door, served by the standard library (default: ASGI, by uvicorn)",
    )
    parser.add_argument(
        "--port",
        type=_port,
        default=DEFAULT_PORT,
        help=f"the port (default: {DEFAULT_PORT}; 0: any free one)",
    )
    parser.add_argument(
        "--host",
        default=DEFAULT_HOST,
        help=f"the address to listen on (default: {DEFAULT_HOST}); browsers keep the consent cookie "
        "on this machine only",
    )
    parser.add_argument(
        "--shape",
        choices=SHAPES,
        default=SHAPES[0],
        help=f"the shape of the banner (default: {SHAPES[0]})",
    )
    parser.add_argument("--verbose", action="store_true", help="log every request and decision")


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text.lstrip("0")[:6] or "0") <= _LAST_PORT):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no port; use a number from 0 to {_LAST_PORT}"
        )
    return int(text)


def run(arguments: argparse.Namespace) -> int:
    """Serve the shop until it is interrupted."""
    if not arguments.wsgi and not all(map(importlib.util.find_spec, _NEEDED)):
        _say(
            "the shop needs Starlette and uvicorn: pip install 'cookieconsent[demo]' "
            "(or add --wsgi, which needs neither)"
        )
        return 2
    try:
        listener = _listen(arguments.host, arguments.port)
    except OSError as error:
        _say(_refusal(arguments, error))
        return 1
    if not _is_loopback(listener):
        _say(
            f"{arguments.host} can be reached from elsewhere; the shop is a demonstration, and "
            "browsers keep its consent cookie on this machine only"
        )
    if arguments.verbose:
        logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    with listener, _ended_quietly():
        _serve(arguments, listener)
    return 0


def _serve(arguments: argparse.Namespace, listener: socket.socket) -> None:
    # Only now: neither the shop nor a server is needed to answer `--help`.
    from cookieconsent.cli import serving  # noqa: PLC0415
    from cookieconsent.demo.shop import Shop  # noqa: PLC0415

    serve = serving.serve_wsgi if arguments.wsgi else serving.serve_asgi
    serve(Shop(shape=arguments.shape), listener, lambda: _announce(listener))


def _announce(listener: socket.socket) -> None:
    host, port = listener.getsockname()[:2]
    if listener.family == socket.AF_INET6:
        host = f"[{host}]"
    try:
        print(f"The shop is open: http://{host}:{port} (Ctrl-C closes it)", flush=True)  # noqa: T201
    except OSError:  # nobody listens to us; browsers may come all the same
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say(message: str) -> None:
    print(message[0].upper() + message[1:], file=sys.stderr)  # noqa: T201


@contextmanager
def _ended_quietly() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end what runs within, without a word."""
    # Set, not assumed: a shell starts background jobs with SIGINT ignored.
    before = {
        number: signal.signal(number, signal.default_int_handler)
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except UnicodeError as error:  # what cannot be encoded is no name either
        raise socket.gaierror(str(error)) from error
    return socket.create_server(address[:2], family=family, backlog=128)


def _is_loopback(listener: socket.socket) -> bool:
    return ipaddress.ip_address(listener.getsockname()[0]).is_loopback


def _refusal(arguments: argparse.Namespace, error: OSError) -> str:
    """Return why the port cannot be had, and what to type instead."""
    host, port = arguments.host, arguments.port
    if isinstance(error, socket.gaierror):
        return f"{host!r} is no address of this machine. Leave --host out for {DEFAULT_HOST}"
    if isinstance(error, PermissionError):
        problem = f"port {port} is not allowed to ordinary programs"
    elif error.errno == errno.EADDRINUSE:
        problem = f"port {port} is taken"
    else:
        return f"{host} port {port} cannot be listened on: {error.strerror}"
    free = _free_port(host, max(port + 1, DEFAULT_PORT))
    return f"{problem}. Free: {free}. Run: {_command(arguments, free)}"


def _command(arguments: argparse.Namespace, port: int) -> str:
    """Return what to type to open the same shop at another port, the way it was opened."""
    options = ["--wsgi"] if arguments.wsgi else []
    if arguments.host != DEFAULT_HOST:
        options += ["--host", arguments.host]
    if arguments.shape != SHAPES[0]:
        options += ["--shape", arguments.shape]
    options += ["--port", str(port)]
    target = os.environ.get(_MAKE)
    if target:
        return f"{target} DEMO_ARGS={shlex.quote(shlex.join(options))}"
    return f"{arguments.program} {NAME} {shlex.join(options)}"


def _free_port(host: str, first: int) -> int:
    """Return a port that could be listened on just now; the next ones are tried first."""
    for port in (*range(first, min(first + _TRIED_PORTS, _LAST_PORT + 1)), 0):
        try:
            with _listen(host, port) as listener:
                found: int = listener.getsockname()[1]
                return found
        except OSError:
            continue
    return 0
