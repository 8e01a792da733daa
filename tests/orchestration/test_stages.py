"""dbt's stages follow from the manifest: which models can be built before which Python step."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.transformation.stages import StagesError, selection_arguments, stages

pytestmark = pytest.mark.tier1


def _manifest(models, written, tests=()):
    """Return a manifest of models by name with their parents; a parent with a point is a source."""
    sources = {parent for parents in models.values() for parent in parents if "." in parent} | set(written)
    ids = {name: f"source.insight.{name}" for name in sources} | {
        name: f"model.insight.{name}" for name in models
    }
    parent_map = {ids[name]: [ids[parent] for parent in parents] for name, parents in models.items()}
    parent_map |= {ids[name]: [] for name in sources}
    nodes = {
        ids[name]: {"resource_type": "model", "schema": "marts", "name": name, "fqn": ["insight", name]}
        for name in models
    }
    for number, parents in enumerate(tests):
        test_id = f"test.insight.{number}"
        nodes[test_id] = {"resource_type": "test", "schema": "tests", "name": test_id, "fqn": [test_id]}
        parent_map[test_id] = [ids[parent] for parent in parents]
    child_map = {each: [] for each in parent_map}
    for child, parents in parent_map.items():
        for parent in parents:
            child_map[parent].append(child)
    return {
        "nodes": nodes,
        "sources": {
            ids[name]: {
                "source_name": name.partition(".")[0],
                "name": name.partition(".")[2],
                "config": {"meta": {"written_by": "python"} if name in written else {}},
            }
            for name in sources
        },
        "parent_map": parent_map,
        "child_map": child_map,
    }


PROJECT = {
    "stg": ["raw.orders"],
    "people": ["stg", "matching.links"],
    "features": ["people"],
    "dim": ["people", "ml.scores"],
    "report": ["dim", "text.topics"],
    "log": ["matching.models"],
}
WRITTEN = ("matching.links", "matching.models", "ml.scores", "text.topics")
READS = {"matching": ["marts.stg"], "ml": ["marts.features"], "text": ["marts.stg"]}


def test_each_stage_follows_the_python_that_its_models_wait_for():
    found = stages(_manifest(PROJECT, WRITTEN), READS)
    assert [stage.name for stage in found] == ["models", "models_after_matching_and_text", "models_after_ml"]
    assert [stage.arguments() for stage in found] == [
        [
            "--exclude", "source:matching.links+", "source:matching.models+", "source:ml.scores+",
            "source:text.topics+",
        ],
        [
            "--select", "source:matching.links+", "source:matching.models+", "source:text.topics+",
            "--exclude", "source:ml.scores+",
        ],
        ["--select", "source:ml.scores+"],
    ]  # fmt: skip


def test_a_project_without_python_is_one_stage():
    [stage] = stages(_manifest({"stg": ["raw.orders"]}, ()), {})
    assert (stage.name, stage.select, stage.arguments()) == ("models", "fqn:*", [])


def test_models_and_steps_that_wait_for_each_other_are_named():
    with pytest.raises(StagesError, match=r"ml\.scores → dim → ml\.scores"):
        stages(_manifest({"dim": ["ml.scores"]}, ["ml.scores"]), {"ml": ["marts.dim"]})


def test_a_step_that_reads_what_no_model_makes_is_named():
    with pytest.raises(
        StagesError, match=r"ml\.scores is written by Python from marts\.no_such, but no model"
    ):
        stages(_manifest(PROJECT, WRITTEN), READS | {"ml": ["marts.no_such"]})


def test_a_stage_is_selected_by_its_sources_and_anything_else_by_name():
    manifest = _manifest(PROJECT, WRITTEN)
    ids = {name: f"model.insight.{name}" for name in PROJECT}
    assert selection_arguments(manifest, READS, set(ids.values())) == []
    first, second, third = stages(manifest, READS)
    assert selection_arguments(manifest, READS, {ids["stg"]}) == first.arguments()
    middle = {ids[name] for name in ("people", "features", "log")}
    assert selection_arguments(manifest, READS, middle) == second.arguments()
    assert selection_arguments(manifest, READS, {ids["dim"], ids["report"]}) == third.arguments()
    assert selection_arguments(manifest, READS, {ids["dim"], ids["stg"]}) == [
        "--indirect-selection", "buildable", "--select", "fqn:insight.dim", "fqn:insight.stg",
    ]  # fmt: skip


def _in_stage(manifest, stage):
    """Obviously: what dbt selects with the stage's arguments, tests among it."""

    def below(names):
        found, waiting = set(), [f"source.insight.{name}" for name in names]
        while waiting:
            children = manifest["child_map"][waiting.pop()]
            waiting += [child for child in children if child not in found]
            found |= set(children)
        return found

    everything = set(manifest["nodes"])
    return (below(stage.follows) if stage.follows else everything) - below(stage.later)


@st.composite
def _projects(draw):
    """A random project: models read earlier ones and sources; a step reads models before its source."""
    count = draw(st.integers(2, 9))
    sources = [f"step{number}.out" for number in range(draw(st.integers(0, 3)))]
    first_reader = {name: draw(st.integers(0, count - 1)) for name in sources}
    models = {}
    for number in range(count):
        parents = draw(st.sets(st.sampled_from([f"m{each}" for each in range(number)]))) if number else set()
        usable = [name for name in sources if first_reader[name] <= number]
        parents |= draw(st.sets(st.sampled_from(usable))) if usable else set()
        models[f"m{number}"] = sorted(parents | ({"raw.orders"} if not parents else set()))
    reads = {
        name.partition(".")[0]: draw(
            st.lists(st.sampled_from([f"marts.m{each}" for each in range(first_reader[name])]), max_size=2)
        )
        if first_reader[name]
        else []
        for name in sources
    }
    tests = draw(st.lists(st.sets(st.sampled_from(sorted(models)), min_size=1, max_size=2), max_size=4))
    return _manifest(models, sources, [sorted(each) for each in tests]), reads


@given(_projects())
def test_everything_is_built_once_and_after_what_it_needs(project):
    manifest, reads = project
    parts = [_in_stage(manifest, stage) for stage in stages(manifest, reads)]
    assert sorted(itertools.chain(*parts)) == sorted(manifest["nodes"])
    when = {node: number for number, part in enumerate(parts) for node in part}
    written = {
        f"source.insight.{name}": number
        for number, stage in enumerate(stages(manifest, reads))
        for name in stage.follows
    }
    for node, parents in manifest["parent_map"].items():
        for parent in parents:
            if node in when and parent in when:
                assert when[parent] <= when[node]
            if parent in written:
                assert written[parent] <= when[node]
    for source, number in written.items():
        for table in reads[manifest["sources"][source]["source_name"]]:
            assert when[f"model.insight.{table.partition('.')[2]}"] < number
