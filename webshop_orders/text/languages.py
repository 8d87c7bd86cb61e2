"""The language of a response and its translations, looked up once per response instead of once per sentence."""

from functools import cached_property

import flask_babel
from babel.support import NullTranslations
from flask import g


def current() -> str:
    """The language code of the current response, such as sv."""
    if "response_language" not in g:
        g.response_language = str(flask_babel.get_locale().language)
    return str(g.response_language)


class CachedDomain(flask_babel.Domain):
    def get_translations(self) -> NullTranslations:
        try:
            translations: NullTranslations = g.translations
        except (AttributeError, RuntimeError):  # not loaded yet, or no application context
            translations = super().get_translations()
            if g:
                g.translations = translations
        return translations


class Babel(flask_babel.Babel):
    @cached_property
    def domain_instance(self) -> CachedDomain:
        return CachedDomain(domain=self.domain)


babel = Babel()
