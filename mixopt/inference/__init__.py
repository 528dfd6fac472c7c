"""What the runs say: the recommended mixture, the Pareto front, and when to stop."""
