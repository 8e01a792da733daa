"""Whether two engines hold the same relation: columns in their order, types, nulls, and every row.

Rows are matched by key, and among those with the same key one by one, so that a row that is there twice has
to be there twice on the other side. An in-memory engine does it column by column: no row is looped over.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import duckdb
import pyarrow as pa

# Sums of floating-point numbers depend on the order of the rows, which no engine promises.
RELATIVE_TOLERANCE = 1e-9
EXAMPLES = 3
_FLOATS = {"float", "double"}


@dataclass(frozen=True)
class Relation:
    """What an engine holds under a name.

    Attributes
    ----------
    types
        Type by column, in the order of the columns, in words that both engines share (see `column_types`).
    rows
        Its rows, with the same columns.
    """

    types: dict[str, str]
    rows: pa.Table


@dataclass(frozen=True)
class Example:
    """One row in which two sides differ: its key, and what either side holds, as text."""

    key: str
    left: str
    right: str


@dataclass(frozen=True)
class Difference:
    """Something that is not the same on both sides.

    Attributes
    ----------
    model
        Name of the relation.
    kind
        ``relation``, ``columns``, ``type``, ``row`` (only one side has it) or ``value``.
    column
        The column, if it is one.
    count
        In how many rows; 1 if it is no matter of rows.
    examples
        The first few of them, in the order of the key.
    """

    model: str
    kind: str
    column: str | None
    count: int
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class Comparison:
    """What comparing one relation on two sides came to.

    Attributes
    ----------
    row_count
        Rows of the left side.
    column_count
        Columns whose values were compared.
    """

    model: str
    key: tuple[str, ...]
    row_count: int
    column_count: int
    differences: tuple[Difference, ...] = field(default=())


def compare(
    model: str,
    left: Relation | None,
    right: Relation | None,
    key: tuple[str, ...] = (),
    sides: tuple[str, str] = ("DuckDB", "Spark"),
) -> Comparison:
    """Compare a relation of two engines.

    Parameters
    ----------
    model
        What to call it.
    left, right
        Either side; ``None`` where the relation does not exist.
    key
        Columns that tell rows apart. Without any, or where a side lacks one of them, all columns are taken
        whose values are compared exactly.
    sides
        What to call the sides.
    """
    if left is None or right is None:
        missing = _difference(model, "relation", None, *(_existence(side) for side in (left, right)))
        return Comparison(model, key, 0, 0, (missing,))
    differences = [*_column_differences(model, left, right)]
    # Values of different types are not compared: that the types differ says it all.
    comparable = [name for name in left.types if left.types[name] == right.types.get(name)]
    exact = [name for name in comparable if left.types[name] not in _FLOATS]
    used_key = key if key and set(key) <= left.types.keys() & right.types.keys() else tuple(exact)
    if comparable:
        with duckdb.connect(config={"threads": 2, "preserve_insertion_order": False}) as connection:
            connection.execute("set TimeZone = 'UTC'")
            matching = _Matching(connection, model, used_key, comparable, sides)
            matching.match(left, right)
            differences += matching.row_differences()
            for name in comparable:
                if name not in used_key:
                    differences += matching.value_differences(name, is_float=left.types[name] in _FLOATS)
    return Comparison(model, used_key, left.rows.num_rows, len(comparable), tuple(differences))


def _column_differences(model: str, left: Relation, right: Relation) -> list[Difference]:
    found = []
    names = {"left": list(left.types), "right": list(right.types)}
    for name in dict.fromkeys([*names["left"], *names["right"]]):
        types = left.types.get(name), right.types.get(name)
        if None in types:
            found.append(_difference(model, "columns", name, *(kind or "no such column" for kind in types)))
        elif types[0] != types[1]:
            found.append(_difference(model, "type", name, str(types[0]), str(types[1])))
    # A column that is missing shifts the others; only those that both sides have can be in another order.
    orders = [[name for name in names[side] if name in left.types and name in right.types] for side in names]
    if orders[0] != orders[1]:
        moved = next(one for one, other in zip(*orders, strict=True) if one != other)
        found.append(_difference(model, "columns", moved, *(", ".join(order) for order in orders)))
    return found


def _existence(relation: Relation | None) -> str:
    return "does not exist" if relation is None else "exists"


def _difference(model: str, kind: str, column: str | None, left: str, right: str) -> Difference:
    return Difference(model, kind, column, 1, (Example("", left, right),))


class _Matching:
    """The rows of both sides, each beside the one that it must equal."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        model: str,
        key: tuple[str, ...],
        columns: list[str],
        sides: tuple[str, str],
    ) -> None:
        self._connection = connection
        self._model = model
        self._key = key
        self._columns = columns
        self._sides = sides

    def match(self, left: Relation, right: Relation) -> None:
        """Join the two sides on the key and, among rows with one key, on their rank."""
        # Key columns of different types are compared as text: 1 is 1, however wide.
        texts = {name for name in self._key if left.types[name] != right.types[name]}
        for side, relation in (("left", left), ("right", right)):
            self._connection.register(f"{side}_rows", relation.rows)
            keys = [f"{_key_text(name) if name in texts else _quoted(name)}" for name in self._key]
            # Floats come last: where they differ within the tolerance they must not change the rank.
            exact = [name for name in self._columns if relation.types[name] not in _FLOATS]
            order = [*exact, *(name for name in self._columns if name not in exact)]
            ranked = ", ".join(_quoted(name) for name in order)
            self._connection.execute(
                f"create table {side}_side as select "
                + "".join(f"{expression} as k{index}, " for index, expression in enumerate(keys))
                + "".join(f"{_quoted(name)} as c{self._columns.index(name)}, " for name in order)
                + f"row_number() over (partition by {', '.join(keys) or '1'} order by {ranked}) as copy "
                f"from {side}_rows"
            )
            self._connection.unregister(f"{side}_rows")
        conditions = [f"l.k{index} is not distinct from r.k{index}" for index in range(len(self._key))]
        self._connection.execute(
            "create table matched as select "
            + "".join(f"coalesce(l.k{index}, r.k{index}) as k{index}, " for index in range(len(self._key)))
            + "".join(
                f"l.c{index} as l{index}, r.c{index} as r{index}, " for index in range(len(self._columns))
            )
            + "l.copy as left_copy, r.copy as right_copy from left_side as l full join right_side as r on "
            + " and ".join([*conditions, "l.copy = r.copy"])
        )

    def row_differences(self) -> list[Difference]:
        """Return the rows that only one side has: missing ones, and doubles."""
        found = []
        for index, (present, absent) in enumerate((("left", "right"), ("right", "left"))):
            shown = [
                f"'row' || case when {present}_copy > 1 then ' number ' || {present}_copy else '' end",
                "'no row'",
            ]
            found += self._differences(
                "row", None, f"{absent}_copy is null", *(shown if index == 0 else shown[::-1])
            )
        return found

    def value_differences(self, name: str, is_float: bool) -> list[Difference]:
        """Return where a column differs in rows that both sides have."""
        index = self._columns.index(name)
        left, right = f"l{index}", f"r{index}"
        differs = f"{left} is distinct from {right}"
        if is_float:
            # What is not finite equals only itself; null is no number.
            within = f"abs({left} - {right}) <= {RELATIVE_TOLERANCE} * greatest(abs({left}), abs({right}))"
            differs += f" and not coalesce(isfinite({left}) and isfinite({right}) and {within}, false)"
        both = "left_copy is not null and right_copy is not null"
        return self._differences("value", name, f"{both} and {differs}", left, right)

    def _differences(
        self, kind: str, column: str | None, condition: str, left: str, right: str
    ) -> list[Difference]:
        count = self._value(f"select count(*) from matched where {condition}")
        if not count:
            return []
        keys = "".join(f"k{index}, " for index in range(len(self._key)))
        rows = self._connection.execute(
            f"select {keys}{left}, {right} from matched where {condition} order by all limit {EXAMPLES}"
        ).fetchall()
        examples = tuple(
            Example(
                ", ".join(f"{name}={_shown(value)}" for name, value in zip(self._key, row, strict=False)),
                *(value if kind == "row" else _shown(value) for value in row[-2:]),
            )
            for row in rows
        )
        return [Difference(self._model, kind, column, count, examples)]

    def _value(self, query: str) -> Any:
        return self._connection.execute(query).fetchall()[0][0]


def _key_text(name: str) -> str:
    return f"cast({_quoted(name)} as varchar)"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _shown(value: Any) -> str:
    """Return a value as a person can tell it from others: null is not empty text, and blanks are seen."""
    if value is None:
        return "null"
    return repr(value) if isinstance(value, str | float) else str(value)
