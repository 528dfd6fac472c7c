"""Training data of the cold start: pictures with captions, with facts, and with questions and answers."""

import numpy as np
import torch
from transformers import ProcessorMixin

from rlvr_backend.shapes.answer_styles import ANSWER_STYLES, completion
from rlvr_backend.shapes.facts import Fact, some_facts
from rlvr_backend.shapes.questions import Question


class ColdStartData:
    """Captions, facts and answers about the same pictures, as token ids.

    Args:
        questions: (topic name, question) pairs. No training or test split has their pictures.
        processor: The model's processor.
        rng: Random numbers for the choice of facts and answer styles.
    """

    def __init__(self, questions: list[tuple[str, Question]], processor: ProcessorMixin, rng: np.random.Generator):
        self._pad = processor.tokenizer.pad_token_id
        pictures = [question.picture.draw() for _, question in questions]
        seen = processor.image_processor(images=pictures, return_tensors="pt")
        self._patches = seen["pixel_values"].view(len(pictures), -1, seen["pixel_values"].shape[-1])
        self._grid = seen["image_grid_thw"][0]
        self._image_token = processor.image_token_id
        blanks = processor.image_token * int(self._grid.prod() // processor.image_processor.merge_size**2)

        def ids(text: str) -> list[int]:
            return processor.tokenizer(text)["input_ids"]

        def example(text: str, parts_of_answer: list[tuple[str, bool]]) -> tuple[list[int], list[int]]:
            """Token ids and labels of prompt and completion. Only the parts marked True are learnt."""
            content = [{"type": "image"}, {"type": "text", "text": text}]
            prompt = ids(
                processor.apply_chat_template(
                    [{"role": "user", "content": content}], add_generation_prompt=True, tokenize=False
                ).replace(processor.image_token, blanks)
            )
            parts = [(ids(part), learnt) for part, learnt in [*parts_of_answer, ("<|im_end|>", True)]]
            labels = [label for part, learnt in parts for label in (part if learnt else [-100] * len(part))]
            return prompt + [i for part, _ in parts for i in part], [-100] * len(prompt) + labels

        def as_parts(found: list[Fact]) -> list[tuple[str, bool]]:
            return [part for query, reply in found for part in ((query, False), (f"{reply} ;", True))]

        self._examples = (
            [example("describe", [(question.picture.caption, True)]) for _, question in questions],
            [example("facts", as_parts(some_facts(question.picture, rng))) for _, question in questions],
            [
                example(question.text, [(completion(question, ANSWER_STYLES[topic], rng), True)])
                for topic, question in questions
            ],
        )

    def batch(self, count: int, shares: tuple[float, ...], rng: np.random.Generator) -> dict[str, torch.Tensor]:
        """Return a random batch as inputs of the model.

        Args:
            count: Number of examples.
            shares: Probabilities of captions, facts and answers.
            rng: Random numbers.
        """
        indices = rng.integers(len(self._examples[0]), size=count)
        kinds = rng.choice(len(shares), size=count, p=shares)
        rows = [self._examples[kind][i] for kind, i in zip(kinds, indices, strict=True)]
        width = max(len(ids) for ids, _ in rows)
        ids = torch.tensor([row + [self._pad] * (width - len(row)) for row, _ in rows])
        labels = torch.tensor([row + [-100] * (width - len(row)) for _, row in rows])
        return {
            "input_ids": ids,
            "labels": labels,
            "attention_mask": (ids != self._pad).long(),
            "mm_token_type_ids": (ids == self._image_token).int(),
            "pixel_values": self._patches[indices].flatten(0, 1),
            "image_grid_thw": self._grid.expand(len(rows), 3),
        }
