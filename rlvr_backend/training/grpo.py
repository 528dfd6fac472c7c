"""TRL's GRPOTrainer on drawn examples: its dataset holds numbers of draws, which are looked up when they are used.

So an example is read once per update and not once per completion, a selector chooses with all that was learnt before,
and a resumed run skips its earlier draws without reading them.

References:
    Shao et al. 2024, "DeepSeekMath: Pushing the Limits of Mathematical Reasoning in Open Language Models",
    arXiv:2402.03300 (GRPO).
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

from rlvr_backend.evaluation.evaluator import Evaluator
from rlvr_backend.models.load import load_model
from rlvr_backend.training.draw_plan import DrawPlan
from rlvr_backend.training.drawn_examples import DrawnExamples

DOMAIN = "domain"  # prefix of the logged figures of each domain


class DrawSampler(Sampler[int]):
    """All draws in TRL's order: each once per generation, each generation batch once per inner step.

    Args:
        plan: The draws.
        generations: Completions per prompt.
        repeats: Inner steps per generation batch.
    """

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
    """Ends a training before its first draw."""


class _BeforeTraining(TrainerCallback):
    """Calls a function once the model is wrapped and on its devices, and ends the training there."""

    def __init__(self, function: Callable[[], None]):
        self._function = function

    def on_train_begin(self, args, state, control, **_):
        self._function()
        raise _NothingToTrain  # `should_training_stop` is only read after the first update


class MixtureTrainer(GRPOTrainer):
    """GRPO on the drawn examples of a mixture.

    Args:
        *args: Positional arguments of GRPOTrainer.
        examples: The training examples.
        domains: Names of the domains.
        group_weight: (update, accuracy) -> weight on the advantages of a group. None leaves them as they are.
        **kwargs: Keyword arguments of GRPOTrainer.
    """

    def __init__(
        self,
        *args,
        examples: DrawnExamples,
        domains: Sequence[str],
        group_weight: Callable[[int, float], float] | None = None,
        **kwargs,
    ):
        self._examples, self._domains, self._group_weight = examples, domains, group_weight
        self._weight_of_draw: dict[int, float] = {}  # of the update whose rewards came last
        draws = range(examples.plan.domains.size)
        super().__init__(*args, train_dataset=Dataset.from_dict({"prompt": [""] * len(draws), "draw": draws}), **kwargs)

    def _get_train_sampler(self, dataset: Dataset | None = None) -> Sampler[int]:
        repeats = self.num_iterations * self.args.steps_per_generation
        return DrawSampler(self._examples.plan, self.num_generations, repeats)

    def load_weights(self, folder: Path) -> None:
        """Load only the weights of a checkpoint, or its adapter's if one is trained."""
        if is_peft_model(self.model):
            from peft import load_peft_weights, set_peft_model_state_dict  # an optional package

            set_peft_model_state_dict(self.model, load_peft_weights(str(folder), device="cpu"))
        else:
            self.model.load_state_dict(load_model(folder).state_dict())

    def _load_from_checkpoint(self, resume_from_checkpoint, model=None):
        """Load a checkpoint through `from_pretrained`.

        transformers 5.23 saves a Qwen2-VL under the hub's parameter names, does not translate them back when it
        resumes, and continues with the weights that the model happens to have, with a warning. FSDP checkpoints hold
        the names of the model; DeepSpeed's are loaded elsewhere.
        """
        if self.is_fsdp_enabled:
            super()._load_from_checkpoint(resume_from_checkpoint, model)
        else:
            self.load_weights(resume_from_checkpoint)

    def scores(self, evaluator: Evaluator) -> dict[str, float]:
        """Score the tests with the current model, gathered if processes share its weights."""
        whole = self._dist.summon_full_params(self.model_wrapped, recurse=False)
        with unwrap_model_for_generation(self.model_wrapped, self.accelerator) as model, whole:
            return evaluator.scores(model)

    def scores_untrained(self, evaluator: Evaluator) -> dict[str, float]:
        """Score the tests with the model before any training. Nothing is drawn."""
        found: dict[str, float] = {}
        self.add_callback(_BeforeTraining(lambda: found.update(self.scores(evaluator))))
        with suppress(_NothingToTrain):
            self.train()
        return found

    def _generate_and_score_completions(self, inputs):
        rows = {draw: self._examples.row(draw) for draw in dict.fromkeys(item["draw"] for item in inputs)}
        output = super()._generate_and_score_completions([rows[item["draw"]] for item in inputs])
        if self._group_weight:
            weights = [self._weight_of_draw[item["draw"]] for item in inputs]
            output["advantages"] = output["advantages"] * torch.tensor(weights).to(output["advantages"])
        return output

    def _calculate_rewards(self, inputs, prompts, completions, completion_ids_list):
        """TRL's rewards (completions, 2) of all processes. They are also passed on by draw and logged by domain."""
        rewards = super()._calculate_rewards(inputs, prompts, completions, completion_ids_list)
        gathered = gather_object(
            [
                (row["draw"], completion[0]["content"], len(ids))
                for row, completion, ids in zip(inputs, completions, completion_ids_list, strict=True)
            ]
        )
        scores = rewards.cpu().double().numpy()  # all in [0, 1]: a NaN, which TRL would take for 0, is refused earlier
        total = scores @ self.reward_weights.cpu().double().numpy()
        members: dict[int, list[int]] = {}
        for place, (draw, _, _) in enumerate(gathered):
            members.setdefault(draw, []).append(place)
        self._examples.observe(
            {draw: (total[of], scores[of, 1], [gathered[i][1] for i in of]) for draw, of in members.items()}
        )
        self._weight_of_draw = {}
        for draw, places in members.items():
            self._log_group(draw, total[places], scores[places], [gathered[i][2] for i in places])
        return rewards

    def _log_group(self, draw: int, total: np.ndarray, scores: np.ndarray, lengths: list[int]) -> None:
        """Log the figures of one group under its domain, and keep the weight of its advantages.

        Args:
            draw: The draw.
            total: (g,) weighted sums of the rewards.
            scores: (g, 2) format and task scores.
            lengths: (g,) lengths of the completions in tokens.
        """
        name = self._domains[self._examples.domain(draw)]
        of_group = {"zero_variance": float(np.ptp(total) == 0)}
        if self._group_weight:
            weight = self._group_weight(draw // self._examples.plan.prompts, float(scores[:, 1].mean()))
            self._weight_of_draw[draw] = of_group["advantage_weight"] = weight
        for reward, form, length in zip(total, scores[:, 0], lengths, strict=True):
            for figure, value in {"reward": reward, "format": form, "length": length, **of_group}.items():
                self._log_metric(f"{DOMAIN}/{name}/{figure}", value)
