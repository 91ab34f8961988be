"""What Prometheus reads at /metrics: made of what is known at that moment, when it is asked for.

Nothing else knows of Prometheus, and until somebody asks nothing of it is loaded. Every label has few values: names of ours, and
never anything that somebody typed. docs/watching.md explains each metric.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from itertools import accumulate

import discord
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.watching.checkup import Checkup, Figures
from bot.watching.tally import Spread, Tally
from storage.health import Health
from summaries.asked import Spending

_MICROS = 1_000_000


def measured(checkup: Checkup, figures: Figures, complaints: Sequence[str], dropped: int) -> list[Metric]:
    """All metrics but the process's own, as they are now. ``dropped`` are log lines."""
    return [*_of_bot(checkup, complaints, dropped), *_of_tally(checkup.bot.tally), *_of_store(checkup, figures)]


def written(metrics: Sequence[Metric]) -> bytes:
    """Those, and the process's, in Prometheus' text format. It takes some ten milliseconds, and may run in a thread."""
    registry = CollectorRegistry()
    registry.register(_Measured(metrics))
    ProcessCollector(registry=registry)
    return generate_latest(registry)


class _Measured(Collector):
    def __init__(self, metrics: Sequence[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Sequence[Metric]:
        return self._metrics


def _of_bot(checkup: Checkup, complaints: Sequence[str], dropped: int) -> Iterator[Metric]:
    bot, pulse = checkup.bot, checkup.pulse
    versions = {"version": version("paperboy"), "python": platform.python_version(), "discord_py": discord.__version__}
    build = GaugeMetricFamily("paperboy_build_info", "1, with the versions as labels", labels=list(versions))
    build.add_metric(list(versions.values()), 1)
    yield build
    yield _gauge("paperboy_ready", "1 if /readyz says so", not complaints)
    yield _gauge("paperboy_gateway_connected", "1 while there is a session with Discord", bot.tally.is_connected)
    unwritable = any(complaint.startswith("database") for complaint in complaints)
    yield _gauge("paperboy_database_writable", "1 if the database could be written lately", not unwritable)
    yield _gauge("paperboy_guilds", "Servers that Paperboy is in", len(bot.guilds))
    yield _gauge("paperboy_event_loop_lag_seconds", "How late the event loop was at worst in the last minute", pulse.lag_s)
    yield _counter("paperboy_event_loop_hangs", "Times that the event loop hung for five seconds or more", pulse.hangs)
    yield _gauges("paperboy_round_age_seconds", "Since a round of the schedule last ended", "round", checkup.round_ages())
    invalid, budget = bot.pacer.invalid_answers
    yield _gauge(
        "paperboy_discord_invalid_answers", "401, 403 and 429 answers of the last ten minutes that Discord counts", invalid
    )
    yield _gauge(
        "paperboy_discord_invalid_answers_budget", "So many of them, and Paperboy sends nothing until there are fewer", budget
    )
    yield _counter("paperboy_log_lines_dropped", "Log lines left out because nobody read them in time", dropped)


def _of_tally(tally: Tally) -> Iterator[Metric]:
    yield _counters("paperboy_editions", "Messages of editions by what became of them", "outcome", tally.editions)
    lateness = HistogramMetricFamily("paperboy_edition_lateness_seconds", "From an edition's hour until it was posted")
    lateness.add_metric([], *_buckets(tally.lateness.copy()))
    yield lateness
    yield _counters("paperboy_discord_requests", "Answers of Discord by kind of status", "status", tally.answers)
    yield _counters("paperboy_discord_rate_limited", "429 answers by whose limit it was", "scope", tally.limited)
    commands = HistogramMetricFamily(
        "paperboy_command_seconds",
        "From a command's, button's or form's arrival until it was dealt with",
        labels=["command", "outcome"],
    )
    for labels, spread in tally.commands.copy().items():
        commands.add_metric(labels, *_buckets(spread.copy()))
    yield commands


def _of_store(checkup: Checkup, figures: Figures) -> Iterator[Metric]:
    waiting = {state.value: count for state, count in figures.waiting.items()}
    yield _gauges("paperboy_outbox_deliveries", "Deliveries that are not through yet, by state", "state", waiting)
    known = {name: figures.sources.get(name) for name in checkup.bot.app.policy.sources}
    ages = {name: age for name, health in known.items() if (age := _age_s(health, checkup)) is not None}
    yield _gauges("paperboy_source_age_seconds", "Since a source's last good answer", "source", ages)
    failures = {name: health.failures for name, health in known.items() if health}
    yield _gauges("paperboy_source_failures", "A source's failures in a row", "source", failures)
    if figures.unindexed is not None:
        yield _gauge("paperboy_index_lag_papers", "Papers that the search index does not have as they are", figures.unindexed)
    if figures.disk_free is not None:
        yield _gauge("paperboy_disk_free_bytes", "Room on the database's disk", figures.disk_free)
    if figures.spending:
        yield from _of_model(figures.spending)


def _of_model(spending: Spending) -> Iterator[Metric]:
    spent, caps = spending.everyone, spending.caps
    yield _gauge("paperboy_model_tokens_today", "Tokens that the model used today (UTC), reservations included", spent.tokens)
    yield _gauge("paperboy_model_tokens_cap", "model.tokens_per_day", caps.tokens)
    yield _gauge(
        "paperboy_model_money_today", "What the model cost today (UTC), in the currency of its price", spent.micros / _MICROS
    )
    yield _gauge("paperboy_model_money_cap", "model.money_per_day", caps.money)
    yield _gauge("paperboy_model_calls_today", "Calls to the model today (UTC)", spent.calls)
    yield _gauge("paperboy_model_resting", "1 while the model is left alone after failures", spending.resting_s > 0)


def _age_s(health: Health | None, checkup: Checkup) -> float | None:
    return (checkup.now - health.answered_at).total_seconds() if health and health.answered_at else None


def _gauge(name: str, help_: str, value: float) -> Metric:
    return GaugeMetricFamily(name, help_, value=float(value))


def _counter(name: str, help_: str, value: float) -> Metric:
    return CounterMetricFamily(name, help_, value=float(value))


def _gauges(name: str, help_: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, help_, labels=[label])
    for key, value in sorted(values.items()):
        family.add_metric([key], float(value))
    return family


def _counters(name: str, help_: str, label: str, values: Mapping[str, float]) -> Metric:
    family = CounterMetricFamily(name, help_, labels=[label])
    for key, value in sorted(dict(values).items()):
        family.add_metric([key], float(value))
    return family


def _buckets(spread: Spread) -> tuple[list[tuple[str, float]], float]:
    bounds = [*(f"{bound:g}" for bound in spread.bounds), "+Inf"]
    return [(bound, float(count)) for bound, count in zip(bounds, accumulate(spread.counts), strict=True)], spread.total
