"""Show a study in Optuna's dashboard, with a note for each trial, the recommendation, and figures.

    from mixopt.reporting.dashboard import Dashboard

    Dashboard(study, host="127.0.0.1", port=8080).serve()

The command is `mixopt study dashboard NAME`; it needs the extra `dashboard`.
"""

from mixopt.reporting.dashboard.server import Dashboard

__all__ = ["Dashboard"]
