<?php
// An API for a gateway to stand in front of: php -S ADDRESS index.php

function piece($text) {
	echo $text;
	while (ob_get_level()) ob_end_flush();
	flush();
}

header('Content-Type: text/plain');
switch (parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH)) {
case '/plain':
	header('Content-Length: 6');
	echo "hello\n";
	break;
case '/nothing':
	break;
case '/pieces':
	array_map('piece', ['one,', 'two,', "three\n"]);
	break;
case '/large':
	echo substr(str_repeat('0123456789abcdef.', 61681), 0, 1 << 20);
	break;
case '/lines':
	for ($i = 0; $i < 200; $i++) header("X-Line-$i: " . str_repeat('v', 200));
	echo "head\n";
	break;
case '/cookies':
	foreach (['a=1; Path=/', 'b=2; Expires=Wed, 21 Oct 2037 07:28:00 GMT', 'c='] as $cookie) header("Set-Cookie: $cookie", false);
	break;
case '/redirect':
	header('Location: /plain', true, 302);
	break;
case '/status':
	http_response_code((int)$_GET['code']);
	break;
case '/events':
	header('Content-Type: text/event-stream');
	for ($i = 0; $i < 3; $i++) {
		piece("data: $i\n\n");
		usleep(5000);
	}
	break;
case '/echo':
	$body = file_get_contents('php://input');
	echo "{$_SERVER['REQUEST_METHOD']} ", strlen($body), ' ', hash('sha256', $body), "\n";
	break;
case '/refuse':
	http_response_code(413);
	echo "too large\n";
	break;
case '/cut':
	header('Content-Length: 10');
	echo 'half';
	break;
default:
	http_response_code(404);
	echo "not found\n";
}
