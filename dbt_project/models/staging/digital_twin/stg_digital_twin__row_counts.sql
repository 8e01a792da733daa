{{ config(enabled=is_enabled_source()) }}

{{ landed_row_count('crm_contacts') }}
union all
{{ landed_row_count('shop_accounts') }}
union all
{{ landed_row_count('shop_products') }}
union all
{{ landed_row_count('shop_order_lines') }}
union all
{{ landed_row_count('shop_returns') }}
union all
{{ landed_row_count('shop_payments') }}
union all
{{ landed_row_count('web_events') }}
union all
{{ landed_row_count('app_events') }}
union all
{{ landed_row_count('mini_program_events') }}
union all
{{ landed_row_count('channel_campaigns') }}
union all
{{ landed_row_count('campaign_cells') }}
union all
{{ landed_row_count('email_events') }}
union all
{{ landed_row_count('mobile_messages') }}
union all
{{ landed_row_count('ad_touches') }}
union all
{{ landed_row_count('store_visits') }}
union all
{{ landed_row_count('support_tickets') }}
union all
{{ landed_row_count('support_messages') }}
union all
{{ landed_row_count('reviews') }}
union all
{{ landed_row_count('surveys') }}
union all
{{ landed_row_count('social_mentions') }}
union all
{{ landed_row_count('loyalty_members') }}
union all
{{ landed_row_count('loyalty_ledger') }}
union all
{{ landed_row_count('invitations') }}
union all
{{ landed_row_count('consent_log') }}
union all
{{ landed_row_count('b2b_accounts') }}
union all
{{ landed_row_count('b2b_contacts') }}
union all
{{ landed_row_count('b2b_leads') }}
union all
{{ landed_row_count('b2b_opportunities') }}
union all
{{ landed_row_count('audience_deliveries') }}
union all
{{ landed_row_count('audience_responses') }}
