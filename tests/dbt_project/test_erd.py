"""The entity relationship diagrams say what the contracts and tests say."""

from __future__ import annotations

import copy

import pytest

from orchestration.transformation import erd
from orchestration.transformation.command import DbtError

pytestmark = pytest.mark.tier0


@pytest.fixture(scope="module")
def manifest(dbt):
    return dbt.manifest.to_dict(omit_none=True)


def test_the_page_is_up_to_date(manifest):
    assert erd.PAGE.read_text(encoding="utf-8") == erd.page(manifest), "run `insight erd`"


def test_a_tested_link_is_solid_and_an_untested_one_dotted(manifest):
    drawn = erd.page(manifest)
    assert "fct_order_lines }o--|| dim_products : product_id" in drawn
    assert "fct_order_lines }o..|| fct_orders : order_id" in drawn


def test_a_link_is_dotted_once_its_test_is_gone(manifest):
    changed = copy.deepcopy(manifest)
    changed["nodes"] = {
        key: node
        for key, node in changed["nodes"].items()
        if (node.get("test_metadata") or {}).get("name") != "relationships"
    }
    drawn = erd.page(changed)
    assert "fct_order_lines }o..|| dim_products : product_id" in drawn
    assert "--" not in "".join(line for line in drawn.splitlines() if line.startswith("    fct_"))


def test_every_table_that_readers_join_is_drawn(manifest):
    drawn = erd.page(manifest)
    for node in manifest["nodes"].values():
        if node["resource_type"] == "model" and node["fqn"][1] in erd.LAYERS:
            is_drawn = f"    {node['name']} {{" in drawn
            assert is_drawn == node["name"].startswith(erd.KINDS), node["name"]


def test_a_project_without_keys_cannot_be_drawn():
    with pytest.raises(DbtError, match="no model with a primary_key test"):
        erd.page({"nodes": {}})
