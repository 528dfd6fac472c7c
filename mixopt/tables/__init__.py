"""Read tables of runs: file formats, number formats, which columns count, and the runs as arrays."""
