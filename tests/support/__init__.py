"""Helpers that several tests and measuring scripts share; test files never import each other.

command_line           run `mixopt` in this process: its output, exit code, or line of error
running_workers        run `mixopt study` in other processes, and workers and trial queues in this one
toy_study              small studies over toy_trainer.py, and studies that are told by hand
simulated_study        a study with many finished trials, nothing trained
concurrent_study       an Optuna study that several processes open
synthetic_objectives   objectives on the simplex with known optima, and scores at several steps
constrained_spaces     random spaces with bounds and constraints, for Hypothesis
modomodo               the paper's table of results
hostile_text           control characters and markup that nothing may obey
launchers              trials through torchrun, accelerate launch and scripts
postgres, slurm        servers that the tests start
*_trainer              training programs: toy, checkpointing, random walk, several processes
grpo_trials, raw_datasets, simulated_groups    for rlvr_backend
"""
