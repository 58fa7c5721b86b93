"""What has to be right before an installation is used: folders, what a crash left, jobs, followers."""

from shirushi.core import followers, jobs, recovery
from shirushi.core.home import home


def prepare() -> None:
    """Make the installation ready: call it at the start of every process that uses it, after the migrations.

    Looking through a large store takes its time, so that is done only when some process died.
    """
    home().make_folders()
    recovery.enter()
    recovery.reopen_drafts()
    jobs.requeue_dead()
    followers.follow_all()
