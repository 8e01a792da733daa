"""Records on their way into Splink's engine: numbered by what they say, grouped by what they share.

Keys of the source stay outside. Records are put in the order of a hash of their content, so that neither the
order in which they come nor the name of a key changes what is learnt or linked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
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
        # What blocking has found: pairs by key, the keys that were used, pairs in all.
        self.key_costs: dict[str, float] = {}
        self.chosen_keys: list[str] = []
        self.pair_count = 0
        self.rare_columns: list[str] = []
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

    def take_different(self, name: str, keys: Sequence[str], size: int) -> None:
        """Make the table ``name`` of all pairs of at most ``size`` records, no two of which share a key."""
        # More than is needed, so that enough are left.
        source = f"(select * from records order by content_hash limit {size * 4})"
        for key in keys:
            source = (
                f"(select * from {source} qualify {key} is null "
                f"or row_number() over (partition by {key} order by content_hash) = 1)"
            )
        self.execute(
            f"create or replace table {name} as with taken as (select {NUMBER} as number from {source} "
            f"order by content_hash limit {size}) select a.number as join_key_l, b.number as join_key_r "
            f"from taken as a inner join taken as b on a.number < b.number"
        )

    def says_something(self, missing: str) -> bool:
        """Return whether there are two records of which a comparison can say something.

        ``missing`` is its condition for nothing, over ``_l`` and ``_r``.
        """
        sides = ", ".join(f"{column} as {column}_l, {column} as {column}_r" for column in self.columns)
        return self.number(f"select count(*) from (select {sides} from records) where not ({missing})") > 1

    def weigh_rarity(self, columns: Iterable[str]) -> None:
        """Make the table ``rarities``: shares of each record's values, as binary logarithms."""
        names = sorted(columns)
        self.rare_columns = names
        shares = "".join(
            f", log2(count(*) over (partition by {name}) / cast(count({name}) over () as double)) "
            f"as bits_{name}"
            for name in names
        )
        self.execute(f"create or replace table rarities as select {NUMBER}{shares} from records")

    def take_pairs(self, name: str, share: float) -> float:
        """Make the table ``name`` of a share of the blocked pairs; return how many pairs each stands for."""
        self.execute(
            f"create or replace table {name} as select * from blocked_pairs "
            f"where {share!r} >= 1 or hash(join_key_l, join_key_r) % 1000000 < {int(share * 1_000_000)}"
        )
        return self.pair_count / max(self.number(f"select count(*) from {name}"), 1)

    def evaluate(self, frame: pd.DataFrame, condition: str) -> np.ndarray:
        """Return whether a condition holds for each row, in the order of the rows."""
        self._connection.register("given_rows", frame.assign(row_number=range(len(frame))))
        found = self.frame(
            f"select coalesce({condition}, false) as holds from given_rows order by row_number"
        )
        self._connection.unregister("given_rows")
        return found["holds"].to_numpy(dtype=bool)

    def choose_keys(self, keys: Sequence[str], maximum_block: int, of_a_key: float, in_all: float) -> None:
        """Make ``keyed``, a column per key, and choose the keys that cost what the data can afford.

        Parameters
        ----------
        keys
            SQL expressions.
        maximum_block
            Groups that are larger cost nothing, for they are passed over.
        of_a_key
            Most pairs of one key.
        in_all
            Most pairs of all chosen keys together, each counted as often as it is found; the cheapest keys
            come first.
        """
        columns = ", ".join(
            f"case when ({key}) is not null then hash({key}) end as key_{position}"
            for position, key in enumerate(keys)
        )
        self.execute(f"create or replace table keyed as select {NUMBER}, {columns} from records")
        self.key_costs = {}
        for position, key in enumerate(keys):
            column = f"key_{position}"
            self.key_costs[key] = self.number(
                "select sum(n * (n - 1) / 2.0) from "
                f"(select count(*) as n from keyed where {column} is not null group by {column}) "
                f"where n between 2 and {maximum_block}"
            )
        spent, self.chosen_keys = 0.0, []
        for cost, position in sorted((cost, place) for place, cost in enumerate(self.key_costs.values())):
            if 0 < cost <= of_a_key and spent + cost <= in_all:
                spent += cost
                self.chosen_keys.append(keys[position])

    def block(self, keys: Sequence[str], maximum_block: int, of_a_key: float, in_all: float) -> int:
        """Make the table ``blocked_pairs`` of all pairs that share a chosen key, as Splink reads it.

        Parameters are those of `choose_keys`. Each pair is there once.

        Returns
        -------
        int
            The number of pairs.
        """
        self.choose_keys(keys, maximum_block, of_a_key, in_all)
        self.execute("create or replace table key_pairs (join_key_l bigint, join_key_r bigint)")
        for column in (f"key_{keys.index(key)}" for key in self.chosen_keys):
            # Numbers of records alone: what they say is fetched once a pair is to be scored.
            self.execute(
                f"insert into key_pairs with shared as (select {column} as shared_key from keyed "
                f"where {column} is not null group by {column} "
                f"having count(*) between 2 and {maximum_block}), members as ("
                f"select shared_key, {NUMBER} from keyed inner join shared on {column} = shared_key) "
                f"select a.{NUMBER}, b.{NUMBER} from members as a inner join members as b "
                f"on a.shared_key = b.shared_key and a.{NUMBER} < b.{NUMBER}"
            )
        self.execute(
            "create or replace table blocked_pairs as select '0' as match_key, join_key_l, join_key_r "
            "from key_pairs group by join_key_l, join_key_r"
        )
        self.execute("drop table key_pairs")
        self.execute("drop table keyed")
        self.pair_count = int(self.number("select count(*) from blocked_pairs"))
        return self.pair_count

    def sides(self, pairs: str) -> str:
        """Return a query of pairs of record numbers with what both records say, as ``_l`` and ``_r``."""
        said = [f"l.{name} as {name}_l, r.{name} as {name}_r" for name in self.columns]
        rarities = ""
        if self.rare_columns:
            said += [
                f"rl.bits_{name} as bits_{name}_l, rr.bits_{name} as bits_{name}_r"
                for name in self.rare_columns
            ]
            rarities = (
                f" inner join rarities as rl on join_key_l = rl.{NUMBER} "
                f"inner join rarities as rr on join_key_r = rr.{NUMBER}"
            )
        return (
            f"select {', '.join(said)} from {pairs} inner join records as l on join_key_l = l.{NUMBER} "
            f"inner join records as r on join_key_r = r.{NUMBER}{rarities}"
        )
