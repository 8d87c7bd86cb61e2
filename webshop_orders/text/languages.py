"""The language of a response and its translations, looked up once per response instead of once per sentence."""

from functools import cache, cached_property
from pathlib import Path

import flask_babel
from babel.support import NullTranslations, Translations
from flask import g

TRANSLATIONS = Path(__file__).parents[1] / "translations"


@cache
def catalogue(language: str) -> NullTranslations:
    """The sentences of a language by those of the code, which are English."""
    return Translations.load(TRANSLATIONS, [language])


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
