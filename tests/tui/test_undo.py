"""What can be taken back and done again."""

from __future__ import annotations

from tui.undo import Step, UndoStack


async def nothing() -> None:
    """Do nothing."""


def step(name: str) -> Step:
    return Step(f"not {name}", nothing, name, nothing)


def undone(stack: UndoStack) -> str:
    taken = stack.take()
    if taken is None:
        return ""
    stack.took_back(taken)
    return taken.undone


def done_again(stack: UndoStack) -> str:
    taken = stack.take_again()
    if taken is None:
        return ""
    stack.did_again(taken)
    return taken.done


def test_what_was_taken_back_is_done_again_in_order() -> None:
    stack = UndoStack()
    stack.did(step("a"))
    stack.did(step("b"))
    assert [undone(stack), undone(stack), undone(stack)] == ["not b", "not a", ""]
    assert [done_again(stack), done_again(stack), done_again(stack)] == ["a", "b", ""]
    assert undone(stack) == "not b"


def test_a_new_act_leaves_nothing_to_do_again() -> None:
    stack = UndoStack()
    stack.did(step("a"))
    undone(stack)
    stack.did(step("b"))
    assert done_again(stack) == ""
    assert undone(stack) == "not b"


def test_what_could_not_be_taken_back_is_not_done_again() -> None:
    stack = UndoStack()
    stack.did(step("a"))
    assert stack.take() is not None
    assert done_again(stack) == undone(stack) == ""


def test_all_is_forgotten_at_another_place() -> None:
    stack = UndoStack()
    stack.did(step("a"))
    stack.did(step("b"))
    undone(stack)
    stack.forget()
    assert undone(stack) == done_again(stack) == ""
