"""`mixopt study dashboard`: a study in Optuna's dashboard."""

from typing import Annotated

import typer

from mixopt.cli.arguments import Folder, Name
from mixopt.cli.console import err, say

LOOPBACK = ("127.0.0.1", "localhost")


def dashboard(
    name: Name,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on; 0 takes a free one.")] = 8080,
    host: Annotated[str, typer.Option(help="The address to listen on; any but this opens it to a network.")] = LOOPBACK[
        0
    ],
    folder: Folder = None,
) -> None:
    """Show a study in Optuna's dashboard, with its mixtures, figures and recommendation, until Ctrl-C.

    Example: mixopt study dashboard shapes --port 8080
    """
    from mixopt.dashboard import Dashboard
    from mixopt.study import Study

    served = Dashboard(Study.open(name, folder), host, port)
    if host not in LOOPBACK:
        err.print(f"warning: whoever reaches {host} can read study {name} and write notes: there is no password")
    say(f"dashboard {served.url} (Ctrl-C ends it)")
    try:
        served.serve()
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
