"""The files are what the entry promises, and the same every time."""

from __future__ import annotations

from pathlib import Path

import pytest
from twin_files import Twin, entry, scan_of, write_small_twin

from simulation.digital_twin.configuration import Dirt
from simulation.digital_twin.households import Grocery
from simulation.digital_twin.sentences import complaint, opinion

pytestmark = [pytest.mark.tier1, pytest.mark.slow]


@pytest.mark.parametrize("name", sorted(entry().tables))
def test_every_table_has_the_columns_of_its_entry_in_their_order(clean_twin: Twin, name: str) -> None:
    table = entry().tables[name]
    paths = sorted(clean_twin.folder.glob(table.path))
    assert paths
    for path in paths:
        found = [row[0] for row in clean_twin.rows_of(f"describe from {scan_of(path, table)}")]
        assert found == [*table.columns, "filename"]


@pytest.mark.parametrize("name", sorted(entry().tables))
def test_no_column_is_null_throughout_and_keys_are_never(dirty_twin: Twin, name: str) -> None:
    columns = entry().tables[name].columns
    counted = ", ".join(f'count("{column}")' for column in columns)
    rows, *filled = dirty_twin.rows_of(f"select count(*), {counted} from {name}")[0]
    assert [column for column, count in zip(columns, filled, strict=True) if count == 0] == []
    keys = [column for column, term in columns.items() if not term.nullable]
    assert [key for key in keys if filled[list(columns).index(key)] != rows] == []


def test_keys_are_unique_where_there_is_no_dirt(clean_twin: Twin) -> None:
    for name, table in entry().tables.items():
        keys = [f'"{column}"' for column, term in table.columns.items() if not term.nullable]
        if name in {"web_events", "mini_program_events"}:
            keys = keys[:1]
        if name == "campaign_cells":
            keys = ['"CampaignCode"', '"ContactID"']
        if name == "shop_order_lines":
            keys = ['"OrderNo"', '"LineNo"']
        repeated = clean_twin.number(
            f"select count(*) from (select {', '.join(keys)} from {name} group by all having count(*) > 1)"
        )
        assert repeated == 0, name


def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_ones(
    clean_twin: Twin, grocery: Grocery, tmp_path: Path
) -> None:
    again = write_small_twin(grocery, tmp_path / "again", Dirt.none())
    other = write_small_twin(grocery, tmp_path / "other", Dirt.none(), seed=8)
    for path in sorted(clean_twin.folder.iterdir()):
        assert path.read_bytes() == (again.folder / path.name).read_bytes(), path.name
        assert path.read_bytes() != (other.folder / path.name).read_bytes(), path.name


def test_a_larger_twin_holds_the_same_people(clean_twin: Twin, grocery: Grocery, tmp_path: Path) -> None:
    larger = write_small_twin(grocery, tmp_path, Dirt.none(), scale=0.05)
    larger.views.execute(f"create view smaller as from read_parquet('{clean_twin.truth}/traits.parquet')")
    assert larger.number("select count(*) from (from smaller except from truth_traits)") == 0
    assert larger.number("select count(*) from truth_people") > clean_twin.number(
        "select count(*) from truth_people"
    )


def test_the_truth_names_the_person_behind_every_record(clean_twin: Twin) -> None:
    for system, table, key in (
        ("crm", "crm_contacts", "ContactID"),
        ("shop", "shop_accounts", "account_id"),
        ("loyalty", "loyalty_members", "MemberNo"),
    ):
        assert (
            clean_twin.number(
                f"select count(*) from {table} where not exists (from truth_record_person "
                f"where system = '{system}' and record_key = \"{key}\")"
            )
            == 0
        )
    for table, key in (
        ("shop_order_lines", "OrderNo"),
        ("support_tickets", "ticket_id::varchar"),
        ("surveys", "ResponseID"),
        ("social_mentions", "post_id"),
        ("store_visits", "VisitID"),
        ("email_events", "event_id"),
    ):
        nobody = f"(from truth_row_person where table_name = '{table}' and row_key = {key})"
        assert clean_twin.rows_of(f"from {table} where not exists {nobody}") == []
    assert not any("truth" in path.name for path in clean_twin.folder.iterdir())


def test_texts_vary_in_every_language(clean_twin: Twin, grocery: Grocery, tmp_path: Path) -> None:
    larger = write_small_twin(grocery, tmp_path, Dirt.none(), scale=0.3)
    for language, least in (("en", 600), ("pt", 100), ("zh", 60)):
        written = larger.number(
            f"""
            select count(distinct text) from (
                select text from reviews where lang = '{language}'
                union all select text from social_mentions where lang = '{language}'
                union all select body from support_messages where lang = '{language}'
            )
            """
        )
        assert written >= least, language
    contradictions = larger.rows_of(
        """
        from reviews where lang = 'en' and stars in ('4', '5')
            and (text like '%Never again%' or text like '%I want my money back%')
        """
    )
    assert contradictions == []


def test_many_different_sentences_can_be_written_in_each_language() -> None:
    for language in ("en", "zh", "pt"):
        chances = [chance * 0x9E3779B97F4A7C15 >> 3 for chance in range(2000)]
        opinions = {opinion(language, mood, "Mug", chance) for mood in range(3) for chance in chances}
        complaints = {complaint(language, "SHIPPING", "Mug", chance * 7919) for chance in range(2000)}
        assert len(opinions) > 500
        assert len(complaints) > 200
