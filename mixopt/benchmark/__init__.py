"""The benchmark: mixopt's sampler and others on the same problems, whose best mixtures are known.

mixopt benchmark run results.jsonl --methods ours,botorch --seeds 100:130 --workers 2 mixopt benchmark report
results.jsonl --folder docs mixopt benchmark asks --runs 300 --domains 17

problem.py                   a noisy score with a known best mixture; suite.py lists the problems by name
concave.py, rugged.py        synthetic families; optimum.py finds their best mixtures
pools.py, emulators.py       measured runs as a finite list, and models fitted on them
methods/                     mixopt and the others, each with its own recommended settings
versions.py                  the code and package versions behind a result
judge.py                     the one model by which all methods' trials are compared
job.py                       one method on one problem with one seed
runner.py, workers.py, results.py  many jobs, with resume
estimates.py                 means, errors and paired differences; summary.py, figure.py, tidy.py print them
asks.py                      seconds and memory of an ask
"""
