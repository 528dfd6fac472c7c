"""Who proposes the next mixture: samplers for Optuna studies, one a strategy."""
