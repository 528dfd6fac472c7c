"""Training sets and tests by name: those of the embedded shapes world, the paper's, and your own.

`sources` is the option `data` of a study. It says where a set of the paper is, if not on the hub (`{"chartqa":
"/data/chartqa"}`; "authors" is the copy on the hub that the paper's authors processed), and declares sets of your own
(custom.py). If the training part and the test are in two places, or are declared differently: `{"lisa": {"train":
"/data/a", "test": "/data/b"}}`. `scorer` says whose reward the examples name: "paper", as the paper trains and tests,
or "field", as the dataset's own evaluation scores it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from datasets import Dataset

from rlvr_backend.datasets import shapes
from rlvr_backend.datasets.custom import custom_dataset
from rlvr_backend.datasets.declaration import Declaration, Part
from rlvr_backend.datasets.loader import local_path
from rlvr_backend.datasets.overlap import same_rows
from rlvr_backend.datasets.paper import PAPER
from rlvr_backend.datasets.prepare import load_prepared, usable_and_lost
from rlvr_backend.errors import RequestError
from rlvr_backend.rewards import OF_BOXES, REWARDS, reward_named

Source = str | Mapping[str, str]
Sources = Mapping[str, Source | Mapping[str, Source]]
NO_SOURCES: Sources = MappingProxyType({})
AUTHORS = "authors"


def check_sizes(sizes: Mapping[str, int], split: str, sources: Sources = NO_SOURCES) -> None:
    """Check that domains or tests are known and have enough examples.

    Only sets of the shapes world have a size that is known beforehand. The first trial reads and counts the others.

    Args:
        sizes: Name -> number of examples.
        split: "train" for domains, "test" for tests.
        sources: The option `data`.

    Raises:
        RequestError: One of them is unknown, or has too few examples.
    """
    for name, size in sizes.items():
        if _is_embedded(name, split, sources):
            _check_size(name, split, size, shapes.sizes(split)[name])
        else:
            find(name, split, sources)


def check_apart(domains: Iterable[str], tests: Collection[str], sources: Sources = NO_SOURCES) -> None:
    """Check that no domain reads the same rows as the test of the same name.

    Args:
        domains: Names of the domains.
        tests: Names of the tests.
        sources: The option `data`.

    Raises:
        RequestError: One of them does.
    """
    for name in domains:
        if name in tests and not _is_embedded(name, "train", sources):
            (train, train_place), (test, test_place) = (find(name, split, sources) for split in ("train", "test"))
            if train_place == test_place and same_rows(train.parts["train"], test.parts["test"], train_place):
                raise RequestError(
                    f"{name!r} is a domain and a test, and {train_place} holds the same rows for both: give it the "
                    f"splits train and test, or name two places: data: {{{name}: {{train: PATH, test: PATH}}}}"
                )


def check_rewards(rewards: Mapping[str, Any], domains: Collection[str], sources: Sources = NO_SOURCES) -> None:
    """Check the option `rewards`.

    Args:
        rewards: Domain -> name of a reward.
        domains: Names of the domains.
        sources: The option `data`.

    Raises:
        RequestError: A domain or a reward is unknown, or a reward cannot score its domain.
    """
    for name, reward in rewards.items():
        if name not in domains:
            raise RequestError(f"backend option 'rewards': {name!r} is none of the domains {', '.join(domains)}")
        if not isinstance(reward, str):
            raise RequestError(f"backend option 'rewards': {name}: must be the name of a reward, not {reward!r}")
        reward_named(reward)
        embedded = _is_embedded(name, "train", sources)
        usual = shapes.reward(name) if embedded else find(name, "train", sources)[0].paper
        if reward in REWARDS and (reward in OF_BOXES) != (usual in OF_BOXES):
            truth = "boxes" if usual in OF_BOXES else "answers"
            fitting = [other for other in REWARDS if (other in OF_BOXES) == (usual in OF_BOXES)]
            raise RequestError(
                f"backend option 'rewards': {reward!r} cannot score {name!r}, whose rows have {truth}; choose one of "
                f"{', '.join(fitting)}"
            )


def usable_sizes(
    sizes: Mapping[str, int], split: str, sources: Sources = NO_SOURCES
) -> tuple[dict[str, int], list[str]]:
    """Lower the sizes of sets that have fewer examples because some of their rows give none.

    Such rows are left out, like COCO's without objects, or are a few bad ones. A set with too few rows keeps its size,
    and load_rows refuses it. Sets are prepared if this machine has not yet.

    Args:
        sizes: Name -> number of examples.
        split: "train" or "test".
        sources: The option `data`.

    Returns:
        Name -> number of examples, and a warning for each lowered one.

    Raises:
        RequestError: A set is unknown or cannot be read.
    """
    usable, warnings = dict(sizes), []
    for name, size in sizes.items():
        if _is_embedded(name, split, sources):
            continue
        declaration, place = find(name, split, sources)
        examples, lost = usable_and_lost(declaration, split, place)
        if examples < size <= examples + lost:
            usable[name] = examples
            fix = f"`{name}: {{size: {examples}}}` under `domains`"
            if split == "test":
                fix = f"`{name}: {examples}` under `tests`"
            warnings.append(
                f"warning: {name!r} has {examples} usable examples for {split}, not {size} (other rows are left out or "
                f"bad): the trial continues with {examples}; write {fix} in the study file"
            )
    return usable, warnings


def load_rows(
    name: str,
    split: str,
    count: int,
    wanted: Sequence[int] | None = None,
    sources: Sources = NO_SOURCES,
    scorer: str = "paper",
    suffix: str = "paper",
    reward: str | None = None,
) -> Dataset:
    """Load the first examples of a domain or a test, or some of them.

    Args:
        name: Name of the domain or test.
        split: "train" for a domain, "test" for a test.
        count: Number of examples.
        wanted: Indices below `count`, in the order of the rows to return; None for all.
        sources: The option `data`.
        scorer: Whose rewards the rows name.
        suffix: Text after a question (examples.py).
        reward: Name of a reward in place of the rows' own.

    Returns:
        Rows with the columns of examples.py.

    Raises:
        RequestError: The set is unknown, cannot be read, or has fewer examples.
    """
    numbers = range(count) if wanted is None else wanted
    if _is_embedded(name, split, sources):
        _check_size(name, split, count, shapes.sizes(split)[name])
        return _with_reward(shapes.rows(name, split, numbers), reward)
    declaration, place = find(name, split, sources)
    examples = _with_reward(load_prepared(declaration, split, place, scorer, suffix), reward)
    _check_size(name, split, count, len(examples))
    return examples.select(numbers)


def find(name: str, split: str, sources: Sources) -> tuple[Declaration, str]:
    """Find the declaration of a set that is not of the shapes world, and the place where it is.

    Args:
        name: Name of the set.
        split: "train" or "test".
        sources: The option `data`.

    Raises:
        RequestError: There is no such set, or it has no such part.
    """
    source = sources.get(name)
    if isinstance(source, Mapping) and set(source) <= {"train", "test"}:
        source = source.get(split)
    if not isinstance(source, str | Mapping | None):
        raise RequestError(f"data: {name}: must be a folder, a hub name or a declaration, not {source!r}")
    if isinstance(source, Mapping):
        declaration = custom_dataset(name, source)
    elif name in PAPER and split in PAPER[name].parts:
        declaration = PAPER[name]
    else:
        known = sorted({*shapes.sizes(split), *(other for other, one in PAPER.items() if split in one.parts)})
        what = "domain" if split == "train" else "test"
        raise RequestError(
            f"{what} {name!r} has no data here; known are {', '.join(known)}; "
            f"a set of your own is declared as data: {{{name}: {{path: FOLDER}}}}"
        )
    part = _part(declaration, split, source if isinstance(source, str) else None)
    place = source if isinstance(source, str) and source != AUTHORS else part.hub
    local_path(place)  # raises if a path does not exist
    return replace(declaration, parts={**declaration.parts, split: part}), place


def _part(declaration: Declaration, split: str, place: str | None) -> Part:
    """The original's part, or the authors' if the place is "authors" or its name on the hub."""
    authors = declaration.authors.get(split)
    if authors and place in (AUTHORS, authors.hub):
        return authors
    if place == AUTHORS:
        raise RequestError(
            f"data: {declaration.name}: the paper's authors have published no copy of it for {split}: leave it out for "
            f"{declaration.parts[split].hub}, or name a folder"
        )
    return declaration.parts[split]


def _is_embedded(name: str, split: str, sources: Sources) -> bool:
    return name not in sources and name in shapes.sizes(split)


def _with_reward(rows: Dataset, reward: str | None) -> Dataset:
    if reward is None:
        return rows
    return rows.remove_columns("reward").add_column("reward", [reward] * len(rows)).select_columns(rows.column_names)


def _check_size(name: str, split: str, size: int, available: int) -> None:
    if size > available:
        raise RequestError(f"{name!r} has {available} examples for {split}, not {size}: lower its size")
