"""Options that are mappings of their own: the adapter that is trained (`lora`), and how processes start (`launch`)."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

import yaml
from pydantic import BaseModel, ConfigDict, PositiveInt, ValidationError

from rlvr_backend.contract import MissingPackage, RequestError

CONFIGS = Path(__file__).parent / "accelerate"


class Nested(BaseModel):
    """A mapping among the options; what is unknown in it is an error."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False)

    @classmethod
    def of(cls, given: dict[str, Any]) -> Self:
        """Check and complete it; raises RequestError naming the field."""
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(map(str, (cls.__name__.lower(), *first["loc"])))
            raise RequestError(f"backend option {field!r}: {first['msg']}") from error


class Lora(Nested):
    """A LoRA adapter in place of all weights of the language model; the fields are peft's `r`, `lora_alpha` and
    `target_modules` (names of layers, or all linear ones)."""

    rank: PositiveInt = 16
    alpha: PositiveInt = 32
    targets: str | list[str] = "all-linear"

    @classmethod
    def of(cls, given: dict[str, Any]) -> Self:
        require(("peft",), "backend option 'lora'", "pip install 'mixopt[lora]'")
        return super().of(given)


class Launch(Nested):
    """An accelerate config, by its name in `accelerate/` or as the path of one's own, and how many processes it starts,
    one a GPU. Whoever starts the trainer keeps to it (mixopt does)."""

    config: str
    processes: PositiveInt

    @classmethod
    def of(cls, given: dict[str, Any]) -> Self:
        launch = super().of(given)
        path = launch.path
        try:
            kind = str(yaml.safe_load(path.read_text())["distributed_type"])
        except OSError as error:
            known = ", ".join(sorted(each.stem for each in CONFIGS.glob("*.yaml")))
            raise RequestError(f"backend option 'launch': {path} is no file, nor is it one of {known}") from error
        except (yaml.YAMLError, KeyError, TypeError, ValueError) as error:
            raise RequestError(f"backend option 'launch': {path} is no config of accelerate's") from error
        if kind == "NO" and launch.processes > 1:
            raise RequestError(f"backend option 'launch': {path.stem} runs one process, not {launch.processes}")
        if kind == "MULTI_GPU" and launch.processes == 1:
            raise RequestError(f"backend option 'launch': {path.stem} runs several processes, not 1: take one_gpu")
        if kind == "DEEPSPEED":
            require(("deepspeed",), f"backend option 'launch': {path.stem}", "pip install deepspeed")
        return launch

    @property
    def path(self) -> Path:
        """The file of the config."""
        named = CONFIGS / f"{self.config}.yaml"
        return named if named.is_file() else Path(self.config)


def require(packages: tuple[str, ...], who: str, mend: str) -> None:
    """Raises MissingPackage where none of the packages that would do is installed."""
    if not any(map(find_spec, packages)):
        raise MissingPackage(f"{who} needs {' or '.join(packages)}: {mend}")
