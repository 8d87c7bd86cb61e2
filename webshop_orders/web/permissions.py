"""Who may do what: the one table of every endpoint of people's pages, with the role that it takes at least.

A viewer looks at orders, their mails and their history. A warehouse worker also sets delivery statuses and sees to
tracking codes. Staff do all that can be done to an order: comment, products, splits, customer, mails, cancellation.
An administrator also decides what stands in Konfiguration. Each role may all that the ones before it may.

What does not stand here is closed to everyone. Entrances of programs, which have no roles, are not in it.
"""

from webshop_orders.models import Role

EVERYONE = None  # signed in or not

LEAST_ROLES: dict[str, Role | None] = {
    "static": EVERYONE,
    "health.healthz": EVERYONE,
    "api_description.document": EVERYONE,
    "api_description.page": EVERYONE,
    "sessions.login": EVERYONE,
    "sessions.follow_link": EVERYONE,
    "sessions.logout": EVERYONE,
    "login_code.ask": EVERYONE,
    "passwords.choose": EVERYONE,
    "passwords.forgotten": EVERYONE,
    "embed.arrive": EVERYONE,
    "embed.renew": EVERYONE,
    "embed.change_appearance": EVERYONE,
    "embed.accent": EVERYONE,
    #
    "account.show": Role.VIEWER,
    "account.change_password": Role.VIEWER,
    "account.end_other_sessions": Role.VIEWER,
    "orders.home": Role.VIEWER,
    "orders.index": Role.VIEWER,
    "order.tab": Role.VIEWER,
    "messages.show": Role.VIEWER,
    "messages.body": Role.VIEWER,
    "outbox.index": Role.VIEWER,
    "outbox.show": Role.VIEWER,
    "outbox.body": Role.VIEWER,
    "second_factor.show": Role.VIEWER,
    "second_factor.confirm": Role.VIEWER,
    "second_factor.make_recovery_codes": Role.VIEWER,
    "second_factor.switch_off": Role.VIEWER,
    #
    "shipments.set_status": Role.WAREHOUSE,
    "shipments.add_tracking": Role.WAREHOUSE,
    "shipments.remove_tracking": Role.WAREHOUSE,
    #
    "cancellations.cancel": Role.STAFF,
    "comments.add": Role.STAFF,
    "confirmations.send": Role.STAFF,
    "customers.change": Role.STAFF,
    "lines.add": Role.STAFF,
    "lines.change": Role.STAFF,
    "lines.edit": Role.STAFF,
    "lines.open_split": Role.STAFF,
    "lines.remove": Role.STAFF,
    "lines.split": Role.STAFF,
    "messages.queue_again": Role.STAFF,
    "messages.send_copy": Role.STAFF,
    "messages.send_order_changed": Role.STAFF,
    "messages.settle": Role.STAFF,
    "outbox.queue_again": Role.STAFF,
    "outbox.send_copy": Role.STAFF,
    "outbox.settle": Role.STAFF,
    "products.search": Role.STAFF,
    "shipments.send_confirmation": Role.STAFF,
    "shipments.split_backordered": Role.STAFF,
    "shop_differences.settle": Role.STAFF,
    #
    "access_log.index": Role.ADMIN,
    "settings.index": Role.ADMIN,
    "settings.shop": Role.ADMIN,
    "settings.change_shop": Role.ADMIN,
    "settings.mail": Role.ADMIN,
    "settings.change_mail": Role.ADMIN,
    "settings.carriers": Role.ADMIN,
    "settings.save_carrier": Role.ADMIN,
    "settings.remove_carrier": Role.ADMIN,
    "mail_templates.index": Role.ADMIN,
    "mail_templates.edit": Role.ADMIN,
    "mail_templates.save": Role.ADMIN,
    "mail_templates.reset": Role.ADMIN,
    "mail_templates.send_test": Role.ADMIN,
    "mail_templates.insert": Role.ADMIN,
    "mail_templates.findings": Role.ADMIN,
    "mail_templates.preview": Role.ADMIN,
    "integrations.index": Role.ADMIN,
    "integrations.make_key": Role.ADMIN,
    "integrations.revoke_key": Role.ADMIN,
    "integrations.add_webhook": Role.ADMIN,
    "integrations.connect_shop": Role.ADMIN,
    "integrations.disconnect_shop": Role.ADMIN,
    "second_factor_requirement.show": Role.ADMIN,
    "second_factor_requirement.change": Role.ADMIN,
    "personal_data.change_retention": Role.ADMIN,
    "personal_data.erase": Role.ADMIN,
    "personal_data.export": Role.ADMIN,
    "personal_data.find": Role.ADMIN,
    "personal_data.index": Role.ADMIN,
    "users.activate": Role.ADMIN,
    "users.change": Role.ADMIN,
    "users.deactivate": Role.ADMIN,
    "users.edit": Role.ADMIN,
    "users.end_sessions": Role.ADMIN,
    "users.index": Role.ADMIN,
    "users.invite": Role.ADMIN,
    "users.remove_second_factor": Role.ADMIN,
    "users.send_link": Role.ADMIN,
    "webhooks.show": Role.ADMIN,
    "webhooks.show_message": Role.ADMIN,
    "webhooks.change": Role.ADMIN,
    "webhooks.rotate_secret": Role.ADMIN,
    "webhooks.disable": Role.ADMIN,
    "webhooks.enable": Role.ADMIN,
    "webhooks.remove": Role.ADMIN,
    "webhooks.queue_again": Role.ADMIN,
}


def allows(endpoint: str, role: Role | None) -> bool:
    """Whether someone of a role, or nobody, may use an endpoint; raises KeyError for one that the table lacks."""
    least = LEAST_ROLES[endpoint]
    return least is EVERYONE or (role is not None and role.includes(least))
