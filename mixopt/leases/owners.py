"""What became of an owner that did not let go of its trial: whether that counts against the trial.

A trial whose workers die again and again is given up, for it may be the trial that kills them. A time limit, a
preemption and a failed node are no fault of the trial's.
"""

import os
import socket
import time
from collections.abc import Mapping
from typing import Any

from mixopt.errors import MixoptError
from mixopt.leases.slurm import own_job, slurm

DIED, RELEASED = "died", "released"
ASK = 10.0  # seconds that SLURM's controller has to answer
COMPLETING = 5.0  # seconds for which a job that is just ending is asked again
NO_FAULT = (
    "TIMEOUT",
    "PREEMPTED",
    "NODE_FAIL",
    "CANCELLED",
    "DEADLINE",
    "BOOT_FAIL",
    "REVOKED",
    "SUSPENDED",
    "STOPPED",
)
WAITS_AGAIN = ("PENDING", "REQUEUED", "REQUEUE_HOLD", "REQUEUE_FED", "SPECIAL_EXIT", "CONFIGURING", "COMPLETING")
GONE_NODE = ("DOWN", "FAIL", "*", "REBOOT", "NOT_RESPONDING", "POWER")  # in the state of a node


def place() -> dict[str, Any]:
    """Where this process runs, for its leases: its host and, within a job of SLURM's, the job and its restarts."""
    said: dict[str, Any] = {"host": socket.gethostname()}
    if job := own_job():
        restarts = os.environ.get("SLURM_RESTART_COUNT", "0")
        said["slurm"] = {
            "job": job,
            "restarts": int(restarts) if restarts.isdigit() else 0,
            "cluster": os.environ.get("SLURM_CLUSTER_NAME", ""),
        }
    return said


def owner_end(said: Mapping[str, Any], machine: str) -> str:
    """What became of the owner that wrote a lease: DIED, or why it is gone without a fault of its trial's.

    Args:
        said: its lease.
        machine: the one that asks, since its last start.
    """
    if said.get("released"):
        return RELEASED
    here = said.get("host") == socket.gethostname()
    if here and said.get("machine") not in (None, machine):
        return "its machine restarted"
    job = said.get("slurm")
    if isinstance(job, Mapping) and (why := _ended_by_slurm(job)):
        return f"ended by the scheduler: {why}"
    return DIED


def _ended_by_slurm(job: Mapping[str, Any]) -> str | None:
    """What SLURM did to a job that was not the job's fault; None where it did nothing, or knows it no more."""
    ends = time.monotonic() + COMPLETING
    while True:
        found = _scontrol("job", str(job.get("job")), str(job.get("cluster") or ""))
        state = found.get("JobState", "").split("+")[0].split()[0:1]
        word = state[0] if state else ""
        restarts = found.get("Restarts", "0")
        if restarts.isdigit() and int(restarts) > int(job.get("restarts") or 0):
            return "it was requeued"
        if word != "COMPLETING" or time.monotonic() >= ends:
            break
        time.sleep(0.5)
    if word in NO_FAULT or word in WAITS_AGAIN:
        return word
    if word == "RUNNING" and (node := found.get("BatchHost")):  # a node is missed sooner by its leases than by SLURM
        node_state = _scontrol("node", node, str(job.get("cluster") or "")).get("State", "")
        return f"node {node} is {node_state}" if any(sign in node_state for sign in GONE_NODE) else None
    return None


def _scontrol(kind: str, name: str, cluster: str) -> dict[str, str]:
    """What SLURM's controller says of a job or a node; nothing where there is none, or it does not answer."""
    if not name:  # would be all of them
        return {}
    where = ["-M", cluster] if cluster and cluster != os.environ.get("SLURM_CLUSTER_NAME", cluster) else []
    try:
        said = slurm("scontrol", *where, "show", kind, name, "-o", patience=ASK)
    except MixoptError:
        return {}
    line = (said.splitlines() or [""])[0]
    return dict(word.split("=", 1) for word in line.split() if "=" in word)
