"""`mixopt study dashboard`: serve a study in Optuna's dashboard."""

from typing import Annotated

import typer

from mixopt.cli.arguments import Folder, Name
from mixopt.cli.console import say, warn


def dashboard(
    name: Name,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on; 0 takes a free one.")] = 8080,
    host: Annotated[
        str, typer.Option(help="The address to listen on; any other is open to the network.")
    ] = "127.0.0.1",
    allow_host: Annotated[
        list[str] | None,
        typer.Option(help="Another host name by which it is reached, such as a proxy's; may be repeated."),
    ] = None,
    folder: Folder = None,
) -> None:
    """Show a study in Optuna's dashboard, with its mixtures, figures and recommendation, until Ctrl-C.

    Example: mixopt study dashboard shapes --port 8080
    """
    from mixopt.reporting.dashboard import Dashboard
    from mixopt.reporting.dashboard.guard import is_loopback
    from mixopt.study.study import Study

    served = Dashboard(Study.open(name, folder), host, port, allow_host or ())
    if not is_loopback(host):
        warn(f"anyone who can reach {host} can read study {name} and write notes: there is no password")
    say(f"dashboard {served.url} (Ctrl-C ends it)")
    try:
        served.serve()
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
