"""A webhook receiver that checks signatures as the Standard Webhooks specification says."""

import base64
import hashlib
import hmac
import http.server
import json
import threading


class Receiver:
    def __init__(self, secret: bytes, on_message):
        self.messages = []
        self.bad_signatures = 0
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                good = receiver.signed(self.headers, body, secret)
                self.send_response(204 if good else 401)
                self.end_headers()
                if not good:
                    receiver.bad_signatures += 1
                    return
                message = json.loads(body)
                receiver.messages.append(message)
                on_message(message)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @staticmethod
    def signed(headers, body: bytes, secret: bytes) -> bool:
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        expected = base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
        offered = headers.get("webhook-signature", "").split()
        return any(hmac.compare_digest(item, f"v1,{expected}") for item in offered)

    def count(self, kind: str, rule: str) -> int:
        return sum(
            1
            for message in self.messages
            if message["type"] == kind and message["data"].get("rule") == rule
        )

    def pages(self) -> list:
        """The messages that tell of a group."""
        return [message["data"] for message in self.messages
                if message["type"] == "scanclock.group"]

    def stop(self) -> None:
        self.server.shutdown()
