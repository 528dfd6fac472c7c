"""Read meaning from the name of a column: its words, and whether smaller is better."""

import re
from itertools import pairwise

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_A-Za-z]+")

_SMALLER = set(
    # losses, and how surprised a language model is
    "loss losses nll nlls ce xe xent entropyloss crossentropy crossent logloss ppl pplx perp perplexity perplexities "
    "surprisal bpb bpc bpt bpw bpd elbo_loss kl kld jsd divergence deviance energy_distance "
    # errors of numbers, of words, of probabilities
    "error err errs errorrate mistake mse rmse nmse nrmse rmsle msle mae mape smape wape mase medae mdae sse rss rse "
    "residual epe ade fde wer cer mer ter der eer hter tser misclassification brier ece mce fpr fnr "
    # distances
    "distance dist fid kid fvd fad lpips mcd levenshtein aic bic "
    # what is paid, and what is bad
    "cost regret latency delay lag duration runtime walltime ttft tpot overhead penalty violation hallucination "
    "toxicity failure harm"
    .split()
)  # fmt: skip
_PAIRS = {
    *((first, "per") for first in ("bit", "bits", "nat", "nats")),
    *((first, second) for first in ("bits", "nats") for second in ("byte", "token", "char", "word")),
    *(("cross", "entropy"), ("cross", "ent"), ("negative", "log"), ("neg", "log"), ("edit", "distance")),
    *(("false", "positive"), ("false", "negative"), ("wall", "time")),
}
_BEFORE = (
    "train training test val valid validation eval evaluation dev heldout lm log avg mean min max final best last "
    "total mini sum token abs"
).split()
_TURNED = {"minus", "neg", "negative", "negated", "inverse", "inverted"}


def words_of(name: str) -> list[str]:
    """Return the words of a name in lower case: `eval/globalStep_2` has eval, global, step, 2."""
    return [word.lower() for word in _WORD.findall(name)]


def smaller_is_better(name: str) -> bool:
    """Return whether a score's name says that smaller is better, such as `eval/NLL` or `bits_per_byte`.

    Names of negated scores, such as `minus_nll`, are excluded.
    """
    words = words_of(name)
    whole = [part.lower() for part in re.findall(r"[A-Za-z]+", name)]  # `PPLs` and `NLLLoss` are one word each
    if _PAIRS.intersection(pairwise(words)):
        return True
    if _TURNED & {*words}:
        return False
    return any(map(_is_smaller, [*words, *whole]))


def _is_smaller(word: str) -> bool:
    for start in ("", *_BEFORE):
        rest = word.removeprefix(start)
        if (rest != word or not start) and (rest in _SMALLER or rest.removesuffix("s") in _SMALLER):
            return True
    return any(word.endswith(end) for end in ("perplexity", "crossentropy")) or word == "bitsperbyte"
