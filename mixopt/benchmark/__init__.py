"""The benchmark: mixopt's sampler and others on the same problems, whose best mixtures are known.

mixopt benchmark run results.jsonl --methods ours,botorch --seeds 100:130 --workers 2 mixopt benchmark report
results.jsonl --folder docs mixopt benchmark asks --runs 300 --domains 17

problem.py                   a noisy score with a known best mixture; suite.py lists the problems by name
concave.py, rugged.py, steep.py  synthetic families; optimum.py finds their best mixtures
measured.py, tables.py       measured runs with the scores of every test, and the tables by name
public_tables.py, shapes.py  how the published tables and that of shapes are read
pools.py                     measured runs as a finite list with exact scores
smooth.py, emulators.py      a smooth fit of them as the truth, on their mixtures or on new ones, with noise
methods/                     mixopt and the others, each with its own recommended settings
versions.py                  the code and package versions behind a result
judge.py                     the one model by which all methods' trials are compared
job.py                       one method on one problem with one seed
runner.py, workers.py, results.py  many jobs, with resume
estimates.py                 means, errors and paired differences; summary.py, figure.py, tidy.py print them
asks.py                      seconds and memory of an ask
"""
