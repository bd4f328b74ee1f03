"""What the operator watches: updates, lag, outbox by state, oldest due row, delivery results."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class Metrics:
    """A registry of its own for each application, so that several can live in one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.updates = Counter("lianxi_updates", "Updates by what became of them", ["result"], registry=self.registry)
        self.handled = self.updates.labels("handled")  # looked up once: it is counted with each
        self.commits = Counter("lianxi_commits", "Commits of the worker", registry=self.registry)
        self.lag = Histogram(
            "lianxi_update_lag_seconds", "From an update's arrival to the commit of its effect", registry=self.registry,
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60),
        )  # fmt: skip
        self.deliveries = Counter("lianxi_deliveries", "Tries to send by how they ended", ["result"], registry=self.registry)
        self.sent = self.deliveries.labels("sent")
        self.outbox = Gauge("lianxi_outbox_rows", "Rows of the outbox by state", ["state"], registry=self.registry)
        self.inbox_pending = Gauge("lianxi_inbox_pending", "Updates stored and not yet handled", registry=self.registry)
        self.inbox_dead = Gauge("lianxi_inbox_set_aside", "Updates set aside after five tries", registry=self.registry)
        self.due_pending = Gauge("lianxi_due_pending", "Due rows that wait", registry=self.registry)
        self.oldest_due = Gauge("lianxi_oldest_due_seconds", "How long the oldest due row is overdue", registry=self.registry)
        self.alarms = Counter("lianxi_alarms", "Alarms raised, by kind", ["kind"], registry=self.registry)
