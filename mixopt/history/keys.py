"""Every user-attribute key that mixopt writes to Optuna, on trials and on studies.

Others that a storage holds are somebody else's and are left alone. What kind of value each key has is checked by
attribute_checks.py.
"""

# Of a trial, written when it is proposed.
STRATEGY = "strategy"  # the strategy that proposed it, as people see it: seed, heuristic, model-based, ...
LABEL = "label"  # what it is called: "single:coco", "bayes:3"
PHASE, ROW = "phase", "row"  # the phase of the study file, from 0, and the row of the phase's design
CLAIM = "claim"  # the proposed weights, until they are recorded as parameters
UNTIL = "until"  # the step at which the run ends, where that is before the last
TRAIN_SEED = "train_seed"
STOCK = "on_simplex"  # what a stock sampler of Optuna's keeps between asks
REPLICATE = "replicate"  # True: it trains a mixture again with another seed, outside the budget
BY_HAND = "by_hand"  # True: somebody trains it and tells its scores, and no worker does
IMPORTED = "imported"  # True: an old run
RUN = "run"  # of an old run: what tells it apart from others of the same mixture

# Of a trial, written while it runs and when it is told.
EVALUATIONS = "evaluations"  # its scores by step, as {"step": ..., "scores": {test: score}} each
IN_SCORE, OUT_SCORE = "in_score", "out_score"  # the mean over the in-tests, and over the out-tests
TEST = "test:"  # followed by the name of a test: its score at the last step
STEPS_DONE, SECONDS = "steps", "seconds"  # training steps, and how long they took
STOPPED = "stopped"  # why the trainer ended the run early
EXHAUSTED = "exhausted"  # the domains of which every example was used
DRAWS = "draws"  # how many examples each domain gave
GPUS = "gpus"  # how many GPUs the trial had to itself
HELD_SECONDS = "held_seconds"  # how long its last worker has trained it, where there is no result
PRUNE = "prune"  # a user wants it ended
REASON, EXIT_CODE, LOG_TAIL = "reason", "exit_code", "log_tail"  # of a failure

# Of a trial, written when it is corrected.
REPLACES = "replaces"  # the number of the trial whose place it has
CORRECTIONS = "history"  # what was corrected, oldest first

# Of a study.
EXTRA_TRIALS = "extra_trials"  # trials beyond the study file
ASSURED_TRIALS = "assured_trials"  # up to how many trials the stopping rule does not end the study
FAILURES_FROM = "failures_from"  # failures of trials before this number do not count
FAILURES_FORGIVEN = "forgiven_failures"  # how many trials had failed when the study was last resumed
BASE, BASE_FAILED = "base", "base_failed"  # the scores of the base model by test, or why there are none
BEGAN = "began"  # when the first trial began, in seconds by the clock of the study's file system
CHANCE = "improvement_chance"  # what the stopping rule found, and after how many trials
ORDER, ORDER_TAKEN_UP = "order", "order_taken_up"  # the last pause or stop, and the last one that was lifted
FORGOTTEN = "forgotten:{}"  # by the number of a trial that was forgotten: its corrections
