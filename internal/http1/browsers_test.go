package http1_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/internal/http1"
	"github.com/corsac-cors/corsac/internal/lab"
)

// What real browsers make of responses. Where we read something else than they
// do, the row says who differs and what they do; all else is read as they read it.
var forBrowsers = []struct{ name, wire, differ, why string }{
	{name: "plain", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nhi"},
	{name: "line feeds", wire: "HTTP/1.1 200 OK\nX-A: 1\nContent-Length: 2\n\nhi"},
	{name: "line feeds, then CR LF", wire: "HTTP/1.1 200 OK\nX-A: 1\nContent-Length: 2\n\r\nhi"},
	{name: "carriage return within a line", wire: "HTTP/1.1 200 OK\r\nX-A: 1\rX-B: 2\r\nContent-Length: 2\r\n\r\nhi", differ: "chromium firefox", why: "Chromium ends the line, Firefox drops it"},
	{name: "carriage return twice", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\r\nContent-Length: 2\r\n\r\nhi", differ: "chromium firefox", why: "taken for a blank"},
	{name: "carriage return in the reason", wire: "HTTP/1.1 200 O\rK\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nhi", differ: "chromium firefox", why: "Chromium ends the line, Firefox keeps it"},
	{name: "carriage return twice at the end", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 2\r\n\r\r\nhi", differ: "chromium firefox", why: "taken for a malformed line, and the body for more of them"},
	{name: "zero byte in a value", wire: "HTTP/1.1 200 OK\r\nX-A: 1\x002\r\nContent-Length: 2\r\n\r\nhi"},
	{name: "zero byte in a name", wire: "HTTP/1.1 200 OK\r\nX\x00-A: 1\r\nContent-Length: 2\r\n\r\nhi"},
	{name: "zero byte in a line without a field", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nX-B : \x00\r\nContent-Length: 2\r\n\r\nhi"},
	{name: "zero byte in the reason", wire: "HTTP/1.1 200 O\x00K\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nhi", differ: "firefox", why: "kept"},
	{name: "byte 0x01 in a value", wire: "HTTP/1.1 200 OK\r\nX-A: 1\x012\r\nContent-Length: 2\r\n\r\nhi"},
	{name: "bytes 0x0B and 0x0C in a value", wire: "HTTP/1.1 200 OK\r\nX-A: \x0b1\x0c\r\nContent-Length: 2\r\n\r\nhi"},
	{name: "byte 0x7F in a value", wire: "HTTP/1.1 200 OK\r\nX-A: 1\x7f\r\nContent-Length: 2\r\n\r\nhi"},
	{name: "bytes from 0x80 on in a value", wire: "HTTP/1.1 200 OK\r\nX-A: \x80\xff\xc3\xa9\r\nContent-Length: 2\r\n\r\nhi"},
	{name: "no-break spaces are not trimmed", wire: "HTTP/1.1 200 OK\r\nX-A: \xa01\xa0\r\nContent-Length: 2\r\n\r\nhi"},
	{name: "folded lines", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\n  2\r\n\t3\r\nContent-Length: 2\r\n\r\nhi"},
	{name: "folded empty line", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\n \r\nX-B: 2\r\nContent-Length: 2\r\n\r\nhi"},
	{name: "folded behind the colon", wire: "HTTP/1.1 200 OK\r\nX-A:\r\n 2\r\nContent-Length: 2\r\n\r\nhi"},
	{name: "folded behind blanks", wire: "HTTP/1.1 200 OK\r\nX-A: 1 \t \r\n 2\r\nContent-Length: 2\r\n\r\nhi"},
	{name: "folded first line", wire: "HTTP/1.1 200 OK\r\n X-Z: 0\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nhi"},
	{name: "folded malformed line", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\ngarbage\r\n more: 2\r\nContent-Length: 2\r\n\r\nhi"},
	{name: "folded line with a colon", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\n X-B: 2\r\nContent-Length: 2\r\n\r\nhi"},
	{name: "folded length", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length:\r\n 2\r\n\r\nhi"},
	{name: "space before the colon", wire: "HTTP/1.1 200 OK\r\nX-A : 1\r\nContent-Length: 2\r\n\r\nhi"},
	{name: "tab before the colon", wire: "HTTP/1.1 200 OK\r\nX-A\t: 1\r\nContent-Length: 2\r\n\r\nhi"},
	{name: "space before the length's colon", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length : 2\r\n\r\nhixx"},
	{name: "space before the coding's colon", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding : chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"},
	{name: "no colon", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\ngarbage\r\nContent-Length: 2\r\n\r\nhi"},
	{name: "empty name", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\n: 2\r\nContent-Length: 2\r\n\r\nhi"},
	{name: "space in a name", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nX B: 2\r\nContent-Length: 2\r\n\r\nhi"},
	{name: "names that are no tokens", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nX(B): 2\r\nX\xffC: 2\r\nX\x01D: 2\r\nContent-Length: 2\r\n\r\nhi"},
	{name: "empty values", wire: "HTTP/1.1 200 OK\r\nX-A:\r\nX-B: \t\r\nContent-Length: 2\r\n\r\nhi"},
	{name: "tabs around a value", wire: "HTTP/1.1 200 OK\r\nX-A:\t1 \t\r\nContent-Length: 2\r\n\r\nhi"},
	{name: "no reason, nor its space", wire: "HTTP/1.1 200\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nhi"},
	{name: "empty reason", wire: "HTTP/1.1 200 \r\nX-A: 1\r\nContent-Length: 2\r\n\r\nhi"},
	{name: "two spaces before the status", wire: "HTTP/1.1  200 OK\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nhi", differ: "chromium firefox", why: "passed over"},
	{name: "tab before the status", wire: "HTTP/1.1\t200 OK\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nhi", differ: "chromium", why: `the line is "HTTP/1.1", which is 200`},
	{name: "two spaces before the reason", wire: "HTTP/1.1 200  OK\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nhi"},
	{name: "bytes in the reason", wire: "HTTP/1.1 200 \xc3\xa9\x01\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nhi"},
	{name: "lower case", wire: "http/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nhi", differ: "chromium firefox", why: "Chromium takes it; to Firefox, it is HTTP/0.9"},
	{name: "empty line before", wire: "\r\nHTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nhi", differ: "chromium firefox", why: "both look for HTTP some bytes further"},
	{name: "other bytes before", wire: "ab\nHTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nhi", differ: "chromium firefox", why: "both look for HTTP some bytes further"},
	{name: "version 1.0", wire: "HTTP/1.0 200 OK\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nhi"},
	{name: "version 1.2", wire: "HTTP/1.2 200 OK\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nhi"},
	{name: "version 2.0", wire: "HTTP/2.0 200 OK\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nhi", differ: "chromium firefox", why: "taken for 1.1"},
	{name: "version 2", wire: "HTTP/2 200 OK\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nhi", differ: "chromium firefox", why: "taken for 1.1"},
	{name: "version 0.9", wire: "HTTP/0.9 200 OK\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nhi", differ: "chromium firefox", why: "Chromium takes it; to Firefox, it is a body"},
	{name: "no version", wire: "HTTP 200 OK\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nhi", differ: "chromium firefox", why: "Chromium takes it; to Firefox, it is a body"},
	{name: "version 1.10", wire: "HTTP/1.10 200 OK\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nhi", differ: "chromium firefox", why: "taken for 1.1"},
	{name: "ICY", wire: "ICY 200 OK\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nhi", differ: "chromium firefox", why: "Firefox takes it; to Chromium, it is a body"},
	{name: "HTTP/0.9", wire: "hello world this is no http", differ: "firefox", why: "a body; Chromium takes that on port 80 only"},
	{name: "status of two digits", wire: "HTTP/1.1 99 OK\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nhi", differ: "chromium firefox", why: "any number"},
	{name: "status below 100", wire: "HTTP/1.1 099 OK\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nhi", differ: "chromium firefox", why: "any number"},
	{name: "status 600", wire: "HTTP/1.1 600 OK\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nhi"},
	{name: "status 999", wire: "HTTP/1.1 999 OK\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nhi"},
	{name: "status of four digits", wire: "HTTP/1.1 2000 OK\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nhi", differ: "chromium", why: "any number"},
	{name: "letter behind the status", wire: "HTTP/1.1 200x OK\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nhi", differ: "chromium", why: "the reason"},
	{name: "word for a status", wire: "HTTP/1.1 OK\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nhi", differ: "chromium", why: "200"},
	{name: "no status", wire: "HTTP/1.1\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nhi", differ: "chromium firefox", why: "200"},
	{name: "equal lengths", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nhi"},
	{name: "lengths that differ", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi!"},
	{name: "list of equal lengths", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 2, 2\r\n\r\nhi"},
	{name: "list of lengths that differ", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 2, 3\r\n\r\nhi!"},
	{name: "signed length", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: +2\r\n\r\nhi", differ: "chromium firefox", why: "ignored"},
	{name: "negative length", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: -2\r\n\r\nhi", differ: "chromium firefox", why: "ignored"},
	{name: "hexadecimal length", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 0x2\r\n\r\nhi", differ: "chromium firefox", why: "ignored"},
	{name: "length and more", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 2;a\r\n\r\nhi!", differ: "chromium firefox", why: "ignored"},
	{name: "length with zeros", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 002\r\n\r\nhi!"},
	{name: "empty length", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length:\r\n\r\nhi", differ: "chromium firefox", why: "ignored"},
	{name: "word for a length", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: two\r\n\r\nhi", differ: "chromium firefox", why: "ignored"},
	{name: "length of 20 digits", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 99999999999999999999\r\n\r\nhi", differ: "chromium firefox", why: "ignored"},
	{name: "length of more than there is", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 5\r\n\r\nhi"},
	{name: "length of less than there is", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 1\r\n\r\nhi"},
	{name: "no length", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\n\r\nhi"},
	{name: "204 with a length", wire: "HTTP/1.1 204 OK\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nhi"},
	{name: "204, chunked", wire: "HTTP/1.1 204 OK\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
	{name: "204 with lengths that differ", wire: "HTTP/1.1 204 OK\r\nX-A: 1\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n"},
	{name: "chunked", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"},
	{name: "chunked, and a length", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"},
	{name: "chunked, and lengths that differ", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 5\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", differ: "chromium", why: "ignored"},
	{name: "chunked in HTTP/1.0", wire: "HTTP/1.0 200 OK\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", differ: "chromium firefox", why: "Chromium ignores it, Firefox does not"},
	{name: "chunked in HTTP/1.0, and a length", wire: "HTTP/1.0 200 OK\r\nX-A: 1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", differ: "chromium firefox", why: "Chromium ignores the coding, Firefox the length"},
	{name: "chunked in upper case", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: CHUNKED\r\n\r\n2\r\nhi\r\n0\r\n\r\n"},
	{name: "identity", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: identity\r\n\r\nhi", differ: "chromium firefox", why: "ignored"},
	{name: "identity, and a length", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 2\r\nTransfer-Encoding: identity\r\n\r\nhi", differ: "chromium firefox", why: "ignored"},
	{name: "gzip", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: gzip\r\n\r\nhi", differ: "chromium firefox", why: "ignored"},
	{name: "gzip, chunked", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", differ: "chromium firefox", why: "gzip is ignored"},
	{name: "chunked, identity", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: chunked, identity\r\n\r\n2\r\nhi\r\n0\r\n\r\n", differ: "chromium firefox", why: "identity is ignored"},
	{name: "chunked in two lines", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", differ: "chromium firefox", why: "taken for one"},
	{name: "chunked twice", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: chunked, chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", differ: "chromium firefox", why: "taken for one"},
	{name: "xchunked", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: xchunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", differ: "chromium firefox", why: "ignored"},
	{name: "vertical tab before chunked", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: \x0bchunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", differ: "chromium firefox", why: "ignored"},
	{name: "no coding", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding:\r\n\r\nhi", differ: "chromium firefox", why: "ignored"},
	{name: "chunked with a parameter", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: chunked;q=1\r\n\r\n2\r\nhi\r\n0\r\n\r\n", differ: "chromium firefox", why: "ignored"},
	{name: "chunk extensions", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\nhi\r\n0;c\r\n\r\n"},
	{name: "carriage return in a chunk extension", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\n\r\n2;a\rb\r\nhi\r\n0;c\r\n\r\n", differ: "chromium firefox", why: "extensions are not looked at"},
	{name: "space behind a chunk size", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\n\r\n2 \r\nhi\r\n0 \r\n\r\n"},
	{name: "tab behind a chunk size", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\n\r\n2\t\r\nhi\r\n0\r\n\r\n", differ: "firefox", why: "the size is what strtoul makes of it"},
	{name: "text behind a chunk size", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\n\r\n2 x\r\nhi\r\n0\r\n\r\n", differ: "firefox", why: "the size is what strtoul makes of it"},
	{name: "space before a chunk size", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\n\r\n 2\r\nhi\r\n0\r\n\r\n", differ: "firefox", why: "the size is what strtoul makes of it"},
	{name: "line feeds in chunks", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\n\r\n2\nhi\n0\n\n"},
	{name: "chunk size with a prefix", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\n\r\n0x2\r\nhi\r\n0\r\n\r\n", differ: "firefox", why: "the size is what strtoul makes of it"},
	{name: "signed chunk size", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\n\r\n+2\r\nhi\r\n0\r\n\r\n", differ: "firefox", why: "the size is what strtoul makes of it"},
	{name: "negative chunk size", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\n\r\n-2\r\nhi\r\n0\r\n\r\n"},
	{name: "chunk size of 20 digits", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\n\r\n00000000000000000002\r\nhi\r\n0\r\n\r\n", differ: "chromium firefox", why: "any number of zeros"},
	{name: "empty chunk size", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\n\r\n\r\nhi\r\n0\r\n\r\n"},
	{name: "chunk size of 17 digits", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000002\r\nhi\r\n0\r\n\r\n"},
	{name: "chunk size of 2^64-1", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nhi\r\n0\r\n\r\n"},
	{name: "no line end behind a chunk", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhixx0\r\n\r\n"},
	{name: "chunk longer than its size", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nhi\r\n0\r\n\r\n"},
	{name: "no last chunk", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n"},
	{name: "no end of the trailer", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n"},
	{name: "trailer", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-T: 1\r\n\r\n"},
	{name: "length in the trailer", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nContent-Length: 1\r\n\r\n"},
	{name: "junk in the trailer", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\njunk\r\n : x\r\n\r\n"},
	{name: "head cut in a line", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nX-B: 2", differ: "chromium firefox", why: "what came is the head, if there is no TLS"},
	{name: "head cut after a line", wire: "HTTP/1.1 200 OK\r\nX-A: 1\r\nX-B: 2\r\n", differ: "chromium firefox", why: "what came is the head, if there is no TLS"},
	{name: "head cut in the status line", wire: "HTTP/1.1 200 OK", differ: "chromium firefox", why: "what came is the head, if there is no TLS"},
	{name: "100 before", wire: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nhi"},
	{name: "103 before", wire: "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nhi"},
	{name: "100 with a length before", wire: "HTTP/1.1 100 Continue\r\nContent-Length: 2\r\n\r\nHTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nhi"},
	{name: "199 before", wire: "HTTP/1.1 199 Odd\r\n\r\nHTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nhi"},
	{name: "20 interim responses", wire: strings.Repeat("HTTP/1.1 102 Wait\r\n\r\n", 20) + "HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nhi"},
	{name: "101 that nobody asked for", wire: "HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nhi", differ: "chromium", why: "refused"},
	{name: "order and case of names", wire: "HTTP/1.1 200 OK\r\nx-b: 1\r\nX-A: 1\r\nX-B: 2\r\nContent-Length: 2\r\n\r\nhi"},
	{name: "head of 250 KiB", wire: "HTTP/1.1 200 OK\r\nX-A: " + strings.Repeat("a", 250<<10) + "\r\nContent-Length: 2\r\n\r\nhi"},
	{name: "head of 300 KiB", wire: "HTTP/1.1 200 OK\r\nX-A: " + strings.Repeat("a", 300<<10) + "\r\nContent-Length: 2\r\n\r\nhi", differ: "firefox", why: "its limit for a line is higher"},
	{name: "5,000 fields", wire: "HTTP/1.1 200 OK\r\n" + strings.Repeat("X-B: a\r\n", 5000) + "Content-Length: 2\r\n\r\nhi", differ: "chromium firefox", why: "no limit of their own"},
}

// TestBrowsers asks the browsers. The table is the list of what we refuse
// although they take it, and the reverse: a row that says so must be true.
func TestBrowsers(t *testing.T) {
	t.Parallel()
	s := serveBrowsers(t)
	lenience := map[string]http1.Lenience{"chromium": http1.Chromium, "firefox": http1.Firefox}
	for _, b := range lab.Browsers(t) {
		t.Run(b.Name(), func(t *testing.T) {
			tab := b.Open(t, s.page)
			results := lab.Value[[][]string](tab, fmt.Sprintf(browserReads, len(forBrowsers)))
			for i, row := range forBrowsers {
				ours := readAsBrowser(row.wire, lenience[b.Name()])
				if same, differs := slices.Equal(ours, results[i]), strings.Contains(row.differ, b.Name()); same == differs {
					t.Errorf("%s: %s %s reads\n%.300q\nours\n%.300q", row.name, b.Name(), b.Version(), results[i], ours)
				}
			}
			tab.Eval(browserWrites, nil)
			checkBrowsersRequest(t, <-s.requests)
		})
	}
}

// browserWrites sends bytes that net/http refuses, and a target that is no URI.
const browserWrites = `fetch("/a|b^c?d\x60e{}[]\\'é", {
	method: "pAtCh", body: "x", headers: {"x-B": "\x01\x0b\x7f", "X-a": "\x80ÿ"},
}).then(r => r.text())`

// checkBrowsersRequest looks at what our strict reader read, and writes it back.
func checkBrowsersRequest(t *testing.T, head http1.RequestHead) {
	for name, want := range map[string]string{"X-B": "\x01\x0b\x7f", "X-A": "\x80\xff", "Content-Length": "1"} {
		if got, _ := head.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if got, err := http1.AppendRequestHead(nil, &head); err != nil || string(got) != head.Raw {
		t.Errorf("wrote %q, %v, want %q", got, err, head.Raw)
	}
}

// browserReads fetches the rows and takes them apart as readAsBrowser does.
// Where a message fails, the browsers differ in whether its head is told before.
const browserReads = `(async () => {
	const read = async path => {
		const r = await fetch(path, {cache: "no-store"});
		const fields = [...r.headers].filter(([name]) => name.startsWith("x-"));
		return [String(r.status), r.statusText.trim(), ...fields.map(f => f.join("=")), await r.text()];
	};
	const results = [];
	for (let i = 0; i < %d; i++) results.push(await read("/row/" + i).catch(() => ["failed"]));
	return results;
})()`

func readAsBrowser(wire string, lenience http1.Lenience) []string {
	r := reader(wire)
	r.Lenience = lenience
	var head http1.ResponseHead
	err := r.ReadResponseHead(&head)
	for err == nil && head.IsInterim() {
		err = r.ReadResponseHead(&head)
	}
	framing, framingErr := head.Framing("GET")
	if err != nil || framingErr != nil {
		return []string{"failed"}
	}
	content, err := io.ReadAll(r.Body(framing))
	if err != nil {
		return []string{"failed"}
	}
	result := []string{strconv.Itoa(head.Status), isomorphic(strings.TrimSpace(head.Reason))}
	return append(append(result, combined(head.Header)...), string(content))
}

// combined gives the fields of the rows as scripts see them: in the order of
// their names, lines of one name in one.
func combined(h http1.Header) (fields []string) {
	for _, name := range []string{"x-a", "x-b", "x-c", "x-d", "x-z"} {
		if value, ok := h.Get(name); ok {
			fields = append(fields, name+"="+isomorphic(value))
		}
	}
	return fields
}

// https://infra.spec.whatwg.org/#isomorphic-decode
func isomorphic(s string) string {
	runes := make([]rune, len(s))
	for i := range len(s) {
		runes[i] = rune(s[i])
	}
	return string(runes)
}

// A browserServer serves the page of the test and the rows behind it, and keeps
// what browserWrites sends.
type browserServer struct {
	page     string
	requests chan http1.RequestHead
}

func serveBrowsers(t *testing.T) *browserServer {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	s := &browserServer{page: "http://" + l.Addr().String() + "/", requests: make(chan http1.RequestHead, 1)}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go s.serve(t, conn.(*net.TCPConn))
		}
	}()
	return s
}

// serve answers the first request of a connection, which our strict reader has
// to take, and closes.
func (s *browserServer) serve(t *testing.T, conn *net.TCPConn) {
	defer conn.Close()
	var head http1.RequestHead
	var fault *http1.Error
	switch err := http1.NewReader(bufio.NewReader(conn)).ReadRequestHead(&head); {
	case errors.As(err, &fault) && fault.Kind != http1.Truncated:
		t.Errorf("a browser's request: %v", err)
	case err == nil:
		_, _ = io.WriteString(conn, s.answer(&head))
		_ = conn.CloseWrite()
		_, _ = io.Copy(io.Discard, conn) // else what it still sends resets the connection
	}
}

func (s *browserServer) answer(head *http1.RequestHead) string {
	if head.Method == "pAtCh" {
		s.requests <- *head
	}
	if i, err := strconv.Atoi(strings.TrimPrefix(head.Target, "/row/")); err == nil {
		return forBrowsers[i].wire
	}
	return "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/html\r\n\r\n"
}
