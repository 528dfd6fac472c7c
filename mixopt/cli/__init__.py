"""The command line of mixopt."""
