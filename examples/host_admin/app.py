"""Nordljus admin: a small shop admin that has the order desk in a frame on its page Ordrar.

What a host has to do for that is in three places: `desk.py` signs the tokens, `/desk-token` below hands them out to the
person who is signed in, and `static/admin.js` puts the desk in the page.
"""

from collections import Counter
from dataclasses import dataclass

from desk import DeskIsSilent
from flask import Flask, abort, redirect, render_template, request, session, url_for
from words import WORDS

ACCENTS = {"light": "#7a1fa2", "dark": "#d3a4f2"}
SHOWN = 60


@dataclass(frozen=True)
class Person:
    id: str
    name: str
    role: str


# An admin of one's own knows its people, and whom it lets in as what.
PEOPLE = {
    person.role: person
    for person in (
        Person("1", "Sara Nordin", "admin"),
        Person("2", "Jonas Berg", "staff"),
        Person("3", "Leila Haddad", "warehouse"),
        Person("4", "Olle Åkesson", "viewer"),
    )
}
CHOICES = {"role": tuple(PEOPLE), "lang": tuple(WORDS), "theme": tuple(ACCENTS)}


def make_admin(desk, *, origin, secret_key):
    """The shop admin, reached under `origin`, with the order desk in it."""
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
    def refuse_what_other_sites_send():
        """Browsers say with each POST which site's page it comes from."""
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
    def what_every_page_shows():
        return {"person": person(), "people": PEOPLE.values(), "t": WORDS[chosen("lang")], **appearance()}

    @admin.get("/")
    def overview():
        orders = desk.orders()
        return render_template("overview.html", counts=Counter(order["status"] for order in orders), orders=orders[:5])

    @admin.get("/customers")
    def customers():
        bought = Counter((order["customer"]["name"], order["shipping_address"]["city"]) for order in desk.orders())
        return render_template("customers.html", customers=sorted(bought.items()))

    @admin.get("/orders")
    def orders():
        """The list, and the desk beside it; without JavaScript, the order that was chosen is in a plain frame."""
        order = request.args.get("order")
        query = {"token": token(order), "origin": origin}
        shown = desk.orders()[:SHOWN]
        return render_template("orders.html", orders=shown, open=order, desk=desk, query=query, accents=ACCENTS)

    @admin.get("/orders/<number>/row")
    def order_row(number):
        """An order as the list shows it. The frame only said which one changed; how it is now, the desk's API says."""
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

    @admin.errorhandler(DeskIsSilent)
    def say_that_the_desk_is_silent(silence):
        admin.logger.warning("The order desk: %s", silence)
        return render_template("sorry.html", reason="silent"), 502

    @admin.errorhandler(400)
    @admin.errorhandler(403)
    @admin.errorhandler(404)
    def refuse(error):
        return render_template("sorry.html", reason="missing" if error.code == 404 else "refused"), error.code

    def token(order):
        return desk.token(person(), order=order, **appearance())

    return admin


def person():
    return PEOPLE[chosen("role")]


def appearance():
    return {"lang": chosen("lang"), "theme": chosen("theme"), "accent": ACCENTS[chosen("theme")]}


def chosen(name):
    return session.get(name, CHOICES[name][0])
