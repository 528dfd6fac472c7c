"""Why a worker died: whether the death of a lease's owner counts against its trial.

A trial whose workers die again and again is given up, because the trial may be what kills them. A worker that was ended
by a time limit, a preemption, a failed node or a restart of its machine does not count against the trial.
"""

import os
import socket
import time
from collections.abc import Mapping
from typing import Any

from mixopt.leases.slurm import own_job, show

DIED, RELEASED = "died", "released"
COMPLETING_SECONDS = 5.0  # for which SLURM is asked again about a job that is just ending
ENDED_BY_SLURM = (
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
REQUEUED = ("PENDING", "REQUEUED", "REQUEUE_HOLD", "REQUEUE_FED", "SPECIAL_EXIT", "CONFIGURING", "COMPLETING")
FAILED_NODE = ("DOWN", "FAIL", "*", "REBOOT", "NOT_RESPONDING", "POWER")  # in the state of a node


def this_process() -> dict[str, Any]:
    """What a lease says of this process: its host and, in a SLURM job, the job and how often it was restarted."""
    process: dict[str, Any] = {"host": socket.gethostname()}
    if job := own_job():
        restarts = os.environ.get("SLURM_RESTART_COUNT", "0")
        process["slurm"] = {
            "job": job,
            "restarts": int(restarts) if restarts.isdigit() else 0,
            "cluster": os.environ.get("SLURM_CLUSTER_NAME", ""),
        }
    return process


def owner_end(lease: Mapping[str, Any], machine: str) -> str:
    """How the owner of a lease ended: RELEASED, DIED, or a cause that does not count against its trial.

    Args:
        lease: Content of the lease file.
        machine: Identifier of this machine since its last start.
    """
    if lease.get("released"):
        return RELEASED
    same_host = lease.get("host") == socket.gethostname()
    if same_host and lease.get("machine") not in (None, machine):
        return "its machine restarted"
    job = lease.get("slurm")
    if isinstance(job, Mapping) and (cause := _cause_in_slurm(job)):
        return f"ended by the scheduler: {cause}"
    return DIED


def _cause_in_slurm(job: Mapping[str, Any]) -> str | None:
    """What SLURM did to a job through no fault of the job; None where it did nothing, or no longer knows the job."""
    name, cluster = str(job.get("job")), str(job.get("cluster") or "")
    ends = time.monotonic() + COMPLETING_SECONDS
    while True:
        fields = show("job", name, cluster)
        state = next(iter(fields.get("JobState", "").split("+")[0].split()), "")
        restarts = fields.get("Restarts", "0")
        if restarts.isdigit() and int(restarts) > int(job.get("restarts") or 0):
            return "it was requeued"
        if state != "COMPLETING" or time.monotonic() >= ends:
            break
        time.sleep(0.5)
    if state in ENDED_BY_SLURM or state in REQUEUED:
        return state
    if state == "RUNNING" and (node := fields.get("BatchHost")):  # leases notice a dead node sooner than SLURM does
        node_state = show("node", node, cluster).get("State", "")
        return f"node {node} is {node_state}" if any(sign in node_state for sign in FAILED_NODE) else None
    return None
