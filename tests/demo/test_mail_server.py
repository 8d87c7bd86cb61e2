"""The demo's mail server, spoken to by SMTP, and the mailbox that it fills."""

import re
import smtplib
import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from webshop_orders.demo import inbox
from webshop_orders.demo import mail_server as servers
from webshop_orders.demo.inbox import Inbox
from webshop_orders.demo.mail_server import MailServer


@pytest.fixture
def mailbox(tmp_path: Path) -> Inbox:
    return Inbox(tmp_path / "mails")


@pytest.fixture
def server(mailbox: Inbox) -> Iterator[MailServer]:
    with MailServer(mailbox) as server:
        server.start()
        yield server
        server.shutdown()


@pytest.fixture
def client(server: MailServer) -> Iterator[smtplib.SMTP]:
    with smtplib.SMTP(servers.HOST, server.port, timeout=10) as client:
        yield client


def mail(text: str = "Hej", to: str = "asa@example.com") -> EmailMessage:
    message = EmailMessage(policy=policy.SMTP)
    message["From"], message["To"], message["Subject"] = "Butiken <order@example.se>", to, "Åsas order"
    message.set_content(text)
    return message


def stored(mailbox: Inbox, number: int) -> EmailMessage:
    return message_from_bytes(mailbox.path(number).read_bytes(), policy=policy.default)  # type: ignore[return-value]


def test_a_mail_is_stored_as_it_was_sent(client: smtplib.SMTP, mailbox: Inbox) -> None:
    client.send_message(mail("Rad ett\n.Punkt\n..\n.\nSlut"))

    received = stored(mailbox, 1)
    assert received["Subject"] == "Åsas order"
    assert received["Delivered-To"] == "asa@example.com"
    assert received.get_content().splitlines() == ["Rad ett", ".Punkt", "..", ".", "Slut"]
    assert mailbox.path(1).stat().st_mode & 0o077 == 0


def test_mails_are_numbered_as_they_come_over_one_connection_and_several(
    client: smtplib.SMTP, server: MailServer, mailbox: Inbox
) -> None:
    client.send_message(mail("ett"))
    client.send_message(mail("två"))
    with smtplib.SMTP(servers.HOST, server.port, timeout=10) as other:
        other.send_message(mail("tre"), to_addrs=["a@example.com", "b@example.com"])

    assert [stored(mailbox, number).get_content().strip() for number in (1, 2, 3)] == ["ett", "två", "tre"]
    assert stored(mailbox, 3).get_all("Delivered-To") == ["a@example.com", "b@example.com"]


def test_only_the_latest_mails_are_kept(mailbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "MAX_MAILS", 3)
    for _mail in range(5):
        mailbox.add(b"Subject: x\r\n\r\n", ["a@example.com"])

    assert sorted(mailbox.numbers()) == [3, 4, 5]
    assert sorted(path.name for path in mailbox.folder.iterdir()) == ["3.eml", "4.eml", "5.eml"]


def test_a_mail_that_is_too_big_is_refused_and_the_next_one_taken(
    client: smtplib.SMTP, mailbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers, "MAX_SIZE", 2_000)
    with pytest.raises(smtplib.SMTPDataError, match="552"):
        client.send_message(mail("x" * 60 + "\n" + "y" * 3_000))
    client.send_message(mail("kort"))

    assert mailbox.numbers() == [1]


@pytest.mark.parametrize(
    ("commands", "answer"),
    [
        (["DATA"], "503"),
        (["RCPT TO:<a@example.com>"], "503"),
        (["MAIL FROM:<a@example.com>", "DATA"], "503"),
        (["MAIL FROM:a@example.com"], "501"),
        (["MAIL TO:<a@example.com>"], "501"),
        (["MAIL FROM:<>", "RCPT TO:<>"], "501"),
        (["MAIL FROM:<a@example.com>", "RCPT TO:<a@example.com>", "RSET", "DATA"], "503"),
        (["MAIL FROM:<>", *["RCPT TO:<a@example.com>"] * 101], "452"),
        (["VRFY a"], "502"),
        (["\x00\xff"], "502"),
        (["NOOP"], "250"),
        (["x" * 3_000], "500"),
    ],
)
def test_each_command_has_its_answer(server: MailServer, mailbox: Inbox, commands: list[str], answer: str) -> None:
    with socket.create_connection((servers.HOST, server.port), timeout=10) as connection:
        lines = connection.makefile("rb")
        assert lines.readline().startswith(b"220")
        for command in commands:
            connection.sendall(f"{command}\r\n".encode("latin-1"))
            last = lines.readline().decode()
    assert last[:3] == answer
    assert mailbox.numbers() == []


def test_a_mail_that_is_cut_off_is_not_stored(server: MailServer, mailbox: Inbox) -> None:
    with socket.create_connection((servers.HOST, server.port), timeout=10) as connection:
        lines = connection.makefile("rb")
        for command in ("MAIL FROM:<a@example.com>", "RCPT TO:<b@example.com>", "DATA"):
            connection.sendall(f"{command}\r\n".encode())
        while not lines.readline().startswith(b"354"):
            pass
        connection.sendall(b"Subject: half")
        connection.shutdown(socket.SHUT_WR)
        assert re.match(rb"421", lines.readline())

    assert mailbox.numbers() == []
