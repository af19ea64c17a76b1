"""The command line in Chinese: what people read is, what scripts read is not."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from backend.cli.columns import cell_width
from backend.language import speak
from backend.records import from_json
from tests.backend.cli.conftest import Inside, Reeltop

HAN = re.compile("[\u4e00-\u9fff]")
SEVERAL = """
import sys
from backend.cli.main import main
for line in sys.argv[1:]:
    words = line.split()
    print("==", *words, flush=True)
    try:
        code = main(["--language", "zh_CN", *words])
    except SystemExit as end:
        code = end.code
    print("--", code, flush=True)
"""


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    yield
    speak("en")


def test_a_process_speaks_chinese_all_over(bare: Reeltop) -> None:
    lines = [
        "--help",
        "list",
        "list --filter foo:1",
        "submit --nonsense",
        "batch x.csv",
        "schema --output list",
    ]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SEVERAL, *lines],
        env=bare.env(PYTHONPATH=":".join(sys.path), COLUMNS="80"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=60,
        check=False,
        text=True,
        encoding="utf-8",
    )
    said = dict(re.findall(r"== ([^\n]*)\n(.*?)(?=^== |\Z)", done.stdout, re.S | re.M))
    assert "用法： reeltop" in said["--help"]
    assert "不收费" in said["--help"]
    assert "退出码：" in said["--help"]
    assert all(cell_width(line) <= 80 or line.isascii() for line in said["--help"].splitlines())
    assert "没有任务" in said["list"]
    assert "没有字段 'foo'" in said["list --filter foo:1"]
    assert "无法识别的参数：--nonsense" in said["submit --nonsense"]
    assert re.search(r"-- 2\n$", said["batch x.csv"])
    assert not HAN.search(said["schema --output list"])  # for scripts


def test_a_task_is_told_in_chinese_and_kept_in_english(inside: Inside) -> None:
    chinese = "--language=zh_CN"
    request = ("--account", "kling", "--operation", "text2video", "--set", "prompt=[ok] a street [b]")
    sent = inside(chinese, "submit", *request, "--wait")
    assert sent.code == 0, sent.err
    assert "成功" in sent.out
    assert "不收费：这是沙箱。" in sent.err
    kept = inside(chinese, "list", "--json")
    assert not HAN.search(kept.out)
    (task,) = kept.json()
    sheet = inside(chinese, "show", task["id"]).out
    assert "时间线：" in sheet
    assert f"ID 为 {task['remote_id']}" in sheet
    speak("en")
    assert from_json(task).prompt == "[ok] a street [b]"
    assert json.loads(inside("list", "--json").out) == [task]


def test_data_for_scripts_stays_english(inside: Inside) -> None:
    chinese = "--language=zh_CN"
    for words in (["doctor", "--json"], ["accounts", "--json"], ["accounts", "check", "--json"]):
        ended = inside(chinese, *words)
        assert ended.code == 0, ended.err
        assert not HAN.search(ended.out), words
    assert "成功" in inside(chinese, "accounts", "check").out
    assert not HAN.search(inside(chinese, "manual").out)
