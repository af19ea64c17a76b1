"""``reeltop serve``: who gets in, and the dashboard in a real browser."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from tests.tui.terminal.browser import PROGRAM, chromium

ROOT = Path(__file__).parents[3]


@asynccontextmanager
async def serving(folder: Path, *words: str) -> AsyncIterator[str]:
    """Run ``reeltop serve`` on a free port; yield the address that it prints."""
    env = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("REELTOP_", "SSH_"))},
        "REELTOP_CONFIG": str(folder / "config.toml"),
        "REELTOP_DATA": str(folder / "data"),
        "REELTOP_DOWNLOADS": str(folder / "downloads"),
    }
    (folder / "config.toml").touch()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "backend", "serve", "--port", "0", "--sandbox", "--json", *words),
        cwd=ROOT,
        env=env,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        yield json.loads(await asyncio.wait_for(process.stdout.readline(), 30))["address"]
    finally:
        process.terminate()
        assert await asyncio.wait_for(process.wait(), 30) == 0


async def test_nobody_gets_in_without_the_token(tmp_path: Path) -> None:
    jar = aiohttp.CookieJar(unsafe=True)  # of a host without a name
    async with serving(tmp_path) as address, aiohttp.ClientSession(cookie_jar=jar) as session:
        root = address.split("?")[0]
        for path in ("", "ws", "static/js/textual.js", "download/x", "?token=", "?token=wrong"):
            async with session.get(root + path) as answer:
                assert answer.status == 401, path
                assert "token=" not in await answer.text()
        async with session.get(address, headers={"Host": "evil.example"}, allow_redirects=False) as answer:
            assert answer.status == 421
        async with session.get(address, headers={"Origin": "http://evil.example"}) as answer:
            assert answer.status == 403
        async with session.get(address) as answer:
            assert (answer.status, str(answer.url)) == (200, root)
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(f"{root}ws", headers={"Origin": "http://evil.example"})
        assert refused.value.status == 403


async def test_a_port_in_use_is_said(tmp_path: Path) -> None:
    async with serving(tmp_path) as address:
        port = address.split(":")[2].split("/")[0]
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "backend", "serve", "--port", port),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        assert (process.returncode, out) == (2, b"")
        assert f"port {port}: " in err.decode()


@pytest.mark.skipif(PROGRAM is None, reason="needs Chromium")
async def test_the_dashboard_works_in_a_browser(tmp_path: Path) -> None:
    async with serving(tmp_path) as address, chromium() as page:
        await page.open(address)
        await page.wait_for(b"SANDBOX: nothing here costs money")
        await page.wait_for(b"tries one in the sandbox")
        await page.click(600, 300)
        before = await page.picture()
        await page.press("m")
        await page.wait_for(b"text2video")
        await asyncio.sleep(0.5)
        assert await page.picture() != before
        assert await page.evaluate("document.location.search") == ""
        own = address.split("/?")[0].split("//")[1]
        assert {url.split("/")[2] for url in page.asked if url.startswith("http")} <= {
            own,
            "fonts.googleapis.com",  # named by the page, held back by the policy
        }
