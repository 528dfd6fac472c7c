"""Reading and writing runs: tables of old runs, exports, formats of other tools, trials trained by hand."""
