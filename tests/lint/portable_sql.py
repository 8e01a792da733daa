"""Fails when SQL outside ``macros/engine/`` says something that only one engine understands.

Functions are held against a list of those that both engines have and that mean the same in both; syntax
against a list of what only one of them reads. The list of functions makes the check strict: a function that
nobody has tried on both engines is not on it. ``make parity`` then proves that what passes gives equal rows.

    python tests/lint/portable_sql.py dbt_project
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# Same name, same meaning, same kind of result on DuckDB and on Spark.
# fmt: off
PORTABLE_FUNCTIONS = frozenset({
    "abs", "avg", "cast", "ceil", "chr", "coalesce", "count", "exp", "extract", "first_value", "floor",
    "greatest", "lag", "last_value", "lead", "least", "length", "levenshtein", "ln", "lower", "max",
    "max_by", "median", "min", "min_by", "ntile", "nullif", "percent_rank", "power", "rank", "replace",
    "round", "row_number", "sqrt", "stddev_pop", "stddev_samp", "substring", "sum", "translate", "trim",
    "upper", "var_samp",
})
# fmt: on
# Words before a parenthesis that are no functions.
# fmt: off
KEYWORDS = frozenset({
    "all", "and", "any", "as", "between", "by", "case", "distinct", "else", "exists", "filter", "from",
    "having", "if", "in", "interval", "is", "join", "like", "not", "on", "or", "over", "partition",
    "select", "set", "then", "union", "using", "values", "when", "where", "with",
})
# fmt: on
# Types with a length.
TYPES = frozenset({"decimal"})

ONLY_ONE_ENGINE = {
    r"::": "`::` is DuckDB's: write cast(... as ...)",
    r"\bqualify\b": "`qualify` is not read by Spark: rank in a CTE, then filter",
    r"\b(?:group|order)\s+by\s+all\b": "`by all` groups differently per engine: name the columns",
    r"\*\s*(?:exclude|except|replace)\b": "`* exclude/except/replace` differs by engine: name the columns",
    r"\b(?:ilike|similar\s+to|glob|rlike)\b": "patterns differ by engine: use like on lower(...)",
    r"\b(?:positional|asof|semi|anti)\s+join\b": "this join is not read alike: use exists or not exists",
    r"\blateral\s+view\b": "`lateral view` is Spark's",
    r"\busing\s+sample\b|\btablesample\b": "samples differ by engine",
    r"\bdistinct\s+on\b": "`distinct on` is DuckDB's: use row_number()",
    r"\bdate\s*'[^']*'\s*[+-]": "date arithmetic differs by engine: use days_after() or days_between()",
    r"\binterval\b": "intervals differ by engine: use dbt.dateadd() or days_after()",
    r"\bcast\([^()]*\bas\s+(?:varchar|text|hugeint|int8|int4|float8|ubigint)\b": (
        "this type has another name on Spark"
    ),
    r"->": "lambdas and JSON arrows differ by engine",
    r"\btarget\.type\b|\badapter\.type\b": "asks which engine it is: dispatch a macro in macros/engine/",
    r"\b(?:duckdb|spark)__\w+": "belongs to macros/engine/",
}

_COMMENTS = re.compile(r"\{#.*?#\}|--[^\n]*", re.DOTALL)
_JINJA = re.compile(r"\{\{(.*?)\}\}|\{%(.*?)%\}", re.DOTALL)
_JINJA_TEXT = re.compile(r"\"([^\"]*)\"|'([^']*)'", re.DOTALL)
_SQL_TEXT = re.compile(r"'(?:[^']|'')*'")
_CALL = re.compile(r"(?<![\w.])([a-z_][a-z0-9_]*)\s*\(", re.IGNORECASE)
_MACRO = re.compile(r"\{%-?\s*(?:macro|test)\s+(\w+)")


@dataclass(frozen=True)
class Finding:
    """A place where SQL is not portable."""

    path: Path
    line: int
    problem: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.problem}"


def findings(project_dir: Path) -> list[Finding]:
    """Return what is not portable in the models, tests and macros of a dbt project, engine macros aside."""
    found: list[Finding] = []
    for path in sorted(project_dir.glob("models/**/*.sql")) + sorted(project_dir.glob("tests/**/*.sql")):
        found += _of_file(path)
    for path in sorted(project_dir.glob("macros/**/*.sql")):
        if path.parent.name != "engine":
            found += _of_file(path)
    return found


def _of_file(path: Path) -> Iterator[Finding]:
    text = path.read_text(encoding="utf-8")
    yield from (Finding(path, line, problem) for line, problem in problems(text))


def problems(text: str) -> list[tuple[int, str]]:
    """Return ``(line, problem)`` for one file of SQL with Jinja."""
    text = _COMMENTS.sub(_blank, text)
    macros = set(_MACRO.findall(text))
    # SQL stands outside Jinja, and in the texts that are handed to macros; the rest of Jinja is no SQL.
    pieces = [(0, _JINJA.sub(_blank, text))]
    for tag in _JINJA.finditer(text):
        for written in _JINJA_TEXT.finditer(tag[0]):
            pieces.append((tag.start() + written.start(), written[1] or written[2] or ""))
    found = []
    for start, piece in pieces:
        sql = _SQL_TEXT.sub(_blank_text, piece) if start == 0 else piece
        for pattern, problem in ONLY_ONE_ENGINE.items():
            where = piece if "'" in pattern else sql
            found += [
                (_line(text, start + match.start()), problem)
                for match in re.finditer(pattern, where, re.IGNORECASE)
            ]
        for call in _CALL.finditer(sql):
            name = call[1].lower()
            if name not in PORTABLE_FUNCTIONS | KEYWORDS | TYPES and call[1] not in macros:
                found.append(
                    (
                        _line(text, start + call.start()),
                        f"{name}() is not known to mean the same on both engines: use a macro of dbt or of "
                        "macros/engine/, or prove it with `make parity` and list it in portable_sql.py",
                    )
                )
    for tag in _JINJA.finditer(text):
        for pattern in (r"\btarget\.type\b|\badapter\.type\b", r"\b(?:duckdb|spark)__\w+"):
            found += [
                (_line(text, tag.start() + match.start()), ONLY_ONE_ENGINE[pattern])
                for match in re.finditer(pattern, tag[0])
            ]
    return sorted(set(found))


def _blank(match: re.Match[str]) -> str:
    """Replace by blanks, so that lines and positions stay."""
    return re.sub(r"[^\n]", " ", match[0])


def _blank_text(match: re.Match[str]) -> str:
    return "'" + re.sub(r"[^\n]", " ", match[0][1:-1]) + "'"


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def main() -> None:
    """Print what is not portable; exit code 1 if anything is."""
    found = findings(Path(sys.argv[1]))
    for finding in found:
        print(finding)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
