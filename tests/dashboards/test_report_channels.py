"""Channels: what happens where, and how messages and sessions do; sentences follow the data."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from report_frames import full_frames, with_clicks_only, with_purchases_only

from dashboards.report import render
from dashboards.report.sections import channel_weeks, channels, messages, sessions
from dashboards.report.source import Source, read_sources
from dashboards.report.tables import Tables

pytestmark = pytest.mark.tier1

Frames = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def frames() -> Frames:
    return with_purchases_only(with_clicks_only(full_frames()))


def source_of(frames: Frames, key: str = "gift_shop") -> Source:
    return next(source for source in read_sources(Tables(frames)) if source.source_system == key)


def with_touches(frames: Frames, rows: pd.DataFrame) -> Frames:
    return frames | {"marts.fct_channel_days": rows}


def touches(*rows: tuple[str, str, str, float]) -> pd.DataFrame:
    columns = ["channel", "activity_type", "activity_date", "activity_count"]
    return pd.DataFrame(rows, columns=columns).assign(
        source_system="gift_shop", activity_date=lambda frame: pd.to_datetime(frame["activity_date"])
    )


def weeks_of(frames: Frames) -> tuple[pd.DataFrame, pd.DataFrame]:
    source = source_of(frames)
    return channel_weeks.by_week(source.rows("marts.fct_channel_days"))


def test_a_source_with_purchases_only_has_no_channels(frames: Frames) -> None:
    assert channels.section(source_of(frames, "butcher")) is None
    page = render(frames)
    assert "butcher--channels" not in page
    assert "butcher--sales" in page


def test_every_channel_has_its_picture_and_its_column(frames: Frames) -> None:
    section = channels.section(source_of(frames))
    assert section is not None
    weeks, kinds, sent, visited = section.figures
    for channel in ("ad", "web", "e-mail", "app", "store", "SMS", "phone"):
        assert weeks.body.count(f">{channel}</text>") == 2, channel
        assert f'<th scope="col" class="number">{channel}</th>' in kinds.body
    assert "<td>Message Opened</td>" in kinds.body
    assert "<td>e-mail</td>" in sent.body
    assert "<td>app</td>" in visited.body


def test_the_table_of_touches_adds_up(frames: Frames) -> None:
    source = source_of(frames)
    kinds = channels.by_kind(source.rows("marts.fct_channel_days"))
    days = (source.as_of - pd.Timestamp("2023-01-02")).days
    assert kinds.loc["Product Viewed", "web"] == 200 * days
    assert kinds.to_numpy().sum() == source.rows("marts.fct_channel_days")["activity_count"].sum()
    assert list(kinds.columns[:2]) == ["ad", "web"]
    assert channels.takeaway(kinds) == (
        "409,939 touches in 7 channels; ad holds 46%; the most frequent touch is “Ad Seen” (ad, 183,500)."
    )


def test_many_channels_run_down_and_few_kinds_across(frames: Frames) -> None:
    rows = touches(*((f"channel {n:02}", "Enquiry Made", "2023-05-01", 40 - n) for n in range(20)))
    section = channels.section(source_of(with_touches(frames, rows)))
    assert section is not None
    weeks, kinds, *_ = section.figures
    assert '<th scope="col">Channel</th><th scope="col" class="number">Enquiry Made</th>' in kinds.body
    assert ">channel 11</text>" in weeks.body
    assert ">channel 12</text>" not in weeks.body
    assert weeks.notes[0].startswith("Not drawn, as they hold fewest touches: channel 12,")


def test_weeks_that_the_data_cut_short_are_told_apart(frames: Frames) -> None:
    weeks, is_whole = weeks_of(frames)
    assert len(weeks) == 53
    assert list(is_whole[~is_whole["app"]].index) == [pd.Timestamp("2024-01-01")]
    assert weeks["app"].iloc[0] == 7 * 90
    section = channels.section(source_of(frames))
    assert section is not None
    assert "a week in which the data begin or end" in section.figures[0].body


def test_a_channel_that_begins_within_a_week_has_no_whole_week_there(frames: Frames) -> None:
    rows = frames["marts.fct_channel_days"]
    late = rows[(rows["channel"] != "app") | (rows["activity_date"] >= "2023-05-10")]
    weeks, is_whole = weeks_of(with_touches(frames, late))
    assert not is_whole.loc["2023-05-08", "app"]
    assert is_whole.loc["2023-05-15", "app"]
    assert is_whole.loc["2023-05-08", "web"]
    assert weeks.loc["2023-05-08", "app"] == 5 * 90


def test_a_week_without_any_touch_is_there(frames: Frames) -> None:
    weeks, _ = weeks_of(
        with_touches(
            frames,
            touches(("web", "Product Viewed", "2023-05-01", 5), ("web", "Product Viewed", "2023-05-17", 5)),
        )
    )
    assert list(weeks["web"]) == [5, 0, 5]


def test_what_happens_after_today_is_not_shown(frames: Frames) -> None:
    late = touches(("web", "Product Viewed", "2024-01-04", 1e6))
    more = pd.concat([frames["marts.fct_channel_days"], late], ignore_index=True)
    assert render(with_touches(frames, more)) == render(frames)


def test_the_channel_that_grew_is_named(frames: Frames) -> None:
    rows = frames["marts.fct_channel_days"]
    shop = rows["source_system"] == "gift_shop"
    lately = shop & (rows["activity_date"] >= "2023-10-09")
    moved = rows.copy()
    moved["activity_count"] = moved["activity_count"].astype(float)
    moved.loc[lately & (rows["channel"] == "app"), "activity_count"] *= 2
    moved.loc[lately & (rows["channel"] == "sms"), "activity_count"] /= 2
    section = channels.section(source_of(with_touches(frames, moved)))
    assert section is not None
    assert section.figures[0].takeaway == (
        "A usual week holds 7,819 touches; app grew most (+100%) and SMS shrank most (−50%) in the last 12 "
        "whole weeks against the 12 before."
    )
    flat = channels.section(source_of(frames))
    assert flat is not None
    assert "no channel moved in the last 12 whole weeks" in flat.figures[0].takeaway


def test_a_short_history_is_not_compared(frames: Frames) -> None:
    rows = frames["marts.fct_channel_days"]
    week = with_touches(frames, rows[rows["activity_date"] >= "2023-12-25"])
    weeks, is_whole = weeks_of(week)
    assert channel_weeks.takeaway(weeks[is_whole.any(axis=1)]) == "A usual week holds 7,819 touches."
    days = with_touches(frames, rows[rows["activity_date"] >= "2024-01-02"])
    weeks, is_whole = weeks_of(days)
    assert channel_weeks.takeaway(weeks[is_whole.any(axis=1)]) == "There is no complete week of activity yet."


def test_message_rates_are_shares_of_what_was_sent(frames: Frames) -> None:
    days = source_of(frames).rows("marts.fct_channel_days")
    figure = messages.figure(days)
    assert figure is not None
    assert figure.takeaway == (
        "55,050 messages were sent in 2 channels; email is opened most (30.0%) and unsubscribed from most "
        "(1.0%); sms is clicked most (10.0%)."
    )
    assert "<b>30.0%</b><small>11,010</small>" in figure.body
    email, sms = re.findall(r"<tr><td>.*?</tr>", figure.body)
    # Nobody says of a text message that it was opened: that is not the same as 0 %.
    assert ">18,350<" in sms
    assert sms.count(">–<") == 3
    assert email.count(">–<") == 1


def test_one_channel_of_messages_is_told_in_plain_shares() -> None:
    figure = messages.figure(
        touches(("push", "Message Sent", "2023-05-01", 200), ("push", "Message Clicked", "2023-05-01", 5))
    )
    assert figure is not None
    assert figure.takeaway == "200 messages were sent by push; 2.5% were clicked."
    few = messages.figure(
        touches(("push", "Message Sent", "2023-05-01", 20), ("push", "Message Clicked", "2023-05-01", 5))
    )
    assert few is not None
    assert few.takeaway == "20 messages were sent by push."
    assert messages.figure(touches(("push", "Message Clicked", "2023-05-01", 5))) is None


def test_conversion_is_weighed_by_sessions() -> None:
    columns = [
        "channel", "session_count", "converted_session_count", "event_count", "mean_session_seconds",
    ]  # fmt: skip
    days = pd.DataFrame(
        [
            ("web", 100, 0, 300, 60.0), ("web", 300, 40, 900, 180.0), ("web", 600, 60, 1800, float("nan")),
            ("app", 100, 5, 200, float("nan")),
        ],
        columns=columns,
    )  # fmt: skip
    found = sessions.by_channel(days).set_index("channel")
    assert found.loc["web", "conversion"] == pytest.approx(0.1)
    assert found.loc["web", "events_each"] == pytest.approx(3.0)
    assert found.loc["web", "mean_seconds"] == pytest.approx(150.0)
    assert pd.isna(found.loc["app", "mean_seconds"])
    figure = sessions.figure(days)
    assert figure is not None
    assert figure.takeaway == (
        "9.5% of 1,100 sessions led to an order; web converts best (10.0%), app worst (5.0%)."
    )
    assert "Minutes each" in figure.body
    assert ">2.5<" in figure.body


def test_conversions_that_hardly_differ_are_told_to_be_alike(frames: Frames) -> None:
    rows = frames["marts.fct_session_days"]
    alike = rows.assign(converted_session_count=rows["session_count"] / 10)
    section = channels.section(source_of(frames | {"marts.fct_session_days": alike}))
    assert section is not None
    assert (
        section.figures[-1].takeaway
        == "10.0% of 25,690 sessions led to an order, about as many in each channel."
    )


def test_touches_are_listed_by_theme(frames: Frames) -> None:
    section = channels.section(source_of(frames))
    assert section is not None
    parts = dict(re.findall(r"<h4>(.*?)</h4><div.*?</thead><tbody>(.*?)</tbody>", section.figures[1].body))
    assert list(parts) == [
        "On screens", "Purchases and visits", "Messages, ads and deliveries", "Service and feedback",
    ]  # fmt: skip
    assert "Product Added" in parts["On screens"]
    assert "Store Visited" in parts["Purchases and visits"]
    assert "Ad Clicked" in parts["Messages, ads and deliveries"]
    assert "Ticket Opened" in parts["Service and feedback"]


def test_a_consent_is_no_touch_of_the_channel_that_it_allows(frames: Frames) -> None:
    consent = touches(("push", "Consent Given", "2022-06-01", 1e6))
    more = pd.concat([frames["marts.fct_channel_days"], consent], ignore_index=True)
    before, after = (channels.section(source_of(changed)) for changed in (frames, with_touches(frames, more)))
    assert before is not None
    assert after is not None
    assert after.figures[0] == before.figures[0]
    assert after.figures[1].takeaway == before.figures[1].takeaway
    assert "Consents, by the channel that they are about" in after.figures[1].body
    assert "1,000,000" in after.figures[1].body
    assert "not counted among the touches" in after.figures[1].notes[0]
    assert before.figures[1].notes == ()
    alone = channels.section(source_of(with_touches(frames, consent)))
    assert alone is not None
    assert "1,000,000 touches" in alone.figures[0].takeaway


def test_a_source_without_orders_shows_what_it_has(frames: Frames) -> None:
    page = render(frames)
    chapter = page.split('<article id="web_shop"')[1].split("</article>", maxsplit=1)[0]
    assert re.findall(r'<section id="([^"]+)"', chapter) == ["web_shop--channels"]
    assert "This source has no orders, so that there is nothing to say under “Key figures”" in chapter
    assert "activity 1 Apr 2019 to 30 May 2019, no orders" in chapter
    assert "PLN" not in page
    assert "600 sessions; none of them is known to have led to an order." in chapter
    assert "Conversion" not in chapter
    assert "Minutes" not in chapter


def test_clicks_alone_make_a_report(frames: Frames) -> None:
    alone = {
        name: frame[frame["source_system"] == "web_shop"]
        for name, frame in frames.items()
        if "source_system" in frame
    }
    page = render(alone)
    assert "as of the end of <b>30 May 2019</b>" in page
    assert page.split("<main>")[1].count("<figure") == 3
