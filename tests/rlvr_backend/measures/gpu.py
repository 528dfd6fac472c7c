"""Qwen2-VL-2B of random weights on one GPU, 20 updates at the paper's batch, our trainer beside bare TRL.

python tests/rlvr_backend/measures/gpu.py

Not run so far: no GPU was at hand. Nothing is downloaded: the model is made from the published configuration, its
vision encoder frozen as always, and sees shapes examples scaled to 448 x 448 (256 visual tokens). Random weights hardly
ever end an answer, so that a completion has its full 512 tokens. Told are seconds a step (the median after the first
three), tokens a second (prompts and completions) and the peak of memory that torch allocated.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from shapes_trial import write_data

STEPS, WARM_UP, SIDE, PATCH, VOCABULARY = 20, 3, 448, 14, 151936
TEXT = {
    "vocab_size": VOCABULARY,
    "hidden_size": 1536,
    "intermediate_size": 8960,
    "num_hidden_layers": 28,
    "num_attention_heads": 12,
    "num_key_value_heads": 2,
    "max_position_embeddings": 32768,
    "rope_parameters": {"rope_type": "default", "rope_theta": 1e6, "mrope_section": [16, 24, 24]},
}
VISION = {"depth": 32, "embed_dim": 1280, "hidden_size": 1536, "num_heads": 16, "mlp_ratio": 4, "patch_size": PATCH}
REQUEST = {"study": "gpu", "trial": 0, "train_seed": 42, "weights": {"detect": 0.5, "science": 0.5}, "steps": [STEPS]}
REQUEST |= {"domains": {"detect": 200, "science": 200}, "tests": {"chart": 4}}


def write_model(folder: Path) -> None:
    """The model, its special tokens those of the shapes tokenizer, and a processor for larger pictures."""
    from transformers import Qwen2VLConfig, Qwen2VLForConditionalGeneration
    from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

    from rlvr_backend.shapes.base_model import new_processor

    processor = new_processor()
    size = {"shortest_edge": SIDE**2, "longest_edge": SIDE**2}
    processor.image_processor = Qwen2VLImageProcessorPil(patch_size=PATCH, merge_size=2, size=size)
    token = processor.tokenizer.convert_tokens_to_ids
    own = {"eos_token_id": token("<|im_end|>"), "pad_token_id": token("<pad>"), "bos_token_id": None}
    config = Qwen2VLConfig(
        text_config=TEXT | own,
        vision_config=VISION,
        image_token_id=token("<|image_pad|>"),
        video_token_id=token("<|video_pad|>"),
        vision_start_token_id=token("<|vision_start|>"),
        vision_end_token_id=token("<|vision_end|>"),
        tie_word_embeddings=True,
    )
    model = Qwen2VLForConditionalGeneration(config)
    model.generation_config.update(**own)
    model.save_pretrained(folder)
    processor.save_pretrained(folder)


def inside(report: Path) -> None:
    """One training in a process of its own; the rest of the arguments are the script's."""
    import torch
    from transformers import Trainer

    sys.argv = sys.argv[2:]
    train = Trainer.train

    def noted(self, *args, **kwargs):
        outcome = train(self, *args, **kwargs)
        steps = [entry for entry in self.state.log_history if "step_time" in entry]
        peak = torch.cuda.max_memory_allocated()
        report.write_text(
            json.dumps(
                {"seconds": [e["step_time"] for e in steps], "tokens": [e["num_tokens"] for e in steps], "peak": peak}
            )
        )
        return outcome

    Trainer.train = noted
    if sys.argv[0] == "rlvr_backend":
        from rlvr_backend.__main__ import main
    else:
        from bare_trl import main
    main()


def measured(arguments: list[str], report: Path) -> str:
    """One line of figures of one training."""
    argv = [sys.executable, str(Path(__file__)), f"--inside={report}", *arguments]
    subprocess.run(argv, check=True, env={**os.environ, "PYTHONPATH": os.getcwd()})
    said = json.loads(report.read_text())
    seconds, tokens = said["seconds"][WARM_UP:], said["tokens"][-1] - said["tokens"][WARM_UP - 1]
    median = sorted(seconds)[len(seconds) // 2]
    return f"{median:.2f} s a step, {tokens / sum(seconds):.0f} tokens a second, peak {said['peak'] / 2**30:.1f} GiB"


def main() -> int:
    import torch

    if not torch.cuda.is_available():
        print("error: torch finds no CUDA GPU here, and this measure is of one", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as scratch:
        model, data = Path(scratch) / "model", Path(scratch) / "data"
        write_model(model)
        data.mkdir()
        for who in ("ours", "bare"):
            path = Path(scratch) / who / "request.json"
            path.parent.mkdir()
            options = {"model": str(model), "prompts": 2, "keep_checkpoints": "none"}
            path.write_text(json.dumps(REQUEST | {"options": options}))
            if who == "bare":
                write_data(path, data)
            script = ["rlvr_backend", "train", str(path)] if who == "ours" else ["bare_trl.py", str(path), str(data)]
            print(f"{who:5} {measured(script, path.parent / 'report.json')}", flush=True)
    return 0


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1].startswith("--inside="):
        sys.exit(inside(Path(sys.argv[1].removeprefix("--inside="))))
    sys.exit(main())
