"""What a user orders all workers of a study to do, whatever machine they are on: words in the study's storage."""

import optuna

PAUSE, STOP = "pause", "stop"
ORDER = "order"  # user attribute of the Optuna study


class Orders:
    """Orders given since a worker began: `pause`, to end with the trials that it has, and `stop`, to leave them."""

    def __init__(self, study: optuna.Study) -> None:
        self._study = study
        self._heard = self._number

    @property
    def _number(self) -> int:
        return int(self._study.user_attrs.get(ORDER, {}).get("number", 0))

    def give(self, word: str) -> None:
        """To all workers that are at work now."""
        self._study.set_user_attr(ORDER, {"number": self._number + 1, "word": word})

    def since(self) -> str | None:
        """The last order given since this was made, if any."""
        return str(self._study.user_attrs[ORDER]["word"]) if self._number > self._heard else None
