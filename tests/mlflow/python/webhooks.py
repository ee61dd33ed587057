"""Webhooks: kept as the Python client asks, and delivered to a listener on this machine, signed."""

import base64
import hashlib
import hmac
import json
import queue
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from checks import expect_error, main, unique
from mlflow import MlflowClient

client = MlflowClient()


class Listener:
    """An HTTP server that puts every request into a queue: (headers, body)."""

    def __init__(self):
        self.received = received = queue.Queue()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                received.put((dict(self.headers.items()), body))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *arguments):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def check_lifecycle():
    name = unique("hook")
    with Listener() as listener:
        hook = client.create_webhook(
            name, listener.url, ["registered_model.created", "model_version.created"], description="tells"
        )
        assert hook.name == name and hook.url == listener.url and hook.description == "tells"
        assert str(hook.status) == "ACTIVE" and hook.secret is None
        assert sorted(str(e) for e in hook.events) == ["model_version.created", "registered_model.created"]
        assert client.get_webhook(hook.webhook_id).name == name
        assert hook.webhook_id in {w.webhook_id for w in client.list_webhooks()}
        changed = client.update_webhook(hook.webhook_id, description="is silent", status="DISABLED")
        assert changed.description == "is silent" and str(changed.status) == "DISABLED"
        client.delete_webhook(hook.webhook_id)
        expect_error("RESOURCE_DOES_NOT_EXIST", client.get_webhook, hook.webhook_id)
    expect_error("INVALID_PARAMETER_VALUE", client.create_webhook, unique("hook"), "ftp://x.example", ["model_version.created"])
    expect_error("INVALID_PARAMETER_VALUE", client.create_webhook, unique("hook"), "https://x.example", [])


def check_delivery():
    secret = "a-secret-of-some-length"
    with Listener() as listener:
        hook = client.create_webhook(unique("hook"), listener.url, ["registered_model.created"], secret=secret)
        try:
            tested = client.test_webhook(hook.webhook_id)
            assert tested.success and tested.response_status == 200, tested
            listener.received.get(timeout=30)
            model = unique("announced")
            client.create_registered_model(model)
            headers, body = listener.received.get(timeout=30)
        finally:
            client.delete_webhook(hook.webhook_id)
    headers = {key.lower(): value for key, value in headers.items()}
    message = json.loads(body)
    assert message["entity"] == "registered_model" and message["action"] == "created"
    assert message["data"]["name"] == model
    signed = f"{headers['x-mlflow-delivery-id']}.{headers['x-mlflow-timestamp']}.{body.decode()}"
    digest = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest()
    assert headers["x-mlflow-signature"] == "v1," + base64.b64encode(digest).decode()


main(globals())
