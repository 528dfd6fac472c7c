"""mixopt finds the mixture of training datasets that makes a model best, in as few training runs as possible.

space = mixopt.MixtureSpace(["coco", "lisa", "sat"], lower={"lisa": 0.05}, upper={"sat": 0.6})
study = optuna.create_study(direction="maximize", sampler=mixopt.BayesSampler(space, seed=0))
trial = study.ask()
weights = mixopt.suggest_mixture(trial, space)
study.tell(trial, train_and_score(weights))
mixopt.recommend(study, space).weights

The public names stand in __init__.pyi, and are imported when they are used: `mixopt --help` needs none of them.
"""

import lazy_loader

_public, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)


def __getattr__(name: str) -> object:
    if name == "__version__":
        from importlib.metadata import version

        return version(__name__)
    return _public(name)
