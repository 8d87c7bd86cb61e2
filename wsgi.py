"""The application for any WSGI server and for `flask --app wsgi`."""

from webshop_orders import create_app

app = create_app()
