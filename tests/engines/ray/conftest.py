"""A cluster listens on this machine's own address, not only on its loopback."""

from __future__ import annotations

import os
import socket

import pytest


@pytest.fixture(autouse=True)
def _no_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse connections outside this machine; the cluster of the test is on it."""
    if request.node.get_closest_marker("real"):
        return
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else "local"
        own = os.environ.get("RAY_ADDRESS", "").rpartition(":")[0]
        if host not in ("127.0.0.1", "::1", "localhost", "local", own):
            raise OSError(f"a test tried to reach {host}")
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded)
