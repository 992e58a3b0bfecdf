"""Typed keys under which the application and a request carry what handlers need."""

from dataclasses import dataclass

from aiohttp import web

from gateway.flows.ports import Node, Trail

MAX_PORT = 65535


@dataclass(frozen=True, slots=True)
class WebSettings:
    """Where the web server listens and what it takes."""

    host: str = "127.0.0.1"
    port: int = 8400
    max_body_bytes: int = 5 * 1024 * 1024
    """A permit of 500 lines has less than 1 MB."""

    def __post_init__(self) -> None:
        """Refuse what cannot be a port; 0 lets the system choose one."""
        if not 0 <= self.port <= MAX_PORT:
            raise ValueError(f"port must be a whole number from 0 to {MAX_PORT}, not {self.port}")


NODE = web.AppKey("node", Node)
TRAIL = web.RequestKey("trail", Trail)
CORRELATION = web.RequestKey("correlation", str)
