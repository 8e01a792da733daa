"""Tries matching on one flat table of persons of whom is known who is who; keeps nothing."""

from __future__ import annotations

import csv
import logging
import math
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from orchestration.identity.errors import IdentityError
from orchestration.identity.match_metrics import clustering_metrics, components
from orchestration.settings import DBT_PROJECT_DIR

LINKAGE = "person_matching"
VARIANTS = DBT_PROJECT_DIR / "seeds" / "identity" / "given_name_variants.csv"
# How the generator Febrl names its records: the number is the person.
_FEBRL_RECORD = re.compile(r"^rec-(\d+)-(?:org|dup(?:-\d+)?)$")

logger = logging.getLogger("insight.matching")


def try_table(path: Path, truth: str, columns: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Match the records of a table as the warehouse would, and compare with who is who.

    Parameters
    ----------
    path
        CSV (any usual delimiter) or Parquet file, a row per record.
    truth
        Column that is equal for records of one person, of any type. Rows without a value are matched and not
        measured.
    columns
        Role by column, where the column's name does not tell.

    Returns
    -------
    dict
        ``file``, ``records``, ``configuration`` (hash of the declaration) and ``model`` (of declaration and
        what was learnt); ``columns`` (role, column, share filled); ``measures`` (None for what has nothing to
        be measured on); ``blocking``, ``pairs_compared``, ``links``; ``prior`` and ``households``;
        ``weights`` with deviations in bits; ``seconds``.

    Raises
    ------
    IdentityError
        If the file or the truth cannot be used.
    FlatTableError
        If the table has no columns to match by.
    """
    from ml.record_linkage.declaration import load_linkage
    from ml.record_linkage.flat_tables import comparable_persons, guess_columns
    from ml.record_linkage.matching import match

    started = time.perf_counter()
    table = _read(path)
    persons = _persons(path, table, truth)
    roles = guess_columns(list(table.columns), columns, [truth])
    variants = pd.read_csv(VARIANTS, dtype=str, keep_default_na=False)
    records = comparable_persons(
        table, roles, dict(zip(variants["given_name"], variants["canonical_name"], strict=True))
    )
    logger.info(
        "%s records: %s",
        f"{len(records):,}",
        ", ".join(f"{column} as {role}" for role, column in roles.items()),
    )
    declaration = load_linkage(LINKAGE)
    found = match(declaration, records)
    joining = found.links[found.links["is_above_threshold"]]
    links = joining[["customer_key_a", "customer_key_b"]].set_axis(
        ["customer_key", "other_customer_key"], axis=1
    )
    clusters = components(records["customer_key"].tolist(), links)
    known = persons.notna().to_numpy()
    measures = clustering_metrics(clusters[known].tolist(), persons[known].tolist())
    weights = found.model.frame(declaration).drop(columns=["model_id", "prior_probability", "record_count"])
    said = {c.name for c in declaration.comparisons} - set(found.unsaid)
    return {
        "file": path.name,
        "records": len(records),
        "configuration": declaration.configuration,
        "model": found.model.model_id,
        "columns": [
            {"column": column, "role": role, "filled": round(float(_filled(table[column])), 4)}
            for role, column in roles.items()
        ],
        "left_out": [name for name in table.columns if name not in {*roles.values(), truth}],
        "measures": {name: None if math.isnan(value) else value for name, value in measures.items()},
        "blocking": [{"key": key, "pairs": int(pairs)} for key, pairs in found.keys.items()],
        "pairs_compared": found.pair_count,
        "links": len(joining),
        "prior": found.model.prior,
        "households": found.model.has_households,
        "weights": weights[weights["comparison"].isin(said)].to_dict("records"),
        "seconds": round(time.perf_counter() - started, 1),
    }


def _read(path: Path) -> pd.DataFrame:
    if path.suffix.lower() not in {".csv", ".tsv", ".txt", ".parquet"}:
        raise IdentityError(f"{path}: name a .csv or .parquet file.")
    try:
        table = pd.read_parquet(path) if path.suffix.lower() == ".parquet" else _read_text(path)
    except FileNotFoundError as error:
        raise IdentityError(f"{path}: there is no such file.") from error
    except Exception as error:
        raise IdentityError(f"{path}: cannot be read: {error}") from error
    table.columns = pd.Index([str(name).strip() for name in table.columns])
    if repeated := sorted(set(table.columns[table.columns.duplicated()])):
        raise IdentityError(f"{path}: several columns are called {', '.join(repeated)}; rename them.")
    if table.empty:
        raise IdentityError(f"{path}: has no rows.")
    return table.reset_index(drop=True)


def _read_text(path: Path) -> pd.DataFrame:
    """Return the rows of a text file as text: 007 is not 7, and Na is a name."""
    content = path.read_bytes()
    try:
        content.decode("utf-8-sig")
        encoding = "utf-8-sig"
    except UnicodeDecodeError:
        encoding = "cp1252"
    header = content.decode(encoding, errors="replace").partition("\n")[0]
    delimiter = max(",;\t|", key=header.count)
    return pd.read_csv(
        path,
        dtype=str,
        keep_default_na=False,
        encoding=encoding,
        encoding_errors="replace",
        sep=delimiter,
        skipinitialspace=True,
        quoting=csv.QUOTE_MINIMAL,
        index_col=False,
    )


def _persons(path: Path, table: pd.DataFrame, truth: str) -> pd.Series:
    """Return who is behind each record as text, None where the table does not say."""
    if truth not in table:
        raise IdentityError(f"{path}: there is no column {truth}; there are {', '.join(table.columns)}.")
    values = table[truth]
    persons = values.where(values.notna(), None).map(str, na_action="ignore").astype(object)
    persons = persons.str.strip().where(
        lambda texts: texts.notna() & ~texts.isin(["", "NA", "nan", "None"]), None
    )
    if not persons.notna().any():
        raise IdentityError(f"{path}: column {truth} is empty.")
    if persons.dropna().is_unique:
        named = persons.dropna().map(_FEBRL_RECORD.match)
        if named.notna().all():
            return persons.map(
                lambda name: found.group(1) if name and (found := _FEBRL_RECORD.match(name)) else None
            )
        raise IdentityError(
            f"{path}: every row has a {truth} of its own, so nobody has two records. "
            "Name the column that is equal for records of one person."
        )
    return persons


def _filled(values: pd.Series) -> float:
    return (values.notna() & (values.astype(str).str.strip() != "")).mean()
