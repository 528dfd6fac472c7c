"""A study: its file, create and open, ask and tell, plan, budget, pruning, replicates, warm start, status."""
