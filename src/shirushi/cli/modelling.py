"""``shirushi describe --llm``: what would be sent is shown first, and sent only with consent to that very text."""

import os
import re
import sys
from typing import TYPE_CHECKING

from shirushi.cli import CommandError
from shirushi.cli.describing import printable

if TYPE_CHECKING:
    from shirushi.describe.description import Description
    from shirushi.describe.llm import Endpoint, Excerpts
    from shirushi.describe.seen import Context

NO_ANSWER = 3  # exit code: described, but the language model gave nothing that can be used


def show(description: "Description") -> int:
    """Print the text that would be sent, control characters escaped, and the digest of the text itself on stderr."""
    excerpts = _excerpts(description)
    print(_harmless(excerpts.text()))
    print(f"SHA-256: {excerpts.digest()}", file=sys.stderr)
    return 0


def ask(description: "Description", context: "Context", *, consent: str | None) -> int:
    """Show, ask for consent, send, and put what comes back behind what was found without it; gives the exit code. When nothing
    usable comes back, that is a problem of the description, and what was read without the model stands.

    Raises:
        CommandError: no model is set up, or there is no consent.
    """
    from shirushi.describe.llm import ModelError, ask_model, joined
    from shirushi.describe.problems import problem

    endpoint = _endpoint()
    excerpts = _excerpts(description)
    if not excerpts.items:
        print("There is no text to ask a language model about.", file=sys.stderr)
        return 0
    if consent is not None and consent.lower() != excerpts.digest():
        raise CommandError(
            "the files say something else now than when --llm-show was run: look at it again. Nothing was sent."
        )
    if consent is None and not _agreed(excerpts, endpoint):
        raise CommandError("nothing was sent.")
    try:
        asked = ask_model(excerpts, endpoint)
    except ModelError as error:
        description.problems.append(problem("no-model-answer", detail=str(error).rstrip(".")))
        print(f"shirushi: {description.problems[-1].message}", file=sys.stderr)
        return NO_ANSWER
    joined(description, asked, context=context)
    dropped = sum(asked.dropped.values())
    reasons = ", ".join(f"{count} {why}" for why, count in sorted(asked.dropped.items()))
    print(
        f"{asked.usage.model}: {len(asked.candidates)} values borne out by their quotes, {dropped} left aside"
        + (f" ({reasons})" if reasons else ""),
        file=sys.stderr,
    )
    return 0


def _harmless(text: str) -> str:
    """What a terminal shows instead of obeying; line ends and tabs as they are."""
    return re.sub(r"[^\n\t]+", lambda run: printable(run[0]), text)


def _agreed(excerpts: "Excerpts", endpoint: "Endpoint") -> bool:
    if not sys.stdin.isatty():
        raise CommandError(
            "consent is needed. Run it with --llm-show, read what would be sent, then give its SHA-256 with --llm-consent."
        )
    print(_harmless(excerpts.text()), file=sys.stderr)
    print(
        f"SHA-256: {excerpts.digest()}\nSend this to {endpoint.host} (model {endpoint.model})? [y/N] ",
        end="",
        file=sys.stderr,
    )
    return sys.stdin.readline().strip().lower() in ("y", "yes", "はい")


def _excerpts(description: "Description") -> "Excerpts":
    from shirushi.describe.llm import make_excerpts
    from shirushi.describe.seen import EvidenceSet

    return make_excerpts(EvidenceSet(description.evidence, description.name))


def _endpoint() -> "Endpoint":
    from shirushi.describe.llm import Endpoint
    from shirushi.describe.llm.client import read_key

    url, model = os.environ.get("SHIRUSHI_LLM_URL", ""), os.environ.get("SHIRUSHI_LLM_MODEL", "")
    if not url or not model:
        raise CommandError(
            "no language model is set up. Set SHIRUSHI_LLM_URL and SHIRUSHI_LLM_MODEL (see the settings)."
        )
    try:
        return Endpoint(url, model, read_key("SHIRUSHI_LLM_KEY", os.environ.get("SHIRUSHI_LLM_KEY_FILE", "")))
    except ValueError as error:
        raise CommandError(str(error)) from error
