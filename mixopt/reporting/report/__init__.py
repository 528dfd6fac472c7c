"""The HTML report of a study, in one file without outside resources: `mixopt study report NAME`.

`Facts` gathers the data, `sections` makes figures with a sentence each, `words` describes the recommendation, and
`page` puts them together. The same study gives the same file, byte for byte.
"""

from mixopt.reporting.report.page import report

__all__ = ["report"]
