"""What a server tells Prometheus: requests, jobs, the version it serves.

Each worker process counts for itself and answers for itself; the queue is everybody's.
"""

from collections.abc import Iterable
from time import perf_counter
from typing import Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric

from engine.context import SYSTEM, Context
from engine.publish.live import LiveSite
from engine.queue.sizes import queue_sizes

METRICS = "/metrics"
KINDS = {"api": "api", "mcp": "api", "static": "file"}
"""What asks, by how the address begins; everything else is a page or a part of one."""
TEXT = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
UNKNOWN = "unknown"
"""The route of an address that leads nowhere."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Metrics:
    """The counts of one application."""

    def __init__(self, site: LiveSite) -> None:
        """Count nothing yet."""
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "heddle_requests",
            "Requests answered, by method, route and status.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "heddle_request_seconds",
            "Seconds until a request was answered, by what asked.",
            ("kind",),
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.registry.register(_Site(site))
        ProcessCollector(registry=self.registry)

    def text(self) -> bytes:
        """Write the counts in the text format of Prometheus."""
        return generate_latest(self.registry)

    def answered(self, scope: Any, status: int, began: float) -> None:
        """Count one request; ``began``: by the clock of `perf_counter`."""
        method = scope["method"] if scope["method"] in METHODS else UNKNOWN
        route = scope.get("path_template") or UNKNOWN
        self._requests.labels(method, route, str(status)).inc()
        kind = KINDS.get(str(scope["path"]).split("/", 2)[1], "page")
        self._seconds.labels(kind).observe(perf_counter() - began)


class _Site:
    """Reads what the site knows when it is asked."""

    def __init__(self, site: LiveSite) -> None:
        self._site = site

    def describe(self) -> Iterable[Metric]:
        """Name nothing beforehand: nothing is read at the start."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """Give the counts of the moment."""
        site = self._site
        present = site.clock()
        with site.read(Context(actor=SYSTEM, now=present)) as unit:
            version = unit.snapshot.number
            queue = queue_sizes(unit.connection, present)
        yield GaugeMetricFamily("heddle_metadata_version", "The version that is served.", version)
        jobs = GaugeMetricFamily("heddle_jobs", "Jobs that are not over.", labels=("state",))
        for state, count in queue.states.items():
            jobs.add_metric((state,), count)
        yield jobs
        waited = (present - queue.oldest).total_seconds() if queue.oldest else 0.0
        yield GaugeMetricFamily(
            "heddle_job_wait_seconds", "How long the oldest job that is due has waited.", waited
        )
