"""Matching on records of kinds that it was not made on: each cause of what went wrong, in small."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from synthetic_persons import frame_of, person, synthetic_persons
from unseen_persons import gaps_and_emails, historical_persons, names_and_dates

from ml.record_linkage.bridges import is_bridge
from ml.record_linkage.declaration import load_linkage
from ml.record_linkage.flat_tables import comparable_persons, guess_columns
from ml.record_linkage.matching import Matches, match

pytestmark = [pytest.mark.tier1, pytest.mark.slow]

DECLARATION = load_linkage("person_matching")
HOME = {"street_address": "12 oak st", "city": "akron", "postal_code": "44301"}


def matched(table: pd.DataFrame, truth: str) -> tuple[Matches, float, float]:
    """Return what is found, and precision and recall of the pairs of its clusters."""
    frame = comparable_persons(table, guess_columns(list(table.columns), None, [truth]))
    found = match(DECLARATION, frame)
    joining = found.links[found.links["is_above_threshold"]]
    graph = {key: key for key in frame["customer_key"]}

    def root(key: str) -> str:
        while graph[key] != key:
            key = graph[key]
        return key

    for one, other in zip(joining["customer_key_a"], joining["customer_key_b"], strict=True):
        graph[root(other)] = root(one)
    clusters = pd.Series([root(key) for key in frame["customer_key"]])
    who = table[truth].reset_index(drop=True)
    pairs = [
        float((sizes * (sizes - 1) / 2).sum())
        for sizes in (pd.crosstab(clusters, who).stack(), clusters.value_counts(), who.value_counts())
    ]
    return found, pairs[0] / pairs[1], pairs[0] / pairs[2]


def f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall)


@pytest.mark.parametrize(
    ("table", "truth", "goal"),
    [
        (historical_persons(150, seed=11), "cluster", 0.87),
        (names_and_dates(500, seed=12), "person", 0.93),
        (gaps_and_emails(1000, seed=13), "cluster", 0.75),
    ],
    ids=["heavy errors", "names and birth dates", "gaps and e-mails"],
)
def test_kinds_of_records_that_matching_was_not_made_on(table: pd.DataFrame, truth: str, goal: float) -> None:
    _, precision, recall = matched(table, truth)
    assert f1(precision, recall) >= goal
    assert precision >= 0.93


def test_the_prior_counts_pairs_that_agree_in_part() -> None:
    table = names_and_dates(2000, seed=4)
    found, _, _ = matched(table, "person")
    true = 200 / (2000 * 1999 / 2)
    # No two records of one person agree in everything here: exact agreements alone would say next to nothing.
    assert true / 1.3 < found.model.prior < true * 1.3


def test_a_level_that_training_did_not_see_is_close_to_impossible() -> None:
    frame, _ = synthetic_persons(1000)
    model = match(DECLARATION, frame).model
    birth_date = next(c for c in DECLARATION.comparisons if c.name == "birth_date")
    unseen = next(
        place for place, level in enumerate(birth_date.levels) if level.title.startswith("the year")
    )
    assert model.m["birth_date"][unseen] < birth_date.levels[unseen].m / 10


def test_what_was_not_learnt_decides_nothing_alone() -> None:
    frame, _ = synthetic_persons(1000)
    model = match(DECLARATION, frame).model
    assert {"national_id", "employer", "occupation", "birth_place"} <= model.unlearnt
    prior = np.log2(model.prior / (1 - model.prior))
    sure = np.log2(DECLARATION.threshold / (1 - DECLARATION.threshold))
    weights = model.weights(DECLARATION)
    for name in model.unlearnt:
        assert prior + max(weights[name]) <= sure + 1e-9
        assert sure + min(weights[name]) >= -1e-9


def test_weights_have_an_uncertainty_that_falls_with_what_was_seen() -> None:
    few, many = (match(DECLARATION, synthetic_persons(people)[0]).model for people in (400, 3000))
    widths = [
        model.frame(DECLARATION).set_index(["comparison", "level_rank"])["weight_deviation"]
        for model in (few, many)
    ]
    assert (widths[0] > 0).all()
    assert widths[1]["given_name", 1] < widths[0]["given_name", 1] / 1.5


def test_two_people_of_one_name_in_one_small_shop_are_two() -> None:
    shop = {"city": "akron", "postal_code": "44301"}
    found = match(
        DECLARATION, frame_of(person("a", "ana", "silva", **shop), person("b", "ana", "silva", **shop))
    )
    assert found.links["contradiction"].tolist() == ["nothing but the name and the place is alike"]
    assert not found.links["is_above_threshold"].any()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"given_name": "ana"}, {"given_name": "ana", "family_name": "silva"}),
        ({"given_name": "silva"}, {"given_name": "ana", "family_name": "silva"}),
        ({}, {}),
        ({}, {"given_name": "ana", "family_name": "silva"}),
    ],
    ids=["no family name", "family name in the other field", "both nameless", "one nameless"],
)
def test_gaps_in_names_do_not_keep_records_from_being_compared(one: dict, other: dict) -> None:
    said = HOME | {"birth_date": "1980-04-12", "national_id": "7364009"}
    frame = frame_of(*(person(key, None, None) | said | says for key, says in (("a", one), ("b", other))))
    assert match(DECLARATION, frame).links["is_above_threshold"].tolist() == [True]


def test_keys_that_cost_too_much_are_not_used() -> None:
    table = names_and_dates(2000, seed=5)
    found, _, _ = matched(table, "person")
    assert "family_name" in found.keys
    crowded = table.assign(lname=np.where(np.arange(len(table)) % 100 < 60, table["fname"], table["lname"]))
    tight = DECLARATION.model_copy(
        update={"blocking": DECLARATION.blocking.model_copy(update={"pairs_per_record_of_a_key": 2.0})}
    )
    frame = comparable_persons(crowded, guess_columns(list(crowded.columns), None, ["person"]))
    fewer = match(tight, frame)
    assert fewer.keys
    assert max(fewer.keys.values()) <= 2 * len(frame)
    assert not any("email" in key or "city" in key for key in fewer.keys)


def test_birth_dates_that_no_calendar_has_are_evidence() -> None:
    said = HOME | {"email": "ana.silva@mail.com"}
    frame = frame_of(
        person("a", "ana", "silva", birth_date="1861-19-19", **said),
        person("b", "ana", "silva", birth_date="1861-19-19", **said),
    )
    link = match(DECLARATION, frame).links.iloc[0]
    assert "birth date the same +" in link["evidence"]


@pytest.mark.parametrize(
    ("other", "is_joined"),
    [
        ("1980-04-12", True),
        ("1980-04-21", True),
        ("1980-12-04", True),
        ("1980-01-01", True),
        ("1991-09-30", False),
    ],
    ids=["the same", "two slips", "day and month exchanged", "the year alone", "another"],
)
def test_birth_dates_have_one_rule(other: str, is_joined: bool) -> None:
    said = HOME | {"email": "ana.silva@mail.com", "phone": "+13301234567"}
    frame = frame_of(
        person("a", "ana", "silva", birth_date="1980-04-12", **said),
        person("b", "ana", "silva", birth_date=other, **said),
    )
    assert match(DECLARATION, frame).links["is_above_threshold"].tolist() == [is_joined]


@pytest.mark.parametrize("column", ["employer", "occupation", "gender", "birth_place"])
def test_what_else_is_known_of_a_person_counts(column: str) -> None:
    said = HOME | {"email": "ana.silva@mail.com"}

    def weight(value: str) -> float:
        frame = frame_of(
            person("a", "ana", "silva", **said | {column: "harbour and sons"}),
            person("b", "ana", "silva", **said | {column: value}),
        )
        return float(match(DECLARATION, frame).links["match_weight"].iloc[0])

    assert weight("harbour and sons") > weight("nothing of the kind")


def test_a_name_and_an_employer_are_enough_and_a_name_is_not() -> None:
    works = {"employer": "harbour and sons"}
    same = frame_of(person("a", "ana", "silva", **works), person("b", "ana", "silva", **works))
    assert match(DECLARATION, same).links["is_above_threshold"].tolist() == [True]
    other = frame_of(person("a", "ana", "silva", **works), person("b", "ana", "silva", employer="mill"))
    assert not match(DECLARATION, other).links["is_above_threshold"].any()


def test_data_tell_whether_there_are_households() -> None:
    homes, _ = synthetic_persons(1500, seed=7)
    assert match(DECLARATION, homes).model.has_households
    found, _, _ = matched(historical_persons(60, seed=3), "cluster")
    assert not found.model.has_households


def test_one_link_does_not_join_two_families_of_records() -> None:
    groups = [[f"{group}{number}" for number in range(4)] for group in "ab"]
    inside = [(one, other) for group in groups for one in group for other in group if one < other]
    links = pd.DataFrame([*inside, ("a0", "b0")], columns=["one", "other"])
    assert is_bridge(links, DECLARATION.bridges).tolist() == [False] * len(inside) + [True]
    # Without others to ask, a link stands.
    chain = pd.DataFrame([("a", "b"), ("b", "c")], columns=["one", "other"])
    assert not is_bridge(chain, DECLARATION.bridges).any()
    assert is_bridge(chain[:0], DECLARATION.bridges).shape == (0,)
