"""Typed keys under which the application and a request carry what handlers need."""

from dataclasses import dataclass

from aiohttp import web

from gateway.flows.ports import Node, Trail


@dataclass(frozen=True, slots=True)
class WebSettings:
    """Where the web server listens and what it takes."""

    host: str = "127.0.0.1"
    port: int = 8400
    max_body_bytes: int = 5 * 1024 * 1024
    """A permit of 500 lines has less than 1 MB."""


NODE = web.AppKey("node", Node)
TRAIL = web.RequestKey("trail", Trail)
CORRELATION = web.RequestKey("correlation", str)
