"""What a user orders all workers of a study to do, whatever machine they are on: words in the study's storage."""

import optuna

PAUSE, STOP = "pause", "stop"
ORDER = "order"  # user attribute of the Optuna study


class Orders:
    """Orders given since a worker began: `pause`, to end with the trials that it has, and `stop`, to leave them."""

    def __init__(self, study: optuna.Study) -> None:
        self._study = study
        self._heard, _ = self._last()

    def _last(self) -> tuple[int, str]:
        """The number and the word of the last order; 0 where none was given."""
        order = self._study.user_attrs.get(ORDER, {"number": 0, "word": ""})
        return int(order["number"]), str(order["word"])

    def give(self, word: str) -> None:
        """To all workers that are at work now."""
        number, _ = self._last()
        self._study.set_user_attr(ORDER, {"number": number + 1, "word": word})

    def since(self) -> str | None:
        """The last order given since this was made, if any."""
        number, word = self._last()
        return word if number > self._heard else None
