"""A study in Optuna's dashboard, with our views in it: a note a trial, the recommendation, figures.

    from mixopt.reporting.dashboard import Dashboard

    Dashboard(study, host="127.0.0.1", port=8080).serve()

The command is `mixopt study dashboard NAME`; it needs the extra `dashboard`.
"""

from mixopt.reporting.dashboard.server import Dashboard

__all__ = ["Dashboard"]
