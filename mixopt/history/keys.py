"""Every user-attribute key that mixopt writes to Optuna, of trials and of studies.

mixopt leaves user attributes with other keys alone. attribute_checks.py checks the type of each value.
"""

# Of a trial, written when its mixture is proposed.
STRATEGY = "strategy"  # the strategy that proposed it: seed, heuristic, model-based, ...
LABEL = "label"  # the name of its mixture: "single:coco", "bayes"
PHASE, ROW = "phase", "row"  # the index of the phase, from 0, and the row of the phase
CLAIM = "claim"  # the proposed weights, until they are recorded as parameters
UNTIL = "until"  # the step at which the run ends, if that is before the last one
TRAIN_SEED = "train_seed"  # the seed of the training
STOCK = "on_simplex"  # what one of Optuna's own samplers keeps between asks
REPLICATE = "replicate"  # True: it trains a mixture again with another seed, outside the budget
BY_HAND = "by_hand"  # True: a person trains it and tells its scores, and no worker does
IMPORTED = "imported"  # True: an old run from a file
RUN = "run"  # the name of an old run, which distinguishes it from others of the same mixture

# Of a trial, written while it runs and when it is told.
EVALUATIONS = "evaluations"  # its scores by step, as {"step": ..., "scores": {test: score}} each
IN_SCORE, OUT_SCORE = "in_score", "out_score"  # the mean over the in-tests, and over the out-tests
TEST = "test:"  # followed by the name of a test: its score at the last step
STEPS_DONE, SECONDS = "steps", "seconds"  # training steps, and how long they took
STOPPED = "stopped"  # why the run ended
EXHAUSTED = "exhausted"  # the domains whose examples were all used
DRAWS = "draws"  # how many examples of each domain were trained on
GPUS = "gpus"  # how many GPUs the trial had to itself
HELD_SECONDS = "held_seconds"  # how long its last worker trained it, if there is no result
PRUNE = "prune"  # why it is to be pruned
REASON, EXIT_CODE, LOG_TAIL = "reason", "exit_code", "log_tail"  # of a failure

# Of a trial, written when it is corrected.
REPLACES = "replaces"  # the number of the trial that it replaces
CORRECTIONS = "history"  # its correction log, oldest first

# Of a study.
EXTRA_TRIALS = "extra_trials"  # how many trials were added to those of the study file
ASSURED_TRIALS = "assured_trials"  # the stopping rule ends nothing before so many trials
FAILURES_FROM = "failures_from"  # failures of trials with lower numbers do not count
FAILURES_RESET = "forgiven_failures"  # how many trials had failed when the study was last resumed
BASE, BASE_FAILED = "base", "base_failed"  # the scores of the base model by test, or why there are none
WORST = "worst"  # what the worst test is measured against (reference.py)
BEGAN = "began"  # when the first trial began, in seconds by the clock of the study's file system
CHANCE = "improvement_chance"  # the probability that the stopping rule found, and after how many trials
ORDER, ORDER_LIFTED = (
    "order",
    "order_taken_up",
)  # the last pause or stop, and the last one that was lifted
FORGOTTEN = "forgotten:{}"  # with the number of a trial that was forgotten: its correction log
