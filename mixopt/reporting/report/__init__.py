"""A study as one page of HTML that needs nothing else: `mixopt study report NAME`.

`Facts` gathers what is known, `sections` turns it into figures with a sentence each, `words` says the recommendation,
and `page` puts them together. The same study gives the same file, byte for byte.
"""

from mixopt.reporting.report.page import report

__all__ = ["report"]
