"""The exception tree is the one its module shows."""

import inspect

from mixopt import errors


def test_the_tree_is_documented():
    classes = {
        name: kind for name, kind in inspect.getmembers(errors, inspect.isclass) if kind.__module__ == errors.__name__
    }
    shown = [line.split()[1] for line in errors.__doc__.splitlines() if "──" in line]
    assert sorted(shown) == sorted(name for name in classes if name != "MixoptError")
    assert all(issubclass(kind, errors.MixoptError) and kind.__doc__ for kind in classes.values())
