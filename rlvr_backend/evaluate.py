"""Evaluation: greedy decoding, and one score in [0, 1] a test.

python -m rlvr_backend evaluate shapes
"""

import numpy as np
import torch
from accelerate import PartialState
from accelerate.utils import gather_object
from datasets import Dataset

from rlvr_backend.rewards import Truth, correctness

SHOWN = 2  # answers of each test that are kept for people to read
HELD = 1 << 30  # bytes of encoded tests; the paper's would be hundreds of GB


def messages(row: dict) -> list[dict]:
    """A dataset row as the processor's chat template wants it: the images in front of the question."""
    images = [{"type": "image", "image": image} for image in row["images"]]
    return [{"role": "user", "content": [*images, {"type": "text", "text": row["prompt"][0]["content"]}]}]


def _share(size: int) -> list[int]:
    """The rows of a test that fall to this process: to each as many, some of them twice, since processes that share
    out the model must go through as many batches."""
    state = PartialState()
    first, processes = state.process_index, state.num_processes
    return [row % size for row in range(first, first + -(-size // processes) * processes, processes)]


class Evaluator:
    """Scores tests, `batch` rows at a time; processes share the rows between them.

    `tests` maps a test's name to its rows (columns prompt, images, reward, solution, boxes). What is encoded is kept
    for the next evaluation as far as HELD allows.

    `samples` are the first few answers of each test at the last evaluation: test, prompt, said, score.
    """

    def __init__(self, tests: dict[str, Dataset], processor, max_new_tokens: int, batch: int):
        self.tests = tests
        self._processor, self._max_new_tokens, self._batch = processor, max_new_tokens, batch
        self._held: dict[tuple[str, int], dict[str, torch.Tensor]] = {}
        self._room = HELD
        self.samples: list[dict] = []

    def completions(self, model, test: str) -> list[str]:
        """The model's greedy completions of a test, as text; in several processes for all of them to call at once."""
        own = _share(len(self.tests[test]))
        texts: list[str] = []
        for start in range(0, len(own), self._batch):
            encoded = self._encoded(test, start, own[start : start + self._batch])
            inputs = {name: tensor.to(model.device) for name, tensor in encoded.items()}
            out = model.generate(**inputs, max_new_tokens=self._max_new_tokens, do_sample=False)
            said = out[:, inputs["input_ids"].shape[1] :]
            texts += self._processor.tokenizer.batch_decode(said, skip_special_tokens=True)
        answers: dict[int, str] = {}
        for row, text in zip(gather_object(own), gather_object(texts), strict=True):
            answers.setdefault(row, text)
        return [answers[row] for row in range(len(answers))]

    def _encoded(self, test: str, start: int, rows: list[int]) -> dict[str, torch.Tensor]:
        """The inputs of a batch, left-padded as generation wants them."""
        if (test, start) in self._held:
            return self._held[test, start]
        encoded = self._processor.apply_chat_template(
            [messages(row) for row in self.tests[test].select(rows)],
            add_generation_prompt=True,
            tokenize=True,
            return_dict=True,
            processor_kwargs={"padding": True, "padding_side": "left", "return_tensors": "pt"},
        )
        size = sum(tensor.nbytes for tensor in encoded.values())
        if size <= self._room:
            self._room -= size
            self._held[test, start] = dict(encoded)
        return dict(encoded)

    @torch.no_grad()
    def scores(self, model) -> dict[str, float]:
        """Test -> mean correctness (share of exact matches, or mean IoU)."""
        was_training, self.samples = model.training, []
        model.eval()
        scores = {name: self._score(name, self.completions(model, name)) for name in self.tests}
        model.train(was_training)
        return scores

    def _score(self, name: str, completions: list[str]) -> float:
        rows = self.tests[name]
        columns = (rows["reward"], map(Truth, rows["solution"], rows["boxes"]))
        scores = [correctness(*row) for row in zip(completions, *columns, strict=True)]
        for row, said, score in zip(rows.select(range(min(SHOWN, len(rows)))), completions, scores):
            prompt = row["prompt"][0]["content"]
            self.samples.append({"test": name, "prompt": prompt, "said": said, "score": float(score)})
        return float(np.mean(scores))
