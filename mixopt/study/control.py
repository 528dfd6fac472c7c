"""Pause and stop orders for all workers of a study, on any machine, kept in the study's storage."""

from collections.abc import Mapping
from typing import Any

import optuna

from mixopt.history.keys import ORDER, ORDER_LIFTED

PAUSE, STOP = "pause", "stop"


class Control:
    """The orders of a study, as seen since this object was made.

    `pause` tells workers to finish the trials that they train and begin no more; `stop` tells them to end at once.
    Resuming the study lifts the orders that were given before.
    """

    def __init__(self, study: optuna.Study) -> None:
        self._study = study
        self._seen, _ = self._last()
        self._lifted = study.user_attrs.get(ORDER_LIFTED, 0)

    def _last(self) -> tuple[int, str]:
        return _last(self._study.user_attrs)

    def give(self, word: str) -> None:
        """Give an order, `pause` or `stop`, to all workers that are active now."""
        number, _ = self._last()
        self._study.set_user_attr(ORDER, {"number": number + 1, "word": word})

    def lift(self) -> None:
        """Lift the orders that were given before this object was made. Resuming does this."""
        if self._study.user_attrs.get(ORDER_LIFTED, 0) < self._seen:
            self._study.set_user_attr(ORDER_LIFTED, self._seen)

    @property
    def in_force(self) -> bool:
        """Whether the last order was not lifted yet when this object was made."""
        return self._seen > self._lifted

    def restore(self) -> None:
        """Undo `lift`, because no worker could be started."""
        if self.in_force:
            self._study.set_user_attr(ORDER_LIFTED, self._lifted)

    def new_order(self) -> str | None:
        """Return the last order that was given since this object was made; None if there is none."""
        number, word = self._last()
        return word if number > self._seen else None


def paused(study: optuna.Study) -> bool:
    """Return whether the last order is a pause that was not lifted."""
    attributes = study.user_attrs
    number, word = _last(attributes)
    return word == PAUSE and number > attributes.get(ORDER_LIFTED, 0)


def _last(attributes: Mapping[str, Any]) -> tuple[int, str]:
    """The number and the word of the last order; the number is 0 if none was given."""
    order = attributes.get(ORDER, {"number": 0, "word": ""})
    return int(order["number"]), str(order["word"])
