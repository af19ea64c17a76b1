"""Which language is spoken, and that it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.cli.speaking import speak_as_asked
from backend.language import LANGUAGES, PARTS, _, choose_language, ngettext, pgettext, speak, spoken_language
from tests.contract.translations import read_code


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    yield
    speak("en")


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh_CN"),
        ({"LANG": "zh_SG.UTF-8"}, "zh_CN"),
        ({"LANG": "zh_TW.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_CN"}, "zh_CN"),
        ({"LC_ALL": "C", "LANG": "zh_CN.UTF-8", "LANGUAGE": "zh_CN"}, "en"),
        ({"LANG": "de_DE.UTF-8", "LANGUAGE": "de:zh_CN:en"}, "zh_CN"),
        ({"LANG": "zh_CN.UTF-8", "LANGUAGE": "en"}, "en"),
    ],
)
def test_the_locale_decides_as_gettext_would(environment: dict[str, str], language: str) -> None:
    assert choose_language(None, environment) == language


@pytest.mark.parametrize("name", ["zh_CN", "zh-cn", "zh", "zh_Hans", "zh_CN.UTF-8"])
def test_what_is_asked_for_goes_before(name: str) -> None:
    assert choose_language(name, {"LANG": "en_US.UTF-8"}) == "zh_CN"


@pytest.mark.parametrize("name", ["", "xx", "zh_TW", "../en"])
def test_what_there_is_not_is_told(name: str) -> None:
    with pytest.raises(ValueError, match="there are en, zh_CN"):
        choose_language(name, {})


def test_every_language_says_every_sentence() -> None:
    sentences = [sentence for part in PARTS for sentence in read_code()[part].sentences]
    for language in LANGUAGES:
        speak(language)
        for sentence in sentences:
            if sentence.context:
                said = pgettext(sentence.context, sentence.text)
            elif sentence.many:
                said = ngettext(sentence.text, sentence.many, 2)
            else:
                said = _(sentence.text)
            assert said, sentence
            assert (said == (sentence.many or sentence.text)) or language != "en"


def test_an_option_goes_before_the_configuration_and_that_before_the_locale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config.toml"
    config.write_text('language = "zh_CN"\n')
    for words, lang, language in [
        (["list", f"--config={config}", "--language", "en"], "zh_CN.UTF-8", "en"),
        (["--language=zh", "list"], "C", "zh_CN"),
        (["list", "--config", str(config)], "C", "zh_CN"),
        (["list", "--config", str(config), "--", "--language=en"], "C", "zh_CN"),
        (["list", "--config", str(tmp_path / "none.toml")], "zh_CN.UTF-8", "zh_CN"),
        (["list", "--language", "xx"], "zh_CN.UTF-8", "zh_CN"),
        (["list", "--language"], "C", "en"),
    ]:
        monkeypatch.setenv("LANG", lang)
        speak_as_asked(words)
        assert spoken_language() == language, words
