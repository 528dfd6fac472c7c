"""Which mixtures to train when many are asked for at once: seed designs compared on emulators of measured tables.

    OMP_NUM_THREADS=1 python -m tests.measures.swarms FOLDER --seeds 100:112

Each design proposes n mixtures of the whole simplex; the nearest candidates of an emulator are observed with noise, the
default surrogate is fitted on them, and the mixture that it predicts to be best is compared with the truth.
"""

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from mixopt.acquisition.exclusion import Exclusion
from mixopt.acquisition.initial_design import initial_mixture
from mixopt.benchmark.problem import Problem, noise_stream
from mixopt.benchmark.suite import make_problem
from mixopt.benchmark.tables import Sources
from mixopt.designs.d_optimal import d_optimal
from mixopt.designs.space_filling import space_filling
from mixopt.models.surrogate import r_squared
from mixopt.models.weighted_tests import WeightedTestsSurrogate
from mixopt.space.mixture_space import MixtureSpace
from mixopt.typing import FloatArray

EMULATORS = ("regmix_1m_emulator", "regmix_60m_emulator", "regmix_1b_emulator", "shapes_emulator")
SIZES = (10, 20, 40)


def _halves(space: MixtureSpace, n: int, rng: np.random.Generator) -> FloatArray:
    exclusion, seed = Exclusion(space, np.empty((0, space.m)), np.empty((0, space.m))), int(rng.integers(2**31))
    return np.array([initial_mixture(exclusion, rank, seed) for rank in range(n)])


DESIGNS: dict[str, Callable[[MixtureSpace, int, np.random.Generator], FloatArray]] = {
    "halves": _halves,
    "space_filling": lambda space, n, rng: space_filling(space, n, np.empty((0, space.m)), rng),
    "d_optimal": lambda space, n, rng: d_optimal(space, n, np.empty((0, space.m)), rng),
    "uniform draws": lambda space, n, rng: space.sample(n, rng),
}


def _nearest(candidates: FloatArray, mixtures: FloatArray) -> FloatArray:
    """The nearest candidate of each mixture, each taken once."""
    free = np.ones(len(candidates), dtype=bool)
    rows = []
    for mixture in mixtures:
        rows.append(int(np.where(free, ((candidates - mixture) ** 2).sum(axis=1), np.inf).argmin()))
        free[rows[-1]] = False
    return candidates[rows]


def _drawn_like_the_table(candidates: FloatArray, n: int, rng: np.random.Generator) -> FloatArray:
    return candidates[rng.permutation(len(candidates))[:n]]


def _outcome(problem: Problem, mixtures: FloatArray, seed: int) -> tuple[float, float]:
    """R2 over all candidates, and the regret of the mixture that is predicted to be best."""
    assert problem.tests and problem.space.candidates is not None
    streams = [noise_stream(problem.name, seed, trial) for trial in range(len(mixtures))]
    scores = np.array([list(problem.observe_tests(w, rng).values()) for w, rng in zip(mixtures, streams)])
    shares, candidates = problem.tests.shares, problem.space.candidates
    fitted = WeightedTestsSurrogate(tuple(shares.tolist())).fit(mixtures, scores @ shares, scores)
    mean = fitted.mean(candidates)
    return r_squared(problem.f(candidates), mean), problem.regret(candidates[int(mean.argmax())])


def _rows(sources: Sources, seeds: range) -> Iterator[str]:
    for name in EMULATORS:
        problem = make_problem(name, 0, sources)
        candidates = problem.space.candidates
        assert candidates is not None
        whole = MixtureSpace(problem.space.domains)
        for design in ("like the table", *DESIGNS):
            for n in SIZES:
                found = []
                for seed in seeds:
                    rng = np.random.default_rng(seed)
                    if design in DESIGNS:
                        mixtures = _nearest(candidates, DESIGNS[design](whole, n, rng))
                    else:
                        mixtures = _drawn_like_the_table(candidates, n, rng)
                    found.append(_outcome(problem, mixtures, seed))
                (r2, regret), (r2_se, se) = np.mean(found, axis=0), np.std(found, axis=0, ddof=1) / len(found) ** 0.5
                yield f"{name:20} {design:15} n = {n}: R2 {r2:.2f} ± {r2_se:.2f}, regret {regret:.3f} ± {se:.3f}"


def main() -> None:
    """Print one line for each emulator, design and size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", type=Path, help="folder with regmix/ and shapes-table/")
    parser.add_argument("--seeds", default="100:112", help="first:end of the seeds; below 100 for tuning")
    given = parser.parse_args()
    for line in _rows(Sources(tables=given.tables), range(*map(int, given.seeds.split(":")))):
        print(line, flush=True)


if __name__ == "__main__":
    main()
