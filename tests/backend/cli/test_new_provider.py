"""A provider more is one module and one line in the registry: everything else follows from its model."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from backend.providers import registry
from backend.providers.fields import Role, check, field_specs
from backend.sandbox import media
from tests.backend.cli.conftest import Inside
from tests.backend.media import conftest as clips
from tests.backend.providers import toy


class Studio(ThreadingHTTPServer):
    """What a toy provider's own server does, as far as the toy's page tells."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.made: list[Any] = []
        self.url = f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Studio

    def do_POST(self) -> None:
        self.server.made.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self._say(200, {"id": f"d-{len(self.server.made)}", "status": "queued"})

    def do_GET(self) -> None:
        if self.path.startswith("/films/"):
            self._send(200, media.video(clips.job("a toy")), "video/mp4")
        elif self.headers["Authorization"] != "Bearer toy-key":
            self._say(401, {"error": {"message": "who are you?"}})
        elif self.path.startswith("/draw/"):
            job = self.path.rpartition("/")[2]
            self._say(200, {"id": job, "status": "succeeded", "url": f"{self.server.url}/films/{job}.mp4"})
        else:
            self._say(200, {})

    def _say(self, status: int, body: Any) -> None:
        self._send(status, json.dumps(body).encode(), "application/json")

    def _send(self, status: int, content: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        del format, args


@pytest.fixture
def studio(monkeypatch: pytest.MonkeyPatch) -> Iterator[Studio]:
    monkeypatch.setattr(registry, "_MODULES", dict(registry._MODULES))
    registry.register("toy", toy.__name__)
    with Studio() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def reeltop(bare_inside: Inside, studio: Studio) -> Inside:
    bare_inside.configure(
        f'[accounts.mine]\nprovider = "toy"\nbase_url = "{studio.url}"\napi_key = "env:TOY_KEY"\n'
        "[accounts.mine.limits]\npoll_first = 0.1\npoll_max = 0.1\nmin_spacing = 0.01\n"
    )
    return bare_inside


@pytest.mark.usefixtures("studio")
def test_the_form_is_made_from_its_model() -> None:
    model = registry.operation("toy", "draw").model
    (spec,) = field_specs(model)
    assert (spec.name, spec.title, spec.role, spec.required) == ("prompt", "Prompt", Role.PROMPT, True)
    assert [issue.field for issue in check(model, {}).issues] == ["prompt"]


def test_the_command_line_knows_it(reeltop: Inside, studio: Studio) -> None:
    assert "toy/draw" in reeltop("operations").out
    assert "What to draw." in reeltop("operations", "toy/draw").out
    assert reeltop("accounts", "check", TOY_KEY="toy-key").code == 0
    dry = reeltop("submit", "--set", "prompt=a cat", "--dry-run", "--json").json()
    assert (dry["url"], dry["body"]) == (f"{studio.url}/draw", {"prompt": "a cat"})
    assert studio.made == []


def test_a_task_goes_through_all_of_it(reeltop: Inside, studio: Studio) -> None:
    done = reeltop("submit", "--set", "prompt=a cat", "--wait", "--json", TOY_KEY="toy-key")
    assert done.code == 0, done.err
    task = done.json()
    assert (task["provider"], task["operation"], task["status"]) == ("toy", "draw", "succeeded")
    assert Path(task["artifacts"][0]["path"]).stat().st_size > 1000
    assert studio.made == [{"prompt": "a cat"}]
    assert reeltop("list", "--json").json()[0]["remote_id"] == "d-1"
    refused = reeltop("list", "--remote", "--account", "mine", TOY_KEY="toy-key")
    assert (refused.code, "Toy has no list of tasks" in refused.err) == (2, True)
    assert "Toy offers no deleting" in reeltop("delete", task["id"], TOY_KEY="toy-key").err
