import json
import math
from itertools import pairwise, permutations

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from identity_publication import ANNA, publish

from orchestration.cli.main import main
from orchestration.identity.comparing import strongest_path, why
from orchestration.identity.errors import IdentityError
from orchestration.identity.explaining import explain
from orchestration.warehouse import WarehouseError

pytestmark = pytest.mark.tier1


@pytest.fixture
def published(settings):
    publish(settings)
    return settings


@pytest.mark.parametrize("name", [ANNA, "cust_old", "own shop:crm", "shop:guest", "77", " shop:crm "])
def test_a_customer_is_found_by_whatever_people_call_it(published, name):
    assert explain(published, name)["customer_id"] == ANNA


def test_a_customer_is_told_step_by_step_from_the_anchor_on(published):
    answer = explain(published, ANNA)
    assert [(step["customer_key"], step["joined_to_customer_key"]) for step in answer["steps"]] == [
        ("shop:card", None),
        ("shop:crm", "shop:card"),
        ("shop:guest", "shop:crm"),
    ]
    assert [alias["alias_customer_id"] for alias in answer["aliases"]] == ["cust_old"]
    assert [change["change_type"] for change in answer["history"]] == ["merged"]
    assert answer["confidence"]["weakest_rule"] == "same e-mail address"
    assert answer["contradictions"] == [
        {
            "fact_type": "name",
            "fact_value": "anna|bell",
            "other_fact_value": "ben|ash",
            "other_customer_id": "cust_ben",
        }
    ]


def test_what_was_considered_and_not_linked_has_its_reason(published):
    rejected = explain(published, "shop:ben")["rejected"]
    assert {row["reason"] for row in rejected} == {
        "linking it would join what cannot be one person",
        "not alike enough",
    }


def test_an_address_of_two_customers_names_both(published):
    with pytest.raises(IdentityError, match=r"belongs to 2 customers.*cust_anna, cust_ben"):
        explain(published, "A@x.org")


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [("cust_ana", "cust_anna"), ("shop:crn", "shop:crm"), ("c@x.or", "c@x.org"), ("carl", "shop:carl")],
)
def test_an_unknown_name_gets_what_looks_like_it(published, name, suggestion):
    with pytest.raises(IdentityError, match=rf"Did you mean.*{suggestion}"):
        explain(published, name)


@pytest.mark.parametrize("name", ["", "%", "'; drop table x; --", "ü" * 10_000, "a@"])
def test_a_hostile_name_is_nobody(published, name):
    with pytest.raises(IdentityError, match="is known"):
        explain(published, name)


def test_one_customer_is_explained_by_the_way_between_its_records(published):
    answer = why(published, "shop:card", "shop:guest")
    assert answer["is_one"]
    assert [link["rule_name"] for link in answer["path"]] == ["same loyalty card", "same e-mail address"]
    assert "by 2 links" in answer["verdict"]


def test_two_customers_are_explained_by_what_contradicts(published):
    answer = why(published, "shop:guest", "shop:ben")
    assert not answer["is_one"]
    assert "anna bell and ben ash" in answer["verdict"]
    assert [row["identifier_value"] for row in answer["shared"]] == ["a@x.org"]


def test_two_records_that_are_not_alike_enough_say_how_alike(published):
    assert "probability 0.410" in why(published, "shop:carl", "shop:ben")["verdict"]


def test_two_records_without_anything_in_common_say_so(published):
    assert "share no identifier" in why(published, "shop:carl", "shop:card")["verdict"]


def test_a_record_is_not_compared_with_itself(published):
    with pytest.raises(IdentityError, match="one and the same record"):
        why(published, "shop:carl", "c@x.org")


def test_a_name_of_several_records_asks_for_one(published):
    with pytest.raises(IdentityError, match="stands for 3 records"):
        why(published, ANNA, "shop:ben")


def test_nothing_published_says_what_to_do(settings):
    with pytest.raises(WarehouseError, match="insight build"):
        explain(settings, ANNA)


def test_commands_answer_in_words_and_in_json(published, monkeypatch):
    monkeypatch.setenv("WAREHOUSE_DIR", str(published.warehouse_dir))
    monkeypatch.delenv("WAREHOUSE_SOURCES", raising=False)
    monkeypatch.delenv("WAREHOUSE_ENGINE", raising=False)
    for arguments in (["explain", ANNA], ["why", "shop:card", "shop:ben"]):
        words = CliRunner().invoke(main, arguments)
        assert words.exit_code == 0, words.output
        assert "shop:card" in words.output
        answer = CliRunner().invoke(main, [*arguments, "--json"])
        assert json.loads(answer.output)
    failed = CliRunner().invoke(main, ["explain", "nobody", "--json"])
    assert failed.exit_code == 1
    assert "is known" in json.loads(failed.output)["error"]


PROBABILITIES = st.sampled_from([0.5, 0.9, 0.99, 1.0])
PAIRS = st.tuples(st.integers(0, 5), st.integers(0, 5), PROBABILITIES).filter(lambda pair: pair[0] != pair[1])


@given(st.lists(PAIRS, max_size=9))
def test_the_way_found_is_the_best_of_all_ways(pairs):
    edges = [
        {
            "customer_key": str(a),
            "other_customer_key": str(b),
            "identifier_type": "probabilistic",
            "identifier_value": None,
            "rule_name": "alike",
            "evidence": "",
            "link_probability": probability,
        }
        for a, b, probability in pairs
    ]
    strength: dict[tuple[int, int], float] = {}
    for a, b, probability in pairs:
        for way in ((a, b), (b, a)):
            strength[way] = max(strength.get(way, 0.0), min(probability, 0.99999))
    ways = [(0, *middle, 5) for size in range(5) for middle in permutations(range(1, 5), size)]
    best = max((math.prod(strength.get(step, 0.0) for step in pairwise(way)) for way in ways), default=0.0)
    path = strongest_path(edges, "0", "5")
    found = math.prod(min(link["link_probability"], 0.99999) for link in path) if path else 0.0
    assert found == pytest.approx(best)
    for link, following in pairwise(path):
        assert link["to_customer_key"] == following["from_customer_key"]
