"""Where a study's trials are kept: a journal file, a PostgreSQL or SQLite database, or Optuna's gRPC proxy."""
