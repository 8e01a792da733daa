"""Records on their way into Splink's engine: numbered by what they say, grouped by what they share.

Keys of the source stay outside. Records are put in the order of a hash of their content, so that neither the
order in which they come nor the name of a key changes what is learnt or linked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import pandas as pd
from splink import DuckDBAPI

# Splink's own number of a record.
NUMBER = "record_number"
_COLUMN_TYPE = "varchar"


class Records:
    """The records in an engine of their own, in memory, gone with the object.

    Parameters
    ----------
    frame
        One row per record; every column but the key is text or empty.
    key
        Name of the key column.
    columns
        What is compared; other columns stay behind.
    """

    def __init__(self, frame: pd.DataFrame, key: str, columns: Iterable[str]) -> None:
        self.engine = DuckDBAPI()
        self._connection = self.engine.duckdb_con
        self._connection.execute("set autoinstall_known_extensions = false")
        self.columns = sorted(columns)
        self.count = len(frame)
        said = ", ".join(f"cast({column} as {_COLUMN_TYPE}) as {column}" for column in self.columns)
        content = " || ".join(
            f"coalesce(length({column}) || ':' || {column}, '-')" for column in self.columns
        )
        self._connection.register("given_records", frame)
        self.execute(
            f"create table keys as with said as (select {key} as record_key, {said} from given_records), "
            f"hashed as (select *, md5({content}) as content_hash from said) "
            f"select *, row_number() over (order by content_hash, record_key) as {NUMBER} from hashed"
        )
        self._connection.unregister("given_records")
        self.execute(f"create table records as select * exclude (record_key) from keys order by {NUMBER}")

    def execute(self, sql: str) -> None:
        """Run a statement."""
        self._connection.execute(sql)

    def frame(self, sql: str) -> pd.DataFrame:
        """Return what a query gives."""
        return self._connection.execute(sql).df()

    def number(self, sql: str) -> float:
        """Return the one number that a query gives; 0 for none."""
        return float((self._connection.execute(sql).fetchone() or (0,))[0] or 0)

    @contextmanager
    def in_a_fixed_order(self) -> Iterator[None]:
        """Work on one thread, so that sums of fractions are the same every time."""
        self.execute("set threads = 1")
        try:
            yield
        finally:
            self.execute("reset threads")

    def take_different(self, name: str, keys: Sequence[str], size: int) -> None:
        """Make the table ``name`` of at most ``size`` records, no two of which share a key."""
        # More than is needed, so that enough are left.
        source = f"(select * from records order by content_hash limit {size * 4})"
        for key in keys:
            source = (
                f"(select * from {source} qualify {key} is null "
                f"or row_number() over (partition by {key} order by content_hash) = 1)"
            )
        self.execute(
            f"create or replace table {name} as select * from {source} order by content_hash limit {size}"
        )

    def take_blocks(self, name: str, key: str, maximum_block: int, size: int) -> int:
        """Make the table ``name`` of whole groups that share a key, with the key as column ``block``.

        Parameters
        ----------
        name
            Of the table.
        key
            SQL expression.
        maximum_block
            Larger groups are left out, like groups of one.
        size
            Most records; groups are taken in the order of a hash of their key.

        Returns
        -------
        int
            The number of pairs within groups.
        """
        self.execute(
            f"create or replace table {name} as with keyed as ("
            f"    select *, {key} as block, count(*) over (partition by {key}) as block_size from records"
            f"    where {key} is not null"
            f"), counted as ("
            f"    select *, count(*) over (order by md5(block), block range unbounded preceding) as taken"
            f"    from keyed"
            f"    where block_size between 2 and {maximum_block}"
            f") select * exclude (taken) from counted where taken <= {size} order by content_hash"
        )
        return int(self.number(f"select sum(block_size - 1) / 2.0 from {name}"))

    def pairs_sharing(self, key: str) -> float:
        """Return how many pairs of records share a key."""
        return self.number(
            "select sum(n * (n - 1) / 2.0) from "
            f"(select count(*) as n from records where {key} is not null group by {key})"
        )

    def pairs_saying_something(self, table: str, missing: str) -> float:
        """Return how many pairs of a table have what a comparison needs.

        Parameters
        ----------
        table
            The records.
        missing
            When a comparison says nothing, over ``_l`` and ``_r``.
        """
        sides = ", ".join(f"{column} as {column}_l, {column} as {column}_r" for column in self.columns)
        count = self.number(f"select count(*) from (select {sides} from {table}) where not ({missing})")
        return count * (count - 1) / 2

    def block(self, keys: Sequence[str], maximum_block: int) -> int:
        """Make the table ``blocked_pairs`` of all pairs that share a key, as Splink reads it; each pair once.

        Parameters
        ----------
        keys
            SQL expressions.
        maximum_block
            Keys that more records share are passed over.

        Returns
        -------
        int
            The number of pairs.
        """
        columns = ", ".join(
            f"case when ({key}) is not null then hash({key}) end as key_{position}"
            for position, key in enumerate(keys)
        )
        self.execute(f"create or replace table keyed as select {NUMBER}, {columns} from records")
        self.execute("create or replace table key_pairs (join_key_l bigint, join_key_r bigint)")
        for position in range(len(keys)):
            # Numbers of records alone: what they say is fetched once a pair is to be scored.
            self.execute(
                f"insert into key_pairs with shared as (select key_{position} as shared_key from keyed "
                f"where key_{position} is not null group by key_{position} "
                f"having count(*) between 2 and {maximum_block}), members as ("
                f"select shared_key, {NUMBER} from keyed inner join shared on key_{position} = shared_key) "
                f"select a.{NUMBER}, b.{NUMBER} from members as a inner join members as b "
                f"on a.shared_key = b.shared_key and a.{NUMBER} < b.{NUMBER}"
            )
        self.execute(
            "create or replace table blocked_pairs as select '0' as match_key, join_key_l, join_key_r "
            "from key_pairs group by join_key_l, join_key_r"
        )
        self.execute("drop table key_pairs")
        self.execute("drop table keyed")
        return int(self.number("select count(*) from blocked_pairs"))
