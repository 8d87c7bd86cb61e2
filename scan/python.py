import random

# ruleid: unsafe-pickle
import pickle
import json

from random import Random, SystemRandom, choice

# ruleid: unsafe-pickle
from pickle import loads

# ok: unsafe-pickle
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


def generate(secrets):
    # ruleid: insecure-random
    random.choice("abc")
    # ruleid: insecure-random
    choice("abc")
    # ruleid: insecure-random
    Random("seed").random()
    # ok: insecure-random
    SystemRandom().choice("abc")
    # ok: insecure-random
    secrets.token_urlsafe(48)


def compare(hmac, user, key, token, submitted, select, User, words):
    # ruleid: variable-time-comparison
    token == submitted
    # ruleid: variable-time-comparison
    submitted != user.session_key
    # ruleid: variable-time-comparison
    hmac.new(key, submitted).hexdigest() == submitted
    # ok: variable-time-comparison
    hmac.compare_digest(token, submitted)
    # ok: variable-time-comparison
    select(User).where(User.session_key == submitted)
    # ok: variable-time-comparison
    words == submitted


def read(yaml, file):
    # ruleid: unsafe-yaml-load
    yaml.load(file)
    # ruleid: unsafe-yaml-load
    yaml.load(file, Loader=yaml.Loader)
    # ok: unsafe-yaml-load
    yaml.safe_load(file)


def fetch(requests, ssl, context, url):
    # ruleid: unverified-tls
    requests.get(url, verify=False)
    # ruleid: unverified-tls
    context.check_hostname = False
    # ruleid: unverified-tls
    context.verify_mode = ssl.CERT_NONE
    # ok: unverified-tls
    requests.get(url, verify=True)
