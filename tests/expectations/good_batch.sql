-- A small batch that passes every gate: 1,000 customers, a quarter of whom have never bought.
create schema core;
create schema marts;
create schema ml;
create schema features;
create schema quality;
create schema raw_shop;

create table marts.dim_customers as
select
    'customer-' || i as customer_id,
    case when i % 4 = 0 then 'prospect' else ['new', 'active', 'loyal', 'lost'][1 + i % 4] end as lifecycle_stage,
    case when i % 4 = 0 then null else i % 300 end as recency_days,
    case when i % 4 = 0 then null else 'champions' end as rfm_segment,
    case when i % 4 = 0 then 0.0 else 10.0 + i % 50 end::double as sales_amount
from range(1000) as t (i);

create table ml.customer_scores as
select
    'customer-' || i as customer_id,
    ((i % 40) / 100.0)::double as churn_score
from range(1000) as t (i)
where i % 4 <> 0;

create table ml.scores as select customer_id as subject_id from ml.customer_scores;

create table marts.fct_customer_lifecycle as
select
    'customer-' || i as customer_id,
    'active' as lifecycle_stage
from range(1000) as t (i);

-- A fifth of the orders is anonymous and worth nothing, one line in 50 is a refund.
create table core.fct_orders as
select
    'order-' || i as order_id,
    case when i % 5 = 0 then null else 'customer-' || i % 1000 end as customer_key,
    case when i % 5 = 0 then 0.0 else 20.0 end::double as sales_amount,
    2 as line_count
from range(2000) as t (i);

create table core.fct_order_lines as
select
    'line-' || i as order_line_id,
    'order-' || i // 2 as order_id,
    'product-' || i % 100 as product_id,
    1 + i % 3 as quantity,
    case when i % 5 = 0 then 0.0 when i % 50 = 1 then -8.0 else 10.0 end::double as sales_amount,
    timestamp '2017-01-01 12:00:00' + i * interval 1 hour as occurred_at
from range(4000) as t (i);

create table core.dim_products as
select 'product-' || i as product_id from range(100) as t (i);

create table quality.quarantine_summary as
select
    'shop' as source_system,
    'table-' || i as source_table,
    0.01 * i as quarantined_share,
    0.01 * i as broken_share
from range(5) as t (i);

create table features.label_customers__churn as
select
    'customer-' || i as customer_id,
    date '2017-06-30' as as_of_date,
    case when i >= 1000 then null when i % 8 = 0 then 1 else 0 end as churn_label
from range(1200) as t (i);

create table features.feat_customers__rhythm as
select
    'customer-' || i as customer_id,
    date '2017-06-30' as as_of_date,
    (i % 60)::double as recency_days,
    (i % 8)::double as shopping_days_28d
from range(1000) as t (i);

create table raw_shop.orders as
select
    'order-' || i as order_id,
    case when i % 4 = 0 then null else 'customer-' || i end as customer,
    (i % 90)::double as amount,
    ['web', 'store'][1 + i % 2] as channel,
    timestamp '2017-01-01' + i * interval 1 hour as ordered_at,
    'free text' as remark,
    -- The last ten arrived a day later.
    case when i < 990 then timestamp '2017-02-01' else timestamp '2017-02-02' end as _loaded_at
from range(1000) as t (i);
