"""HTTP/1.1 on the wire, cut into messages by hand: a real HTTP library would cost more than the bots that are measured."""

from urllib.parse import unquote_plus

import orjson

END_OF_HEAD = b"\r\n\r\n"


class Messages:
    """Cuts one connection's bytes into (head, body); works for requests and for answers."""

    __slots__ = ("_rest",)

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[tuple[bytes, bytes]]:
        """The messages that these bytes complete; the head is without its empty line, the body is no longer chunked."""
        buffer = self._rest + data if self._rest else data
        messages: list[tuple[bytes, bytes]] = []
        start = 0
        while (head_end := buffer.find(END_OF_HEAD, start)) >= 0:
            head = buffer[start:head_end]
            body_start = head_end + len(END_OF_HEAD)
            length = _length(head)
            if length is None:
                unchunked = _unchunk(buffer, body_start)
                if unchunked is None:
                    break
                body, start = unchunked
            else:
                if body_start + length > len(buffer):
                    break
                start = body_start + length
                body = buffer[body_start:start]
            messages.append((head, body))
        self._rest = buffer[start:]
        return messages


def _length(head: bytes) -> int | None:
    """How long the body is; None when it comes in chunks."""
    lowered = head.lower()
    found = lowered.find(b"\r\ncontent-length:")
    if found >= 0:
        value = found + len(b"\r\ncontent-length:")
        end = lowered.find(b"\r\n", value)
        return int(lowered[value:] if end < 0 else lowered[value:end])
    return None if b"\r\ntransfer-encoding: chunked" in lowered else 0


def _unchunk(buffer: bytes, start: int) -> tuple[bytes, int] | None:
    """The body put together and where the next message begins; None while chunks are missing."""
    parts: list[bytes] = []
    while (line_end := buffer.find(b"\r\n", start)) >= 0:
        size = int(buffer[start:line_end].split(b";")[0], 16)
        chunk = line_end + 2
        start = chunk + size + 2
        if start > len(buffer):
            return None
        if size == 0:
            return b"".join(parts), start
        parts.append(buffer[chunk : chunk + size])
    return None


def fields(head: bytes, body: bytes) -> dict[str, str]:
    """What a Bot API request says, from whichever of the three encodings it came in; nested values stay JSON text."""
    lowered = head.lower()
    if b"application/json" in lowered:
        return _from_json(body)
    if b"multipart/form-data" in lowered:
        return _from_multipart(head, body)
    if b"?" in head.split(b"\r\n", 1)[0]:
        body = body + b"&" + head.split(b" ", 2)[1].partition(b"?")[2]
    return _from_form(body)


def _from_json(body: bytes) -> dict[str, str]:
    return {
        name: value if isinstance(value, str) else orjson.dumps(value).decode()
        for name, value in orjson.loads(body or b"{}").items()
        if value is not None
    }


def _from_form(body: bytes) -> dict[str, str]:
    said = {}
    for pair in body.decode().split("&"):
        name, _, value = pair.partition("=")
        said[name] = unquote_plus(value) if "%" in value or "+" in value else value
    return said


def _from_multipart(head: bytes, body: bytes) -> dict[str, str]:
    """Text fields only: files are taken and forgotten."""
    boundary = head.partition(b"boundary=")[2].split(b"\r\n", 1)[0].split(b";")[0].strip(b' "')
    said = {}
    for part in body.split(b"--" + boundary):
        part_head, separator, content = part.partition(END_OF_HEAD)
        if not separator or b"filename=" in part_head:
            continue
        name = part_head.partition(b'name="')[2].partition(b'"')[0]
        said[name.decode()] = content.removesuffix(b"\r\n").decode()
    return said


def request(host: str, path: str, body: bytes, headers: bytes = b"") -> bytes:
    """A POST of JSON; `headers` are whole lines, each with its line end."""
    return b"POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n%s" % (
        path.encode(),
        host.encode(),
        headers,
        len(body),
        body,
    )


def answer(body: bytes, status: bytes = b"200 OK") -> bytes:
    return b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)
