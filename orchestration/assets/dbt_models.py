"""The dbt project as assets: a model is an asset, a test is a check, a folder is a group."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtProject, dbt_assets
from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage

from orchestration import warehouse
from orchestration.assets.landing import team
from orchestration.assets.running import FORCED_TAG, JOB_NAME, step, unchanged
from orchestration.builds import history
from orchestration.publishing.shape import PUBLISHED_SCHEMAS
from orchestration.transformation import planning
from orchestration.transformation.command import Dbt, DbtError
from orchestration.transformation.planning import StepCode
from orchestration.transformation.progress import DbtProgress
from orchestration.transformation.stages import Reads, Stage
from orchestration.warehouse import is_on_cluster

SEEDS_GROUP = "seeds"


class LayerTranslator(DagsterDbtTranslator):
    """Names groups after the folders of the project and owners after dbt's groups."""

    def __init__(self, manifest: Mapping[str, Any]) -> None:
        super().__init__()
        self._owners = {group["name"]: group["owner"].get("name") for group in manifest["groups"].values()}

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """Return the layer of a model: its top folder."""
        return SEEDS_GROUP if dbt_resource_props["resource_type"] == "seed" else layer_of(dbt_resource_props)

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str] | None:
        """Return the owner of the model's dbt group."""
        owner = self._owners.get(dbt_resource_props.get("config", {}).get("group"))
        return [team(owner)] if owner else None

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """Return what the project says about the model; its SQL is a click away."""
        return dbt_resource_props.get("description") or ""


def layer_of(node: Mapping[str, Any]) -> str:
    """Return the layer of a dbt node: the top folder it is in."""
    return node["fqn"][1]


def load_manifest(dbt: Dbt) -> dict[str, Any]:
    """Return dbt's manifest, parsed again only if the project or the settings changed."""
    return json.loads(dbt.prepare_manifest().read_bytes())


def published_keys(manifest: Mapping[str, Any]) -> list[dg.AssetKey]:
    """Return the keys of all models that are published, the latest scores among them."""
    translator = LayerTranslator(manifest)
    return [
        translator.get_asset_key(node)
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] in PUBLISHED_SCHEMAS
    ]


def keys_as_wanted(
    dbt: Dbt, manifest: Mapping[str, Any], reads: Reads, step_code: StepCode
) -> set[dg.AssetKey]:
    """Return the keys of the models and seeds about which a build in which nothing lands has nothing to do.

    Each asset of a run costs Dagster some events, done or not: a short run leaves them out.
    """
    translator = LayerTranslator(manifest)
    artefacts = planning.artefacts_of(dbt, manifest, reads, step_code())
    return {
        translator.get_asset_key(manifest["nodes"][unique_id])
        for unique_id in planning.as_wanted(dbt.settings, manifest, artefacts)
    }


def dbt_models(
    dbt: Dbt, manifest: dict[str, Any], stage: Stage, reads: Reads, step_code: StepCode = dict
) -> dg.AssetsDefinition:
    """Return one stage of the project as a multi-asset that costs one dbt command.

    Parameters
    ----------
    dbt
        The project and its settings.
    manifest
        dbt's manifest of it.
    stage
        Which models. Dagster could split one multi-asset around the Python steps by itself, but it would also
        give seeds, which follow nothing, a dbt command of their own.
    reads
        What the Python steps read; see `orchestration.transformation.stages.stages`.
    step_code
        Gives a hash of the code of each of these steps, by the same names.
    """
    translator = LayerTranslator(manifest)
    project = DbtProject(dbt.project_dir, target_path=dbt.settings.dbt_target_dir)

    @dbt_assets(
        manifest=manifest,
        project=project,
        dagster_dbt_translator=translator,
        name=stage.name,
        select=stage.select,
        exclude=stage.exclude,
    )
    def models(context: dg.AssetExecutionContext) -> Iterator[Any]:
        by_key = context.assets_def.metadata_by_key
        selected = {by_key[key]["dagster_dbt/unique_id"] for key in context.selected_asset_keys}
        with step(dbt.settings, context) as run_id:
            if not stage.follows:
                planning.remove_stale(dbt.settings, manifest)
            planned = planning.plan_stage(
                dbt.settings,
                manifest,
                stage,
                planning.artefacts_of(dbt, manifest, reads, step_code()),
                is_forced=FORCED_TAG in context.run.tags,
                only=None if context.run.job_name == JOB_NAME else selected,
            )
            reason = planned.plan.reason
            history.start_models(dbt.settings, run_id, reason)
            progress = DbtProgress(len(planned.relations), reason, len(selected))
            planning.begin(dbt.settings, planned)
            # In a file, what cannot be continued was removed; a cluster makes all incremental models again.
            is_full_refresh = bool(reason) and is_on_cluster(dbt.settings)
            as_wanted = planned.unchanged(selected)
            yield from unchanged(_path(translator, manifest, each) for each in as_wanted.next(set()))
            for event in dbt.build_events(planned.arguments(), is_full_refresh) if planned.plan.build else ():
                progress.follow(event)
                yield from DbtCoreCliEventMessage(event, event_history_metadata={}).to_default_asset_events(
                    manifest=manifest,
                    dagster_dbt_translator=translator,
                    context=context,
                    target_path=dbt.run_dir,
                    project=project,
                )
                yield from unchanged(
                    _path(translator, manifest, each) for each in as_wanted.next(progress.good)
                )
            progress.finish()
            failures = progress.failures()
            planning.finish(dbt.settings, planned, progress.good, is_complete=not failures)
            # A failed test is a failed check to Dagster, and that alone does not stop every step that
            # follows. What follows a step that raised never runs.
            if failures:
                # If the engine went away, that is what there is to say, not what every model says about it.
                warehouse.require_engine(dbt.settings)
                raise DbtError(
                    f"dbt failed; nothing after it runs and the last publication stays.\n{failures}"
                )

    return models


def _path(translator: LayerTranslator, manifest: Mapping[str, Any], unique_id: str) -> Sequence[str]:
    return translator.get_asset_key(manifest["nodes"][unique_id]).path
