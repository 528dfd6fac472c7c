"""For mkdocs: a link that leaves docs/ becomes text on the site, or the file's path if its text is the file's name."""

import re
from pathlib import PurePosixPath

OUT = re.compile(r"\[([^\]]+)\]\((?:\.\./)+(?!\.)([^)#]*)[^)]*\)")


def on_page_markdown(markdown, page, **_):
    return OUT.sub(lambda link: outside(link, page.file.src_uri.count("/")), markdown)


def outside(link, depth):
    text, path = link[1], PurePosixPath(link[2])
    if link[0].count("../") <= depth:
        return link[0]
    return f"`{path}`" if text in (path.name, path.stem) else text
