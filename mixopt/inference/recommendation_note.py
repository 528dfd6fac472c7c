"""The note of a recommendation: what its numbers mean in words, and whether the runs can tell."""

import math

from scipy.special import ndtri

from mixopt.history.runs import Runs
from mixopt.inference.intervals import MOST_REPLICATES, replicates_to_distinguish
from mixopt.inference.mixture_prediction import MixturePrediction
from mixopt.models.noise import MeasuredNoise, NoiseModel
from mixopt.models.pull import Pull
from mixopt.models.subset import MOST_EXACT
from mixopt.text import counted

SURE = 0.90  # probability of beating uniform below which the note says that the runs cannot tell
NAMED = 10  # seed mixtures named in the note, at most


def recommendation_note(
    runs: Runs,
    recommended: MixturePrediction,
    noise_sd: float,
    measured: MeasuredNoise | None,
    noise: NoiseModel,
) -> str:
    """Write the note.

    Args:
        runs: the finished trials.
        recommended: what they say of the recommended mixture.
        noise_sd: standard deviation of one run's noise there, by the model.
        measured: the noise as replicates show it; None where every mixture was trained once.
        noise: whether two runs of one mixture may score differently.

    Returns:
        Some sentences.
    """
    gain, beats_uniform = recommended.gain_over_uniform, recommended.beats_uniform
    low, high = recommended.gain_interval
    noise_text = f"noise of one trial {noise_sd:.2g}"
    if measured:
        repeated = counted(measured.mixtures, "mixture")
        noise_text += f" ({measured.sd:.2g} among {measured.runs} runs of {repeated} that were repeated)"
    facts = (
        f"predicted gain over uniform {gain:+.3g}, 90 % between {low:+.3g} and {high:+.3g}, better with "
        f"probability {beats_uniform:.2f}; {noise_text}"
    )
    n = len(runs)
    these = f"These {n} runs" + (f" of {counted(runs.mixtures, 'mixture')}" if runs.mixtures < n else "")
    remark = ""
    if runs.mixtures <= runs.space.m:
        remark = " There are no more mixtures than domains, so the prior matters as much as the runs."
    if n > MOST_EXACT:
        remark = f" The model of more than {MOST_EXACT} runs is an approximation."
    if low == high:
        return f"{these} favour uniform weights themselves; {noise_text}. Train more before you settle on them.{remark}"
    if beats_uniform < SURE or low <= 0 <= high:
        sd = gain / ndtri(beats_uniform) if beats_uniform > 0.5 else math.inf
        exact = noise is NoiseModel.DETERMINISTIC
        advice = "Train other mixtures." if exact else _replication_advice(gain, sd, noise_sd)
        return f"{these} cannot tell this mixture from uniform: {facts}. {advice}{remark}"
    rivals = [label for label, beats in recommended.beats_seeds.items() if beats < SURE]
    more = f" and {counted(len(rivals) - NAMED, 'other')}" if len(rivals) > NAMED else ""
    against = f" They cannot tell it from {', '.join(rivals[:NAMED])}{more}." if rivals else ""
    return f"{these} favour this mixture over uniform: {facts}.{against}{remark}"


def pull_note(recommended: MixturePrediction, pull: Pull | None, penalty: float) -> str:
    """Write what a soft pull does to the recommended mixture; "" without one."""
    if pull is None:
        return ""
    towards = "uniform weights" if pull.towards == "uniform" else "the prior mixture"
    return (
        f" With the pull towards {towards} it maximises the predicted score minus {pull.strength:g} x KL, here "
        f"{recommended.mean:.4g} - {penalty:.3g} = {recommended.mean - penalty:.4g}."
    )


def _replication_advice(gain: float, sd: float, noise_sd: float) -> str:
    """How many replicates would show which of two mixtures is better, by their predicted gain and its sd."""
    more = replicates_to_distinguish(gain, sd, noise_sd)
    if more <= MOST_REPLICATES:
        return f"About {counted(int(more), 'more run')} of each, with other training seeds, would show which is better."
    return f"Even {MOST_REPLICATES} more runs of each would not show which is better: take either, or train others."
