"""What is said when the engine cannot be used: before anything is built, in plain words, and at once."""

import importlib
import socket
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner

from orchestration import warehouse
from orchestration.cli.main import main
from orchestration.settings import Settings, SettingsError
from orchestration.warehouse import WarehouseError, cluster, readers_place
from orchestration.warehouse.cluster import ClusterError

pytestmark = pytest.mark.tier1


def _on_spark(folder, **variables):
    return Settings.from_environment({"WAREHOUSE_ENGINE": "spark", "WAREHOUSE_DIR": str(folder), **variables})


@pytest.fixture
def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("WAREHOUSE_ENGINE", "sparc", "WAREHOUSE_ENGINE is 'sparc'; use one of duckdb, spark."),
        ("WAREHOUSE_SPARK_PORT", "ten", "WAREHOUSE_SPARK_PORT is 'ten'; write a whole number."),
        ("WAREHOUSE_SPARK_TABLE_FORMAT", "orc", "use one of parquet, delta, iceberg"),
        ("WAREHOUSE_SPARK_WORKER_MEMORY", "2 GB", "write it as, for example, 2g"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(variable, value, message):
    with pytest.raises(SettingsError, match=message):
        Settings.from_environment({variable: value})


def test_a_secret_in_the_address_is_not_shown(tmp_path):
    settings = _on_spark(tmp_path, WAREHOUSE_SPARK_CONNECT_URL="sc://spark.example:443/;token=hidden")
    assert settings.spark.server == ("spark.example", 443)
    assert "hidden" not in readers_place(settings)


def test_java_options_reach_every_process_of_a_local_cluster(tmp_path):
    options = "-XX:+UseSerialGC -Xss4m"
    settings = _on_spark(tmp_path, WAREHOUSE_SPARK_JAVA_OPTIONS=options)
    server = cluster._server_command(settings)
    assert server[server.index("--driver-java-options") + 1] == options
    assert f"spark.executor.extraJavaOptions={options}" in server
    daemons = cluster._Launcher(tmp_path, tmp_path, tmp_path / "bin" / "java", options, [])._environment
    assert daemons["SPARK_DAEMON_JAVA_OPTS"] == options


def test_java_chooses_where_nobody_says_anything(tmp_path):
    server = cluster._server_command(_on_spark(tmp_path))
    assert not [part for part in server if "java-options" in part or "extraJavaOptions" in part]


class TestWithTheDriver:
    @pytest.fixture(autouse=True)
    def driver(self):
        pytest.importorskip("pyspark")

    @pytest.mark.parametrize("door", [warehouse.tables, warehouse.published, warehouse.spark_session])
    def test_nobody_answers(self, tmp_path, free_port, door):
        settings = _on_spark(tmp_path, WAREHOUSE_SPARK_CONNECT_PORT=str(free_port))
        started = time.monotonic()
        with (
            pytest.raises(
                WarehouseError, match=f"No Spark server answers at 127.0.0.1:{free_port}"
            ) as raised,
            door(settings),
        ):
            pass
        assert time.monotonic() - started < 10
        assert "make cluster" in str(raised.value)
        assert "WAREHOUSE_SPARK_HOST and WAREHOUSE_SPARK_CONNECT_PORT" in str(raised.value)

    def test_a_host_that_does_not_exist(self, tmp_path):
        settings = _on_spark(tmp_path, WAREHOUSE_SPARK_CONNECT_URL="sc://no.such.host.invalid:1")
        with (
            pytest.raises(WarehouseError, match=r"no\.such\.host\.invalid:1 .*WAREHOUSE_SPARK_CONNECT_URL"),
            warehouse.tables(settings),
        ):
            pass

    def test_the_command_line_says_the_same_and_no_more(self, tmp_path, free_port, monkeypatch):
        monkeypatch.setenv("WAREHOUSE_DIR", str(tmp_path))
        monkeypatch.setenv("WAREHOUSE_ENGINE", "spark")
        monkeypatch.setenv("WAREHOUSE_SPARK_CONNECT_PORT", str(free_port))
        answer = CliRunner().invoke(main, ["status", "--json"])
        assert answer.exit_code == 1
        assert "No Spark server answers" in answer.output
        assert "Traceback" not in answer.output

    def test_a_cluster_without_a_worker_is_not_waited_for(self, tmp_path, monkeypatch):
        gone = subprocess.Popen([sys.executable, "-c", ""])
        gone.wait()
        monkeypatch.setattr(
            cluster, "processes", lambda settings: [cluster.ClusterProcess("worker-1", gone.pid, 0.0)]
        )
        with socket.socket() as server:
            server.bind(("127.0.0.1", 0))
            server.listen()
            settings = _on_spark(tmp_path, WAREHOUSE_SPARK_CONNECT_PORT=str(server.getsockname()[1]))
            with pytest.raises(WarehouseError, match="no worker left"), warehouse.tables(settings):
                pass


@pytest.fixture
def without_driver(monkeypatch):
    """Hide the driver, as on a machine where the extra was never installed."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "pyspark"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyspark", None)
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name == "pyspark" else find_spec(name, *rest)
    )


@pytest.mark.parametrize("door", [warehouse.tables, warehouse.published, warehouse.spark_session])
def test_without_the_extra_it_says_what_to_install(tmp_path, without_driver, door):
    with pytest.raises(WarehouseError, match="make install EXTRAS=spark"), door(_on_spark(tmp_path)):
        pass


def test_a_cluster_without_the_extra_says_what_to_install(tmp_path, without_driver, free_port, monkeypatch):
    monkeypatch.setattr(cluster, "_java", lambda: tmp_path / "bin" / "java")
    with pytest.raises(ClusterError, match="make install EXTRAS=spark"):
        cluster.start(_on_spark(tmp_path))


def test_without_the_extra_the_embedded_engine_works(tmp_path, without_driver):
    settings = Settings.from_environment({"WAREHOUSE_DIR": str(tmp_path)})
    with warehouse.tables(settings) as tables:
        assert tables.query("select 1 as one").to_pylist() == [{"one": 1}]


def test_a_cluster_without_java_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(ClusterError, match=r"no Java in JAVA_HOME .* Spark needs Java 17"):
        cluster.start(_on_spark(tmp_path))


def test_a_port_that_is_taken_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "_java", lambda: tmp_path / "bin" / "java")
    monkeypatch.setattr(cluster, "_spark_home", lambda: tmp_path)
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        with pytest.raises(ClusterError, match=f"WAREHOUSE_SPARK_MASTER_PORT: port {port} is taken"):
            cluster.start(_on_spark(tmp_path, WAREHOUSE_SPARK_MASTER_PORT=str(port)))


def test_the_cluster_commands_say_that_nothing_was_started(tmp_path, monkeypatch):
    monkeypatch.setenv("WAREHOUSE_DIR", str(tmp_path))
    status = CliRunner().invoke(main, ["cluster", "status", "--json"])
    assert status.exit_code == 0
    assert '"is_running": false' in status.output
    assert '"export WAREHOUSE_ENGINE=spark"' in status.output
    assert "No cluster was running." in CliRunner().invoke(main, ["cluster", "stop"]).output
    for command in ("start", "stop", "status"):
        assert CliRunner().invoke(main, ["cluster", command, "--help"]).exit_code == 0
