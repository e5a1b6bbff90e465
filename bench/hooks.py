"""A webhook receiver of the benchmarks' peers, in threads of its own."""

import http.server
import json
import threading
import time


class HookServer:
    """Keeps for every label value when an alert that bears it first arrived firing."""

    def __init__(self, label: str):
        self.arrivals = {}
        self._lock = threading.Lock()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):  # noqa: N802 (the name is the library's)
                at = time.time()
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()
                with outer._lock:
                    for alert in body["alerts"]:
                        if alert["status"] == "firing":
                            outer.arrivals.setdefault(alert["labels"][label], at)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def count(self) -> int:
        with self._lock:
            return len(self.arrivals)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
