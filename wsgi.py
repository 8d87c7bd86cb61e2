"""The application for any WSGI server and for `flask --app wsgi`."""

from webshop_orders import create_app, logs
from webshop_orders.metrics.requests import measuring

app = create_app()
logs.configure(app.config)
app.wsgi_app = measuring(app.wsgi_app)  # type: ignore[method-assign]
