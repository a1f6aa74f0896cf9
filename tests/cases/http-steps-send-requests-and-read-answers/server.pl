# A tiny server: answers with what it was asked, one request a connection.
use strict;
use IO::Socket::INET;
my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 8) or die;
my $busy = 0;
open my $port, '>', 'port.new' or die;
print $port $server->sockport;
close $port;
rename 'port.new', 'port';
while (my $c = $server->accept) {
    my $request = <$c> // next;
    my ($length, %seen) = (0);
    my $line;
    while (defined($line = <$c>) and $line !~ m{^\r?$}) {
        $length = $1 if $line =~ /^content-length: *(\d+)/i;
        $seen{lc $1} = $2 if $line =~ /^(content-type|x-word): *(.*?)\r/i;
    }
    my $body = '';
    read $c, $body, $length if $length;
    my ($method, $path) = split / /, $request;
    my $status = '200 OK';
    $status = '404 Not Found' if $path eq '/nothing';
    $status = '503 Busy' if $path eq '/busy' and !$busy++;
    my $answer = join ' ', $method, $path, map("$_=$seen{$_}", sort keys %seen), $body;
    $answer = '{"json": [1, 7]}' if $path eq '/json';
    print $c "HTTP/1.1 $status\r\nRetry-After: 0\r\nContent-Length: ", length $answer, "\r\nConnection: close\r\n\r\n$answer";
    close $c;
}
