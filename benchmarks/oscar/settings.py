"""Settings of a plain Oscar shop: https://django-oscar.readthedocs.io/en/latest/internals/getting_started.html"""

import os
from urllib.parse import urlsplit

from oscar.defaults import *  # noqa: F403

OWN = {
    "": "oscar.config.Shop",
    "apps": "analytics checkout address shipping catalogue communication partner basket payment offer order customer "
    "search voucher wishlists dashboard",
    "dashboards": "reports users orders catalogue offers partners pages ranges reviews vouchers communications "
    "shipping",
}
CONTRIB = "admin auth contenttypes sessions messages staticfiles sites flatpages"
INSTALLED_APPS = [
    *(f"django.contrib.{name}" for name in CONTRIB.split()),
    OWN[""],
    *(f"oscar.apps.{name}.apps.{name.capitalize()}Config" for name in OWN["apps"].split()),
    "oscar.apps.catalogue.reviews.apps.CatalogueReviewsConfig",
    *(f"oscar.apps.dashboard.{name}.apps.{name.capitalize()}DashboardConfig" for name in OWN["dashboards"].split()),
    "widget_tweaks",
    "haystack",
    "treebeard",
    "sorl.thumbnail",
    "django_tables2",
]
SITE_ID = 1
SECRET_KEY = "only for a benchmark on loopback"
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "benchmarks.oscar.urls"
STATIC_URL = "/static/"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "Europe/Stockholm"
LANGUAGE_CODE = "en"
OSCAR_DEFAULT_CURRENCY = "SEK"
OSCAR_ALLOW_ANON_CHECKOUT = True  # otherwise a search by name omits guests, and all customers here are guests
OSCAR_INITIAL_ORDER_STATUS = OSCAR_INITIAL_LINE_STATUS = "Ready"
OSCAR_ORDER_STATUS_PIPELINE = {"Ready": ("Shipped", "Cancelled"), "Shipped": ("Ready",), "Cancelled": ()}
OSCAR_LINE_STATUS_PIPELINE = {"Ready": ("Shipped",), "Shipped": ("Ready",), "Cancelled": ()}
OSCAR_SEND_REGISTRATION_EMAIL = False
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
HAYSTACK_CONNECTIONS = {"default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}}
AUTHENTICATION_BACKENDS = ("django.contrib.auth.backends.ModelBackend",)
MIDDLEWARE = [
    "benchmarks.oscar.counting.Counting",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "oscar.apps.basket.middleware.BasketMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "oscar.apps.search.context_processors.search_form",
                "oscar.apps.checkout.context_processors.checkout",
                "oscar.apps.communication.notifications.context_processors.notifications",
                "oscar.core.context_processors.metadata",
            ]
        },
    }
]


def _database(url: str) -> dict[str, object]:
    """Parse `postgresql://user@/name?host=FOLDER`, the URL of a server on a Unix socket."""
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": parts.username or "postgres",
        "HOST": parts.query.removeprefix("host="),
        "CONN_MAX_AGE": None,
    }


DATABASES = {"default": _database(os.environ["BENCHMARK_DATABASE"])}
