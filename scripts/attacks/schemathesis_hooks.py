"""What schemathesis cannot know: how one logs in here, and which ids exist."""

import json
import os
import threading
import urllib.request
import uuid
import zlib

import schemathesis

URL = os.environ["BULQ_URL"]


def ask(method, path, body=None, token=None):
    request = urllib.request.Request(URL + path, method=method)
    request.add_header("content-type", "application/json")
    if token:
        request.add_header("authorization", f"Bearer {token}")
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(request, data) as answer:
        return json.loads(answer.read())


class Token:
    """One login, kept until something ends it."""

    lock = threading.Lock()
    value = None

    @classmethod
    def get(cls):
        with cls.lock:
            if cls.value is None:
                demo = ask("GET", "/demo.json")
                who = {"username": demo["people"][0]["username"], "password": demo["password"]}
                cls.value = ask("POST", "/api/v1/auth/login", who)["access_token"]
            return cls.value

    @classmethod
    def ended(cls, value):
        with cls.lock:
            if cls.value == value:
                cls.value = None


@schemathesis.auth(refresh_interval=None)
class Login:
    def get(self, case, context):
        return Token.get()

    def set(self, case, data, context):
        case.headers["Authorization"] = f"Bearer {data}"


def is_bearer(text):
    return isinstance(text, str) and text.startswith("Bearer ")


@schemathesis.hook
def after_call(context, case, response):
    """A logout ends the login under the next request; the next one logs in again."""
    sent = response.request.headers.get("Authorization") if response.request is not None else None
    if is_bearer(sent) and case.operation.path.startswith("/api/v1/auth/") and case.method in ("POST", "DELETE"):
        if response.status_code == 204:
            Token.ended(sent.removeprefix("Bearer "))


def known_ids():
    token = Token.get()
    get = lambda path: ask("GET", path, token=token)
    items = lambda path: get(path)["items"]
    ids = {"group": [], "run": [], "user": []}
    for group in items("/api/v1/groups"):
        ids["group"].append(group["id"])
        ids["run"] += [run["id"] for run in items(f"/api/v1/groups/{group['id']}/runs")]
        ids["user"] += [member["user_id"] for member in items(f"/api/v1/groups/{group['id']}/members")]
    ids["store"] = [store["id"] for store in items("/api/v1/stores")]
    ids["product"] = [product["id"] for product in items("/api/v1/products")]
    ids["notification"] = [note["id"] for note in items("/api/v1/notifications")]
    return ids | {"user_id": ids["user"], "product_id": ids["product"]}


def known_in_runs(ids):
    """What is in each run: most other ids are only refused there."""
    token = Token.get()
    inside = {}
    for run in ids["run"]:
        view = ask("GET", f"/api/v1/runs/{run}", token=token)
        people = [person["user_id"] for person in view["participants"]]
        inside[run] = {"product_id": [product["product_id"] for product in view["products"]], "user_id": people}
    return inside


KNOWN = known_ids()
IN_RUNS = known_in_runs(KNOWN)


def is_id(value):
    try:
        return str(uuid.UUID(value)) == value
    except (ValueError, AttributeError, TypeError):
        return False


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    """Seven of eight ids that are well formed become ids of something that exists, in this run if one is named."""
    if path_parameters:
        for name, value in sorted(path_parameters.items(), key=lambda item: item[0] != "run"):
            inside = IN_RUNS.get(path_parameters.get("run"), {})
            # An admin may end the very login that tries this, and disable what everything else is tried with: the last of
            # each kind has to bear it.
            admin = context.operation.path.startswith("/api/v1/admin/")
            known = KNOWN.get(name, [])[-1:] if admin else inside.get(name) or KNOWN.get(name)
            if known and is_id(value):
                draw = zlib.crc32(value.encode())
                if draw % 8:
                    path_parameters[name] = known[draw // 8 % len(known)]
    return path_parameters
