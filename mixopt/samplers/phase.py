"""`Phase`: what every phase of a strategy offers, so that `PhasedSampler` treats all phases alike."""

from typing import Protocol

from mixopt.history.history import History
from mixopt.samplers.proposal import Proposal


class Phase(Protocol):
    """One phase of a strategy. It has rows; each row wants one finished trial.

    `PhasedSampler` knows the index of each phase, counted from 0, and passes it in. Trials note it, so a phase finds
    the trials of its own rows and the runs of the phases before it in the history.
    """

    @property
    def several_objectives(self) -> bool:
        """Whether the study may have several objectives."""

    @property
    def size(self) -> int:
        """How many trials the phase plans."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of its mixtures by row, if they are known before any trial runs; otherwise ()."""

    def check_installed(self) -> None:
        """Raise MissingError if the phase needs a package that is not installed."""

    def open_rows(self, history: History, index: int) -> list[int]:
        """Return the rows that still want a trial, in order.

        Args:
            history: the study's trials.
            index: index of this phase.

        Raises:
            StrategyError: the phase cannot be computed from the runs before it.
        """

    def propose_row(self, history: History, index: int, row: int, number: int) -> Proposal:
        """Propose the mixture of an open row.

        Args:
            history: the study's trials.
            index: index of this phase.
            row: the first of `open_rows`.
            number: number of the trial that gets the mixture.
        """
