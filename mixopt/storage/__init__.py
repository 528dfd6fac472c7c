"""Where the trials of a study are kept: a journal file, a database, or Optuna's gRPC proxy."""
