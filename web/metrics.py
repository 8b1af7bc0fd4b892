"""What the doors count, for Prometheus; read on the operations listener only.

The web door counts in its own process. The SFTP gateways, on whatever machine, write what they counted into
the database; every web door shows all of theirs, so whoever scrapes several takes the largest, not the sum.
"""

from collections.abc import Iterator, Sequence

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from exchange.connections import Counted
from exchange.measures import HANDOVER, LOGIN, buckets, refusals

REQUESTS = Counter("portal_web_requests", "Requests answered, by route.", ("method", "route", "status"))
SECONDS = Histogram("portal_web_request_seconds", "Time from request to end of answer.", ("route",))
RECEIVED = Counter("portal_web_received_bytes", "Bytes of files taken in.")
SENT = Counter("portal_web_sent_bytes", "Bytes of files given out.")

_COUNTERS = {
    "connections": ("portal_sftp_accepted_connections", "Connections that were served, ever."),
    "bytes_in": ("portal_sftp_received_bytes", "Bytes that came through the SFTP door, encrypted."),
    "bytes_out": ("portal_sftp_sent_bytes", "Bytes that left through the SFTP door, encrypted."),
}
_HISTOGRAMS = {
    LOGIN: ("portal_sftp_login_seconds", "From the connection to the end of a log-in that succeeded."),
    HANDOVER: ("portal_sftp_handover_seconds", "From the last request about a file to its receipt."),
}


class _Gateways(Collector):
    """What the gateways counted, at this moment."""

    def __init__(self, counted: Sequence[Counted]) -> None:
        self._counted = counted

    def collect(self) -> Iterator[Metric]:
        """One family after the other; `gateway` tells them apart."""
        yield self._open()
        for name, (title, words) in _COUNTERS.items():
            counter = CounterMetricFamily(title, words, labels=("gateway",))
            for one in self._counted:
                counter.add_metric((one.place,), one.tally.get(name, 0.0))
            yield counter
        for name, (title, words) in _HISTOGRAMS.items():
            histogram = HistogramMetricFamily(title, words, labels=("gateway",))
            for one in self._counted:
                histogram.add_metric((one.place,), *buckets(one.tally, name))
            yield histogram
        yield self._refusals()

    def _open(self) -> Metric:
        gauge = GaugeMetricFamily(
            "portal_sftp_open_connections", "Connections that are open now.", labels=("gateway", "state")
        )
        for one in self._counted:
            gauge.add_metric((one.place, "signed in"), one.signed_in)
            gauge.add_metric((one.place, "signing in"), one.signing_in)
        return gauge

    def _refusals(self) -> Metric:
        labels = ("gateway", "stage", "reason")
        counter = CounterMetricFamily("portal_sftp_refusals", "What was refused, by reason.", labels=labels)
        for one in self._counted:
            for stage, reason, count in refusals(one.tally):
                counter.add_metric((one.place, stage, reason), count)
        return counter


def of_gateways(counted: Sequence[Counted]) -> bytes:
    """What the gateways counted, in the text format of Prometheus."""
    registry = CollectorRegistry()
    registry.register(_Gateways(counted))
    return generate_latest(registry)
