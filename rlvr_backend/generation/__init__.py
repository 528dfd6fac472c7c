"""Generation of completions by a vLLM server that belongs to one trial."""
