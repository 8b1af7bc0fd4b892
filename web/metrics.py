"""What the web door counts, for Prometheus; read on the operations listener only."""

from prometheus_client import Counter, Histogram

REQUESTS = Counter("portal_web_requests", "Requests answered, by route.", ("method", "route", "status"))
SECONDS = Histogram("portal_web_request_seconds", "Time from request to end of answer.", ("route",))
RECEIVED = Counter("portal_web_received_bytes", "Bytes of files taken in.")
SENT = Counter("portal_web_sent_bytes", "Bytes of files given out.")
