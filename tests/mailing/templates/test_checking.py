"""Each fault of a template gets a sentence; what the readers of its mail would miss gets a warning."""

from dataclasses import replace
from time import process_time

import pytest
from flask import Flask

from webshop_orders.mailing.html import visible_text
from webshop_orders.mailing.templates import checking, samples
from webshop_orders.mailing.templates.faults import Part
from webshop_orders.mailing.templates.filters import FILTERS
from webshop_orders.mailing.templates.rendered_mail import RenderedMail, TemplateError
from webshop_orders.mailing.templates.rendering import render, render_part
from webshop_orders.mailing.templates.shipped_templates import source
from webshop_orders.mailing.vocabulary import LANGUAGES
from webshop_orders.models import MailSource, MessageKind, Shop

KIND = MessageKind.DELIVERY_CONFIRMATION
DEEP = 10_000
HOSTILE = {
    "a thousand million turns": "{% for x in (1..1000000000) %}x{% endfor %}",
    "a thousand million turns, backwards": "{% for x in (1..1000000000) reversed %}x{% endfor %}",
    "one of a thousand million turns": "{% for x in (1..1000000000) limit: 1 %}x{% endfor %}",
    "a range joined": "{{ (1..1000000000) | join: ',' }}",
    "a range kept": "{% assign x = (1..1000000000) %}{{ x }}",
    "a range of unknown ends": "{% for x in (order.number..customer.name) %}x{% endfor %}",
    "loops within loops": "{% assign a = 'x' | split: '' %}" + "{% for r in rows %}" * 20 + "x" + "{% endfor %}" * 20,
    "loops of letters within loops": "{% assign a = '" + "x " * 900 + "' | split: ' ' %}"
    "{% for b in a %}{% for c in a %}x{% endfor %}{% endfor %}",
    "many loops after each other": "{% assign a = '"
    + "x " * 900
    + "' | split: ' ' %}"
    + "{% for b in a %}{{ b }}{% endfor %}" * 500,
    "a text doubled 40 times": "{% assign a = 'aaaaaaaaaa' %}" + "{% assign a = a | append: a %}" * 40 + "{{ a }}",
    "a text captured twice 40 times": "{% capture a %}aaaaaaaaaa{% endcapture %}"
    + "{% capture a %}{{ a }}{{ a }}{% endcapture %}" * 40
    + "{{ a }}",
    "a text replaced by longer ones": "{{ 'a' " + "| replace: 'a', 'aaaaaaaaaaaaaaaaaaaa' " * 12 + "}}",
    "nothing replaced by much": "{{ 'aaaaaaaaaa' " + "| replace: '', 'aaaaaaaaaaaaaaaaaaaa' " * 12 + "}}",
    "a text joined by longer ones": "{{ 'a b c d e f g h' " + "| split: ' ' | join: 'a b c d e f g h' " * 12 + "}}",
    "an index beyond the end": "{{ rows[99999999999999999999] }}",
    "a loop of less than nothing": "{% for row in rows limit: -1 %}x{% endfor %}",
    "a list looked for in facts": "{% if order contains rows %}x{% endif %}",
    "elements behind a comment that ends at once": "<!-->" + "<div>" * 11_000,
    "elements behind a section": "<![CDATA[>" + "<div>" * 11_000,
    "elements behind a section of an unknown kind": "<![x[>" + "<div>" * 11_000,
    "elements behind a title": "<title><style></title>" + "<div>" * 11_000,
    "elements of formulas": "<math>" + "<col>" * 12_000,
    "elements closed in attributes": "<div><br x='</div>'>" * 3_000,
    "bold type carried on": "<p>" + "".join(f"<b id={i}>" for i in range(1_400)) + "</p>" + "<p>x" * 1_500,
    "a long title carried on": "<p><b title='" + "y" * 20_000 + "'><!--</b>--></p>" + "<p>x" * 2_500,
    "a rule of many declarations": "<style>*{" + "".join(f"a{i}:1;" for i in range(2_500)) + "}</style>" + "<p>x" * 900,
    "a long rule for many": "<style>*{color:" + "a" * 30_000 + "}</style>" + "<p>x" * 2_900,
    "an environment of one's own": "{{ rows | join: environment: 'x' }}",
    "another environment": "{{ 'a' | newline_to_br: environment: nil }}",
    "a filter run for ever": "{% assign a = '" + "x " * 9_000 + "' %}" + "{% assign b = a | upcase %}" * 900,
    "a date as wide as memory": "{{ 'now' | date: '%1000000000d' }}",
    "numbers that explode": "{% assign n = 10 %}" + "{% assign n = n | times: n %}" * 40 + "{{ n }}",
    "the class of an object": "{{ order.__class__ }}",
    "the class of a class": "{{ order.__class__.__mro__ }}",
    "the class of a text": "{{ order.number.__class__ }}",
    "an object of ours": "{{ config.SECRET_KEY }}",
    "a method": "{{ order.number.format }}",
    "an index into the class": "{{ order['__class__'] }}",
    "another file": "{% include 'layout.sv.html' %}",
    "another file, rendered": "{% render 'rows' %}",
    "a file of the machine": "{% include '/etc/passwd' %}",
    "another template extended": "{% extends 'layout' %}",
    "raw HTML from a name": "{{ customer.name | safe }}",
    "a tag never closed": "{% if order.number %}",
    "a loop never closed": "{% for row in rows %}{{ row.name }}",
    "a comment never closed": "{% comment %} x",
    "an output never closed": "{{ order.number ",
    "a tag cut off": "{% if",
    "an end without a beginning": "{% endfor %}",
    "another tag's end": "{% if order.number %}{% endfor %}",
    "an unknown tag": "{% explode %}",
    "an unknown filter": "{{ order.number | explode }}",
    "a filter that lacks its words": "{{ order.number | append }}",
    "a filter that gets too many words": "{{ order.number | upcase: 1, 2, 3 }}",
    "a filter that gets a word for a number": "{{ order.number | truncate: 'x' }}",
    "ifs within ifs": "{% if true %}" * DEEP + "{% endif %}" * DEEP,
    "brackets within brackets": "{{ " + "order[" * 3_000 + "0" + "]" * 3_000 + " }}",
    "conditions without end": "{% if " + "order.number and " * 3_000 + "order.number %}x{% endif %}",
    "openings alone": "{{" * 20_000,
    "openings and an end": "{{" * 20_000 + "}}",
    "spaces within an output": "{{" + " " * 60_000 + "}}",
    "spaces within a tag": "{% endif" + " " * 60_000 + "%}",
    "a tag's name without an end": "{% " + "x" * 60_000,
    "brackets alone": "{{ " + "(" * 60_000 + " }}",
    "quotation marks in brackets": "{{ " + "['" * 30_000 + " }}",
    "raw begun after its ends": "{% endraw %}" * 2_500 + "{% raw %}" * 2_500,
    "raw with ends that are none": "{% raw %}endraw " * 4_000,
    "doc begun again and again": "{% doc %}" * 7_000,
    "scripts alone": "<script" * 9_000,
    "raw begun again and again": "{% raw %}" * 7_000,
    "quotation marks alone": "{{ '" * 10_000 + " }}",
    "tag openings alone": "{%" * 20_000,
    "closings alone": "{% %}" * 1_000,
    "elements within elements": "<div>" * 12_000,
    "elements made in a loop": "{% assign a = '"
    + "x " * 2_000
    + "' | split: ' ' %}{% for b in a %}<div><div>{% endfor %}",
    "a megabyte": "a" * 1_000_000,
    "nothing": " \n ",
    "a NUL": "Hej\x00",
    "half a letter": "Hej \ud800",
    "a bell": "Hej \x07",
    "a script": "<script>alert(1)</script>",
    "a script in an attribute": '<p onclick="alert(1)">Hej</p>',
    "a script in a link": '<a href="javascript:alert(1)">Hej</a>',
    "a frame": '<iframe src="https://example.com"></iframe>',
    "a form": '<form action="https://example.com">',
    "a variable that is not there": "{{ customer.shoe_size }}",
    "a mistyped variable": "{{ customer.frist_name }}",
    "a mistyped variable in a loop": "{% for row in rows %}{{ row.nmae }}{% endfor %}",
    "a mistyped variable where no example comes": "{% if order.is_cancelled %}{{ order.nmuber }}{% endif %}",
    "another mail's variable": "{{ comment.text }}",
    "a loop's variable after the loop": "{% if false %}{% for row in rows %}{% endfor %}{% endif %}{{ row.name }}",
    "a word of another alphabet": "{{ оrder.number }}",
    "a cycle": "{% cycle 'a', 'b' %}",
    "a table row": "{% tablerow a in rows %}{% endtablerow %}",
    "a counter": "{% increment x %}",
    "a liquid tag": "{% liquid assign a = 1 %}",
}
FAULTS = [
    ("Hej\n{{ customer.frist_name }}", (2, "customer.frist_name finns inte. Menade du customer.first_name?")),
    ("{% for row in rows %}\n\n{{ row.nmae }}{% endfor %}", (3, "row.nmae finns inte. Menade du row.name?")),
    ("Hej\n\n{% include 'x' %}", (3, "{% include %} finns inte i utskick. De som finns: assign, capture, case, ")),
    ("Hej\n{% if order.number %}", (2, "{% if %} stängs aldrig. Lägg till {% endif %}.")),
    ("Hej\n{% endif %}", (2, "{% endif %} hör inte till något som börjat före den.")),
    ("a\nb\nc {{ order.number", (3, "{{ stängs aldrig. Lägg till }}.")),
    ("a\n{{ order.number | date: '%Y' }}", (2, "Filtret date finns inte i utskick. De som finns: append, ")),
    ("a\n{{ a.b[ }}", (2, "Det här går inte att förstå: ")),
    ("a\n{% if x == %}{% endif %}", (2, "Det här går inte att förstå: ")),
    ("a\n<script>", (2, "E-postprogram visar inte <script>, så det går inte att använda.")),
    ("a\n{% for x in (1..9) %}{% endfor %}", (2, "Talföljder som (1..10) går inte att använda i utskick.")),
]
NAME = "<b>Åsa & Bo</b> <img src=x onerror=alert(1)>"


def shipped(**parts: str) -> MailSource:
    return replace(source(KIND, "sv"), **parts)


def find_faults(desk: Flask, shop: Shop, **parts: str) -> list[tuple[int | None, str]]:
    return [(fault.line, fault.sentence) for fault in checking.faults(KIND, "sv", shipped(**parts), shop)]


@pytest.mark.parametrize("template", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_template_gets_a_sentence(desk: Flask, shop: Shop, template: str) -> None:
    faults = checking.faults(KIND, "sv", shipped(html=template), shop)

    assert 1 <= len(faults) <= 10
    assert all(fault.part == "html" and len(fault.sentence) > 8 for fault in faults)
    assert not [fault for fault in faults if "Traceback" in fault.sentence or "object at 0x" in fault.sentence]


@pytest.mark.parametrize(
    "template",
    [
        *(
            piece * (60_000 // len(piece))
            for piece in ("<", "<a ", "< ", "</", "<?", "<a on", "<a on=\n", "<!--", "<style ")
        ),
        "<" * 30_000 + " " * 30_000,
        "{{" + " " * 60_000 + "}}",
        "{% raw %}endraw " * 4_000,
        "<script" * 9_000,
        "<title-x></title-x>" * 3_000,
        "<xmp>" + "<!--a>" * 9_000 + "</xmp>",
    ],
    ids=lambda template: template[:12],
)
def test_a_check_takes_linear_time(desk: Flask, shop: Shop, template: str) -> None:
    hostile = shipped(html=template)
    begun = process_time()

    if not checking.faults(KIND, "sv", hostile, shop):
        checking.omissions(KIND, "sv", hostile, shop)

    assert process_time() - begun < 2


@pytest.mark.parametrize("pieces", [1, 60])
def test_visible_text_is_extracted_in_linear_time(pieces: int) -> None:
    begun = process_time()

    seen = visible_text(("<title-x>" + "<!--a>" * (100_000 // pieces)) * pieces)

    assert seen.strip() == ""
    assert process_time() - begun < 2


def test_an_event_handler_is_found_behind_any_attribute(desk: Flask, shop: Shop) -> None:
    faults = find_faults(desk, shop, html='a\n<p title="<" class=x\nONCLICK = "f()">\n<b onx>on = 1</b><i onload=g()>')

    assert [(line, sentence.split()[5]) for line, sentence in faults] == [(2, "ONCLICK"), (4, "onload")]


@pytest.mark.parametrize(
    "template", ["replace: seq: 'a', sub: 'b'", "replace: 'a', sub: 'b'", "truncate: num: 9", "truncate: 1, end: 'a'"]
)
def test_no_filter_accepts_keyword_arguments_that_would_not_be_counted(desk: Flask, shop: Shop, template: str) -> None:
    (fault,) = find_faults(desk, shop, html=f"{{{{ order.number | {template} }}}}")

    assert f"{template.split(':')[0]} knows no " in fault[1]


@pytest.mark.parametrize("part", ["subject", "text", "html"])
@pytest.mark.parametrize("template", ["{{ order.nmuber }}", "{% include 'x' %}", "{{ 'a' | safe }}", "", "a" * 70_000])
def test_every_part_is_checked(desk: Flask, shop: Shop, part: str, template: str) -> None:
    assert [fault.part for fault in checking.faults(KIND, "sv", shipped(**{part: template}), shop)] == [part]


@pytest.mark.parametrize(("template", "expected"), FAULTS)
def test_a_fault_is_reported_with_its_line(desk: Flask, shop: Shop, template: str, expected: tuple[int, str]) -> None:
    line, sentence = find_faults(desk, shop, html=template)[0]

    assert line == expected[0]
    assert sentence.startswith(expected[1])


def test_at_most_ten_faults_are_reported(desk: Flask, shop: Shop) -> None:
    assert len(find_faults(desk, shop, html="{{ nothing }}" * 50)) == 10


@pytest.mark.parametrize(
    "template", ["a\nb", "{{ order.number }}" * 50, "{{ blocks.rows }}", "{% if false %}x{% endif %}"]
)
def test_a_subject_is_one_short_line(desk: Flask, shop: Shop, template: str) -> None:
    assert find_faults(desk, shop, subject=template)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", MessageKind)
def test_shipped_templates_have_neither_faults_nor_warnings(
    desk: Flask, shop: Shop, kind: MessageKind, language: str
) -> None:
    assert checking.faults(kind, language, source(kind, language), shop) == []
    assert checking.omissions(kind, language, source(kind, language), shop) == []


@pytest.mark.parametrize(
    "template",
    [
        "{% assign first = rows | first %}{{ first.name }} {{ blocks.tracking }}{{ blocks.rows }}",
        "{% for row in rows %}{{ forloop.index }} {{ row.name | upcase }}{% else %}inget{% endfor %}",
        "{{ order.is_open | default: 'nej', allow_false: true }}{{ customer.name | newline_to_br }}{{ rows | join }}",
        "{{ rows.size }} {{ rows[0].name }} {{ rows.first.name }} {{ customer.first_name | default: 'du' }}",
        "{% capture a %}{{ order.number }}{% endcapture %}{{ a | replace: 'WS', '' | append: '!' }}",
        "{% case language %}{% when 'sv' %}Hej{% else %}Hello{% endcase %}",
        "{% unless tracking.size == 0 %}{% for p in tracking %}{{ p.code }}{% endfor %}{% endunless %}",
        "<p style='color: red' class='{% if order.is_open %}a{% endif %}'>{{ sums.total.amount }}</p>",
        "{% # en kommentar %}{% comment %}{{ nothing }}{% endcomment %}{{ shop.name }}",
        "{% for a in addresses %}{% for line in a.lines %}{{ line }}<br>{% endfor %}{% endfor %}",
        "{% if customer.first_name and order.is_open or tracking.size > 0 %}a{% elsif order.url %}b{% endif %}",
    ],
)
def test_what_shops_write_is_accepted(desk: Flask, shop: Shop, template: str) -> None:
    assert find_faults(desk, shop, html=template) == []


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"html": "{{ blocks.rows }}"}, [("no-tracking-code", "html")]),
        ({"text": "{{ blocks.rows }}"}, [("no-tracking-code", "text")]),
        ({"html": "{{ blocks.tracking }}"}, [("no-rows", "html")]),
        ({"html": "{{ tracking.first.code }}{{ blocks.rows }}"}, [("no-tracking-code", "html")]),
        (
            {"html": "{% for p in tracking %}<a href='{{ p.code }}'>x</a>{% endfor %}{{ blocks.rows }}"},
            [("no-tracking-code", "html")],
        ),
        ({"html": "<!-- {{ blocks.tracking }} -->{{ blocks.rows }}"}, [("no-tracking-code", "html")]),
        ({"html": "{% if tracking.size > 0 %}{{ blocks.tracking }}{% endif %}{{ blocks.rows }}"}, []),
        ({"html": "{% for p in tracking %}{{ p.code }} {% endfor %}{% for r in rows %}{{ r.name }}{% endfor %}"}, []),
    ],
)
def test_rule_20_a_delivery_confirmation_without_tracking_gets_a_warning(
    desk: Flask, shop: Shop, parts: dict[str, str], expected: list[tuple[str, str]]
) -> None:
    found = checking.omissions(KIND, "sv", shipped(**parts), shop)

    assert [(warning.code, warning.part) for warning in found] == expected


def test_rule_20_a_warning_inserts_what_is_missing(desk: Flask, shop: Shop) -> None:
    bare = shipped(html="<p>Hej</p>", text="Hej")

    for warning in checking.omissions(KIND, "sv", bare, shop):
        bare = replace(bare, **{warning.part: f"{getattr(bare, warning.part)}\n{warning.insert}"})

    assert checking.omissions(KIND, "sv", bare, shop) == []


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (MessageKind.COMMENT, "no-comment"),
        (MessageKind.ORDER_CONFIRMATION, "no-rows"),
        (MessageKind.ORDER_CHANGED, "no-number"),
        (MessageKind.SHOP_NOTIFICATION, "no-number"),
        (MessageKind.WITHDRAWAL_RECEIPT, "no-number"),
        (MessageKind.WITHDRAWAL_RECEIPT, "no-statement"),
        (MessageKind.CREDIT_NOTE, "no-rows"),
        (MessageKind.CREDIT_NOTE, "no-reference"),
        (MessageKind.CREDIT_NOTE, "no-vat"),
        (MessageKind.CREDIT_NOTE, "no-number"),
        (MessageKind.BACKORDER_NOTICE, "no-rows"),
        (MessageKind.BACKORDER_NOTICE, "no-number"),
        (MessageKind.RETURN_REGISTERED, "no-rows"),
        (MessageKind.RETURN_REGISTERED, "no-number"),
        (MessageKind.RETURN_REGISTERED, "no-address"),
    ],
)
def test_each_kind_of_mail_has_a_warning_for_its_essential_content(
    desk: Flask, shop: Shop, kind: MessageKind, code: str
) -> None:
    empty = MailSource(subject="Hej", text="Hej", html="<p>Hej</p>")

    assert code in {warning.code for warning in checking.omissions(kind, "sv", empty, shop)}


def test_a_notice_of_products_without_their_days_gets_a_warning(desk: Flask, shop: Shop) -> None:
    names = "{% for row in waiting %}{{ row.name }}{% endfor %} {{ order.number }}"
    without_days = MailSource(subject="Hej", text=names, html=names)

    codes = [warning.code for warning in checking.omissions(MessageKind.BACKORDER_NOTICE, "sv", without_days, shop)]

    assert codes == ["no-day", "no-day"]


@pytest.mark.parametrize("filter_name", FILTERS)
def test_html_in_a_name_shows_as_text_whatever_is_done_to_it(desk: Flask, shop: Shop, filter_name: str) -> None:
    words = {"replace": ": 'x', 'y'", "split": ": ' '", "beside": ": 'x'", "append": ": '<i>'", "prepend": ": '<i>'"}
    argument = words.get(filter_name, ": 'x'" if filter_name in {"join", "remove"} else "")
    facts = samples.full(KIND, "sv", shop)
    facts["customer"]["name"] = NAME

    html = render(shipped(html=f"{{{{ customer.name | {filter_name}{argument} }}}}"), "sv", facts).html

    for tag in ("<b>", "<img", "<B>", "<IMG", "<Img"):
        assert tag not in html


def test_html_in_a_name_shows_as_text_in_every_block(desk: Flask, shop: Shop) -> None:
    facts = samples.full(KIND, "sv", shop)
    facts["rows"][0]["name"] = facts["tracking"][0]["code"] = facts["addresses"][0]["label"] = NAME

    html = render(source(KIND, "sv"), "sv", facts).html

    assert "<b>" not in html
    assert visible_text(html).count("<b>Åsa & Bo</b>") == 3


def test_a_mail_that_only_its_layout_makes_too_long_is_a_template_error(desk: Flask, shop: Shop) -> None:
    letters = "{% assign a = '" + "x " * 999 + "' | split: ' ' %}{% for b in a %}" + "y" * 1_000 + "{% endfor %}"
    facts = samples.full(KIND, "sv", shop)

    for parts in ({"html": letters + "z" * 900}, {"text": letters + "z" * 900}):
        with pytest.raises(TemplateError):
            render(shipped(**parts), "sv", facts)


@pytest.mark.parametrize("part", ["text", "html"])
def test_a_block_that_cannot_be_made_is_on_no_line_of_the_template(desk: Flask, shop: Shop, part: Part) -> None:
    facts = samples.full(KIND, "sv", shop)
    facts["rows"] *= 20_000

    with pytest.raises(TemplateError):
        render_part(part, "{{ blocks.rows }}", "sv", facts)


def test_long_mails_of_ordinary_html_are_accepted(desk: Flask, shop: Shop) -> None:
    template = (
        "<style>.a { color: red } @media (max-width: 600px) { .a { color: blue } }</style>"
        '<!--[if mso]><table><tr><td><![endif]--><font color="red"><ul>'
        "{% for row in rows %}<li class='a' title=\"</li>\"><a href={{ order.url }}>{{ row.name }}</a>"
        "<br/>&lt; 5 < 6</li>"
        "{% endfor %}</ul></font>{{ blocks.rows }}<!--[if mso]></td></tr></table><![endif]-->"
    )
    facts = samples.full(KIND, "sv", shop)
    facts["rows"] *= 500

    assert render(shipped(html=template), "sv", facts).html.count("</li>") >= len(facts["rows"])


def test_an_indent_as_long_as_a_mail_is_not_repeated_on_each_line(desk: Flask, shop: Shop) -> None:
    template = " " * 30_000 + "a " * 16_000

    assert len(render(shipped(text=template), "sv", samples.full(KIND, "sv", shop)).text) < 100_000


@pytest.mark.parametrize(
    ("text", "html", "lacking"),
    [
        ("A-1 Stearinljus", "<p>A-1 Stearin<b>ljus</b></p>", ["Stearinljus"]),
        ("A-1 Stearin\n  ljus", "<td>A-1</td><td>Stearin &#32; ljus</td>", []),
        ("A-1", "<a href='A-1'>x</a>", ["A-1"]),
        ("", "<p>A-1</p>", ["A-1"]),
        ("A-1 &amp; Bo", "A-1 &amp; Bo", []),
    ],
)
def test_a_mail_lacks_the_words_that_its_readers_do_not_see(text: str, html: str, lacking: list[str]) -> None:
    wanted = lacking or [word for word in ("A-1", "Stearin ljus") if word in " ".join(text.split())]

    assert checking.missing(RenderedMail("", text, html), wanted) == lacking
