"""Everything the kernel can do, as functions: pages, API, command line, jobs and agents all call these.

Each takes keyword arguments only, asks :mod:`shirushi.core.rules` first, works in one transaction with its event, and
raises the errors of :mod:`shirushi.core.errors`. Who changes a draft passes the ``at_version`` that they saw.
"""

from shirushi.core.readiness import Missing, Readiness, readiness
from shirushi.core.services import counting as counting
from shirushi.core.services import deriving as deriving
from shirushi.core.services import disposing as disposing
from shirushi.core.services import fetching as fetching
from shirushi.core.services import formats as formats
from shirushi.core.services import importing as importing
from shirushi.core.services import learning as learning
from shirushi.core.services import modelling as modelling
from shirushi.core.services import unpacking as unpacking
from shirushi.core.services import uploading as uploading
from shirushi.core.services.access import (
    answer_request,
    change_access,
    lift_hold,
    make_link,
    place_hold,
    retain,
    revoke_link,
    take_request_back,
)
from shirushi.core.services.announcing import announce_files, announced, arrived, keep_id
from shirushi.core.services.answering import answer, answer_each
from shirushi.core.services.asking import request_access
from shirushi.core.services.deciding import accept_above, decide, edit_field, may_undo, undo
from shirushi.core.services.describing import propose, save_description, start_describing
from shirushi.core.services.drafts import create_draft, discard_draft, put_file, put_files, remove_file, restore_draft
from shirushi.core.services.learning import learn, show_held
from shirushi.core.services.publishing import import_files, new_version, publish, withdraw
from shirushi.core.services.reserving import reserve, reserved

__all__ = [
    "Missing",
    "Readiness",
    "accept_above",
    "announce_files",
    "announced",
    "answer",
    "answer_each",
    "answer_request",
    "arrived",
    "change_access",
    "create_draft",
    "decide",
    "discard_draft",
    "edit_field",
    "import_files",
    "keep_id",
    "learn",
    "lift_hold",
    "make_link",
    "may_undo",
    "new_version",
    "place_hold",
    "propose",
    "publish",
    "put_file",
    "put_files",
    "readiness",
    "remove_file",
    "request_access",
    "reserve",
    "reserved",
    "restore_draft",
    "retain",
    "revoke_link",
    "save_description",
    "show_held",
    "start_describing",
    "take_request_back",
    "undo",
    "withdraw",
]
