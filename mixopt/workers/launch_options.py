"""Options of `--with NAME=VALUE`: parse the text into the types that submitit or Ray takes for each option."""

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any

import yaml

from mixopt.errors import MixoptError

# submitit's parameters by type; users may put the name of an executor (slurm_, local_) before them.
WHOLE = (
    "timeout_min nodes cpus_per_task tasks_per_node signal_delay_s time ntasks_per_node cpus_per_gpu array_parallelism"
).split()
LISTS = "setup teardown srun_args".split()
SWITCHES = "use_srun stderr_to_stdout exclusive".split()
TEXTS = (
    "account comment constraint dependency exclude gpus_per_task gres job_name mail_type mail_user mem mem_per_cpu "
    "mem_per_gpu nodelist partition qos wckey"
).split()
SHARED = "name timeout_min mem_gb nodes cpus_per_task gpus_per_node tasks_per_node stderr_to_stdout".split()
NAMES = [*SHARED, *(f"slurm_{name}" for name in (*WHOLE, *LISTS, *SWITCHES, *TEXTS, "additional_parameters"))]
RAY_TEXTS = "name namespace accelerator_type scheduling_strategy concurrency_group".split()
MOST = 2**31 - 1  # SLURM wraps larger numbers around
YES_OR_NO = {"true": True, "yes": True, "false": False, "no": False}


def pairs(options: Iterable[str]) -> list[tuple[str, str]]:
    """Split NAME=VALUE into pairs.

    Raises:
        MixoptError: An option has another form.
    """
    parts = [text.partition("=") for text in options]
    for name, equals, value in parts:
        if not (name.isidentifier() and equals):
            raise MixoptError(f"--with {name}{equals}{value}: give NAME=VALUE, such as timeout_min=600")
    return [(name, value) for name, _, value in parts]


def for_submitit(given: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Options of submitit by name, in its types; several values of a list or a mapping are joined.

    Args:
        given: Names and values.

    Raises:
        MixoptError: A value does not have the type of its option.
    """
    options: dict[str, Any] = {}
    for name, text in given:
        value = _submitit_value(name, text)
        if isinstance(value, list):
            value = [*options.get(name, []), *value]
        if isinstance(value, dict):
            value = {**options.get(name, {}), **value}
        options[name] = value
    return options


def for_ray(given: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Options of Ray by name: numbers, booleans, lists and mappings in YAML; Ray itself checks their types."""
    return {name: text if name in RAY_TEXTS else _yaml(text, yaml.SafeLoader) for name, text in given}


def nearest(unknown: Sequence[str]) -> str:
    """The known option closest to an unknown name, as the end of an error message."""
    forms = [form for name in unknown for form in (name, f"slurm_{name}")]
    meant = [name for form in forms for name in get_close_matches(form, NAMES, 1, 0.8)]
    return f": did you mean {meant[0]}?" if meant else ""


def _submitit_value(name: str, text: str) -> Any:
    bare = name.removeprefix("slurm_").removeprefix("local_")
    if bare in WHOLE or name == "gpus_per_node":
        return _whole(name, text)
    if bare in ("name", "job_name") and text.strip().isdecimal():
        raise MixoptError(
            f"--with {name}={text}: must be a name, not a number: SLURM reads a number as the id of a job"
        )
    if bare == "mem_gb":
        return _number(name, text)
    if bare in SWITCHES:
        return _switch(name, text)
    if bare in LISTS:
        return _list(text)
    if bare == "additional_parameters":
        return _mapping(name, text)
    return text


def _whole(name: str, text: str) -> int:
    least = 0 if name == "gpus_per_node" else 1
    if not re.fullmatch("[0-9]{1,20}", text.strip()) or not least <= int(text) <= MOST:
        more = "; for SLURM's other forms use slurm_gpus_per_node" if name == "gpus_per_node" else ""
        raise MixoptError(f"--with {name}={text}: must be a whole number up to {MOST}, at least {least}{more}")
    return int(text)


def _number(name: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise MixoptError(f"--with {name}={text}: must be a number above 0")
    return number


def _switch(name: str, text: str) -> bool | str | None:
    value = YES_OR_NO.get(text.lower())
    if name.endswith("exclusive"):  # also takes a text, such as user; submitit would write False as text
        return value or (text if value is None else None)
    if value is None:
        raise MixoptError(f"--with {name}={text}: must be true or false")
    return value


def _list(text: str) -> list[str]:
    """A YAML list, [module load cuda, source env/bin/activate]; any other text is one entry as it is."""
    value = _yaml(text, yaml.BaseLoader)  # which keeps all entries as text
    if isinstance(value, list) and all(isinstance(entry, str) for entry in value):
        return value
    return [text]


def _mapping(name: str, text: str) -> dict[str, str | bool]:
    value = _yaml(text, yaml.BaseLoader)
    if not isinstance(value, dict) or not all(isinstance(entry, str) for entry in (*value, *value.values())):
        raise MixoptError(f"--with {name}={text}: must be a mapping, such as {{mail-type: END, reservation: mine}}")
    # Underscores, as in submitit's own names, which these replace; some, such as hold, have no value.
    return {key.replace("-", "_"): True if entry == "true" else entry for key, entry in value.items()}


def _yaml(text: str, loader: type[yaml.BaseLoader] | type[yaml.SafeLoader]) -> Any:
    try:
        return yaml.load(text, Loader=loader)  # both make plain data only
    except yaml.YAMLError:
        return text
