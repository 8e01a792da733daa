{#
    Materialization of a model whose SQL gives the edges of a graph (text columns node_a and node_b). Its table holds
    the graph's connected components (node, component): see `contract_components`. All else is as with `table`:
    contract, descriptions, grants, hooks.
#}
{% materialization connected_components, default %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing_relation = load_cached_relation(this) -%}
    {%- set grant_config = config.get('grants') -%}
    {%- set prefix = this.schema ~ '.' ~ this.identifier -%}
    {%- set edges = scratch_table(prefix, 'edges') -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {% do start_scratch(prefix) %}
    {% do create_scratch_table(edges, compiled_code) %}
    {%- set components = component_rows(edges, 'node_a', 'node_b', prefix) -%}
    {%- if existing_relation is not none -%}
        {% do adapter.drop_relation(existing_relation) %}
    {%- endif -%}
    {% call statement('main') -%}
        {{ create_table_as(False, target_relation, components.query) }}
    {%- endcall %}
    {% do end_scratch(prefix, [edges] + components.scratch_tables) %}
    {% do create_indexes(target_relation) %}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do apply_grants(target_relation, grant_config, should_revoke(existing_relation, full_refresh_mode=True)) %}
    {% do persist_docs(target_relation, model) %}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
