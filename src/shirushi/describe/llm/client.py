"""Asking an OpenAI-compatible endpoint, bounded in time, size and tries.

The answer is constrained by JSON Schema where the server can, else by its JSON mode, else by words; a server that refuses one
way is asked the next (vLLM, llama.cpp, Ollama and the commercial ones differ here), and so with the name of the bound of an answer. Redirects are not followed. The key is read
from the environment or a file and never leaves this module in any message.
"""

import contextlib
import json
import logging
import os
import queue
import random
import re
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from shirushi.describe.evidence import JSON

logging.getLogger("httpx").setLevel(logging.WARNING)  # it tells of every request

MOST_BYTES = 2_000_000
SHORTEST = 0.5  # seconds that it takes to ask once more
MOST_WAIT = 30.0  # seconds that a server's Retry-After is honoured
_BUSY = frozenset((408, 425, 429, 500, 502, 503, 504))
_REFUSED = frozenset((400, 404, 415, 422, 501))
_OTHER_LIMIT = "max_completion_tokens"  # what newer servers want in the place of max_tokens
WAYS = ("json_schema", "json_object", "plain")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """``url`` ends where ``/chat/completions`` begins (``http://127.0.0.1:8080/v1``). ``key`` is the secret itself, or None.

    ``deadline`` seconds for everything; ``tries`` requests at most; ``most_tokens`` in one answer.
    """

    url: str
    model: str
    key: str | None = None
    deadline: float = 180.0
    tries: int = 6
    most_tokens: int = 2_000
    seed: int = 7

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{self.url!r} is no address of an endpoint. Write it in full: http://127.0.0.1:8080/v1")
        if parts.username or parts.password:
            raise ValueError("The address of the endpoint holds a password. Give the key in a file or the environment.")

    def __repr__(self) -> str:
        return f"Endpoint({self.url!r}, {self.model!r})"

    @property
    def host(self) -> str:
        """Whom the excerpts would go to, as people are told it."""
        return urlsplit(self.url).netloc


def read_key(variable: str, file: str) -> str | None:
    """The key from a file, else from the environment variable; None when neither is given.

    Raises:
        ValueError: the file cannot be read; the message does not hold what it contains.
    """
    if file:
        try:
            return Path(file).read_text("utf-8").strip() or None
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(f"The file with the key, {file}, cannot be read: {type(error).__name__}.") from error
    return os.environ.get(variable) or None


class ModelError(Exception):
    """The endpoint gave nothing that can be used; ``code`` is ``unreachable``, ``refused``, ``busy``, ``too-slow``, ``too-large`` or
    ``unusable``. The message never holds the key or what was sent."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Usage:
    """How the answer came about: the model as the server names it, the way it was constrained, tokens as the server counts them
    (None when it does not say), requests and seconds."""

    model: str
    way: str
    requests: int
    seconds: float
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cut_off: bool = False


Check = Callable[[JSON], str]
"""Says in words what is wrong with an answer; '' when it can be used."""


def ask(
    endpoint: Endpoint, messages: Sequence[Mapping[str, str]], schema: Mapping[str, JSON], check: Check,
    *, sleep: Callable[[float], None] = time.sleep,
) -> tuple[JSON, Usage]:  # fmt: skip
    """The first answer that ``check`` finds usable, and how it came about.

    Raises:
        ModelError: none came within the endpoint's bounds.
    """
    return _Asking(endpoint, schema, check, sleep).run(list(messages))


class _Asking:
    def __init__(
        self, endpoint: Endpoint, schema: Mapping[str, JSON], check: Check, sleep: Callable[[float], None]
    ) -> None:
        self.endpoint, self.schema, self.check, self.sleep = endpoint, schema, check, sleep
        self.started = time.monotonic()
        self.requests = 0
        self.limit = "max_tokens"  # how the server calls the bound of an answer

    @property
    def left(self) -> float:
        return self.endpoint.deadline - (time.monotonic() - self.started)

    def run(self, messages: list[Mapping[str, str]]) -> tuple[JSON, Usage]:
        problem = ModelError("unusable", "The model gave no answer.")
        for way in WAYS:
            asked = messages
            for _ in range(2):  # once more with what was wrong
                try:
                    answer = self._send(self._body(asked, way))
                except _Refused as error:
                    problem = ModelError("refused", f"The endpoint refused the request ({error.status}).")
                    break
                content, cut_off = _content(answer)
                data = salvage(content)
                wrong = "it is not JSON with a list of values" if data is None else self.check(data)
                if not wrong:
                    return data, self._usage(answer, way, cut_off=cut_off)
                problem = ModelError("unusable", f"The model's answer could not be used: {wrong}.")
                note = f"That answer could not be used: {wrong}. Answer again, with the JSON alone."
                asked = [
                    *messages,
                    {"role": "assistant", "content": content[:2_000]},
                    {"role": "user", "content": note},
                ]
        raise problem

    def _body(self, messages: Sequence[Mapping[str, str]], way: str) -> dict[str, JSON]:
        body: dict[str, JSON] = {
            "model": self.endpoint.model,
            "messages": list(messages),
            "temperature": 0,
            "seed": self.endpoint.seed,
            self.limit: self.endpoint.most_tokens,
        }
        if way == "json_schema":
            wrapped = {"name": "values", "strict": True, "schema": self.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": wrapped}
        elif way == "json_object":
            body["response_format"] = {"type": "json_object"}
        return body

    def _send(self, body: dict[str, JSON]) -> JSON:
        """One answer, waiting out what is only busy.

        Raises:
            _Refused: the server does not take the request as it is.
            ModelError: it cannot be had at all.
        """
        pause, busy = 0.5, 0
        while True:
            if self.requests >= self.endpoint.tries:
                raise ModelError("busy", f"The endpoint was asked {self.requests} times and gave no usable answer.")
            if busy and self.left < SHORTEST:
                raise ModelError("busy", f"The endpoint is busy ({busy}).")
            if self.left <= 0:
                raise self._too_slow()
            self.requests += 1
            status, headers, content = self._post(body)
            if status == 200:
                try:
                    return json.loads(content)
                except (ValueError, RecursionError) as error:
                    raise ModelError("unusable", "The endpoint's answer is not JSON.") from error
            if status in _REFUSED:
                if self.limit != _OTHER_LIMIT and _OTHER_LIMIT.encode() in content:
                    body = {**body, _OTHER_LIMIT: body[self.limit]}
                    body.pop(self.limit)
                    self.limit = _OTHER_LIMIT
                    continue
                raise _Refused(status)
            if status not in _BUSY:
                words = " Check the key." if status in (401, 403) else ""
                raise ModelError("refused", f"The endpoint answered {status}.{words}")
            wait = min(_retry_after(headers) or pause * (1 + random.random() / 4), MOST_WAIT)  # noqa: S311 - jitter
            if wait >= self.left:
                raise ModelError("busy", f"The endpoint is busy ({status}).")
            busy = status
            self.sleep(wait)
            pause = min(pause * 2, 8.0)

    def _post(self, body: Mapping[str, JSON]) -> tuple[int, Mapping[str, str], bytes]:
        """One request, left when the time is over whatever it waits for: name, connection, head or body of the answer.

        A time-out of the library is for one read; a server that sends a byte now and then never meets it. So the request runs in
        a thread of its own, whose connections are cut.
        """
        results: queue.SimpleQueue[tuple[int, Mapping[str, str], bytes] | Exception] = queue.SimpleQueue()
        streams: list[Any] = []

        def run() -> None:
            try:
                results.put(self._exchange(body, streams))
            except Exception as error:  # noqa: BLE001 - raised again by the one who waits
                results.put(error)

        threading.Thread(target=run, name="language-model", daemon=True).start()
        try:
            result = results.get(timeout=max(self.left, 0.1))
        except queue.Empty:
            _cut(streams)
            raise self._too_slow() from None
        except BaseException:  # a person breaks off
            _cut(streams)
            raise
        if isinstance(result, Exception):
            raise result
        return result

    def _exchange(self, body: Mapping[str, JSON], streams: list[Any]) -> tuple[int, Mapping[str, str], bytes]:
        import httpx  # it brings programs of its own along, and few processes ever ask a model

        headers = {"Accept": "application/json"}
        if self.endpoint.key:
            headers["Authorization"] = f"Bearer {self.endpoint.key}"
        timeout = httpx.Timeout(max(min(60.0, self.left), 0.1), connect=10.0)
        address = self.endpoint.url.rstrip("/") + "/chat/completions"

        def trace(event: str, info: Mapping[str, Any]) -> None:
            if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
                streams.append(info["return_value"])

        content = bytearray()
        try:
            with (
                httpx.Client(timeout=timeout, follow_redirects=False, trust_env=False) as client,
                client.stream("POST", address, json=body, headers=headers, extensions={"trace": trace}) as answer,
            ):
                for chunk in answer.iter_bytes():
                    content += chunk
                    if len(content) > MOST_BYTES:
                        raise ModelError("too-large", f"The answer is larger than {MOST_BYTES:,} bytes.")
                    if self.left <= 0:
                        raise self._too_slow()
                return answer.status_code, dict(answer.headers), bytes(content)
        except httpx.TimeoutException as error:
            raise ModelError("too-slow", "The endpoint did not answer in time.") from error
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            raise ModelError("unreachable", f"The endpoint cannot be reached ({type(error).__name__}).") from error

    def _too_slow(self) -> ModelError:
        return ModelError("too-slow", f"No answer came within {self.endpoint.deadline:g} seconds.")

    def _usage(self, answer: JSON, way: str, *, cut_off: bool) -> Usage:
        counted = answer.get("usage") if isinstance(answer, dict) else None
        tokens = counted if isinstance(counted, dict) else {}
        named = answer.get("model") if isinstance(answer, dict) else None
        return Usage(
            model=str(named or self.endpoint.model)[:200],
            way=way,
            requests=self.requests,
            seconds=round(time.monotonic() - self.started, 3),
            prompt_tokens=_count(tokens.get("prompt_tokens")),
            completion_tokens=_count(tokens.get("completion_tokens")),
            cut_off=cut_off,
        )


def _cut(streams: list[Any]) -> None:
    """End connections that another thread reads from."""
    for stream in streams:
        found = stream.get_extra_info("socket")
        if found is not None:
            with contextlib.suppress(OSError):
                found.shutdown(socket.SHUT_RDWR)


class _Refused(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


def _count(value: JSON) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _retry_after(headers: Mapping[str, str]) -> float | None:
    text = headers.get("retry-after", "")
    return float(text) if re.fullmatch(r"\d{1,5}(?:\.\d+)?", text) else None


def _content(answer: JSON) -> tuple[str, bool]:
    """The text of the first choice, and whether it was cut off."""
    try:
        choice = answer["choices"][0]
        content = choice["message"]["content"]
    except (KeyError, IndexError, TypeError):
        return "", False
    return content if isinstance(content, str) else "", choice.get("finish_reason") == "length"


_LIST = re.compile(r'"values"\s*:\s*\[')


def salvage(content: str) -> JSON | None:
    """The JSON object in an answer: bare, in a fence, among words, or cut off in its list of values, of which the whole ones are
    kept. None when there is none."""
    for start in [0, *(m.start() for m in re.finditer(r"\{", content))][:50]:
        try:
            data, _ = json.JSONDecoder().raw_decode(content, start)
        except (ValueError, RecursionError):
            continue
        if isinstance(data, dict) and isinstance(data.get("values"), list):
            return data
    found = _LIST.search(content)
    if found is None:
        return None
    values: list[JSON] = []
    position = found.end()
    while True:
        position = next((n for n in range(position, len(content)) if content[n] not in " \t\r\n,"), len(content))
        try:
            value, position = json.JSONDecoder().raw_decode(content, position)
        except (ValueError, RecursionError):
            return {"values": values} if values else None
        values.append(value)
