"""Who may ask the dashboard: by which hosts, from which pages, and on which address at all."""

import http.client
import json
import socket
import threading
from contextlib import contextmanager

import pytest

from tests.support.simulated_study import simulated_study

pytest.importorskip("optuna_dashboard", reason="optuna-dashboard is not installed")

from typer.testing import CliRunner

from mixopt.cli.app import app
from mixopt.errors import MixoptError
from mixopt.reporting.dashboard import Dashboard
from mixopt.reporting.dashboard.guard import host_of

JSON = "application/json"
PORT = "PORT"  # stands for the server's own


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return simulated_study(tmp_path_factory.mktemp("guard"), domains=3, trials=4)


@contextmanager
def served(study, *more, **options):
    """A dashboard that answers."""
    dashboard = Dashboard(study, *more, **{"port": 0, **options})
    threading.Thread(target=dashboard.serve, daemon=True).start()
    yield dashboard
    dashboard.close()


@pytest.fixture(scope="module")
def local(study):
    with served(study) as dashboard:
        yield dashboard


def ask(dashboard, method="GET", path="/api/studies", version=0, to="127.0.0.1", **headers):
    """The status and the body of an answer; headers with None are not sent."""
    port = dashboard._server.server_port
    connection = http.client.HTTPConnection(to, port, timeout=60)
    said = {"Host": f"127.0.0.1:{PORT}", **{name.replace("_", "-"): value for name, value in headers.items()}}
    body = json.dumps({"version": version, "body": "mine"}).encode() if method == "PUT" else b""
    connection.putrequest(method, path, skip_host=True)
    for name, value in said.items():
        if value is not None:
            connection.putheader(name, value.replace(PORT, str(port)))
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def write(dashboard, study, **headers):
    """The status of a request that writes the study's note, and why it was refused."""
    path = f"/api/studies/{study.optuna._study_id}"
    known = json.loads(ask(dashboard, path=path)[1])["note"]["version"]
    status, text = ask(dashboard, "PUT", f"{path}/note", known + 1, Content_Type=JSON, **headers)
    return status, json.loads(text or "{}").get("reason", "")


OURS = ["127.0.0.1", "localhost", "LocalHost", "[::1]", "[0:0:0:0:0:0:0:1]"]
STRANGE = [
    "evil.example",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "10.0.0.7",
    "0.0.0.0",
    "127.0.0.2",
    "[::2]",
]
NO_HOSTS = ["", "localhost@evil.example", "localhost:1:2", "localhost, evil.example", "[::1", "evil.example/localhost"]


@pytest.mark.parametrize("host", OURS)
@pytest.mark.parametrize("port", ["", f":{PORT}", ":9000"])  # 9000 as through an ssh tunnel
def test_this_machine_is_answered(local, host, port):
    status, text = ask(local, Host=host + port)
    assert status == 200 and "toy" in text


@pytest.mark.parametrize("path", ["/", "/dashboard", "/api/studies", "/api/meta", "/static/bundle.js", "/csv/1", "/x"])
@pytest.mark.parametrize("host", [*STRANGE, *NO_HOSTS, None])
def test_a_name_that_points_here_is_refused_with_what_would_allow_it(local, host, path):
    status, text = ask(local, path=path, Host=host)
    assert status == 403 and "toy" not in text
    named = f"--allow-host {host_of(host or '') or 'NAME'}"
    assert named in json.loads(text)["reason"]


def test_a_second_host_is_none(local):
    connection = http.client.HTTPConnection("127.0.0.1", local._server.server_port, timeout=60)
    connection.putrequest("GET", "/api/studies")
    connection.putheader("Host", "evil.example")
    connection.endheaders()
    assert connection.getresponse().status == 403


OWN_PAGES = [
    {"Origin": f"http://127.0.0.1:{PORT}"},
    {"Origin": f"http://127.0.0.1:{PORT}", "Sec_Fetch_Site": "same-origin", "Referer": "http://evil.example/"},
    {"Referer": f"http://127.0.0.1:{PORT}/dashboard/studies/1/note"},
    {"Sec_Fetch_Site": "same-origin"},
    {"Origin": "http://localhost:9000", "Host": "localhost:9000"},
    {"Origin": "http://localhost", "Host": "LOCALHOST:80"},
    {"Origin": "https://localhost", "Host": "localhost"},
]
OTHER_PAGES = [
    {},
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "http://["},
    {"Origin": f"http://localhost:{PORT}"},  # another origin than 127.0.0.1
    {"Origin": "http://127.0.0.1:1"},  # another server of this machine
    {"Origin": "http://127.0.0.1"},
    {"Origin": f"ftp://127.0.0.1:{PORT}"},
    {"Origin": f"http://127.0.0.1:{PORT}@evil.example"},
    {"Origin": f"http://127.0.0.1:{PORT}.evil.example"},
    {"Referer": f"http://evil.example/http://127.0.0.1:{PORT}/"},
    {"Sec_Fetch_Site": "cross-site"},
    {"Sec_Fetch_Site": "same-site"},
    {"Sec_Fetch_Site": "none"},
    {"Sec_Fetch_Site": "cross-site", "Origin": f"http://127.0.0.1:{PORT}"},
]


@pytest.mark.parametrize("headers", OWN_PAGES)
def test_the_dashboards_own_pages_write(local, study, headers):
    assert write(local, study, **headers) == (204, "")


@pytest.mark.parametrize("headers", OTHER_PAGES)
def test_other_pages_do_not_write(local, study, headers):
    before = study.folder.journal.read_bytes()
    status, why = write(local, study, **headers)
    assert status == 403 and "own pages" in why and study.folder.journal.read_bytes() == before


@pytest.mark.parametrize("kind", [None, "", "text/plain", "text/plain; application/json", "multipart/form-data"])
def test_what_a_form_can_send_is_no_note(local, study, kind):
    """A form of another page can send these kinds without asking first."""
    before = study.folder.journal.read_bytes()
    path = f"/api/studies/{study.optuna._study_id}/note"
    status, text = ask(local, "PUT", path, Origin=f"http://127.0.0.1:{PORT}", Content_Type=kind)
    assert status == 403 and JSON in json.loads(text)["reason"] and study.folder.journal.read_bytes() == before


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_its_own_pages_change_nothing_but_notes(local, study, method):
    before = study.folder.journal.read_bytes()
    for path in ("studies/1", "studies", "trials/1/tell", "studies/1/rename"):
        headers = {"Origin": f"http://127.0.0.1:{PORT}", "Content_Type": JSON}
        status, text = ask(local, method, f"/api/{path}", **headers)
        assert status == 403 and "mixopt study" in json.loads(text)["reason"]
    assert study.folder.journal.read_bytes() == before


def test_allowed_names_are_answered_and_write_also_through_a_proxy_that_asks_by_another(study):
    with served(study, allowed=["Mix.example.org", "10.9.8.7"]) as dashboard:
        for host in ("mix.example.org", "MIX.example.org:443", "10.9.8.7", "localhost"):
            assert ask(dashboard, Host=host)[0] == 200
        assert ask(dashboard, Host="example.org")[0] == 403
        assert write(dashboard, study, Host="mix.example.org", Origin="https://mix.example.org")[0] == 204
        assert write(dashboard, study, Origin="https://mix.example.org")[0] == 204  # Host is the proxy's own
        assert write(dashboard, study, Origin="https://evil.example")[0] == 403


@pytest.mark.parametrize("host", ["https://mix.example.org", "a b", "", "*@x"])
def test_an_allowed_name_that_is_none_is_refused(study, host):
    with pytest.raises(MixoptError, match=r"--allow-host .*not a host: give a name"):
        Dashboard(study, port=0, allowed=[host])


def test_on_all_addresses_the_machines_own_names_and_the_address_that_was_asked_are_answered(study):
    with served(study, "0.0.0.0") as dashboard:
        for host in ("localhost", "0.0.0.0", socket.gethostname(), socket.getfqdn().upper(), "127.0.0.1"):
            assert ask(dashboard, Host=f"{host}:{PORT}")[0] == 200
        assert ask(dashboard, to="127.0.0.9", Host=f"127.0.0.9:{PORT}")[0] == 200
        for host in ("evil.example", "10.0.0.7", f"{socket.gethostname()}.evil.example"):
            assert ask(dashboard, Host=host)[0] == 403


def test_an_address_of_its_own_is_answered_and_no_other_is_bound(study):
    with served(study, "127.0.0.7") as dashboard:
        assert ask(dashboard, to="127.0.0.7", Host=f"127.0.0.7:{PORT}")[0] == 200
        assert ask(dashboard, to="127.0.0.7", Host="evil.example")[0] == 403
        with pytest.raises(ConnectionRefusedError):
            ask(dashboard, to="127.0.0.1")


def test_it_listens_on_ipv6_too(study):
    if not socket.has_ipv6:
        pytest.skip("there is no IPv6 here")
    try:
        with served(study, "::1") as dashboard:
            assert dashboard.url.startswith("http://[::1]:")
            assert ask(dashboard, to="::1", Host=f"[::1]:{PORT}")[0] == 200
    except MixoptError as error:
        pytest.skip(str(error))


def addresses():
    """Addresses of this machine beside 127.0.0.1."""
    found = {"127.0.0.2", "127.255.0.1"}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing
            found.add(probe.getsockname()[0])
        except OSError:
            pass
    return sorted(found - {"0.0.0.0"})


def test_it_is_bound_to_loopback_alone_unless_told_otherwise(study, local, monkeypatch):
    assert local._server.socket.getsockname()[0] == "127.0.0.1" and local.url.startswith("http://127.0.0.1:")
    for address in addresses():
        with pytest.raises(OSError), socket.create_connection((address, local._server.server_port), timeout=5):
            pass
    made = []
    monkeypatch.setattr(Dashboard, "serve", lambda dashboard: made.append(dashboard._server.socket.getsockname()))
    done = CliRunner().invoke(app, ["study", "dashboard", "toy", "--port", "0", "--folder", str(study.folder.path)])
    assert done.exit_code == 0 and made[0][0] == "127.0.0.1" and "no password" not in done.output


@pytest.mark.parametrize(
    "host, to_a_network", [("127.0.0.1", False), ("localhost", False), ("127.0.0.3", False), ("0.0.0.0", True)]
)
def test_who_opens_it_to_a_network_is_warned(study, monkeypatch, host, to_a_network):
    monkeypatch.setattr(Dashboard, "serve", lambda _: None)
    argv = ["study", "dashboard", "toy", "--port", "0", "--folder", str(study.folder.path), "--host", host]
    done = CliRunner().invoke(app, [*argv, "--allow-host", "mix.example.org"])
    assert done.exit_code == 0 and ("there is no password" in done.output) == to_a_network
