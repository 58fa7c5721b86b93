"""Settings for tests: a home of their own that goes away, jobs run at once, a mistyped name in a template is an error."""

import atexit
import os
import shutil
import tempfile

from jinja2 import StrictUndefined

_HOME = tempfile.mkdtemp(prefix="shirushi-test-")
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)
os.environ["SHIRUSHI_HOME"] = _HOME
for _name in [name for name in os.environ if name.startswith("SHIRUSHI_") and name != "SHIRUSHI_HOME"]:
    del os.environ[_name]
if "TEST_POSTGRES" in os.environ:  # scripts/postgres.py has started a server: the tests use it in the place of SQLite
    os.environ["SHIRUSHI_DATABASE"] = os.environ["TEST_POSTGRES"]

from shirushi.web.settings import *  # noqa: E402, F403
from shirushi.web.settings import TEMPLATES  # noqa: E402

os.environ.pop(
    "SHIRUSHI_DATABASE", None
)  # a process that a test starts has a database of its own (core/tests/databases.py)

ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
SHIRUSHI_BASE_URL = "http://testserver"
SHIRUSHI_BLANK_SHARE = 0.0
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend", "QUEUES": ["default", "asking"]}}
TEMPLATES[0]["OPTIONS"]["undefined"] = StrictUndefined
SHIRUSHI_DERIVE = False  # a process for each record; the tests of it ask for it
SHIRUSHI_PRONOM = False  # its signatures take a second to load; the tests of it ask for it
