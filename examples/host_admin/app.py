"""Nordljus admin: a small shop admin that embeds the order desk in a frame on its page Ordrar.

The host's part is in three places: `desk.py` signs the tokens, `/desk-token` below issues them to the user who is
signed in, and `static/admin.js` puts the desk in the page.
"""

from collections import Counter
from dataclasses import dataclass

from desk import DeskUnavailable
from flask import Flask, abort, redirect, render_template, request, session, url_for
from translations import TRANSLATIONS

ACCENTS = {"light": "#7a1fa2", "dark": "#d3a4f2"}
MAX_ORDERS = 60


@dataclass(frozen=True)
class Person:
    id: str
    name: str
    role: str


# A real admin has its own users and roles.
PEOPLE = {
    person.role: person
    for person in (
        Person("1", "Sara Nordin", "admin"),
        Person("2", "Jonas Berg", "staff"),
        Person("3", "Leila Haddad", "warehouse"),
        Person("4", "Olle Åkesson", "viewer"),
    )
}
CHOICES = {"role": tuple(PEOPLE), "lang": tuple(TRANSLATIONS), "theme": tuple(ACCENTS)}


def make_admin(desk, *, origin, secret_key):
    """Create the shop admin, served at `origin`, which embeds the order desk."""
    admin = Flask(__name__)
    admin.config.update(SECRET_KEY=secret_key, SESSION_COOKIE_NAME="nordljus", SESSION_COOKIE_SAMESITE="Lax")
    admin.config["SESSION_COOKIE_SECURE"] = origin.startswith("https://")
    policy = "; ".join(
        [
            "default-src 'none'",
            f"script-src 'self' {desk.origin}",
            f"frame-src {desk.origin}",
            "style-src 'self'",
            "img-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ]
    )

    @admin.before_request
    def refuse_cross_site_posts():
        """Browsers send with each POST the origin of the page that it comes from."""
        if request.method == "POST" and request.headers.get("Origin") != origin:
            abort(403)

    @admin.after_request
    def set_headers(response):
        response.headers["Content-Security-Policy"] = policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        return response

    @admin.context_processor
    def shared_template_variables():
        return {"person": person(), "people": PEOPLE.values(), "t": TRANSLATIONS[preference("lang")], **appearance()}

    @admin.get("/")
    def overview():
        orders = desk.orders()
        return render_template("overview.html", counts=Counter(order["status"] for order in orders), orders=orders[:5])

    @admin.get("/customers")
    def customers():
        order_counts = Counter(
            (order["customer"]["name"], order["shipping_address"]["city"]) for order in desk.orders()
        )
        return render_template("customers.html", customers=sorted(order_counts.items()))

    @admin.get("/orders")
    def orders():
        """The list, and the desk beside it; without JavaScript, the selected order is in a plain frame."""
        order = request.args.get("order")
        query = {"token": token(order), "origin": origin}
        latest = desk.orders()[:MAX_ORDERS]
        return render_template("orders.html", orders=latest, open=order, desk=desk, query=query, accents=ACCENTS)

    @admin.get("/orders/<number>/row")
    def order_row(number):
        """The row of one order, read from the API: the frame's message says only which order changed."""
        order = desk.order(number)
        if order is None:
            abort(404)
        return render_template("_row.html", order=order, open=None)

    @admin.post("/desk-token")
    def desk_token():
        return token(request.args.get("order")), {"Content-Type": "text/plain"}

    @admin.post("/preferences")
    def preferences():
        for name, value in request.form.items():
            if value not in CHOICES.get(name, ()):
                abort(400)
            session[name] = value
        return redirect(request.referrer or url_for("overview"), 303)

    @admin.errorhandler(DeskUnavailable)
    def show_unavailable(error):
        admin.logger.warning("The order desk: %s", error)
        return render_template("sorry.html", reason="unavailable"), 502

    @admin.errorhandler(400)
    @admin.errorhandler(403)
    @admin.errorhandler(404)
    def refuse(error):
        return render_template("sorry.html", reason="missing" if error.code == 404 else "refused"), error.code

    def token(order):
        return desk.token(person(), order=order, **appearance())

    return admin


def person():
    return PEOPLE[preference("role")]


def appearance():
    return {"lang": preference("lang"), "theme": preference("theme"), "accent": ACCENTS[preference("theme")]}


def preference(name):
    return session.get(name, CHOICES[name][0])
