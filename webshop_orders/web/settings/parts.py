"""The parts of Konfiguration: the name, the endpoint and the label of each, in the sequence of its tabs."""

from webshop_orders.text.languages import lazy_gettext as _l

PARTS = (
    ("shop", "settings.shop", _l("Shop")),
    ("mail", "settings.mail", _l("E-mail")),
    ("templates", "mail_templates.index", _l("Mail templates")),
    ("messages", "outbox.index", _l("Messages")),
    ("holds", "settings.holds", _l("Pauses")),
    ("dispatch_checks", "settings.dispatch_checks", _l("Checks")),
    ("printing", "settings.printing", _l("Printing")),
    ("carriers", "settings.carriers", _l("Carriers")),
    ("users", "users.index", _l("Users")),
    ("integrations", "integrations.index", _l("Integrations")),
    ("personal-data", "personal_data.index", _l("Personal data")),
    ("access", "access_log.index", _l("Access")),
)
TEMPLATE_GLOBALS = {"settings_parts": PARTS}
