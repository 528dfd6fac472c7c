"""The trials of a study: as Optuna holds them, as arrays for models, as records for people, and their scores."""
