"""Record linkage: who is linked, who is not, and that neither order nor keys have a say in it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from synthetic_persons import COLUMNS, frame_of, person, synthetic_persons

from ml.record_linkage.declaration import LinkageDeclaration, LinkageDeclarationError, load_linkage
from ml.record_linkage.matching import block, match, predict, train
from ml.record_linkage.records import Records

pytestmark = [pytest.mark.tier1, pytest.mark.slow]

DECLARATION = load_linkage("person_matching")
ANA = {
    "birth_date": "1980-04-12", "street_address": "12 oak st", "city": "akron", "postal_code": "44301",
    "email": "ana.silva@mail.com", "phone": "+13301234567",
}  # fmt: skip


def links(frame: pd.DataFrame) -> pd.DataFrame:
    return match(DECLARATION, frame).links


def joined(frame: pd.DataFrame) -> set[frozenset[str]]:
    found = links(frame)
    found = found[found["is_above_threshold"]]
    return {frozenset(pair) for pair in zip(found["customer_key_a"], found["customer_key_b"], strict=True)}


def contents(frame: pd.DataFrame, names: dict[str, str]) -> list[tuple[object, ...]]:
    """Return links with the keys put back to what they were."""
    found = links(frame)
    rows = [
        (*sorted((names[row.customer_key_a], names[row.customer_key_b])), *tuple(row)[3:])
        for row in found.itertuples()
    ]
    return sorted(rows, key=lambda row: row[:2])


@pytest.mark.parametrize("seed", range(3))
def test_neither_the_order_of_rows_nor_their_keys_change_a_link(seed: int) -> None:
    frame, _ = synthetic_persons(400, seed)
    random = np.random.default_rng(seed)
    renamed = frame.sample(frac=1, random_state=seed).reset_index(drop=True)
    new_keys = [f"z{number}" for number in random.permutation(len(renamed))]
    names = dict(zip(new_keys, renamed["customer_key"], strict=True))
    expected = contents(frame, {key: key for key in frame["customer_key"]})
    assert len(expected) > 100
    assert contents(renamed.assign(customer_key=new_keys), names) == expected


def test_the_number_of_threads_changes_nothing() -> None:
    frame, _ = synthetic_persons(400)
    answers = []
    for threads in (1, 4):
        records = Records(frame, "customer_key", COLUMNS)
        records.execute(f"set threads = {threads}")
        block(DECLARATION, records)
        model = train(DECLARATION, records)
        answers.append((model, predict(DECLARATION, model, records)))
    (one, its_links), (four, their_links) = answers
    assert one == four
    pd.testing.assert_frame_equal(its_links, their_links, check_exact=True)


def test_people_with_errors_are_found_and_families_stay_apart() -> None:
    frame, who = synthetic_persons(1500, seed=7)
    found = joined(frame)
    true = [len(set(who[list(pair)])) == 1 for pair in found]
    sizes = who.value_counts()
    assert np.mean(true) > 0.99
    assert sum(true) / (sizes * (sizes - 1) / 2).sum() > 0.93


@pytest.mark.parametrize(
    "other",
    [
        person("b", "anna", "silva", **ANA),
        person("b", "ana", "sliva", **ANA),
        person("b", "silva", "ana", **ANA),
        person("b", "a", "silva", **ANA),
        person("b", "nita", "silva", **ANA | {"canonical_given_name": "ana", "phone": None}),
        person("b", "ana", "silva", **ANA | {"birth_date": "1980-12-04", "email": None}),
        person("b", "ana", "silva", **ANA | {"birth_date": "1980-04-13", "email": None}),
        person("b", "ana", "costa", **ANA | {"phone": "+13309999999"}),
        person("b", "ana", "silva", birth_date="1980-04-12", email="ana.silva@post.org"),
        person("b", None, "silva", **ANA),
    ],
    ids=["typo", "letters exchanged", "names exchanged", "initial", "nickname", "day and month", "day off",
         "married", "another mailbox", "no given name"],
)  # fmt: skip
def test_one_person_with_an_error_is_one(other: dict[str, str | None]) -> None:
    assert joined(frame_of(person("a", "ana", "silva", **ANA), other)) == {frozenset("ab")}


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (person("b", "pedro", "silva", **ANA | {"birth_date": "1978-01-30"}), "given names differ"),
        (person("b", "carla", "silva", **ANA), "given names differ"),
        (person("b", "ana", "silva", **ANA | {"birth_date": "2006-09-25"}), "birth dates differ"),
        (
            person("b", None, "silva", **ANA | {"birth_date": None}),
            "nothing that belongs to one person alone is alike",
        ),
    ],
    ids=["husband", "twin", "daughter of the same name", "somebody of the household"],
)
def test_a_family_at_one_address_is_several_people(other: dict[str, str | None], reason: str) -> None:
    found = links(frame_of(person("a", "ana", "silva", **ANA), other))
    assert not found["is_above_threshold"].any()
    assert set(found["contradiction"].dropna()) <= {reason}


def test_sisters_with_similar_names_stay_apart() -> None:
    others = ANA | {"birth_date": None}
    found = links(frame_of(person("a", "mariana", "silva", **ANA), person("b", "marcia", "silva", **others)))
    assert found["contradiction"].tolist() == ["given names are only somewhat alike"]
    assert not found["is_above_threshold"].any()


def test_a_man_and_a_woman_of_one_name_stay_apart() -> None:
    sister, brother = person("a", "marcia", "silva", **ANA), person("b", "marcio", "silva", **ANA)
    assert links(frame_of(sister, brother))["contradiction"].tolist() == ["given names differ"]
    # A letter that is missing at the end is a slip, if all else is alike.
    cut_off = person("b", "marci", "silva", **ANA)
    assert joined(frame_of(sister, cut_off)) == {frozenset("ab")}


def test_a_national_number_outweighs_a_replaced_name() -> None:
    said = ANA | {"national_id": "7364009"}
    frame = frame_of(person("a", "ana", "silva", **said), person("b", "carla", "silva", **said))
    assert joined(frame) == {frozenset("ab")}


def test_a_common_name_alone_links_nobody_and_a_rare_one_neither() -> None:
    frame = frame_of(person("a", "zephyrine", "quux"), person("b", "zephyrine", "quux"))
    assert joined(frame) == set()


def test_the_evidence_can_be_read() -> None:
    frame = frame_of(person("b", "ana", "sliva", **ANA), person("a", "ana", "silva", **ANA | {"city": None}))
    row = links(frame).iloc[0]
    assert (row["customer_key_a"], row["customer_key_b"]) == ("a", "b")
    assert row["evidence"].startswith("given name the same +")
    assert "family name nearly the same +" in row["evidence"]
    assert "national number" not in row["evidence"]
    assert "before any comparison -" in row["evidence"]


def test_with_a_handful_of_records_the_declared_parameters_count() -> None:
    frame = frame_of(person("a", "ana", "silva", **ANA), person("b", "ana", "silva", **ANA))
    matches = match(DECLARATION, frame)
    parameters = matches.model.frame(DECLARATION)
    assert set(parameters["learnt_from"]) == {"declared: too few records to learn from"}
    declared = [level.m for comparison in DECLARATION.comparisons for level in comparison.levels]
    assert parameters["m_probability"].tolist() == declared
    assert matches.links["is_above_threshold"].tolist() == [True]


def test_what_is_learnt_adds_up_and_says_from_what() -> None:
    frame, _ = synthetic_persons(1000)
    parameters = match(DECLARATION, frame).model.frame(DECLARATION)
    sums = parameters.groupby("comparison")[["m_probability", "u_probability"]].sum()
    assert np.allclose(sums, 1, atol=1e-4)
    learnt = parameters.groupby("comparison")["learnt_from"].first()
    assert "pairs of one person that share a key" in learnt["given_name"]
    assert learnt["national_id"] == "declared: nothing to learn from"


@pytest.mark.parametrize("count", [0, 1])
def test_without_two_records_there_is_no_link(count: int) -> None:
    assert links(frame_of(*[person("a", "ana", "silva", **ANA)][:count])).empty


def test_a_column_that_is_missing_is_named() -> None:
    frame, _ = synthetic_persons(5)
    with pytest.raises(ValueError, match="lacks phone"):
        match(DECLARATION, frame.drop(columns="phone"))
    with pytest.raises(ValueError, match="missing or repeated"):
        match(DECLARATION, pd.concat([frame, frame]))


def test_a_declaration_that_cannot_work_is_refused(tmp_path) -> None:
    with pytest.raises(LinkageDeclarationError, match="no declaration"):
        load_linkage("nothing", tmp_path)
    content = DECLARATION.model_dump()
    content["contradictions"][0]["different"] = "shoe_size"
    with pytest.raises(ValueError, match="shoe_size: no such comparison"):
        LinkageDeclaration.model_validate(content)
    (tmp_path / "odd.yml").write_text("name: [")
    with pytest.raises(LinkageDeclarationError, match="not valid YAML"):
        load_linkage("odd", tmp_path)
