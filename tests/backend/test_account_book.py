"""config.toml is changed in place, and no secret gets into it."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.account_book import AccountBook, AccountEntry, presets
from backend.config import load_config
from backend.errors import ConfigError, RequestError, UsageError
from backend.providers import registry
from backend.secret_drawer import SecretDrawer

SECRET = "sk-[b]kept[/b]-0123456789"

FILE = """\
# 我的帐户 — mine
archive_after = "30d"   # a month

[accounts.kling]  # the studio's
provider = "kling"
api_key = "env:KLING_KEY"   # from the shell

[accounts.kling.limits]
concurrency = 7

[views]
night = "status:failed"
"""


class Ring:
    """A keyring in memory; with `broken` one that takes nothing."""

    def __init__(self, *, broken: bool = False) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.broken = broken

    def set_password(self, service: str, name: str, password: str) -> None:
        if self.broken:
            raise RuntimeError("no backend")
        self.kept[service, name] = password

    def get_password(self, service: str, name: str) -> str | None:
        return self.kept.get((service, name))

    def delete_password(self, service: str, name: str) -> None:
        del self.kept[service, name]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "reeltop" / "config.toml"


@pytest.fixture
def book(config: Path) -> AccountBook:
    return AccountBook(config, SecretDrawer(config.parent / "secrets", None))


def entry(**fields: object) -> AccountEntry:
    given = {"name": "relay", "provider": "kling-relay", "base_url": "https://relay.example.net"}
    return AccountEntry(**{**given, "credentials": {"api_key": SECRET}, **fields})  # type: ignore[arg-type]


def write(config: Path, text: str) -> None:
    config.parent.mkdir(exist_ok=True)
    config.write_text(text, encoding="utf-8")


def secrets_in(config: Path) -> list[Path]:
    return sorted((config.parent / "secrets").glob("*"))


def test_the_first_account_makes_the_file_with_the_secret_beside_it(book: AccountBook, config: Path) -> None:
    book.save(book.read(), entry(options={"duration_as": "text"}, concurrency="4"), new=True)
    (account,) = load_config(config).accounts
    assert (account.name, account.base_url) == ("relay", "https://relay.example.net")
    assert account.resolve() == {"api_key": SECRET}
    assert account.limits.concurrency == 4
    assert SECRET not in config.read_text()
    (kept,) = secrets_in(config)
    assert [path.stat().st_mode & 0o777 for path in (config, kept)] == [0o600, 0o600]
    assert kept.parent.stat().st_mode & 0o777 == 0o700


def test_what_else_is_in_the_file_stays_as_it_is(book: AccountBook, config: Path) -> None:
    write(config, FILE)
    book.save(book.read(), entry(), new=True)
    book.set_disabled(book.read(), "kling", True)
    assert load_config(config).accounts[0].disabled
    book.set_disabled(book.read(), "kling", False)
    book.remove(book.read(), "relay")
    assert config.read_text(encoding="utf-8").strip() == FILE.strip()
    assert secrets_in(config) == []


def test_an_edit_changes_what_was_edited_alone(book: AccountBook, config: Path) -> None:
    write(config, FILE)
    kept = AccountEntry(name="kling", provider="kling", credentials={"api_key": ""}, concurrency="7")
    book.save(book.read(), kept, new=False)
    assert config.read_text(encoding="utf-8") == FILE
    changed = AccountEntry(name="kling", provider="kling", credentials={"api_key": SECRET}, concurrency="")
    book.save(book.read(), changed, new=False)
    (account,) = load_config(config).accounts
    assert account.resolve() == {"api_key": SECRET}
    assert account.limits == registry.provider("kling").limits
    assert "# 我的帐户" in config.read_text(encoding="utf-8")


def test_a_new_secret_takes_the_place_of_the_old_one(book: AccountBook, config: Path) -> None:
    book.save(book.read(), entry(), new=True)
    book.save(book.read(), entry(credentials={"api_key": "another-secret"}), new=False)
    (kept,) = secrets_in(config)
    assert kept.read_text() == "another-secret"


def test_a_reference_is_kept_as_it_is(book: AccountBook, config: Path) -> None:
    book.save(book.read(), entry(credentials={"api_key": "env:RELAY_KEY"}), new=True)
    assert 'api_key = "env:RELAY_KEY"' in config.read_text()
    assert secrets_in(config) == []


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"name": "no spaces here"}, "name"),
        ({"name": ""}, "name"),
        ({"name": "kling"}, "name"),
        ({"base_url": ""}, "base_url"),
        ({"base_url": "http://relay.example.net"}, "base_url"),
        ({"base_url": "https://[oops"}, "base_url"),
        ({"credentials": {}}, "api_key"),
        ({"options": {"duration_as": "seconds"}}, "options.duration_as"),
        ({"concurrency": "none"}, "limits.concurrency"),
        ({"concurrency": "0"}, "limits.concurrency"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    book: AccountBook, config: Path, fields: dict[str, object], at: str
) -> None:
    write(config, FILE)
    issues = book.check(book.read(), entry(**fields), new=True)
    assert [issue.field for issue in issues] == [at]
    with pytest.raises(RequestError):
        book.save(book.read(), entry(**fields), new=True)
    assert config.read_text(encoding="utf-8") == FILE
    assert secrets_in(config) == []


def test_half_a_pair_of_keys_is_not_enough(book: AccountBook) -> None:
    half = AccountEntry(name="k", provider="kling", credentials={"access_key": "a"})
    (issue,) = book.check(book.read(), half, new=True)
    assert issue.field == "secret_key"


def test_a_file_changed_meanwhile_is_left_alone(book: AccountBook, config: Path) -> None:
    write(config, FILE)
    edition = book.read()
    write(config, FILE + "# hand-made\n")
    with pytest.raises(ConfigError, match="changed meanwhile"):
        book.save(edition, entry(), new=True)
    with pytest.raises(ConfigError, match="changed meanwhile"):
        book.remove(edition, "kling")
    with pytest.raises(ConfigError, match="changed meanwhile"):
        book.set_disabled(edition, "kling", True)
    assert config.read_text(encoding="utf-8") == FILE + "# hand-made\n"
    assert secrets_in(config) == []


def test_a_link_stays_a_link(book: AccountBook, config: Path, tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.toml"
    real.write_text(FILE, encoding="utf-8")
    config.parent.mkdir()
    config.symlink_to(real)
    book.save(book.read(), entry(), new=True)
    assert config.is_symlink()
    assert "accounts.relay" in real.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "text",
    [
        'accounts = { kling = { provider = "kling", api_key = "env:K" } }\n',
        'accounts.kling.provider = "kling"\naccounts.kling.api_key = "env:K"\n',
        '[accounts.kling]\r\nprovider = "kling"\r\napi_key = "env:K"\r\n\r\n[views]\r\nx = "a"\r\n',
        '[accounts.kling]\nprovider = "kling"\n[views]\nx = "a"\n[accounts.b]\nprovider = "kling"\n',
    ],
)
def test_however_it_is_written_nothing_else_changes(book: AccountBook, config: Path, text: str) -> None:
    write(config, "")
    config.write_bytes(text.encode())
    before = load_config(config)
    try:
        book.save(book.read(), entry(), new=True)
    except RequestError as error:
        assert "by hand" in str(error)  # noqa: PT017  either is well, a damaged file is not
        assert config.read_bytes() == text.encode()
        return
    after = load_config(config)
    assert [account.name for account in after.accounts] == [
        *(account.name for account in before.accounts),
        "relay",
    ]
    assert after.views == before.views
    book.set_disabled(book.read(), "kling", True)
    assert next(account.disabled for account in load_config(config).accounts)


def test_a_broken_file_is_not_touched(book: AccountBook, config: Path) -> None:
    write(config, "accounts = [")
    with pytest.raises(ConfigError):
        book.read()


def test_an_unknown_account_is_told_with_the_known_ones(book: AccountBook, config: Path) -> None:
    write(config, FILE)
    with pytest.raises(UsageError, match="known: kling"):
        book.remove(book.read(), "klnig")


def test_the_keyring_is_taken_if_it_works(config: Path) -> None:
    ring = Ring()
    book = AccountBook(config, SecretDrawer(config.parent / "secrets", ring))
    book.save(book.read(), entry(), new=True)
    assert list(ring.kept.values()) == [SECRET]
    assert 'api_key = "keyring:reeltop/relay.api_key.' in config.read_text()
    assert secrets_in(config) == []
    book.remove(book.read(), "relay")
    assert ring.kept == {}


def test_a_keyring_that_takes_nothing_makes_way_for_a_file(config: Path) -> None:
    book = AccountBook(config, SecretDrawer(config.parent / "secrets", Ring(broken=True)))
    book.save(book.read(), entry(), new=True)
    assert load_config(config).accounts[0].resolve() == {"api_key": SECRET}


def test_a_secret_that_others_named_is_never_dropped(book: AccountBook, config: Path, tmp_path: Path) -> None:
    own = tmp_path / "own-key"
    own.write_text("x" * 20)
    book.save(book.read(), entry(credentials={"api_key": f"file:{own}"}), new=True)
    book.remove(book.read(), "relay")
    assert own.exists()


def test_each_provider_has_a_preset_for_each_of_its_addresses() -> None:
    found = [(preset.provider, preset.base_url) for preset in presets()]
    for name, provider in registry.providers().items():
        for url in provider.base_urls.values() or [""]:
            assert (name, url) in found
    assert len({preset.name for preset in presets()}) == len(found)
