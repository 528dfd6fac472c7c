"""User-attribute keys are spelt in one module, and each has a type that is checked or is a flag."""

import ast
from pathlib import Path

import mixopt
from mixopt.history import attribute_checks, keys

FLAGS = {keys.REPLICATE, keys.BY_HAND, keys.IMPORTED, keys.RUN, keys.PRUNE, keys.TEST, keys.FORGOTTEN}
KEY_ARGUMENT = {"set_user_attr": 0, "set_trial_user_attr": 1}


def key(node):
    """The expression that says which user attribute a line of code reads or writes."""
    match node:
        case ast.Call(func=ast.Attribute(attr=("set_user_attr" | "set_trial_user_attr") as name), args=arguments):
            return arguments[KEY_ARGUMENT[name]]
        case ast.Call(func=ast.Attribute(attr="get", value=ast.Attribute(attr="user_attrs")), args=[first, *_]):
            return first
        case ast.Subscript(value=ast.Attribute(attr="user_attrs"), slice=index):
            return index


def test_no_other_module_spells_a_key():
    spelt = [
        f"{path.name}:{node.lineno}"
        for path in Path(mixopt.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(key(node), (ast.Constant, ast.JoinedStr))
    ]
    assert not spelt


def test_every_key_has_a_type():
    known = {value for name, value in vars(keys).items() if name.isupper()}
    checked = attribute_checks.OF_TRIALS.keys() | attribute_checks.OF_STUDY.keys()
    assert known - FLAGS == checked
