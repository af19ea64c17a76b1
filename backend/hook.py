"""The user's own program, told of each task that has ended or needs a person (``on_finished``)."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Callable, Iterable

from backend.errors import ReeltopError
from backend.language import _
from backend.news import News
from backend.programs import Program
from backend.records import dumps, to_json

_AT_A_TIME = 2
_SECONDS = 60.0
"""How long the program may take."""
_LAST_SECONDS = 10.0
"""How long those still under way are waited for at the end."""


class Hook:
    """Runs the program once for each piece of news, the task as JSON on its standard input.

    The task is never part of a command line, and no shell reads it. In its environment the program finds
    ``REELTOP_NEEDS``: why the task needs a person, or nothing if it has just ended.
    """

    def __init__(self, command: str, complain: Callable[[str], None]) -> None:
        """`complain` is told in one line when the program fails. Raises ValueError for unpaired quotes."""
        self._words = shlex.split(command)
        self._complain = complain
        self._places = asyncio.Semaphore(_AT_A_TIME)
        self._jobs: set[asyncio.Task[None]] = set()

    def tell(self, news: Iterable[News]) -> None:
        """Start the program for each; returns at once."""
        for one in news:
            job = asyncio.ensure_future(self._run(one))
            self._jobs.add(job)
            job.add_done_callback(self._jobs.discard)

    async def close(self) -> None:
        """Let what is under way come to its end, within bounds."""
        jobs = list(self._jobs)
        if not jobs:
            return
        _, late = await asyncio.wait(jobs, timeout=_LAST_SECONDS)
        for job in late:
            job.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _run(self, news: News) -> None:
        async with self._places:
            try:
                self._judge(await self._call(news))
            except TimeoutError:
                self._complain(
                    _("on_finished: {program} took more than {seconds:.0f} s and was ended").format(
                        program=self._words[0], seconds=_SECONDS
                    )
                )
            except OSError as error:
                self._complain(
                    _("on_finished: {program}: {reason}").format(
                        program=self._words[0], reason=error.strerror or _("cannot be run")
                    )
                )
            except (ReeltopError, ValueError) as error:
                self._complain(f"on_finished: {error}")

    async def _call(self, news: News) -> int:
        program = Program(self._words, environment={"REELTOP_NEEDS": news.needs}, seconds=_SECONDS)
        return await program.run(dumps(to_json(news.task)) + b"\n")

    def _judge(self, code: int) -> None:
        if code:
            self._complain(
                _("on_finished: {program} ended with exit code {code}").format(
                    program=self._words[0], code=code
                )
            )
