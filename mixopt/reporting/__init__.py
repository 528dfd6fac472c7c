"""Figures, the HTML report, and the dashboard of a study."""
