"""The words of the pages in their reader's language, which is found out once for each answer."""

from babel.support import NullTranslations
from flask import Flask, g
from flask_babel import get_translations


def install(app: Flask) -> None:
    """Take the place of what flask-babel gave the templates: it looks for the language at every word."""
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda text: _current().ugettext(text),
        ngettext=lambda one, many, count: _current().ungettext(one, many, count),
        pgettext=lambda context, text: _current().upgettext(context, text),
        npgettext=lambda context, one, many, count: _current().unpgettext(context, one, many, count),
        newstyle=True,
    )


def _current() -> NullTranslations:
    if "translations" not in g:
        g.translations = get_translations()
    translations: NullTranslations = g.translations
    return translations
