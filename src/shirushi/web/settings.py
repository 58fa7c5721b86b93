"""Django settings. What an operator may change comes from the environment (docs/reference/settings.md)."""

from importlib.util import find_spec
from pathlib import Path

from shirushi.web.environment import read

_ENVIRONMENT = read()
_WEB = Path(__file__).resolve().parent
_PACKAGE = _WEB.parent

SHIRUSHI_HOME = _ENVIRONMENT.home
SHIRUSHI_BASE_URL = _ENVIRONMENT.base_url
SHIRUSHI_PREFIX = _ENVIRONMENT.prefix
SHIRUSHI_ADMIN_EMAIL = _ENVIRONMENT.admin_email
SHIRUSHI_OAI_PAGE = _ENVIRONMENT.oai_page
SHIRUSHI_DEMO = _ENVIRONMENT.demo
SHIRUSHI_STORE = _ENVIRONMENT.store
SHIRUSHI_STORE_CACHE = _ENVIRONMENT.store_cache
SHIRUSHI_SCRUB_RATE = _ENVIRONMENT.scrub_rate
SHIRUSHI_SCRUB_DAYS = _ENVIRONMENT.scrub_days
SHIRUSHI_MAX_FILE_SIZE = _ENVIRONMENT.max_file_size
SHIRUSHI_UPLOADS = _ENVIRONMENT.uploads
SHIRUSHI_UPLOAD_ROOM = _ENVIRONMENT.upload_room
SHIRUSHI_UPLOAD_HOURS = _ENVIRONMENT.upload_hours
SHIRUSHI_FETCH_ALLOW = _ENVIRONMENT.fetch_allow
SHIRUSHI_FETCH_HOURS = _ENVIRONMENT.fetch_hours
SHIRUSHI_DERIVE = _ENVIRONMENT.derive
SHIRUSHI_DERIVE_MAX_SIZE = _ENVIRONMENT.derive_max_size
SHIRUSHI_BLANK_SHARE = 0.0 if _ENVIRONMENT.demo else _ENVIRONMENT.blank_share
SHIRUSHI_ACCEPT_ERROR = _ENVIRONMENT.accept_error
SHIRUSHI_LLM = _ENVIRONMENT.endpoint
SHIRUSHI_METRICS_KEY = _ENVIRONMENT.metrics_key
SHIRUSHI_PRONOM = find_spec("fido") is not None  # whoever installs the extra asks for it

SHIRUSHI_UMASK = _ENVIRONMENT.umask

SECRET_KEY = _ENVIRONMENT.secret_key
DEBUG = _ENVIRONMENT.debug
ALLOWED_HOSTS = list(_ENVIRONMENT.hosts)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "shirushi.accounts",
    "shirushi.core",
    "shirushi.systems.repository",
    "shirushi.web",
]

MIDDLEWARE = [
    "shirushi.web.service.Alive",
    "shirushi.web.service.Measured",
    "shirushi.web.middleware.SecurityHeaders",
    "shirushi.web.assets.Assets",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "shirushi.web.middleware.Busy",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "shirushi.web.middleware.Hurry",
    "shirushi.web.middleware.ErrorPages",
    "shirushi.web.middleware.ComeBack",
]

ROOT_URLCONF = "shirushi.web.urls"
WSGI_APPLICATION = "shirushi.web.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [
            _WEB / "templates",
            _PACKAGE / "accounts" / "templates",
            _PACKAGE / "forms" / "templates",
            _PACKAGE / "systems" / "repository" / "templates",
        ],
        "OPTIONS": {"environment": "shirushi.web.jinja.environment", "auto_reload": DEBUG},
    }
]

DATABASES = {"default": dict(_ENVIRONMENT.database)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "asking"]}}

AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = "en"
LANGUAGES = [("ja", "日本語"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "shirushi_language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS = [_WEB / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = _ENVIRONMENT.time_zone

STATIC_URL = "/static/"
STATICFILES_DIRS: list[Path] = []  # each app's own static/ folder is enough
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "shirushi.web.assets.HashedStorage"},
}

MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SESSION_COOKIE_NAME = "shirushi_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = _ENVIRONMENT.https
CSRF_COOKIE_NAME = "shirushi_csrf"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [SHIRUSHI_BASE_URL]
CSRF_FAILURE_VIEW = "shirushi.web.errors.csrf_failure"
if _ENVIRONMENT.https:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# Files are streamed to disk; only form fields count here. A review page of a large record has many fields.
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024**2
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
DATA_UPLOAD_MAX_NUMBER_FILES = 20_000
FILE_UPLOAD_TEMP_DIR = SHIRUSHI_HOME / "uploads"
FILE_UPLOAD_TEMP_DIR.mkdir(mode=0o700, exist_ok=True)
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
        "json": {"()": "shirushi.web.logs.JsonLines"},
    },
    "filters": {"secrets": {"()": "shirushi.web.logs.WithoutSecrets"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": _ENVIRONMENT.log_format, "filters": ["secrets"]}
    },
    "root": {"handlers": ["console"], "level": _ENVIRONMENT.log_level},
    "loggers": {"django": {"handlers": [], "level": _ENVIRONMENT.log_level, "propagate": True}},
}
