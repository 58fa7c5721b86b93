"""The WSGI application as ``shirushi run`` serves it: it ends when the process that started it is gone."""

from shirushi.cli.server import end_with_parent

end_with_parent()

from shirushi.web.wsgi import application  # noqa: E402 - the watch must stand before anything is opened

__all__ = ["application"]
