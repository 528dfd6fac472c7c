"""TRL's GRPOTrainer on drawn examples: the prompts of its dataset are numbers of draws, looked up when they are used.

So an example is read once an update and not once a completion, a selector chooses when it knows all that was learnt
before, and a resumed run skips what it had drawn without reading it.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import torch
from accelerate.utils import gather_object, is_peft_model
from datasets import Dataset
from torch.utils.data import Sampler
from transformers import TrainerCallback
from trl import GRPOTrainer
from trl.models import unwrap_model_for_generation

from rlvr_backend.drawn import Drawn
from rlvr_backend.draws import DrawPlan
from rlvr_backend.evaluate import Evaluator
from rlvr_backend.policy import load_model

DOMAIN = "domain"  # under which the figures of each domain are logged


class DrawSampler(Sampler[int]):
    """All draws in TRL's order: each once a generation, each generation batch once an inner step."""

    def __init__(self, plan: DrawPlan, generations: int, repeats: int):
        self._plan, self._generations, self._repeats = plan, generations, repeats

    def __iter__(self) -> Iterator[int]:
        for update in np.arange(self._plan.domains.size).reshape(self._plan.domains.shape).tolist():
            for _ in range(self._repeats):
                for draw in update:
                    yield from [draw] * self._generations

    def __len__(self) -> int:
        return self._plan.domains.size * self._generations * self._repeats


class _NothingToTrain(Exception):
    """What was wanted of a trainer is there before its first draw."""


class _BeforeTraining(TrainerCallback):
    """Calls `look` once the model is as it is trained, wrapped and on its devices, and ends the training there."""

    def __init__(self, look: Callable[[], None]):
        self._look = look

    def on_train_begin(self, args, state, control, **_):
        self._look()
        raise _NothingToTrain  # a callback's `should_training_stop` is looked at after the first update only


class MixtureTrainer(GRPOTrainer):
    """Trains on `drawn`; `domains` are the domains' names.

    `weigh` says the weight on the advantages of a group from its update and accuracy; without it they stay as they are.
    """

    def __init__(
        self,
        *args,
        drawn: Drawn,
        domains: Sequence[str],
        weigh: Callable[[int, float], float] | None = None,
        **kwargs,
    ):
        self._drawn, self._domains, self._weigh = drawn, domains, weigh
        self._group_weights: dict[int, float] = {}  # by draw, of the update whose rewards came last
        draws = range(drawn.plan.domains.size)
        super().__init__(*args, train_dataset=Dataset.from_dict({"prompt": [""] * len(draws), "draw": draws}), **kwargs)

    def _get_train_sampler(self, dataset: Dataset | None = None) -> Sampler[int]:
        repeats = self.num_iterations * self.args.steps_per_generation
        return DrawSampler(self._drawn.plan, self.num_generations, repeats)

    def load_weights(self, folder: Path) -> None:
        """The weights of a checkpoint, and nothing else of it; an adapter's where one is trained."""
        if is_peft_model(self.model):
            from peft import load_peft_weights, set_peft_model_state_dict  # an extra

            set_peft_model_state_dict(self.model, load_peft_weights(str(folder), device="cpu"))
        else:
            self.model.load_state_dict(load_model(folder).state_dict())

    def _load_from_checkpoint(self, resume_from_checkpoint, model=None):
        """Through `from_pretrained`: transformers 5.23 saves a Qwen2-VL under the hub's names for its parameters, does
        not translate them back when it resumes, and goes on with whatever weights the model has, with a warning.
        (FSDP's checkpoints hold the names of the model; DeepSpeed's never come here.)"""
        if self.is_fsdp_enabled:
            super()._load_from_checkpoint(resume_from_checkpoint, model)
        else:
            self.load_weights(resume_from_checkpoint)

    def scores(self, evaluator: Evaluator) -> dict[str, float]:
        """Of its tests, by the model as TRL generates with it: put together where processes share it out."""
        whole = self._dist.summon_full_params(self.model_wrapped, recurse=False)
        with unwrap_model_for_generation(self.model_wrapped, self.accelerator) as model, whole:
            return evaluator.scores(model)

    def scores_untrained(self, evaluator: Evaluator) -> dict[str, float]:
        """The same of the model before any training, of which nothing is drawn."""
        found: dict[str, float] = {}
        self.add_callback(_BeforeTraining(lambda: found.update(self.scores(evaluator))))
        with suppress(_NothingToTrain):
            self.train()
        return found

    def _generate_and_score_completions(self, inputs):
        rows = {draw: self._drawn.row(draw) for draw in dict.fromkeys(item["draw"] for item in inputs)}
        output = super()._generate_and_score_completions([rows[item["draw"]] for item in inputs])
        if self._weigh:
            weights = [self._group_weights[item["draw"]] for item in inputs]
            output["advantages"] = output["advantages"] * torch.tensor(weights).to(output["advantages"])
        return output

    def _calculate_rewards(self, inputs, prompts, completions, completion_ids_list):
        """TRL's, which holds the rewards (completions, 2) of all processes; noted by draw and by domain."""
        rewards = super()._calculate_rewards(inputs, prompts, completions, completion_ids_list)
        heard = gather_object(
            [
                (row["draw"], completion[0]["content"], len(ids))
                for row, completion, ids in zip(inputs, completions, completion_ids_list, strict=True)
            ]
        )
        scores = rewards.cpu().double().numpy()  # in [0, 1] all: a NaN, which TRL would take for 0, does not get here
        well_formed, correct = scores.T
        total = scores @ self.reward_weights.cpu().double().numpy()
        members: dict[int, list[int]] = {}
        for place, (draw, _, _) in enumerate(heard):
            members.setdefault(draw, []).append(place)
        self._drawn.observe({d: (total[m], correct[m], [heard[i][1] for i in m]) for d, m in members.items()})
        self._group_weights = {}
        for draw, places in members.items():
            name = self._domains[self._drawn.domain(draw)]
            of_group = {"zero_variance": float(np.ptp(total[places]) == 0)}
            if self._weigh:
                weight = self._weigh(draw // self._drawn.plan.prompts, float(correct[places].mean()))
                self._group_weights[draw] = of_group["advantage_weight"] = weight
            for place in places:
                figures = {"reward": total[place], "format": well_formed[place], "length": heard[place][2]}
                for figure, value in {**figures, **of_group}.items():
                    self._log_metric(f"{DOMAIN}/{name}/{figure}", value)
        return rewards
