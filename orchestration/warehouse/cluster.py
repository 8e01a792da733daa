"""A real Spark cluster on this machine: a master, workers, and one server that SQL and Python both talk to.

For trying, for tests and for one machine. A cluster that exists already needs none of this: its address is a
setting (see docs/scale.md). The server is Spark's own thrift server, with Spark Connect as a plugin, so that
both see one catalogue; everything listens on the loopback address only.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from orchestration.errors import ExpectedError
from orchestration.settings import SPARK, Settings, SparkSettings

LOOPBACK = "127.0.0.1"
MASTER, WORKER, SERVER = "master", "worker", "server"
_MINIMUM_JAVA = 17
_STARTS_WITHIN_SECONDS = 180
_STOPS_WITHIN_SECONDS = 20

_MASTER_CLASS = "org.apache.spark.deploy.master.Master"
_WORKER_CLASS = "org.apache.spark.deploy.worker.Worker"
_SERVER_CLASS = "org.apache.spark.sql.hive.thriftserver.HiveThriftServer2"
_CONNECT_PLUGIN = "org.apache.spark.sql.connect.SparkConnectPlugin"


class ClusterError(ExpectedError):
    """The cluster cannot be started or stopped; the message says why and what to do."""


@dataclass(frozen=True)
class ClusterProcess:
    """A process that `start` started.

    Attributes
    ----------
    role
        ``master``, ``worker-1``, ``worker-2``, ... or ``server``.
    pid
        Process id.
    started_at
        When the system says that the process was created, in seconds since the epoch: a process id that was
        given out again is not ours.
    """

    role: str
    pid: int
    started_at: float

    @property
    def is_running(self) -> bool:
        """Whether it is still there, and still the same."""
        try:
            process = psutil.Process(self.pid)
            return (
                abs(process.create_time() - self.started_at) < 1 and process.status() != psutil.STATUS_ZOMBIE
            )
        except psutil.NoSuchProcess:
            return False


def start(settings: Settings) -> list[ClusterProcess]:
    """Start the cluster, or what is missing of it, and wait until it answers; does nothing if all of it runs.

    A worker that was lost is replaced while the others go on working.

    Raises
    ------
    ClusterError
        If Java or the Spark extra is missing, a port is taken, or a process ends before it answers.
    """
    running = [process for process in processes(settings) if process.is_running]
    if MASTER not in {process.role for process in running}:
        # Whatever else still runs belongs to no cluster any more.
        stop(settings)
        running = []
    roles = {process.role for process in running}
    missing = [role for role in _roles(settings) if role not in roles]
    if not missing:
        return running
    java = _java()
    home = _spark_home()
    _require_free_ports(settings, missing)
    directory = settings.cluster_dir
    (directory / "logs").mkdir(parents=True, exist_ok=True)
    launcher = _Launcher(directory, home, java, settings.spark.java_options, running)
    try:
        if MASTER in missing:
            launcher.launch(MASTER, _master_command(settings))
            launcher.wait_until(lambda: _answers(settings.spark.master_port))
        for role in missing:
            if role.startswith(WORKER):
                launcher.launch(role, _worker_command(settings, role))
        launcher.wait_until(lambda: len(alive_workers(settings)) == settings.spark.workers)
        if SERVER in missing:
            launcher.launch(SERVER, _server_command(settings))
            launcher.wait_until(
                lambda: _answers(settings.spark.port) and _answers(settings.spark.connect_port)
            )
    except BaseException:
        # What ran before goes on.
        _end_all([process for process in launcher.started if process not in running])
        if running:
            _write_state(directory, running)
        else:
            _state_path(settings).unlink(missing_ok=True)
        raise
    return launcher.started


def stop(settings: Settings) -> list[ClusterProcess]:
    """End exactly the processes that `start` started, those that still run; return them."""
    ours = [process for process in processes(settings) if process.is_running]
    _end_all(ours)
    _state_path(settings).unlink(missing_ok=True)
    return ours


def processes(settings: Settings) -> list[ClusterProcess]:
    """Return what `start` started, whether or not it still runs; empty if nothing was."""
    try:
        content = json.loads(_state_path(settings).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return [ClusterProcess(**entry) for entry in content]


def describe(settings: Settings) -> dict[str, Any]:
    """Return the state of the local cluster as plain values: processes, workers, addresses, how to use it."""
    started = processes(settings)
    spark = settings.spark
    defaults = SparkSettings().as_environment()
    differing = {
        name: value for name, value in spark.as_environment().items() if value and value != defaults[name]
    }
    wanted = {"WAREHOUSE_ENGINE": SPARK, "WAREHOUSE_DIR": str(settings.warehouse_dir), **differing}
    return {
        "is_running": bool(started) and all(process.is_running for process in started),
        "processes": [
            {"role": process.role, "pid": process.pid, "is_running": process.is_running}
            for process in started
        ],
        "workers_alive": len(alive_workers(settings)) if started else 0,
        "addresses": {
            "sql": f"{LOOPBACK}:{spark.port} (thrift)",
            "python": f"sc://{LOOPBACK}:{spark.connect_port} (Spark Connect)",
            "master": f"http://{LOOPBACK}:{spark.master_ui_port}",
        },
        "directory": str(settings.cluster_dir),
        "to_use_it": [f"export {name}={shlex.quote(value)}" for name, value in wanted.items()],
    }


def alive_workers(settings: Settings) -> list[dict[str, Any]]:
    """Return the workers that the master counts as alive, as the master describes them."""
    return [worker for worker in _master_state(settings).get("workers", []) if worker["state"] == "ALIVE"]


def _master_state(settings: Settings) -> dict[str, Any]:
    address = f"http://{LOOPBACK}:{settings.spark.master_ui_port}/json/"
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            state: dict[str, Any] = json.load(answer)
            return state
    except (OSError, ValueError):
        return {}


class _Launcher:
    """Starts processes, remembers them on disk before anything else can go wrong, and waits for them."""

    def __init__(
        self, directory: Path, home: Path, java: Path, java_options: str | None, running: list[ClusterProcess]
    ) -> None:
        self._directory = directory
        self._spark_class = home / "bin" / "spark-class"
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("SPARK_")},
            "SPARK_HOME": str(home),
            "SPARK_LOCAL_IP": LOOPBACK,
            "JAVA_HOME": str(java.parents[1]),
            "SPARK_CONF_DIR": str(directory / "conf"),
            # Master and workers; the server and its executors are given them as configuration.
            **({"SPARK_DAEMON_JAVA_OPTS": java_options} if java_options else {}),
        }
        (directory / "conf").mkdir(exist_ok=True)
        self.started = list(running)

    def launch(self, role: str, arguments: list[str]) -> None:
        with self._log(role).open("wb") as log:
            process = subprocess.Popen(
                [str(self._spark_class), *arguments],
                cwd=self._directory,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Outlives the command that started it, and is not hit by its Ctrl-C.
                start_new_session=True,
            )
        created = psutil.Process(process.pid).create_time()
        self.started.append(ClusterProcess(role, process.pid, created))
        _write_state(self._directory, self.started)

    def wait_until(self, is_ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _STARTS_WITHIN_SECONDS
        while not is_ready():
            for process in self.started:
                if not process.is_running:
                    raise ClusterError(
                        f"The {process.role} of the Spark cluster ended before it answered:\n"
                        f"{_last_lines(self._log(process.role))}\nLog: {self._log(process.role)}"
                    )
            if time.monotonic() > deadline:
                role = self.started[-1].role
                raise ClusterError(
                    f"The {role} of the Spark cluster did not answer within {_STARTS_WITHIN_SECONDS} s.\n"
                    f"{_last_lines(self._log(role))}\nLog: {self._log(role)}"
                )
            time.sleep(0.2)

    def _log(self, role: str) -> Path:
        return self._directory / "logs" / f"{role}.log"


def _master_command(settings: Settings) -> list[str]:
    spark = settings.spark
    return [
        _MASTER_CLASS,
        *("--host", LOOPBACK),
        *("--port", str(spark.master_port)),
        *("--webui-port", str(spark.master_ui_port)),
    ]


def _roles(settings: Settings) -> list[str]:
    """Return the roles of a whole cluster, in the order in which they start."""
    return [MASTER, *(f"{WORKER}-{number}" for number in range(1, settings.spark.workers + 1)), SERVER]


def _worker_command(settings: Settings, role: str) -> list[str]:
    spark = settings.spark
    return [
        _WORKER_CLASS,
        *("--host", LOOPBACK),
        *("--cores", "1"),
        *("--memory", spark.worker_memory),
        # Any free port: nobody but the master needs to find a worker's page.
        *("--webui-port", "0"),
        *("--work-dir", str(settings.cluster_dir / role)),
        f"spark://{LOOPBACK}:{spark.master_port}",
    ]


def _server_command(settings: Settings) -> list[str]:
    spark, directory = settings.spark, settings.cluster_dir
    configuration = {
        "spark.plugins": _CONNECT_PLUGIN,
        "spark.connect.grpc.binding.address": LOOPBACK,
        "spark.connect.grpc.binding.port": str(spark.connect_port),
        "spark.driver.host": LOOPBACK,
        "spark.driver.bindAddress": LOOPBACK,
        "spark.driver.memory": spark.server_memory,
        "spark.executor.memory": spark.worker_memory,
        "spark.executor.cores": "1",
        "spark.ui.port": str(spark.server_ui_port),
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.catalogImplementation": "hive",
        "spark.sql.warehouse.dir": str(directory / "tables"),
        "spark.hadoop.javax.jdo.option.ConnectionURL": (
            f"jdbc:derby:;databaseName={directory / 'catalogue'};create=true"
        ),
        "spark.sql.session.timeZone": "UTC",
        # A table of a broken run leaves its folder behind; the next run may take its place.
        "spark.sql.legacy.allowNonEmptyLocationInCTAS": "true",
        "spark.sql.sources.partitionOverwriteMode": "dynamic",
        # The metastore cannot look for partitions by `_batch_id`: a name must not begin with an underscore.
        "spark.sql.hive.metastorePartitionPruningFallbackOnException": "true",
        "spark.sql.shuffle.partitions": str(4 * spark.workers),
        # Many small tables: a task costs more than the bytes that it reads.
        "spark.sql.adaptive.coalescePartitions.parallelismFirst": "false",
        "spark.sql.files.openCostInBytes": "1048576",
        **({"spark.executor.extraJavaOptions": spark.java_options} if spark.java_options else {}),
    }
    return [
        "org.apache.spark.deploy.SparkSubmit",
        *("--master", f"spark://{LOOPBACK}:{spark.master_port}"),
        *("--driver-memory", spark.server_memory),
        *(("--driver-java-options", spark.java_options) if spark.java_options else ()),
        *(part for name, value in configuration.items() for part in ("--conf", f"{name}={value}")),
        *("--class", _SERVER_CLASS),
        "spark-internal",
        *("--hiveconf", f"hive.server2.thrift.port={spark.port}"),
        *("--hiveconf", f"hive.server2.thrift.bind.host={LOOPBACK}"),
    ]


def _java() -> Path:
    home = os.environ.get("JAVA_HOME")
    found = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    advice = (
        f"Spark needs Java {_MINIMUM_JAVA} or later: install one (for example "
        f"`apt-get install openjdk-{_MINIMUM_JAVA}-jre-headless`) or name yours in JAVA_HOME."
    )
    if found is None or not Path(found).exists():
        where = f"in JAVA_HOME ({home})" if home else "on the path"
        raise ClusterError(f"There is no Java {where}. {advice}")
    answer = subprocess.run([found, "-version"], capture_output=True, text=True, check=False)
    match = re.search(r'version "(\d+)', answer.stderr + answer.stdout)
    if not match or int(match[1]) < _MINIMUM_JAVA:
        said = (answer.stderr or answer.stdout).partition("\n")[0]
        raise ClusterError(f"{found} is {said or 'no Java that runs'}. {advice}")
    return Path(found).resolve()


def _spark_home() -> Path:
    specification = importlib.util.find_spec("pyspark")
    if specification is None or specification.origin is None:
        raise ClusterError(
            "Spark is not installed. Install the extra: `make install EXTRAS=spark`, or "
            "`pip install 'customer-insight-warehouse[spark]'`."
        )
    return Path(specification.origin).parent


def _require_free_ports(settings: Settings, roles: list[str]) -> None:
    spark = settings.spark
    needed: dict[str, int] = {}
    if SERVER in roles:
        needed |= {"WAREHOUSE_SPARK_PORT": spark.port, "WAREHOUSE_SPARK_CONNECT_PORT": spark.connect_port}
    if MASTER in roles:
        needed |= {
            "WAREHOUSE_SPARK_MASTER_PORT": spark.master_port,
            "WAREHOUSE_SPARK_MASTER_UI_PORT": spark.master_ui_port,
        }
    for variable, port in needed.items():
        if _answers(port):
            raise ClusterError(
                f"{variable}: port {port} is taken by another program (or by another cluster). Stop that, or "
                f"set {variable} to a free port."
            )


def _answers(port: int) -> bool:
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1):
            return True
    except OSError:
        return False


def _end_all(ours: list[ClusterProcess]) -> None:
    # The server first: workers that lose their application in an orderly way end at once.
    for process in sorted(ours, key=lambda each: each.role != SERVER):
        if process.is_running:
            _end(psutil.Process(process.pid))


def _end(process: psutil.Process) -> None:
    """End a process and its children (a worker's executors), politely at first."""
    try:
        family = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return
    for member in family:
        try:
            member.terminate()
        except psutil.NoSuchProcess:
            continue
    _, remaining = psutil.wait_procs(family, timeout=_STOPS_WITHIN_SECONDS)
    for member in remaining:
        member.kill()
    psutil.wait_procs(remaining, timeout=_STOPS_WITHIN_SECONDS)


def _state_path(settings: Settings) -> Path:
    return settings.cluster_dir / "processes.json"


def _write_state(directory: Path, started: list[ClusterProcess]) -> None:
    path = directory / "processes.json"
    unfinished = path.with_suffix(".new")
    unfinished.write_text(json.dumps([asdict(process) for process in started], indent=2), encoding="utf-8")
    unfinished.replace(path)


def _last_lines(path: Path, count: int = 12) -> str:
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(lines[-count:])
