"""The commands about who is who: explanations, previews of changed rules, measured quality."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from orchestration.cli.answering import FILE, answering
from orchestration.settings import Settings


@click.command()
@click.argument("name")
@answering
def explain(settings: Settings, is_json: bool, log_path: Path, name: str) -> None:
    """Show how a customer was built: which record joined which, by what, and when.

    NAME is a customer id, an id out of use, a record as source:key, or an identifier such as an e-mail
    address.
    """
    from orchestration.cli import terminal
    from orchestration.identity.explaining import explain as look

    answer = look(settings, name)
    if is_json:
        terminal.show_json(answer)
        return
    confidence = answer["confidence"]
    terminal.show_values(
        answer["customer_id"],
        {
            "found_as": answer["found_as"],
            "home_source": answer["home_source_system"],
            "records": confidence["record_count"],
            "confidence": _probability(confidence["confidence"]),
            **_weakest(confidence),
        },
    )
    _table("How it was built", answer["steps"], _STEP)
    _table("What happened to it", answer["history"], _CHANGE)
    _table("Ids out of use", answer["aliases"], {})
    _table("Considered, and not linked", answer["rejected"], _REJECTED)
    _table("Contradicts other customers", answer["contradictions"], {})
    _table("What is shown of it, and where that comes from", answer["golden_values"], {})


@click.command()
@click.argument("record")
@click.argument("other_record")
@answering
def why(settings: Settings, is_json: bool, log_path: Path, record: str, other_record: str) -> None:
    """Show why two records are one customer, or why they are not.

    RECORD and OTHER_RECORD are records as source:key, or an identifier that only one record has.
    """
    from orchestration.cli import terminal
    from orchestration.identity.comparing import why as look

    answer = look(settings, record, other_record)
    if is_json:
        terminal.show_json(answer)
        return
    terminal.show_values(
        answer["verdict"],
        {
            "first_record": f"{answer['customer_key_a']} of {answer['customer_id_a']}",
            "second_record": f"{answer['customer_key_b']} of {answer['customer_id_b']}",
        },
    )
    _table("What they say", answer["says"], {})
    _table("The strongest way from one to the other", answer.get("path", []), _PATH)
    _table("About just these two", answer.get("pair", []), {})
    _table("What both have, and why it does not link them", answer.get("shared", []), {})
    _table("What their customers say that contradicts", answer.get("contradictions", []), {})


@click.command("preview-rules")
@click.option("--rules", type=FILE, help="CSV in place of seeds/identity/identity_rules.csv.")
@click.option("--blocked", type=FILE, help="CSV in place of seeds/identity/identity_blocked_values.csv.")
@click.option("--overrides", type=FILE, help="CSV in place of seeds/identity/identity_overrides.csv.")
@click.option(
    "--examples",
    type=click.IntRange(min=0),
    default=5,
    show_default=True,
    help="How many merges and splits to show.",
)
@answering
def preview_rules(
    settings: Settings,
    is_json: bool,
    log_path: Path,
    *,
    rules: Path | None,
    blocked: Path | None,
    overrides: Path | None,
    examples: int,
) -> None:
    """Show what changed identity rules would merge and split, before anything is applied.

    Works on a copy of what identity needs; neither the build nor the publication changes. Files that are not
    given stay as they were built.
    """
    from orchestration.builds import locking
    from orchestration.cli import terminal
    from orchestration.identity.previewing import preview

    files = {"identity_rules": rules, "identity_blocked_values": blocked, "identity_overrides": overrides}
    given = {name: path for name, path in files.items() if path is not None}
    with terminal.progress(log_path), locking.holding(settings):
        answer = preview(settings, given, examples)
    if is_json:
        terminal.show_json(answer)
        return
    terminal.show_table(
        "What would change",
        [{"what": name.replace("_", " "), "how_many": count} for name, count in answer["counts"].items()],
    )
    _table("Sales of the customers concerned", answer["sales"], {})
    _table("Largest merges", answer["merges"], {})
    _table("Largest splits", answer["splits"], {})


@click.command("match-quality")
@click.option(
    "--truth",
    required=True,
    type=click.Path(path_type=Path),
    help="CSV or Parquet file with customer_key and person_id, or the folder of truth that the twin writes.",
)
@answering
def match_quality(settings: Settings, is_json: bool, log_path: Path, truth: Path) -> None:
    """Measure the customers of the build against who is whom, and keep the result as rows.

    The measures go into quality.match_quality and quality.match_calibration; the truth itself is not kept.
    """
    from orchestration.builds import locking
    from orchestration.cli import terminal
    from orchestration.identity.measuring import measure

    with terminal.progress(log_path), locking.holding(settings):
        answer = measure(settings, truth)
    if is_json:
        terminal.show_json(answer)
        return
    terminal.show_values("Measured", {name: answer[name] for name in ("run_id", "truth", "record_count")})
    _table("Match quality", [_measure(row) for row in answer["quality"]], {})
    _table(
        "By the system that keeps the record: B-cubed, and pairs within the system",
        [_of_system(row) for row in answer["systems"]],
        {},
    )
    _table("Confidence: is it as sure as it says?", answer["calibration"], {})


@click.group()
def match() -> None:
    """Try how records are matched."""


@match.command("try")
@click.argument("table", type=FILE)
@click.option("--truth", required=True, help="Column that is equal for records of one person.")
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="NAME=ROLE",
    help="What a column says, if its name does not tell: such as BORN=birth_date; - to leave it out.",
)
@answering
def match_try(
    settings: Settings, is_json: bool, log_path: Path, *, table: Path, truth: str, columns: tuple[str, ...]
) -> None:
    """Measure the matching that ships on any flat TABLE (CSV or Parquet) of persons.

    Needs no source and no build, and keeps nothing. Which column says what follows from the columns' names.
    """
    from orchestration.cli import terminal
    from orchestration.identity.errors import IdentityError
    from orchestration.identity.trying import try_table

    roles = {}
    for declared in columns:
        name, is_given, role = declared.rpartition("=")
        if not is_given:
            raise IdentityError(f"--column {declared}: write NAME=ROLE, such as born=birth_date.")
        roles[name] = role
    with terminal.progress(log_path):
        answer = try_table(table, truth, roles)
    if is_json:
        terminal.show_json(answer)
        return
    shown = ("records", "configuration", "model", "pairs_compared", "links", "prior", "households", "seconds")
    terminal.show_values(answer["file"], {name: answer[name] for name in shown})
    _table("Columns", answer["columns"], {})
    if answer["left_out"]:
        terminal.show_values("", {"left out": answer["left_out"]})
    _table(
        "Measured",
        [_measure({"metric": name, "value": value}) for name, value in answer["measures"].items()],
        {},
    )
    _table("Blocking keys, and the pairs of records that share each", answer["blocking"], {})
    _table("Weights in bits, with their standard deviation", answer["weights"], _WEIGHT)


IDENTITY_COMMANDS = (explain, why, preview_rules, match_quality, match)

# Column of the answer by the heading that it is shown under.
_STEP = {
    "step": "step_number",
    "record": "customer_key",
    "joined": "joined_to_customer_key",
    "by": "rule_name",
    "evidence": "evidence",
    "sure": "join_probability",
    "ties": "tie_count",
    "since": "joined_at",
}
_CHANGE = {
    "when": "changed_at",
    "what": "change_type",
    "customer": "customer_id",
    "other": "other_customer_id",
    "records": "record_count",
    "cause": "cause",
}
_REJECTED = {
    "rule": "rule_name",
    "shared": "shared",
    "records": "record_count",
    "record": "customer_key",
    "other_record": "other_customer_key",
    "reason": "reason",
}
_SYSTEM = {
    "precision": "bcubed_precision",
    "recall": "bcubed_recall",
    "f1": "bcubed_f1",
    "pair_precision": "pairwise_precision",
    "pair_recall": "pairwise_recall",
}
_WEIGHT = {
    "comparison": "comparison",
    "level": "level_title",
    "m": "m_probability",
    "u": "u_probability",
    "weight": "match_weight",
    "deviation": "weight_deviation",
    "learnt_from": "learnt_from",
}
_PATH = {
    "from": "from_customer_key",
    "to": "to_customer_key",
    "by": "rule_name",
    "shared": "shared",
    "probability": "link_probability",
}


def _table(title: str, found: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> None:
    """Show rows under the headings given, or under their own; nothing if there are none."""
    from orchestration.cli import terminal

    if not found:
        return
    named = columns or {name: name for name in found[0]}
    terminal.show_table(
        f"\n{title}",
        [{heading: _shown(row[column]) for heading, column in named.items()} for row in found],
    )


def _weakest(confidence: Mapping[str, Any]) -> dict[str, Any]:
    """Return where the doubt about a customer is; nothing if there is none to have."""
    if not confidence.get("weakest_rule"):
        return {}
    record, rule, evidence = (confidence[f"weakest_{name}"] for name in ("customer_key", "rule", "evidence"))
    return {"least_sure": f"{record}, {rule}: {evidence} ({_probability(confidence['weakest_probability'])})"}


def _measure(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a line about a measure: shares with four digits, counts as whole numbers."""
    is_count = row["metric"].rpartition("_")[2] in {"clusters", "persons", "records"}
    return {
        name: value if not isinstance(value, float) else f"{value:,.0f}" if is_count else _probability(value)
        for name, value in row.items()
    }


def _of_system(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a line about a record system, under headings that fit into a terminal."""
    shares = {heading: _probability(row.get(name)) for heading, name in _SYSTEM.items()}
    return {"system": row["system"], "records": f"{row['records']:,.0f}", **shares}


def _probability(value: float | None) -> str | None:
    return None if value is None else f"{value:.4f}"


def _shown(value: Any) -> Any:
    return round(value, 4) if isinstance(value, float) else value
