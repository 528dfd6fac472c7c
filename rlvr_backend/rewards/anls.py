"""Reward `anls`: average normalised Levenshtein similarity, the score of DocVQA and InfographicVQA.

The mean of these scores over a test is ANLS. As in the script of the Robust Reading Competition, case and runs of white
space do not count, and everything else does: full stops, quotes, units, "1999" against "2000". Differences from it: an
accent is one letter however it is encoded (NFC), lengths are counted after white space is collapsed (in the script,
spaces inside an answer make its edits weigh less), and an empty answer or reference scores 0.

References:
    Biten et al. 2019, "Scene Text Visual Question Answering", arXiv:1905.13648, equation 1.
"""

import unicodedata

from rapidfuzz.distance import Levenshtein

from rlvr_backend.rewards.truth import Truth

THRESHOLD = 0.5  # below this similarity it is another answer, not a misread one


def anls(answer: str, truth: Truth) -> float:
    """Return 1 - edit distance / longer length, to the most similar reference, in [0, 1]; 0.0 below THRESHOLD."""
    given = _normalised(answer)
    references = [normalised for reference in truth.references if (normalised := _normalised(reference))]
    if not given or not references:
        return 0.0
    return max(Levenshtein.normalized_similarity(given, true, score_cutoff=THRESHOLD) for true in references)


def _normalised(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).lower().split())
