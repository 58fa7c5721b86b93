"""An optional language model, never trusted: it may point at words, and the words decide.

:mod:`excerpts` makes exactly what would leave the machine; :mod:`client` asks an OpenAI-compatible endpoint for it, with bounds on
everything; :mod:`checking` lets through only what stands in the words the model quotes. Off unless an endpoint is set, and
never called without consent to those very excerpts.
"""

from shirushi.describe.llm.asking import Asked, ask_model
from shirushi.describe.llm.client import Endpoint, ModelError, Usage
from shirushi.describe.llm.excerpts import Excerpt, Excerpts, make_excerpts
from shirushi.describe.llm.joining import joined

__all__ = ["Asked", "Endpoint", "Excerpt", "Excerpts", "ModelError", "Usage", "ask_model", "joined", "make_excerpts"]
