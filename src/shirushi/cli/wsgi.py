"""The WSGI application as ``shirushi run`` serves it: it ends when the process that started it says so, or is gone."""

import os

from shirushi.cli.patience import Patient, Work, hang_up
from shirushi.cli.server import end_with_parent

# A group of its own: Ctrl-C at a terminal reaches the parent alone, which then asks this process to finish. One that is told twice
# waits until it is killed (granian 2.8).
os.setpgid(0, 0)
end_with_parent()

from shirushi.web.wsgi import application as site  # noqa: E402 - the watch must stand before anything is opened


def enter() -> None:
    """This process may be the one that was started in the place of one that died while it published."""
    from shirushi.core import recovery  # needs Django, which the site has set up

    recovery.enter()


enter()
work = Work()
# Of the THREADS in cli/server.py; the others have time for pages, always.
application = Patient(site, bodies=16, answers=8, short=8, work=work)
hang_up(int(os.environ["SHIRUSHI_PORT"]), work)

__all__ = ["application"]
