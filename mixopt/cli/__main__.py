"""`python -m mixopt.cli` is `mixopt`."""

from mixopt.cli.app import main

main()
