"""The links that record linkage finds in the first delivery, as its step would have written them."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pyarrow as pa

from ml.record_linkage.declaration import load_linkage
from ml.record_linkage.matching import match

LINKAGE = "person_matching"
INPUT_TABLE = load_linkage(LINKAGE).input_table
_WRITTEN = {"run_id": "run-1", "linkage": LINKAGE}
_LINKS = pa.schema(
    [
        ("customer_key_a", pa.string()),
        ("customer_key_b", pa.string()),
        ("match_probability", pa.float64()),
        ("match_weight", pa.float64()),
        ("is_above_threshold", pa.bool_()),
        ("contradiction", pa.string()),
        ("evidence", pa.string()),
        ("model_id", pa.string()),
        ("run_id", pa.string()),
        ("linkage", pa.string()),
    ]
)
_LEVELS = pa.schema(
    [
        ("comparison", pa.string()),
        ("level_rank", pa.int64()),
        ("level_title", pa.string()),
        ("m_probability", pa.float64()),
        ("u_probability", pa.float64()),
        ("match_weight", pa.float64()),
        ("weight_deviation", pa.float64()),
        ("matched_pair_count", pa.float64()),
        ("learnt_from", pa.string()),
        ("prior_probability", pa.float64()),
        ("record_count", pa.int64()),
        ("trained_at", pa.timestamp("us")),
        ("model_id", pa.string()),
        ("run_id", pa.string()),
        ("linkage", pa.string()),
    ]
)


def tables(records: pa.Table) -> dict[str, pa.Table]:
    """Return rows by ``schema.table``.

    Parameters
    ----------
    records
        What can be compared of each record, as dbt built it.
    """
    declaration = load_linkage(LINKAGE)
    matches = match(declaration, records.select(sorted(declaration.columns)).to_pandas())
    links = matches.links.assign(model_id=matches.model.model_id, **_WRITTEN)
    levels = matches.model.frame(declaration).assign(trained_at=dt.datetime(2026, 1, 1, 6), **_WRITTEN)
    return {
        "matching.record_links": _table(links, _LINKS),
        "matching.match_models": _table(levels, _LEVELS),
    }


def _table(frame: pd.DataFrame, schema: pa.Schema) -> pa.Table:
    return pa.Table.from_pandas(frame[schema.names], schema=schema, preserve_index=False)
