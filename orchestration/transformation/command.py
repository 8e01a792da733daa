"""How dbt is called: its environment, its manifest, and one command with its events.

Every call goes to the dbt of this environment, as a process of its own: it gives its memory back and
holds the warehouse no longer than it runs. What the events mean to Dagster is not known here.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from filelock import FileLock

from orchestration.builds.fingerprints import dbt_code_hash, hash_of_values
from orchestration.errors import ExpectedError
from orchestration.settings import DBT_PROJECT_DIR, PROJECT_DIR, Settings

_PARTIAL_PARSE = "partial_parse.msgpack"


class DbtError(ExpectedError):
    """dbt cannot parse the project, or a model or test failed; the message says which and where to look."""


@dataclass(frozen=True)
class Dbt:
    """A dbt project, called with one set of settings.

    Attributes
    ----------
    settings
        Passed on to dbt through the environment.
    project_dir
        Folder of ``dbt_project.yml`` and ``profiles.yml``.
    """

    settings: Settings
    project_dir: Path = DBT_PROJECT_DIR

    @property
    def manifest_path(self) -> Path:
        """What dbt knows about the project, for these settings."""
        return self.settings.dbt_target_dir / "manifest.json"

    @property
    def run_dir(self) -> Path:
        """Compiled SQL, log and results of the last build; apart from the manifest, which others read."""
        return self.settings.dbt_target_dir / "run"

    def prepare_manifest(self) -> Path:
        """Parse the project if it or the settings changed since it was last parsed; return the manifest.

        Raises
        ------
        DbtError
            If the project cannot be parsed.
        """
        key = hash_of_values(
            {
                "as_of": self.settings.as_of,
                "code": dbt_code_hash(self.project_dir),
                "dbt": version("dbt-core"),
                "engine": self.settings.engine,
                "project": str(self.project_dir),
                "sources": self.settings.sources,
            }
        )
        target = self.settings.dbt_target_dir
        key_path = target / "manifest.key"
        target.mkdir(parents=True, exist_ok=True)
        # Dagster's web server, daemon and a build may all ask at once.
        with FileLock(target / "manifest.lock"):
            if self.manifest_path.exists() and key_path.exists() and key_path.read_text() == key:
                return self.manifest_path
            key_path.unlink(missing_ok=True)
            messages = [event["info"]["msg"] for event in self.events(["parse"], target) if _is_error(event)]
            if messages or not self.manifest_path.exists():
                raise DbtError(
                    "dbt cannot parse the project:\n" + ("\n".join(messages) or f"see {target}/dbt.log")
                )
            key_path.write_text(key)
        return self.manifest_path

    def build_events(self, selection: Sequence[str], is_full_refresh: bool) -> Iterator[dict[str, Any]]:
        """Run ``dbt build`` and yield its events as they happen; the caller looks for failures among them."""
        self.run_dir.mkdir(parents=True, exist_ok=True)
        parsed, copied = self.settings.dbt_target_dir / _PARTIAL_PARSE, self.run_dir / _PARTIAL_PARSE
        if parsed.exists() and (not copied.exists() or parsed.stat().st_mtime > copied.stat().st_mtime):
            shutil.copyfile(parsed, copied)
        refresh = ["--full-refresh"] if is_full_refresh else []
        # Unit tests try the SQL on made-up rows: they belong to `make test`, not to a build.
        arguments = ["build", *refresh, "--exclude-resource-type", "unit_test", *selection]
        yield from self.events(arguments, self.run_dir)

    def events(self, arguments: Sequence[str], target: Path) -> Iterator[dict[str, Any]]:
        """Run one dbt command and yield its structured log, line by line.

        Raises
        ------
        DbtError
            If dbt ends without having said what is wrong.
        """
        command = [
            sys.executable,
            "-m",
            "orchestration.transformation.process",
            "--no-use-colors",
            "--log-format",
            "json",
            "--log-level-file",
            "info",
            *arguments,
        ]
        said_why = False
        other_lines = []
        with subprocess.Popen(
            command,
            cwd=self.project_dir,
            env=self.environment(target),
            # Never written to: that it is open tells dbt that somebody is waiting.
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            assert process.stdout is not None
            try:
                for line in process.stdout:
                    try:
                        event = json.loads(line)
                        said_why = said_why or _is_error(event)
                    except (ValueError, KeyError, TypeError):
                        other_lines.append(line.rstrip())
                        continue
                    yield event
            except BaseException:
                # The one that reads us stopped: dbt must not go on writing behind its back.
                process.terminate()
                raise
        if process.returncode and not said_why:
            raise DbtError(
                f"dbt {arguments[0]} ended with exit code {process.returncode}:\n"
                + "\n".join(other_lines[-20:])
            )

    def environment(self, target: Path) -> dict[str, str]:
        """Return the environment of a dbt command that writes its artifacts into ``target``."""
        return {
            **os.environ,
            **self.settings.as_environment(),
            "PYTHONPATH": os.pathsep.join([str(PROJECT_DIR), os.environ.get("PYTHONPATH", "")]).strip(
                os.pathsep
            ),
            "DBT_PROJECT_DIR": str(self.project_dir),
            "DBT_PROFILES_DIR": str(self.project_dir),
            "DBT_TARGET_PATH": str(target),
            "DBT_LOG_PATH": str(target),
            "PYTHONUNBUFFERED": "1",
            # dbt imports hundreds of modules: compiling them again takes longer than all the rest of a small
            # command.
            "PYTHONDONTWRITEBYTECODE": "",
        }


def _is_error(event: Mapping[str, Any]) -> bool:
    return event["info"]["level"] == "error"
