"""Forms made from a schema: one definition, one renderer, one parser and one validator for every form in the house.

A form is a JSON Schema (2020-12), an order of fields and words in two languages. The names of its inputs are JSON
Pointers (``/creators/0/name``), so what was typed, what is stored and what is wrong all speak of the same place.
"""

from shirushi.forms.definition import FormDefinition, Section, work_form
from shirushi.forms.parse import Submission, parse
from shirushi.forms.render import render
from shirushi.forms.validate import FormError, validate

__all__ = ["FormDefinition", "FormError", "Section", "Submission", "parse", "render", "validate", "work_form"]
