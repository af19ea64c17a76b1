"""``reeltop paths``: where things are kept."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from backend.cli.command import Command
from backend.cli.exits import Exit
from backend.cli.output import complain
from backend.cli.running import options_of
from backend.config import Config, load_config
from backend.errors import ConfigError
from backend.language import N_
from backend.options import places

if TYPE_CHECKING:
    from backend.cli.output import Output
    from backend.options import Options


def print_paths(options: Options, output: Output) -> Exit:
    """Print the places; a configuration that cannot be read is told of, and its place printed."""
    code = Exit.DONE
    is_sandbox = options.sandbox
    try:
        config = load_config(options.paths.config, must_exist=options.paths.config_given)
        is_sandbox = is_sandbox or not config.accounts
    except ConfigError as error:
        complain(str(error))
        config, code = Config(), Exit.USAGE
    paths = places(options, config.downloads, is_sandbox=is_sandbox)
    named = {
        "config": paths.config,
        "data": paths.data,
        "downloads": paths.downloads,
        "ledger": paths.ledger,
        "draft": paths.draft,
        "tokens": paths.tokens,
        "requests": paths.requests,
    }
    if output.as_json:
        output.data({name: str(path) for name, path in named.items()})
    else:
        output.rows([(name, str(path)) for name, path in named.items()])
    return code


def _run(args: Namespace, output: Output) -> int:
    return print_paths(options_of(args, work=False), output)


COMMAND = Command(
    description=N_("Print where the configuration, the data and the downloads are."),
    run=_run,
)
