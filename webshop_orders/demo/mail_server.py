"""The demo's mail server: it takes mail for anybody (SMTP, RFC 5321), and delivers all of it into one mailbox."""

from __future__ import annotations

import re
import socketserver
import threading

from webshop_orders.demo.inbox import Inbox

HOST = "127.0.0.1"
IDLE_SECONDS = 60
MAX_LINE = 2_000  # RFC 5321 allows 512 for a command and 1000 for text
MAX_SIZE = 10 * 1024 * 1024
MAX_RECIPIENTS = 100
PATH = re.compile(r"(?:FROM|TO):\s*<([^>]*)>(?:\s.*)?", re.IGNORECASE)


class MailServer(socketserver.ThreadingTCPServer):
    """Listens on a free port from the start, and answers once `start` was called."""

    daemon_threads = True

    def __init__(self, inbox: Inbox) -> None:
        super().__init__((HOST, 0), Conversation)
        self.inbox = inbox

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def start(self) -> None:
        threading.Thread(target=self.serve_forever, name="demo mail server", daemon=True).start()


class Conversation(socketserver.StreamRequestHandler):
    """One client: its commands, each answered with one reply."""

    server: MailServer
    timeout = IDLE_SECONDS

    def setup(self) -> None:
        super().setup()
        self.sender: str | None = None
        self.recipients: list[str] = []

    def handle(self) -> None:
        try:
            self._reply("220 demo ESMTP")
            while line := self.rfile.readline(MAX_LINE):
                if not line.endswith(b"\n"):
                    self._reply("500 5.5.2 Line too long")
                    return
                verb, _space, argument = line.decode("utf-8", "replace").strip().partition(" ")
                answer = self._answer(verb.upper(), argument)
                self._reply(answer)
                if answer.startswith(("221", "421")):
                    return
        except OSError:
            return  # the client has gone, or said nothing for a minute

    def _answer(self, verb: str, argument: str) -> str:
        match verb:
            case "HELO":
                return "250 demo"
            case "EHLO":
                self._forget()
                return f"250-demo\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE {MAX_SIZE}"
            case "MAIL":
                return self._take_sender(argument)
            case "RCPT":
                return self._take_recipient(argument)
            case "DATA":
                return self._take_mail()
            case "RSET" | "NOOP":
                if verb == "RSET":
                    self._forget()
                return "250 2.0.0 Ok"
            case "QUIT":
                return "221 2.0.0 Bye"
            case _:
                return "502 5.5.1 Command not implemented"

    def _take_sender(self, argument: str) -> str:
        path = PATH.fullmatch(argument)
        if path is None or not argument.upper().startswith("FROM:"):
            return "501 5.5.4 Syntax: MAIL FROM:<address>"
        self._forget()
        self.sender = path[1]
        return "250 2.1.0 Ok"

    def _take_recipient(self, argument: str) -> str:
        path = PATH.fullmatch(argument)
        if self.sender is None:
            return "503 5.5.1 MAIL first"
        if path is None or not path[1] or not argument.upper().startswith("TO:"):
            return "501 5.5.4 Syntax: RCPT TO:<address>"
        if len(self.recipients) == MAX_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        self.recipients.append(path[1])
        return "250 2.1.5 Ok"

    def _take_mail(self) -> str:
        if not self.recipients:
            return "503 5.5.1 RCPT first"
        self._reply("354 End data with <CR><LF>.<CR><LF>")
        lines, size = [], 0
        while (line := self.rfile.readline(MAX_SIZE)) not in {b".\r\n", b".\n"}:
            if not line:
                return "421 4.3.0 Connection lost"
            size += len(line)
            if size <= MAX_SIZE:
                lines.append(line.removeprefix(b"."))  # RFC 5321, 4.5.2
        if size > MAX_SIZE:
            self._forget()
            return "552 5.3.4 Message too big"
        number = self.server.inbox.add(b"".join(lines), self.recipients)
        self._forget()
        return f"250 2.0.0 Ok: queued as {number}"

    def _forget(self) -> None:
        self.sender, self.recipients = None, []

    def _reply(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())
