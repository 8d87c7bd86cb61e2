"""The language of an answer and its words, found out once for each answer and not anew for every word."""

from functools import cached_property

import flask_babel
from babel.support import NullTranslations
from flask import g


def current() -> str:
    """The language of the present answer, such as sv."""
    if "answered_in" not in g:
        g.answered_in = str(flask_babel.get_locale().language)
    return str(g.answered_in)


class Words(flask_babel.Domain):
    def get_translations(self) -> NullTranslations:
        try:
            translations: NullTranslations = g.translations
        except (AttributeError, RuntimeError):  # not asked for yet, or no application to be of
            translations = super().get_translations()
            if g:
                g.translations = translations
        return translations


class Babel(flask_babel.Babel):
    @cached_property
    def domain_instance(self) -> Words:
        return Words(domain=self.domain)


babel = Babel()
