"""A SLURM of a test's own, on loopback: Debian's packages slurm-wlm and munge, none of them started by the system.

Two nodes on one machine, each a slurmd with a name and a port of its own; CPUs and GPUs are only counted. Partitions:
`main`; `urgent`, whose jobs have those of `main` queued again and those of `spare` cancelled; `short`, of two minutes.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil

from tests.support.postgres import free_port

PROGRAMS = "munged slurmctld slurmd sbatch srun scancel scontrol squeue sinfo".split()
NODES = ("n1", "n2")
READY = 30.0  # seconds in which it is up
CONFIGURATION = """
ClusterName=private
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket={folder}/munge/socket,cred_expire=5
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/%n.pid
SlurmdSpoolDir={folder}/%n
StateSaveLocation={folder}/state
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MailProg=/bin/true
GresTypes=gpu
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_interval=2,bf_interval=2,batch_sched_delay=1
SlurmdParameters=config_overrides
ReturnToService=2
KillWait=20
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
{nodes}
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP PriorityTier=1
PartitionName=urgent Nodes=ALL MaxTime=INFINITE State=UP PriorityTier=10 PreemptMode=OFF
PartitionName=spare Nodes=ALL MaxTime=INFINITE State=UP PriorityTier=1 PreemptMode=CANCEL
PartitionName=short Nodes=ALL MaxTime=2 State=UP PriorityTier=1
"""


def why_not() -> str | None:
    """Why no SLURM can be started here."""
    path = os.pathsep.join([os.environ["PATH"], "/usr/sbin"])
    if missing := [name for name in PROGRAMS if shutil.which(name, path=path) is None]:
        return f"SLURM is not installed (no {', '.join(missing)}): apt install slurm-wlm munge"
    return None if os.getuid() == 0 else "only root may start SLURM"


class Slurm:
    """A cluster of two nodes; `environment` is what its users need. `remove` ends all that it started.

    Args:
        cpus: of each node, whatever the machine has.
    """

    def __init__(self, cpus: int = 2) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="mixopt-slurm-"))
        self._folder.chmod(0o755)
        for name in ("munge", "state", *NODES):
            (self._folder / name).mkdir(mode=0o755)
        host, [controller, *ports] = socket.gethostname().partition(".")[0], _free_ports(1 + len(NODES))
        node = "NodeName={} NodeHostname={} NodeAddr=127.0.0.1 Port={} CPUs={} RealMemory=2000 Gres=gpu:2 State=UNKNOWN"
        nodes = "\n".join(node.format(name, host, port, cpus) for name, port in zip(NODES, ports))
        said = CONFIGURATION.format(host=host, controller=controller, folder=self._folder, nodes=nodes)
        configuration = self._folder / "slurm.conf"
        configuration.write_text(said)
        (self._folder / "gres.conf").write_text("Name=gpu Count=2 File=/dev/tty[0-1]\n")
        (self._folder / "cgroup.conf").write_text("CgroupPlugin=cgroup/v1\n")  # none is used, but it looks for one
        path = os.pathsep.join([os.environ["PATH"], "/usr/sbin"])
        self.environment = {**os.environ, "SLURM_CONF": str(configuration), "PATH": path}
        self._daemons: dict[str, subprocess.Popen[bytes]] = {}
        try:
            self._start()
        except BaseException:
            self.remove()
            raise

    def _start(self) -> None:
        key, files = self._folder / "munge" / "key", self._folder / "munge"
        key.write_bytes(os.urandom(128))
        key.chmod(0o400)
        places = [f"--{name}-file={files / name}" for name in ("pid", "log", "seed")]
        self._daemon("munged", "--foreground", "--force", f"--key-file={key}", f"--socket={files}/socket", *places)
        self._until(lambda: (files / "socket").exists())
        self.start_controller()
        for name in NODES:
            self.power_on(name)
        self._until(
            lambda: self.run("sinfo", "--noheader", "--Node", "--partition=main", "--format=%T") == "idle\nidle"
        )

    def _daemon(self, *argv: str) -> None:
        with (self._folder / "daemons.log").open("a") as log:
            program = shutil.which(argv[0], path=self.environment["PATH"]) or argv[0]
            process = subprocess.Popen(
                [program, *argv[1:]],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._daemons[argv[-1] if argv[0] == "slurmd" else argv[0]] = process

    def start_controller(self) -> None:
        self._daemon("slurmctld", "-D")
        self._until(lambda: "is UP" in self.run("scontrol", "ping"))

    def stop_controller(self) -> None:
        """As a crash: what it had not written down it forgets."""
        controller = self._daemons.pop("slurmctld")
        for process in [*psutil.Process(controller.pid).children(), psutil.Process(controller.pid)]:
            process.kill()
        controller.wait()

    def power_off(self, node: str) -> None:
        """As a failure: all that runs on a node is gone at once, and the controller takes it for down."""
        daemon = self._daemons.pop(node)
        tasks = self._processes(SLURMD_NODENAME=node)
        steps = [parent for task in tasks if (parent := _parent(task)) and parent not in tasks]
        for process in [psutil.Process(daemon.pid), *steps, *tasks]:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        daemon.wait()
        self.run("scontrol", "update", f"nodename={node}", "state=down", "reason=test")

    def power_on(self, node: str) -> None:
        self._daemon("slurmd", "-D", "-N", node)

    def run(self, *argv: str) -> str:
        """What one of SLURM's programs prints, or complains of."""
        done = subprocess.run(argv, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        return (done.stdout or done.stderr).strip()

    def jobs(self, *states: str) -> dict[str, str]:
        """The state of all jobs that have not ended, array by array, or of those in some states."""
        of = [f"--states={','.join(states)}"] if states else []
        lines = self.run("squeue", "--noheader", "--array", "--format=%i %T", *of).splitlines()
        return {line.split()[0]: line.split()[1] for line in lines}

    def state(self, job: str) -> str:
        """Of a job that may have ended: JobState=... as scontrol shows it."""
        said = self.run("scontrol", "show", "job", "-o", job)
        return next((word.partition("=")[2] for word in said.split() if word.startswith("JobState=")), said)

    def idle(self) -> None:
        """Cancel all jobs, and wait until they are gone and both nodes take jobs."""
        for name in NODES:
            self.run("scontrol", "update", f"nodename={name}", "state=resume")
        self.run("scancel", "--user=root")
        self._until(lambda: not self.jobs(), seconds=60)

    def _until(self, condition: Callable[[], bool], seconds: float = READY) -> None:
        ends = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > ends:
                logs = [path.read_text(errors="replace")[-1500:] for path in self._folder.glob("*.log")]
                raise AssertionError("SLURM did not come to it:\n" + "\n".join(logs))
            time.sleep(0.1)

    def remove(self) -> None:
        """End everything that was started here, jobs included."""
        for name in reversed(self._daemons):
            self._daemons[name].send_signal(signal.SIGKILL)
            self._daemons[name].wait()
        for process in self._processes():  # steps and their jobs, which outlive the daemons
            process.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _processes(self, **variables: str) -> list[psutil.Process]:
        """Those of this SLURM whose environment says so."""
        mine = {"SLURM_CONF": self.environment["SLURM_CONF"], **variables}
        found = []
        for process in psutil.process_iter():
            try:
                if process.pid != os.getpid() and mine.items() <= process.environ().items():
                    found.append(process)
            except psutil.Error:
                continue
        return found


def _parent(process: psutil.Process) -> psutil.Process | None:
    try:
        return process.parent()
    except psutil.NoSuchProcess:
        return None


def _free_ports(count: int) -> list[int]:
    ports: set[int] = set()
    while len(ports) < count:
        ports.add(free_port())
    return list(ports)
