"""Forms as targets of describing: what a form asks is matched to what a folder says.

from shirushi.describe import describe
from shirushi.describe.forms import read_form

description = describe("my-folder", target=read_form("form.json"))
description.filled.answers      # JSON, valid against the form
description.filled.suggestions  # each answer with its confidence and where it was seen
"""

from shirushi.describe.forms.form import BadForm, Form, Option, Question
from shirushi.describe.forms.load import form_of, read_form

__all__ = ["BadForm", "Form", "Option", "Question", "form_of", "read_form"]
