"""The WSGI application as ``shirushi run`` serves it: it ends when the process that started it says so, or is gone."""

import os

from shirushi.cli.server import end_with_parent

# A group of its own: Ctrl-C at a terminal reaches the parent alone, which then asks this process to finish. One that is told twice
# waits until it is killed (granian 2.8).
os.setpgid(0, 0)
end_with_parent()

from shirushi.web.wsgi import application  # noqa: E402 - the watch must stand before anything is opened

__all__ = ["application"]
