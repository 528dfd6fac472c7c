"""Scripts that measure mixopt: kills, outages, throughput, many runs. Run as `python -m tests.measures.NAME`."""
