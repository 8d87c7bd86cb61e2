"""The days that people choose most where something is put off."""

from datetime import timedelta

from flask_babel import gettext as _

from webshop_orders import shop_settings
from webshop_orders.web.http.formatting import day

MONDAY = 0


def quick_days() -> list[tuple[str, str]]:
    """Tomorrow, Monday and in a week, each day once: their values and labels."""
    today = shop_settings.today()
    tomorrow, in_a_week = today + timedelta(days=1), today + timedelta(weeks=1)
    monday = tomorrow + timedelta(days=(MONDAY - tomorrow.weekday()) % 7)
    days = {
        tomorrow: _("tomorrow, %(day)s", day=day(tomorrow)),
        monday: _("on Monday, %(day)s", day=day(monday)),
        in_a_week: _("in a week, %(day)s", day=day(in_a_week)),
    }
    return [(each.isoformat(), label) for each, label in days.items()]
