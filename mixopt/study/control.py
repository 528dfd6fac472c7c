"""What a user orders all workers of a study to do, whatever machine they are on: words in the study's storage."""

from collections.abc import Mapping
from typing import Any

import optuna

from mixopt.history.keys import ORDER, ORDER_TAKEN_UP

PAUSE, STOP = "pause", "stop"


class Control:
    """Orders given since a worker began: `pause`, to end with the trials that it has, and `stop`, to leave them."""

    def __init__(self, study: optuna.Study) -> None:
        self._study = study
        self._heard, _ = self._last()
        self._taken_up = study.user_attrs.get(ORDER_TAKEN_UP, 0)

    def _last(self) -> tuple[int, str]:
        return _last(self._study.user_attrs)

    def give(self, word: str) -> None:
        """To all workers that are at work now."""
        number, _ = self._last()
        self._study.set_user_attr(ORDER, {"number": number + 1, "word": word})

    def taken_up(self) -> None:
        """Somebody goes on with the study: orders that were given before hold no longer."""
        if self._study.user_attrs.get(ORDER_TAKEN_UP, 0) < self._heard:
            self._study.set_user_attr(ORDER_TAKEN_UP, self._heard)

    @property
    def stand(self) -> bool:
        """Whether nobody had gone on after the last order when this was made."""
        return self._heard > self._taken_up

    def stand_again(self) -> None:
        """Nobody has gone on after all, since `taken_up`."""
        if self.stand:
            self._study.set_user_attr(ORDER_TAKEN_UP, self._taken_up)

    def since(self) -> str | None:
        """The last order given since this was made, if any."""
        number, word = self._last()
        return word if number > self._heard else None


def paused(study: optuna.Study) -> bool:
    """Whether a pause was the last order, and nobody has gone on with the study since."""
    attributes = study.user_attrs
    number, word = _last(attributes)
    return word == PAUSE and number > attributes.get(ORDER_TAKEN_UP, 0)


def _last(attributes: Mapping[str, Any]) -> tuple[int, str]:
    """The number and the word of the last order; 0 where none was given."""
    order = attributes.get(ORDER, {"number": 0, "word": ""})
    return int(order["number"]), str(order["word"])
