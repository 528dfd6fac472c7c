# %% [markdown]
# # Your own sampler, reward and trainer
#
# Each is one function or one method. All three run here on toy scores in seconds.

# %%
import os
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

import numpy as np
import optuna
import pandas as pd
import yaml

import mixopt

optuna.logging.set_verbosity(optuna.logging.WARNING)
pd.options.display.precision = 3
home = TemporaryDirectory()
folder = Path(home.name)

# %% [markdown]
# ## A sampler
#
# These are the scores to search. They are best at 10 % charts, 60 % boxes and 30 % science, with nothing from logic.

# %%
space = mixopt.MixtureSpace(["charts", "boxes", "science", "logic"], upper={"logic": 0.5})
best = np.array([0.1, 0.6, 0.3, 0.0])


def score(trial: optuna.Trial) -> float:
    weights = mixopt.suggest_mixture(trial, space)
    return 0.6 - float(((space.as_array(weights) - best) ** 2).sum())


# %% [markdown]
# A sampler returns the next mixture, given the history. It keeps nothing between calls, and its randomness comes from
# its seed and the trial's number. So any number of workers agree, and a worker that dies loses nothing. This one goes
# from the best run a third of the way to a random mixture.

# %%
from mixopt.history.history import History
from mixopt.samplers.proposal import Proposal


class Stroll(mixopt.MixtureSampler):
    """A short way from the best run, anywhere."""

    strategy = "model-based"

    def propose(self, history: History, number: int) -> Proposal:
        anywhere = self.space.sample(1, np.random.default_rng([self.seed, number]))[0]
        runs = history.runs()
        if not len(runs):
            return Proposal(anywhere)
        here = runs.weights[runs.values.argmax()]
        return Proposal(here + (anywhere - here) / 3)


# %% [markdown]
# `on_simplex` turns any Optuna sampler, also one of your own, into such a sampler. Here they are side by side: the
# best of 20 trials over three seeds (.6 is perfect, and there is no noise).

# %%
samplers = {
    "Stroll": lambda seed: Stroll(space, seed=seed),
    "TPE": lambda seed: mixopt.on_simplex(optuna.samplers.TPESampler(multivariate=True), space, seed=seed),
    "random": lambda seed: mixopt.on_simplex(optuna.samplers.RandomSampler(), space, seed=seed),
    "Bayes": lambda seed: mixopt.BayesSampler(space, seed=seed),
}


def best_of_20(sampler: mixopt.MixtureSampler) -> float:
    study = optuna.create_study(direction="maximize", sampler=sampler)
    study.optimize(score, n_trials=20)
    return study.best_value


pd.DataFrame({name: [best_of_20(make(seed)) for seed in range(3)] for name, make in samplers.items()}).T

# %% [markdown]
# The recommendation works with any sampler:

# %%
study = optuna.create_study(direction="maximize", sampler=Stroll(space))
study.optimize(score, n_trials=20)
{name: round(weight, 3) for name, weight in mixopt.recommend(study, space).weights.items()}

# %% [markdown]
# ## A reward
#
# A reward is a function of the answer (the text between the answer tags) and the truth of the row. It returns a number
# in [0, 1]. Put it into a module that can be imported, and name it as `module:function`.

# %%
(folder / "my_rewards.py").write_text('''
def close(answer, truth):
    """1 for the right number, less the further the answer is from it."""
    try:
        return max(0.0, 1 - abs(float(answer) / float(truth.solution) - 1))
    except ValueError:
        return 0.0


def careless(answer, truth):
    return 2.0
''')
sys.path.append(str(folder))

# %%
from rlvr_backend.rewards import Truth, correctness

for completion in (
    "<think>7 * 6</think><answer>42</answer>",
    "<think>about 40</think><answer>40</answer>",
    "<think>hm</think><answer>many</answer>",
    "42",  # the format comes first
):
    print(f"{correctness(completion, 'my_rewards:close', Truth('42')):.2f}  {completion}")

# %% [markdown]
# A mistake in it ends the trial with one line, so that nothing is trained on a wrong reward:

# %%
from rlvr_backend.errors import RequestError

try:
    correctness("<think>a</think><answer>42</answer>", "my_rewards:careless", Truth("42"))
except RequestError as error:
    print(error)

# %% [markdown]
# A study file declares it together with its data. The same check runs when a study is created:

# %%
from rlvr_backend.datasets.custom import custom_dataset

declared = yaml.safe_load("""
backend:
  rlvr:
    data:
      sums: {path: sums.jsonl, question: asked, answer: result, image: picture, reward: "my_rewards:close"}
""")
own = custom_dataset("sums", declared["backend"]["rlvr"]["data"]["sums"])
print(own.name, "is scored by", own.paper)

# %% [markdown]
# ## A trainer in Python
#
# A trainer turns a request (weights, seed, steps, tests) into a result, or raises `TrialFailed` with the reason.

# %%
from mixopt.paths import TrialFolder
from mixopt.trainers.contract import Evaluation, Request, Result, Trainer


class Toy(Trainer):
    """Learns charts from charts, and a little from boxes."""

    def run(self, request: Request, folder: TrialFolder, stop: Event) -> Result:
        learnt = request.weights["charts"] + 0.5 * request.weights["boxes"]
        evaluations = tuple(
            Evaluation(step=step, scores=dict.fromkeys(request.tests, learnt * step / (step + 40)))
            for step in request.steps
        )
        return Result(evaluations=evaluations, steps=request.steps[-1], stopped="finished", draws={}, seconds=0.1)


# %%
toy = {
    "study": "toy",
    "domains": {"charts": {"size": 900, "upper": 0.7}, "boxes": {"size": 900}, "science": {"size": 900}},
    "tests": {"out": {"chartqa": 100}},
    "score": {"steps": [20, 80]},
    "strategy": [{"seed": ["single", "all"]}, {"bayes": {"trials": 4}}],
}
(folder / "toy.yaml").write_text(yaml.safe_dump(toy, sort_keys=False))
study = mixopt.Study.create(folder / "toy.yaml", folder / "toy")
backend, sampler = Toy(), study.sampler()
while study.wants_trial(sampler):
    trial = study.ask(sampler)
    study.tell(trial.number, backend.run(trial.request, trial.folder, Event()))
print(len(study.runs()), "trials; recommended:")
{name: round(weight, 3) for name, weight in study.recommend().weights.items()}

# %% [markdown]
# `mixopt.workers.worker.Worker` is this loop with trials side by side, and handles everything that may fail.
#
# ## A trainer in any language
#
# A program that reads `request.json` and writes `result.json` is a trainer too ([the contract](../docs/trainers.md)).
# This is the example of that page, in 20 lines:

# %%
trainer = re.search(r"```python\n(.*?)```", Path("../docs/trainers.md").read_text(), re.DOTALL)[1]
(folder / "my_trainer.py").write_text(trainer)
print(trainer)

# %%
command = {"backend": {"command": {"argv": [sys.executable, "my_trainer.py", "{request}"]}}}
(folder / "own.yaml").write_text(yaml.safe_dump({**toy, "study": "own", **command}, sort_keys=False))


def run(*words: str) -> str:
    """What the command line prints."""
    here = {**os.environ, "MIXOPT_HOME": str(folder), "COLUMNS": "110", "FORCE_COLOR": ""}
    command = [sys.executable, "-m", "mixopt.cli", *words]
    return subprocess.run(command, cwd=folder, env=here, check=True, capture_output=True, text=True).stdout


run("study", "create", "own.yaml")
run("study", "resume", "own", "--slots", "2")
print(run("study", "show", "own"))

# %%
print((folder / "own" / "trials" / "0000" / "result.json").read_text())
