import random

# ruleid: unpickled
import pickle
import json

from random import Random, SystemRandom, choice

# ruleid: unpickled
from pickle import loads

# ok: unpickled
from json import load


def sql(connection, db, op, text, name):
    # ruleid: string-built-sql
    text(f"select * from orders where number = '{name}'")
    # ruleid: string-built-sql
    connection.execute("select * from orders where number = '%s'" % name)
    # ruleid: string-built-sql
    connection.execute("select * from orders where number = '{}'".format(name))
    # ruleid: string-built-sql
    connection.exec_driver_sql("select * from " + name)
    # ruleid: string-built-sql
    db.session.execute(text("select * from orders where number = '" + name + "'"))
    # ruleid: string-built-sql
    op.execute(f"delete from {name}")
    # ok: string-built-sql
    connection.execute(text("select * from orders where number = :number"), {"number": name})
    # ok: string-built-sql
    print(f"the order {name}")


def markup(Markup, liquid, escape, words):
    # ruleid: unescaped-markup
    Markup(words)
    # ruleid: unescaped-markup
    liquid.Markup(f"<b>{words}</b>")
    # ok: unescaped-markup
    escape(words)


def template(flask, render_template, render_template_string, words):
    # ruleid: template-from-string
    render_template_string(words)
    # ruleid: template-from-string
    flask.render_template_string("<p>{{ words }}</p>", words=words)
    # ok: template-from-string
    render_template("orders/index.html", words=words)


def draw(secrets):
    # ruleid: guessable-random
    random.choice("abc")
    # ruleid: guessable-random
    choice("abc")
    # ruleid: guessable-random
    Random("seed").random()
    # ok: guessable-random
    SystemRandom().choice("abc")
    # ok: guessable-random
    secrets.token_urlsafe(48)


def compare(hmac, user, key, token, given, select, User, words):
    # ruleid: variable-time-comparison
    token == given
    # ruleid: variable-time-comparison
    given != user.session_key
    # ruleid: variable-time-comparison
    hmac.new(key, given).hexdigest() == given
    # ok: variable-time-comparison
    hmac.compare_digest(token, given)
    # ok: variable-time-comparison
    select(User).where(User.session_key == given)
    # ok: variable-time-comparison
    words == given


def read(yaml, file):
    # ruleid: yaml-that-makes-objects
    yaml.load(file)
    # ruleid: yaml-that-makes-objects
    yaml.load(file, Loader=yaml.Loader)
    # ok: yaml-that-makes-objects
    yaml.safe_load(file)


def fetch(requests, ssl, context, url):
    # ruleid: unproven-server
    requests.get(url, verify=False)
    # ruleid: unproven-server
    context.check_hostname = False
    # ruleid: unproven-server
    context.verify_mode = ssl.CERT_NONE
    # ok: unproven-server
    requests.get(url, verify=True)
