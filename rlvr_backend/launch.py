"""The option `launch`: which accelerate config starts the trainer's processes, and how many of them."""

from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, PositiveInt

from rlvr_backend.errors import RequestError
from rlvr_backend.packages import require

CONFIGS = Path(__file__).parent / "accelerate"


class Launch(BaseModel):
    """How `accelerate launch` starts the processes of a run. The program that starts the trainer applies it."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    config: str = Field(
        description="An accelerate config: fsdp, multi_gpu, one_gpu, zero2, zero3, or the path of a file of your own."
    )
    processes: PositiveInt = Field(description="Number of processes, one per GPU.")

    @property
    def path(self) -> Path:
        """The file of the config."""
        named = CONFIGS / f"{self.config}.yaml"
        return named if named.is_file() else Path(self.config)

    def check(self) -> None:
        """Check the config file, the number of processes, and that DeepSpeed is installed if the config needs it.

        Raises:
            RequestError: The file cannot be read, or the number of processes does not fit it.
        """
        item, name = "backend option 'launch'", self.path.stem
        kind = self._distributed_type()
        if kind == "NO" and self.processes > 1:
            raise RequestError(f"{item}: {name} runs one process, not {self.processes}: use multi_gpu, fsdp or zero2")
        if kind == "MULTI_GPU" and self.processes == 1:
            raise RequestError(f"{item}: {name} runs several processes, not 1: use one_gpu")
        if kind == "DEEPSPEED":
            require(("deepspeed",), f"{item}: {name}", "pip install deepspeed")

    def _distributed_type(self) -> str:
        """The value of `distributed_type` in the config file."""
        item = "backend option 'launch'"
        try:
            return str(yaml.safe_load(self.path.read_text())["distributed_type"])
        except OSError as error:
            known = ", ".join(sorted(each.stem for each in CONFIGS.glob("*.yaml")))
            raise RequestError(f"{item}: there is no file {self.path}: give the path of one, or use {known}") from error
        except (yaml.YAMLError, KeyError, TypeError, ValueError) as error:
            raise RequestError(
                f"{item}: {self.path} is not an accelerate config: write one with `accelerate config`"
            ) from error
