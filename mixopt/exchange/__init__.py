"""In and out without a training stack: trials asked and told by hand, old runs imported, trials exported."""
