"""The check of portable SQL finds each kind of thing that only one engine reads, and lets the rest pass."""

from __future__ import annotations

from pathlib import Path

import portable_sql
import pytest

pytestmark = pytest.mark.tier0

PROJECT_DIR = Path(__file__).resolve().parents[2] / "dbt_project"

CANARIES = {
    r"::": "select amount::bigint from lines",
    r"\bqualify\b": "select a from lines qualify row_number() over (order by a) = 1",
    r"\b(?:group|order)\s+by\s+all\b": "select a, count(*) from lines group by all",
    r"\*\s*(?:exclude|except|replace)\b": "select * exclude (a) from lines",
    r"\b(?:ilike|similar\s+to|glob|rlike)\b": "select a from lines where a ilike 'x%'",
    r"\b(?:positional|asof|semi|anti)\s+join\b": "select a from lines left anti join others on a = b",
    r"\blateral\s+view\b": "select a from lines lateral view explode(b) as c",
    r"\busing\s+sample\b|\btablesample\b": "select a from lines using sample 10%",
    r"\bdistinct\s+on\b": "select distinct on (a) a, b from lines",
    r"\bdate\s*'[^']*'\s*[+-]": "select date '2017-01-01' + 1 as a",
    r"\binterval\b": "select a + interval 1 day from lines",
    r"\bcast\([^()]*\bas\s+(?:varchar|text|hugeint|int8|int4|float8|ubigint)\b": (
        "select cast(a as varchar) from b"
    ),
    r"->": "select list_transform(a, x -> x + 1) from lines",
    r"\btarget\.type\b|\badapter\.type\b": "{% if target.type == 'spark' %}select 1 as a{% endif %}",
    r"\b(?:duckdb|spark)__\w+": "select {{ spark__quantile('a', 0.5) }} as a from lines",
}


@pytest.mark.parametrize("pattern", portable_sql.ONLY_ONE_ENGINE)
def test_syntax_of_one_engine_is_found(pattern: str) -> None:
    found = [problem for _, problem in portable_sql.problems(CANARIES[pattern])]
    assert portable_sql.ONLY_ONE_ENGINE[pattern] in found


@pytest.mark.parametrize(
    "sql",
    [
        "select\n    strftime(a, '%Y') as b\nfrom lines",
        "select\n    {{ within_days('list_sum(a)', 28) }} as b\nfrom lines",
        "select\n    datediff(a, b) as c\nfrom lines",
        '{% set content = [] %}\n{% do content.append("to_json(a)") %}\nselect 1 as a',
    ],
)
def test_functions_nobody_tried_on_both_are_found_with_their_line(sql: str) -> None:
    ((line, problem),) = portable_sql.problems(sql)
    assert line == 2
    assert "is not known to mean the same on both engines" in problem


@pytest.mark.parametrize(
    "sql",
    [
        "-- strftime(a) is DuckDB's\nselect a from lines",
        "{# x::bigint #}\nselect sum(a) over (partition by b) as c from lines",
        "select 'sold (again)' as note, coalesce(cast(a as decimal(18, 2)), 0) as b from lines",
        "{% macro mine(a) %}{{ a }}{% endmacro %}\nselect {{ mine('a') }} as b from {{ ref('lines') }}",
    ],
)
def test_what_both_engines_read_passes(sql: str) -> None:
    assert portable_sql.problems(sql) == []


def test_the_project_passes() -> None:
    assert portable_sql.findings(PROJECT_DIR) == []


def test_engine_macros_are_left_out_and_nothing_else(tmp_path: Path) -> None:
    for folder in ("models/marts", "macros/engine", "macros", "tests"):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / folder / "sample.sql").write_text("select a::int as b from lines")
    found = {finding.path.relative_to(tmp_path).as_posix() for finding in portable_sql.findings(tmp_path)}
    assert found == {"models/marts/sample.sql", "macros/sample.sql", "tests/sample.sql"}
