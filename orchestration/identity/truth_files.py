"""Reads who is whom from a file, or from the folder of truth beside the files of the digital twin."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from orchestration.identity.errors import IdentityError
from orchestration.warehouse.tables import Tables

COLUMNS = ["customer_key", "person_id"]
_TWIN_FILES = ("record_person.parquet", "row_person.parquet", "people.parquet")
# What nobody has an account for is a record by what it says of itself: who is behind it, the rows say.
_TWIN_MENTIONS = {
    "shop_order_lines": ("order_no", "'guest:' || email", "account_id is null and email is not null"),
    "surveys": ("response_no", "'survey:' || email", "email is not null"),
    "email_events": ("event_no", "'mailing:' || email", "contact_id is null and email is not null"),
    "social_mentions": ("post_no", "'social:' || network || ':' || handle", "handle is not null"),
    "support_tickets": ("ticket_no", "customer_no", "customer_no like 'support:%'"),
}


def read_truth(path: Path, tables: Tables) -> pd.DataFrame:
    """Return the person behind each record.

    Parameters
    ----------
    path
        A CSV or Parquet file with the columns ``customer_key`` and ``person_id``, or the folder ``..._truth``
        that the digital twin writes.
    tables
        The build: it says which records the twin's rows have become.

    Returns
    -------
    pandas.DataFrame
        Columns ``customer_key`` and ``person_id``, both text; a record of which several people are known to
        be behind has several rows.

    Raises
    ------
    IdentityError
        If there is no such file, or it cannot be used.
    """
    if path.is_dir():
        return _text(_twin_truth(path, tables))
    readers = {".csv": pd.read_csv, ".parquet": pd.read_parquet}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise IdentityError(
            f"{path}: name a .csv or .parquet file, or the folder of truth that the twin writes."
        )
    truth = _read(path, reader)
    if missing := [name for name in COLUMNS if name not in truth]:
        raise IdentityError(
            f"{path}: column {', '.join(missing)} is missing; it needs {' and '.join(COLUMNS)}, "
            "one row per record."
        )
    truth = truth[COLUMNS]
    empty = truth.isna().any(axis=1)
    if empty.any():
        raise IdentityError(
            f"{path}: {int(empty.sum())} rows have an empty {' or '.join(COLUMNS)}; take them out."
        )
    if truth.empty:
        raise IdentityError(f"{path}: has no rows.")
    return _text(truth)


def _read(path: Path, reader: object) -> pd.DataFrame:
    try:
        # Keys are text, also where they look like numbers: 007 is not 7.
        return reader(path, dtype=str) if reader is pd.read_csv else reader(path)  # type: ignore[operator]
    except FileNotFoundError as error:
        raise IdentityError(f"{path}: there is no such file.") from error
    except Exception as error:
        raise IdentityError(f"{path}: cannot be read: {error}") from error


def _text(truth: pd.DataFrame) -> pd.DataFrame:
    return truth.astype(str).drop_duplicates(ignore_index=True)


def _twin_truth(folder: Path, tables: Tables) -> pd.DataFrame:
    missing = [name for name in _TWIN_FILES if not (folder / name).exists()]
    if missing:
        raise IdentityError(
            f"{folder}: has no {', '.join(missing)}; name the folder ..._truth that `insight twin` "
            "or a build writes."
        )
    named, mentioned, people = (_read(folder / name, pd.read_parquet) for name in _TWIN_FILES)
    holders = people[people["is_card_holder"]]
    # People without a household make the column one of floating-point numbers.
    cards = holders["household_id"].astype("int64").astype(str)
    keys = "digital_twin:" + named["system"].astype(str) + ":" + named["record_key"].astype(str)
    parts = [pd.DataFrame({"customer_key": keys, "person_id": named["person_id"]})]
    # Whoever carries the card, the card is its holder's.
    parts += [
        pd.DataFrame({"customer_key": prefix + cards, "person_id": holders["person_id"]})
        for prefix in ("complete_journey:", "digital_twin:card:")
    ]
    for name, (row_key, record_key, condition) in _TWIN_MENTIONS.items():
        table = f"staging.base_digital_twin__{name}"
        if not tables.exists(table):
            continue
        records = tables.frame(
            f"select distinct cast({row_key} as string) as row_key, "
            f"'digital_twin:' || {record_key} as customer_key "
            f"from {tables.relation(table)} where {condition}"
        )
        rows = mentioned[mentioned["table_name"] == name]
        parts.append(records.merge(rows.astype({"row_key": str}), on="row_key")[COLUMNS])
    return pd.concat(parts, ignore_index=True)
