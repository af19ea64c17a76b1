from __future__ import annotations

from pathlib import Path

import pytest

from backend.errors import AccountError
from backend.secrets import SecretRef

SECRET = "sk-very-secret-value"


def test_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELTOP_TEST_KEY", SECRET)
    ref = SecretRef.parse("env:REELTOP_TEST_KEY")
    assert (ref.resolve(), str(ref), ref.problem()) == (SECRET, "env:REELTOP_TEST_KEY", "")


def test_a_missing_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REELTOP_TEST_KEY", raising=False)
    ref = SecretRef.parse("env:REELTOP_TEST_KEY")
    assert "REELTOP_TEST_KEY" in ref.problem()
    with pytest.raises(AccountError, match=r"env:REELTOP_TEST_KEY: .*not set"):
        ref.resolve()


def test_from_a_file_without_its_line_end(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(f"{SECRET}\n")
    assert SecretRef.parse(f"file:{path}").resolve() == SECRET


def test_a_missing_or_empty_file_is_an_account_error(tmp_path: Path) -> None:
    ref = SecretRef.parse(f"file:{tmp_path / 'none'}")
    assert "does not exist" in ref.problem()
    with pytest.raises(AccountError, match="No such file"):
        ref.resolve()
    (tmp_path / "empty").write_text("\n")
    with pytest.raises(AccountError, match="is empty"):
        SecretRef.parse(f"file:{tmp_path / 'empty'}").resolve()


def test_from_a_command_without_a_shell() -> None:
    assert SecretRef.parse("command:echo '$HOME; x'").resolve() == "$HOME; x"


def test_a_failing_command_tells_its_code_and_not_its_arguments() -> None:
    ref = SecretRef.parse(f"command:sh -c 'exit 3' {SECRET}")
    with pytest.raises(AccountError, match="exit code 3") as caught:
        ref.resolve()
    assert SECRET not in f"{caught.value!r} {ref!r} {ref}"


def test_a_literal_never_shows() -> None:
    ref = SecretRef.parse(SECRET)
    assert ref.resolve() == SECRET
    assert SECRET not in f"{ref!r} {ref}"


def test_an_unknown_scheme_is_a_literal() -> None:
    assert SecretRef.parse("sk:abc:def").resolve() == "sk:abc:def"
