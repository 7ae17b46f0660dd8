"""Every code is explained, and every explanation is of a code that is used."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest
from package_source import PACKAGE, parsed

from kg.checks import CODES, explain
from kg.errors import UsageError

CODE = re.compile(r"KG\d{3}")


@cache
def used_codes() -> dict[str, set[str]]:
    """Each code that stands as a string in the package, with its modules."""
    used: dict[str, set[str]] = {}
    for path, tree in parsed().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
                used.setdefault(node.value, set()).add(path.relative_to(PACKAGE).as_posix())
    return used


def test_every_code_is_explained():
    """`kg check --explain` knows each code that the package can report."""
    used = used_codes()
    assert len(used) > 80
    assert {code: modules for code, modules in used.items() if code not in CODES} == {}


def test_every_explanation_is_of_a_code_in_use():
    """Nothing is explained that cannot happen."""
    assert set(CODES) - set(used_codes()) == set()


def test_explanations_are_in_order_and_say_something():
    """Codes ascend, none is there twice, and each says why it matters."""
    lines = (PACKAGE / "checks" / "codes.txt").read_text(encoding="utf-8").splitlines()
    table = [line.partition(" ")[0] for line in lines if line.startswith("KG")]
    assert table == sorted(set(table)) == list(CODES)
    for code, explanation in CODES.items():
        assert CODE.fullmatch(code)
        assert explanation.title
        assert len(explanation.why) > 15
        assert str(explanation).startswith(f"{code}: ")


def test_a_code_in_small_letters_is_found():
    """People type codes as they like."""
    assert explain("kg403") is CODES["KG403"]


def test_an_unknown_code_is_met_with_the_likest():
    """A typing error is not a dead end."""
    with pytest.raises(UsageError) as caught:
        explain("KG4033")
    assert caught.value.problems[0].code == "KG003"
    assert "KG403" in caught.value.problems[0].remedy


def test_every_problem_has_a_code_of_this_form():
    """KG and three digits, wherever a Problem is made with its code in sight."""
    odd = set()
    for path, tree in parsed().items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not node.args or getattr(node.func, "id", "") != "Problem":
                continue
            first = node.args[0]
            if isinstance(first, ast.Constant) and not CODE.fullmatch(str(first.value)):
                odd.add((path.name, first.value))
    assert odd == set()
