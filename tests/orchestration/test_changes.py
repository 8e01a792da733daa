"""What a build has to do follows from what was built last and what is wanted now."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.builds import changes, state
from orchestration.builds.changes import MODEL, SEED, SOURCE, STEP, TEST, Artefact, Version
from orchestration.builds.steps import due
from orchestration.transformation.planning import Unchanged
from orchestration.warehouse import writing

pytestmark = pytest.mark.tier1

FIRST = "first build of this warehouse"


def _model(name, *parents, **properties):
    return Artefact(f"model.toy.{name}", MODEL, name, parents, f"core.{name}", docs=name, **properties)


PROJECT = {
    each.name: each
    for each in (
        Artefact("source.toy.raw_shop.orders", SOURCE, "", relation="raw_shop.orders", rows="batch 1"),
        Artefact("source.toy.raw_crm.people", SOURCE, "", relation="raw_crm.people", rows="batch 1"),
        Artefact("seed.toy.tiers", SEED, "tiers", relation="core.tiers"),
        _model("stg_orders", "source.toy.raw_shop.orders"),
        _model("stg_people", "source.toy.raw_crm.people"),
        _model("fct_orders", "model.toy.stg_orders", is_incremental=True),
        _model("fct_sales", "model.toy.fct_orders", is_incremental=True),
        _model("dim_people", "model.toy.stg_people", "seed.toy.tiers"),
        Artefact("ml", STEP, "learn", ("model.toy.dim_people",)),
        Artefact("source.toy.ml.scores", SOURCE, "", ("ml",), "ml.scores"),
        _model("dim_scored", "source.toy.ml.scores", "model.toy.dim_people"),
        Artefact("test.toy.people", TEST, "unique", ("model.toy.dim_people",)),
        Artefact("test.toy.orders", TEST, "unique", ("model.toy.fct_orders",)),
    )
}


def _plan(project, recorded, **options):
    there = {each.relation for each in recorded.values()}
    return changes.plan(project.values(), recorded, there, FIRST, **options)


def _short(names):
    return {name.split(".")[-1] for name in names}


def _with(name, **edit):
    return {**PROJECT, name: replace(PROJECT[name], **edit)}


def test_at_first_everything_is_built():
    plan = _plan(PROJECT, {})
    assert _short(plan.build) == {
        "tiers", "stg_orders", "stg_people", "fct_orders", "fct_sales", "dim_people", "dim_scored", "people",
        "orders",
    }  # fmt: skip
    assert plan.reason == FIRST
    assert _short(plan.from_scratch) == {"fct_orders", "fct_sales"}


def test_what_is_as_wanted_is_left_alone():
    plan = _plan(PROJECT, changes.wanted(PROJECT.values()))
    assert (plan.build, plan.from_scratch, plan.describe) == (frozenset(), {}, frozenset())


@pytest.mark.parametrize(
    ("edited", "built", "reason"),
    [
        (_with("model.toy.dim_scored", code="other"), {"dim_scored"}, None),
        (_with("seed.toy.tiers", code="other"), {"tiers", "dim_people", "people", "dim_scored"}, None),
        # What is learnt from it, and what reads that, follow a model across the Python step.
        (
            _with("model.toy.stg_people", code="other"),
            {"stg_people", "dim_people", "people", "dim_scored"},
            None,
        ),
        (_with("ml", code="other"), {"dim_scored"}, None),
        (_with("model.toy.fct_sales", code="other"), {"fct_sales"}, "fct_sales changed"),
        (
            _with("model.toy.fct_orders", code="other"),
            {"fct_orders", "fct_sales", "orders"},
            "fct_orders changed",
        ),
        (_with("test.toy.people", code="other"), {"people"}, None),
        (_with("model.toy.dim_people", docs="other"), set(), None),
        (
            _with("source.toy.raw_shop.orders", rows="batches 1 and 2"),
            {"stg_orders", "fct_orders", "fct_sales", "orders"},
            None,
        ),
        (
            _with("source.toy.raw_shop.orders", rows="batch 2", code="replaced"),
            {"stg_orders", "fct_orders", "fct_sales", "orders"},
            "a batch replaced rows of shop.orders",
        ),
    ],
)  # fmt: skip
def test_what_changed_is_built_and_what_follows_from_it(edited, built, reason):
    plan = _plan(edited, changes.wanted(PROJECT.values()))
    assert _short(plan.build) == built
    assert plan.reason == reason


def test_descriptions_alone_are_written_and_build_nothing():
    plan = _plan(_with("model.toy.dim_people", docs="other"), changes.wanted(PROJECT.values()))
    assert (plan.build, plan.describe) == (frozenset(), {"model.toy.dim_people"})


def test_what_did_not_end_or_is_gone_is_built_again():
    recorded = changes.wanted(PROJECT.values())
    unfinished = {name: each for name, each in recorded.items() if name != "model.toy.fct_sales"}
    assert _plan(PROJECT, unfinished).from_scratch == {
        "model.toy.fct_sales": "the last build of fct_sales did not complete"
    }
    there = {each.relation for each in recorded.values()} - {"core.dim_people"}
    assert _short(changes.plan(PROJECT.values(), recorded, there, FIRST).build) == {"dim_people"}


def test_forced_everything_is_built_and_continued():
    plan = _plan(PROJECT, changes.wanted(PROJECT.values()), is_forced=True)
    assert (len(plan.build), plan.reason) == (9, None)


def test_what_is_made_from_each_other_is_named():
    loop = [_model("a", "model.toy.b"), _model("b", "model.toy.a")]
    with pytest.raises(ValueError, match=r"made from each other: model\.toy\.\w → model\.toy\.\w"):
        changes.wanted(loop)


def test_what_is_as_wanted_is_told_after_what_it_is_made_from():
    told = Unchanged(["a", "c", "d"], {"a": [], "c": ["a", "b"], "d": ["c"]}, {"b", "e"})
    assert told.next([]) == ["a"]
    assert told.next(["e"]) == []
    assert told.next(["b", "e"]) == ["c", "d"]
    assert told.next(["b"]) == []


@st.composite
def _edits(draw):
    """A random project, and the same with some artefacts changed."""
    count = draw(st.integers(1, 8))
    before = {}
    for number in range(count):
        parents = draw(st.sets(st.sampled_from(sorted(before)))) if before else set()
        each = Artefact(
            f"model.toy.m{number}", MODEL, "old", tuple(parents), f"core.m{number}",
            is_incremental=draw(st.booleans()),
        )  # fmt: skip
        before[each.name] = each
    changed = draw(st.sets(st.sampled_from(sorted(before))))
    after = {name: replace(each, code="new") if name in changed else each for name, each in before.items()}
    return before, after, changed


@given(_edits())
def test_exactly_what_follows_from_an_edit_is_built(edit):
    before, after, changed = edit
    following = set(changed)
    for name, each in after.items():
        if following & set(each.parents):
            following.add(name)
    plan = _plan(after, changes.wanted(before.values()))
    assert plan.build == following
    assert set(plan.from_scratch) == {name for name in following if after[name].is_incremental}


def test_the_record_is_kept_in_the_build_file(settings):
    assert state.recorded(settings) == ({}, FIRST)
    built = changes.wanted(PROJECT.values())
    state.finish(settings, built.values())
    assert state.recorded(settings)[0] == built
    state.begin(settings, ["model.toy.dim_people"])
    assert set(state.recorded(settings)[0]) == set(built) - {"model.toy.dim_people"}
    settings.build_path.unlink()
    assert state.recorded(settings) == ({}, FIRST)


@pytest.mark.parametrize(
    "damage",
    [
        "update ops.built_artefacts set version = 'x' where name like '%fct_sales'",
        "alter table ops.built_artefacts drop column lineage",
    ],
)
def test_a_broken_record_is_said_so_and_not_believed(settings, damage, caplog):
    state.finish(settings, changes.wanted(PROJECT.values()).values())
    with writing(settings) as connection:
        connection.execute(damage)
    recorded, why = state.recorded(settings)
    assert recorded == {}
    assert why.startswith("the state of the last build is broken")
    assert "everything is built" in caplog.text


def test_a_step_runs_again_only_on_something_new(settings):
    step = Artefact("churn", STEP, "code")
    assert due(settings, step, ["core.dim_people"]).version == "", "nobody knows what it reads"
    model = Version("model.toy.dim_people", MODEL, "core.dim_people", "a", "b", "c", "")
    state.finish(settings, [model])
    first = due(settings, step, ["core.dim_people"])
    assert first is not None
    assert due(settings, step, ["core.dim_people"]) == first, "it has not run yet"
    state.finish(settings, [first])
    assert due(settings, step, ["core.dim_people"]) is None
    assert due(settings, step, ["core.dim_people"], ["ml.scores"]) is not None, "what it wrote is gone"
    state.finish(settings, [first])
    assert due(settings, replace(step, code="other"), ["core.dim_people"]) is not None
    state.finish(settings, [first, replace(model, version="d")])
    assert due(settings, step, ["core.dim_people"]) is not None
