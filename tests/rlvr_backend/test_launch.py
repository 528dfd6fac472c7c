"""Launching: from `launch` in the study file to a command line that accelerate itself takes, and what it refuses."""

import argparse
import importlib.util
import warnings

import pytest
from accelerate.commands.launch import _validate_launch_command, launch_command_parser

from mixopt.trainers.rlvr import LAUNCH, PLAIN, RlvrTrainer
from rlvr_backend import __main__ as command
from rlvr_backend.errors import RequestError
from rlvr_backend.launch import CONFIGS, Launch
from rlvr_backend.options import Options
from tests.support.grpo_trials import request

NAMES = sorted(path.stem for path in CONFIGS.glob("*.yaml"))


def launcher(options) -> list[str]:
    """The launcher's own arguments for a trial with these options."""
    argv = RlvrTrainer(options)._argv
    return argv[len(LAUNCH) : argv.index("rlvr_backend") - 1]


@pytest.fixture
def with_deepspeed(monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr("rlvr_backend.packages.find_spec", lambda name: name == "deepspeed" or found(name))


def test_nothing_said_is_one_plain_process():
    assert launcher({}) == PLAIN


@pytest.mark.parametrize("name", NAMES)
def test_accelerate_takes_every_config(name, monkeypatch):
    monkeypatch.setattr("accelerate.commands.launch.is_bf16_available", lambda *_: True)
    processes = 1 if name == "one_gpu" else 3
    argv = launcher({"launch": {"config": name, "processes": processes}})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        said, _, _ = _validate_launch_command(launch_command_parser().parse_args([*argv, "-m", "rlvr_backend"]))
    assert (said.num_processes, said.num_machines, said.mixed_precision) == (processes, 1, "no")
    assert said.main_process_port == 0, "a free one: trials run side by side"
    assert said.use_deepspeed == name.startswith("zero") and said.use_fsdp == (name == "fsdp")
    assert said.multi_gpu == (name == "multi_gpu")
    if said.use_deepspeed:
        assert str(said.zero_stage) == name[-1] and bool(said.zero3_save_16bit_model) == (name == "zero3")
    if said.use_fsdp:
        assert (str(said.fsdp_version), said.fsdp_state_dict_type) == ("2", "FULL_STATE_DICT")


def test_there_are_the_five():
    assert NAMES == ["fsdp", "multi_gpu", "one_gpu", "zero2", "zero3"]


def test_a_config_of_ones_own_is_taken_by_its_path(tmp_path):
    own = tmp_path / "mine.yaml"
    own.write_text((CONFIGS / "fsdp.yaml").read_text())
    said = {"config": str(own), "processes": 2}
    assert launcher({"launch": said})[1:3] == ["--config_file", str(own)]
    assert Launch(**said).path == own


@pytest.mark.parametrize(
    ("launch", "said"),
    [
        (
            {"config": "zero9", "processes": 2},
            "there is no file zero9: give the path of one, or use fsdp, multi_gpu, one_gpu, zero2, zero3",
        ),
        ({"config": "one_gpu", "processes": 3}, "one_gpu runs one process, not 3"),
        ({"config": "multi_gpu", "processes": 1}, "multi_gpu runs several processes, not 1: use one_gpu"),
        ({"config": "multi_gpu"}, "'launch.processes' is missing"),
        ({"config": "multi_gpu", "processes": 0}, "'launch.processes' must be greater than 0, not 0"),
        ({"config": "multi_gpu", "processes": 2, "nodes": 1}, "'launch.nodes' is unknown"),
        ("zero2", "'launch' must be a valid dictionary or instance of Launch, not 'zero2'"),
        ({"config": "zero2", "processes": 2}, "zero2 needs deepspeed: pip install deepspeed"),
    ],
)
def test_what_cannot_be_launched_is_one_line(launch, said, monkeypatch):
    monkeypatch.setattr("rlvr_backend.packages.find_spec", lambda name: None)
    with pytest.raises(RequestError, match=said):
        Options.of({"launch": launch})


def test_a_file_that_is_no_config_is_one_line(tmp_path):
    (tmp_path / "a.yaml").write_text("- 1\n")
    with pytest.raises(RequestError, match=r"a\.yaml is not an accelerate config"):
        Options.of({"launch": {"config": str(tmp_path / "a.yaml"), "processes": 1}})


def test_deepspeed_is_taken_where_it_is_installed(with_deepspeed):
    assert Options.of({"launch": {"config": "zero3", "processes": 2}}).launch.processes == 2


def test_processes_that_do_not_divide_the_update_are_told_at_the_check(tmp_path):
    path = tmp_path / "request.json"
    path.write_text(request("shapes", options={"launch": {"config": "multi_gpu", "processes": 3}}).as_json())
    with pytest.raises(RequestError, match="must be a multiple of devices x samples = 3 x 16"):
        command.check(argparse.Namespace(request=path))
