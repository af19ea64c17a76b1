from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from textwrap import dedent

import pytest

from backend.config import load_config
from backend.downloads import DownloadRules
from backend.errors import AccountError, ConfigError


def write(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / "config.toml"
    path.write_text(dedent(text), encoding="utf-8")
    path.chmod(mode)
    return path


def test_no_file_is_no_account(tmp_path: Path) -> None:
    assert load_config(tmp_path / "config.toml").accounts == ()


def test_an_account_has_its_providers_defaults(tmp_path: Path) -> None:
    config = load_config(
        write(
            tmp_path,
            """\
            downloads = "~/clips"

            [accounts.kling-cn]
            provider = "kling"
            base_url = "beijing"
            api_key = "env:KLING_KEY"

            [accounts.kling-cn.limits]
            concurrency = 9
            """,
        )
    )
    (account,) = config.accounts
    assert account.name == "kling-cn"
    assert account.base_url == "https://api-beijing.klingai.com"
    assert account.limits.concurrency == 9
    assert account.limits.poll_max == account.provider.limits.poll_max
    assert str(account.credentials["api_key"]) == "env:KLING_KEY"
    assert config.downloads == Path.home() / "clips"


def test_accounts_keep_their_order(tmp_path: Path) -> None:
    text = "".join(
        f'[accounts.{name}]\nprovider = "kling"\napi_key = "env:K"\n' for name in ("zoe", "adam", "mia")
    )
    assert [account.name for account in load_config(write(tmp_path, text)).accounts] == ["zoe", "adam", "mia"]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('[accounts.a]\nprovider = "klang"\n', 2, "accounts.a.provider: .*klang.*kling"),
        ("[accounts.a]\nbase_url = 'https://x.example'\n", 1, "accounts.a: needs provider"),
        ('[accounts.a]\nprovider = "kling-relay"\napi_key = "env:K"\n', 1, "needs base_url"),
        ('[accounts.a]\nprovider = "kling"\nbase_url = "http://api.example"\n', 3, "must be https"),
        ('[accounts.a]\nprovider = "kling"\nbase_url = "nonsense"\n', 3, "must be an address"),
        ('[accounts.a]\nprovider = "kling"\nbase_url = "https://u:p@api.example"\n', 3, "must be an address"),
        (
            '[accounts.a]\nprovider = "kling"\nkey = "x"\n',
            3,
            "accounts.a.key: unknown; known here: .*api_key",
        ),
        ('[accounts.a]\nprovider = "kling"\napi_key = 5\n', 3, "must be text in quotes"),
        (
            '[accounts.a]\nprovider = "kling"\n[accounts.a.limits]\nconcurrency = 0\n',
            4,
            "whole number above 0",
        ),
        ('[accounts.a]\nprovider = "kling"\n[accounts.a.limits]\npoll_max = true\n', 4, "number above 0"),
        ('[accounts.a]\nprovider = "kling"\n[accounts.a.limits]\nspeed = 1\n', 4, "unknown"),
        ('[accounts."a b"]\nprovider = "kling"\n', 1, "a name has"),
        ("colour = 1\n", 1, "colour: unknown"),
        ("theme = 1\n", 1, "theme: must be text in quotes"),
        ('theme = "pink"\n', 1, "theme: must be dark or light or high-contrast or terminal"),
        ('language = "xx"\n', 1, "language: no language 'xx': there are en, zh_CN"),
        ("accounts = 1\n", 1, "accounts: must be a table"),
    ],
)
def test_a_mistake_is_named_by_file_line_and_key(tmp_path: Path, text: str, line: int, words: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ConfigError, match=words) as caught:
        load_config(path)
    assert str(caught.value).startswith(f"{path}:{line}: ")


def test_broken_toml_is_named_by_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"config\.toml: .*line 2"):
        load_config(write(tmp_path, "[accounts.a]\nprovider = kling\n"))


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load_config(path)


def test_a_folder_in_its_place(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="directory"):
        load_config(tmp_path)


def test_a_literal_secret_needs_a_private_file(tmp_path: Path) -> None:
    text = '[accounts.a]\nprovider = "kling"\napi_key = "sk-secret-literal"\n'
    assert load_config(write(tmp_path, text)).accounts[0].resolve() == {"api_key": "sk-secret-literal"}
    with pytest.raises(ConfigError, match="chmod 600") as caught:
        load_config(write(tmp_path, text, mode=0o640))
    assert "sk-secret-literal" not in str(caught.value)


def test_either_set_of_credentials_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AK", "access")
    monkeypatch.setenv("SK", "secret")
    text = '[accounts.a]\nprovider = "kling"\naccess_key = "env:AK"\nsecret_key = "env:SK"\n'
    assert load_config(write(tmp_path, text)).accounts[0].resolve() == {
        "access_key": "access",
        "secret_key": "secret",
    }


def test_half_a_set_is_an_account_error(tmp_path: Path) -> None:
    text = '[accounts.a]\nprovider = "kling"\naccess_key = "env:AK"\n'
    with pytest.raises(
        AccountError, match="account a: no credential; set api_key or access_key and secret_key"
    ):
        load_config(write(tmp_path, text)).accounts[0].resolve()


def test_credentials_go_to_the_accounts_own_origin_and_former_ones(tmp_path: Path) -> None:
    text = """\
    [accounts.a]
    provider = "kling"
    base_url = "https://api.example/kling/"
    former_base_urls = ["https://old.example:8443"]
    """
    account = load_config(write(tmp_path, text)).accounts[0]
    assert account.base_url == "https://api.example/kling"
    assert account.trusts("https://api.example:443/other")
    assert account.trusts("https://old.example:8443")
    assert not account.trusts("https://old.example")
    assert not account.trusts("http://api.example/kling")
    assert not account.trusts("https://api.example.evil.example")


def test_finished_tasks_are_put_away_at_an_age(tmp_path: Path) -> None:
    assert load_config(write(tmp_path, 'archive_after = "90d"\n')).archive_after == timedelta(days=90)
    with pytest.raises(
        ConfigError, match=r"config.toml:1: archive_after: must be a number with s, m, h, d or w"
    ):
        load_config(write(tmp_path, 'archive_after = "soon"\n'))


def test_prices_are_kept_in_their_order_and_exact(tmp_path: Path) -> None:
    text = """\
        [accounts.kling]
        provider = "kling"

        [[accounts.kling.prices]]
        model = "kling-v3"
        per_second = 0.1
        unit = "USD"

        [[accounts.kling.prices]]
        per_task = "3"
        unit = "CNY"
        """
    (account,) = load_config(write(tmp_path, text)).accounts
    assert [str(price) for price in account.prices] == ["0.1 USD a second", "3 CNY a task"]


def test_a_wrong_price_is_named_by_line_and_number(tmp_path: Path) -> None:
    text = """\
        [accounts.kling]
        provider = "kling"
        prices = [{ per_task = 1, unit = "CNY" }, { per_task = "much", unit = "CNY" }]
        """
    with pytest.raises(ConfigError, match=r":3: accounts.kling.prices: price 2: per_task: must be a number"):
        load_config(write(tmp_path, text))


def test_how_results_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(
        'downloads_name = "{id}.mp4"\ndownloads_at_once = 5\ndownloads_sidecar = false\n'
        '[accounts.a]\nprovider = "kling"\nauto_download = false\n'
        'downloads_name = "a/{slug}.mp4"\ndownloads_at_once = 1\n'
    )
    config = load_config(path)
    rules, (account,) = config.download_rules, config.accounts
    assert (rules.name.text, rules.at_once, rules.sidecar) == ("{id}.mp4", 5, False)
    assert account.downloads_name is not None
    assert (account.downloads_name.text, account.downloads_at_once) == ("a/{slug}.mp4", 1)
    assert not account.auto_download
    assert load_config(tmp_path / "none.toml").download_rules == DownloadRules()


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('downloads_name = "{prompt}.mp4"', 1, "downloads_name: unknown placeholder {prompt}; known: {date}"),
        ('downloads_name = "../{id}.mp4"', 1, "downloads_name: must not hold a part that is empty, . or .."),
        ("downloads_at_once = 0", 1, "downloads_at_once: must be a whole number from 1 to 20"),
        ("downloads_at_once = true", 1, "downloads_at_once: must be a whole number from 1 to 20"),
        ('downloads_sidecar = "no"', 1, "downloads_sidecar: must be true or false"),
        (
            '[accounts.a]\nprovider = "kling"\ndownloads_name = "{id}"',
            3,
            "accounts.a.downloads_name: must end in .mp4",
        ),
        (
            '[accounts.a]\nprovider = "kling"\ndownloads_at_once = 1.5',
            3,
            "accounts.a.downloads_at_once: must be a whole number",
        ),
    ],
)
def test_a_wrong_way_to_keep_them_is_named(tmp_path: Path, text: str, line: int, words: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert f"config.toml:{line}: {words}" in str(caught.value)
