"""A build file small enough for a unit test, with everything that publishing has to tell apart."""

from orchestration.builds import history
from orchestration.settings import Settings
from orchestration.warehouse import writing


def make_build(settings: Settings, run_id: str = "run-1", customers: int = 3, orders: int = 1000) -> None:
    with writing(settings) as connection:
        for schema in ("raw_toy", "staging", "core", "marts", "features", "ml", "quality"):
            connection.execute(f"create schema if not exists {schema}")
        connection.execute(
            f"""
            create or replace table raw_toy.customers as select range as id from range({customers});
            create or replace view staging.stg_toy__customers as select * from raw_toy.customers;
            create or replace table features.feat_customers__value as select * from raw_toy.customers;
            create or replace table core.fct_orders as select range as order_id, 'x' || range as note from
            range({orders}); create or replace view core.int_orders__unioned as select * from core.fct_orders;
            create or replace table core.int_as_of__resolved as select date '2018-01-01' as as_of_date;
            create or replace table marts.dim_customers as select id as customer_id from raw_toy.customers;
            comment on table marts.dim_customers is 'Who buys; one row per customer''s id.';
            comment on column marts.dim_customers.customer_id is 'Identifier.';
            create or replace table ml.model_runs as
                select '{run_id}' as run_id, 'churn' as predictive_model, timestamp '2018-01-01' as
                trained_at,
                    true as is_published, 'better than the best rule on 5 of 5 origins' as verdict;
            create or replace view ml.latest_runs as select * from ml.model_runs;
            create or replace table quality.quarantine as
                select 'toy' as source_system, 'customers' as source_table, 'no id' as reason,
                    '{{"id": null, "n": ' || range || '}}' as row_content, 'b1' as batch_id,
                    timestamp '2018-01-01' as loaded_at
                from range(7);
            create or replace table quality.quarantine_reasons as
                select source_system, source_table, reason, count(*) as quarantined_row_count
                from quality.quarantine group by all;
            """
        )


def record_build(settings: Settings, run_id: str, status: str = history.COMPLETE) -> None:
    """Write the history of a build that went through all its models."""
    history.begin(settings, run_id)
    history.start_models(settings, run_id)
    if status == history.COMPLETE:
        history.mark_built(settings, run_id)
    if status != history.RUNNING:
        history.finish(settings, run_id, status)
