from webshop_orders.web.orders.forms.base import OrderForm


class BackorderNoticeForm(OrderForm):
    tab = "messages"
    kind = "backorder-notice"
    bumps_version = False
