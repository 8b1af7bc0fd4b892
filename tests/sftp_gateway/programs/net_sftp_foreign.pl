# Perl's Net::SFTP::Foreign: steps come in, one a line, fields parted by tabs; answers go out the same way.
# Arguments: PORT USER OPTION_OF_SSH... Names stay the bytes they are, on disk as on the line: `latin1` says so.
use strict;
use warnings;
use Net::SFTP::Foreign;

my ($port, $user, @options) = @ARGV;
my $sftp = Net::SFTP::Foreign->new(
    "127.0.0.1", port => $port, user => $user, more => \@options, fs_encoding => "latin1");

my %verbs = (
    put    => sub { $sftp->put(@_) },
    get    => sub { $sftp->get(@_) },
    resume => sub { $sftp->put(@_, resume => 1) },
    rename => sub { $sftp->rename(@_) },
    tree   => sub { $sftp->rput(@_) },
    stat   => sub { my $found = $sftp->stat(@_); $found && printf "stat\t%d\t%d\n", $found->size, $found->mtime },
    names  => sub { my $found = $sftp->ls(@_); $found && print "name\t$_->{filename}\n" for @$found },
);

while (my $line = <STDIN>) {
    chomp $line;
    my ($verb, @places) = split /\t/, $line;
    $verbs{$verb}->(@places);
    die "$verb: " . $sftp->error if $sftp->error;
}
