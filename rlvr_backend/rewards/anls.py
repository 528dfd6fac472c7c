"""Average normalised Levenshtein similarity, the score of DocVQA and InfographicVQA (Biten et al. 2019, equation 1).

Over a test the mean of these scores is the A of ANLS. As in the script of the Robust Reading Competition, case and runs
of white space do not count, and all else does: full stops, quotes, units, "1999" beside "2000". Departures from it: an
accent is one letter however it is coded (NFC), lengths are counted after white space is collapsed (in the script spaces
inside an answer make its edits weigh less), and what is empty says nothing, so it scores 0 as answer and as reference.
"""

import unicodedata

from rapidfuzz.distance import Levenshtein

from rlvr_backend.rewards.truth import Truth

THRESHOLD = 0.5  # a similarity below it is taken for another answer, not for a misread one


def anls(answer: str, truth: Truth) -> float:
    """1 - edit distance / longer length, to the most similar reference, in [0, 1]; 0.0 below the threshold."""
    said = _plain(answer)
    references = [plain for reference in truth.references if (plain := _plain(reference))]
    if not said or not references:
        return 0.0
    return max(Levenshtein.normalized_similarity(said, true, score_cutoff=THRESHOLD) for true in references)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).lower().split())
