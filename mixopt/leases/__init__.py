"""Leases: which worker trains which trial, on any number of machines."""
