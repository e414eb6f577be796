"""One settings file for every place we run; the environment differs, not the code (see `env.py`)."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from celery.schedules import crontab
from csp.constants import NONE, SELF

from hvcollege import env, partners

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = env.folder("DATA_DIR", "var", BASE_DIR)

DEBUG = env.boolean("DEBUG")
HTTPS = env.boolean("HTTPS")
SECRET_KEY = env.secret_key("SECRET_KEY", DATA_DIR / "secret_key")
LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")
ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS", LOCAL_HOSTS)
CSRF_TRUSTED_ORIGINS = env.origins("CSRF_TRUSTED_ORIGINS")

# Our own apps come first: their templates and commands win over those of the parts they stand on.
INSTALLED_APPS = [
    "projects",
    "indicators",
    "funding",
    "reports",
    "hvcollege.apps.BackOfficeConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "csp",
    "hvcollege.apps.LogInGuardConfig",
    "hvcollege.apps.WiringConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    # Before whoever reads a request to its end to find the token in it.
    "projects.door.DoorMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "projects.coming_back.ComingBackMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "projects.first_login.FirstLoginMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    # Last, as it turns a refused log-in of any view above into the "locked" page.
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "hvcollege.urls"
WSGI_APPLICATION = "hvcollege.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "projects.context.shell",
            ],
        },
    },
]

# Forms are drawn by our own templates/django/forms/.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# Database
DATABASES = {"default": env.database("DATABASE_URL", f"sqlite:///{DATA_DIR / 'db.sqlite3'}", BASE_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Language and time
LANGUAGE_CODE = "zh-hans"
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# People and log-in
AUTH_USER_MODEL = "projects.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "projects.backends.MemberBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_CALLABLE = "projects.logins.locked"
AXES_CLIENT_IP_CALLABLE = "projects.logins.client_ip"
AXES_ENABLE_ADMIN = False  # hvcollege/admin.py has its own pages

# Single sign-on (统一身份认证): off until named.
OIDC = partners.oidc()
CAS_URL = partners.web_address("CAS_URL")
SSO_LABEL = env.text("SSO_LABEL", "统一身份认证")

# A working day: office machines are shared.
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = HTTPS

# Transport and browser
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
# Preloading is a promise for the college's whole domain; that is not ours to make.
SILENCED_SYSTEM_CHECKS = ["security.W021"]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        # Bootstrap's stylesheet draws its small icons from data: addresses.
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        # Whoever logs out there is led on to the provider.
        "form-action": [SELF, *(partners.origin(url) for url in (OIDC and OIDC.issuer, CAS_URL) if url)],
        "frame-ancestors": [NONE],
    },
}

# Files
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BASE_DIR / "staticfiles"
MEDIA_ROOT = DATA_DIR / "files"
STORAGES: dict[str, dict[str, Any]] = {
    # Private: no address of its own; downloads pass through a view that asks for permission.
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": MEDIA_ROOT, "base_url": None},
    },
    # For everyone to read: an image is built by another user than the one who serves.
    "staticfiles": {
        "BACKEND": "hvcollege.static_storage.StaticStorage",
        "OPTIONS": {"file_permissions_mode": 0o644, "directory_permissions_mode": 0o755},
    },
}
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
DATA_UPLOAD_MAX_NUMBER_FILES = 50
EVIDENCE_DIR = DATA_DIR / "evidence"
# A store that speaks S3: EVIDENCE_DIR then holds copies (see projects/vault.py).
if EVIDENCE_STORE := env.evidence_store("EVIDENCE_STORAGE"):
    STORAGES["evidence"] = EVIDENCE_STORE
EVIDENCE_MAX_BYTES = 200 * 1024 * 1024
# Several files at once, by browsers without scripts: beside the first
EVIDENCE_MORE_BYTES = 800 * 1024 * 1024
IMPORTS_DIR = DATA_DIR / "imports"
WORKBOOK_MAX_BYTES = env.megabytes("WORKBOOK_MAX_MB", 60)
# A zip with the evidence that a workbook lists
ARCHIVE_MAX_BYTES = env.megabytes("ARCHIVE_MAX_MB", 1024)

# The seam (reports/facts.py) lies above the app whose pages ask it, so it is wired in by name.
GATHER = "reports.facts.gather"

# Mail
MAIL = env.mail("EMAIL_URL")
EMAIL_BACKEND = MAIL.backend
EMAIL_HOST = MAIL.host
EMAIL_PORT = MAIL.port
EMAIL_HOST_USER = MAIL.user
EMAIL_HOST_PASSWORD = MAIL.password
EMAIL_USE_SSL = MAIL.use_ssl
EMAIL_USE_TLS = MAIL.use_tls
EMAIL_FILE_PATH = MAIL.folder
DEFAULT_FROM_EMAIL = MAIL.user or "noreply@localhost"

# Messages to people: 企业微信 and 钉钉 first, mail and the group's robots besides; each off until named.
WECOM = partners.wecom()
DINGTALK = partners.dingtalk()
WECOM_ROBOT = partners.robot("WECOM_ROBOT_URL")
DINGTALK_ROBOT = partners.robot("DINGTALK_ROBOT_URL", "DINGTALK_ROBOT_SIGN")
# A group belongs to one college; it need not be named where there is only one.
ROBOT_COLLEGE = env.text("ROBOT_COLLEGE")
SITE_URL = partners.site_url(
    "SITE_URL",
    {
        "企业微信": WECOM,
        "钉钉": DINGTALK,
        "群机器人": WECOM_ROBOT or DINGTALK_ROBOT,
        "统一身份认证（OIDC）": OIDC,
        "统一身份认证（CAS）": CAS_URL,
    },
)
# So many days before a round or an internal deadline ends.
REMIND_DAYS = partners.days("REMIND_DAYS", "7,1")
# A letter without a link helps nobody.
SENDS_MAIL = bool(SITE_URL) and not EMAIL_BACKEND.endswith("console.EmailBackend")
OUTSIDE_TIMEOUT = EMAIL_TIMEOUT = 10.0

# Counts the open rows of 我的任务, for 待办 on every page: `count(user, project, day)` by group
OPEN_ROWS = "reports.desk.counting.open_rows"

# Background jobs: kind → the function that does it (see projects/jobs.py).
JOB_HANDLERS = {
    "report": "reports.rendering.render",
    "book": "reports.binding.making.make",
    "desk_check": "reports.desk.offline.taking.check",
    "desk_write": "reports.desk.offline.taking.write",
    "import_check": "reports.intake.check",
    "import_write": "reports.intake.write",
    "convert": "reports.conversion.running.convert",
    "messages": "projects.notices.sending.send",
    "remind": "reports.reminding.remind",
}
JOBS_DIR = DATA_DIR / "jobs"
JOB_LEASE = timedelta(seconds=60)
JOB_MAX_ATTEMPTS = 3
# Ended jobs and their files; a report can be made again at any time.
JOB_KEPT = timedelta(days=90)

REDIS_URL = env.redis_url("REDIS_URL")
CELERY_BROKER_URL = REDIS_URL or "folder://localhost"
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = (
    {"unacked_restore_interval": 3, "unacked_restore_throttle": 1, "socket_connect_timeout": 3}
    if REDIS_URL
    else {
        "data_folder_in": str(env.made(DATA_DIR / "broker" / "queue")),
        "data_folder_out": str(DATA_DIR / "broker" / "queue"),
        "control_folder": str(env.made(DATA_DIR / "broker" / "control")),
        "polling_interval": 0.1,
    }
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
# A heart that beats in a job that hangs would keep its lease for ever.
CELERY_TASK_TIME_LIMIT = 60 * 60
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = TIME_ZONE
CELERY_WORKER_CONCURRENCY = 2
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200
CELERY_WORKER_ENABLE_REMOTE_CONTROL = bool(REDIS_URL)
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Keeps no file of what ran when: nothing to be broken by a kill, nothing to fight over.
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
RESEND_EVERY = 5.0
CELERY_BEAT_SCHEDULE = {
    "resend-jobs": {
        "task": "projects.tasks.resend_jobs",
        "schedule": RESEND_EVERY,
        # A tick that nobody took in time is worth nothing: the next one does the same.
        "options": {"expires": RESEND_EVERY},
    },
    "clear-jobs": {"task": "projects.tasks.clear_jobs", "schedule": timedelta(hours=1)},
    "clear-sessions": {"task": "projects.tasks.clear_sessions", "schedule": timedelta(hours=1)},
    "send-messages": {"task": "projects.tasks.send_messages", "schedule": timedelta(minutes=1)},
    # At midnight, and again for a server that slept then.
    "put-changes-in-force": {
        "task": "projects.tasks.put_changes_in_force",
        "schedule": crontab(minute="*/30"),
    },
    # What was told on a day is not told again: a server that slept at eight makes up for it.
    "remind": {"task": "projects.tasks.remind", "schedule": crontab(minute="*/30", hour="8-18")},
}

# Programming interface
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination",
    "PAGE_SIZE": 100,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
}
SPECTACULAR_SETTINGS = {
    "TITLE": "高职院校建设项目管理平台",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
}

# Logging: to the console; whoever starts the process decides where that goes.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "INFO", "propagate": False},
        "projects": {"level": "INFO"},
    },
}
