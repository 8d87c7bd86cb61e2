"""The labels that mails share, in each language of mails. Prose is in the templates.

The catalogues of the interface have words of their own, for staff rather than customers.
"""

from webshop_orders.models import Shop

SWEDISH = {
    "order_number": "Ordernummer",
    "shop_number": "Butikens ordernummer",
    "pickup_point": "Utlämningsställe",
    "placed": "Beställd",
    "payment": "Betalsätt",
    "shipping_method": "Leveranssätt",
    "customer": "Kund",
    "company": "Företag",
    "organisation_number": "Organisationsnummer",
    "email": "E-post",
    "phone": "Telefon",
    "goods": "Varor",
    "goods_without_vat": "Varor exkl. moms",
    "discount": "Rabatt",
    "shipping": "Frakt",
    "vat": "Moms",
    "of_which_vat": "varav moms",
    "rounding": "Öresavrundning",
    "total": "Totalt",
    "sum_of_shipment": "Summa",
    "paid": "Betalt",
    "credited": "Krediterat",
    "refunded": "Återbetalt",
    "deduction": "Avdrag",
    "to_pay": "Kvar att betala",
    "to_refund": "Att återbetala",
    "backordered": "Restnoterat",
    "sent_later": "skickas så snart varan kommit in",
    "delivered_to": "Leverans till",
    "billed_to": "Faktureras",
    "send_to": "Skicka till",
    "pieces": "st",
    "tracking": "Spåra försändelsen",
    "follow_parcel": "Följ paketet",
    "added": "Tillagd",
    "removed": "Borttagen",
    "changed_unit_price": "à-pris",
    "changed_discount": "rabatt",
    "changed_shipping": "Frakt",
    "changed_shipping_method": "Leveranssätt",
    "received": "Kom in",
    "withdraws_from": "Ångrar",
    "whole_purchase": "hela köpet",
    "all_units": "alla",
}
ENGLISH = {
    "order_number": "Order number",
    "shop_number": "The shop's order number",
    "pickup_point": "Pick-up point",
    "placed": "Ordered",
    "payment": "Payment",
    "shipping_method": "Delivery method",
    "customer": "Customer",
    "company": "Company",
    "organisation_number": "Organisation number",
    "email": "E-mail",
    "phone": "Phone",
    "goods": "Goods",
    "goods_without_vat": "Goods excl. VAT",
    "discount": "Discount",
    "shipping": "Shipping",
    "vat": "VAT",
    "of_which_vat": "of which VAT",
    "rounding": "Rounding",
    "total": "Total",
    "sum_of_shipment": "Sum",
    "paid": "Paid",
    "credited": "Credited",
    "refunded": "Refunded",
    "deduction": "Deduction",
    "to_pay": "Left to pay",
    "to_refund": "To be refunded",
    "backordered": "Backordered",
    "sent_later": "sent as soon as it is in stock",
    "delivered_to": "Delivered to",
    "billed_to": "Billed to",
    "send_to": "Send to",
    "pieces": "pcs",
    "tracking": "Track your shipment",
    "follow_parcel": "Follow the parcel",
    "added": "Added",
    "removed": "Removed",
    "changed_unit_price": "unit price",
    "changed_discount": "discount",
    "changed_shipping": "Shipping",
    "changed_shipping_method": "Delivery method",
    "received": "Received",
    "withdraws_from": "Withdraws from",
    "whole_purchase": "the whole purchase",
    "all_units": "all",
}
VOCABULARY = {"sv": SWEDISH, "en": ENGLISH}
LANGUAGES = tuple(VOCABULARY)
NORDIC_LANGUAGES = {"nb", "nn", "no", "da"}  # whose readers understand Swedish

PAYMENT_METHODS = {
    "sv": {
        "card": "Kort",
        "gift_card": "Presentkort",
        "invoice": "Faktura",
        "instalments": "Delbetalning",
        "klarna": "Klarna",
        "store_credit": "Tillgodohavande",
        "swish": "Swish",
    },
    "en": {
        "card": "Card",
        "gift_card": "Gift card",
        "invoice": "Invoice",
        "instalments": "Instalments",
        "klarna": "Klarna",
        "store_credit": "Store credit",
        "swish": "Swish",
    },
}


def mail_language(locale: str | None, shop: Shop) -> str:
    """The language of a mail for a locale such as en-GB: one of LANGUAGES, by the shop's settings for the others."""
    language = (locale or LANGUAGES[0]).replace("_", "-").split("-")[0].lower()
    if language in LANGUAGES:
        return language
    return shop.nordic_mail_language if language in NORDIC_LANGUAGES else shop.other_mail_language
