from __future__ import annotations

from backend.batches.variables import count, expand, names_in, used

WHO = {"subject": ["a cat", "a dog"], "style": ["noir", "anime"], "place": "on a train", "seconds": [5, 10]}


def filled(values: object) -> list[object]:
    return [made for _, made in expand(values, WHO)]


def test_a_row_without_variables_is_one() -> None:
    assert count({"prompt": "a cat"}, WHO) == 1
    assert filled({"prompt": "a cat"}) == [{"prompt": "a cat"}]


def test_lists_multiply_the_last_changing_fastest_and_only_where_they_are_used() -> None:
    values = {"prompt": "{{subject}}, {{ style }}, {{place}}"}
    assert count(values, WHO) == 4
    assert [made["prompt"] for _, made in expand(values, WHO)] == [
        "a cat, noir, on a train",
        "a cat, anime, on a train",
        "a dog, noir, on a train",
        "a dog, anime, on a train",
    ]
    bindings = [binding for binding, _ in expand(values, WHO)]
    assert bindings[0] == {"subject": "a cat", "style": "noir"}, "what has no choice tells rows not apart"


def test_the_same_variable_twice_is_one_choice() -> None:
    assert count({"prompt": "{{subject}}", "note": ["{{subject}}"]}, WHO) == 2


def test_a_blank_alone_takes_the_value_with_its_type() -> None:
    assert filled({"duration": "{{seconds}}"}) == [{"duration": 5}, {"duration": 10}]
    assert filled({"prompt": "{{seconds}} s"}) == [{"prompt": "5 s"}, {"prompt": "10 s"}]


def test_values_may_name_variables_and_circles_come_to_an_end() -> None:
    variables = {"a": "{{b}}!", "b": ["x", "y"], "loop": "{{loop}}", "one": "{{two}}", "two": "{{one}}"}
    assert [made for _, made in expand("{{a}}", variables)] == ["x!", "y!"]
    assert [made for _, made in expand("{{loop}}", variables)] == ["{{loop}}"]
    assert len(list(expand("{{one}}", variables))) == 1


def test_unknown_blanks_stay_and_an_empty_list_makes_nothing() -> None:
    assert filled("{{nobody}}") == ["{{nobody}}"]
    assert count("{{none}}", {"none": []}) == 0
    assert list(expand("{{none}}", {"none": []})) == []


def test_names_are_found_wherever_texts_are() -> None:
    assert list(names_in({"a": ["{{x}}", {"b": "{{y}}{{x}}"}], "c": 3})) == ["x", "y", "x"]
    assert used(["{{x}}{{y}}{{x}}"], {"x": 1, "y": 2}) == ["x", "y"]
