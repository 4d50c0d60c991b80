// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Controllers.Acme.Answering;
using Sealock.Tests.Support;

namespace Sealock.Tests.Controllers.Acme;

public sealed class ChallengeTableTests
{
    private readonly ChallengeTable _table = new(new FakeTimeProvider());

    [Fact]
    public void Tokens_are_answered_while_their_challenge_is_presented_and_open()
    {
        Put("one", "HTTP-01", "a.example", "t1", presented: false);
        Assert.Null(_table.KeyFor("t1"));
        Put("one", "HTTP-01", "a.example", "t1", presented: true);
        Assert.Equal("t1.key", _table.KeyFor("t1"));
        Assert.Null(_table.KeyFor("t2"));
        Assert.Null(_table.CertificateFor("a.example"));
        Put("one", "HTTP-01", "a.example", "t1", presented: true, state: "valid");
        Assert.Null(_table.KeyFor("t1"));
        Put("two", "HTTP-01", "a.example", "t2", presented: true);
        _table.Remove("ns", "two");
        Assert.Null(_table.KeyFor("t2"));
        Assert.Equal(0, _table.Count);
    }

    [Fact]
    public void A_name_shows_the_certificate_of_the_challenge_that_is_at_work()
    {
        Put("stranger", "TLS-ALPN-01", "a.example", "t0", presented: false);
        Assert.Null(_table.CertificateFor("a.example"));
        Put("waiting", "TLS-ALPN-01", "a.example", "t1", presented: true);
        var first = _table.CertificateFor("A.EXAMPLE.");
        Assert.NotNull(first);
        Assert.Same(first, _table.CertificateFor("a.example"));
        Assert.Contains(first.Certificate.Extensions, extension => extension is { Oid: "1.3.6.1.5.5.7.1.31", IsCritical: true });
        Put("working", "TLS-ALPN-01", "a.example", "t2", presented: true);
        var second = _table.CertificateFor("a.example");
        Assert.NotSame(first, second);
        Put("late", "TLS-ALPN-01", "a.example", "t3", presented: false);
        Assert.Same(second, _table.CertificateFor("a.example"));
        _table.Remove("ns", "working");
        Assert.NotNull(_table.CertificateFor("a.example"));
        Assert.NotSame(second, _table.CertificateFor("a.example"));
        _table.Remove("ns", "waiting");
        _table.Remove("ns", "late");
        Assert.Null(_table.CertificateFor("a.example"));
    }

    [Fact]
    public void Addresses_are_asked_for_by_their_names_in_reverse()
    {
        Put("v4", "TLS-ALPN-01", "192.0.2.7", "t1", presented: true);
        Assert.NotNull(_table.CertificateFor("7.2.0.192.in-addr.arpa"));
        Assert.Null(_table.CertificateFor("192.0.2.7"));
    }

    [Theory]
    [InlineData("DNS-01", "a.example", "t")]
    [InlineData("TLS-ALPN-01", "no name!", "t")]
    [InlineData("HTTP-01", "a.example", "")]
    [InlineData("", "", "")]
    public void What_cannot_be_answered_here_is_left_out(string type, string name, string token)
    {
        Put("odd", type, name, token, presented: true);
        _table.Put("ns", "empty", []);
        Assert.Equal(0, _table.Count);
    }

    private void Put(string name, string type, string dnsName, string token, bool presented, string state = "pending") => _table.Put("ns", name, new JsonObject
    {
        ["spec"] = new JsonObject { ["type"] = type, ["dnsName"] = dnsName, ["token"] = token, ["key"] = token.Length > 0 ? $"{token}.key" : "" },
        ["status"] = new JsonObject { ["presented"] = presented, ["state"] = state },
    });
}
