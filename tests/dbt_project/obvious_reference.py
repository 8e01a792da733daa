"""What the models should say, computed slowly and plainly from raw rows.

Each function follows the description of a model or column, not its SQL.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from statistics import mean, pstdev, variance
from zoneinfo import ZoneInfo

import pandas as pd

SHOP_ZONE = ZoneInfo("America/New_York")

# What `complete_journey__customer_rules` declares.
CHURN_MIN_SHOPPING_DAYS, CHURN_ACTIVE_WITHIN_DAYS, CHURN_HORIZON_DAYS = 3, 56, 28
NEW_WITHIN_DAYS, AT_RISK_AFTER_DAYS, DORMANT_AFTER_DAYS, LOST_AFTER_DAYS = 56, 28, 56, 112
LOYAL_WINDOW_DAYS, LOYAL_MIN_SHOPPING_DAYS = 84, 12


@dataclass
class Order:
    """One basket."""

    household: int
    store: int
    date: dt.date
    sales: Decimal = Decimal(0)
    list_price: Decimal = Decimal(0)
    discount: Decimal = Decimal(0)
    coupon_discount: Decimal = Decimal(0)
    sales_by_category: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))


@dataclass
class Visit:
    """One shopping day of one household."""

    date: dt.date
    orders: list[Order]

    @property
    def sales(self) -> Decimal:
        return sum((order.sales for order in self.orders), Decimal(0))


def orders_of(lines: pd.DataFrame, category_of_product: dict[int, str]) -> dict[int, Order]:
    """Baskets by their number, from transaction rows of which each is the accepted version."""
    orders: dict[int, Order] = {}
    for line in lines.itertuples():
        local = line.transaction_timestamp.replace(tzinfo=dt.UTC).astimezone(SHOP_ZONE)
        order = orders.setdefault(
            line.basket_id, Order(int(line.household_id), int(line.store_id), local.date())
        )
        order.date = min(order.date, local.date())
        sales, retail, coupon, match = (
            Decimal(f"{value:.2f}")
            for value in (line.sales_value, line.retail_disc, line.coupon_disc, line.coupon_match_disc)
        )
        order.sales += sales
        order.list_price += sales + retail + match
        order.discount += retail + coupon + match
        order.coupon_discount += coupon + match
        order.sales_by_category[category_of_product[int(line.product_id)]] += sales
    return orders


def visits_of(orders: dict[int, Order]) -> dict[int, list[Visit]]:
    """Shopping days by household, in order of time."""
    days: dict[tuple[int, dt.date], list[Order]] = defaultdict(list)
    for order in orders.values():
        days[order.household, order.date].append(order)
    visits: dict[int, list[Visit]] = defaultdict(list)
    for household, date in sorted(days):
        visits[household].append(Visit(date, days[household, date]))
    return visits


def _seen(visits: list[Visit], as_of: dt.date) -> list[Visit]:
    return [visit for visit in visits if as_of - dt.timedelta(days=365) <= visit.date < as_of]


def _interpolated_quantile(values: list[int], fraction: float) -> float:
    ordered = sorted(values)
    position = fraction * (len(ordered) - 1)
    below, above = ordered[math.floor(position)], ordered[math.ceil(position)]
    return below + (above - below) * (position - math.floor(position))


def rhythm(visits: list[Visit], as_of: dt.date, data_begins: dt.date) -> dict[str, float | None]:
    """`feat_customers__rhythm` of one household with at least one visit in the year before."""
    seen = _seen(visits, as_of)
    ago = [(as_of - visit.date).days for visit in seen]
    gaps = [earlier - later for earlier, later in pairwise(ago)]
    observed = min(365, (as_of - data_begins).days)
    recency = min(ago)
    silences = [gap for gap in gaps if gap >= recency]
    # A gap belongs to the visit that ended it.
    gaps_84d = [gap for gap, end in zip(gaps, ago[1:], strict=True) if end <= 84]
    recent_gaps = [gap for gap, end in zip(gaps, ago[1:], strict=True) if end in ago[-5:]]

    def within(days: int) -> int:
        return sum(1 for age in ago if age <= days)

    def rate_with_half_life(days: int) -> float:
        everyday = sum(0.5 ** ((age - 1) / days) for age in range(1, observed + 1))
        return sum(0.5 ** ((age - 1) / days) for age in ago) / everyday

    def active_week_share(weeks: int) -> float:
        active = {(age - 1) // 7 for age in ago if age <= 7 * weeks}
        return len(active) / min(weeks, -(-observed // 7))

    mean_gap = mean(gaps) if gaps else None
    long_gap = _interpolated_quantile(gaps, 0.9) if gaps else None
    return {
        "recency_days": recency,
        "tenure_days": max(ago),
        "shopping_days_14d": within(14),
        "shopping_days_28d": within(28),
        "shopping_days_84d": within(84),
        "visit_rate": len(ago) / observed,
        "visit_rate_halflife_14d": rate_with_half_life(14),
        "visit_rate_halflife_28d": rate_with_half_life(28),
        "visit_rate_halflife_56d": rate_with_half_life(56),
        "visit_rate_halflife_112d": rate_with_half_life(112),
        "active_week_share_8w": active_week_share(8),
        "active_week_share_26w": active_week_share(26),
        "shopping_days_trend": (within(28) + 0.5) / (within(84) / 3 + 0.5),
        "visit_spread_days": pstdev(ago),
        "mean_gap_days": mean_gap,
        "ninetieth_percentile_gap_days": long_gap,
        "longest_gap_days": max(gaps, default=None),
        "longest_gap_84d_days": max(gaps_84d, default=None),
        "recent_gap_days": mean(recent_gaps) if recent_gaps else None,
        "visits_missed": recency * len(ago) / observed,
        "recency_over_mean_gap": recency / mean_gap if gaps else None,
        "recency_over_ninetieth_percentile_gap": recency / long_gap if gaps else None,
        "longer_gap_share": (sum(1 for gap in gaps if gap > recency) + 0.5) / (len(gaps) + 1),
        "four_week_silence_share": (sum(1 for gap in silences if gap >= recency + 28) + 0.12)
        / (len(silences) + 1),
        "silence_beyond_14d_share": sum(max(gap - 14, 0) for gap in gaps) / observed,
        "silence_beyond_28d_share": sum(max(gap - 28, 0) for gap in [*gaps, recency]) / max(observed - 28, 1),
        "gaps_over_21d": sum(1 for gap in gaps if gap > 21),
    }


def spending(
    visits: list[Visit],
    as_of: dt.date,
    data_begins: dt.date,
    perishable: set[str],
    counted_in_units: set[str],
) -> dict[str, float | None]:
    """`feat_customers__spending` of one household with at least one visit in the year before."""
    seen = _seen(visits, as_of)
    orders = [order for visit in seen for order in visit.orders]
    late = [order for order in orders if (as_of - order.date).days <= 84]
    very_late = [order for order in late if (as_of - order.date).days <= 28]
    observed = min(365, (as_of - data_begins).days)
    all_sales = sum(order.sales for order in orders)
    late_sales = sum(order.sales for order in late)
    fresh = sum(s for order in late for name, s in order.sales_by_category.items() if name in perishable)
    uncounted = sum(
        s for order in orders for name, s in order.sales_by_category.items() if name not in counted_in_units
    )
    list_price = sum(order.list_price for order in orders)
    usual = Fraction(all_sales) / len(seen)
    return {
        "sales_a_day_84d": float(late_sales) / min(84, observed),
        "orders_a_shopping_day": len(orders) / len(seen),
        "perishable_share_84d": float(fresh) / float(late_sales) if late_sales else None,
        "fuel_share": float(uncounted) / float(all_sales) if all_sales else None,
        "discount_share": float(sum(order.discount for order in orders)) / float(list_price)
        if list_price
        else None,
        "coupon_discount_amount": float(sum(order.coupon_discount for order in orders)),
        "days_since_big_shop": min((as_of - visit.date).days for visit in seen if visit.sales >= usual),
        "stores_84d": len({order.store for order in late}),
        "categories_84d": len({name for order in late for name in order.sales_by_category}),
        "categories_28d": len({name for order in very_late for name in order.sales_by_category}),
    }


def churn_label(visits: list[Visit], as_of: dt.date, today: dt.date) -> str | int | None:
    """`label_customers__churn`: 0, 1, None where it is too early to say, 'absent' outside the population."""
    seen = _seen(visits, as_of)
    if len(seen) < CHURN_MIN_SHOPPING_DAYS or (as_of - seen[-1].date).days > CHURN_ACTIVE_WITHIN_DAYS:
        return "absent"
    horizon = [as_of + dt.timedelta(days=day) for day in range(CHURN_HORIZON_DAYS)]
    if horizon[-1] >= today:
        return None
    return 0 if any(visit.date in horizon for visit in visits) else 1


def lifecycle_stage(visits: list[Visit], as_of: dt.date) -> str:  # noqa: PLR0911
    """`int_customers__staged` of a household that is known at the as-of date."""
    dates = [visit.date for visit in visits if visit.date < as_of]
    if not dates:
        return "prospect"
    silence = (as_of - dates[-1]).days
    if silence > LOST_AFTER_DAYS:
        return "lost"
    if silence > DORMANT_AFTER_DAYS:
        return "dormant"
    if silence > AT_RISK_AFTER_DAYS:
        return "at_risk"
    if (as_of - dates[0]).days <= NEW_WITHIN_DAYS:
        return "new"
    comebacks = [later for earlier, later in pairwise(dates) if (later - earlier).days > DORMANT_AFTER_DAYS]
    if comebacks and (as_of - comebacks[-1]).days <= NEW_WITHIN_DAYS:
        return "won_back"
    recent = [date for date in dates if (as_of - date).days <= LOYAL_WINDOW_DAYS]
    return "loyal" if len(recent) >= LOYAL_MIN_SHOPPING_DAYS else "active"


def rfm(visits: dict[int, list[Visit]], today: dt.date) -> dict[int, dict[str, object]]:
    """`int_customers__rfm`: the score is the fifth of the others that a customer beats."""
    measures = {
        household: (
            -(today - days[-1].date).days,
            sum(len(day.orders) for day in days),
            sum(day.sales for day in days),
        )
        for household, days in visits.items()
    }

    def share_beaten(household: int, measure: int) -> Fraction:
        own = measures[household][measure]
        return Fraction(sum(1 for other in measures.values() if other[measure] < own), len(measures) - 1)

    def score(share: Fraction) -> int:
        return min(1 + math.floor(5 * share), 5)

    result = {}
    for household in measures:
        recency, frequency, money = (share_beaten(household, measure) for measure in range(3))
        tiers = {"platinum": 95, "gold": 80, "silver": 50, "bronze": 0}
        result[household] = {
            "recency_score": score(recency),
            "frequency_score": score(frequency),
            "monetary_score": score(money),
            "sales_percentile": float(money),
            "value_tier": next(tier for tier, least in tiers.items() if money >= Fraction(least, 100)),
        }
    return result


def campaign_effect(
    visits: dict[int, list[Visit]],
    recipients: set[int],
    *,
    start: dt.date,
    end: dt.date,
    today: dt.date,
    data_begins: dt.date,
) -> dict[str, float] | None:
    """`fct_campaign_effect` of one campaign, None where it cannot be measured."""
    days = (min(end + dt.timedelta(days=1), today) - start).days
    before = start - dt.timedelta(days=days)
    if days < 7 or before < data_begins:
        return None
    rows = []
    for household, seen in visits.items():
        if seen[0].date >= start:
            continue
        earlier = sum(visit.sales for visit in seen if before <= visit.date < start)
        later = sum(visit.sales for visit in seen if start <= visit.date < start + dt.timedelta(days=days))
        rows.append((float(earlier), f"complete_journey:{household}", float(later), household in recipients))
    rows.sort()
    size, larger = divmod(len(rows), 5)
    strata, position = [], 0
    for number in range(5):
        length = size + (1 if number < larger else 0)
        strata.append(rows[position : position + length])
        position += length
    used = []
    for stratum in strata:
        sent = [later - earlier for earlier, _, later, is_recipient in stratum if is_recipient]
        not_sent = [later - earlier for earlier, _, later, is_recipient in stratum if not is_recipient]
        if len(sent) >= 2 and len(not_sent) >= 2:
            used.append((sent, not_sent))
    if not used:
        return None
    total = sum(len(sent) for sent, _ in used)
    effect = sum(len(sent) / total * (mean(sent) - mean(others)) for sent, others in used)
    error = math.sqrt(
        sum(
            (len(sent) / total) ** 2 * (variance(sent) / len(sent) + variance(others) / len(others))
            for sent, others in used
        )
    )
    return {
        "window_days": days,
        "compared_recipient_count": total,
        "compared_other_count": sum(len(others) for _, others in used),
        "effect_per_recipient_amount": effect,
        "effect_lower_amount": effect - 1.96 * error,
        "effect_upper_amount": effect + 1.96 * error,
        "effect_total_amount": effect * total,
    }


def affinity(orders: dict[int, Order], merchandise: set[str]) -> dict[tuple[str, str], dict[str, float]]:
    """`fct_category_affinity`: how often two categories meet, against chance."""
    baskets = [set(order.sales_by_category) & merchandise for order in orders.values()]
    baskets = [basket for basket in baskets if basket]
    held: dict[str, int] = defaultdict(int)
    met: dict[tuple[str, str], int] = defaultdict(int)
    for basket in baskets:
        for one in basket:
            held[one] += 1
            for other in basket - {one}:
                met[one, other] += 1
    return {
        (one, other): {
            "order_count": count,
            "support": count / len(baskets),
            "confidence": count / held[one],
            "lift": count * len(baskets) / (held[one] * held[other]),
        }
        for (one, other), count in met.items()
    }
