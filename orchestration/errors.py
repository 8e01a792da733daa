"""Which errors are faults of data, settings or the machine: their message says what to do."""

from __future__ import annotations


def expected_errors() -> tuple[type[Exception], ...]:
    """Return the classes of all errors that were foreseen; imported late, for most commands meet none."""
    from expectations.suites import SuiteError
    from ml.declaration import DeclarationError
    from ml.examples import ExamplesError
    from ml.leakage import LeakageError
    from orchestration.cluster import ClusterError
    from orchestration.dbt_project import DbtError
    from orchestration.gates import GateRedError
    from orchestration.identity.errors import IdentityError
    from orchestration.ingestion.errors import IngestionError
    from orchestration.locking import BuildInProgressError
    from orchestration.publishing import PublishingError
    from orchestration.settings import SettingsError
    from orchestration.warehouse import WarehouseError

    return (
        BuildInProgressError,
        ClusterError,
        DbtError,
        DeclarationError,
        ExamplesError,
        GateRedError,
        IdentityError,
        IngestionError,
        LeakageError,
        PublishingError,
        SettingsError,
        SuiteError,
        WarehouseError,
    )
