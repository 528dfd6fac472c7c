"""A study: its file, its trials asked and told, its plan, its limits, and where it stands."""
