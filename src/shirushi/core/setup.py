"""What has to be right before an installation is used: folders, what a crash left, jobs, followers."""

from django.conf import settings

from shirushi.core import followers, jobs, objects, recovery
from shirushi.core.home import home
from shirushi.storage import StorageError


def prepare(*, even_if_old: bool = False) -> None:
    """Make the installation ready: call it at the start of every process that uses it, after the migrations.

    Looking through a large store takes its time, so that is done only when some process died. ``even_if_old``: for who looks at
    a database that is older than its store, or is about to bring it up to date. It is then left as it is.

    Raises:
        DatabaseOlder: what was withdrawn or closed would be open again.
        DomainError: the store cannot be read, so nobody knows.
    """
    home().make_folders()
    home().keep_others_out(settings.SHIRUSHI_UMASK)
    try:
        lacking = objects.lacking()
    except StorageError as error:
        raise objects.in_kernel_words(error) from error
    if lacking and even_if_old:
        return
    if lacking:
        name, number = lacking[-1]
        raise objects.database_older(f"{name} v{number}")
    recovery.enter()
    recovery.reopen_drafts()
    jobs.requeue_dead()
    followers.follow_all()
