"""The benchmark: our samplers against every peer, side by side, on problems whose best mixture is known.

mixopt benchmark run results.jsonl --methods ours,botorch --seeds 100:130 --workers 2
mixopt benchmark report results.jsonl --folder docs
mixopt benchmark asks --runs 300 --domains 17

problem.py       a noisy score with a known best mixture; suite.py has the problems by name
concave.py, rugged.py        the synthetic families, optimum.py their best mixtures
pools.py, emulators.py       measured runs as a finite list, and models fitted on them
methods/         ours and the peers, each at its own recommended settings; versions.py: by which code
judge.py         the one model under which all methods' trials are judged
job.py           one method on one problem with one seed; runner.py, workers.py, results.py: many, resumably
estimates.py     means, errors and paired differences; summary.py, figure.py, tidy.py tell them
asks.py          seconds and memory of an ask
"""
