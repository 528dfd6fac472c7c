"""Trainers: the contract between mixopt and a training program, and the programs that it can start."""
