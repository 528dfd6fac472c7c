"""Options of `--with` in the types of submitit and Ray; a value of the wrong type is one line."""

import inspect

import pytest

from mixopt.errors import MixoptError
from mixopt.workers.launch_options import NAMES, for_ray, for_submitit, nearest, pairs


@pytest.mark.parametrize(
    ("said", "options"),
    [
        (["timeout_min=600", "mem_gb=1.5"], {"timeout_min": 600, "mem_gb": 1.5}),
        (["slurm_setup=module load cuda"], {"slurm_setup": ["module load cuda"]}),
        (
            ["slurm_setup=[module load cuda, source env/bin/activate]"],
            {"slurm_setup": ["module load cuda", "source env/bin/activate"]},
        ),
        (
            ["slurm_setup=module load cuda", "slurm_setup=export A=b"],
            {"slurm_setup": ["module load cuda", "export A=b"]},
        ),
        (["slurm_setup=[ -f x ] && source x"], {"slurm_setup": ["[ -f x ] && source x"]}),
        (["slurm_setup=echo a: b"], {"slurm_setup": ["echo a: b"]}),
        (['slurm_srun_args=["--mpi=none", "-v"]'], {"slurm_srun_args": ["--mpi=none", "-v"]}),
        (
            ["slurm_use_srun=false", "slurm_stderr_to_stdout=True"],
            {"slurm_use_srun": False, "slurm_stderr_to_stdout": True},
        ),
        (["slurm_exclusive=true"], {"slurm_exclusive": True}),
        (["slurm_exclusive=user"], {"slurm_exclusive": "user"}),
        (["slurm_exclusive=false"], {"slurm_exclusive": None}),
        (
            [
                "slurm_additional_parameters={mail-type: END, hold: true, begin: 1:00:00}",
                'slurm_additional_parameters={"a": "1"}',
            ],
            {"slurm_additional_parameters": {"mail_type": "END", "hold": True, "begin": "1:00:00", "a": "1"}},
        ),
        (["slurm_account=no", "slurm_comment=a: b=c"], {"slurm_account": "no", "slurm_comment": "a: b=c"}),
        (["slurm_constraint=[rack1|rack2]"], {"slurm_constraint": "[rack1|rack2]"}),
        (
            ["slurm_gpus_per_task=a100:2", "slurm_gpus_per_node=a100:2"],
            {"slurm_gpus_per_task": "a100:2", "slurm_gpus_per_node": "a100:2"},
        ),
        (["name=x"], {"name": "x"}),
        (["colour=red"], {"colour": "red"}),
    ],
)
def test_options_are_of_the_types_that_submitit_has(said, options):
    assert for_submitit(pairs(said)) == options


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("timeout_min=abc", "--with timeout_min=abc: must be a whole number"),
        ("timeout_min=true", "must be a whole number"),
        ("timeout_min=1.5", "must be a whole number"),
        ("timeout_min=-5", "must be a whole number"),
        ("timeout_min=99999999999", "must be a whole number up to 2147483647"),
        ("timeout_min=", "must be a whole number"),
        ("nodes=0", "must be a whole number up to 2147483647, at least 1"),
        ("slurm_time=1:00:00", "must be a whole number"),
        ("nodes=[1]", "must be a whole number"),
        ("gpus_per_node=a100:2", "use slurm_gpus_per_node"),
        ("mem_gb=16GB", "must be a number above 0"),
        ("mem_gb=nan", "must be a number above 0"),
        ("slurm_use_srun=maybe", "must be true or false"),
        ("slurm_additional_parameters=hold", "must be a mapping, such as {mail-type: END"),
        ("slurm_additional_parameters={a: [1]}", "must be a mapping"),
        ("partition", "give NAME=VALUE"),
        ("=5", "give NAME=VALUE"),
        ("two words=5", "give NAME=VALUE"),
    ],
)
def test_an_option_of_the_wrong_type_is_one_line(said, words):
    with pytest.raises(MixoptError) as refused:
        for_submitit(pairs([said]))
    assert words in str(refused.value) and "\n" not in str(refused.value)


def test_ray_gets_numbers_booleans_lists_and_mappings():
    said = ["num_gpus=.5", "max_retries=-1", "resources={fast: 1}", "name=7", "runtime_env={env_vars: {A: b}}"]
    assert for_ray(pairs(said)) == {
        "num_gpus": 0.5,
        "max_retries": -1,
        "resources": {"fast": 1},
        "name": "7",
        "runtime_env": {"env_vars": {"A": "b"}},
    }


def test_names_are_those_of_submitit():
    slurm = pytest.importorskip("submitit.slurm.slurm")
    known = set(inspect.signature(slurm._make_sbatch_string).parameters) - {
        "command",
        "folder",
        "map_count",
        "num_gpus",
    }
    ours = {name.removeprefix("slurm_") for name in NAMES if name.startswith("slurm_")}
    assert known - ours == {"gpus_per_node"}  # one of those that all executors share
    assert nearest(["partition"]) == ": did you mean slurm_partition?" and nearest(["xyz"]) == ""
