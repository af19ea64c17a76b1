"""``reeltop keys``, and what it says of a configuration. Each run is a process: keys are set once for all."""

from __future__ import annotations

from .conftest import Inside, Reeltop


def test_own_keys_are_listed(bare: Reeltop) -> None:
    bare.configure('[keys]\ndownload = "D, f6"\n')
    listed = {each["action"]: each for each in bare("keys", "--json").json()}
    assert (listed["download"]["keys"], listed["download"]["usual"]) == ("D,f6", "d")
    assert (listed["stop"]["keys"], listed["stop"]["where"]) == ("s", "task")
    lines = bare("keys").out.splitlines()
    assert any(line.split()[:4] == ["download", "D", "f6", "*"] for line in lines)


def test_a_conflict_is_told_by_file_and_line(bare: Reeltop) -> None:
    path = bare.configure('lean = true\n\n[keys]\nfilter = "slash"\ndownload = "w"\n')
    done = bare("keys")
    assert (done.code, done.out) == (2, "")
    assert f"{path}:5: keys.download: w is for 'Watch again' (resume)" in done.err


def test_the_shape_is_checked_by_every_command(bare_inside: Inside) -> None:
    path = bare_inside.configure("[keys]\ndownload = 3\n")
    assert f"{path}:2: keys.download: must be text in quotes" in bare_inside("accounts").err
    path = bare_inside.configure("keys = 3\n")
    assert f"{path}:1: keys: must be a table" in bare_inside("accounts").err


def test_keys_of_own_commands_are_listed_and_told_by_line(bare: Reeltop) -> None:
    entry = '[[commands]]\nname = "stop"\nrun = ["logger"]\n'
    bare.configure(f'{entry}key = "f11"\n')
    listed = {each["action"]: each for each in bare("keys", "--json").json()}
    assert (listed["commands.stop"]["keys"], listed["commands.stop"]["title"]) == ("f11", "stop")
    assert listed["stop"]["keys"] == "s"
    path = bare.configure(f'{entry}{entry.replace("stop", "Two")}key = "d"\n')
    assert f"{path}:7: commands.2.key: d is for 'Download now' (download)" in bare("keys").err
