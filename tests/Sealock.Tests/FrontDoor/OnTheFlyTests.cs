// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Logging.Abstractions;
using Sealock.Gateway.Listener;
using Sealock.Pki;
using Sealock.Pki.Issuing;
using Sealock.Pki.Paths;
using Sealock.Pki.Tls;
using Sealock.Tests.Support;

namespace Sealock.Tests.FrontDoor;

public sealed class OnTheFlyTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly CertificateAuthority _authority;
    private int _made;

    public OnTheFlyTests() => _authority = ServingPair.Authority("ca", _clock.GetUtcNow());

    [Theory]
    [InlineData("k8s.example.com", "10.0.0.1", "k8s.example.com")]
    [InlineData("K8S.Example.com", "10.0.0.1", "k8s.example.com")]
    [InlineData("node1", "10.0.0.1", "node1")]
    [InlineData("xn--bcher-kva.example", "10.0.0.1", "xn--bcher-kva.example")]
    [InlineData("", "10.0.0.1", "10.0.0.1")]
    [InlineData("", "fd00::1", "fd00::1")]
    [InlineData("10.0.0.1", "10.0.0.1", "10.0.0.1")]
    [InlineData("10.0.0.2", "10.0.0.1", null)]
    [InlineData("10.1", "10.0.0.1", null)]
    [InlineData("fd00::2", "fd00::1", null)]
    [InlineData("", "", null)]
    [InlineData("a_b.example", "10.0.0.1", null)]
    [InlineData("*.example.com", "10.0.0.1", null)]
    [InlineData("-a.example", "10.0.0.1", null)]
    [InlineData("a..example", "10.0.0.1", null)]
    [InlineData("bücher.example", "10.0.0.1", null)]
    [InlineData("example.123", "10.0.0.1", null)]
    [InlineData("a b", "10.0.0.1", null)]
    public void A_certificate_is_made_for_host_names_and_for_the_own_address_only(string asked, string local, string? name) =>
        Assert.Equal(name, OnTheFly.NameFor(asked, local));

    [Fact]
    public void A_name_that_is_too_long_gets_none() =>
        Assert.Null(OnTheFly.NameFor(string.Join('.', Enumerable.Repeat(new string('a', 60), 5)), "10.0.0.1"));

    [Fact]
    public void A_name_has_one_certificate_with_that_name_alone_until_a_third_of_its_time_is_left()
    {
        var onTheFly = Create();
        var first = onTheFly.For("a.example", null)!;
        Assert.Same(first, onTheFly.For("a.example", null));
        Assert.Equal(["a.example"], first.Certificate.Names.Select(name => name.Text));
        _clock.Advance(TimeSpan.FromDays(5));
        Assert.NotSame(first, onTheFly.For("a.example", null));
        Assert.Equal(2, _made);
    }

    [Fact]
    public void They_are_bounded_in_number_and_in_rate()
    {
        var onTheFly = Create();
        var given = 0;
        for (var i = 0; i < 10_000; i++)
        {
            if (onTheFly.For($"n{i}.example", null) is not null)
                given++;
            _clock.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.InRange(_made, 200, 300);
        Assert.Equal(_made, given);
        Assert.Equal(10_000 - given, onTheFly.Refused);
        Assert.InRange(onTheFly.Count, 1, OnTheFly.Capacity);
        _clock.Advance(TimeSpan.FromMinutes(1));
        for (var i = 0; i < 1000; i++)
        {
            onTheFly.For($"m{i}.example", null);
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(OnTheFly.Capacity, onTheFly.Count);
    }

    [Fact]
    public void A_ca_that_cannot_issue_leaves_the_name_without_one()
    {
        var onTheFly = new OnTheFly((_, _) => throw new PkiFormatException("the CA has expired"), _clock, NullLogger.Instance);
        Assert.Null(onTheFly.For("a.example", null));
    }

    private OnTheFly Create() => new(Make, _clock, NullLogger.Instance);

    private ServingCertificate Make(string name, TrustPool? clientAuthorities)
    {
        _made++;
        var pair = ServingPair.Issue(_authority, _clock.GetUtcNow(), TimeSpan.FromDays(7), null, name);
        return ServingCertificate.FromPem(pair.Certificate, pair.Key, null, clientAuthorities);
    }
}
