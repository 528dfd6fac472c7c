"""For mkdocs: a link that leaves docs/ names a file of the repository, and stands on the site as its name."""

import re

OUT = re.compile(r"\[([^\]]+)\]\((?:\.\./)+(?!\.)[^)]*\)")


def on_page_markdown(markdown, page, **_):
    return OUT.sub(lambda link: outside(link, page.file.src_uri.count("/")), markdown)


def outside(link, depth):
    ups = link[0].count("../")
    return link[0] if ups <= depth else link[1] if link[1].startswith("`") else f"`{link[1]}`"
