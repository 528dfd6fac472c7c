"""Tables of runs from files of any kind: what is read, which columns count, and the runs as arrays."""
