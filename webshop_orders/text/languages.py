"""The language of a response and its translations, looked up once per response instead of once per sentence."""

from collections.abc import Mapping
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import TypeVar

import flask_babel
from babel.support import NullTranslations, Translations
from flask import current_app, g, has_app_context
from flask_babel.speaklater import LazyString

Key = TypeVar("Key")
TRANSLATIONS = Path(__file__).parents[1] / "translations"


@cache
def catalogue(language: str) -> NullTranslations:
    """The sentences of a language by those of the code, which are English."""
    return Translations.load(TRANSLATIONS, [language])


@lru_cache(maxsize=4096)
def _translation(message: str, language: str) -> str:
    return catalogue(language).gettext(message)


def current() -> str:
    """The language code of the current response, such as sv."""
    names = vars(g._get_current_object())
    if "response_language" not in names:
        names["response_language"] = current_app.extensions["babel"].locale_selector()
    return str(names["response_language"])


def gettext(message: str, **values: object) -> str:
    """A sentence in the language of the response."""
    text = _translation(message, current())
    return text % values if values else text


class Sentence(LazyString):
    """A sentence that is written before the language of the response is known."""

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(flask_babel.gettext, message, **values)
        self.message, self.values = message, values

    def __str__(self) -> str:
        return self.in_language(current() if has_app_context() else "en")

    __html__ = __str__

    def in_language(self, language: str) -> str:
        text = _translation(self.message, language)
        return (
            text % {name: _in_language(value, language) for name, value in self.values.items()} if self.values else text
        )


def lazy_gettext(message: str, **values: object) -> Sentence:
    return Sentence(message, **values)


def _in_language(value: object, language: str) -> object:
    return value.in_language(language) if isinstance(value, Sentence) else value


def translated(labels: Mapping[Key, Sentence | str], language: str) -> dict[Key, str]:
    """Labels in a language."""
    return {key: str(_in_language(label, language)) for key, label in labels.items()}


class CachedDomain(flask_babel.Domain):
    def get_translations(self) -> NullTranslations:
        return catalogue(current()) if g else super().get_translations()


class Babel(flask_babel.Babel):
    @cached_property
    def domain_instance(self) -> CachedDomain:
        return CachedDomain(domain=self.domain)


babel = Babel(configure_jinja=False)  # templates have the sentences of a language, see rendering
